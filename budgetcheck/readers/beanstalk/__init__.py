"""Elastic Beanstalk: the options, files and proxy of an environment as its source bundle has them.

One module for each of its parts; `read` knows the order.
"""

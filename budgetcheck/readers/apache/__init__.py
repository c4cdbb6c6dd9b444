"""Reads configurations of Apache httpd: virtual hosts with the servers that they pass requests on to."""

from budgetcheck.readers.apache.read import read

__all__ = ["read"]

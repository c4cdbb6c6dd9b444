"""Python source, read with `ast` and never imported or run: handlers, the calls they make, and their limits.

Files are looked at as bytes first and parsed only when they can matter. What a name stands for is worked out
on demand (`evaluation`), libraries are described in `clients/` and `wrappers/`, and `flow` follows a handler
through the project's own functions to the calls it makes.
"""

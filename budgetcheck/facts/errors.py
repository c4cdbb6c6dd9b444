"""What is raised when a facts file is wrong."""


class FactsError(Exception):
    """A facts file cannot be used; the message names file, table, key, what is wrong and what to write."""

"""budgetcheck: does every inner timeout, with its retries and backoff, fit inside the outer limit?"""

__version__ = "0.1.0"

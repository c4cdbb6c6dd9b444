"""Reads configurations of HAProxy: frontends with the backends that they send requests to."""

from budgetcheck.readers.haproxy.read import read

__all__ = ["read"]

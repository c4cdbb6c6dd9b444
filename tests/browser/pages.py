"""What the browser tests share."""

import os

import pytest


def missing(what: str) -> None:
    """Skips for want of a component; fails where everything is required."""
    if os.environ.get("BUDGETCHECK_REQUIRE_LAB") == "1":
        pytest.fail(f"{what}, and BUDGETCHECK_REQUIRE_LAB=1 demands it")
    pytest.skip(what)

"""A lab that is not there is seen: skipped with a reason, and a failure where it is required."""

import pytest

from . import conftest


def test_a_missing_component_skips_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "REQUIRED", False)
    with pytest.raises(pytest.skip.Exception, match="nginx is not installed"):
        conftest.missing("nginx is not installed")


def test_a_missing_component_fails_where_the_lab_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "REQUIRED", True)
    with pytest.raises(pytest.fail.Exception, match="BUDGETCHECK_REQUIRE_LAB"):
        conftest.missing("nginx is not installed")

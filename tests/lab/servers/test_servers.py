"""Every server of the table: what budgetcheck says of its files, what it does and what is stated agree."""

import pytest

from ..conftest import missing
from .agreement import faults
from .case import Check, Server
from .cases import SERVERS
from .measure import Measurement, named
from .process import lacking

pytestmark = pytest.mark.lab


def _checks() -> list[object]:
    return [
        pytest.param(server, check, id=named(server, check)) for server in SERVERS for check in server.checks
    ]


@pytest.mark.parametrize(("server", "check"), _checks())
def test_prediction_and_measurement_agree(
    server: Server, check: Check, request: pytest.FixtureRequest
) -> None:
    if lack := lacking(server.needs):
        missing(lack)
    measured: dict[str, Measurement] = request.getfixturevalue("of_servers")
    assert faults(measured[named(server, check)]) == [], server.why


def test_names_are_unique() -> None:
    names = [named(server, check) for server in SERVERS for check in server.checks]
    assert sorted(set(names)) == sorted(names)


def test_what_is_missing_is_named() -> None:
    assert lacking(("no_such_server",)) == "no-such-server is not installed (PyPI; the extra `lab`)"

"""Predicted seconds and attempts of nginx against what was measured on nginx 1.22.1 and 1.31.5.

Connect, send and read timeout are 1 s unless the case says otherwise; the upstreams hang after accepting.
"""

import pytest

from budgetcheck import budget
from budgetcheck.model.bound import Bound, exactly
from budgetcheck.model.report import WorstCase
from budgetcheck.model.settings import Declaration, Known, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import MethodClass
from budgetcheck.resolve import resolve

SPAN = Span(file="nginx.conf", line=1)
GET, POST = MethodClass.IDEMPOTENT, MethodClass.NON_IDEMPOTENT


def location(peers: int | Bound, family: str = "proxy", **directives: str) -> Declaration:
    """A location with a pass of that family to so many peers."""
    written = {"connect_timeout": "1s", "send_timeout": "1s", "read_timeout": "1s"} | directives
    return Declaration(
        component="nginx",
        address="nginx:_/",
        title="/",
        span=SPAN,
        traits=(("family", family), ("kind", "http")),
        peers=peers if isinstance(peers, Bound) else exactly(peers),
        settings=tuple(
            Setting(name=f"{family}_{name}", value=Known(value=value), spans=(SPAN,))
            for name, value in written.items()
        ),
    )


def predict(declaration: Declaration, methods: MethodClass, inner: WorstCase | None = None) -> WorstCase:
    (hop,) = resolve([declaration]).hops
    return budget.worst_case(hop, inner, methods)


MEASURED = [
    ("one server, GET", 1, GET, {}, 1.0, 1),
    ("one server, POST", 1, POST, {}, 1.0, 1),
    ("two servers, GET", 2, GET, {}, 2.0, 2),
    ("two servers, POST", 2, POST, {}, 1.0, 1),
    ("three servers, GET", 3, GET, {}, 3.0, 3),
    ("tries 2 of three", 3, GET, {"next_upstream_tries": "2"}, 2.0, 2),
    ("tries 1 of three", 3, GET, {"next_upstream_tries": "1"}, 1.0, 1),
    ("tries above the servers", 3, GET, {"next_upstream_tries": "5"}, 3.0, 3),
    ("tries 0 is no cap", 2, GET, {"next_upstream_tries": "0"}, 2.0, 2),
    ("next_upstream off", 3, GET, {"next_upstream": "off"}, 1.0, 1),
    ("next_upstream without timeout", 3, GET, {"next_upstream": "error"}, 1.0, 1),
    ("POST with non_idempotent", 3, POST, {"next_upstream": "error timeout non_idempotent"}, 3.0, 3),
    ("POST with non_idempotent alone", 3, POST, {"next_upstream": "non_idempotent"}, 1.0, 1),
    ("gate below one attempt", 3, GET, {"next_upstream_timeout": "500ms"}, 1.0, 1),
    ("gate equal to one attempt", 3, GET, {"next_upstream_timeout": "1000ms"}, 1.0, 1),
    ("gate of 1.5 attempts", 3, GET, {"next_upstream_timeout": "1500ms"}, 2.0, 2),
    ("gate of 2.5 attempts", 3, GET, {"next_upstream_timeout": "2500ms"}, 3.0, 3),
    ("gate and tries", 6, GET, {"next_upstream_timeout": "2500ms", "next_upstream_tries": "4"}, 3.0, 3),
    ("gate 0 is no gate", 2, GET, {"next_upstream_timeout": "0"}, 2.0, 2),
    ("unbuffered request body, GET", 2, GET, {"request_buffering": "off"}, 2.0, 2),
]


@pytest.mark.parametrize(
    ("peers", "methods", "directives", "seconds", "attempts"),
    [case[1:] for case in MEASURED],
    ids=[case[0] for case in MEASURED],
)
def test_hanging_upstreams(
    peers: int, methods: MethodClass, directives: dict[str, str], seconds: float, attempts: int
) -> None:
    worst = predict(location(peers, **directives), methods)
    assert worst.hang == exactly(int(seconds * 1_000))
    assert worst.attempts == exactly(attempts)


@pytest.mark.parametrize("family", ["fastcgi", "uwsgi", "scgi", "grpc"])
def test_other_families_follow_the_same_rules(family: str) -> None:
    assert predict(location(2, family), GET).hang == exactly(2_000)
    assert predict(location(2, family), POST).hang == exactly(1_000)


def test_dead_hosts_are_tried_again_whatever_the_method() -> None:
    """Two black holes: 2.0 s also for POST, since nothing was sent; one more read if the last one lives."""
    assert predict(location(2), POST).strict == exactly(2_000 + 1_000)
    assert predict(location(2), GET).strict == exactly(2_000 + 2_000)


def test_an_answer_in_time_is_passed_on_at_once() -> None:
    """Measured: three servers answer 503 or 504 after 0.8 s with default conditions: 0.8 s, one attempt."""
    late = WorstCase(hang=exactly(800), strict=exactly(800), attempts=exactly(1))
    worst = predict(location(3), GET, late)
    assert (worst.hang, worst.attempts) == (exactly(800), exactly(1))


def test_error_answers_are_repeated_where_the_conditions_say_so() -> None:
    """Measured: three servers answer 503 after 0.8 s, `error timeout http_503`: 2.4 s, three attempts."""
    late = WorstCase(hang=exactly(800), strict=exactly(800), attempts=exactly(1))
    worst = predict(location(3, next_upstream="error timeout http_503"), GET, late)
    assert (worst.hang, worst.attempts) == (exactly(2_400), exactly(3))


def test_read_timeout_0_fails_at_once() -> None:
    assert predict(location(1, read_timeout="0"), GET).hang == exactly(0)


def test_a_name_with_unknown_addresses_gives_a_range_not_a_guess() -> None:
    unknown = Bound(low=1, high=None, reason='the number of addresses of "app" is not known')
    worst = predict(location(unknown), GET)
    assert (worst.hang.low, worst.hang.high) == (1_000, None)
    assert not worst.hang.unlimited
    assert predict(location(unknown), POST).hang == exactly(1_000)


def test_another_familys_timeout_has_no_effect() -> None:
    """`proxy_read_timeout 1s` beside fastcgi_pass: nginx waits fastcgi's own 60 s."""
    declaration = location(1, "fastcgi")
    foreign = Setting(name="proxy_read_timeout", value=Known(value="1s"), spans=(SPAN,))
    only_foreign = Declaration(
        component="nginx",
        address="nginx:_/",
        title="/",
        span=SPAN,
        traits=declaration.traits,
        peers=exactly(1),
        settings=(foreign,),
    )
    assert predict(only_foreign, GET).hang == exactly(60_000)

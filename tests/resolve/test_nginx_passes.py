"""Answers that are tried again, and passes before and after the main one, as measured in the lab.

Every pass waits 1 s; the upstreams hang unless an application behind them is said to answer.
"""

import pytest

from budgetcheck.assess import assess
from budgetcheck.model.bound import exactly
from budgetcheck.model.limits import Meaning
from budgetcheck.model.settings import Declaration, Known, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Hop, Layer, MethodClass
from budgetcheck.resolve import resolve
from tests.build import hop, limit, route

GET, POST = MethodClass.IDEMPOTENT, MethodClass.NON_IDEMPOTENT
SPAN = Span(file="nginx.conf", line=1)


def location(
    text: str,
    *,
    peers: int = 1,
    before: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
    **directives: str,
) -> Hop:
    """A location of one server, by the names of the locations whose passes run before and after."""
    written = {"connect_timeout": "1s", "read_timeout": "1s"} | directives
    declaration = Declaration(
        component="nginx",
        address=f"nginx:_/{text}",
        title=text,
        span=SPAN,
        traits=(("family", "proxy"), ("kind", "http"), ("location", text)),
        peers=exactly(peers),
        passes_before=tuple(f"nginx:_/{other}" for other in before),
        passes_after=tuple(f"nginx:_/{other}" for other in after),
        settings=tuple(
            Setting(name=f"proxy_{name}", value=Known(value=value), spans=(SPAN,))
            for name, value in written.items()
        ),
    )
    (made,) = resolve([declaration]).hops
    return made


def cost(main: Hop, *others: Hop, methods: MethodClass = GET, answer: float | None = None) -> tuple[int, int]:
    """Milliseconds and attempts of the main location; `answer` is when the application behind it answers."""
    inner = () if answer is None else (hop("app:x", Layer.HANDLER, limit(answer, Meaning.TOTAL)),)
    found = assess(route(main, *inner), {one.address: one for one in (main, *others)})
    worst = found.costs[methods][main.address].worst
    assert worst.hang.value is not None
    assert worst.attempts.value is not None
    return worst.hang.value, worst.attempts.value


@pytest.mark.parametrize(
    ("conditions", "methods", "seconds", "attempts"),
    [
        ("error timeout", GET, 0.5, 1),
        ("error timeout http_503", GET, 1.5, 3),
        ("http_503", GET, 1.5, 3),
        ("http_429", GET, 1.5, 3),
        ("error timeout http_503", POST, 0.5, 1),
        ("http_503 non_idempotent", POST, 1.5, 3),
        ("off", GET, 0.5, 1),
    ],
)
def test_an_answer_is_tried_again_where_its_status_is_listed(
    conditions: str, methods: MethodClass, seconds: float, attempts: int
) -> None:
    main = location("/", peers=3, next_upstream=conditions)
    assert cost(main, methods=methods, answer=0.5) == (seconds * 1_000, attempts)


def test_a_named_fallback_keeps_the_method() -> None:
    main, later = location("/", after=("@later",)), location("@later", peers=2)
    assert cost(main, later, methods=POST) == (2_000, 2)
    assert cost(main, later, methods=GET) == (3_000, 3)


def test_a_fallback_to_a_path_is_asked_with_get_and_so_is_what_follows() -> None:
    main = location("/", after=("= /later", "@last"))
    others = location("= /later", peers=2), location("@last", peers=2)
    assert cost(main, *others, methods=POST) == (5_000, 5)


def test_a_fallback_is_authorised_where_its_location_asks_for_it() -> None:
    main = location("/", before=("= /auth",), after=("@later",))
    auth, later = location("= /auth"), location("@later", before=("= /auth",))
    assert cost(main, auth, later) == (4_000, 4)
    assert cost(main, auth, location("@later")) == (3_000, 3)


def test_a_sub_request_follows_its_own_error_pages() -> None:
    main = location("/", before=("= /auth",))
    auth, other = location("= /auth", after=("@other",)), location("@other")
    assert cost(main, auth, other) == (3_000, 3)


def test_an_answer_in_time_leads_to_no_fallback() -> None:
    main, later = location("/", after=("@later",)), location("@later")
    assert cost(main, later, answer=0.5) == (500, 1)


def test_nor_does_it_behind_an_auth_pass() -> None:
    main = location("/", before=("= /auth",), after=("@later",))
    assert cost(main, location("= /auth"), location("@later"), answer=0.5) == (1_500, 2)


def test_unless_nginx_intercepts_errors() -> None:
    main, later = location("/", after=("@later",), intercept_errors="on"), location("@later")
    assert cost(main, later, answer=0.5) == (1_500, 2)


def test_a_fallback_follows_also_where_the_attempts_take_as_long_as_the_application() -> None:
    """Two attempts of 1 s, and an application that would answer after 2 s: both time out."""
    main, later = location("/", peers=2, after=("@later",)), location("@later")
    assert cost(main, later, answer=2) == (3_000, 3)

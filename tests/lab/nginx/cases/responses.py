"""Backends that answer: late, drop by drop, or with an error. The app document says when they do."""

from ..backends import Answer, DripBody, DripHeader, Hang
from ..case import Case, Claim
from ..client import Request
from .texts import group, passing, server


def _app(milliseconds: int) -> tuple[tuple[str, str], ...]:
    """An application behind the first backend that answers within so many milliseconds."""
    return (
        (
            "app.yaml",
            f"service: app\nserver: {{port: <port 1>}}\nroutes: [{{path: /, deadline: {milliseconds}ms}}]\n",
        ),
        ("budgetcheck.yaml", 'links: [{outer: "nginx:_/", inner: "app:app/*"}]\n'),
    )


_LATE = (
    Case(
        name="answer in time",
        why="an answer within the limit ends everything: one attempt",
        http=passing(3),
        backends=(Answer(after=0.2),) * 3,
        files=_app(200),
        seconds=0.2,
        attempts=1,
        status=200,
    ),
    Case(
        name="503 in time",
        why="an error the backend makes is passed through at once",
        http=passing(3),
        backends=(Answer(status=503, after=0.2),) * 3,
        files=_app(200),
        seconds=0.2,
        attempts=1,
        status=503,
    ),
    Case(
        name="504 in time",
        why="also its own 504",
        http=passing(3),
        backends=(Answer(status=504, after=0.2),) * 3,
        files=_app(200),
        seconds=0.2,
        attempts=1,
        status=504,
    ),
    Case(
        name="http_503, late 503, GET",
        why="with http_503 an error answer is tried again",
        http=passing(3, "proxy_next_upstream error timeout http_503;"),
        backends=(Answer(status=503, after=0.25),) * 3,
        files=_app(250),
        seconds=0.75,
        attempts=3,
        status=503,
    ),
    Case(
        name="http_503, late 503, tries 2",
        why="as often as the cap allows",
        http=passing(3, "proxy_next_upstream error timeout http_503; proxy_next_upstream_tries 2;"),
        backends=(Answer(status=503, after=0.25),) * 3,
        files=_app(250),
        seconds=0.5,
        attempts=2,
        status=503,
    ),
    Case(
        name="http_503, late 503, POST",
        why="a POST that was answered with an error is not sent again",
        http=passing(3, "proxy_next_upstream error timeout http_503;"),
        backends=(Answer(status=503, after=0.25),) * 3,
        request=Request(method="POST", body=b"x"),
        files=_app(250),
        seconds=0.25,
        attempts=1,
        status=503,
    ),
    Case(
        name="http_503 and non_idempotent, late 503, POST",
        why="unless non_idempotent is listed too",
        http=passing(3, "proxy_next_upstream http_503 non_idempotent;"),
        backends=(Answer(status=503, after=0.25),) * 3,
        request=Request(method="POST", body=b"x"),
        files=_app(250),
        seconds=0.75,
        attempts=3,
        status=503,
    ),
    Case(
        name="http_503 without timeout, late 503, GET",
        why="the conditions are independent: no `timeout` is needed to repeat after a 503",
        http=passing(3, "proxy_next_upstream http_503;"),
        backends=(Answer(status=503, after=0.25),) * 3,
        files=_app(250),
        seconds=0.75,
        attempts=3,
        status=503,
    ),
    Case(
        name="http_429, late 429",
        why="429 is another such status",
        http=passing(3, "proxy_next_upstream error timeout http_429;"),
        backends=(Answer(status=429, after=0.2),) * 3,
        files=_app(200),
        seconds=0.6,
        attempts=3,
        status=429,
    ),
    Case(
        name="http_404, late 404",
        why="and 404 another",
        http=passing(2, "proxy_next_upstream error timeout http_404;"),
        backends=(Answer(status=404, after=0.25),) * 2,
        files=_app(250),
        seconds=0.5,
        attempts=2,
        status=404,
    ),
    Case(
        name="http_503 and gate, late 503",
        why="the gate stops new attempts after answers too",
        http=passing(3, "proxy_next_upstream error timeout http_503; proxy_next_upstream_timeout 300ms;"),
        backends=(Answer(status=503, after=0.2),) * 3,
        files=_app(200),
        seconds=0.4,
        attempts=2,
        status=503,
    ),
    Case(
        name="answer after the gate",
        why="a running attempt is never cut by the gate",
        http=passing(1, "proxy_next_upstream_timeout 100ms;"),
        backends=(Answer(after=0.25),),
        files=_app(250),
        seconds=0.25,
        attempts=1,
        status=200,
    ),
    Case(
        name="deadline above the read timeout",
        why="an application that may take longer is waited for as long as nginx does, on every server",
        http=passing(2),
        backends=(Answer(after=0.5),) * 2,
        files=_app(500),
        seconds=0.6,
        attempts=2,
    ),
)

_AND_PASSES = (
    Case(
        name="fallback after an answer in time",
        why="an answer leads to no fallback",
        http=group(1)
        + server(
            "location / { proxy_pass http://app; error_page 504 = @later; }",
            "location @later { proxy_pass http://<2>; }",
        ),
        backends=(Answer(status=504, after=0.25), Hang()),
        files=_app(250),
        seconds=0.25,
        attempts=1,
    ),
    Case(
        name="fallback after a late 503, intercept_errors",
        why="unless nginx intercepts the error the backend answers with",
        http=group(1)
        + server(
            "location / { proxy_pass http://app; proxy_intercept_errors on; error_page 503 = @later; }",
            "location @later { proxy_pass http://<2>; }",
        ),
        backends=(Answer(status=503, after=0.25), Hang()),
        files=_app(250),
        seconds=0.55,
        attempts=2,
    ),
    Case(
        name="auth_request, then an answer in time",
        why="the auth pass adds to the time of the answer",
        http=group(1)
        + server(
            "location / { auth_request /auth; proxy_pass http://app; }",
            "location = /auth { internal; proxy_pass http://<2>; }",
        ),
        backends=(Answer(after=0.25), Answer(after=0.28)),
        files=_app(250),
        seconds=0.55,
        attempts=2,
        status=200,
    ),
    Case(
        name="auth_request, then an answer in time instead of a fallback",
        why="after an answer in time there is no fallback, with an auth pass as without",
        http=group(1)
        + server(
            "location / { auth_request /auth; proxy_pass http://app; error_page 504 = @later; }",
            "location = /auth { internal; proxy_pass http://<2>; }",
            "location @later { proxy_pass http://<3>; }",
        ),
        backends=(Answer(after=0.25), Answer(after=0.28), Hang()),
        files=_app(250),
        seconds=0.55,
        attempts=2,
        status=200,
    ),
)

_DRIPS = (
    Case(
        name="header drips",
        why="the read timeout is a total for the response header",
        http=group(1) + server("location / { proxy_pass http://app; }"),
        backends=(DripHeader(gap=0.05),),
        seconds=0.3,
        attempts=1,
    ),
    Case(
        name="header drips on 2 servers",
        why="and a header that is too slow is tried again",
        http=passing(2),
        backends=(DripHeader(gap=0.05),) * 2,
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="body drips",
        why="a body that keeps dripping is never cut; the hang is about the header alone",
        http=passing(1, "proxy_buffering off;"),
        backends=(DripBody(gap=0.1, count=10),),
        seconds=0.0,
        attempts=1,
        status=200,
        claim=Claim.AT_MOST,
    ),
    Case(
        name="body stops",
        why="after the header nothing is tried again: a 200 that breaks off",
        http=passing(2, "proxy_buffering off;"),
        backends=(DripBody(gap=5, count=3), DripBody(gap=5, count=3)),
        seconds=0.0,
        attempts=1,
        status=200,
        claim=Claim.AT_MOST,
    ),
)

RESPONSES = (*_LATE, *_AND_PASSES, *_DRIPS)

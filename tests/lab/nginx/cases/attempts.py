"""How many servers a request is tried on: peers, methods, conditions, tries and the start gate.

All backends hang after they have accepted; an attempt lasts 0.3 s.
"""

from ..backends import Hang
from ..case import Case, Claim
from ..client import Request
from .texts import group, passing, server


def _hanging(
    name: str,
    why: str,
    count: int,
    directives: str = "",
    *,
    attempts: int,
    method: str = "GET",
    of_group: str = "",
    deviates: str = "",
) -> Case:
    return Case(
        name=name,
        why=why,
        http=passing(count, directives, of_group=of_group),
        backends=(Hang(),) * count,
        request=Request(method=method, body=b"x" if method in ("POST", "PUT", "PATCH") else b""),
        seconds=0.3 * attempts,
        attempts=attempts,
        deviates=deviates,
    )


def _gate(time: str) -> str:
    return f"proxy_next_upstream_timeout {time};"


_METHODS = (
    _hanging("1 server, GET", "a single peer is tried once", 1, attempts=1),
    _hanging("1 server, POST", "a single peer is tried once", 1, method="POST", attempts=1),
    _hanging("2 servers, GET", "the next server after a timeout, by default", 2, attempts=2),
    _hanging("2 servers, HEAD", "HEAD counts as GET", 2, method="HEAD", attempts=2),
    _hanging("2 servers, OPTIONS", "OPTIONS counts as GET", 2, method="OPTIONS", attempts=2),
    _hanging("2 servers, POST", "a POST that was sent is not sent again", 2, method="POST", attempts=1),
    _hanging("2 servers, PUT", "PUT is sent again", 2, method="PUT", attempts=2),
    _hanging("2 servers, DELETE", "DELETE is sent again", 2, method="DELETE", attempts=2),
    _hanging("2 servers, PATCH", "PATCH counts as POST", 2, method="PATCH", attempts=1),
    _hanging("2 servers, LOCK", "LOCK counts as POST", 2, method="LOCK", attempts=1),
    _hanging("3 servers, GET", "every server is tried", 3, attempts=3),
    _hanging("3 servers, POST", "a POST that was sent is not sent again", 3, method="POST", attempts=1),
    _hanging("6 servers, GET", "every server is tried, however many", 6, attempts=6),
)

_CONDITIONS = (
    _hanging("tries 1", "a cap below the servers", 3, "proxy_next_upstream_tries 1;", attempts=1),
    _hanging("tries 2", "a cap below the servers", 3, "proxy_next_upstream_tries 2;", attempts=2),
    _hanging(
        "tries 5", "a cap above the servers raises nothing", 3, "proxy_next_upstream_tries 5;", attempts=3
    ),
    _hanging("tries 0", "0 is no cap", 2, "proxy_next_upstream_tries 0;", attempts=2),
    _hanging("next_upstream off", "no further server", 3, "proxy_next_upstream off;", attempts=1),
    _hanging("next_upstream error", "a timeout is no error", 3, "proxy_next_upstream error;", attempts=1),
    _hanging(
        "next_upstream timeout", "a timeout without error", 3, "proxy_next_upstream timeout;", attempts=3
    ),
    _hanging(
        "next_upstream http_503 alone",
        "the list is replaced as a whole: error and timeout are gone",
        3,
        "proxy_next_upstream http_503;",
        attempts=1,
    ),
    _hanging(
        "non_idempotent with timeout, POST",
        "a POST is sent to every server",
        3,
        "proxy_next_upstream error timeout non_idempotent;",
        method="POST",
        attempts=3,
    ),
    _hanging(
        "non_idempotent alone, POST",
        "without timeout in the list nothing is repeated after a timeout",
        3,
        "proxy_next_upstream non_idempotent;",
        method="POST",
        attempts=1,
    ),
    _hanging(
        "non_idempotent with error, POST",
        "the same: a hanging server is a timeout, not an error",
        3,
        "proxy_next_upstream error non_idempotent;",
        method="POST",
        attempts=1,
    ),
    _hanging(
        "non_idempotent with timeout and tries 2, PATCH",
        "the cap holds for all methods",
        3,
        "proxy_next_upstream error timeout non_idempotent; proxy_next_upstream_tries 2;",
        method="PATCH",
        attempts=2,
    ),
)

_GATES = (
    _hanging("gate 0.5 attempts", "no attempt is cut", 3, "proxy_next_upstream_timeout 150ms;", attempts=1),
    _hanging(
        "gate 1 attempt",
        "exactly one attempt: no second",
        3,
        "proxy_next_upstream_timeout 300ms;",
        attempts=1,
    ),
    _hanging(
        "gate 1.5 attempts", "the second may end late", 3, "proxy_next_upstream_timeout 450ms;", attempts=2
    ),
    _hanging(
        "gate 2.5 attempts", "the third may end late", 3, "proxy_next_upstream_timeout 750ms;", attempts=3
    ),
    _hanging(
        "gate and tries",
        "whichever ends first: here the gate",
        6,
        "proxy_next_upstream_timeout 750ms; proxy_next_upstream_tries 4;",
        attempts=3,
    ),
    _hanging(
        "tries and gate",
        "whichever ends first: here the tries",
        6,
        "proxy_next_upstream_timeout 5s; proxy_next_upstream_tries 2;",
        attempts=2,
    ),
    _hanging("gate 0", "0 is no gate", 2, "proxy_next_upstream_timeout 0;", attempts=2),
    _hanging("gate, 1 server", "nothing to stop", 1, "proxy_next_upstream_timeout 100ms;", attempts=1),
)

_GROUPS = (
    _hanging("least_conn", "the method of balancing changes no count", 3, attempts=3, of_group="least_conn;"),
    _hanging("ip_hash", "a sticky client goes on to the others", 3, attempts=3, of_group="ip_hash;"),
    _hanging("hash", "the same", 3, attempts=3, of_group="hash $request_uri consistent;"),
    _hanging("random", "the same", 3, attempts=3, of_group="random;"),
    _hanging("keepalive", "kept connections change no count", 2, attempts=2, of_group="keepalive 4;"),
    Case(
        name="weight",
        why="a heavy server is tried once, as the others",
        http="upstream app { server <1> weight=5; server <2>; server <3>; }\n"
        + server("location / { proxy_pass http://app; }"),
        backends=(Hang(),) * 3,
        seconds=0.9,
        attempts=3,
    ),
    Case(
        name="backup",
        why="a backup is tried after the others, in the same request",
        http="upstream app { server <1>; server <2>; server <3> backup; }\n"
        + server("location / { proxy_pass http://app; }"),
        backends=(Hang(),) * 3,
        seconds=0.9,
        attempts=3,
    ),
    Case(
        name="backup beyond tries",
        why="the cap counts backups too",
        http="upstream app { server <1>; server <2>; server <3> backup; }\n"
        + server("location / { proxy_pass http://app; proxy_next_upstream_tries 2; }"),
        backends=(Hang(),) * 3,
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="down",
        why="a server marked down is not tried",
        http="upstream app { server <1>; server <2>; server <3> down; }\n"
        + server("location / { proxy_pass http://app; }"),
        backends=(Hang(),) * 3,
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="same address twice",
        why="the same server listed twice is two peers",
        http="upstream app { server <1>; server <1>; }\n" + server("location / { proxy_pass http://app; }"),
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="max_fails=0",
        why="when a server is left out later changes nothing within a request",
        http="upstream app { server <1> max_fails=0; server <2> max_fails=0; }\n"
        + server("location / { proxy_pass http://app; }"),
        backends=(Hang(),) * 2,
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="address in proxy_pass",
        why="without a group there is one peer",
        http=server("location / { proxy_pass http://<1>; }"),
        seconds=0.3,
        attempts=1,
    ),
    Case(
        name="localhost",
        why="as many peers as the name has addresses, 127.0.0.1 and perhaps ::1",
        http=server("location / { proxy_pass http://localhost:<port 1>; }"),
        seconds=0.3,
        attempts=None,
    ),
    Case(
        name="runtime name with 2 addresses, GET",
        why="a name resolved while nginx runs is tried on all its addresses",
        http=server(
            "resolver <resolver>;",
            'set $app "app.test";',
            "location / { proxy_pass http://$app:<port 1>; }",
        ),
        files=(("budgetcheck.yaml", "nginx: {addresses: {app.test: 2}}\n"),),
        names=(("app.test", ("127.0.0.1", "127.0.0.2")),),
        backends=(Hang(), Hang()),
        same_port=True,
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="runtime name with 2 addresses, tries 1",
        why="the cap holds for the addresses of a name",
        http=server(
            "resolver <resolver>;",
            'set $app "app.test";',
            "location / { proxy_pass http://$app:<port 1>; proxy_next_upstream_tries 1; }",
        ),
        names=(("app.test", ("127.0.0.1", "127.0.0.2")),),
        backends=(Hang(), Hang()),
        same_port=True,
        seconds=0.3,
        attempts=1,
    ),
    Case(
        name="variable that names a group",
        why="the group's servers count",
        http=group(2)
        + "map $request_method $chosen { default app; }\n"
        + server("location / { proxy_pass http://$chosen; }"),
        backends=(Hang(),) * 2,
        seconds=0.6,
        attempts=2,
    ),
)

_UPLOADS = (
    _hanging(
        "request_buffering off, GET",
        "a request without a body can be sent again",
        2,
        "proxy_request_buffering off;",
        attempts=2,
    ),
    Case(
        name="request_buffering off, large PUT",
        why="an unbuffered body is gone once sent: one attempt where a GET of the class takes two",
        http=passing(2, "proxy_request_buffering off; client_max_body_size 0;"),
        backends=(Hang(),) * 2,
        request=Request(method="PUT", body=b"x" * 300_000),
        seconds=0.3,
        attempts=1,
        claim=Claim.AT_MOST,
    ),
    Case(
        name="request_buffering on, large PUT",
        why="a buffered body is sent again",
        http=passing(2, "client_max_body_size 0;"),
        backends=(Hang(),) * 2,
        request=Request(method="PUT", body=b"x" * 300_000),
        seconds=0.6,
        attempts=2,
    ),
)

ATTEMPTS = (*_METHODS, *_CONDITIONS, *_GATES, *_GROUPS, *_UPLOADS)

"""Servers that are dead: connecting hangs, is refused, or TLS never begins. The strict bound holds them."""

from ..backends import BlackHole, Hang, NeverReads, Refuse, Reset, SlowConnect
from ..case import Case, Claim
from ..client import Request
from .texts import group, passing, server

_POST = Request(method="POST", body=b"x")
_SHORT_READ = "proxy_connect_timeout 400ms; proxy_read_timeout 100ms;"

DEAD_HOSTS = (
    Case(
        name="1 dead host",
        why="the connect timeout ends the attempt",
        http=passing(1),
        backends=(BlackHole(),),
        seconds=0.3,
        attempts=0,
        claim=Claim.STRICT,
    ),
    Case(
        name="3 dead hosts, POST",
        why="nothing was sent, so a POST too is tried on the other servers",
        http=group(3) + server("location / { proxy_pass http://app; }", times=_SHORT_READ),
        backends=(BlackHole(),) * 3,
        request=_POST,
        seconds=1.2,
        attempts=0,
        claim=Claim.STRICT,
    ),
    Case(
        name="3 dead hosts, GET",
        why="every server costs its connect timeout",
        http=group(3) + server("location / { proxy_pass http://app; }", times=_SHORT_READ),
        backends=(BlackHole(),) * 3,
        seconds=1.2,
        attempts=0,
        claim=Claim.STRICT,
    ),
    Case(
        name="2 dead hosts, next_upstream off",
        why="off holds for connecting too",
        http=passing(2, "proxy_next_upstream off;"),
        backends=(BlackHole(), BlackHole()),
        seconds=0.3,
        attempts=0,
        claim=Claim.STRICT,
    ),
    Case(
        name="2 dead hosts, next_upstream error",
        why="a connect timeout is a timeout, not an error",
        http=passing(2, "proxy_next_upstream error;"),
        backends=(BlackHole(), BlackHole()),
        seconds=0.3,
        attempts=0,
        claim=Claim.STRICT,
    ),
    Case(
        name="dead host, then hanging, GET",
        why="connect and read timeout add up",
        http="upstream app { server <1>; server <2> backup; }\n"
        + server("location / { proxy_pass http://app; }"),
        backends=(BlackHole(), Hang()),
        seconds=0.6,
        attempts=1,
        claim=Claim.STRICT,
    ),
    Case(
        name="dead host, then hanging, POST",
        why="the same for POST: it is sent once",
        http="upstream app { server <1>; server <2> backup; }\n"
        + server("location / { proxy_pass http://app; }"),
        backends=(BlackHole(), Hang()),
        request=_POST,
        seconds=0.6,
        attempts=1,
        claim=Claim.STRICT,
    ),
    Case(
        name="hanging, then dead host, GET",
        why="the read timeout first, then the connect timeout",
        http="upstream app { server <1>; server <2> backup; }\n"
        + server("location / { proxy_pass http://app; }"),
        backends=(Hang(), BlackHole()),
        seconds=0.6,
        attempts=1,
        claim=Claim.STRICT,
    ),
    Case(
        name="3 dead hosts, gate",
        why="the gate lets one more attempt begin",
        http=passing(3, "proxy_next_upstream_timeout 450ms;"),
        backends=(BlackHole(),) * 3,
        seconds=0.6,
        attempts=0,
        claim=Claim.STRICT,
    ),
    Case(
        name="dead host beyond the gate",
        why="the good server is never tried",
        http=passing(2, "proxy_next_upstream_timeout 250ms;"),
        backends=(BlackHole(), BlackHole()),
        seconds=0.3,
        attempts=0,
        claim=Claim.STRICT,
    ),
    Case(
        name="connect timeout longer than read timeout",
        why="the two timers are independent",
        http=group(1)
        + server(
            "location / { proxy_pass http://app; }",
            times="proxy_connect_timeout 800ms; proxy_read_timeout 200ms;",
        ),
        backends=(BlackHole(),),
        seconds=0.8,
        attempts=0,
        claim=Claim.STRICT,
    ),
    Case(
        name="slow connect, then silence",
        why="within one attempt connecting and waiting add up",
        http=group(1)
        + server(
            "location / { proxy_pass http://app; }",
            times="proxy_connect_timeout 1200ms; proxy_read_timeout 700ms;",
        ),
        backends=(SlowConnect(),),
        seconds=1.7,
        attempts=1,
        claim=Claim.STRICT,
    ),
    Case(
        name="slow connect, then TLS never begins",
        why="one timer for both: the handshake gets what connecting has left of the connect timeout",
        http=group(1)
        + server(
            "location / { proxy_pass https://app; }",
            times="proxy_connect_timeout 1200ms; proxy_read_timeout 200ms;",
        ),
        backends=(SlowConnect(),),
        seconds=1.2,
        attempts=1,
        claim=Claim.STRICT,
    ),
    Case(
        name="TLS never begins",
        why="the connect timeout ends the TLS handshake, not the read timeout",
        http=group(1)
        + server(
            "location / { proxy_pass https://app; }",
            times="proxy_connect_timeout 600ms; proxy_read_timeout 200ms;",
        ),
        seconds=0.6,
        attempts=1,
        claim=Claim.STRICT,
    ),
    Case(
        name="TLS never begins on 2 servers, POST",
        why="during the handshake nothing has been sent",
        http=group(2) + server("location / { proxy_pass https://app; }"),
        backends=(Hang(), Hang()),
        request=_POST,
        seconds=0.6,
        attempts=2,
        claim=Claim.STRICT,
    ),
    Case(
        name="refused, then hanging, POST",
        why="a refused connection costs nothing",
        http="upstream app { server <1>; server <2> backup; }\n"
        + server("location / { proxy_pass http://app; }"),
        backends=(Refuse(), Hang()),
        request=_POST,
        seconds=0.3,
        attempts=1,
        claim=Claim.STRICT,
    ),
    Case(
        name="3 refused, GET",
        why="502 at once",
        http=passing(3),
        backends=(Refuse(),) * 3,
        seconds=0.0,
        attempts=0,
        status=502,
        claim=Claim.STRICT,
    ),
    Case(
        name="2 resets after the request, GET",
        why="an error after sending is tried again for GET",
        http=passing(2),
        backends=(Reset(), Reset()),
        seconds=0.0,
        attempts=2,
        status=502,
        claim=Claim.AT_MOST,
    ),
    Case(
        name="2 resets after the request, POST",
        why="and not for POST",
        http=passing(2),
        backends=(Reset(), Reset()),
        request=_POST,
        seconds=0.0,
        attempts=1,
        status=502,
        claim=Claim.AT_MOST,
    ),
    Case(
        name="2 servers that never read, large PUT",
        why="the send timeout ends each attempt",
        http=passing(2, "client_max_body_size 0;"),
        backends=(NeverReads(), NeverReads()),
        request=Request(method="PUT", body=b"x" * 20_000_000),
        seconds=0.7,
        attempts=2,
        claim=Claim.STRICT,
    ),
    Case(
        name="2 servers that never read, large POST",
        why="a POST that was sent in part is not sent again",
        http=passing(2, "client_max_body_size 0;"),
        backends=(NeverReads(), NeverReads()),
        request=Request(method="POST", body=b"x" * 20_000_000),
        seconds=0.4,
        attempts=1,
        claim=Claim.STRICT,
    ),
    Case(
        name="connect_timeout 0",
        why="0 fails at once, it is not endless",
        http=group(1)
        + server(
            "location / { proxy_pass http://app; }", times="proxy_connect_timeout 0; proxy_read_timeout 1s;"
        ),
        seconds=0.0,
        attempts=0,
        claim=Claim.STRICT,
    ),
)

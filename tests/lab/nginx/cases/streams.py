"""The stream module: directives of the same names with other meanings."""

from ..backends import BlackHole, DripBody, Hang
from ..case import Case, Claim
from ..client import Request
from .texts import group

_RAW = Request(raw=b"GET / HTTP/1.0\r\n\r\n")
_TIMES = "proxy_connect_timeout 300ms; proxy_timeout 400ms;"


def _stream(count: int, directives: str = "", times: str = _TIMES) -> str:
    return group(count) + f"server {{ listen <listen>; proxy_pass app; {times} {directives} }}"


STREAMS = (
    Case(
        name="stream, 1 silent server",
        why="proxy_timeout ends a silent connection",
        stream=_stream(1),
        request=_RAW,
        location="",
        seconds=0.4,
        attempts=1,
        status=None,
    ),
    Case(
        name="stream, 2 silent servers",
        why="once connected no other server is tried",
        stream=_stream(2),
        backends=(Hang(), Hang()),
        request=_RAW,
        location="",
        seconds=0.4,
        attempts=1,
        status=None,
    ),
    Case(
        name="stream, times of the stream block",
        why="values are inherited by servers",
        stream="proxy_timeout 600ms;\n" + _stream(1, times="proxy_connect_timeout 300ms;"),
        request=_RAW,
        location="",
        seconds=0.6,
        attempts=1,
        status=None,
    ),
    Case(
        name="stream, 2 dead hosts",
        why="every server costs its connect timeout",
        stream=_stream(2, times="proxy_connect_timeout 600ms; proxy_timeout 100ms;"),
        backends=(BlackHole(), BlackHole()),
        request=_RAW,
        location="",
        seconds=1.2,
        attempts=0,
        status=None,
        claim=Claim.STRICT,
    ),
    Case(
        name="stream, 2 dead hosts, next_upstream off",
        why="only the first is tried",
        stream=_stream(2, "proxy_next_upstream off;"),
        backends=(BlackHole(), BlackHole()),
        request=_RAW,
        location="",
        seconds=0.3,
        attempts=0,
        status=None,
        claim=Claim.STRICT,
    ),
    Case(
        name="stream, 3 dead hosts, tries 2",
        why="the cap counts connections",
        stream=_stream(3, "proxy_next_upstream_tries 2;"),
        backends=(BlackHole(),) * 3,
        request=_RAW,
        location="",
        seconds=0.6,
        attempts=0,
        status=None,
        claim=Claim.STRICT,
    ),
    Case(
        name="stream, 3 dead hosts, gate",
        why="the gate lets one more connection begin",
        stream=_stream(3, "proxy_next_upstream_timeout 450ms;"),
        backends=(BlackHole(),) * 3,
        request=_RAW,
        location="",
        seconds=0.6,
        attempts=0,
        status=None,
        claim=Claim.STRICT,
    ),
    Case(
        name="stream, dead host, then silent",
        why="connect timeout and proxy_timeout add up",
        stream="upstream app { server <1>; server <2> backup; }\n"
        f"server {{ listen <listen>; proxy_pass app; {_TIMES} }}",
        backends=(BlackHole(), Hang()),
        request=_RAW,
        location="",
        seconds=0.7,
        attempts=1,
        status=None,
        claim=Claim.STRICT,
    ),
    Case(
        name="stream, answer drips",
        why="every byte restarts proxy_timeout",
        stream=_stream(1),
        backends=(DripBody(gap=0.2, count=5),),
        request=_RAW,
        location="",
        seconds=0.0,
        attempts=1,
        status=200,
        claim=Claim.AT_MOST,
    ),
)

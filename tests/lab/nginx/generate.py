"""Random valid configurations, the same ones for the same seed.

Every choice is about something that decides how long a caller waits or how often a request is sent; the
backends hang (a few are dead hosts), so budgetcheck's number is the one to be met.
"""

import random
from dataclasses import dataclass, field

from .backends import Answer, Behaviour, BlackHole, Hang
from .case import Case, Claim
from .client import Request
from .cases.texts import group

_FAMILIES = ("proxy", "proxy", "proxy", "fastcgi", "uwsgi", "scgi", "grpc")
_METHODS = ("GET", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST", "POST", "PATCH")
_WITH_BODY = ("POST", "PUT", "PATCH")
_READS = (200, 300, 400)
_CONDITIONS = ("error", "timeout", "http_500", "http_503", "http_404", "non_idempotent")
_BALANCING = ("", "", "least_conn;", "ip_hash;", "hash $uri;", "random;")
_LONGEST = 2_400
_AWAY_FROM_TIE = 80


def generated(seed: int, count: int) -> tuple[Case, ...]:
    """So many cases; the first ones do not depend on `count`."""
    return tuple(_case(random.Random(f"{seed}/{number}"), number) for number in range(count))


@dataclass(slots=True)
class _Draw:
    """The state of one draw: what was written so far, and which backends it needs."""

    dice: random.Random
    backends: list[Behaviour] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    snippet: str = ""

    def chance(self, share: float) -> bool:
        return self.dice.random() < share


def _case(dice: random.Random, number: int) -> Case:
    if dice.random() < 0.1:
        return _stream_case(dice, number)
    draw = _Draw(dice=dice)
    dead = draw.chance(0.2)
    method = dice.choice(_METHODS)
    family = dice.choice(_FAMILIES)
    server = [_times(draw, family, "server")]
    main = _location(draw, "location /", family, most=2 if draw.chance(0.3) else 4, dead=dead)
    extra, inside = _passes(draw, dead=dead)
    nested = draw.chance(0.2)
    if nested:
        main = f"location / {{ location /in/ {{ {main} {inside} }} {_times(draw, family, 'location')} }}"
    else:
        main = f"location / {{ {main} {inside} }}"
    lines = [*server, main, *extra, *_decoys(draw)]
    http = [_times(draw, family, "http"), *draw.groups, "server {\n  listen <listen>;", *lines, "}"]
    return Case(
        name=f"random {number:03}",
        why="nobody chose it",
        http="\n".join(line for line in http if line),
        backends=tuple(draw.backends),
        request=Request(
            method=method, path="/in/x" if nested else "/x", body=b"body" if method in _WITH_BODY else b""
        ),
        location="/in/" if nested else "/",
        seconds=None,
        attempts=None,
        claim=Claim.STRICT if dead else Claim.HANG,
        files=(("snippet.conf", draw.snippet),) if draw.snippet else (),
    )

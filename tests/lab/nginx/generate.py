"""Random valid configurations, the same ones for the same seed.

Every choice is about something that decides how long a caller waits or how often a request is sent. The
backends hang, or all answer with a late 503 as an app document says, so budgetcheck's number is the one to be
met; where some are dead hosts, the strict bound. All times are multiples of 100 ms and all gates lie halfway
between, so no outcome hangs on a tie.
"""

import random
from dataclasses import dataclass, field

from .backends import Answer, Behaviour, BlackHole, Hang
from .case import Case, Claim
from .cases.texts import application
from .client import Request

_FAMILIES = ("proxy", "proxy", "proxy", "fastcgi", "uwsgi", "scgi", "grpc")
_ALL = ("proxy", "fastcgi", "uwsgi", "scgi", "grpc")
_METHODS = ("GET", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST", "POST", "PATCH")
_WITH_BODY = ("POST", "PUT", "PATCH")
_WAITS = (200, 300, 400)
_GATES = (0, 50, 150, 250, 350, 450, 550, 750, 950, 5_000)
_CONDITIONS = ("error", "timeout", "timeout", "http_500", "http_503", "http_404", "non_idempotent")
_BALANCING = (
    "",
    "",
    "",
    "least_conn;",
    "ip_hash;",
    "hash $remote_addr;",
    "random;",
    "least_conn; keepalive 2;",
)
_STREAM_BALANCING = ("", "least_conn;", "hash $remote_addr;", "random;")
_NO_BACKUP = ("ip_hash;", "hash $remote_addr;", "random;")
_FALLBACKS = (("@later", "= @later"), ("@later", "=200 @later"), ("= /later", "/later"))
_BEFORE_THE_END = 0.02
_SILENT = Hang()
_LATE_503 = Answer(status=503, after=0.1)


def generated(seed: int, count: int) -> tuple[Case, ...]:
    """So many cases; the first ones do not depend on `count`."""
    return tuple(_case(random.Random(f"{seed}/{number}"), number) for number in range(count))


def _case(dice: random.Random, number: int) -> Case:
    draw = _Draw(dice=dice, dead=dice.random() < 0.2)
    name = f"random {number:03}"
    return draw.stream_case(name) if draw.chance(0.1) else draw.http_case(name)


@dataclass(slots=True)
class _Draw:
    """One draw: the dice, and what the configuration needs so far."""

    dice: random.Random
    dead: bool
    app: Behaviour = _SILENT
    backends: list[Behaviour] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def http_case(self, name: str) -> Case:
        """A server with one location that matters, perhaps nested, with passes before and after it."""
        family, method = self.dice.choice(_FAMILIES), self.dice.choice(_METHODS)
        files = []
        if not self.dead and self.chance(0.2):
            family, self.app = "proxy", _LATE_503
            files += application(100)
        own = f"{self._pass(family, 'app', most=4)} {self._directives(family, 0.3)}"
        if self.chance(0.2):
            files.append(("snippet.conf", own))
            own = "include snippet.conf;"
        inside, others = self._passes(family)
        path, location = "/", "/"
        block = f"location / {{ {own} {inside} }}"
        if self.chance(0.2) and self.app is not _LATE_503:
            path, location = "/in/x", "/in/"
            block = f"location / {{ {self._directives(family, 0.2)} location /in/ {{ {own} {inside} }} }}"
        server = [self._times(each) for each in dict.fromkeys((family, "proxy"))]
        server += [self._directives(family, 0.15, times=False), block, *others, *self._decoys(family)]
        outside = f"{family}_read_timeout 1s;" if self.chance(0.3) else ""
        http = (outside, *self.groups, "server {\n  listen <listen>;", *server, "}", *self._neighbour())
        return Case(
            name=name,
            why="nobody chose it",
            http="\n".join(line for line in http if line.strip()),
            backends=tuple(self.backends),
            request=Request(method=method, path=path, body=b"body" if method in _WITH_BODY else b""),
            location=location,
            seconds=None,
            attempts=None,
            claim=Claim.STRICT if BlackHole() in self.backends else Claim.HANG,
            files=tuple(files),
        )

    def stream_case(self, name: str) -> Case:
        """A server of the stream module."""
        self._pass("proxy", "app", most=3, balancing=_STREAM_BALANCING)
        outside = f"proxy_timeout {self._time()};"
        inside = [f"proxy_connect_timeout {self._time()};"]
        if self.chance(0.5):
            inside.append(f"proxy_timeout {self._time()};")
        if self.chance(0.3):
            inside.append(f"proxy_next_upstream {self.dice.choice(('on', 'off'))};")
        if self.chance(0.3):
            inside.append(f"proxy_next_upstream_tries {self.dice.randrange(4)};")
        if self.chance(0.3):
            inside.append(f"proxy_next_upstream_timeout {self.dice.choice(_GATES)}ms;")
        server = ("server { listen <listen>; proxy_pass app;", *inside, "}")
        return Case(
            name=name,
            why="nobody chose it",
            stream="\n".join((outside, *self.groups, *server)),
            backends=tuple(self.backends),
            request=Request(raw=b"hello"),
            location="",
            seconds=None,
            attempts=None,
            claim=Claim.STRICT if BlackHole() in self.backends else Claim.HANG,
        )

    def _pass(self, family: str, name: str, *, most: int, balancing: tuple[str, ...] = _BALANCING) -> str:
        """A pass to a new group of up to so many servers, or to one address."""
        scheme = {"proxy": "http://", "grpc": "grpc://"}.get(family, "")
        count = self.dice.randint(1, most)
        first = len(self.backends) + 1
        alive = self.app if name == "app" else _SILENT
        self.backends += [BlackHole() if self.dead and self.chance(0.5) else alive for _ in range(count)]
        if count == 1 and name != "app" and self.chance(0.5):
            return f"{family}_pass {scheme}<{first}>;"
        method = self.dice.choice(balancing)
        backups = method not in _NO_BACKUP
        servers = [f"server <{first}>{self._about_a_server(('weight=3', 'max_fails=0'))};"]
        for number in range(first + 1, first + count):
            more = ("weight=2", "max_fails=2 fail_timeout=1s", "down", *(("backup",) if backups else ()))
            servers.append(f"server <{number}>{self._about_a_server(more)};")
        if self.chance(0.1):
            servers.append(f"server <{first}>;")
        self.groups.append(f"upstream {name} {{ {method} {' '.join(servers)} }}")
        return f"{family}_pass {scheme}{name};"

    def _about_a_server(self, choices: tuple[str, ...]) -> str:
        return f" {self.dice.choice(choices)}" if self.chance(0.4) else ""

    def _times(self, family: str) -> str:
        return " ".join(f"{family}_{name}_timeout {self._time()};" for name in ("connect", "send", "read"))

    def _time(self) -> str:
        milliseconds = self.dice.choice(_WAITS)
        return self.dice.choice(("{0}ms", "{0}ms", "0s{0}ms", '"0s {0}ms"')).format(milliseconds)

    def _directives(self, family: str, share: float, *, times: bool = True) -> str:
        """What may stand at any level, each with that chance."""
        drawn = {"connect_timeout": self._time(), "read_timeout": self._time()} if times else {}
        drawn |= {
            "next_upstream": self._conditions(),
            "next_upstream_tries": str(self.dice.randrange(5)),
            "next_upstream_timeout": f"{self.dice.choice(_GATES)}ms",
        }
        return " ".join(f"{family}_{name} {value};" for name, value in drawn.items() if self.chance(share))

    def _conditions(self) -> str:
        if self.chance(0.2):
            return "off"
        chosen = self.dice.sample(_CONDITIONS, self.dice.randint(1, 4))
        if self.app is _LATE_503:  # the other statuses say nothing about a backend that answers 503
            chosen = ["http_503" if word.startswith("http_") else word for word in chosen]
        return " ".join(dict.fromkeys(chosen))

    def _passes(self, family: str) -> tuple[str, list[str]]:
        """What leads from the location to passes before and after it, and their locations."""
        inside, others = [], []
        if self.chance(0.2) and not self.dead:
            wait = self.dice.choice(_WAITS)
            self.backends.append(Answer(after=wait / 1_000 - _BEFORE_THE_END))
            inside.append("auth_request /auth;")
            others.append(
                f"location = /auth {{ internal; proxy_pass http://<{len(self.backends)}>; "
                f"proxy_read_timeout {wait}ms; proxy_pass_request_body off; "
                'proxy_set_header Content-Length ""; }'
            )
        if self.chance(0.25):
            page, place = self.dice.choice(
                (("= @later", "@later"), ("/later", "= /later"), ("=200 @later", "@later"))
            )
            inside.append(f"error_page {self.dice.choice(('504', '502 504', '503 504'))} {page};")
            if self.chance(0.3):
                inside[-1] = f"error_page 502 503 504 {page}; {family}_intercept_errors on;"
            family = self.dice.choice(("proxy", "proxy", "fastcgi"))
            times = self._times(family) if family != "proxy" else ""
            passing = f"{self._pass(family, 'later', most=3)} {times}"
            others.append(f"location {place} {{ {passing} {self._conditions_of(family)} }}")
        return " ".join(inside), others

    def _conditions_of(self, family: str) -> str:
        return f"{family}_next_upstream {self._conditions()};" if self.chance(0.3) else ""

    def _decoys(self, family: str) -> list[str]:
        """Directives and locations that have no part in it."""
        found = []
        other = self.dice.choice([name for name in _ALL if name not in (family, "proxy")])
        if self.chance(0.3):
            found.append(f"{other}_read_timeout 100ms; {other}_next_upstream off;")
        if self.chance(0.3):
            found.append("location ~ \\.none$ { proxy_pass http://<1>; proxy_read_timeout 100ms; }")
        if self.chance(0.3):
            found.append("location = /none { return 204; }  # proxy_read_timeout 100ms;")
        return found

    def _neighbour(self) -> list[str]:
        if not self.chance(0.2):
            return []
        head = "server { listen <listen>; server_name other.test; proxy_read_timeout 100ms;"
        return [f"{head} location /other/ {{ proxy_pass http://<1>; }} }}"]

"""Which server and which location answer a request, exactly as nginx chooses them.

Pure functions over servers and locations. The rules: https://nginx.org/en/docs/http/server_names.html and
https://nginx.org/en/docs/http/ngx_http_core_module.html#location; nested locations as in
`ngx_http_core_find_location` of nginx's source.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from budgetcheck.readers.nginx.directives import PASSES
from budgetcheck.readers.nginx.patterns import REGULAR, Match
from budgetcheck.readers.nginx.servers import Location, Server
from budgetcheck.regexes import search


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The location that answers a path.

    Attributes:
        location: None where no location matches: the server itself answers.
        way: the locations tried and why each won or was passed over, in nginx's order, for people.
        redirects: nginx answers 301 to the same path with a `/` at its end.
        unsure: regular expressions that could not be evaluated and may have come first.
    """

    location: Location | None
    way: tuple[str, ...] = ()
    redirects: bool = False
    unsure: tuple[str, ...] = ()


def normalise(path: str) -> str:
    """The path nginx matches: without query, decoded, `//`, `.` and `..` resolved."""
    decoded = unquote(path.partition("?")[0].partition("#")[0], errors="replace") or "/"
    squeezed = re.sub(r"/{2,}", "/", decoded if decoded.startswith("/") else "/" + decoded)
    folder = squeezed.endswith(("/", "/.", "/.."))
    resolved = posixpath.normpath(squeezed)
    return resolved + "/" if folder and not resolved.endswith("/") else resolved


def choose_servers(servers: Sequence[Server], host: str, port: int = 0) -> tuple[Server, ...]:
    """The servers that answer a host name, one for each port; only that of `port` if it is given.

    Nothing listens where the result is empty.
    """
    candidates = [server for server in servers if not server.stream]
    ports = [port] if port else list(dict.fromkeys(port for server in candidates for port in server.ports))
    chosen = [
        _choose_server([server for server in candidates if one in server.ports], host, one) for one in ports
    ]
    if not port:  # locations of a fragment, and servers on sockets, have no port to be told apart by
        chosen.append(_choose_server([server for server in candidates if not server.ports], host, 0))
    return tuple(dict.fromkeys(server for server in chosen if server))


def _choose_server(servers: Sequence[Server], host: str, port: int) -> Server | None:
    wanted = host.lower().rstrip(".")
    ranked = [
        (rank, position, server)
        for position, server in enumerate(servers)
        if (rank := min((rank for name in server.names if (rank := _rank(name, wanted))), default=None))
    ]
    if ranked:
        return min(ranked, key=lambda entry: entry[:2])[2]
    by_default = (
        server
        for server in servers
        if any(listen.default and listen.port == port for listen in server.listens)
    )
    return next(by_default, next(iter(servers), None))


def names_host(server: Server, host: str) -> bool:
    """One of the server's names means the host."""
    return any(_rank(name, host.lower().rstrip(".")) is not None for name in server.names)


def _rank(name: str, host: str) -> tuple[int, int] | None:
    """How well a server name fits: smaller is better; None if it does not.

    Exact names, then the longest wildcard at the beginning, the longest at the end, regular expressions.
    """
    lowered = name.lower()
    if name.startswith("~"):
        return (3, 0) if search(name[1:], host, any_case=True) else None
    if lowered == host or (lowered.startswith(".") and lowered[1:] == host):
        return (0, 0)
    if lowered.startswith(("*.", ".")):
        suffix = lowered.removeprefix("*")
        return (1, -len(suffix)) if host.endswith(suffix) and len(host) > len(suffix) else None
    if lowered.endswith(".*"):
        prefix = lowered.removesuffix("*")
        return (2, -len(prefix)) if host.startswith(prefix) and len(host) > len(prefix) else None
    return None


def choose_location(locations: Sequence[Location], path: str) -> Choice:
    """The location for a path that was normalised before."""
    search = _Search(path)
    found, _ = search.level(locations)
    return Choice(
        location=found,
        way=tuple(search.way),
        redirects=found is not None and search.redirects(found),
        unsure=tuple(search.unsure),
    )


class _Search:
    """One look-up, with what it met on the way."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.way: list[str] = []
        self.unsure: list[str] = []

    def level(self, locations: Sequence[Location]) -> tuple[Location | None, bool]:
        """The best location of one level, and whether it ends the search of the outer level too."""
        static = self._static(locations)
        found = static
        if static:
            match = static.pattern.match
            if match is Match.EXACT:
                self.way.append(f"`{static.pattern.text}` is the path itself")
                return static, True
            if self.redirects(static):
                self.way.append(f"`{static.pattern.text}` is the path with a `/`: nginx redirects")
                return static, True
            self.way.append(f"`{static.pattern.text}` is the longest prefix")
            nested, final = self.level(static.nested)
            found = nested or static
            if final:
                return found, True
            if match is Match.PREFIX_FINAL:
                return found, False
        for location in locations:
            if location.pattern.match in REGULAR and self._matches(location):
                self.way.append(f"`{location.pattern.text}` is the first regular expression that matches")
                return self.level(location.nested)[0] or location, True
        return found, False

    def redirects(self, location: Location) -> bool:
        """The path lacks only the `/` at the end of a location with a pass."""
        if location.pattern.match in REGULAR or location.pattern.body != self.path + "/":
            return False
        return any(name in PASSES for name in location.block.directives)

    def _static(self, locations: Sequence[Location]) -> Location | None:
        best: Location | None = None
        slashed: Location | None = None
        for location in locations:
            pattern = location.pattern
            if pattern.match in (Match.PREFIX, Match.PREFIX_FINAL) and self.path.startswith(pattern.body):
                if best is None or len(pattern.body) > len(best.pattern.body):
                    best = location
            elif pattern.match is Match.EXACT and pattern.body == self.path:
                return location
            elif self.redirects(location):
                slashed = location
        if slashed and (best is None or best.pattern.body != self.path):
            return slashed
        return best

    def _matches(self, location: Location) -> bool:
        pattern = location.pattern
        found = search(pattern.body, self.path, any_case=pattern.match is Match.REGEX_ANY_CASE)
        if found is None:
            self.unsure.append(pattern.text)
        return bool(found)


def internal_target(server: Server, uri: str) -> Location | None:
    """Where an internal redirect to `uri` (`@name`, `/path?query`) ends; None if it is not known."""
    if uri.startswith("@"):
        return next((location for location in server.locations if location.pattern.text == uri), None)
    path = uri.partition("?")[0].partition("$is_args")[0].partition("$args")[0]
    if not path.startswith("/") or "$" in path:
        return None
    choice = choose_location(server.locations, normalise(path))
    return None if choice.unsure else choice.location


def all_locations(server: Server) -> Iterator[Location]:
    """Every location of a server, outer ones first."""
    for location in server.locations:
        yield from location.walk()

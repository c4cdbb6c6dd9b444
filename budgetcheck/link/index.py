"""Hops by what they can be addressed by: names, sockets, ports, host names."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Generic, TypeVar

from budgetcheck.model.topology import Hop, Layer, Target
from budgetcheck.paths import host_matches

_Key = TypeVar("_Key")

INTERNAL_SUFFIXES = (".local", ".internal", ".svc", ".cluster.local", ".localhost", ".lan", ".docker")
"""Of names that only mean something inside of a network."""
_PROXY_FOLDERS = {
    "conf.d",
    "sites-enabled",
    "sites-available",
    "http.d",
    "snippets",
    "templates",
    "includes",
    "conf-enabled",
    "extra",
    "vhosts",
    "vhosts.d",
}
_BY_FILES = ("nginx", "apache")


def unit(hop: Hop) -> str:
    """The process a hop belongs to: all servers and locations of one nginx or httpd are one unit."""
    if hop.component not in _BY_FILES:
        return hop.address
    container = hop.trait("container")
    return f"{hop.component} in {container}" if container else _proxy_unit(hop.component, hop.span.file)


@lru_cache(maxsize=1_024)
def _proxy_unit(component: str, file: str) -> str:
    folders = list(PurePosixPath(file).parts[:-1])
    while folders and folders[-1] in _PROXY_FOLDERS:
        folders.pop()
    return f"{component} in {'/'.join(folders) or '.'}"


def is_presumed(hop: Hop) -> bool:
    """A service of which only the name is known: it can be named, but is nobody's guess."""
    return hop.trait("presumed") == "yes"


class Units(Generic[_Key]):
    """Hops by something they can be addressed by, and by unit: a hop never means its own one."""

    def __init__(self) -> None:
        self._found: dict[_Key, dict[str, list[Hop]]] = {}

    def add(self, key: _Key, hop: Hop) -> None:
        """The hop can be addressed by this."""
        self._found.setdefault(key, {}).setdefault(unit(hop), []).append(hop)

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._found)

    def elsewhere(self, key: _Key, own: str) -> Iterator[Hop]:
        """The hops of all units but one."""
        for name, hops in self._found.get(key, {}).items():
            if name != own:
                yield from hops


class Index:
    """Hops by what they can be addressed by; keeps matching linear in the number of hops."""

    def __init__(self, hops: Sequence[Hop]) -> None:
        self.names: Units[str] = Units()
        self.sockets: Units[str] = Units()
        self.ports: Units[int] = Units()
        self.published: Units[int] = Units()
        self.hosts: Units[str] = Units()
        self.layers: dict[Layer, list[Hop]] = defaultdict(list)
        self._patterns: dict[str, tuple[str, ...]] = {}
        for hop in hops:
            self.layers[hop.layer].append(hop)
            for name in hop.front.names:
                self.names.add(name.lower(), hop)
            for socket in hop.front.sockets:
                self.sockets.add(socket, hop)
            for port in () if is_presumed(hop) else hop.front.ports or hop.front.default_ports:
                self.ports.add(port, hop)
            for port in hop.front.published:
                self.published.add(port, hop)
            for host in hop.front.hosts:
                if host not in ("_", "*", ""):
                    self.hosts.add(host.lower(), hop)

    def named(self, target: Target, own: str) -> Iterator[tuple[list[Hop], str]]:
        """Hops that the target names, the strongest kind of name first; none of the unit `own`."""
        if target.socket:
            yield list(self.sockets.elsewhere(target.socket, own)), "unix socket"
        yield [hop for name in written_names(target) for hop in self.names.elsewhere(name, own)], "name"
        asked = [host.lower() for host in (target.host, *target.hosts) if host]
        patterns = [pattern for host in asked for pattern in self._answering(host)]
        yield [hop for pattern in patterns for hop in self.hosts.elsewhere(pattern, own)], "host name"

    def _answering(self, host: str) -> tuple[str, ...]:
        """The host names and patterns that mean a host."""
        if host not in self._patterns:
            self._patterns[host] = tuple(pattern for pattern in self.hosts if host_matches(pattern, host))
        return self._patterns[host]


def written_names(target: Target) -> list[str]:
    """Names a target was written with; an internal name also by its first label (`api.default.svc`)."""
    names = [target.host.lower(), target.group.lower()]
    if target.host.lower().endswith(INTERNAL_SUFFIXES):
        names.append(target.host.lower().split(".")[0])
    return [name for name in dict.fromkeys(names) if name]

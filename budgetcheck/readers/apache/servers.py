"""The servers of a configuration: the main one and its virtual hosts, with what is in force in each.

A virtual host takes over whatever it does not set itself, directive by directive: `ProxyTimeout` of the main
server goes before `Timeout` of the virtual host (measured).
https://httpd.apache.org/docs/2.4/vhosts/details.html
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from budgetcheck.readers.apache.expansion import Statement
from budgetcheck.readers.apache.lexing import is_filled_in

_PORT = re.compile(r":(\d{1,5})$")
_HOST = re.compile(r"[\w*?.-]{1,255}")
_OF_PACKAGE = frozenset({"serverroot", "loadmodule", "pidfile", "defaultruntimedir", "mutex"})


@dataclass(slots=True, kw_only=True, eq=False)
class Server:
    """The main server or a virtual host.

    Attributes:
        statements: what stands in it, in order.
        main: the server that a virtual host inherits from; None for the main server itself.
        names: as written, the `ServerName` first.
        hosts: those of them that restrict what it answers. `ports`: it listens on.
        section: the <VirtualHost>; None for the main server.
    """

    statements: tuple[Statement, ...]
    main: "Server | None" = None
    names: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    section: Statement | None = None
    _by_name: dict[str, list[Statement]] = field(default_factory=dict)
    _order: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, one in enumerate(self.statements):
            self._by_name.setdefault(one.name, []).append(one)
            self._order[id(one.node)] = number

    @property
    def label(self) -> str:
        """What it is called in addresses."""
        return next(iter(self.names), "_")

    def own(self, name: str) -> list[Statement]:
        """The directives of that name directly in it, in order."""
        return self._by_name.get(name, [])

    def in_force(self, name: str) -> tuple[list[Statement], bool]:
        """The directives of that name that count, and whether they are inherited."""
        own = [one for one in self.own(name) if one.args]
        if own or self.main is None:
            return own, False
        return [one for one in self.main.own(name) if one.args], True

    def place_of(self, statement: Statement) -> int | None:
        """The number of a statement directly in it; None of others."""
        return self._order.get(id(statement.node))


def read_servers(statements: Sequence[Statement]) -> list[Server]:
    """The virtual hosts in order; the main server alone where there are none."""
    main = Server(
        statements=tuple(one for one in statements if one.name != "virtualhost"),
        names=_names(statements),
        hosts=(),
        ports=tuple(_listens(statements)),
    )
    found = [_virtual_host(one, main) for one in statements if one.name == "virtualhost"]
    return found or [main]


def is_main(statements: Sequence[Statement]) -> bool:
    """The configuration begins with the main file: what it leaves out has httpd's own defaults."""
    return any(one.name in _OF_PACKAGE for one in statements)


def _virtual_host(section: Statement, main: Server) -> Server:
    names = _names(section.body or ())
    hosts = tuple(dict.fromkeys(_host(name) for name in names if _host(name)))
    ports = tuple(dict.fromkeys(port for arg in section.args for port in _port(arg)))
    return Server(
        statements=section.body or (),
        main=main,
        names=names,
        hosts=hosts,
        ports=ports or main.ports,
        section=section,
    )


def _names(statements: Sequence[Statement]) -> tuple[str, ...]:
    first = [one.args[0] for one in statements if one.name == "servername" and one.args][-1:]
    more = [arg for one in statements if one.name == "serveralias" for arg in one.args]
    plain = [re.sub(r"^\w+://", "", name) for name in (*first, *more)]
    return tuple(dict.fromkeys(_PORT.sub("", name).rstrip("/") for name in plain if name))


def _host(name: str) -> str:
    """The name where callers may ask for it: `localhost` and `web` are what a server calls itself."""
    lowered = name.lower()
    if is_filled_in(name) or not _HOST.fullmatch(name) or "." not in name:
        return ""
    return lowered


def _listens(statements: Sequence[Statement]) -> Iterator[int]:
    seen: set[int] = set()
    for one in statements:
        if one.name == "listen" and one.args:
            for port in _port(one.args[0] if ":" in one.args[0] else f":{one.args[0]}"):
                if port not in seen:
                    seen.add(port)
                    yield port


def _port(address: str) -> Iterator[int]:
    match = _PORT.search(address)
    if match and 0 < int(match[1]) < 65_536:
        yield int(match[1])

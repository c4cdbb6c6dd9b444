"""Which location answers one request: what `budgetcheck route HOST/PATH` asks of nginx files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from budgetcheck.model.span import Span
from budgetcheck.readers.nginx.addresses import Address
from budgetcheck.readers.nginx.places import Place, Site
from budgetcheck.readers.nginx.routing import (
    Choice,
    choose_location,
    choose_servers,
    names_host,
    normalise,
)
from budgetcheck.readers.nginx.sequences import ServerFlow
from budgetcheck.readers.nginx.servers import NAMELESS, Server


class ServerChoice(Enum):
    """Why a server answers a host."""

    NAMED = "named"
    """The host is one of its names."""
    DEFAULT = "default"
    """No server of the port has the name, and this one is its `default_server`."""
    FIRST = "first"
    """No server of the port has the name or is the default, and this one comes first in these files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The answer for one server.

    Attributes:
        server: its name as in addresses.
        location: the location as written; empty where none matches.
        address: of the declaration that serves the request, empty where nginx answers by itself. A location
            that hands over to another one (`try_files ... @app`) has that one's address.
        span: where the location, or the server, stands.
        way: how the location was chosen, step by step.
        redirects: nginx answers 301 to the path with a `/` at its end.
        unsure: regular expressions that may come first but could not be evaluated.
        choice: why this server answers.
        names: the names that restrict which hosts the server is for; none where it is for all.
        ports: where it listens; none for a fragment, whose server is not known.
    """

    server: str
    location: str
    address: str
    span: Span
    way: tuple[str, ...]
    redirects: bool
    unsure: tuple[str, ...]
    choice: ServerChoice
    names: tuple[str, ...]
    ports: tuple[int, ...]

    @property
    def named(self) -> bool:
        """The host is one of the server's names."""
        return self.choice is ServerChoice.NAMED

    @property
    def meant(self) -> bool:
        """The server is for that host or for any: not just the first one that nginx has for a stranger."""
        return self.choice is not ServerChoice.FIRST or not self.names

    @property
    def reason(self) -> str:
        """Why the server answers, in words."""
        match self.choice:
            case ServerChoice.NAMED:
                return "the host is a name of the server"
            case ServerChoice.DEFAULT:
                return "no server has that name: this one is the default server of its port"
            case ServerChoice.FIRST if self.ports:
                return "no server has that name: this one is the first of its port"
            case ServerChoice.FIRST:
                return "which server it belongs to is not in these files"


def locate_in(
    site: Site, addresses: Mapping[Place, Address], host: str, path: str, port: int
) -> Iterator[Located]:
    """The answers of one site: one for each port that has a server, where no port is given."""
    wanted = normalise(path)
    for server in choose_servers(site.servers, host, port):
        choice = choose_location(server.locations, wanted)
        place = _place(site, server, choice)
        location = choice.location
        yield Located(
            server=server.label,
            location=location.pattern.text if location else "",
            address=addresses[place].id if place else "",
            span=location.block.span if location else server.block.span,
            way=choice.way,
            redirects=choice.redirects,
            unsure=choice.unsure,
            choice=_server_choice(server, host, port),
            names=tuple(name for name in server.names if name != NAMELESS),
            ports=server.ports,
        )


def _server_choice(server: Server, host: str, port: int) -> ServerChoice:
    if names_host(server, host):
        return ServerChoice.NAMED
    marked = any(listen.default and port in (0, listen.port) for listen in server.listens)
    return ServerChoice.DEFAULT if marked else ServerChoice.FIRST


def _place(site: Site, server: Server, choice: Choice) -> Place | None:
    places = site.of_server(server)
    if choice.location is None:
        return None
    direct = next((place for place in places if place.location is choice.location), None)
    return direct or ServerFlow(server, places).handed_over(choice.location)

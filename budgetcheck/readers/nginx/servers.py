"""Virtual servers and their locations, as nginx would look them up."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from budgetcheck.readers.nginx.context import Block
from budgetcheck.readers.nginx.directives import Kind
from budgetcheck.readers.nginx.patterns import Pattern, read_pattern
from budgetcheck.readers.nginx.templates import expression_in

_LISTEN = re.compile(r"(?:(?:\[[^\]]*\]|[^:\[\]]+):)?(\d{1,5})(?:-(\d{1,5}))?")
_MOST_PORTS = 64
_NAME = re.compile(r"\.?[\w*.-]+")
_LONGEST_NAME = 255
NAMELESS = "_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """One address a server listens on; `port` 0 for a socket or an unknown one."""

    port: int = 0
    socket: str = ""
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Location:
    """One location with those nested in it."""

    block: Block
    pattern: Pattern
    nested: tuple["Location", ...] = ()

    def walk(self) -> Iterator["Location"]:
        """This location and all below it."""
        yield self
        for location in self.nested:
            yield from location.walk()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Server:
    """A `server` block, or the locations of a fragment that some server includes.

    Attributes:
        names: as written, without quotes; empty where it has none.
        listens: empty for a fragment, whose server is not known.
        ports, sockets: the ports and unix sockets it listens on, in order.
        hosts: host names it answers, `.example.com` spelled out; empty where no name restricts it.
        stream: it belongs to the stream module.
    """

    block: Block
    names: tuple[str, ...] = ()
    listens: tuple[Listen, ...] = ()
    ports: tuple[int, ...] = ()
    sockets: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()
    stream: bool = False

    @property
    def label(self) -> str:
        """What it is called in addresses: its first name."""
        if self.stream:
            where = (*map(str, self.ports), *(f"unix:{path}" for path in self.sockets), NAMELESS)
            return f"stream:{where[0]}"
        return next(iter(self.names), NAMELESS)


def read_servers(level: Block) -> list[Server]:
    """The servers directly in an `http` block, a `stream` block or a fragment, in order."""
    servers = [
        _read_server(block, stream=block.kind is Kind.STREAM_SERVER)
        for block in level.of_kind(Kind.SERVER, Kind.STREAM_SERVER)
    ]
    locations = read_locations(level)
    return [*servers, Server(block=level, locations=locations)] if locations else servers


def read_locations(block: Block) -> tuple[Location, ...]:
    """The locations directly in a block, in order, each with those nested in it."""
    return tuple(
        Location(block=child, pattern=read_pattern(child.args), nested=read_locations(child))
        for child in block.of_kind(Kind.LOCATION)
    )


def _read_server(block: Block, *, stream: bool) -> Server:
    names = [name for placed in block.directives.get("server_name", ()) for name in placed.args if name]
    listens = [listen for placed in block.directives.get("listen", ()) for listen in read_listen(placed.args)]
    if not listens and not stream and "listen" not in block.directives:
        listens = [Listen(port=80)]
    return Server(
        block=block,
        names=tuple(dict.fromkeys(names)),
        listens=tuple(listens),
        ports=tuple(dict.fromkeys(listen.port for listen in listens if listen.port)),
        sockets=tuple(dict.fromkeys(listen.socket for listen in listens if listen.socket)),
        hosts=tuple(dict.fromkeys(host for name in names for host in _hosts(name))),
        locations=() if stream else read_locations(block),
        stream=stream,
    )


def read_listen(args: Sequence[str]) -> Iterator[Listen]:
    """What a `listen` names: `80`, `[::]:443`, `127.0.0.1`, `unix:/run/x.sock`, a range of ports."""
    address = args[0] if args else ""
    default = "default_server" in args[1:] or "default" in args[1:]
    if address.startswith("unix:"):
        yield Listen(socket=address.removeprefix("unix:"), default=default)
    elif match := _LISTEN.fullmatch(address):
        first, last = int(match[1]), int(match[2] or match[1])
        for port in range(first, min(last, first + _MOST_PORTS) + 1):
            yield Listen(port=port, default=default)
    elif (
        address and not expression_in(address) and ":" not in address.partition("]")[2] and "$" not in address
    ):
        yield Listen(port=80, default=default)  # an address without a port


def _hosts(name: str) -> Iterator[str]:
    lowered = name.lower()
    if lowered == NAMELESS or expression_in(name) or len(name) > _LONGEST_NAME:
        return
    if name.startswith("~"):
        # a regular expression whose end is literal is a wildcard for our purpose
        tail = re.search(r"((?:\\\.[\w-]+){2,})\$$", name)
        if tail:
            yield "*" + tail[1].replace("\\", "").lower()
    elif lowered.startswith("."):
        yield from (lowered[1:], "*" + lowered)
    elif _NAME.fullmatch(name):
        yield lowered

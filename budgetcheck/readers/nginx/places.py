"""The places that pass requests on: locations and stream servers, with what is in force there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from budgetcheck.model.settings import Problem, ProblemKind
from budgetcheck.readers.nginx.context import Block
from budgetcheck.readers.nginx.directives import PASSES, SETTINGS, STREAM_SETTINGS, Kind
from budgetcheck.readers.nginx.expansion import Placed
from budgetcheck.readers.nginx.in_force import NOTHING, InForce, enter, pass_on
from budgetcheck.readers.nginx.patterns import REGULAR, Match, Pattern
from budgetcheck.readers.nginx.servers import Location, Server, read_servers
from budgetcheck.readers.nginx.syntax import Statement
from budgetcheck.readers.nginx.upstreams import Upstream, read_upstream
from budgetcheck.readers.nginx.variables import read_maps

STREAM = "stream"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pass:
    """One `*_pass`: its statement, its family, and whether it stands in the location itself."""

    placed: Placed
    family: str
    direct: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """One location (or stream server) with at least one pass.

    Attributes:
        location: None for a server of the stream module.
        chain: the blocks around it and its own, innermost first.
        passes: its own first, then those of `if` and `limit_except` blocks in it.
    """

    site: "Site"
    server: Server
    location: Location | None
    chain: tuple[Block, ...]
    in_force: InForce
    passes: tuple[Pass, ...]

    @property
    def block(self) -> Block:
        """The block of the location or server."""
        return self.chain[0]

    @property
    def pattern(self) -> Pattern | None:
        """The location's pattern."""
        return self.location.pattern if self.location else None

    @property
    def text(self) -> str:
        """The location as written; `/` for a stream server."""
        return self.location.pattern.text if self.location else "/"

    @property
    def family(self) -> str:
        """The family of its passes; `stream` in the stream module."""
        return STREAM if self.server.stream else self.passes[0].family

    @property
    def origin(self) -> tuple[int, int]:
        """Which statements of the files it is: those of its server and of its location."""
        return (id(_statement(self.server.block)), id(_statement(self.block)))

    def nearest(self, name: str) -> list[Placed]:
        """The statements of that name in the innermost block that has any: lists are inherited whole."""
        return next((block.directives[name] for block in self.chain if name in block.directives), [])


@dataclass(slots=True, kw_only=True, eq=False)
class Site:
    """One `http` or `stream` level: what its servers share.

    Attributes:
        file: name of the configuration's first file.
        folder: where that file lies, as a key.
        standalone: the level is that of a fragment; further groups may stand in other fragments.
    """

    file: str
    folder: str
    standalone: bool
    level: Block
    upstreams: dict[str, Upstream]
    maps: dict[str, tuple[str, ...]]
    servers: list[Server] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    def of_server(self, server: Server) -> list[Place]:
        """The places of one server, outer locations first."""
        return [place for place in self.places if place.server is server]


def _statement(block: Block) -> Statement | None:
    return block.opener.statement if block.opener else None


def read_sites(
    root: Block, *, file: str, folder: str, counts: Mapping[str, int], problems: list[Problem]
) -> Iterator[Site]:
    """The levels of one configuration that hold servers."""
    levels = root.of_kind(Kind.HTTP, Kind.STREAM)
    standalone = root.kind is Kind.FRAGMENT
    for level in (root, *levels) if standalone else levels:
        upstreams = [read_upstream(block, counts, problems) for block in level.of_kind(Kind.UPSTREAM)]
        site = Site(
            file=file,
            folder=folder,
            standalone=standalone,
            level=level,
            upstreams={upstream.name.lower(): upstream for upstream in upstreams},
            maps=read_maps((level,)),
            servers=read_servers(level),
        )
        around = (level,) if level is root else (level, root)
        for server in site.servers:
            site.places += _places(site, server, around, problems)
        if not site.servers:  # a snippet of bare directives is still checked
            _enter_all(around, SETTINGS, problems)
        yield site


def _enter_all(chain: Sequence[Block], names: Mapping[str, object], problems: list[Problem]) -> InForce:
    in_force = NOTHING
    for block in reversed(chain):
        in_force = enter(pass_on(in_force), block, names, problems)
    return in_force


def _places(
    site: Site, server: Server, around: tuple[Block, ...], problems: list[Problem]
) -> Iterator[Place]:
    # the locations of a fragment stand directly at its top level
    chain = around if server.block in around else (server.block, *around)
    if server.stream:
        passes = _passes(server.block, problems)
        in_force = _enter_all(chain, STREAM_SETTINGS, problems)
        if passes:
            yield Place(
                site=site, server=server, location=None, chain=chain, in_force=in_force, passes=passes
            )
        return
    in_force = pass_on(_enter_all(chain, SETTINGS, problems))
    _check_duplicates(server.locations, problems)
    for location in server.locations:
        yield from _below(site, server, location, chain, in_force, problems)


def _below(
    site: Site,
    server: Server,
    location: Location,
    around: tuple[Block, ...],
    outside: InForce,
    problems: list[Problem],
) -> Iterator[Place]:
    in_force = enter(outside, location.block, SETTINGS, problems)
    chain = (location.block, *around)
    passes = _passes(location.block, problems)
    if passes:
        yield Place(
            site=site, server=server, location=location, chain=chain, in_force=in_force, passes=passes
        )
    if location.nested:
        _check_duplicates(location.nested, problems)
        inherited = pass_on(in_force)
        for nested in location.nested:
            yield from _below(site, server, nested, chain, inherited, problems)


def _passes(block: Block, problems: list[Problem]) -> tuple[Pass, ...]:
    """The passes in force: of several families in one location the last one written takes the requests."""
    own = [
        Pass(placed=placed, family=PASSES[name], direct=True)
        for name, written in block.directives.items()
        if name in PASSES
        for placed in written
        if placed.args
    ]
    if len(own) > 1 and all(one.placed.branch in (None, block.branch) for one in own):
        _check_twice(own, problems)
        own = own[-1:]
    if not block.children:
        return tuple(own)
    inner = [
        Pass(placed=placed, family=PASSES[name], direct=False)
        for child in block.of_kind(Kind.IF, Kind.LIMIT_EXCEPT)
        for name in child.directives
        if name in PASSES
        for placed in child.directives[name]
        if placed.args
    ]
    return (*own, *inner)


def _check_twice(passes: Sequence[Pass], problems: list[Problem]) -> None:
    for earlier, later in pairwise(passes):
        if earlier.family == later.family:
            span, first = later.placed.statement.span, earlier.placed.statement.span
            text = f"`{later.family}_pass` is written twice in one location, which nginx refuses"
            fix = f"delete this one or the one at {first.place}"
            problems.append(Problem(span=span, text=text, fix=fix, kind=ProblemKind.INVALID))


def _check_duplicates(locations: Sequence[Location], problems: list[Problem]) -> None:
    """The same path twice on one level, which nginx refuses; not under conditions of a template."""
    seen: dict[tuple[bool, str], Location] = {}
    for location in locations:
        match = location.pattern.match
        if match in REGULAR or match is Match.NAMED:  # the first one is used
            continue
        first = seen.setdefault((match is Match.EXACT, location.pattern.body), location)
        if first is not location and not (first.block.branch or location.block.branch):
            problems.append(
                Problem(
                    span=location.block.span,
                    text=f"`location {location.pattern.text}` is written twice, which nginx refuses",
                    fix=f"delete this one or the one at {first.block.span.place}",
                    kind=ProblemKind.INVALID,
                )
            )

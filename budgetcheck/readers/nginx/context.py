"""Blocks in their context: includes spliced in where they stand, contexts checked, nothing inherited yet.

An include is textual, so the same file may belong to many blocks; every placed statement remembers the
include lines it came through. Expansion is bounded, because 20 files of two lines can ask for a million.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from budgetcheck.model.settings import Problem, ProblemKind
from budgetcheck.model.span import Span
from budgetcheck.readers.nginx.directives import (
    BLOCKS,
    CONTEXTS,
    KEPT,
    MAIN_ONLY,
    PLACED,
    STREAM_CONTEXTS,
    UPSTREAM_SETTINGS,
    Kind,
)
from budgetcheck.readers.nginx.lexing import MAX_NESTING
from budgetcheck.readers.nginx.library import Library
from budgetcheck.readers.nginx.syntax import Branch, Statement
from budgetcheck.readers.nginx.templates import expression_in

MAX_INCLUDE_DEPTH = 32
MAX_INCLUDES = 50_000
MAX_STATEMENTS = 500_000
"""Of one configuration, everything included counted as often as it is included."""

_IN_UPSTREAM = frozenset({*UPSTREAM_SETTINGS, "resolver_timeout"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """A statement where it takes effect.

    Attributes:
        via: the include lines it came through, innermost first.
        branch: the innermost template condition around it or around its include.
    """

    statement: Statement
    via: tuple[Span, ...] = ()
    branch: Branch | None = None

    @property
    def args(self) -> tuple[str, ...]:
        """The statement's arguments."""
        return self.statement.args

    @property
    def spans(self) -> tuple[Span, ...]:
        """The statement, then the includes towards it."""
        return (self.statement.span, *self.via)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gap:
    """A place where statements may stand that nobody can see, and why."""

    span: Span
    reason: str
    needs: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """One block with everything that stands directly in it.

    Attributes:
        opener: the statement that opens it; None for the top level.
        directives: by name, in order; for a `map` all entries stand under the empty name.
        children: the blocks in it that matter, in order.
        gaps: where its content is not known.
    """

    kind: Kind
    opener: Placed | None = None
    directives: dict[str, list[Placed]] = field(default_factory=dict)
    children: tuple["Block", ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def args(self) -> tuple[str, ...]:
        """The arguments of the statement that opens it."""
        return self.opener.args if self.opener else ()

    @property
    def span(self) -> Span:
        """Where it is opened."""
        return self.opener.statement.span if self.opener else Span(file="")

    @property
    def branch(self) -> Branch | None:
        """The template condition the whole block stands in."""
        return self.opener.branch if self.opener else None

    def first(self, name: str) -> Placed | None:
        """The first statement of that name directly in the block."""
        found = self.directives.get(name)
        return found[0] if found else None

    def of_kind(self, *kinds: Kind) -> list["Block"]:
        """The child blocks of these kinds, in order."""
        return [child for child in self.children if child.kind in kinds]


def is_main(statements: Sequence[Statement]) -> bool:
    """These are the top level of a main configuration file, not of a fragment."""
    return any(statement.name in MAIN_ONLY for statement in statements)


@dataclass(slots=True)
class Assembler:
    """Builds the block tree of one configuration; `reached` are the files it took in."""

    library: Library
    main: str
    problems: list[Problem] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    _includes: int = 0
    _statements: int = 0
    _exhausted: bool = False

    def assemble(self, keys: Sequence[str]) -> Block:
        """The top level: the given files one after the other, as one include of all of them."""
        statements = [self.library.load(key).statements for key in keys]
        kind = Kind.MAIN if any(map(is_main, statements)) else Kind.FRAGMENT
        self.reached.update(keys)
        content = (
            entry
            for key, top in zip(keys, statements, strict=True)
            for entry in self._expand(top, (), (key,), None)
        )
        return self._block(kind, None, content, 0)

    def _block(
        self, kind: Kind, opener: Placed | None, content: "Iterator[_Entry | Gap]", depth: int
    ) -> Block:
        directives: dict[str, list[Placed]] = {}
        children: list[Block] = []
        gaps: list[Gap] = []
        for entry in content:
            if isinstance(entry, Gap):
                gaps.append(entry)
                continue
            placed, files = entry
            statement = placed.statement
            if kind is Kind.MAP:
                directives.setdefault("", []).append(placed)
            elif not statement.name.isidentifier():
                gaps.append(_template_gap(statement))
            elif statement.block is None:
                if self._allowed(statement, kind):
                    directives.setdefault(statement.name, []).append(placed)
            elif child := self._child(kind, placed, files, depth + 1):
                children.append(child)
        return Block(
            kind=kind, opener=opener, directives=directives, children=tuple(children), gaps=tuple(gaps)
        )

    def _child(self, kind: Kind, placed: Placed, files: tuple[str, ...], depth: int) -> Block | None:
        statement = placed.statement
        inner = BLOCKS.get(kind, {}).get(statement.name)
        if inner is None:
            if statement.name in PLACED and kind is not Kind.MAP:
                self._misplaced(statement, kind)
            return None
        if kind is Kind.FRAGMENT and inner is Kind.SERVER and _is_stream(statement):
            inner = Kind.STREAM_SERVER
        if depth > MAX_NESTING:
            self._problem(
                statement.span, f"blocks are nested more than {MAX_NESTING} deep", "flatten the blocks"
            )
            return None
        content = self._expand(
            statement.block or (), placed.via, files, placed.branch, all_kept=inner is Kind.MAP
        )
        return self._block(inner, placed, content, depth)

    def _allowed(self, statement: Statement, kind: Kind) -> bool:
        """Whether the directive takes effect here; where nginx would refuse it, a problem says so."""
        contexts = _contexts(statement.name, kind)
        if kind is Kind.FRAGMENT or not contexts or kind in contexts:
            return True
        self._misplaced(statement, kind)
        return False

    def _expand(
        self,
        statements: Sequence[Statement],
        via: tuple[Span, ...],
        files: tuple[str, ...],
        branch: Branch | None,
        *,
        all_kept: bool = False,
    ) -> "Iterator[_Entry | Gap]":
        """Statements with includes replaced by what they name; directives nobody reads are left out."""
        for statement in statements:
            self._statements += 1
            if self._statements > MAX_STATEMENTS:
                yield self._exhaust(statement.span, f"more than {MAX_STATEMENTS} statements")
                return
            name = statement.name
            if name == "include" and statement.block is None:
                yield from self._include(statement, via, files, branch, all_kept=all_kept)
            elif name in KEPT or all_kept or statement.block is not None or not name.isidentifier():
                yield Placed(statement=statement, via=via, branch=statement.branch or branch), files

    def _include(
        self,
        statement: Statement,
        via: tuple[Span, ...],
        files: tuple[str, ...],
        branch: Branch | None,
        *,
        all_kept: bool,
    ) -> "Iterator[_Entry | Gap]":
        span = statement.span
        pattern = " ".join(statement.args)
        if expression := expression_in(pattern):
            yield Gap(
                span=span,
                reason=f"`{span.text}` depends on {expression}",
                needs="render the template and check the result",
            )
            return
        if len(statement.args) != 1:
            self._problem(span, "`include` takes one file name", "end it with `;`", kind=ProblemKind.INVALID)
            return
        if len(files) > MAX_INCLUDE_DEPTH or self._includes > MAX_INCLUDES:
            what = (
                f"{MAX_INCLUDE_DEPTH} levels" if len(files) > MAX_INCLUDE_DEPTH else f"{MAX_INCLUDES} files"
            )
            yield self._exhaust(span, f"includes of more than {what}")
            return
        found = self.library.find(pattern, main=self.main, including=files[-1])
        if found.missing and not found.harmless:
            self._problem(span, f"`include {pattern}` {found.missing}", found.fix)
            reason = f"`include {pattern}` {found.missing}, and may set it"
            yield Gap(span=span, reason=reason, needs=found.fix)
        for key in found.keys:
            self._includes += 1
            if key in files:
                self._problem(
                    span,
                    f"`include {pattern}` includes {self.library.name(key)} in itself",
                    "delete the include",
                )
                continue
            self.reached.add(key)
            parsed = self.library.load(key)
            if parsed.refused:
                reason = f"{self.library.name(key)} could not be read, and may set it"
                yield Gap(span=span, reason=reason, needs="make the file readable")
            yield from self._expand(
                parsed.statements, (span, *via), (*files, key), statement.branch or branch, all_kept=all_kept
            )

    def _exhaust(self, span: Span, what: str) -> Gap:
        if not self._exhausted:
            self._exhausted = True
            self._problem(span, f"{what} are not followed", "include less, or check the files one by one")
        return Gap(span=span, reason="the configuration is too large to be followed", needs="include less")

    def _misplaced(self, statement: Statement, kind: Kind) -> None:
        homes = _contexts(statement.name, kind) or {
            home for home, blocks in BLOCKS.items() if statement.name in blocks and home is not Kind.FRAGMENT
        }
        self._problem(
            statement.span,
            f"`{statement.name}` is not allowed directly in `{kind.value}`: nginx refuses the configuration",
            f"move it into {' or '.join(sorted(f'`{home.value}`' for home in homes))}",
            kind=ProblemKind.INVALID,
        )

    def _problem(
        self, span: Span, text: str, fix: str, *, kind: ProblemKind = ProblemKind.UNREADABLE
    ) -> None:
        self.problems.append(Problem(span=span, text=text, fix=fix, kind=kind))


_Entry = tuple[Placed, tuple[str, ...]]
"""A placed statement, and the files from the top to the one it stands in."""


def _contexts(name: str, kind: Kind) -> frozenset[Kind]:
    """Where nginx allows the directive; empty for one that is not checked."""
    if kind is Kind.UPSTREAM and name in _IN_UPSTREAM:
        return frozenset()
    streaming = kind in (Kind.STREAM, Kind.STREAM_SERVER)
    return (STREAM_CONTEXTS if streaming else CONTEXTS).get(name, frozenset())


def _template_gap(statement: Statement) -> Gap:
    expression = expression_in(statement.name)
    return Gap(
        span=statement.span,
        reason=f"the template expression {expression} stands for directives, and may set it",
        needs="render the template and check the result",
    )


def _is_stream(server: Statement) -> bool:
    """A server of the stream module: it passes by itself, without a location and without a URL."""
    inside = {statement.name: statement for statement in server.block or ()}
    passing = inside.get("proxy_pass")
    if passing is None or "location" in inside or "server_name" in inside:
        return False
    return "://" not in " ".join(passing.args)

"""Blocks in their context: what stands directly in each, contexts checked, nothing inherited yet."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from budgetcheck.model.settings import Problem, ProblemKind
from budgetcheck.model.span import Span
from budgetcheck.readers.nginx.directives import (
    BLOCKS,
    CONTEXTS,
    MAIN_ONLY,
    PLACED,
    STREAM_CONTEXTS,
    UPSTREAM_SETTINGS,
    Kind,
)
from budgetcheck.readers.nginx.expansion import Expander, Gap, Placed, Where
from budgetcheck.readers.nginx.lexing import MAX_NESTING
from budgetcheck.readers.nginx.library import Library
from budgetcheck.readers.nginx.syntax import Branch, Statement
from budgetcheck.readers.nginx.templates import expression_in

_IN_UPSTREAM = frozenset({*UPSTREAM_SETTINGS, "resolver_timeout"})


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assembled:
    """One configuration: its top level, every file that belongs to it, and what is wrong with it."""

    root: Block
    reached: frozenset[str]
    problems: tuple[Problem, ...]


def assemble(library: Library, keys: Sequence[str], main: str) -> Assembled:
    """The block tree of the given files one after the other, as if one file included all of them.

    `main` is the main configuration file, which relative includes start from; it need not exist.
    """
    problems: list[Problem] = []
    expander = Expander(library=library, main=main, problems=problems)
    tops = [(key, library.load(key).statements) for key in keys]
    kind = Kind.MAIN if any(is_main(statements) for _, statements in tops) else Kind.FRAGMENT
    content = [entry for key, top in tops for entry in expander.expand(top, Where(files=(key,)))]
    root = _Assembler(expander, problems).block(kind, None, content, 0)
    return Assembled(root=root, reached=frozenset({*keys, *expander.reached}), problems=tuple(problems))


@dataclass(frozen=True, slots=True)
class _Assembler:
    """Builds blocks from expanded statements."""

    expander: Expander
    problems: list[Problem]

    def block(self, kind: Kind, opener: Placed | None, content: Sequence[Placed | Gap], depth: int) -> Block:
        """The block with everything in it."""
        directives: dict[str, list[Placed]] = {}
        children: list[Block] = []
        gaps: list[Gap] = []
        for entry in content:
            if isinstance(entry, Gap):
                gaps.append(entry)
                continue
            statement = entry.statement
            if kind is Kind.MAP:
                directives.setdefault("", []).append(entry)
            elif not statement.name.isidentifier():
                gaps.append(_template_gap(statement))
            elif statement.block is None:
                if self._allowed(statement, kind):
                    directives.setdefault(statement.name, []).append(entry)
            elif child := self._child(kind, entry, depth + 1):
                children.append(child)
        return Block(
            kind=kind, opener=opener, directives=directives, children=tuple(children), gaps=tuple(gaps)
        )

    def _child(self, kind: Kind, placed: Placed, depth: int) -> Block | None:
        statement = placed.statement
        inner = BLOCKS.get(kind, {}).get(statement.name)
        if inner is None:
            if statement.name in PLACED and kind is not Kind.MAP:
                self._misplaced(statement, kind)
            return None
        if kind is Kind.FRAGMENT and inner is Kind.SERVER and _is_stream(statement):
            inner = Kind.STREAM_SERVER
        if depth > MAX_NESTING:
            text = f"blocks are nested more than {MAX_NESTING} deep"
            self.problems.append(Problem(span=statement.span, text=text, fix="flatten the blocks"))
            return None
        where = replace(placed.where, branch=placed.branch) if statement.branch else placed.where
        content = self.expander.expand(statement.block or (), where, all_kept=inner is Kind.MAP)
        return self.block(inner, placed, content, depth)

    def _allowed(self, statement: Statement, kind: Kind) -> bool:
        """Whether the directive takes effect here; where nginx would refuse it, a problem says so."""
        contexts = _contexts(statement.name, kind)
        if kind is Kind.FRAGMENT or not contexts or kind in contexts:
            return True
        self._misplaced(statement, kind)
        return False

    def _misplaced(self, statement: Statement, kind: Kind) -> None:
        homes = _contexts(statement.name, kind) or {
            home for home, blocks in BLOCKS.items() if statement.name in blocks and home is not Kind.FRAGMENT
        }
        text = (
            f"`{statement.name}` is not allowed directly in `{kind.value}`: nginx refuses the configuration"
        )
        fix = f"move it into {' or '.join(sorted(f'`{home.value}`' for home in homes))}"
        self.problems.append(Problem(span=statement.span, text=text, fix=fix, kind=ProblemKind.INVALID))


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

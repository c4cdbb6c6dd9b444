"""Includes spliced in where they stand: nginx reads an include as if its text stood there.

The same file may therefore belong to many blocks, and every placed statement knows the include lines it came
through. Expansion is bounded, because 20 files of two lines each can ask for a million.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from budgetcheck.model.settings import Problem, ProblemKind
from budgetcheck.model.span import Span
from budgetcheck.readers.nginx.directives import KEPT
from budgetcheck.readers.nginx.library import Library
from budgetcheck.readers.nginx.syntax import Branch, Statement
from budgetcheck.readers.nginx.templates import expression_in

MAX_INCLUDE_DEPTH = 32
MAX_INCLUDES = 50_000
MAX_STATEMENTS = 500_000
"""Statements that one configuration includes, counted as often as they are included."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Where:
    """How statements came to stand in a block.

    Attributes:
        files: keys of the files from the main one to the one they are written in.
        via: the include lines between these, innermost first.
        branch: the innermost template condition around the include.
    """

    files: tuple[str, ...]
    via: tuple[Span, ...] = ()
    branch: Branch | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """A statement where it takes effect."""

    statement: Statement
    where: Where

    @property
    def args(self) -> tuple[str, ...]:
        """The statement's arguments."""
        return self.statement.args

    @property
    def branch(self) -> Branch | None:
        """The innermost template condition around it or around its include."""
        return self.statement.branch or self.where.branch

    @property
    def spans(self) -> tuple[Span, ...]:
        """The statement, where its values come from, then the includes towards it."""
        return (self.statement.span, *self.statement.steps, *self.where.via)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gap:
    """A place where statements may stand that nobody can see, and why."""

    span: Span
    reason: str
    needs: str


@dataclass(slots=True)
class Expander:
    """Expands the includes of one configuration; `reached` are the files it took in."""

    library: Library
    main: str
    problems: list[Problem]
    reached: set[str] = field(default_factory=set)
    _includes: int = 0
    _statements: int = 0
    _exhausted: bool = False

    def expand(
        self, statements: Sequence[Statement], where: Where, *, all_kept: bool = False
    ) -> list[Placed | Gap]:
        """Statements with includes replaced by what they name.

        Directives that nobody reads are left out, unless all are to be kept (the entries of a `map`).
        """
        found: list[Placed | Gap] = []
        self._expand(statements, where, found, all_kept=all_kept)
        return found

    def _expand(
        self, statements: Sequence[Statement], where: Where, into: list[Placed | Gap], *, all_kept: bool
    ) -> None:
        for statement in statements:
            if where.via:  # the main file's own statements are always read: they are there only once
                self._statements += 1
                if self._statements > MAX_STATEMENTS:
                    into.append(self._exhaust(statement.span, f"more than {MAX_STATEMENTS} statements"))
                    return
            name = statement.name
            if name == "include" and statement.block is None:
                self._include(statement, where, into, all_kept=all_kept)
            elif name in KEPT or all_kept or statement.block is not None or not name.isidentifier():
                into.append(Placed(statement=statement, where=where))

    def _include(
        self, statement: Statement, where: Where, into: list[Placed | Gap], *, all_kept: bool
    ) -> None:
        span = statement.span
        pattern = " ".join(statement.args)
        if expression := expression_in(pattern):
            reason = f"`{span.text}` depends on {expression}, and may set it"
            into.append(Gap(span=span, reason=reason, needs="render the template and check the result"))
            return
        if len(statement.args) != 1:
            self._problem(span, "`include` takes one file name", "end it with `;`", ProblemKind.INVALID)
            return
        if limit := self._limit_reached(where):
            into.append(self._exhaust(span, limit))
            return
        found = self.library.find(pattern, main=self.main, including=where.files[-1])
        if found.missing and not found.harmless:
            self._problem(span, f"`include {pattern}` {found.missing}", found.fix)
            reason = f"`include {pattern}` {found.missing}, and may set it"
            into.append(Gap(span=span, reason=reason, needs=found.fix))
        for key in found.keys:
            self._file(key, statement, where, into, all_kept=all_kept)

    def _file(
        self, key: str, include: Statement, where: Where, into: list[Placed | Gap], *, all_kept: bool
    ) -> None:
        self._includes += 1
        span = include.span
        if key in where.files:
            name = self.library.name(key)
            self._problem(span, f"`{span.text}` includes {name} in itself", "delete the include")
            return
        self.reached.add(key)
        parsed = self.library.load(key)
        if parsed.refused:
            reason = f"{self.library.name(key)} could not be read, and may set it"
            into.append(Gap(span=span, reason=reason, needs="make the file readable"))
        inside = Where(
            files=(*where.files, key), via=(span, *where.via), branch=include.branch or where.branch
        )
        self._expand(parsed.statements, inside, into, all_kept=all_kept)

    def _limit_reached(self, where: Where) -> str:
        if len(where.files) > MAX_INCLUDE_DEPTH:
            return f"includes of more than {MAX_INCLUDE_DEPTH} levels"
        return f"includes of more than {MAX_INCLUDES} files" if self._includes > MAX_INCLUDES else ""

    def _exhaust(self, span: Span, what: str) -> Gap:
        if not self._exhausted:
            self._exhausted = True
            self._problem(span, f"{what} are not followed", "include less, or check the files one by one")
        return Gap(span=span, reason="the configuration is too large to be followed", needs="include less")

    def _problem(self, span: Span, text: str, fix: str, kind: ProblemKind = ProblemKind.UNREADABLE) -> None:
        self.problems.append(Problem(span=span, text=text, fix=fix, kind=kind))

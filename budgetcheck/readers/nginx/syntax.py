"""The syntax tree of one nginx file: statements with their place, nothing about what they mean."""

from dataclasses import dataclass

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span

_MOST_TEXT = 120


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Branch:
    """A condition or a loop of a template; statements inside it may be there or not.

    `arms` is the number of alternatives when exactly one of them is always taken (`if` ... `else`), and 0
    when none may be, or any number (a loop).
    """

    line: int
    arms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Statement:
    """One directive, with `block` for those that open one. Template expressions stand in `args` as written.

    `branch` is the innermost template condition around the statement. Where environment variables were
    filled in, `written` are the arguments as they stand in the file and `steps` the places the values come
    from; `choices` lists several possible values, and `reason` says why there are several or none.
    """

    name: str
    args: tuple[str, ...]
    line: int
    file: str
    block: "tuple[Statement, ...] | None" = None
    branch: Branch | None = None
    written: tuple[str, ...] = ()
    steps: tuple[Span, ...] = ()
    choices: tuple[str, ...] = ()
    reason: str = ""

    @property
    def span(self) -> Span:
        """Where the statement stands, with its text as a reader would recognise it."""
        text = " ".join((self.name, *(self.written or self.args)))
        if len(text) > _MOST_TEXT:
            text = text[: _MOST_TEXT - 3] + "..."
        return Span(file=self.file, line=self.line, text=text)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parsed:
    """One file as far as it could be understood.

    Attributes:
        statements: the top level; empty where the file was refused.
        includes: every `include` in the file, at any depth.
        refused: the file could not be parsed; `problems` says why.
        nginx: something in it is certainly nginx configuration.
    """

    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()
    includes: tuple[Statement, ...] = ()
    refused: bool = False
    nginx: bool = False

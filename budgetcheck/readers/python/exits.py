"""How a piece of code may end, by its syntax alone."""

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

_Statements = Sequence[ast.stmt]
Loop = ast.For | ast.AsyncFor | ast.While
Try = ast.Try | ast.TryStar


@dataclass(frozen=True, slots=True, kw_only=True)
class Exits:
    """The ways some statements may end: at the last of them, or by a jump out of them."""

    through: bool = False
    returns: bool = False
    raises: bool = False
    breaks: bool = False
    again: bool = False

    def __or__(self, other: "Exits") -> "Exits":
        return Exits(
            through=self.through or other.through,
            returns=self.returns or other.returns,
            raises=self.raises or other.raises,
            breaks=self.breaks or other.breaks,
            again=self.again or other.again,
        )

    @property
    def goes_on(self) -> bool:
        """The loop around it may start its next round."""
        return self.through or self.again

    @property
    def ends_well(self) -> bool:
        """The loop around it may be over without a failure."""
        return self.returns or self.breaks


_NEVER = Exits()
_THROUGH = Exits(through=True)


def exits(statements: Iterable[ast.stmt]) -> Exits:
    """The ways that statements may end, in order."""
    result = _THROUGH
    for statement in statements:
        if not result.through:
            break
        result = replace(result, through=False) | _of(statement)
    return result


def passed_over(statements: Iterable[ast.stmt], decided: Callable[[ast.expr], bool | None]) -> set[ast.AST]:
    """Everything in statements that cannot run, by the conditions among them that are decided."""
    found: set[ast.AST] = set()
    ended = False
    for statement in statements:
        if ended:
            found |= set(ast.walk(statement))
        elif isinstance(statement, ast.If) and (holds := decided(statement.test)) is not None:
            taken, other = (statement.body, statement.orelse)[:: 1 if holds else -1]
            found.update(node for inner in other for node in ast.walk(inner))
            ended = not exits(taken).through
    return found


def _of(statement: ast.stmt) -> Exits:
    match statement:
        case ast.Return():
            return Exits(returns=True)
        case ast.Raise():
            return Exits(raises=True)
        case ast.Break():
            return Exits(breaks=True)
        case ast.Continue():
            return Exits(again=True)
        case ast.If(body=body, orelse=orelse):
            return exits(body) | exits(orelse)
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return exits(body)
        case ast.Match(cases=cases):
            return _union([exits(case.body) for case in cases]) | (
                _NEVER if any(_takes_all(case) for case in cases) else _THROUGH
            )
        case ast.For() | ast.AsyncFor() | ast.While():
            return _of_loop(statement)
        case ast.Try() | ast.TryStar():
            return _of_try(statement)
        case _:
            return _THROUGH


def _of_loop(loop: Loop) -> Exits:
    body = exits(loop.body)
    left = replace(body, through=False, breaks=False, again=False)
    ends = body.breaks or not is_endless(loop)
    return (
        left
        | (exits(loop.orelse) if loop.orelse and not is_endless(loop) else _NEVER)
        | Exits(through=ends and (body.breaks or not loop.orelse))
    )


def _of_try(statement: Try) -> Exits:
    body = exits([*statement.body, *statement.orelse])
    if statement.handlers:  # what is raised inside may be caught
        body = replace(body, raises=False)
    result = _union([body, *(exits(handler.body) for handler in statement.handlers)])
    final = exits(statement.finalbody)
    return result | replace(final, through=False) if final.through else final


def is_endless(loop: Loop) -> bool:
    """`while True`: only a jump ends it."""
    return isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant) and bool(loop.test.value)


def _takes_all(case: ast.match_case) -> bool:
    return case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None


def _union(parts: Sequence[Exits]) -> Exits:
    result = _NEVER
    for part in parts:
        result = result | part
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A `try` that a round of a loop runs directly, with what that round does before and after it."""

    attempt: Try
    before: tuple[ast.stmt, ...]
    after: tuple[ast.stmt, ...]


def tries_in(
    body: _Statements, before: tuple[ast.stmt, ...] = (), after: tuple[ast.stmt, ...] = ()
) -> Iterable[Placed]:
    """Every `try` of a round."""
    for index, statement in enumerate(body):
        earlier = (*before, *body[:index])
        later = (*body[index + 1 :], *after)
        match statement:
            case ast.Try() | ast.TryStar():
                yield Placed(attempt=statement, before=earlier, after=later)
                yield from tries_in(statement.body, earlier, (*statement.orelse, *later))
            case ast.With(body=inner) | ast.AsyncWith(body=inner):
                yield from tries_in(inner, earlier, later)
            case ast.If(body=inner, orelse=other):
                yield from tries_in(inner, earlier, later)
                yield from tries_in(other, earlier, later)
            case _:
                continue

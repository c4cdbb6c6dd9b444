"""Loops that try again what has failed, by their syntax: how many rounds, after which failures, which pauses.

A loop is one if a failure inside `try` leads to its next round and success ends it. A loop that goes on after
success works through a collection, and one that only looks for a state polls.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from budgetcheck.readers.python.exits import Loop, exits, is_endless, tries_in

_SIDES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
    ast.Eq: ast.Eq,
}


_NOBODY_KNOWS = "<rounds>"
"""A name that no program has: a number of rounds that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A variable that counts rounds: its name, its value in the first round, and what is added each time."""

    name: str
    first: ast.expr
    step: ast.expr


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLoop:
    """A loop that tries again.

    Attributes:
        attempts: how many rounds at most, as an expression; None where nothing ends it but success.
        caught: exceptions after which the next round starts; None among them for a bare `except`.
        body: what is tried, the statements of `try`.
        before: what a round does before it tries.
        failing: what runs between a failure and the next round, for each of the handlers.
        starts: what variables hold in the first round. `variable`: that of `for`, empty for `while`.
    """

    attempts: ast.expr | None
    caught: tuple[ast.expr | None, ...]
    body: tuple[ast.stmt, ...]
    before: tuple[ast.stmt, ...]
    failing: tuple[tuple[ast.stmt, ...], ...]
    starts: tuple[tuple[str, ast.expr], ...]
    variable: str = ""


def retry_loop(loop: Loop, function: ast.AST) -> RetryLoop | None:
    """The loop as one that tries again; None where it is none."""
    counted = _range(loop)
    if isinstance(loop, ast.For | ast.AsyncFor) and counted is None and not _is_endless_for(loop):
        return None
    for placed in tries_in(loop.body):
        attempt, after = placed.attempt, placed.after
        again = [
            handler
            for handler in attempt.handlers
            if exits([*handler.body, *after]).goes_on and not _flag_ends(loop, [*handler.body, *after])
        ]
        well = exits([*attempt.body, *attempt.orelse, *after])
        if not again or not (well.ends_well or _flag_ends(loop, [*attempt.body, *attempt.orelse])):
            continue
        counts = tuple(step for step in attempt.body if isinstance(step, ast.AugAssign))
        failing = tuple((*handler.body, *after) for handler in again)
        attempts = counted or _guard(loop, tuple(_counters(loop, function)), failing)
        if attempts is None and _is_watched(loop, function):
            return None
        return RetryLoop(
            attempts=attempts,
            caught=tuple(handler.type for handler in again),
            body=tuple(attempt.body),
            before=(*placed.before, *counts),
            failing=failing,
            starts=tuple(_starts(loop, function)),
            variable=_variable(loop),
        )
    return None


def _is_watched(loop: Loop, function: ast.AST) -> bool:
    """Somebody sits before it and ends it with Ctrl+C: the program waits as long as that person likes."""
    return any(
        loop in ast.walk(attempt) or attempt in ast.walk(loop)
        for attempt in ast.walk(function)
        if isinstance(attempt, ast.Try | ast.TryStar) and any(map(_ends_by_hand, attempt.handlers))
    )


def _ends_by_hand(handler: ast.ExceptHandler) -> bool:
    """`except KeyboardInterrupt:` with an end of its own; one that only raises it again says nothing."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    by_hand = any(isinstance(one, ast.Name) and one.id == "KeyboardInterrupt" for one in caught)
    ways = exits(handler.body)
    return by_hand and (ways.through or ways.ends_well)


def _variable(loop: Loop) -> str:
    if isinstance(loop, ast.While) or not isinstance(loop.target, ast.Name):
        return ""
    return loop.target.id


def _starts(loop: Loop, function: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Variables that the loop changes, with what they hold when it begins."""
    if isinstance(loop, ast.For | ast.AsyncFor) and (name := _variable(loop)):
        arguments = loop.iter.args if isinstance(loop.iter, ast.Call) else []
        counted = len(arguments) == 2 or (arguments and _is_endless_for(loop))
        yield name, arguments[0] if counted else _at(ast.Constant(value=0), loop.iter)
    changed = {
        target.id
        for node in ast.walk(loop)
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
        for target in _targets(node)
        if isinstance(target, ast.Name)
    }
    for name in sorted(changed):
        start = _first(name, loop, function)
        if start is not None:
            yield name, start


def _range(loop: Loop) -> ast.expr | None:
    """The number of rounds of `for x in range(...)`."""
    if isinstance(loop, ast.While) or not _is_call(loop.iter, "range"):
        return None
    arguments = loop.iter.args if isinstance(loop.iter, ast.Call) else []
    match arguments:
        case [stop]:
            return stop
        case [start, stop]:
            return minus(stop, start)
        case _:
            return None


def _is_endless_for(loop: ast.For | ast.AsyncFor) -> bool:
    name = ast.unparse(loop.iter.func) if isinstance(loop.iter, ast.Call) else ""
    return name in ("count", "itertools.count")


def _flag_ends(loop: Loop, tried: Sequence[ast.stmt]) -> bool:
    """`while not done`: what the condition looks at is set where the attempt succeeds."""
    if not isinstance(loop, ast.While) or is_endless(loop):
        return False
    looked_at = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
    flags = {
        target.id
        for statement in tried
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return bool(looked_at & flags)


def _counters(loop: Loop, function: ast.AST) -> Iterator[Counter]:
    if name := _variable(loop):
        yield Counter(name=name, first=dict(_starts(loop, function))[name], step=ast.Constant(value=1))
    for node in ast.walk(loop):
        name, step = _step(node)
        start = _first(name, loop, function) if name else None
        if step is not None and start is not None:
            yield Counter(name=name, first=start, step=step)


def _step(node: ast.AST) -> tuple[str, ast.expr | None]:
    """`x += 1`, `x -= 1`, `x = x + 1`: the variable and what is added."""
    match node:
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
            return name, value
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Sub(), value=value):
            return name, ast.UnaryOp(op=ast.USub(), operand=value)
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.BinOp(left=ast.Name(id=other), op=ast.Add(), right=value)
        ) if name == other:
            return name, value
        case _:
            return "", None


def _first(name: str, loop: Loop, function: ast.AST) -> ast.expr | None:
    """What the variable holds before the loop."""
    found = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and node.lineno < loop.lineno
        and any(isinstance(target, ast.Name) and target.id == name for target in _targets(node))
    ]
    return found[-1] if found else None


def _targets(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _guard(loop: Loop, counters: Sequence[Counter], failing: Sequence[Sequence[ast.stmt]]) -> ast.expr | None:
    """The number of rounds that a condition on a counter allows: of the loop, or one that jumps out of it.

    Not known where a failure may set the flag that the loop looks at, under another condition.
    """
    after = [statement for way in failing for statement in way]
    by_name = {counter.name: counter for counter in counters}
    if isinstance(loop, ast.While) and not is_endless(loop):
        for test in _conditions(loop.test):
            rounds = _rounds_while(test, by_name)
            if rounds is not None:
                return _at(rounds, loop.test)
    counted_first = _counted_before(loop, after)
    for node in (node for statement in (*loop.body, *after) for node in ast.walk(statement)):
        if isinstance(node, ast.If) and (not exits(node.body).goes_on or _flag_ends(loop, node.body)):
            for test in _conditions(node.test):
                rounds = _rounds_until(test, by_name, counted_first)
                if rounds is not None:
                    return _at(rounds, node.test)
    inside = [node for statement in after for node in ast.walk(statement) if isinstance(node, ast.stmt)]
    return _at(ast.Name(id=_NOBODY_KNOWS, ctx=ast.Load()), loop.body[0]) if _flag_ends(loop, inside) else None


def _conditions(test: ast.expr) -> list[ast.expr]:
    return test.values if isinstance(test, ast.BoolOp) else [test]


def _compared(
    test: ast.expr, counters: dict[str, Counter]
) -> tuple[Counter, type[ast.cmpop], ast.expr] | None:
    """The counter, the comparison as seen from it, and what it is compared with."""
    match test:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            if isinstance(left, ast.Name) and left.id in counters:
                return counters[left.id], type(op), right
            if isinstance(right, ast.Name) and right.id in counters and type(op) in _SIDES:
                return counters[right.id], _SIDES[type(op)], left
        case ast.Name(id=name) if name in counters:
            return counters[name], ast.Gt, ast.Constant(value=0)
        case _:
            return None
    return None


def _rounds_while(test: ast.expr, counters: dict[str, Counter]) -> ast.expr | None:
    """Rounds of `while x < n`, `while x > 0`."""
    found = _compared(test, counters)
    if found is None:
        return None
    counter, op, other = found
    down = isinstance(counter.step, ast.UnaryOp)
    distance = minus(counter.first, other) if down else minus(other, counter.first)
    if op in ((ast.Gt,) if down else (ast.Lt,)) or op is ast.NotEq:
        return distance
    return plus_one(distance) if op in ((ast.GtE,) if down else (ast.LtE,)) else None


def _rounds_until(test: ast.expr, counters: dict[str, Counter], counted_first: set[str]) -> ast.expr | None:
    """Rounds until `if x >= n: raise`; the counter may have been increased before it is looked at."""
    found = _compared(test, counters)
    if found is None:
        return None
    counter, op, other = found
    down = isinstance(counter.step, ast.UnaryOp)
    distance = minus(counter.first, other) if down else minus(other, counter.first)
    if op in ((ast.Lt,) if down else (ast.Gt,)):
        distance = plus_one(distance)
    elif op not in ((ast.LtE, ast.Eq) if down else (ast.GtE, ast.Eq)):
        return None
    return distance if counter.name in counted_first else plus_one(distance)


def _counted_before(loop: Loop, after: Sequence[ast.stmt]) -> set[str]:
    """Counters that are increased before the first condition on them in a round."""
    found: set[str] = set()
    looked_at: set[str] = set()
    seen: set[int] = set()
    for statement in (*loop.body, *after):
        for node in _in_source_order(statement):
            if id(node) in seen:
                continue
            seen.add(id(node))
            name, _ = _step(node)
            if name and name not in looked_at:
                found.add(name)
            if isinstance(node, ast.If):
                looked_at |= {inner.id for inner in ast.walk(node.test) if isinstance(inner, ast.Name)}
    return found


def _in_source_order(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _in_source_order(child)


def minus(left: ast.expr, right: ast.expr) -> ast.expr:
    """`left - right` in the place of `left`."""
    if isinstance(right, ast.Constant) and right.value == 0:
        return left
    return _at(ast.BinOp(left=left, op=ast.Sub(), right=right), left)


def plus_one(value: ast.expr) -> ast.expr:
    """`value + 1` in the place of `value`."""
    return _at(ast.BinOp(left=value, op=ast.Add(), right=ast.Constant(value=1)), value)


def _at(made: ast.expr, place: ast.expr | ast.stmt) -> ast.expr:
    """Gives what was put together a place in the file."""
    if hasattr(made, "lineno"):
        return made
    return ast.fix_missing_locations(ast.copy_location(made, place))


def _is_call(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name

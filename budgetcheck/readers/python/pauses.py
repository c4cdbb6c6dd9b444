"""The pauses of a loop that tries again: its rounds are gone through with numbers, to see how they grow."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from budgetcheck.readers.python.retry_loops import RetryLoop

_ROUNDS = 12
"""Rounds that are gone through: enough to see a growth reach its cap."""
_MOST_STEPS = 500
_LARGEST = Fraction(10**12)

Lookup = Callable[[ast.expr], Fraction | None]
"""What an expression outside the loop stands for, where that is a number."""
IsSleep = Callable[[ast.Call], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Pauses of min(most, first x factor^(k-1)) + jitter before retry k, in seconds."""

    first: Fraction = Fraction(0)
    factor: Fraction = Fraction(1)
    most: Fraction | None = None
    jitter: Fraction = Fraction(0)


class _UnreadError(Exception):
    """A pause that is not a number as far as the loop says."""


def growth(loop: RetryLoop, rounds: int | None, lookup: Lookup, is_sleep: IsSleep) -> Growth | None:
    """The growth of the pauses between `rounds` attempts (None for no end); None where it cannot be read."""
    retries = _ROUNDS if rounds is None else min(max(rounds - 1, 0), _ROUNDS)
    if retries == 0:
        return Growth()
    try:
        longest = _series(loop, retries, lookup, is_sleep, jitter=True)
        shortest = _series(loop, retries, lookup, is_sleep, jitter=False)
    except _UnreadError:
        return None
    spread = {high - low for high, low in zip(longest, shortest, strict=True)}
    if len(spread) == 1 and shortest[0] > 0:  # the same added each time
        return _fitted(shortest, spread.pop())
    return _fitted(longest, Fraction(0))


def _fitted(pauses: Sequence[Fraction], jitter: Fraction) -> Growth | None:
    first = pauses[0]
    if all(pause == first for pause in pauses):
        return Growth(first=first, jitter=jitter)
    if first <= 0 or any(later < earlier for earlier, later in pairwise(pauses)):
        return None
    factor = pauses[1] / first
    most = max(pauses) if len(pauses) > 2 and pauses[-1] == pauses[-2] else None
    if most is not None and pauses[1] == most:  # capped at once: any growth will do
        return Growth(first=first, factor=factor, most=most, jitter=jitter)
    expected = first
    for pause in pauses:
        if pause != (expected if most is None else min(most, expected)):
            return None
        expected *= factor
    return Growth(first=first, factor=factor, most=most, jitter=jitter)


def _series(
    loop: RetryLoop, retries: int, lookup: Lookup, is_sleep: IsSleep, *, jitter: bool
) -> list[Fraction]:
    """The pause before each retry, after the failure with the longest ones."""
    ways = []
    for failing in loop.failing:
        rounds = _Rounds(lookup=lookup, is_sleep=is_sleep, jitter=jitter)
        for name, start in loop.starts:
            rounds.assign(name, rounds.number(start))
        rounds.run(loop.before)
        ways.append([_one_pause(rounds, loop, failing) for _ in range(retries)])
    return max(ways)


def _one_pause(rounds: "_Rounds", loop: RetryLoop, failing: Sequence[ast.stmt]) -> Fraction:
    rounds.slept = Fraction(0)
    rounds.run(failing)
    value = rounds.values.get(loop.variable)
    if value is not None:
        rounds.assign(loop.variable, value + 1)
    rounds.run(loop.before)
    return rounds.slept


@dataclass(slots=True, kw_only=True)
class _Rounds:
    """Goes through the statements between two attempts."""

    lookup: Lookup
    is_sleep: IsSleep
    jitter: bool
    values: dict[str, Fraction | None] = field(default_factory=dict)
    """Variables of the loop; None for what is not a number, which must not be looked up outside either."""
    slept: Fraction = Fraction(0)
    steps: int = 0

    def run(self, statements: Sequence[ast.stmt]) -> bool:
        """Runs statements; false where they end the round."""
        for statement in statements:
            self.steps += 1
            if self.steps > _MOST_STEPS * _ROUNDS:
                raise _UnreadError
            if not self._one(statement):
                return False
        return True

    def _one(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Continue() | ast.Return() | ast.Break() | ast.Raise():
                return False
            case ast.If(test=test, body=body, orelse=orelse):
                return self._branch(test, body, orelse)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._sleeps_in(value)
                self.assign(name, self.number(value))
            case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                left = ast.copy_location(ast.Name(id=name, ctx=ast.Load()), target)
                made = ast.copy_location(ast.BinOp(left=left, op=op, right=value), statement)
                self.assign(name, self.number(made))
            case ast.With(body=body) | ast.AsyncWith(body=body):
                return self.run(body)
            case _:
                self._sleeps_in(statement)
        return True

    def _branch(self, test: ast.expr, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt]) -> bool:
        holds = self._truth(test)
        if holds is not None:
            return self.run(body if holds else orelse)
        # Not known which: the one with the longer pause, and the way on if there is one.
        before, slept = dict(self.values), self.slept
        first = self.run(body)
        first_slept, first_values = self.slept, self.values
        self.values, self.slept = before, slept
        second = self.run(orelse)
        if first and (not second or first_slept > self.slept):
            self.values, self.slept = first_values, first_slept
        return first or second

    def assign(self, name: str, value: Fraction | None) -> None:
        """Sets a variable of the loop."""
        self.values[name] = value

    def _sleeps_in(self, node: ast.AST) -> None:
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and self.is_sleep(call):
                value = self.number(call.args[0]) if call.args else None
                if value is None or value < 0:
                    raise _UnreadError
                self.slept += value

    def _truth(self, test: ast.expr) -> bool | None:
        if not isinstance(test, ast.Compare) or len(test.ops) != 1:
            return None
        left, right = self.number(test.left), self.number(test.comparators[0])
        if left is None or right is None:
            return None
        match test.ops[0]:
            case ast.Lt():
                return left < right
            case ast.LtE():
                return left <= right
            case ast.Gt():
                return left > right
            case ast.GtE():
                return left >= right
            case ast.Eq():
                return left == right
            case ast.NotEq():
                return left != right
            case _:
                return None

    def number(self, node: ast.expr) -> Fraction | None:
        """What an expression stands for in this round; None where it is not known."""
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return Fraction(str(value))
            case ast.Name(id=name) if name in self.values:
                return self.values[name]
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(op, self.number(left), self.number(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                negated = self.number(operand)
                return None if negated is None else -negated
            case ast.Call(func=func, args=arguments):
                return self._call(ast.unparse(func), arguments, node)
            case ast.Subscript(value=ast.List(elts=items) | ast.Tuple(elts=items), slice=index):
                place = self.number(index)
                inside = place is not None and place.denominator == 1 and 0 <= place < len(items)
                return self.number(items[int(place or 0)]) if inside else None
            case _:
                return self.lookup(node)

    def _call(self, name: str, arguments: Sequence[ast.expr], node: ast.expr) -> Fraction | None:
        values = [self.number(argument) for argument in arguments]
        short = name.rpartition(".")[2]
        if short in ("random", "uniform", "randint", "triangular") and len(arguments) in (0, 2):
            low, high = values or (Fraction(0), Fraction(1))
            return high if self.jitter else low
        known = [value for value in values if value is not None]
        if name in ("min", "max") and known:
            if len(known) < len(values):
                return None
            return min(known) if name == "min" else max(known)
        if name in ("float", "int", "math.pow", "pow") and len(known) == len(values):
            return self._operation(ast.Pow(), *known) if len(known) == 2 else known[0] if known else None
        return self.lookup(node)

    def _operation(self, op: ast.operator, left: Fraction | None, right: Fraction | None) -> Fraction | None:
        if left is None or right is None:
            return None
        match op:
            case ast.Add():
                result = left + right
            case ast.Sub():
                result = left - right
            case ast.Mult():
                result = left * right
            case ast.Div() if right != 0:
                result = left / right
            case ast.Pow() if right.denominator == 1 and abs(right) <= 64 and (left or right >= 0):
                result = left ** int(right)
            case ast.LShift() if left.denominator == right.denominator == 1 and 0 <= right <= 64:
                result = Fraction(int(left) << int(right))
            case _:
                return None
        return result if abs(result) <= _LARGEST else None

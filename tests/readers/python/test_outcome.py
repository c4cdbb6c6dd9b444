"""Programs of branches, loops and jumps: the longest way that is worked out is the longest there is."""

import ast
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from budgetcheck.model.bound import exactly
from budgetcheck.model.span import Span
from budgetcheck.model.topology import CallWork, Choice, Loop, Parallel, Sequence, Work, Wrapped
from budgetcheck.readers.python.exits import exits
from budgetcheck.readers.python.outcome import THROUGH, Outcome, doing, guarded, looped, one_of, then
from budgetcheck.readers.python.work import NOTHING

SPAN = Span(file="main.py", line=1)


def programs(depth: int, *, in_loop: bool) -> st.SearchStrategy[list[str]]:
    """Source lines of a block."""
    jumps = ["return", "raise ValueError", *(["break", "continue"] if in_loop else [])]
    simple = st.sampled_from(["a()", "b()", "pass", *jumps]).map(lambda line: [line])
    if depth == 0:
        return st.lists(simple, min_size=1, max_size=3).map(
            lambda parts: [line for part in parts for line in part]
        )
    inner = programs(depth - 1, in_loop=in_loop)
    rounds = programs(depth - 1, in_loop=True)

    def indented(lines: list[str]) -> list[str]:
        return [f"    {line}" for line in lines]

    branch = st.tuples(inner, inner).map(lambda two: ["if x:", *indented(two[0]), "else:", *indented(two[1])])
    loop = rounds.map(lambda body: ["for x in range(2):", *indented(body)])
    attempt = st.tuples(inner, inner, inner).map(
        lambda three: [
            "try:",
            *indented(three[0]),
            "except Exception:",
            *indented(three[1]),
            "finally:",
            *indented([_going_on(line) for line in three[2]]),
        ]
    )
    part = st.one_of(simple, branch, loop, attempt)
    return st.lists(part, min_size=1, max_size=3).map(lambda parts: [line for some in parts for line in some])


def _going_on(line: str) -> str:
    """The same line without a jump: one in `finally` hides how the rest ended, which nobody writes."""
    stripped = line.lstrip()
    jumps = stripped.startswith(("return", "raise", "break", "continue"))
    return line.replace(stripped, "pass") if jumps else line


PRICES = {"a": 1, "b": 10}


def outcome(statements: list[ast.stmt]) -> Outcome:
    """What a block does, put together as the reader does it."""
    result = THROUGH
    for statement in reversed(statements):
        result = then(_outcome(statement), result)
    return result


def _outcome(statement: ast.stmt) -> Outcome:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return doing(CallWork(address=name))
        case ast.Return() | ast.Raise():
            return Outcome(through=None, left=NOTHING)
        case ast.Break():
            return Outcome(through=None, broke=NOTHING)
        case ast.Continue():
            return Outcome(through=None, again=NOTHING)
        case ast.If(body=body, orelse=orelse):
            return one_of(outcome(body), outcome(orelse))
        case ast.For(body=body):
            return looped(exactly(2), outcome(body), THROUGH, SPAN, endless=False)
        case ast.Try(body=body, handlers=handlers, finalbody=final):
            caught = tuple(outcome(handler.body) for handler in handlers)
            return guarded(outcome(body), caught, THROUGH, outcome(final))
        case _:
            return THROUGH


def price(work: Work) -> int:
    """The longest way through a piece of work."""
    match work:
        case CallWork(address=address):
            return PRICES[address]
        case Sequence(parts=parts):
            return sum(map(price, parts))
        case Choice(parts=parts) | Parallel(parts=parts):
            return max(map(price, parts), default=0)
        case Loop(times=times, body=body):
            return (times.value or 0) * price(body)
        case Wrapped(body=body):
            return price(body)


def ways(statements: list[ast.stmt]) -> set[tuple[int, str]]:
    """Every way through a block, gone one by one: its price and how it ends."""
    found = {(0, "through")}
    for statement in statements:
        found = {
            (spent + more, end)
            for spent, before in found
            for more, end in ([(0, before)] if before != "through" else _ways(statement))
        }
    return found


def _ways(statement: ast.stmt) -> Iterator[tuple[int, str]]:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            yield PRICES[name], "through"
        case ast.Return() | ast.Raise():
            yield 0, "left"
        case ast.Break():
            yield 0, "broke"
        case ast.Continue():
            yield 0, "again"
        case ast.If(body=body, orelse=orelse):
            yield from ways(body) | ways(orelse)
        case ast.For(body=body):
            yield from _rounds(ways(body))
        case ast.Try(body=body, handlers=handlers, finalbody=final):
            after = ways(final)
            tried = ways(body)
            # A failure may come at the end of any way through the body.
            failed = {
                (spent + more, end)
                for spent, _ in tried
                for handler in handlers
                for more, end in ways(handler.body)
            }
            for spent, end in tried | failed:
                for more, last in after:
                    yield spent + more, end if last == "through" else last
        case _:
            yield 0, "through"


def _rounds(body: set[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    running = {0}
    yield 0, "through"
    for _ in range(2):
        following = set()
        for before in running:
            for spent, end in body:
                if end in ("through", "again"):
                    following.add(before + spent)
                elif end == "broke":
                    yield before + spent, "through"
                else:
                    yield before + spent, "left"
        running = following
        yield from ((spent, "through") for spent in running)


@settings(max_examples=150, deadline=None)
@given(programs(2, in_loop=False))
def test_the_longest_way(lines: list[str]) -> None:
    statements = ast.parse("def f():\n" + "\n".join(f"    {line}" for line in lines)).body[0].body  # type: ignore[attr-defined]
    assert price(outcome(statements).whole) == max(spent for spent, _ in ways(statements))


@settings(max_examples=150, deadline=None)
@given(programs(2, in_loop=False))
def test_how_a_block_may_end(lines: list[str]) -> None:
    statements = ast.parse("def f():\n" + "\n".join(f"    {line}" for line in lines)).body[0].body  # type: ignore[attr-defined]
    found, ends = exits(statements), {end for _, end in ways(statements)}
    assert found.through == ("through" in ends)
    assert found.breaks == ("broke" in ends)

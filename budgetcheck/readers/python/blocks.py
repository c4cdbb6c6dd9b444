"""What the statements of a function do: in order, by branch, in loops, inside `with` and after failures."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from budgetcheck.model.topology import Work
from budgetcheck.readers.python.exits import Loop, Try, exits, is_endless
from budgetcheck.readers.python.expressions import Expressions
from budgetcheck.readers.python.outcome import THROUGH, Outcome, doing, guarded, looped, one_of, then
from budgetcheck.readers.python.pools import is_executor
from budgetcheck.readers.python.retry_loops import retry_loop
from budgetcheck.readers.python.tasks import Task, Tasks, collects, holder, keeps_only
from budgetcheck.readers.python.values import Wrapper
from budgetcheck.readers.python.work import NOTHING, at_once, in_order

if TYPE_CHECKING:
    from budgetcheck.readers.python.flow import Flow, Frame

_DEEPEST = 40
_GROUPS = frozenset(
    {
        "asyncio.TaskGroup",
        "asyncio.taskgroups.TaskGroup",
        "anyio.create_task_group",
        "trio.open_nursery",
    }
)
"""Context managers that wait for what was started in them."""


@dataclass(slots=True)
class Blocks:
    """Follows the statements of one function's body."""

    flow: "Flow"
    frame: "Frame"
    tasks: Tasks = field(default_factory=Tasks)
    depth: int = 0
    _lists: int = 0

    @property
    def expressions(self) -> Expressions:
        """For the expressions in these statements."""
        return Expressions(self.flow, self.frame, self.tasks)

    def run(self, statements: Sequence[ast.stmt]) -> Outcome:
        """What a list of statements does."""
        if self.depth >= _DEEPEST:
            self.flow.note("statements nest too deeply")
            return THROUGH
        self.depth += 1
        self._lists += 1
        place = (self.tasks.block, self.tasks.index)
        pending, self.tasks.waits = self.tasks.waits, []  # of the statement that these stand in
        block = self._lists
        done: list[Outcome] = []
        for index, statement in enumerate(statements):
            self.tasks.block, self.tasks.index = block, len(done)
            outcome = self._statement(statement)
            waits, self.tasks.waits = self.tasks.waits, []
            self._join(done, outcome, waits, block)
            if outcome.through is None:
                break
            if index + 1 < len(statements) and self.frame.ends_at_yield and _yields(statement):
                break
        self.tasks.block, self.tasks.index = place
        self.tasks.waits = pending
        self.depth -= 1
        result = THROUGH
        for outcome in reversed(done):
            result = then(outcome, result)
        return result

    def _join(self, done: list[Outcome], outcome: Outcome, waits: list[Task], block: int) -> None:
        """Adds a statement; what it waits for has run beside everything since it was started."""
        outcome = then(doing(at_once(task.work for task in waits if not task.running)), outcome)
        running = [task for task in waits if task.running]
        for task in sorted(running, key=lambda task: task.index if task.block == block else 0, reverse=True):
            start = min(task.index, len(done)) if task.block == block else 0
            before = THROUGH
            for earlier in reversed(done[start:]):
                before = then(earlier, before)
            del done[start:]
            outcome = _beside(before, outcome, task.work)
        done.append(outcome)

    def _statement(self, statement: ast.stmt) -> Outcome:
        outcome = self._outcome(statement)
        self._settle(statement)
        return outcome

    def _outcome(self, statement: ast.stmt) -> Outcome:
        match statement:
            case ast.Return(value=value):
                return Outcome(through=None, left=self._returned(value))
            case ast.Raise(exc=exception):
                return Outcome(through=None, left=self.expressions.work(exception))
            case ast.Break():
                return Outcome(through=None, broke=NOTHING)
            case ast.Continue():
                return Outcome(through=None, again=NOTHING)
            case ast.If(test=test, body=body, orelse=orelse):
                before = doing(self.expressions.work(test))
                return then(before, one_of(self.run(body), self.run(orelse)))
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(statement)
            case ast.Try() | ast.TryStar():
                return self._try(statement)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                return self._with(items, body, is_async=isinstance(statement, ast.AsyncWith))
            case ast.Match(subject=subject, cases=cases):
                rest = () if any(_takes_all(case) for case in cases) else (THROUGH,)
                branches = (self.run(case.body) for case in cases)
                return then(doing(self.expressions.work(subject)), one_of(*branches, *rest))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return THROUGH
            case _:
                return doing(self.expressions.work(statement))

    def _returned(self, value: ast.expr | None) -> Work:
        """A coroutine that a plain function returns is waited for by its caller; a future may be."""
        work = self.expressions.work(value)
        return work if value is None else in_order(work, self.tasks.hand_out(value))

    def _settle(self, statement: ast.stmt) -> None:
        """Where what the statement started is kept."""
        match statement:
            case ast.Assign(targets=[target, *_], value=value):
                self.tasks.keep(holder(target) or ast.unparse(target))
                if isinstance(value, ast.Name | ast.List | ast.Tuple | ast.Dict):
                    self.tasks.keep_too(holder(target), value)
            case ast.AnnAssign(target=target):
                self.tasks.keep(holder(target) or ast.unparse(target))
            case ast.AugAssign(target=target):
                self.tasks.keep(holder(target))
            case ast.Expr(value=value) if keeps_only(value):
                self.tasks.keep(holder(value))
                for one in collects(value):
                    self.tasks.keep_too(holder(value), one)
            case _:
                self.tasks.keep("")

    def _loop(self, loop: Loop) -> Outcome:
        if isinstance(loop, ast.While):
            source: Work = NOTHING
            test = self.expressions.work(loop.test)
        else:
            source, test = self._source(loop), NOTHING
            wrapper = self.flow.reach.wrapper(loop.iter, self.frame.scope)
            if wrapper is not None:  # `for attempt in Retrying(...)`
                body = self.run(loop.body)
                return then(
                    doing(source), self._around(self.flow.wrap(wrapper, body.whole, self.frame), loop)
                )
        times = self.flow.times(loop if isinstance(loop, ast.While) else loop.iter, self.frame)
        apart = self._each_apart(loop)
        if apart is not None:
            return then(doing(source), then(apart, self.run(loop.orelse)))
        self.tasks.rounds.append(times)
        body = then(doing(test), self.run(loop.body))
        self.tasks.rounds.pop()
        retried = retry_loop(loop, self.frame.node)
        if retried is not None and body.whole != NOTHING:
            again = self.flow.retried(retried, loop, body.whole, self.frame)
            if again is not None:
                return then(doing(source), self._around(again, loop))
        span = self.flow.reach.span(loop if isinstance(loop, ast.While) else loop.iter, self.frame.scope)
        rest = self.run(loop.orelse)
        return then(doing(source), looped(times, body, rest, span, endless=is_endless(loop)))

    def _each_apart(self, loop: Loop) -> Outcome | None:
        """The rounds one by one, where each is about another object and all are gone through."""
        if not isinstance(loop, ast.For) or exits(loop.body) != exits([]):
            return None
        each = self.flow.each_round(loop.iter, self.frame)
        if len(each) < 2:
            return None
        here = self.frame
        result = THROUGH
        for frame in each:
            self.frame = frame
            result = then(result, self.run(loop.body))
        self.frame = here
        return result

    def _source(self, loop: ast.For | ast.AsyncFor) -> Work:
        return self.expressions.iterated(loop, loop.body)

    def _around(self, work: Work, loop: Loop) -> Outcome:
        """A loop that was put together as one piece of work, by the ways it may end."""
        ways = exits([loop])
        leaves = ways.returns or ways.raises
        through = then(doing(work), self.run(loop.orelse))
        if not ways.through:
            return Outcome(through=None, left=work)
        return replace(through, left=work) if leaves and through.left is None else through

    def _try(self, statement: Try) -> Outcome:
        body = self.run(statement.body)
        handlers = tuple(self.run(handler.body) for handler in statement.handlers)
        final = self.run(statement.finalbody)
        if self.frame.ends_at_yield and any(map(_yields, statement.body)):
            handlers, final = (), THROUGH  # they run when the response has been sent
        return guarded(body, handlers, self.run(statement.orelse), final)

    def _with(self, items: Sequence[ast.withitem], body: Sequence[ast.stmt], *, is_async: bool) -> Outcome:
        if not items:
            return self.run(body)
        first, *others = items
        expression = first.context_expr
        name = (
            self.flow.reach.name(expression.func, self.frame.scope)
            if isinstance(expression, ast.Call)
            else ""
        )
        wrapper = self.flow.reach.wrapper(expression, self.frame.scope)
        if wrapper is not None:
            return self._inside(self._with(others, body, is_async=is_async), wrapper)
        is_group = name in _GROUPS or is_executor(self.flow.reach, expression, self.frame.scope)
        if is_group and isinstance(first.optional_vars, ast.Name):
            return self._group(first.optional_vars.id, others, body, is_async=is_async)
        entered = self.expressions.awaited(expression) if is_async else self.expressions.work(expression)
        managed = self.flow.managed(expression, self.frame)
        return then(doing(in_order(entered, managed)), self._with(others, body, is_async=is_async))

    def _inside(self, outcome: Outcome, wrapper: Wrapper) -> Outcome:
        def one(work: Work | None) -> Work | None:
            return None if work is None else self.flow.wrap(wrapper, work, self.frame)

        return Outcome(
            through=one(outcome.through),
            left=one(outcome.left),
            broke=one(outcome.broke),
            again=one(outcome.again),
        )

    def _group(
        self, name: str, others: Sequence[ast.withitem], body: Sequence[ast.stmt], *, is_async: bool
    ) -> Outcome:
        outer = self.tasks.groups.get(name)
        self.tasks.groups[name] = []
        outcome = self._with(others, body, is_async=is_async)
        rest = self.tasks.leave(self.tasks.groups.pop(name))
        if outer is not None:
            self.tasks.groups[name] = outer
        return _beside(THROUGH, outcome, rest)


def _beside(before: Outcome, outcome: Outcome, task: Work) -> Outcome:
    """Both one after the other, and a task beside them that is over when they are."""

    def one(work: Work | None) -> Work | None:
        return (
            None
            if work is None or before.through is None
            else at_once([in_order(before.through, work), task])
        )

    both = then(before, replace(outcome, through=None, left=None, broke=None, again=None))
    return one_of(
        replace(both, through=None),
        Outcome(
            through=one(outcome.through),
            left=one(outcome.left),
            broke=one(outcome.broke),
            again=one(outcome.again),
        ),
    )


def _yields(statement: ast.stmt) -> bool:
    """The statement itself hands something out and goes on only when that was used."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    return any(isinstance(node, ast.Yield) for node in ast.walk(statement))


def _takes_all(case: ast.match_case) -> bool:
    return case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None

"""What evaluating an expression does: the calls it makes, in the order they are made."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, cast

from budgetcheck.model.bound import Bound, unknown
from budgetcheck.model.topology import Work
from budgetcheck.readers.python.graph_functions import task_work
from budgetcheck.readers.python.stand_ins import Element
from budgetcheck.readers.python.tasks import Cut, Tasks, starts, waits
from budgetcheck.readers.python.threads import deadline_of, special
from budgetcheck.readers.python.work import NOTHING, at_once, either, in_order, repeated

if TYPE_CHECKING:
    from budgetcheck.readers.python.flow import Flow, Frame

_TOGETHER = frozenset(
    {
        "asyncio.gather",
        "asyncio.wait",
        "asyncio.as_completed",
        "anyio.gather",
        "concurrent.futures.wait",
        "concurrent.futures.as_completed",
    }
)
"""Wait for several things at once."""
_AS_IT_IS = frozenset({"asyncio.shield", "asyncio.run", "anyio.run", "asyncio.run_coroutine_threadsafe"})
"""Run what they are given, as it is."""
_STARTED = frozenset({"asyncio.create_task", "asyncio.ensure_future", "asyncio.tasks.create_task"})
_DOING = (
    ast.Await,
    ast.Call,
    ast.Starred,
    ast.YieldFrom,
    ast.ListComp,
    ast.SetComp,
    ast.GeneratorExp,
    ast.DictComp,
    ast.IfExp,
)
"""Expressions of which `Expressions.work` knows what they do."""
_LAZY = frozenset({"map", "filter", "builtins.map", "builtins.filter"})


@dataclass(slots=True)
class Expressions:
    """Follows the expressions of one function's body."""

    flow: "Flow"
    frame: "Frame"
    tasks: Tasks = field(default_factory=Tasks)

    def work(self, node: ast.AST | None) -> Work:
        """The calls that evaluating a node makes."""
        match node:
            case None | ast.Constant() | ast.Name() | ast.Lambda():
                return NOTHING
            case ast.Await(value=value):
                return self.awaited(value)
            case ast.Call():
                return self.call(node, awaited=False)
            case ast.Starred(value=value) | ast.YieldFrom(value=value):
                return in_order(self.work(value), self._gone_through(value))
            case (
                ast.ListComp(elt=element, generators=generators)
                | ast.SetComp(elt=element, generators=generators)
            ):
                return self._comprehension([element], generators)
            case ast.GeneratorExp(elt=element, generators=generators):
                return self._comprehension([element], generators)
            case ast.DictComp(key=key, value=value, generators=generators):
                return self._comprehension([key, value], generators)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return in_order(self.work(test), either(self.work(body), self.work(orelse)) or NOTHING)
            case _:
                evaluator = self.flow.reach.evaluator
                doing = evaluator.of_text(("doing", node), lambda: tuple(_doing(node)))
                return in_order(*map(self.work, doing))

    def awaited(self, node: ast.expr) -> Work:
        """The calls that waiting for an expression makes."""
        match node:
            case ast.Call():
                return self.call(node, awaited=True)
            case ast.Starred(value=value):
                return self.awaited(value)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return at_once([self.awaited(item) for item in items])
            case (
                ast.ListComp(elt=element, generators=generators)
                | ast.GeneratorExp(elt=element, generators=generators)
            ):
                return self._together(element, generators)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return in_order(self.work(test), either(self.awaited(body), self.awaited(orelse)) or NOTHING)
            case _:
                self.tasks.wait(node)
                found = self.work(node)
                return in_order(found, self.tasks.take_fresh())

    def call(self, node: ast.Call, *, awaited: bool) -> Work:
        """The calls that a call makes: those of its arguments first."""
        special = self._special(node, awaited=awaited)
        if special is not None:
            return special
        before = in_order(self._receiver(node.func), *self._arguments(node, awaited=awaited))
        task = task_work(self.flow, node, self.frame)
        if task is not None and not awaited:
            self.tasks.start(task, ast.unparse(node.func), running=True)
            return before
        if task is not None:
            return in_order(before, task)
        work, is_coroutine = self.flow.reached(node, self.frame, awaited=awaited)
        if is_coroutine and not awaited:
            self.tasks.start(work, ast.unparse(node.func), running=False)
            return before
        return in_order(before, work)

    def spread(self, times: Bound, work: Work) -> Work:
        """Work that is started several times, all at once."""
        known = times.value
        return at_once([work] * known) if known is not None and known <= 50 else work

    def _receiver(self, func: ast.expr) -> Work:
        if isinstance(func, ast.Attribute):
            return (
                self._receiver(func.value) if isinstance(func.value, ast.Attribute) else self.work(func.value)
            )
        return self.work(func) if not isinstance(func, ast.Name) else NOTHING

    def _arguments(self, node: ast.Call, *, awaited: bool) -> list[Work]:
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        earlier, self.tasks.fresh = self.tasks.fresh, []
        found = [in_order(self.work(value), self._gone_through(value)) for value in values]
        if awaited:  # coroutines that are given to something that is awaited
            found.append(self.tasks.take_fresh())
        self.tasks.fresh = [*earlier, *self.tasks.fresh]
        return found

    def _comprehension(self, elements: Sequence[ast.expr], generators: Sequence[ast.comprehension]) -> Work:
        first, *others = generators
        source = self.iterated(first, elements)
        each = self.flow.each_round(first.iter, self.frame)
        if len(each) > 1:
            rounds = [replace(self, frame=frame).once(first, elements, others) for frame in each]
            return in_order(source, *rounds)
        self.tasks.rounds.append(self.flow.times(first.iter, self.frame))
        body = self.once(first, elements, others)
        self.tasks.rounds.pop()
        return in_order(source, self.flow.rounds(first.iter, body, self.frame))

    def once(
        self,
        generator: ast.comprehension,
        elements: Sequence[ast.expr],
        others: Sequence[ast.comprehension],
    ) -> Work:
        """One round of a comprehension."""
        conditions = [self.work(condition) for condition in generator.ifs]
        inner = [self._comprehension(elements, others)] if others else map(self.work, elements)
        return in_order(*conditions, *inner)

    def iterated(
        self, source: ast.comprehension | ast.For | ast.AsyncFor, body: Sequence[ast.AST] = ()
    ) -> Work:
        """What getting the things to go through does, and waiting for them where the body does."""
        is_async = isinstance(source, ast.AsyncFor) or bool(getattr(source, "is_async", 0))
        work = self.awaited(source.iter) if is_async else self.work(source.iter)
        work = in_order(work, self._gone_through(source.iter))
        inner = [node for one in body for node in ast.walk(one)]
        if any(map(starts, inner)):
            self.tasks.begin(source.iter)
        if any(map(waits, inner)):  # `for future in futures: future.result()`
            cut = self._cut_in(source, body)
            self.tasks.wait(source.iter, cut)
            work = in_order(work, self.tasks.take_fresh(cut))
        return work

    def _cut_in(
        self, source: ast.comprehension | ast.For | ast.AsyncFor, body: Sequence[ast.AST]
    ) -> Cut | None:
        """The deadline of `future.result(timeout=...)` in a loop; of each, where it goes on after one."""
        inner = [node for one in body for node in ast.walk(one)]
        calls = (node for node in inner if isinstance(node, ast.Call) and waits(node.func))
        cut = next((found for node in calls if (found := deadline_of(self, node))), None)
        if cut is None or not any(isinstance(node, ast.Try | ast.With) for node in inner):
            return cut
        high = self.flow.times(source.iter, self.frame).high
        several = unknown("it is not known how many of them end in time", low=1, high=high or None)
        return lambda work: repeated(several, cut(work), self.flow.reach.span(source.iter, self.frame.scope))

    def _gone_through(self, node: ast.expr) -> Work:
        """Waits for what `executor.map` gave, where somebody goes through it or is given it."""
        if isinstance(node, ast.Name):
            self.tasks.wait(node, iterated=True)
        return self.tasks.take_iterated()

    def _together(self, element: ast.expr, generators: Sequence[ast.comprehension]) -> Work:
        """`[f(x) for x in xs]` where all are waited for at once."""
        each = self.flow.each_round(generators[0].iter, self.frame)
        if len(each) > 1 and len(generators) == 1 and not generators[0].ifs:
            first = self.iterated(generators[0])
            return in_order(first, at_once([replace(self, frame=one).awaited(element) for one in each]))
        work = self.awaited(element)
        for generator in reversed(generators):
            conditions = in_order(*(self.work(condition) for condition in generator.ifs))
            work = in_order(
                self.iterated(generator),
                conditions,
                self.spread(self.flow.times(generator.iter, self.frame), work),
            )
        return work

    def _special(self, node: ast.Call, *, awaited: bool) -> Work | None:
        """Calls that run what they are given."""
        name = self.flow.reach.name(node.func, self.frame.scope)
        attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in _TOGETHER:
            return self._all_of(node)
        if name in _AS_IT_IS or attribute == "run_until_complete":
            return in_order(*(self.awaited(value) for value in node.args[:1]))
        if name in _STARTED or self._is_group(node.func):
            return self._start(node)
        threaded = special(self, node, name, awaited=awaited)
        if threaded is not None:
            return threaded
        if name in _LAZY and len(node.args) == 2:
            body = self.applied(node.args[0], [], on_loop=self.frame.on_loop)
            return in_order(self.work(node.args[1]), self.flow.rounds(node.args[1], body, self.frame))
        return self._wrapping(node, name)

    def _all_of(self, node: ast.Call) -> Work:
        """`gather(a, b)`, `wait(tasks, timeout=5)`: all at once, to a deadline or to their end."""
        wrapper = self.flow.reach.wrapper(node, self.frame.scope)
        cut: Cut | None = None
        if wrapper is not None:
            cut = partial(self.flow.wrap, wrapper, frame=self.frame)
        for value in node.args:
            if isinstance(value, ast.Name | ast.Attribute | ast.Starred | ast.List | ast.Tuple):
                self.tasks.wait(value, cut)
        together = at_once([self.awaited(value) for value in node.args])
        return together if cut is None else cut(together)

    def _is_group(self, func: ast.expr) -> bool:
        """`tg.create_task`, `loop.create_task`: starts something that is waited for later."""
        return isinstance(func, ast.Attribute) and func.attr in ("create_task", "start_soon", "ensure_future")

    def _start(self, node: ast.Call) -> Work:
        """Starts a coroutine, or a function with its arguments; a group waits for its own."""
        func = node.func
        attribute = func.attr if isinstance(func, ast.Attribute) else ""
        given = node.args[0] if node.args else None
        if attribute == "start_soon":
            work = self.applied(given, node.args[1:], on_loop=self.frame.on_loop, keywords=node.keywords)
        else:
            work = self.awaited(given) if given is not None else NOTHING
        holder = func.value.id if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) else ""
        what = ast.unparse(given) if given is not None else attribute
        self.tasks.start(work, what, running=True, pool=holder if holder in self.tasks.groups else "")
        return NOTHING

    def _wrapping(self, node: ast.Call, name: str) -> Work | None:
        """`asyncio.wait_for(work, 5)`, `retrying(function, ...)`: something stands round what is given."""
        wrapper = self.flow.reach.wrapper(node, self.frame.scope) if name else None
        if wrapper is None or not node.args:
            return None
        first, *rest = node.args
        before = in_order(*(self.work(value) for value in rest))
        if isinstance(first, ast.Name) and first.id in self.tasks.named:  # `wait_for(task, 5)`
            self.tasks.wait(first, partial(self.flow.wrap, wrapper, frame=self.frame))
            return before
        body = (
            self.awaited(first)
            if isinstance(first, ast.Call)
            else self.applied(first, rest, on_loop=self.frame.on_loop)
        )
        return in_order(before, self.flow.wrap(wrapper, body, self.frame))

    def applied(
        self,
        function: ast.expr | None,
        arguments: Sequence[ast.expr],
        *,
        on_loop: bool,
        keywords: Sequence[ast.keyword] = (),
    ) -> Work:
        """What calling a given function does: a name, a method, a lambda, `partial(f, x)`."""
        if function is None:
            return NOTHING
        inner = replace(self, frame=self.flow.moved(self.frame, on_loop=on_loop))
        match function:
            case ast.Lambda(body=body, args=given) if not (given.args and arguments):
                return inner.awaited(body)
            case ast.Call(func=func, args=[first, *others], keywords=given) if (
                self.flow.reach.name(func, self.frame.scope) == "functools.partial"
            ):
                return self.applied(
                    first, [*others, *arguments], on_loop=on_loop, keywords=[*given, *keywords]
                )
            case _:
                made = ast.copy_location(
                    ast.Call(func=function, args=list(arguments), keywords=list(keywords)), function
                )
                name = self.flow.reach.name(function, self.frame.scope)
                threaded = special(inner, made, name, awaited=True) if name else None
                return threaded if threaded is not None else self.flow.reached(made, inner.frame)[0]

    def applied_to_each(self, function: ast.expr, source: ast.expr) -> list[Work]:
        """What calling a function with some things does, in a thread: each, where they are told apart."""
        thing = cast("ast.expr", ast.copy_location(Element(source), source))
        each = (replace(self, frame=one) for one in self.flow.each_round(source, self.frame))
        return [one.applied(function, [thing], on_loop=False) for one in each]


def _doing(node: ast.AST) -> Iterator[ast.AST]:
    """The outermost expressions below a node that may do something, in order; most of a text does nothing."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _DOING):
            yield child
        elif not isinstance(child, ast.Lambda):
            yield from _doing(child)

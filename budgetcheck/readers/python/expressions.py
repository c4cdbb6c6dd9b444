"""What evaluating an expression does: the calls it makes, in the order they are made."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from budgetcheck.model.bound import Bound
from budgetcheck.model.topology import Work
from budgetcheck.readers.python.graph_functions import task_work
from budgetcheck.readers.python.tasks import Tasks
from budgetcheck.readers.python.work import NOTHING, at_once, either, in_order

if TYPE_CHECKING:
    from budgetcheck.readers.python.flow import Flow, Frame

_TOGETHER = frozenset({"asyncio.gather", "asyncio.wait", "asyncio.as_completed", "anyio.gather"})
"""Wait for several things at once."""
_AS_IT_IS = frozenset({"asyncio.shield", "asyncio.run", "anyio.run", "asyncio.run_coroutine_threadsafe"})
"""Run what they are given, as it is."""
_STARTED = frozenset({"asyncio.create_task", "asyncio.ensure_future", "asyncio.tasks.create_task"})
_IN_THREAD = frozenset(
    {
        "asyncio.to_thread",
        "starlette.concurrency.run_in_threadpool",
        "fastapi.concurrency.run_in_threadpool",
        "anyio.to_thread.run_sync",
        "asgiref.sync.sync_to_async",
        "asgiref.sync.async_to_sync",
    }
)
"""Run a function outside the event loop of whoever calls."""
_STARTS = frozenset({"create_task", "start_soon", "submit", "apply_async", "ensure_future", "start"})
"""Methods of groups and pools that start something."""
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
                return in_order(*(self.work(child) for child in ast.iter_child_nodes(node)))

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
        special = self._special(node)
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
            if func.attr in ("result", "join", "get", "exception"):
                self.tasks.wait(func.value)
            if func.attr == "result" and isinstance(func.value, ast.Call):
                return in_order(self.work(func.value), self.tasks.take_fresh())
            return (
                self._receiver(func.value) if isinstance(func.value, ast.Attribute) else self.work(func.value)
            )
        return self.work(func) if not isinstance(func, ast.Name) else NOTHING

    def _arguments(self, node: ast.Call, *, awaited: bool) -> list[Work]:
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        earlier, self.tasks.fresh = self.tasks.fresh, []
        found = [self.work(value) for value in values]
        if awaited:  # coroutines that are given to something that is awaited
            found.append(self.tasks.take_fresh())
        self.tasks.fresh = [*earlier, *self.tasks.fresh]
        return found

    def _comprehension(self, elements: Sequence[ast.expr], generators: Sequence[ast.comprehension]) -> Work:
        first, *others = generators
        source = self.iterated(first)
        conditions = [self.work(condition) for condition in first.ifs]
        inner = (
            self._comprehension(elements, others)
            if others
            else in_order(*(self.work(element) for element in elements))
        )
        body = in_order(*conditions, inner)
        return in_order(source, self.flow.rounds(first.iter, body, self.frame))

    def iterated(self, source: ast.comprehension | ast.For | ast.AsyncFor) -> Work:
        """What getting the things to go through does."""
        is_async = isinstance(source, ast.AsyncFor) or bool(getattr(source, "is_async", 0))
        return self.awaited(source.iter) if is_async else self.work(source.iter)

    def _together(self, element: ast.expr, generators: Sequence[ast.comprehension]) -> Work:
        """`[f(x) for x in xs]` where all are waited for at once."""
        work = self.awaited(element)
        for generator in reversed(generators):
            conditions = in_order(*(self.work(condition) for condition in generator.ifs))
            work = in_order(
                self.iterated(generator),
                conditions,
                self.spread(self.flow.times(generator.iter, self.frame), work),
            )
        return work

    def _special(self, node: ast.Call) -> Work | None:
        """Calls that run what they are given."""
        name = self.flow.reach.name(node.func, self.frame.scope)
        attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in _TOGETHER:
            together = at_once([self.awaited(value) for value in node.args])
            wrapper = self.flow.reach.wrapper(node, self.frame.scope)  # `asyncio.wait(tasks, timeout=5)`
            return together if wrapper is None else self.flow.wrap(wrapper, together, self.frame)
        if name in _AS_IT_IS or attribute == "run_until_complete":
            return in_order(*(self.awaited(value) for value in node.args[:1]))
        if name in _STARTED or self._is_group(node.func):
            return self._start(node)
        if name in _IN_THREAD or attribute == "run_in_executor":
            return self._threaded(node.args[attribute == "run_in_executor" :], node)
        if attribute == "map" and self._is_pool(node.func) and len(node.args) > 1:
            function, *sources = node.args
            body = self.applied(function, [], on_loop=False)
            before = in_order(*(self.work(source) for source in sources))
            return in_order(before, self.flow.rounds(sources[0], body, self.frame))
        if name in _LAZY and len(node.args) == 2:
            body = self.applied(node.args[0], [], on_loop=self.frame.on_loop)
            return in_order(self.work(node.args[1]), self.flow.rounds(node.args[1], body, self.frame))
        return self._wrapping(node, name)

    def _is_group(self, func: ast.expr) -> bool:
        """`tg.create_task`, `pool.submit`, `loop.create_task`: starts something that is waited for later."""
        return isinstance(func, ast.Attribute) and (
            func.attr in ("create_task", "start_soon", "submit", "ensure_future")
        )

    def _is_pool(self, func: ast.expr) -> bool:
        value = func.value if isinstance(func, ast.Attribute) else None
        return isinstance(value, ast.Name) and (
            value.id in self.tasks.groups or "executor" in value.id.lower() or "pool" in value.id.lower()
        )

    def _start(self, node: ast.Call) -> Work:
        """Starts a coroutine, or a function with its arguments; a group waits for its own."""
        func = node.func
        attribute = func.attr if isinstance(func, ast.Attribute) else ""
        given = node.args[0] if node.args else None
        if attribute in ("start_soon", "submit"):
            on_loop = self.frame.on_loop and attribute == "start_soon"
            work = self.applied(given, node.args[1:], on_loop=on_loop, keywords=node.keywords)
        else:
            work = self.awaited(given) if given is not None else NOTHING
        holder = func.value.id if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) else ""
        if holder in self.tasks.groups:
            self.tasks.groups[holder].append(work)
        else:
            what = ast.unparse(given) if given is not None else attribute
            self.tasks.start(work, what, running=True)
        return NOTHING

    def _threaded(self, arguments: Sequence[ast.expr], node: ast.Call) -> Work:
        if not arguments:
            return NOTHING
        function, *rest = arguments
        before = in_order(*(self.work(value) for value in rest))
        return in_order(before, self.applied(function, rest, on_loop=False, keywords=node.keywords))

    def _wrapping(self, node: ast.Call, name: str) -> Work | None:
        """`asyncio.wait_for(work, 5)`, `retrying(function, ...)`: something stands round what is given."""
        wrapper = self.flow.reach.wrapper(node, self.frame.scope) if name else None
        if wrapper is None or not node.args:
            return None
        first, *rest = node.args
        before = in_order(*(self.work(value) for value in rest))
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
        inner = Expressions(self.flow, self.flow.moved(self.frame, on_loop=on_loop), self.tasks)
        match function:
            case ast.Lambda(body=body):
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
                work, _ = self.flow.reached(made, inner.frame)
                return work

"""Calls that run a function outside of the code at hand: in a thread, a pool of threads, an event loop."""

import ast
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from budgetcheck.model.topology import Work
from budgetcheck.readers.python.pools import Pool, pool_of
from budgetcheck.readers.python.scopes import RUNS
from budgetcheck.readers.python.tasks import Cut
from budgetcheck.readers.python.work import NOTHING, in_order
from budgetcheck.readers.python.wrappers.deadlines import of_future

if TYPE_CHECKING:
    from budgetcheck.readers.python.expressions import Expressions

_IN_THREAD = frozenset(
    {
        "asyncio.to_thread",
        "asyncio.threads.to_thread",
        "starlette.concurrency.run_in_threadpool",
        "fastapi.concurrency.run_in_threadpool",
        "anyio.to_thread.run_sync",
        "trio.to_thread.run_sync",
    }
)
"""Run a function in a thread; give what is to be awaited."""
_THREADS = frozenset({"threading.Thread"})


def special(outer: "Expressions", node: ast.Call, name: str, *, awaited: bool) -> Work | None:
    """The work of a call that gives a function to a thread or pool; None for all other calls."""
    attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name in _IN_THREAD:
        return _later(outer, _given(outer, node.args, node.keywords), node, running=False, awaited=awaited)
    if attribute == "run_in_executor" and len(node.args) > 1:
        return _in_executor(outer, node, awaited=awaited)
    if name in _THREADS:
        return _thread(outer, node)
    if name.rpartition(".")[2] in RUNS:
        return NOTHING  # a function is made of another one: nothing is called
    if isinstance(node.func, ast.Call):
        return _made_to_run(outer, node, node.func, awaited=awaited)
    if isinstance(node.func, ast.Attribute):
        return _of_pool(outer, node, node.func)
    return None


def _of_pool(outer: "Expressions", node: ast.Call, func: ast.Attribute) -> Work | None:
    """Methods of pools, threads and futures."""
    match func.attr:
        case "submit":
            return _submitted(outer, node, func)
        case "map" | "starmap" | "imap" | "imap_unordered" if len(node.args) > 1:
            return _mapped(outer, node, func)
        case "apply" | "apply_async" if node.args:
            return _applied(outer, node, func)
        case "start" if not node.args:
            return _begun(outer, func.value)
        case "shutdown":
            if not _says_no(node, "wait"):
                outer.tasks.wait_pool(_name(func.value))
            return None
        case "result" | "exception" | "get" | "join":
            return _awaited(outer, node, func)
        case _:
            return None


def _begun(outer: "Expressions", thread: ast.expr) -> Work | None:
    """`thread.start()`; None for whatever else has a method of that name."""
    maker = thread.func if isinstance(thread, ast.Call) else None
    is_new = maker is not None and outer.flow.reach.name(maker, outer.frame.scope) in _THREADS
    before = outer.work(thread) if is_new else NOTHING
    return before if outer.tasks.begin(thread) or is_new else None


def _awaited(outer: "Expressions", node: ast.Call, func: ast.Attribute) -> Work | None:
    """`future.result()`, `thread.join()`: waits for what the variable holds, or what was just started."""
    cut = deadline_of(outer, node)
    outer.tasks.wait(func.value, cut)
    is_result = func.attr == "result" or (func.attr == "get" and _of_known_pool(outer, func.value))
    if is_result and isinstance(func.value, ast.Call):
        before = outer.work(func.value)
        return in_order(before, outer.tasks.take_fresh(cut))
    return None


def _of_known_pool(outer: "Expressions", node: ast.expr) -> bool:
    """`pool.apply_async(...)` of `multiprocessing`, unlike that of a task of Celery."""
    match node:
        case ast.Call(func=ast.Attribute(value=pool)):
            return pool_of(outer.flow.reach, pool, outer.frame.scope) is not None
        case _:
            return False


def deadline_of(outer: "Expressions", node: ast.Call) -> Cut | None:
    """What the `timeout` of a call that waits puts round the work; None where it waits to its end."""
    attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    is_number = node.args and not isinstance(node.args[0], ast.Starred) and attribute != "get"
    if not is_number and not any(one.arg in ("timeout", None) for one in node.keywords):
        return None
    frame, flow = outer.frame, outer.flow
    wrapper = of_future(flow.reach.evaluator.arguments(node, frame.scope))
    return None if wrapper is None else lambda work: flow.wrap(wrapper, work, frame)


def _given(
    outer: "Expressions", arguments: Sequence[ast.expr], keywords: Sequence[ast.keyword]
) -> tuple[Work, Work]:
    """What working out the arguments does, and what calling the first with the rest does, in a thread."""
    if not arguments:
        return NOTHING, NOTHING
    function, *rest = arguments
    values = [*rest, *(keyword.value for keyword in keywords)]
    before = in_order(*(outer.work(value) for value in values))
    return before, outer.applied(function, rest, on_loop=False, keywords=keywords)


def _later(
    outer: "Expressions",
    given: tuple[Work, Work],
    node: ast.Call,
    *,
    running: bool,
    awaited: bool,
    pool: tuple[str, Pool | None] = ("", None),
) -> Work:
    before, work = given
    if awaited:
        return in_order(before, work)
    outer.tasks.start(work, _what(node), running=running, pool=pool[0], limits=pool[1])
    return before


def _in_executor(outer: "Expressions", node: ast.Call, *, awaited: bool) -> Work:
    """`loop.run_in_executor(pool, function, ...)`, which begins at once."""
    executor, *arguments = node.args
    limits = pool_of(outer.flow.reach, executor, outer.frame.scope)
    given = _given(outer, arguments, node.keywords)
    pool = (_name(executor), limits)
    return _later(outer, given, node, running=True, awaited=awaited, pool=pool)


def _submitted(outer: "Expressions", node: ast.Call, func: ast.Attribute) -> Work | None:
    """`pool.submit(function, ...)`: whoever asks for the result, or the end of the pool, waits for it."""
    limits = pool_of(outer.flow.reach, func.value, outer.frame.scope)
    own = () if limits is not None else outer.flow.reach.callees(node, outer.frame.scope)
    if any(not _hands_on(callee.node) for callee in own):
        return None  # a method of the project that is called so
    before, work = _given(outer, node.args, node.keywords)
    start = partial(outer.tasks.start, running=True, future=True, limits=limits)
    start(work, _what(node), pool=_name(func.value))
    return in_order(outer.work(func.value) if isinstance(func.value, ast.Call) else NOTHING, before)


def _hands_on(function: ast.AST) -> bool:
    """A method that gives a pool what it is given itself."""
    return any(isinstance(node, ast.Attribute) and node.attr == "submit" for node in ast.walk(function))


def _mapped(outer: "Expressions", node: ast.Call, func: ast.Attribute) -> Work | None:
    """`pool.map(function, things)`: begins at once; going through what it gives is waiting for it."""
    limits = pool_of(outer.flow.reach, func.value, outer.frame.scope)
    if limits is None and (func.attr not in ("map", "starmap") or not _is_called_so(outer, func.value)):
        return None
    function, *sources = node.args
    source = sources[0]
    before = in_order(*(outer.work(value) for value in sources))
    before = in_order(before, outer.tasks.take_iterated())
    found = outer.applied_to_each(function, source)
    more = () if len(found) > 1 else (outer.flow.times(source, outer.frame),)
    is_lazy = limits is None or limits.futures or func.attr.startswith("imap")
    start = partial(outer.tasks.start, running=True, iterated=True, limits=limits, more=more)
    for work in found:
        start(work, _what(node), pool=_name(func.value))
    cut = deadline_of(outer, ast.copy_location(ast.Call(func=func, args=[], keywords=node.keywords), node))
    if not is_lazy or cut is not None:
        return in_order(before, outer.tasks.take_fresh(cut))
    return before


def _is_called_so(outer: "Expressions", node: ast.expr) -> bool:
    """An object of which nothing but its name is known."""
    name = _name(node)
    return name in outer.tasks.groups or "executor" in name.lower() or "pool" in name.lower()


def _applied(outer: "Expressions", node: ast.Call, func: ast.Attribute) -> Work | None:
    """`pool.apply_async(function, (x,))` of `multiprocessing`; `apply` waits."""
    limits = pool_of(outer.flow.reach, func.value, outer.frame.scope)
    if limits is None or limits.futures:
        return None
    arguments, keywords = _packed(node, 1, "args", "kwds")
    given = _given(outer, [node.args[0], *arguments], keywords)
    pool = (_name(func.value), limits)
    return _later(outer, given, node, running=True, awaited=func.attr == "apply", pool=pool)


def _thread(outer: "Expressions", node: ast.Call) -> Work:
    """`threading.Thread(target=f, args=(x,))`: begins with `start()`, is waited for with `join()`."""
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    target = named.get("target") or (node.args[1] if len(node.args) > 1 else None)
    if target is None:
        return NOTHING
    arguments, keywords = _packed(node, 3, "args", "kwargs")
    before, work = _given(outer, [target, *arguments], keywords)
    outer.tasks.start(work, ast.unparse(target), running=False, begun=False)
    return before


def _packed(
    node: ast.Call, position: int, positional: str, named: str
) -> tuple[list[ast.expr], list[ast.keyword]]:
    """Arguments that are given as a tuple and a dictionary."""
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    values = dict(zip((positional, named), node.args[position : position + 2], strict=False)) | given
    arguments, keywords = values.get(positional), values.get(named)
    listed = list(arguments.elts) if isinstance(arguments, ast.Tuple | ast.List) else []
    if arguments is not None and not isinstance(arguments, ast.Tuple | ast.List):
        listed = [ast.copy_location(ast.Starred(value=arguments, ctx=ast.Load()), arguments)]
    further = [ast.keyword(arg=None, value=keywords)] if keywords is not None else []
    return listed, [ast.copy_location(one, node) for one in further]


def _made_to_run(outer: "Expressions", node: ast.Call, maker: ast.Call, *, awaited: bool) -> Work | None:
    """`sync_to_async(f)(x)`, `async_to_sync(f)(x)`."""
    name = outer.flow.reach.name(maker.func, outer.frame.scope)
    runs = RUNS.get(name.rpartition(".")[2])
    if runs is None or not maker.args:
        return None
    given = _given(outer, [maker.args[0], *node.args], node.keywords)
    return _later(outer, given, node, running=False, awaited=awaited or runs == "loop")


def _what(node: ast.Call) -> str:
    """What is started, for people."""
    is_executor = isinstance(node.func, ast.Attribute) and node.func.attr == "run_in_executor"
    given = node.args[is_executor:]
    return ast.unparse(given[0]) if given else ast.unparse(node.func)


def _name(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def _says_no(node: ast.Call, keyword: str) -> bool:
    given = [*node.args[:1], *(one.value for one in node.keywords if one.arg == keyword)]
    return any(isinstance(one, ast.Constant) and one.value is False for one in given)

"""LangGraph's functional API: `@task` functions, which run beside their caller, and `@entrypoint` ones."""

import ast
from typing import TYPE_CHECKING

from budgetcheck.model.topology import Work
from budgetcheck.readers.python.graph_policies import node_timeout, retry_policy
from budgetcheck.readers.python.graph_source import Place, Sources
from budgetcheck.readers.python.scopes import Function, Scope
from budgetcheck.readers.python.work import NOTHING

if TYPE_CHECKING:
    from budgetcheck.readers.python.flow import Flow, Frame

_PACKAGE = "langgraph.func."


def task_work(flow: "Flow", call: ast.Call, frame: "Frame") -> Work | None:
    """The work of calling a `@task`, which begins at once and is waited for later. None for other calls."""
    if not isinstance(call.func, ast.Name | ast.Attribute):
        return None
    sources = Sources(flow.reach.evaluator)
    decorator = _decorated(sources, call.func, frame.scope, "task")
    return None if decorator is None else _followed(flow, sources, call, frame, decorator)


def entrypoint_work(
    flow: "Flow", sources: Sources, call: ast.Call, frame: "Frame", *, is_async: bool
) -> tuple[Work, bool] | None:
    """The work of `workflow.invoke(...)` where that is an `@entrypoint`. None for other calls."""
    func = call.func
    assert isinstance(func, ast.Attribute)
    decorator = _decorated(sources, func.value, frame.scope, "entrypoint")
    if decorator is None:
        return None
    body = ast.copy_location(ast.Call(func=func.value, args=call.args[:1], keywords=[]), call)
    return _followed(flow, sources, body, frame, decorator), is_async


def _decorated(sources: Sources, node: ast.expr, scope: Scope, name: str) -> Place | None:
    """The decorator of that name on the function an expression stands for."""
    found = sources.evaluator.evaluate(node, scope)
    if not isinstance(found, Function) or isinstance(found.node, ast.Lambda):
        return None
    outer = found.outer or Scope(found.module)
    for decorator in found.node.decorator_list:
        maker = decorator.func if isinstance(decorator, ast.Call) else decorator
        if sources.name(maker, outer) == f"{_PACKAGE}{name}":
            return Place(decorator, outer)
    return None


def _followed(flow: "Flow", sources: Sources, call: ast.Call, frame: "Frame", decorator: Place) -> Work:
    """What the function does, each attempt within its timeout. A sync one runs in a thread."""
    callee = flow.reach.callee(call, frame.scope)
    if callee is None:
        return NOTHING
    found = flow.follow(callee, on_loop=frame.on_loop and callee.is_async)
    for note in found.notes:
        flow.note(note)
    flow.inner.add(callee.owner)
    work = found.work
    timeout = decorator.argument("timeout")
    if timeout is not None:
        limited = node_timeout(sources, timeout, is_async=callee.is_async)
        work = work if limited is None else flow.wrap(limited, work, frame)
    retry = decorator.argument("retry_policy") or decorator.argument("retry")
    if retry is not None:
        again = retry_policy(sources, retry, flow.declared.components(work))
        work = work if again is None else flow.wrap(again, work, frame)
    return work

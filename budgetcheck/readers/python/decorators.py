"""What decorators put round a function: retries and deadlines of libraries, wrappers of the project."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from budgetcheck.model.topology import Work
from budgetcheck.readers.python.work import NOTHING

if TYPE_CHECKING:
    from budgetcheck.readers.python.flow import Flow, Frame
    from budgetcheck.readers.python.reach import Callee

Function = ast.FunctionDef | ast.AsyncFunctionDef


def decorated(flow: "Flow", callee: "Callee", work: Work, frame: "Frame") -> Work:
    """The work of a function with all that its decorators put round it, the innermost first."""
    if not isinstance(callee.node, Function) or work == NOTHING:
        return work
    for decorator in reversed(callee.node.decorator_list):
        wrapper = flow.reach.wrapper(decorator, callee.outer)
        if wrapper is not None:
            work = flow.wrap(wrapper, work, frame)
            continue
        maker = flow.reach.decorator(decorator, callee.outer)
        if maker is not None:
            work = _through(flow, maker, work, frame, is_async=callee.is_async)
    return work


def _through(flow: "Flow", maker: "Callee", work: Work, frame: "Frame", *, is_async: bool) -> Work:
    """The work of the inner function that a decorator puts in the place of the decorated one.

    Only where it calls what it was given: a decorator that registers a function leaves its work as it is.
    """
    found = [
        (inner, parameter)
        for inner, parameter in _wrappers(maker.node)
        if isinstance(inner, ast.AsyncFunctionDef) == is_async
    ] or list(_wrappers(maker.node))
    if not found:
        return work
    inner, parameter = found[0]
    scope = flow.reach.nested(maker, inner)
    stand_in = replace(
        frame, scope=scope, node=inner, owner=f"{maker.owner}.{inner.name}", stand_ins={parameter: work}
    )
    result = flow.body(stand_in)
    return result if result != NOTHING else work


def _wrappers(maker: ast.AST, given: tuple[str, ...] = ()) -> Iterator[tuple[Function, str]]:
    """Nested functions that call a parameter of a function round them."""
    for statement in ast.walk(maker):
        if statement is maker or not isinstance(statement, Function):
            continue
        outer = {*given, *_parameters(maker)}
        for node in ast.walk(maker):
            if isinstance(node, Function) and node is not statement and _holds(node, statement):
                outer |= set(_parameters(node))
        for call in ast.walk(statement):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in outer:
                if not any(
                    isinstance(node, Function) and node is not statement for node in ast.walk(statement)
                ):
                    yield statement, call.func.id
                break


def _holds(outer: ast.AST, inner: ast.AST) -> bool:
    return any(node is inner for node in ast.walk(outer))


def _parameters(node: ast.AST) -> list[str]:
    if not isinstance(node, Function):
        return []
    return [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]

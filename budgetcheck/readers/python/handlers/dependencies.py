"""Dependencies of FastAPI: functions that run before an endpoint, found in parameters and in lists.

A dependency's own dependencies run before it; each runs once per request
(https://fastapi.tiangolo.com/tutorial/dependencies/sub-dependencies/).
"""

import ast
from collections.abc import Iterator

from budgetcheck.readers.python.handlers.base import Code, Site
from budgetcheck.readers.python.reach import Callee, Scope

_DEPENDS = frozenset({"Depends", "Security"})
_DEEPEST = 8


def listed_dependencies(site: Site, code: Code) -> list[Callee]:
    """Those of `dependencies=[Depends(f)]`, with their own."""
    found: list[Callee] = []
    for name, made in code.makers(site.argument("dependencies"), site.scope):
        if name.rpartition(".")[2] in _DEPENDS:
            found += _with_own(made.argument("dependency", 0), made.scope, code, 0)
    return found


def parameter_dependencies(callee: Callee, code: Code, depth: int = 0) -> list[Callee]:
    """Those of a function's parameters, with their own, in order."""
    found: list[Callee] = []
    if depth <= _DEEPEST:
        for node, annotation in _depended(callee):
            marked = _marked(node, callee.outer, code) or _marked(annotation, callee.outer, code)
            if marked is not None:
                function, scope = marked
                found += _with_own(function or _type(annotation), scope, code, depth)
    return found


def _with_own(function: ast.expr | None, scope: Scope, code: Code, depth: int) -> list[Callee]:
    callee = code.reach.function(function, scope) if function is not None else None
    if callee is None:
        return []
    return [*parameter_dependencies(callee, code, depth + 1), callee]


def _depended(callee: Callee) -> Iterator[tuple[ast.expr | None, ast.expr | None]]:
    """Default and annotation of each parameter."""
    if not isinstance(callee.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    arguments = callee.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    padded = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    for argument, default in (
        *zip(positional, padded, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ):
        yield default, argument.annotation


def _marked(node: ast.expr | None, scope: Scope, code: Code) -> tuple[ast.expr | None, Scope] | None:
    """What `Depends(f)` depends on, as a default or inside `Annotated[T, Depends(f)]`, also by an alias."""
    if node is None:
        return None
    if isinstance(node, ast.Name):
        alias = code.reach.assigned(node, scope)
        return _marked(*alias, code) if alias is not None and not isinstance(alias[0], ast.Name) else None
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        marks = (_marked(one, scope, code) for one in node.slice.elts[1:])
        return next((mark for mark in marks if mark is not None), None)
    if isinstance(node, ast.Call) and code.reach.name(node.func, scope).rpartition(".")[2] in _DEPENDS:
        site = Site(node=node, scope=scope)
        return site.argument("dependency", 0), scope
    return None


def _type(annotation: ast.expr | None) -> ast.expr | None:
    """`Depends()` depends on the type of its parameter."""
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
        return annotation.slice.elts[0]
    return annotation

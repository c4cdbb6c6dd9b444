"""Tornado: the handlers that an application is made with, their methods as endpoints.

https://www.tornadoweb.org/en/stable/guide/structure.html
"""

import ast
from collections.abc import Iterator

from budgetcheck.readers.python.handlers.base import HTTP, Code, Endpoint, Function, Site
from budgetcheck.readers.python.handlers.paths import regex_path
from budgetcheck.readers.python.reach import Callee, Scope

MARKS = ("import tornado", "from tornado")
_APPLICATIONS = frozenset({"tornado.web.Application", "tornado.routing.RuleRouter"})
_RULES = frozenset({"tornado.web.url", "tornado.web.URLSpec", "tornado.routing.Rule"})
_MESSAGES = frozenset({"open", "on_message"})
_DEEPEST = 6


def find(code: Code) -> Iterator[Endpoint]:
    """The methods of all handlers that some application is made with or given later."""
    for survey in code.surveys:
        for site in survey.calls:
            func = site.node.func
            if isinstance(func, ast.Attribute) and func.attr == "add_handlers":
                rules = site.argument("host_handlers", 1)
            elif _is_application(func, site.scope, code):
                rules = site.argument("handlers", 0)
            else:
                continue
            if rules is not None:
                yield from _listed(rules, site.scope, code)


def _is_application(func: ast.expr, scope: Scope, code: Code) -> bool:
    """`tornado.web.Application(...)`, also `super().__init__(...)` in a class of the project's own."""
    if not isinstance(func, ast.Attribute) or func.attr != "__init__":
        return code.reach.name(func, scope) in _APPLICATIONS
    own = scope.klass.node.bases if scope.klass is not None else []
    return any(code.reach.name(base, code.reach.module_scope(scope.module)) in _APPLICATIONS for base in own)


def _listed(node: ast.expr, scope: Scope, code: Code, depth: int = 0) -> Iterator[Endpoint]:
    """A list of rules, a variable that holds one, or several of them added up."""
    if depth > _DEEPEST:
        return
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            for element in elements:
                if isinstance(element, ast.Starred):
                    yield from _listed(element.value, scope, code, depth + 1)
                else:
                    yield from _rule(element, scope, code)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            yield from _listed(left, scope, code, depth + 1)
            yield from _listed(right, scope, code, depth + 1)
        case ast.Name() | ast.Attribute():
            followed = _followed(node, scope, code)
            if followed is not None:
                yield from _listed(*followed, code, depth + 1)
        case _:
            return


def _followed(node: ast.Name | ast.Attribute, scope: Scope, code: Code) -> tuple[ast.expr, Scope] | None:
    """The list that a variable of the function, or of a module, is given."""
    if isinstance(node, ast.Name) and isinstance(scope.function, Function):
        for statement in scope.function.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=node.id)], value=value):
                    return value, scope
                case _:
                    continue
    return code.reach.assigned(node, scope)


def _rule(node: ast.expr, scope: Scope, code: Code) -> Iterator[Endpoint]:
    """`(r"/jobs/(.*)", Jobs)` and `url(r"/jobs", Jobs, name="jobs")`."""
    match node:
        case ast.Tuple(elts=[pattern, handler, *_]):
            pass
        case ast.Call(func=func, args=[pattern, handler, *_]) if code.reach.name(func, scope) in _RULES:
            pass
        case _:
            return
    site = Site(node=ast.copy_location(ast.Call(func=pattern, args=[], keywords=[]), node), scope=scope)
    written = code.text(pattern, scope)
    # Tornado matches a pattern as a whole, with or without the `$`.
    path = "/*" if written is None else regex_path(f"{written.removesuffix('$')}$")
    before = tuple(callee for _, callee in code.reach.methods(handler, scope, ("initialize", "prepare")))
    for name, callee in code.reach.methods(handler, scope, frozenset(HTTP)):
        yield _endpoint(callee, site, path, before, code, method=name.upper())
    for _, callee in code.reach.methods(handler, scope, _MESSAGES):
        yield _endpoint(callee, site, path, before, code, method="")


def _endpoint(
    callee: Callee, site: Site, path: str, before: tuple[Callee, ...], code: Code, *, method: str
) -> Endpoint:
    """All methods run on the loop. Those of sockets take messages for as long as the connection stands."""
    return Endpoint(
        callee=callee,
        framework="tornado",
        span=code.reach.span(site.node, site.scope),
        paths=(path if path.startswith("/") else f"/{path}",),
        methods=(method,) if method else ("GET",),
        before=before,
        loop=True,
        on_loop=True,
        streaming=not method,
    )

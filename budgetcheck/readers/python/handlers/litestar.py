"""Litestar (and Starlite): handlers, controllers and routers that an application is made with.

https://docs.litestar.dev/2/usage/routing/overview.html
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from budgetcheck.readers.python.handlers.aliases import aliases
from budgetcheck.readers.python.handlers.base import HTTP, Code, Endpoint, Site, application_names
from budgetcheck.readers.python.handlers.paths import joined
from budgetcheck.readers.python.reach import Callee, Scope
from budgetcheck.readers.python.scopes import Class, Function, Value
from budgetcheck.readers.python.values import Items, Named, Plain

MARKS = ("litestar", "starlite")
_PACKAGES = frozenset({"litestar", "starlite"})
_APPLICATIONS = frozenset({"Litestar", "Starlite"})
_DECORATORS = frozenset({*HTTP, "route", "websocket", "websocket_listener", "websocket_stream"})
_DEEPEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where handlers are listed: below a prefix, on applications of these names."""

    code: Code
    prefix: str
    applications: tuple[str, ...]
    depth: int = 0


def find(code: Code) -> Iterator[Endpoint]:
    """The handlers of all applications."""
    for site, names in _applications(code).items():
        listed = site.argument("route_handlers", 0)
        place = _Place(code=code, prefix=_prefix(site, code), applications=tuple(dict.fromkeys(names)))
        if listed is not None:
            yield from _listed(listed, site.scope, place)


def _listed(node: ast.expr, scope: Scope, place: _Place) -> Iterator[Endpoint]:
    """A list of handlers, a variable that holds one, or one handler, controller or router."""
    if place.depth > _DEEPEST:
        return
    deeper = _Place(
        code=place.code, prefix=place.prefix, applications=place.applications, depth=place.depth + 1
    )
    if isinstance(node, ast.Starred):
        node = node.value
    if isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            yield from _listed(element, scope, deeper)
        return
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _listed(node.left, scope, deeper)
        yield from _listed(node.right, scope, deeper)
        return
    found = place.code.reach.evaluate(node, scope)
    if isinstance(found, Function | Class):
        yield from _handler(found, node, scope, place)
        return
    made = _made(node, scope, place.code)
    if made is not None and made[0] == "Router":
        listed, prefix = made[1].argument("route_handlers"), _prefix(made[1], place.code)
        inner = _Place(
            code=place.code,
            prefix=joined(place.prefix.rstrip("/"), prefix),
            applications=place.applications,
            depth=place.depth + 1,
        )
        if listed is not None:
            yield from _listed(listed, made[1].scope, inner)
        return
    followed = place.code.reach.assigned(node, scope)
    if followed is not None:
        yield from _listed(*followed, deeper)


def _handler(found: Function | Class, node: ast.expr, scope: Scope, place: _Place) -> Iterator[Endpoint]:
    """A decorated function, or those of a controller, below the `path` of its class."""
    if isinstance(found, Function):
        callee = place.code.reach.function(node, scope)
        yield from _decorated(callee, place) if callee is not None else ()
        return
    inside = place.code.reach.in_class(found.node, place.code.reach.module_scope(found.module))
    own = next((value for one in found.node.body if (value := _path_of(one)) is not None), None)
    path = place.code.text(own, inside)
    below = _Place(
        code=place.code,
        prefix=joined(place.prefix.rstrip("/"), _absolute("/*" if path is None else path)),
        applications=place.applications,
    )
    names = [one.name for one in found.node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    for _, callee in place.code.reach.methods(node, scope, names):
        yield from _decorated(callee, below)


def _path_of(statement: ast.stmt) -> ast.expr | None:
    """What `path = "/jobs"` in a controller says."""
    match statement:
        case ast.Assign(targets=[ast.Name(id="path")], value=value):
            return value
        case ast.AnnAssign(target=ast.Name(id="path"), value=given):
            return given
        case _:
            return None


def _decorated(callee: Callee, place: _Place) -> Iterator[Endpoint]:
    """The endpoint of each decorator that makes a handler of a function."""
    for decorator in getattr(callee.node, "decorator_list", ()):
        if not isinstance(decorator, ast.Call):
            continue
        package, _, kind = place.code.reach.name(decorator.func, callee.outer).rpartition(".")
        if package.partition(".")[0] not in _PACKAGES or kind not in _DECORATORS:
            continue
        site = Site(node=decorator, scope=callee.outer)
        socket = kind.startswith("websocket")
        threaded = site.argument("sync_to_thread")
        yield Endpoint(
            callee=callee,
            framework="litestar",
            span=place.code.reach.span(decorator, callee.outer),
            paths=tuple(dict.fromkeys(_paths(site, place))),
            methods=_methods(site, kind, place.code),
            applications=place.applications,
            loop=True,
            # Without `sync_to_thread` a plain function runs on the loop as well.
            on_loop=callee.is_async or not (isinstance(threaded, ast.Constant) and threaded.value is True),
            streaming=socket,
        )


def _paths(site: Site, place: _Place) -> Iterator[str]:
    node = site.argument("path", 0)
    listed = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    for one in listed:
        own = place.code.text(one, site.scope)
        yield joined(place.prefix.rstrip("/"), _absolute("/*" if own is None else own))


def _absolute(path: str) -> str:
    stripped = path.strip("/")
    return f"/{stripped}" if stripped else ""


def _methods(site: Site, kind: str, code: Code) -> tuple[str, ...]:
    if kind != "route":
        return (kind.upper(),) if kind in HTTP else ("GET",)
    node = site.argument("http_method")
    given = code.reach.evaluate(node, site.scope)
    found = given.items if isinstance(given, Items) else (given,)
    return tuple(method for one in found if (method := _method(one)))


def _method(value: Value | None) -> str:
    """`"GET"`, or `HttpMethod.GET`."""
    if isinstance(value, Named):
        return value.name.rpartition(".")[2]
    return value.known if isinstance(value, Plain) and isinstance(value.known, str) else ""


def _prefix(site: Site, code: Code) -> str:
    path = code.text(site.argument("path"), site.scope)
    return _absolute("/*" if path is None else path)


def _made(node: ast.expr, scope: Scope, code: Code) -> tuple[str, Site] | None:
    made = code.maker(node, scope)
    if made is None or made[0].partition(".")[0] not in _PACKAGES:
        return None
    return made[0].rpartition(".")[2], made[1]


def _applications(code: Code) -> dict[Site, list[str]]:
    """The applications with their names."""
    found: dict[Site, list[str]] = {}
    for survey in code.surveys:
        for site in survey.calls:
            package, _, kind = code.reach.name(site.node.func, site.scope).rpartition(".")
            if package.partition(".")[0] in _PACKAGES and kind in _APPLICATIONS:
                found.setdefault(site, [])
        for name, value, scope in application_names(survey, code):
            _name(f"{survey.module.name}:{name}", value, scope, found, code)
    for name, value, scope in aliases(code, [one for names in found.values() for one in names]):
        _name(name, value, scope, found, code)
    return found


def _name(name: str, value: ast.expr, scope: Scope, found: dict[Site, list[str]], code: Code) -> None:
    made = _made(value, scope, code)
    if made is not None and made[1] in found:
        found[made[1]].append(name)

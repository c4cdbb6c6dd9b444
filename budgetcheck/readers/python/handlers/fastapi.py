"""FastAPI and Starlette: routes on applications and routers, mounted and included under prefixes.

Dependencies run before their endpoint; plain functions run in a thread pool
(https://fastapi.tiangolo.com/async/#path-operation-functions).
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from budgetcheck.readers.python.handlers.aliases import aliases
from budgetcheck.readers.python.handlers.base import (
    HTTP,
    Code,
    Definition,
    Endpoint,
    Function,
    Routers,
    Site,
    application_names,
)
from budgetcheck.readers.python.handlers.dependencies import listed_dependencies, parameter_dependencies
from budgetcheck.readers.python.handlers.paths import joined
from budgetcheck.readers.python.reach import Callee, Scope

MARKS = ("fastapi", "starlette", "include_router", "add_api_route", "APIRouter")
_APPLICATIONS = frozenset({"FastAPI", "Starlette"})
_ROUTERS = frozenset({"APIRouter", "Router"})
_PACKAGES = frozenset({"fastapi", "starlette"})
_DECORATORS = frozenset({*HTTP, "api_route", "route"})
_SOCKETS = frozenset({"websocket", "websocket_route"})
_ADDING = frozenset({"add_api_route", "add_route"})
_ADDING_SOCKETS = frozenset({"add_api_websocket_route", "add_websocket_route"})
_REGISTERING = _ADDING | _ADDING_SOCKETS | {"include_router", "mount"}


_WORDS = re.compile(r"app|api|router|asgi|server|starlette", re.IGNORECASE)
_MOST_CHARACTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """A function that was registered on a router, below a further `prefix` of its list of routes."""

    router: Site
    site: Site
    callee: Callee
    path: str | None
    methods: tuple[str, ...] = ()
    prefix: str = ""
    socket: bool = False


@dataclass(slots=True)
class _Found:
    code: Code
    routers: Routers = field(default_factory=Routers)
    routes: list[_Route] = field(default_factory=list)
    including: dict[Site, list[Site]] = field(default_factory=dict)
    """The calls that make a router part of another: they may give dependencies."""
    middleware: dict[Site, list[Callee]] = field(default_factory=dict)


def find(code: Code) -> Iterator[Endpoint]:
    """The endpoints of all modules."""
    found = _Found(code)
    for survey in code.surveys:
        for site in survey.calls:
            _call(site, found)
        for definition in survey.definitions:
            if not isinstance(definition.node, ast.ClassDef):
                _decorated(definition, definition.node, found)
    for survey in code.surveys:
        for name, value, scope in application_names(survey, code):
            _named(f"{survey.module.name}:{name}", value, scope, found)
    for name, value, scope in aliases(code, found.routers.names):
        _named(name, value, scope, found)
    for route in found.routes:
        yield from _endpoints(route, found)


def _router(node: ast.expr | None, scope: Scope, found: _Found) -> Site | None:
    """What makes the router or application that an expression stands for."""
    made = found.code.maker(node, scope) if node is not None else None
    return None if made is None else _noted(*made, found)


def _noted(name: str, site: Site, found: _Found) -> Site | None:
    package, kind = name.partition(".")[0], name.rpartition(".")[2]
    if package not in _PACKAGES or kind not in _APPLICATIONS | _ROUTERS:
        return None
    prefix = found.code.text(site.argument("prefix"), site.scope)
    if found.routers.add(site, prefix, is_application=kind in _APPLICATIONS):
        _listed(site.argument("routes"), site, "", found)
    return site


def _named(name: str, value: ast.expr, scope: Scope, found: _Found) -> None:
    """An application is known by a variable, also with something round it: `CORSMiddleware(app)`."""
    if not _WORDS.search(f"{name.rpartition(':')[2]} {ast.unparse(value)[:_MOST_CHARACTERS]}"):
        return  # what every variable of a large project stands for takes too long to work out
    router = _router(value, scope, found)
    if router is None and isinstance(value, ast.Call):
        given = [*value.args, *(keyword.value for keyword in value.keywords)]
        inner = [part for part in given if isinstance(part, ast.Name | ast.Attribute)]
        router = next((one for part in inner if (one := _router(part, scope, found)) is not None), None)
    if router is not None:
        found.routers.name(router, name)


def _call(written: Site, found: _Found) -> None:
    """`app.include_router(...)`, `app.mount(...)`, `router.add_api_route(...)`."""
    func = written.node.func
    if not isinstance(func, ast.Attribute) or func.attr not in _REGISTERING:
        return
    for site in found.code.bound(written):
        outer = _router(func.value, site.scope, found)
        if func.attr in _ADDING | _ADDING_SOCKETS:
            function = site.argument("endpoint", 1) or site.argument("route")
            if outer is not None and function is not None:
                _add(outer, function, site, found, socket=func.attr in _ADDING_SOCKETS)
            continue
        including = func.attr == "include_router"
        inner = _router(
            site.argument("router", 0) if including else site.argument("app", 1), site.scope, found
        )
        if inner is not None:
            prefix = site.argument("prefix") if including else site.argument("path", 0)
            found.routers.mount(inner, outer, found.code.text(prefix, site.scope))
            found.including.setdefault(inner, []).append(site)


def _add(
    router: Site, function: ast.expr, site: Site, found: _Found, *, prefix: str = "", socket: bool = False
) -> None:
    callee = found.code.reach.function(function, site.scope)
    if callee is not None:
        route = _Route(
            router=router,
            site=site,
            callee=callee,
            path=found.code.text(site.argument("path", 0), site.scope),
            methods=found.code.texts(site.argument("methods"), site.scope),
            prefix=prefix,
            socket=socket,
        )
        found.routes.append(route)


def _listed(node: ast.expr | None, router: Site, prefix: str, found: _Found) -> None:
    """`routes=[Route("/", home), Mount("/api", routes=[...])]`."""
    for name, site in found.code.makers(node, router.scope):
        kind = name.rpartition(".")[2]
        path = found.code.text(site.argument("path", 0), site.scope) or ""
        if kind in ("Route", "APIRoute", "WebSocketRoute"):
            function = site.argument("endpoint", 1)
            if function is not None:
                _add(router, function, site, found, prefix=prefix, socket=kind == "WebSocketRoute")
        elif kind == "Mount":
            _listed(site.argument("routes"), router, prefix + path, found)
            inner = _router(site.argument("app", 1), site.scope, found)
            if inner is not None:
                found.routers.mount(inner, router, prefix + path)


def _decorated(definition: Definition, function: Function, found: _Found) -> None:
    for decorator in function.decorator_list:
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
            continue
        kind = decorator.func.attr
        if kind not in _DECORATORS | _SOCKETS and kind != "middleware":
            continue
        for site in found.code.bound(Site(node=decorator, scope=definition.scope)):
            router = _router(decorator.func.value, site.scope, found)
            if router is None:
                continue
            callee = found.code.reach.defined(function, definition.scope)
            if kind == "middleware":
                found.middleware.setdefault(router, []).append(callee)
            else:
                found.routes.append(_decorated_route(router, callee, kind, site, found))


def _decorated_route(router: Site, callee: Callee, kind: str, site: Site, found: _Found) -> _Route:
    return _Route(
        router=router,
        site=site,
        callee=callee,
        path=found.code.text(site.argument("path", 0), site.scope),
        methods=(kind.upper(),) if kind in HTTP else found.code.texts(site.argument("methods"), site.scope),
        socket=kind in _SOCKETS,
    )


def _endpoints(route: _Route, found: _Found) -> Iterator[Endpoint]:
    """The endpoint of a route, with every path that leads to it."""
    reach = found.code.reach
    ways = list(found.routers.prefixes(route.router))
    outer = {one for _, _, objects in ways for one in objects} | {route.router}
    before = [dependency for one in outer for dependency in listed_dependencies(one, found.code)]
    for one in outer:
        for including in found.including.get(one, ()):
            before += listed_dependencies(including, found.code)
    before += listed_dependencies(route.site, found.code)
    before += parameter_dependencies(route.callee, found.code)
    own = "/*" if route.path is None else route.path
    prefixes = [prefix for prefix, _, _ in ways] or [found.routers.own.get(route.router) or ""]
    yield Endpoint(
        callee=route.callee,
        framework="fastapi",
        span=reach.span(route.site.node, route.site.scope),
        paths=tuple(dict.fromkeys(joined(prefix, route.prefix, own) for prefix in prefixes)),
        methods=() if route.socket else tuple(method.upper() for method in route.methods),
        applications=tuple(dict.fromkeys(name for _, names, _ in ways for name in names)),
        before=tuple({dependency.owner: dependency for dependency in before}.values()),
        around=tuple(callee for one in outer for callee in found.middleware.get(one, ())),
        loop=True,
        on_loop=route.callee.is_async,
        streaming=route.socket,
    )

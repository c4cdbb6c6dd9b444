"""Sanic: routes on applications and blueprints, with prefixes, versions and groups, and class-based views.

https://sanic.dev/en/guide/basics/routing.html
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from budgetcheck.readers.python.handlers.aliases import aliases
from budgetcheck.readers.python.handlers.base import (
    HTTP,
    Code,
    Definition,
    Endpoint,
    Routers,
    Site,
    application_names,
)
from budgetcheck.readers.python.handlers.paths import joined
from budgetcheck.readers.python.reach import Callee, Scope

MARKS = ("import sanic", "from sanic")
_APPLICATION, _BLUEPRINT = "Sanic", "Blueprint"
_DECORATORS = frozenset({*HTTP, "route", "websocket"})
_REGISTERING = frozenset({"blueprint", "add_route", "add_websocket_route"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    router: Site
    site: Site
    callee: Callee
    path: str | None
    methods: tuple[str, ...]
    socket: bool = False


@dataclass(slots=True)
class _Found:
    code: Code
    routers: Routers = field(default_factory=Routers)
    routes: list[_Route] = field(default_factory=list)


def find(code: Code) -> Iterator[Endpoint]:
    """The endpoints of all modules."""
    found = _Found(code)
    for survey in code.surveys:
        for site in survey.calls:
            _call(site, found)
        for definition in survey.definitions:
            if not isinstance(definition.node, ast.ClassDef):
                _decorated(definition, found)
    for survey in code.surveys:
        for name, value, scope in application_names(survey, code):
            _named(f"{survey.module.name}:{name}", value, scope, found)
    for name, value, scope in aliases(code, found.routers.names):
        _named(name, value, scope, found)
    for route in found.routes:
        yield from _endpoint(route, found)


def _named(name: str, value: ast.expr, scope: Scope, found: _Found) -> None:
    router = _router(value, scope, found)
    if router is not None:
        found.routers.name(router, name)


def _router(node: ast.expr | None, scope: Scope, found: _Found) -> Site | None:
    made = found.code.maker(node, scope) if node is not None else None
    if made is None or made[0].partition(".")[0] != "sanic":
        return None
    kind, site = made[0].rpartition(".")[2], made[1]
    if kind == _APPLICATION:
        found.routers.add(site, "", is_application=True)
    elif kind == _BLUEPRINT:
        found.routers.add(site, _own_prefix(site, found), is_application=False)
    elif kind == "group":
        if found.routers.add(site, _own_prefix(site, found), is_application=False):
            for argument in site.node.args:
                inner = _router(argument, site.scope, found)
                if inner is not None:
                    found.routers.mount(inner, site, "")
    else:
        return None
    return site


def _own_prefix(site: Site, found: _Found) -> str | None:
    """`version=2` stands before the prefix, as `/v2`."""
    prefix = found.code.text(site.argument("url_prefix"), site.scope)
    return None if prefix is None else f"{_version(site, found)}{prefix}"


def _version(site: Site, found: _Found) -> str:
    given = site.argument("version")
    if given is None or found.code.is_none(given, site.scope):
        return ""
    text = found.code.text(given, site.scope)
    number = found.code.reach.number(given, site.scope)
    return f"/v{text.lstrip('v')}" if text else f"/v{number}" if number is not None else "/*"


def _call(written: Site, found: _Found) -> None:
    """`app.blueprint(bp, url_prefix="/x")`, `app.add_route(handler, "/x", methods=["POST"])`."""
    func = written.node.func
    if not isinstance(func, ast.Attribute) or func.attr not in _REGISTERING:
        return
    for site in found.code.bound(written):
        outer = _router(func.value, site.scope, found)
        first = site.argument("blueprint" if func.attr == "blueprint" else "handler", 0)
        if first is None or outer is None:
            continue
        if func.attr == "blueprint":
            listed = first.elts if isinstance(first, ast.List | ast.Tuple) else [first]
            for one in listed:
                inner = _router(one, site.scope, found)
                if inner is not None:
                    prefix = found.code.text(site.argument("url_prefix"), site.scope)
                    found.routers.mount(inner, outer, prefix)
            continue
        _added(first, outer, site, found, socket=func.attr == "add_websocket_route")


def _added(view: ast.expr, router: Site, site: Site, found: _Found, *, socket: bool) -> None:
    """A function, or each method of a class: `View.as_view()`."""
    path = found.code.text(site.argument("uri", 1), site.scope)
    methods = found.code.texts(site.argument("methods"), site.scope) or ("GET",)
    if isinstance(view, ast.Call) and isinstance(view.func, ast.Attribute) and view.func.attr == "as_view":
        for name, callee in found.code.reach.methods(view.func.value, site.scope, HTTP):
            found.routes.append(
                _Route(router=router, site=site, callee=callee, path=path, methods=(name.upper(),))
            )
        return
    function = found.code.reach.function(view, site.scope)
    if function is not None:
        found.routes.append(
            _Route(router=router, site=site, callee=function, path=path, methods=methods, socket=socket)
        )


def _decorated(definition: Definition, found: _Found) -> None:
    assert not isinstance(definition.node, ast.ClassDef)
    for decorator in definition.node.decorator_list:
        func = decorator.func if isinstance(decorator, ast.Call) else None
        if not isinstance(decorator, ast.Call) or not isinstance(func, ast.Attribute):
            continue
        if func.attr not in _DECORATORS:
            continue
        for site in found.code.bound(Site(node=decorator, scope=definition.scope)):
            router = _router(func.value, site.scope, found)
            if router is None:
                continue
            methods = found.code.texts(site.argument("methods"), site.scope) or ("GET",)
            route = _Route(
                router=router,
                site=site,
                callee=found.code.reach.defined(definition.node, definition.scope),
                path=found.code.text(site.argument("uri", 0), site.scope),
                methods=(func.attr.upper(),) if func.attr in HTTP else methods,
                socket=func.attr == "websocket",
            )
            found.routes.append(route)


def _endpoint(route: _Route, found: _Found) -> Iterator[Endpoint]:
    ways = list(found.routers.prefixes(route.router))
    own = "/*" if route.path is None else route.path
    version = _version(route.site, found)
    prefixes = [prefix for prefix, _, _ in ways] or [found.routers.own.get(route.router) or ""]
    yield Endpoint(
        callee=route.callee,
        framework="sanic",
        span=found.code.reach.span(route.site.node, route.site.scope),
        paths=tuple(dict.fromkeys(joined(version, prefix, _absolute(own)) for prefix in prefixes)),
        methods=tuple(method.upper() for method in route.methods),
        applications=tuple(dict.fromkeys(name for _, names, _ in ways for name in names)),
        loop=True,
        on_loop=True,
        streaming=route.socket,
    )


def _absolute(path: str) -> str:
    """A slash at the end decides nothing unless an application is strict."""
    stripped = path.strip("/")
    return f"/{stripped}" if stripped else ""

"""Flask and Quart: routes on applications and blueprints, class-based views, and hooks before requests."""

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

MARKS = ("flask", "Flask", "quart", "Quart", "Blueprint", "register_blueprint")
_APPLICATIONS = frozenset({"Flask", "Quart", "APIFlask", "OpenAPI"})
_ROUTERS = frozenset({"Blueprint", "APIBlueprint", "Namespace"})
_PACKAGES = frozenset({"flask", "quart", "apiflask", "flask_smorest", "flask_openapi3", "flask_restx"})
_HOOKS = frozenset({"before_request", "before_app_request"})
_REGISTERING = _HOOKS | {"register_blueprint", "register_api", "add_url_rule", "add_resource"}
_VIEW_METHODS = frozenset({*HTTP, "dispatch_request"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    router: Site
    site: Site
    callee: Callee
    path: str | None
    methods: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    code: Code
    routers: Routers = field(default_factory=Routers)
    routes: list[_Route] = field(default_factory=list)
    hooks: dict[Site, list[Callee]] = field(default_factory=dict)


def find(code: Code) -> Iterator[Endpoint]:
    """The endpoints of all modules."""
    found = _Found(code)
    for survey in code.surveys:
        for site in survey.calls:
            _call(site, found)
        for definition in survey.definitions:
            _decorated(definition, found)
    for survey in code.surveys:
        for name, value, scope in application_names(survey, code):
            _named(f"{survey.module.name}:{name}", value, scope, found)
    for name, value, scope in aliases(code, found.routers.names):
        _named(name, value, scope, found)
    for route in found.routes:
        yield _endpoint(route, found)


def _named(name: str, value: ast.expr, scope: Scope, found: _Found) -> None:
    router = _router(value, scope, found)
    if router is not None:
        found.routers.name(router, name)


def _router(node: ast.expr | None, scope: Scope, found: _Found) -> Site | None:
    made = found.code.maker(node, scope) if node is not None else None
    return None if made is None else _noted(*made, found)


def _noted(name: str, site: Site, found: _Found) -> Site | None:
    package, kind = name.partition(".")[0], name.rpartition(".")[2]
    if package not in _PACKAGES or kind not in _APPLICATIONS | _ROUTERS:
        return None
    # Its own prefix counts only where none is given when it is registered.
    found.routers.add(site, "", is_application=kind in _APPLICATIONS)
    return site


def _call(written: Site, found: _Found) -> None:
    """`app.register_blueprint(...)`, `app.add_url_rule(...)`, `api.add_resource(...)`."""
    func = written.node.func
    if not isinstance(func, ast.Attribute) or func.attr not in _REGISTERING:
        return
    for site in found.code.bound(written):
        if func.attr == "add_resource":
            _resource(site, found)
            continue
        outer = _router(func.value, site.scope, found)
        if func.attr in _HOOKS:
            hook = found.code.reach.function(site.node.args[0], site.scope) if site.node.args else None
            if outer is not None and hook is not None:
                found.hooks.setdefault(outer, []).append(hook)
            continue
        if func.attr == "add_url_rule":
            view = site.argument("view_func", 2)
            if outer is not None and view is not None:
                path = found.code.text(site.argument("rule", 0), site.scope)
                methods = found.code.texts(site.argument("methods"), site.scope)
                _add(outer, view, path, methods, site, found)
            continue
        inner = _router(site.argument("blueprint", 0), site.scope, found)
        if inner is not None:
            _register(inner, outer, site, found)


def _resource(site: Site, found: _Found) -> None:
    """A resource of Flask-RESTful, on the only application there is."""
    view, router = site.argument("resource", 0), _only_application(found)
    if router is not None and view is not None:
        for rule in site.node.args[1:]:
            _add(router, view, found.code.text(rule, site.scope), (), site, found)


def _register(inner: Site, outer: Site | None, site: Site, found: _Found) -> None:
    """A prefix that is given at registration stands in the place of the blueprint's own.

    https://flask.palletsprojects.com/en/stable/api/#flask.Flask.register_blueprint
    """
    given = site.argument("url_prefix", 1)
    if given is not None and found.code.is_none(given, site.scope):
        given = None
    prefix = _own_prefix(inner, found) if given is None else found.code.text(given, site.scope)
    found.routers.mount(inner, outer, prefix)


def _own_prefix(blueprint: Site, found: _Found) -> str | None:
    written = blueprint.argument("url_prefix") or blueprint.argument("path")
    return found.code.text(written, blueprint.scope)


def _only_application(found: _Found) -> Site | None:
    applications = list(found.routers.applications)
    return applications[0] if len(applications) == 1 else None


def _add(
    router: Site, view: ast.expr, path: str | None, methods: tuple[str, ...], site: Site, found: _Found
) -> None:
    """A function, or each method of a class: `View.as_view("name")`, a resource."""
    if isinstance(view, ast.Call) and isinstance(view.func, ast.Attribute) and view.func.attr == "as_view":
        view = view.func.value
    views = list(found.code.reach.methods(view, site.scope, _VIEW_METHODS))
    if views:
        for name, callee in views:
            mine = methods if name == "dispatch_request" else (name.upper(),)
            found.routes.append(
                _Route(router=router, site=site, callee=callee, path=path, methods=mine or ("GET",))
            )
        return
    function = found.code.reach.function(view, site.scope)
    if function is not None:
        found.routes.append(
            _Route(router=router, site=site, callee=function, path=path, methods=methods or ("GET",))
        )


def _decorated(definition: Definition, found: _Found) -> None:
    for decorator in definition.node.decorator_list:
        func = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not isinstance(func, ast.Attribute):
            continue
        if not _may_register(func.attr):
            continue
        call = decorator if isinstance(decorator, ast.Call) else ast.Call(func=func, args=[], keywords=[])
        for site in found.code.bound(Site(node=call, scope=definition.scope)):
            router = _router(func.value, site.scope, found)
            if router is None:
                continue
            if func.attr in _HOOKS and not isinstance(definition.node, ast.ClassDef):
                callee = found.code.reach.defined(definition.node, definition.scope)
                found.hooks.setdefault(router, []).append(callee)
            elif isinstance(decorator, ast.Call):
                _routed(site, func.attr, definition, router, found)


def _may_register(attribute: str) -> bool:
    return attribute in _HOOKS or attribute in HTTP or attribute in ("route", "websocket")


def _routed(site: Site, kind: str, definition: Definition, router: Site, found: _Found) -> None:
    path = found.code.text(site.argument("rule", 0), site.scope)
    methods = (kind.upper(),) if kind in HTTP else found.code.texts(site.argument("methods"), site.scope)
    if isinstance(definition.node, ast.ClassDef):
        name = ast.copy_location(ast.Name(id=definition.node.name, ctx=ast.Load()), definition.node)
        _add(router, name, path, methods, site, found)
    else:
        callee = found.code.reach.defined(definition.node, definition.scope)
        found.routes.append(
            _Route(router=router, site=site, callee=callee, path=path, methods=methods or ("GET",))
        )


def _endpoint(route: _Route, found: _Found) -> Endpoint:
    """The endpoint of a route. Coroutines of Flask run on loops of their own."""
    ways = list(found.routers.prefixes(route.router))
    objects = dict.fromkeys((*(one for _, _, all_of in ways for one in all_of), route.router))
    own = "/*" if route.path is None else route.path
    prefixes = [prefix for prefix, _, _ in ways] or [_own_prefix(route.router, found) or ""]
    return Endpoint(
        callee=route.callee,
        framework="flask",
        span=found.code.reach.span(route.site.node, route.site.scope),
        paths=tuple(dict.fromkeys(joined(prefix, own) for prefix in prefixes)),
        methods=tuple(method.upper() for method in route.methods),
        applications=tuple(dict.fromkeys(name for _, names, _ in ways for name in names)),
        before=tuple({hook.owner: hook for one in objects for hook in found.hooks.get(one, ())}.values()),
    )

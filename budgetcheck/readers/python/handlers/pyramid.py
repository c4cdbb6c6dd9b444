"""Pyramid: views that are found by a scan or added one by one, routes by their names, and what is included.

https://docs.pylonsproject.org/projects/pyramid/en/latest/narr/viewconfig.html
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from budgetcheck.readers.python.handlers.aliases import aliases
from budgetcheck.readers.python.handlers.base import Code, Definition, Endpoint, Function, Site
from budgetcheck.readers.python.modules import Module
from budgetcheck.readers.python.reach import Callee, Scope

MARKS = ("pyramid", "def includeme", "add_route(", "add_view(")
_VIEW, _DEFAULTS = "pyramid.view.view_config", "pyramid.view.view_defaults"
_MAKER, _INCLUDED = "make_wsgi_app", "includeme"
_DEEPEST = 8
_REGEX = re.compile(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}")
_REST = re.compile(r"\*(\w+)$")
_Including = tuple[Module, str]
"""A function that adds routes: its module and its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where `config.include("shop.routes", route_prefix="/shop")` stands; no prefix: it is not known."""

    site: Site
    prefix: str | None


@dataclass(slots=True)
class _Found:
    code: Code
    routes: dict[str, list[Site]] = field(default_factory=dict)
    """The calls that add a route, by its name."""
    included: dict[_Including, list[_Place]] = field(default_factory=dict)


def find(code: Code) -> Iterator[Endpoint]:
    """The views of all modules. That each is scanned is taken for granted."""
    found = _Found(code)
    for survey in code.surveys:
        for site in survey.calls:
            _configures(site, found)
    applications = _applications(code)
    for survey in code.surveys:
        for definition in survey.definitions:
            for given in _decorated(definition, code):
                for callee in _views_of(definition, given, code):
                    yield from _endpoint(given, callee, applications, found)
        for site in survey.calls:
            if isinstance(site.node.func, ast.Attribute) and site.node.func.attr == "add_view":
                view = site.argument("view", 0)
                for callee in _added(view, site, code) if view is not None else ():
                    yield from _endpoint([site], callee, applications, found)


def _configures(site: Site, found: _Found) -> None:
    """`config.add_route("name", "/path")`, `config.include(routes, route_prefix="/v1")`."""
    func = site.node.func
    if not isinstance(func, ast.Attribute):
        return
    if func.attr == "add_route":
        name = found.code.text(site.argument("name", 0), site.scope)
        if name and not name.startswith("/"):
            found.routes.setdefault(name, []).append(site)
    elif func.attr == "include":
        included = _included(site, found.code)
        if included is not None:
            prefix = found.code.text(site.argument("route_prefix", 1), site.scope)
            found.included.setdefault(included, []).append(_Place(site=site, prefix=prefix))


def _included(site: Site, code: Code) -> _Including | None:
    """The function that is included: `includeme` of a module unless it is another."""
    target = site.argument("callable", 0)
    if target is None:
        return None
    written = code.text(target, site.scope)
    if written:
        dotted, _, name = written.partition(":")
        module = _dotted(dotted, site.scope, code)
        return (module, name or _INCLUDED) if module is not None else None
    callee = code.reach.function(target, site.scope)
    if callee is not None:
        return callee.outer.module, callee.owner.rpartition(":")[2]
    module = code.reach.module_of(target, site.scope)
    return (module, _INCLUDED) if module is not None else None


def _dotted(dotted: str, scope: Scope, code: Code) -> Module | None:
    """The module of a dotted name; a leading dot is the package at hand."""
    name = dotted.lstrip(".")
    level = len(dotted) - len(name)
    if level:
        return code.reach.evaluator.project.relative(name, level, scope.module)
    return code.reach.module(name, scope)


def _prefixes(site: Site, found: _Found, depth: int = 0) -> list[str]:
    """What stands before a route, for each place that includes the function which adds it.

    A helper that a function calls adds for whoever includes its module.
    """
    function = site.scope.function
    name = function.name if isinstance(function, Function) else ""
    module = site.scope.module
    places = found.included.get((module, name)) or found.included.get((module, _INCLUDED), [])
    if not places or depth > _DEEPEST:
        return [""]
    return list(
        dict.fromkeys(
            _below(outer, place.prefix)
            for place in places
            for outer in _prefixes(place.site, found, depth + 1)
        )
    )


def _below(outer: str, prefix: str | None) -> str:
    own = "*" if prefix is None else prefix.strip("/")
    return f"{outer}/{own}" if own else outer


def _decorated(definition: Definition, code: Code) -> Iterator[list[Site]]:
    """Each `@view_config(...)` of a function, class or method, with the defaults of its class behind it."""
    if not definition.node.decorator_list:
        return
    owner = definition.node if isinstance(definition.node, ast.ClassDef) else None
    if owner is None and definition.scope.klass is not None and definition.scope.function is None:
        owner = definition.scope.klass.node
    defaults: list[Site] | None = None
    for decorator in definition.node.decorator_list:
        if isinstance(decorator, ast.Call) and code.reach.name(decorator.func, definition.scope) == _VIEW:
            if defaults is None:
                defaults = list(_defaults(owner, definition.scope, code)) if owner is not None else []
            yield [Site(node=decorator, scope=definition.scope), *defaults]


def _defaults(owner: ast.ClassDef, scope: Scope, code: Code) -> Iterator[Site]:
    around = code.reach.module_scope(scope.module)
    for decorator in owner.decorator_list:
        if isinstance(decorator, ast.Call) and code.reach.name(decorator.func, around) == _DEFAULTS:
            yield Site(node=decorator, scope=around)


def _given(name: str, sites: list[Site]) -> tuple[ast.expr | None, Scope]:
    for site in sites:
        if name in site.given:
            return site.given[name], site.scope
    return None, sites[0].scope


def _views_of(definition: Definition, given: list[Site], code: Code) -> Iterator[Callee]:
    if isinstance(definition.node, Function):
        yield code.reach.defined(definition.node, definition.scope)
        return
    name = ast.copy_location(ast.Name(id=definition.node.name, ctx=ast.Load()), definition.node)
    attribute = code.text(*_given("attr", given)) or "__call__"
    for _, callee in code.reach.methods(name, definition.scope, (attribute,)):
        yield callee


def _added(view: ast.expr, site: Site, code: Code) -> Iterator[Callee]:
    """A function, a class with an `attr`, or a view by its dotted name."""
    attribute = code.text(site.argument("attr"), site.scope) or "__call__"
    scope, written = site.scope, code.text(view, site.scope)
    if written:
        module, _, name = written.replace(":", ".").rpartition(".")
        named = _dotted(module, site.scope, code)
        if named is None:
            return
        view, scope = (
            ast.copy_location(ast.Name(id=name, ctx=ast.Load()), view),
            code.reach.module_scope(named),
        )
    methods = [callee for _, callee in code.reach.methods(view, scope, (attribute,))]
    callee = None if methods else code.reach.function(view, scope)
    yield from methods or ([callee] if callee is not None else [])


def _endpoint(
    given: list[Site], callee: Callee, applications: tuple[str, ...], found: _Found
) -> Iterator[Endpoint]:
    route, scope = _given("route_name", given)
    if route is None and _given("context", given)[0] is not None:
        return  # a view of an exception, or of a resource in a tree: no path leads to it
    sites = found.routes.get(found.code.text(route, scope) or "", ())
    yield Endpoint(
        callee=callee,
        framework="pyramid",
        span=found.code.reach.span(given[0].node, given[0].scope),
        paths=tuple(dict.fromkeys(_paths(sites, found))) or ("/*",),
        methods=_methods([*given, *sites], found.code),
        applications=applications,
        before=tuple(_constructor(callee, found.code)),
    )


def _constructor(callee: Callee, code: Code) -> Iterator[Callee]:
    """An object of the view's class is made for every request."""
    klass = callee.outer.klass
    if klass is not None:
        name = ast.copy_location(ast.Name(id=klass.node.name, ctx=ast.Load()), klass.node)
        around = code.reach.module_scope(klass.module)
        yield from (method for _, method in code.reach.methods(name, around, ("__init__",)))


def _paths(sites: Sequence[Site], found: _Found) -> Iterator[str]:
    for site in sites:
        pattern = found.code.text(site.argument("pattern", 1) or site.argument("path"), site.scope)
        own = "*" if pattern is None else _plain(pattern.lstrip("/"))
        for prefix in _prefixes(site, found):
            yield f"{prefix}/{own}"


def _plain(pattern: str) -> str:
    """`jobs/{id:\\d+}/*rest` as other frameworks write it: the expressions say only which of them match."""
    return _REST.sub(r"{\1:path}", _REGEX.sub(r"{\1}", pattern))


def _methods(given: list[Site], code: Code) -> tuple[str, ...]:
    """Those of the view, else those of its route."""
    node, scope = _given("request_method", given)
    one = code.text(node, scope) if node is not None else None
    return (one.upper(),) if one else tuple(text.upper() for text in code.texts(node, scope))


def _applications(code: Code) -> tuple[str, ...]:
    """All names of the one application there is; with several, none is that of a view."""
    names: dict[Site, list[str]] = {}
    for survey in code.surveys:
        for site in survey.calls:
            if isinstance(site.node.func, ast.Attribute) and site.node.func.attr == _MAKER:
                function = site.scope.function
                found = [f"{survey.module.name}:{function.name}"] if isinstance(function, Function) else []
                names.setdefault(site, []).extend(found)
        for name, value, scope in survey.variables:
            _named(f"{survey.module.name}:{name}", value, scope, names, code)
    for name, value, scope in aliases(code, [name for several in names.values() for name in several]):
        _named(name, value, scope, names, code)
    return tuple(dict.fromkeys(next(iter(names.values())))) if len(names) == 1 else ()


def _named(name: str, value: ast.expr, scope: Scope, names: dict[Site, list[str]], code: Code) -> None:
    if not isinstance(value, ast.Call | ast.Name):
        return
    made = code.maker(value, scope)
    if made is not None and made[1] in names:
        names[made[1]].append(name)
        return
    factory = code.reach.function(value, scope)
    if factory is not None:
        known = {one for several in names.values() for one in several}
        if factory.owner in known:
            next(several for several in names.values() if factory.owner in several).append(name)

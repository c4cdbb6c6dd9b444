"""Django: URL patterns with their includes, function and class-based views, the REST framework."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from budgetcheck.readers.python.handlers.base import HTTP, Code, Endpoint, Site, Survey
from budgetcheck.readers.python.handlers.paths import joined, regex_path
from budgetcheck.readers.python.reach import Callee, Module, Scope

MARKS = ("urlpatterns", "get_wsgi_application", "get_asgi_application", "DefaultRouter", "SimpleRouter")
_ROUTES = frozenset({"path", "re_path", "url"})
_REGULAR = frozenset({"re_path", "url"})
_LOADERS = frozenset({"get_wsgi_application", "get_asgi_application"})
_OF_ITEM = {"retrieve": "GET", "update": "PUT", "partial_update": "PATCH", "destroy": "DELETE"}
_OF_LIST = {"list": "GET", "create": "POST"}
_DEEPEST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """A function that answers some methods."""

    callee: Callee
    methods: tuple[str, ...]
    path: str
    span_of: Site


@dataclass(slots=True)
class _Found:
    code: Code
    patterns: dict[str, Survey] = field(default_factory=dict)
    """Modules with `urlpatterns`, by file."""
    included: set[str] = field(default_factory=set)


def find(code: Code) -> Iterator[Endpoint]:
    """The endpoints below every URL configuration that no other one includes."""
    found = _Found(code)
    for survey in code.surveys:
        if any(name == "urlpatterns" for name, _, _ in survey.variables):
            found.patterns[survey.module.name] = survey
    for survey in code.surveys:
        for site in survey.calls:
            if _called(site) == "include":
                module = _included(site, found)
                found.included |= {module} if module else set()
    applications = tuple(_applications(code))
    for name in sorted(set(found.patterns) - found.included):
        for view in _below(name, "", found, ()):
            yield Endpoint(
                callee=view.callee,
                framework="django",
                span=code.reach.span(view.span_of.node, view.span_of.scope),
                paths=(view.path,),
                methods=view.methods,
                applications=_near(name, applications),
                loop=view.callee.is_async,
                on_loop=view.callee.is_async,
            )


def _applications(code: Code) -> Iterator[str]:
    """`application = get_wsgi_application()`."""
    for survey in code.surveys:
        for name, value, _ in survey.variables:
            calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
            if any(ast.unparse(call.func).rpartition(".")[2] in _LOADERS for call in calls):
                yield f"{survey.module.name}:{name}"


def _near(name: str, applications: Sequence[str]) -> tuple[str, ...]:
    """Those of the same project: that share most folders with the URL configuration."""
    folders = name.split("/")[:-1]

    def shared(application: str) -> int:
        same = [one == other for one, other in zip(folders, application.split("/"), strict=False)]
        return next((number for number, equal in enumerate(same) if not equal), len(same))

    most = max(map(shared, applications), default=0)
    return tuple(application for application in applications if shared(application) == most)


def _below(name: str, prefix: str, found: _Found, seen: tuple[str, ...]) -> Iterator[_View]:
    """The views of a module's patterns, with those of what it includes."""
    survey = found.patterns.get(name)
    if survey is None or name in seen or len(seen) > _DEEPEST:
        return
    for site in survey.calls:
        if _called(site) in _ROUTES and len(site.node.args) > 1 and site.scope.function is None:
            yield from _route(site, prefix, found, (*seen, name))
        elif isinstance(site.node.func, ast.Attribute) and site.node.func.attr == "register":
            # A router of the REST framework: mostly included where the module is.
            base = _router_prefix(survey, site, found)
            if base is not None:
                yield from _registered(site, joined(prefix, base), found)


def _route(site: Site, prefix: str, found: _Found, seen: tuple[str, ...]) -> Iterator[_View]:
    written = found.code.text(site.node.args[0], site.scope)
    own = "*" if written is None else regex_path(written) if _called(site) in _REGULAR else written
    path = f"{prefix}{own}"
    target = site.node.args[1]
    if isinstance(target, ast.Call) and _name(target) == "include":
        inner = Site(node=target, scope=site.scope)
        module = _included(inner, found)
        if module is not None:
            yield from _below(module, path, found, seen)
        return
    for methods, callee in _views(target, site.scope, found):
        yield _View(callee=callee, methods=methods, path=_absolute(path), span_of=site)


def _views(target: ast.expr, scope: Scope, found: _Found) -> Iterator[tuple[tuple[str, ...], Callee]]:
    """A function, or each method of a class-based view."""
    reach = found.code.reach
    if (
        isinstance(target, ast.Call)
        and isinstance(target.func, ast.Attribute)
        and target.func.attr == "as_view"
    ):
        actions = _actions(target)
        if actions:
            for method, name in actions.items():
                for _, callee in reach.methods(target.func.value, scope, frozenset({name})):
                    yield (method.upper(),), callee
            return
        for name, callee in reach.methods(target.func.value, scope, frozenset(HTTP)):
            yield (name.upper(),), callee
        return
    if isinstance(target, ast.Call) and target.args:  # `csrf_exempt(view)`, `cache_page(60)(view)`
        yield from _views(target.args[0], scope, found)
        return
    function = reach.function(target, scope)
    if function is not None:
        yield _allowed(function, found), function


def _actions(call: ast.Call) -> dict[str, str]:
    """`ViewSet.as_view({"get": "list"})`."""
    table = call.args[0] if call.args else None
    if not isinstance(table, ast.Dict):
        return {}
    pairs = zip(table.keys, table.values, strict=True)
    return {
        key.value: value.value
        for key, value in pairs
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)
        if isinstance(key.value, str) and isinstance(value.value, str)
    }


def _allowed(callee: Callee, found: _Found) -> tuple[str, ...]:
    """`@api_view(["GET"])`, `@require_POST`, `@require_http_methods(["GET", "POST"])`."""
    for decorator in getattr(callee.node, "decorator_list", []):
        name = ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator).rpartition(".")[
            2
        ]
        if name in ("api_view", "require_http_methods") and isinstance(decorator, ast.Call):
            return found.code.texts(decorator.args[0] if decorator.args else None, callee.outer)
        if name in ("require_POST", "require_GET"):
            return (name.removeprefix("require_"),)
        if name == "require_safe":
            return ("GET", "HEAD")
    return ()


def _registered(site: Site, prefix: str, found: _Found) -> Iterator[_View]:
    """`router.register("users", UserViewSet)`: the actions of lists and of single items."""
    view = site.argument("viewset", 1)
    written = found.code.text(site.argument("prefix", 0), site.scope)
    if view is None:
        return
    base = f"{prefix}{regex_path(f'{written}$')}/" if written is not None else f"{prefix}*"
    for table, path in ((_OF_LIST, base), (_OF_ITEM, f"{base}{{pk}}/")):
        for name, callee in found.code.reach.methods(view, site.scope, frozenset(table)):
            yield _View(callee=callee, methods=(table[name],), path=_absolute(path), span_of=site)


def _router_prefix(survey: Survey, site: Site, found: _Found) -> str | None:
    """Where the module includes `router.urls`; None where the call registers something else."""
    func = site.node.func
    assert isinstance(func, ast.Attribute)
    made = found.code.maker(func.value, site.scope)
    if made is None or not made[0].rpartition(".")[2].endswith("Router"):
        return None
    shown = f"{ast.unparse(func.value)}.urls"
    for other in survey.calls:
        if (
            _called(other) in _ROUTES
            and len(other.node.args) > 1
            and shown in ast.unparse(other.node.args[1])
        ):
            written = found.code.text(other.node.args[0], other.scope)
            return "*" if written is None else regex_path(written) if _called(other) in _REGULAR else written
    return ""


def _included(site: Site, found: _Found) -> str | None:
    """The file of the URL configuration that `include(...)` means."""
    target = site.node.args[0] if site.node.args else None
    if isinstance(target, ast.Tuple) and target.elts:
        target = target.elts[0]
    if target is None:
        return None
    written = found.code.text(target, site.scope)
    module: Module | None = None
    if written:
        module = found.code.reach.module(written, site.scope)
    elif isinstance(target, ast.Name | ast.Attribute):
        module = found.code.reach.module_of(target, site.scope)
    return module.name if module is not None else None


def _absolute(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _called(site: Site) -> str:
    return _name(site.node)


def _name(call: ast.Call) -> str:
    func = call.func
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""

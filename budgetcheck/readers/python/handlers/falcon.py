"""Falcon: resources that routes are added for, their responders as endpoints.

https://falcon.readthedocs.io/en/stable/api/routing.html
"""

import ast
from collections.abc import Iterator

from budgetcheck.readers.python.handlers.aliases import aliases
from budgetcheck.readers.python.handlers.base import HTTP, Code, Endpoint, Site, application_names
from budgetcheck.readers.python.reach import Scope

MARKS = ("import falcon", "from falcon")
_APPLICATIONS = frozenset({"falcon.App", "falcon.API", "falcon.asgi.App", "falcon.app.App"})


def find(code: Code) -> Iterator[Endpoint]:
    """The responders of every resource that a route is added for."""
    names = _names(code)
    for survey in code.surveys:
        for written in survey.calls:
            func = written.node.func
            if not isinstance(func, ast.Attribute) or func.attr != "add_route":
                continue
            for site in code.bound(written):
                made = _application(func.value, site.scope, code)
                only = next(iter(names)) if len(names) == 1 else None
                if made is not None or isinstance(func.value, ast.Name):
                    yield from _resource(site, tuple(names.get(made or only, ())), code)


def _resource(site: Site, applications: tuple[str, ...], code: Code) -> Iterator[Endpoint]:
    """`app.add_route("/jobs/{id}", Jobs(), suffix="one")`."""
    resource = site.argument("resource", 1)
    if resource is None:
        return
    path = code.text(site.argument("uri_template", 0), site.scope)
    suffix = code.text(site.argument("suffix"), site.scope) or ""
    ending = f"_{suffix}" if suffix else ""
    responders = {f"on_{method}{ending}": method.upper() for method in HTTP}
    for name, callee in code.reach.methods(resource, site.scope, responders):
        yield Endpoint(
            callee=callee,
            framework="falcon",
            span=code.reach.span(site.node, site.scope),
            paths=("/*" if path is None else path,),
            methods=(responders[name],),
            applications=applications,
            loop=callee.is_async,
            on_loop=callee.is_async,
        )


def _application(node: ast.expr, scope: Scope, code: Code) -> Site | None:
    made = code.maker(node, scope)
    return made[1] if made is not None and made[0] in _APPLICATIONS else None


def _names(code: Code) -> dict[Site | None, list[str]]:
    """The applications with their names."""
    found: dict[Site | None, list[str]] = {}
    for survey in code.surveys:
        for site in survey.calls:
            if code.reach.name(site.node.func, site.scope) in _APPLICATIONS:
                found.setdefault(site, [])
        for name, value, scope in application_names(survey, code):
            made = _application(value, scope, code)
            if made is not None:
                found.setdefault(made, []).append(f"{survey.module.name}:{name}")
    for name, value, scope in aliases(code, [one for names in found.values() for one in names]):
        made = _application(value, scope, code)
        if made is not None:
            found.setdefault(made, []).append(name)
    return found

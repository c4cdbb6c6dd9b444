"""aiohttp.web: route tables, lists of routes, and routes that are added one by one."""

import ast
from collections.abc import Iterator

from budgetcheck.readers.python.handlers.base import HTTP, Code, Endpoint, Site
from budgetcheck.readers.python.reach import Callee

MARKS = ("aiohttp.web", "from aiohttp import web", "RouteTableDef", "add_routes")
_ADDING = {f"add_{method}": (method.upper(),) for method in HTTP} | {"add_route": ()}


def find(code: Code) -> Iterator[Endpoint]:
    """The endpoints of all modules."""
    applications = tuple(_applications(code))
    for survey in code.surveys:
        for definition in survey.definitions:
            if isinstance(definition.node, ast.ClassDef):
                continue
            for decorator in definition.node.decorator_list:
                if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                    made = code.maker(decorator.func.value, definition.scope)
                    if made is not None and made[0].endswith("RouteTableDef"):
                        site = Site(node=decorator, scope=definition.scope)
                        callee = code.reach.defined(definition.node, definition.scope)
                        yield _endpoint(site, decorator.func.attr, 0, callee, applications, code)
        for site in survey.calls:
            func = site.node.func
            if isinstance(func, ast.Attribute) and (func.attr in _ADDING or func.attr in HTTP):
                yield from _added(site, func, applications, code)


def _added(site: Site, func: ast.Attribute, applications: tuple[str, ...], code: Code) -> Iterator[Endpoint]:
    """`app.router.add_get("/", f)` and `web.get("/", f)`."""
    if func.attr in _ADDING:
        router = isinstance(func.value, ast.Attribute) and func.value.attr == "router"
        made = code.maker(func.value.value, site.scope) if isinstance(func.value, ast.Attribute) else None
        if not router or (made is not None and "aiohttp" not in made[0]):
            return
    elif not code.reach.name(func, site.scope).startswith("aiohttp.web."):
        return
    position = 1 if func.attr == "add_route" else 0
    view = site.argument("handler", position + 1)
    callee = code.reach.function(view, site.scope) if view is not None else None
    if callee is not None:
        yield _endpoint(site, func.attr.removeprefix("add_"), position, callee, applications, code)


def _endpoint(
    site: Site, kind: str, position: int, callee: Callee, applications: tuple[str, ...], code: Code
) -> Endpoint:
    path = code.text(site.argument("path", position), site.scope)
    method = code.text(site.argument("method", 0), site.scope) if kind == "route" else kind
    return Endpoint(
        callee=callee,
        framework="aiohttp",
        span=code.reach.span(site.node, site.scope),
        paths=("/*" if path is None else path,),
        methods=(method.upper(),) if method and method != "*" else (),
        applications=applications if len(applications) == 1 else (),
        loop=True,
        on_loop=callee.is_async,
    )


def _applications(code: Code) -> Iterator[str]:
    for survey in code.surveys:
        for name, value, scope in survey.variables:
            if (
                isinstance(value, ast.Call)
                and code.reach.name(value.func, scope) == "aiohttp.web.Application"
            ):
                yield f"{survey.module.name}:{name}"

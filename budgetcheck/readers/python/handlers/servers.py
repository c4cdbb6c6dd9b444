"""Servers that code starts by itself: `uvicorn.run("app.main:app", port=8000)`.

Where a command starts a server for the same application, that one counts. Flask's `app.run()` is for
development and makes none.
"""

import ast
from collections.abc import Iterator

from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import Front
from budgetcheck.readers.python.handlers.base import Code, Site, Survey
from budgetcheck.readers.python.values import Args, Plain, setting

MARKS = ("uvicorn.run", "uvicorn.Config", "from uvicorn import")
_STARTS = frozenset({"uvicorn.run", "uvicorn.Config"})
_SETTINGS = ("timeout_keep_alive", "timeout_graceful_shutdown")


def servers(code: Code) -> list[Declaration]:
    """The servers of all modules; one that reloads its code on changes is for development."""
    found: dict[str, Declaration] = {}
    for survey in code.surveys:
        for site in survey.calls:
            if code.reach.name(site.node.func, site.scope) in _STARTS:
                args = code.reach.evaluator.arguments(site.node, site.scope)
                reload = args.get("reload")
                if not (isinstance(reload, Plain) and reload.known):
                    made = _server(site, args, survey, code)
                    found.setdefault(made.address, made)
    return list(found.values())


def _server(site: Site, args: Args, survey: Survey, code: Code) -> Declaration:
    given = dict(args.keywords)
    port, socket = given.get("port"), given.get("uds")
    number = port.known if isinstance(port, Plain) else None
    path = socket.known if isinstance(socket, Plain) else None
    settings = tuple(setting(name, given[name]) for name in _SETTINGS if name in given)
    hidden = args.open or (port is not None and not isinstance(number, int))
    traits = [("application", name) for name in _application(site, survey, code)]
    return Declaration(
        component="uvicorn",
        address=f"python:{survey.module.name}:uvicorn",
        title=f"{survey.module.name} (uvicorn)",
        span=code.reach.span(site.node, site.scope),
        settings=settings,
        traits=(*traits, *((("listens", "unknown"),) if hidden else ())),
        front=Front(
            ports=(number,) if isinstance(number, int) and 0 < number < 65_536 else (),
            sockets=(path,) if isinstance(path, str) else (),
        ),
    )


def _application(site: Site, survey: Survey, code: Code) -> Iterator[str]:
    """`"app.main:app"` as it is written, or the variable of the module that is given."""
    node = site.argument("app", 0)
    written = code.text(node, site.scope)
    if written:
        yield written
    elif isinstance(node, ast.Name):
        yield f"{survey.module.name}:{node.id}"

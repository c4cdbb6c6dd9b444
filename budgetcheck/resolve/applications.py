"""A server that a command starts, or a function of a platform, and the handlers of the application it loads.

The command says which object is loaded (`app.main:app`), the code which handlers are registered on it. What
an app document states of a server's routes stands, and the same handlers in the code are then left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import Target

_CODE = "python:"
HANDLER = "python"
"""The component of handlers that were found in code."""
APPLICATION = "application"
"""Trait of a server and of its handlers: the file and the name of the application object. A handler may have
several: its router may be part of several applications."""


def servers_with_their_handlers(declarations: Iterable[Declaration]) -> list[Declaration]:
    """The declarations, each server with its application's handlers as targets."""
    given = list(declarations)
    by_application: dict[str, list[Declaration]] = {}
    for declaration in given:
        if declaration.component == HANDLER:
            for application in _applications(declaration):
                by_application.setdefault(application, []).append(declaration)
    if not by_application:
        return given
    loaded = {id(one): _loaded(one, by_application) for one in given}
    started = {loaded[id(one)] for one in given if not one.address.startswith(_CODE)}
    documented: set[str] = set()
    joined = []
    for declaration in given:
        application = loaded[id(declaration)]
        if application in started and application and declaration.address.startswith(_CODE):
            continue  # code that starts a server for itself, where a command starts another
        handlers = by_application.get(application, ())
        if handlers and declaration.targets:
            documented |= {handler.address for handler in handlers}
        elif handlers:
            declaration = replace(declaration, targets=tuple(_target(handler) for handler in handlers))
        joined.append(declaration)
    return [declaration for declaration in joined if declaration.address not in documented]


def _applications(declaration: Declaration) -> tuple[str, ...]:
    return tuple(value for name, value in declaration.traits if name == APPLICATION)


def _loaded(declaration: Declaration, known: Iterable[str]) -> str:
    """The application that a server loads, as the code names it; empty for none, or for several."""
    written = "" if declaration.component == HANDLER else declaration.trait(APPLICATION)
    if not written:
        return ""
    if written in known:
        return written
    candidates = [application for application in known if _means(written, application)]
    found = _nearest(declaration.span.file, candidates)
    return found[0] if len(found) == 1 else ""


def _means(written: str, application: str) -> bool:
    """`app.main:app` is the object `app` of a file `.../app/main.py` or `.../app/main/__init__.py`."""
    module, _, name = written.partition(":")
    file, _, known_name = application.partition(":")
    if name != known_name or module.endswith(".py"):
        return False
    path = module.replace(".", "/")
    return any(f"/{file}".endswith(f"/{path}{end}") for end in (".py", "/__init__.py"))


def _nearest(file: str, applications: Sequence[str]) -> list[str]:
    """Of applications with the same name those that share most folders with the file of the server."""
    own = PurePosixPath(file).parent.parts

    def shared(application: str) -> int:
        folders = PurePosixPath(application.partition(":")[0]).parent.parts
        same = [left == right for left, right in zip(own, folders, strict=False)]
        return next((number for number, equal in enumerate(same) if not equal), len(same))

    most = max(map(shared, applications), default=0)
    return [application for application in applications if shared(application) == most]


def _target(handler: Declaration) -> Target:
    front = handler.front
    return Target(address=handler.address, hosts=front.hosts, paths=front.paths, span=handler.span)

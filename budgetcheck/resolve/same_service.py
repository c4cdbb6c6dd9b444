"""A service that two files describe: its app document, and what starts its server.

The app document knows the routes, the compose file or unit that starts the process knows the server. Where
the document states a server, that stands and only takes over the names and ports; where it does not, the
server that is started stands in front of the document's handlers.
"""

from collections.abc import Iterable
from dataclasses import replace

from budgetcheck import facts
from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import Layer

_STATED = "app:"
_UNSTATED = "server"


def one_server_per_service(declarations: Iterable[Declaration]) -> list[Declaration]:
    """The declarations with both descriptions of a service made one, in the order given.

    Only a name that exactly one started server has joins them.
    """
    given = list(declarations)
    names_of = _names_of_runners(given)
    started = [declaration for declaration in given if _is_started(declaration)]
    replaced: dict[str, Declaration | None] = {}
    moved: dict[str, str] = {}
    for document in given:
        if not _is_document(document):
            continue
        names = {name.lower() for name in document.front.names}
        same = [
            server
            for server in started
            if names & {name.lower() for name in (*server.front.names, *names_of.get(server.address, ()))}
        ]
        if len(same) == 1 and same[0].address not in replaced:
            joined = _joined(document, same[0])
            replaced.update(joined)
            if joined[same[0].address] is None:
                moved[same[0].address] = document.address
    kept = [replaced.get(declaration.address, declaration) for declaration in given]
    return [_pointing(declaration, moved) for declaration in kept if declaration is not None]


def _names_of_runners(declarations: Iterable[Declaration]) -> dict[str, tuple[str, ...]]:
    """Names under which what is presumed to run in a pod is reached: those of the pod."""
    given = list(declarations)
    presumed = {one.address for one in given if one.trait("presumed") == "yes"}
    found: dict[str, tuple[str, ...]] = {}
    for one in given:
        for target in one.targets:
            if target.address in presumed:
                found[target.address] = (*found.get(target.address, ()), *one.front.names)
    return found


def _pointing(declaration: Declaration, moved: dict[str, str]) -> Declaration:
    """The declaration with what points to a server that went pointing to the one that stands for it."""
    if not any(target.address in moved for target in declaration.targets):
        return declaration
    targets = (
        replace(target, address=moved.get(target.address, target.address)) for target in declaration.targets
    )
    return replace(declaration, targets=tuple(targets))


def _joined(document: Declaration, server: Declaration) -> dict[str, Declaration | None]:
    """What becomes of the two, by address; None for the one that goes."""
    front = document.front
    names = tuple(dict.fromkeys((*front.names, *server.front.names)))
    if document.component == _UNSTATED and server.component != _UNSTATED:
        ports = server.front.ports or front.ports
        sockets = server.front.sockets or front.sockets
        joined = replace(
            server,
            targets=document.targets,
            front=replace(server.front, names=names, ports=ports, sockets=sockets),
            environment=document.environment or server.environment,
        )
        return {document.address: None, server.address: joined}
    own = front.ports or front.sockets
    joined_front = replace(
        front,
        names=names,
        ports=front.ports if own else server.front.ports,
        sockets=front.sockets if own else server.front.sockets,
    )
    return {document.address: replace(document, front=joined_front), server.address: None}


def _is_document(declaration: Declaration) -> bool:
    return declaration.address.startswith(_STATED) and _is_server(declaration)


def _is_started(declaration: Declaration) -> bool:
    return not declaration.address.startswith(_STATED) and _is_server(declaration)


def _is_server(declaration: Declaration) -> bool:
    component = facts.find(declaration.component)
    return component is not None and component.layer is Layer.SERVER

"""From a server as it is started to the declaration of a hop."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from budgetcheck.model.settings import Declaration, Problem, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front
from budgetcheck.readers.processes.servers.base import UNSTATED, Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What runs a server: a service, an image, a unit.

    Attributes:
        address, title, span: of the hop. `names`: by which others reach it.
        ports: that are said to be open, for a server of which it is not known where it listens.
        settings: of the owner itself (`stop_grace_period`). `manager`: what stops the process (`compose`).
        node: version of Node.js, where the image says it.
    """

    address: str
    title: str
    span: Span
    names: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    settings: tuple[Setting, ...] = ()
    manager: str = ""
    node: str = ""
    environment: str = ""


def declare(servers: Sequence[Server], owner: Owner) -> tuple[list[Declaration], list[Problem]]:
    """One declaration for each server; several are told apart by where they listen.

    Workers stand beside the servers of a process: they change neither their names nor where they listen.
    """
    declarations: list[Declaration] = []
    problems: list[Problem] = []
    serving = [server for server in servers if not server.worker]
    for number, server in enumerate((*serving, *(server for server in servers if server.worker))):
        alone = len(servers) == 1 or (len(serving) == 1 and not server.worker)
        mine = owner if alone else _part(owner, server, number)
        declarations.append(_declaration(server, mine, alone=alone))
        problems += [replace(problem, address=mine.address) for problem in server.problems]
    return declarations, problems


def presumed(owner: Owner) -> Declaration:
    """A service of which it is not known what it runs: it can be named, and nothing else is claimed."""
    return Declaration(
        component=UNSTATED,
        address=owner.address,
        title=owner.title,
        span=owner.span,
        traits=(("presumed", "yes"), ("listens", "unknown")),
        front=Front(names=owner.names, ports=owner.ports),
        environment=owner.environment,
    )


def _declaration(server: Server, owner: Owner, *, alone: bool) -> Declaration:
    if server.worker:
        return _worker(server, owner)
    binding = server.binding
    ports = binding.ports if binding.stated and not binding.hidden else ()
    if not ports and not binding.sockets and alone:
        ports = owner.ports
    nowhere = not ports and (binding.hidden or bool(binding.sockets))
    traits = server.traits
    if owner.manager:
        traits = (*traits, ("manager", owner.manager))
    if nowhere:
        traits = (*traits, ("listens", "unknown"))
    if server.development:
        traits = (*traits, ("development", "yes"))
    known = server.component != UNSTATED
    return Declaration(
        component=server.component,
        address=owner.address,
        title=owner.title if known else f"{owner.title} ({server.program})",
        span=owner.span,
        settings=tuple(sorted((*server.settings, *owner.settings), key=lambda setting: setting.name)),
        traits=traits,
        front=Front(names=owner.names, ports=ports, sockets=binding.sockets),
        environment=owner.environment,
        version=server.version or (owner.node if server.component == "node" else ""),
    )


def _worker(server: Server, owner: Owner) -> Declaration:
    """A worker has no address: nobody sends requests to it, whatever the image exposes."""
    manager = (("manager", owner.manager),) if owner.manager else ()
    return Declaration(
        component=server.component,
        address=owner.address,
        title=owner.title,
        span=owner.span,
        settings=tuple(sorted((*server.settings, *owner.settings), key=lambda setting: setting.name)),
        traits=(*server.traits, *manager),
        environment=owner.environment,
    )


def _part(owner: Owner, server: Server, number: int) -> Owner:
    binding = server.binding
    place = str(binding.ports[0]) if binding.ports and binding.stated else f"{server.program}-{number + 1}"
    return replace(owner, address=f"{owner.address}/{place}", title=f"{owner.title}/{place}")

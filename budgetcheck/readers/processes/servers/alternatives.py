"""Several servers that one process may start: one after the other, side by side, or one of them."""

from collections.abc import Sequence
from dataclasses import replace

from budgetcheck.model.settings import Known, OneOf, Scalar, Setting, Unresolved, Value
from budgetcheck.readers.processes.servers.base import UNSTATED, Binding, Server

_REASON = "which of several commands is started depends on what these files do not say"


def merged(servers: Sequence[Server]) -> tuple[Server, ...]:
    """Servers in different places stand side by side; those in the same place are alternatives of one."""
    groups: dict[tuple[tuple[int, ...], tuple[str, ...]], list[Server]] = {}
    for server in dict.fromkeys(servers):
        binding = server.binding
        known = (binding.ports, binding.sockets) if binding.stated and not binding.hidden else ((), ())
        groups.setdefault(known, []).append(server)
    unplaced = groups.pop(((), ()), [])
    if unplaced and len(groups) == 1:  # may be the same server, started in another way
        (only,) = groups.values()
        only += unplaced
    elif unplaced:
        groups[((), ())] = unplaced
    return tuple(_one(group) for group in groups.values())


def _one(group: Sequence[Server]) -> Server:
    first = group[0]
    if len(group) == 1:
        return first
    files = tuple(dict.fromkeys(name for server in group for name in server.files))
    problems = tuple(dict.fromkeys(problem for server in group for problem in server.problems))
    common = replace(first, files=files, problems=problems, binding=_binding(group))
    if len({(server.component, _kind(server)) for server in group}) > 1:
        kinds = sorted({server.program for server in group})
        needs = "give the files of one of them, or state the server in an app document"
        unclear = Setting(
            name="kind",
            value=Unresolved(reason=f"{_REASON} ({' or '.join(kinds)})", needs=needs),
            spans=tuple(dict.fromkeys(server.span for server in group)),
        )
        return replace(common, component=UNSTATED, settings=(unclear,), traits=())
    if len({server.traits for server in group}) > 1:
        common = replace(common, traits=_kind(first))
    names = sorted({setting.name for server in group for setting in server.settings})
    return replace(common, settings=tuple(_setting(name, group) for name in names))


def _kind(server: Server) -> tuple[tuple[str, str], ...]:
    """The traits that choose among facts: which application is loaded changes nothing there."""
    return tuple(trait for trait in server.traits if trait[0] != "application")


def _binding(group: Sequence[Server]) -> Binding:
    bindings = [server.binding for server in group]
    return Binding(
        ports=tuple(sorted({port for binding in bindings for port in binding.ports})),
        sockets=tuple(dict.fromkeys(socket for binding in bindings for socket in binding.sockets)),
        hidden=any(binding.hidden for binding in bindings),
        stated=any(binding.stated for binding in bindings),
    )


def _setting(name: str, group: Sequence[Server]) -> Setting:
    found = [next((s for s in server.settings if s.name == name), None) for server in group]
    written = [setting for setting in found if setting is not None]
    first = written[0]
    if all(setting is not None and setting.value == first.value for setting in found):
        return first
    spans = tuple(dict.fromkeys(span for setting in written for span in setting.spans))
    return replace(first, value=_value([s.value if s else Known(value=None) for s in found]), spans=spans)


def _value(values: Sequence[Value]) -> Value:
    """One of the values; None among them stands for the default."""
    possible: list[Scalar] = []
    for value in values:
        match value:
            case Unresolved():
                return value
            case Known(value=one):
                possible.append(one)
            case OneOf(values=several):
                possible += several
    return OneOf(values=tuple(dict.fromkeys(possible)), reason=_REASON)

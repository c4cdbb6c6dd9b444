"""Reads the native app document: what an application states about its server, routes and calls.

A fault in a setting of a call makes what is not written of that call unknown, any other fault in the calls
of a route makes all of them unknown, one elsewhere in a route leaves the route out, one inside `server` makes
the server unknown, and all others leave the document out: no default stands in for what somebody meant to
write. Only keys and parsed durations or counts leave this reader, besides the names that make up addresses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from budgetcheck.model.settings import Declaration, Problem, Reading
from budgetcheck.model.span import Span
from budgetcheck.readers.app_build import Built, build
from budgetcheck.readers.app_schema import app_keys_at, check_app_document
from budgetcheck.readers.base import ReadContext
from budgetcheck.schema_errors import SchemaFault, explain_errors, key_faults
from budgetcheck.tree import SourceFile, Tree, UnreadableFileError
from budgetcheck.yaml_nodes import ListNode, Loc, MapNode, Node, follow, parse_yaml, plain, without

_ROUNDS = 4  # shape, names and units, then what is left of the document


@dataclass(frozen=True, slots=True, kw_only=True)
class _Service:
    """What one document declares, with the name and environment that must be stated once."""

    name: str
    environment: str
    declarations: tuple[Declaration, ...]


def read(files: Sequence[SourceFile], context: ReadContext) -> Reading:
    """Declarations of every valid document in the files, problems for the rest."""
    services: list[_Service] = []
    problems: list[Problem] = []
    for source in sorted(files, key=lambda file: file.name):
        found, wrong = _read_file(source, context.tree)
        services += found
        problems += wrong
    kept, twice = _stated_once(services)
    return Reading(
        declarations=tuple(declaration for service in kept for declaration in service.declarations),
        problems=tuple(sorted([*problems, *twice], key=lambda problem: problem.span.sort_key)),
        environments=tuple(sorted({service.environment for service in kept if service.environment})),
        recognised=tuple(sorted({service.declarations[0].span.file for service in services})),
    )


def _read_file(source: SourceFile, tree: Tree) -> tuple[list[_Service], list[Problem]]:
    try:
        text = tree.read_bytes(source.path).decode("utf-8-sig")
    except UnreadableFileError as error:
        return [], [Problem(span=Span(file=source.name), text=str(error))]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        span = Span(file=source.name, line=line)
        return [], [Problem(span=span, text="is not UTF-8 text", fix="save the file as UTF-8")]
    stream = parse_yaml(text)
    services: list[_Service] = []
    problems = [
        Problem(
            span=Span(file=source.name, line=fault.line, column=fault.column), text=fault.text, fix=fault.fix
        )
        for fault in stream.faults
    ]
    roots = [root for root in stream.documents if root is not None]
    if not roots and not problems:
        fix = "state a service: and its routes:"
        problems.append(Problem(span=Span(file=source.name, line=1), text="is empty", fix=fix))
    for root in roots:
        service, wrong = _read_document(root, source.name)
        services += [service] if service else []
        problems += wrong
    return services, problems


def _read_document(root: Node, file: str) -> tuple[_Service | None, list[Problem]]:
    problems: list[Problem] = []
    rest = root
    routes = root.get("routes") if isinstance(root, MapNode) else None
    spoiled: set[tuple[int, int]] = set()
    for _ in range(_ROUNDS):
        if not isinstance(rest, MapNode):
            break
        built, faults = _understand(rest, file, frozenset(spoiled))
        if built and not faults:
            problems += _problems(built.warnings, file, "", _numbers(routes, rest))
            first = built.declarations[0]
            name = first.address.removeprefix("app:")
            service = _Service(
                name=name, environment=first.environment, declarations=tuple(built.declarations)
            )
            return service, problems
        parts = [_part(fault, rest) for fault in faults]
        for fault, part in zip(faults, parts, strict=True):
            problems += _problems([fault], file, _consequence(part), _numbers(routes, rest))
        if () in parts:
            break
        for part in parts:
            _, _, call = follow(rest, part[:-1])
            spoiled.add((call.line, call.column))
        rest = _without(rest, parts)
    if not problems:
        span = Span(file=file, line=root.line, column=root.column)
        text, fix = "is not an app document", "state a service: and its routes:"
        problems.append(Problem(span=span, text=text, fix=fix))
    return None, problems


def _understand(
    root: MapNode, file: str, spoiled: frozenset[tuple[int, int]]
) -> tuple[Built | None, list[SchemaFault]]:
    """What the document declares, and the faults that stand in the way of using all of it."""
    faults = key_faults(root)
    document, errors = check_app_document(plain(root))
    faults += explain_errors(errors, root, app_keys_at)
    if document is None or faults:
        return None, faults
    built = build(document, root, file, spoiled)
    return built, built.faults


def _part(fault: SchemaFault, root: Node) -> Loc:
    """The part of the document that a fault makes unusable; empty for all of it.

    A key of a call (`routes, 0, calls, 1, timeout`), all calls, a route, or the server.
    """
    match fault.loc:
        case ("routes", int(), "calls", *_):
            return _setting_of_call(fault, root) or fault.loc[:3]
        case ("routes", int(), *_):
            return fault.loc[:2]
        case ("server", *_):
            return fault.loc[:1]
        case _:
            return ()


def _setting_of_call(fault: SchemaFault, root: Node) -> Loc:
    """The way to the key of a call that holds the fault; empty where the call itself is not understood."""
    way, _, _ = follow(root, fault.loc)
    for length in range(len(way) - 1, 3, -1):
        _, _, node = follow(root, way[:length])
        if isinstance(node, MapNode) and {"to", "client"} <= node.entries.keys():
            return () if way[length] in ("to", "client") else way[: length + 1]
    return ()


def _consequence(part: Loc) -> str:
    if not part:
        return "; the document is left out"
    if part == ("server",):
        return "; the server is taken as unknown"
    if len(part) == 2:
        return "; the route is left out"
    what = "the calls of this route" if len(part) == 3 else "the other limits of this call"
    return f"; {what} are taken as unknown"


def _without(root: MapNode, parts: Iterable[Loc]) -> MapNode:
    """The document without these parts."""
    left: Node = root
    # The deepest first, and of a list the last first: no way changes before it is gone.
    for part in sorted(set(parts), key=lambda part: (len(part), part[1:2]), reverse=True):
        left = without(left, part)
    return left if isinstance(left, MapNode) else root


def _numbers(routes: Node | None, rest: MapNode) -> dict[int, int]:
    """Numbers of the routes that are left in the list as written."""
    left = rest.get("routes")
    if not isinstance(routes, ListNode) or not isinstance(left, ListNode):
        return {}
    written = {(item.line, item.column): number for number, item in enumerate(routes.items)}
    return {number: written[item.line, item.column] for number, item in enumerate(left.items)}


def _problems(
    faults: Iterable[SchemaFault], file: str, consequence: str, numbers: Mapping[int, int]
) -> list[Problem]:
    problems = []
    for fault in faults:
        message = fault.message
        if fault.loc[:1] == ("routes",) and len(fault.loc) > 1:
            number = fault.loc[1]
            written = numbers.get(number, number) if isinstance(number, int) else number
            message = message.replace(f"routes[{number}]", f"routes[{written}]", 1)
        problems.append(
            Problem(
                span=Span(file=file, line=fault.line, column=fault.column),
                text=f"{message}{consequence}",
                fix=fault.fix,
            )
        )
    return problems


def _stated_once(services: Iterable[_Service]) -> tuple[list[_Service], list[Problem]]:
    """Every service once per environment; a document for all environments overlaps with each."""
    kept: list[_Service] = []
    problems = []
    for service in services:
        earlier = next((other for other in kept if _overlap(other, service)), None)
        if earlier is None:
            kept.append(service)
            continue
        text = f"the service is stated in {earlier.declarations[0].span.place} as well; this one is left out"
        fix = "keep one of them, or give each its environment:"
        span = service.declarations[0].span
        problems.append(Problem(span=span, text=text, fix=fix))
    return kept, problems


def _overlap(left: _Service, right: _Service) -> bool:
    same = left.environment == right.environment or not (left.environment and right.environment)
    return left.name == right.name and same

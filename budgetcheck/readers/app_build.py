"""From one valid app document to declarations: its server, its handlers, and their outbound calls."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from budgetcheck import facts
from budgetcheck.hints import did_you_mean, list_known
from budgetcheck.model.bound import exactly
from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.model.topology import (
    CallWork,
    Front,
    Layer,
    Loop,
    Parallel,
    PathRule,
    Target,
    Work,
)
from budgetcheck.model.topology import Sequence as InOrder
from budgetcheck.readers import app_schema
from budgetcheck.readers.app_settings import (
    UNSTATED_SERVER,
    Outcome,
    Place,
    call_settings,
    components_of,
    server_settings,
    unknown_rest,
)
from budgetcheck.readers.worker_class import worker_class
from budgetcheck.schema_errors import SchemaFault
from budgetcheck.yaml_nodes import MapNode

_DEEPEST_CALLS = 8
_VERSION = re.compile(r"\d[0-9A-Za-z.+-]{0,40}")
_ANYTHING = re.compile(r"[{<(*]|(?<=/):")


@dataclass(slots=True)
class Built:
    """What became of a document.

    `faults` make the part they stand in unusable; `warnings` leave it usable with less known.
    """

    spoiled: frozenset[tuple[int, int]] = frozenset()
    """Line and column of calls that had a fault: what is not written of them is not known."""
    declarations: list[Declaration] = field(default_factory=list)
    faults: list[SchemaFault] = field(default_factory=list)
    warnings: list[SchemaFault] = field(default_factory=list)

    def settle(self, outcomes: Iterable[Outcome]) -> tuple[Setting, ...]:
        """The settings by name (the order of keys in the document means nothing); faults are kept aside."""
        settings = []
        for outcome in outcomes:
            if isinstance(outcome, Setting):
                settings.append(outcome)
            else:
                (self.warnings if outcome.harmless else self.faults).append(outcome)
        return tuple(sorted(settings, key=lambda setting: setting.name))


def build(
    document: app_schema.AppDocument, root: MapNode, file: str, spoiled: frozenset[tuple[int, int]]
) -> Built:
    """The declarations of a document: the server first, then each handler with its calls."""
    built = Built(spoiled=spoiled)
    place = Place(file, root, ())
    handlers = _handlers(document, place, built)
    built.declarations.insert(0, _server(document, place, handlers, built))
    return built


def path_rule(pattern: str) -> PathRule:
    """Which paths a router's pattern takes: `/chat` only itself, `/items/{id}` some of those below."""
    placeholder = _ANYTHING.search(pattern)
    if placeholder is None:
        return PathRule(pattern=pattern, prefix=pattern, exact=True)
    return PathRule(pattern=pattern, prefix=pattern[: placeholder.start()], opaque=True)


def _server(
    document: app_schema.AppDocument, place: Place, handlers: Sequence[Declaration], built: Built
) -> Declaration:
    server = document.server or app_schema.Server.model_validate({})
    here = place.at("server")
    stated = "server" if document.server else "service"
    component, name = (
        _component(server.kind, "kind", Layer.SERVER, here, built) if server.kind else (None, "")
    )
    settings = _server_settings(server, here, component, built)
    _, _, port = server.bind.rpartition(":") if not server.bind.startswith("unix:") else ("", "", "")
    return Declaration(
        component=name or UNSTATED_SERVER,
        address=f"app:{document.service}",
        title=f"{document.service} ({name})" if name else document.service,
        span=place.key_span(stated, text=f"{stated}:"),
        settings=settings,
        traits=_server_traits(server, here, built),
        front=Front(
            names=(document.service,),
            ports=tuple(sorted({*([int(port)] if port else []), *([server.port] if server.port else [])})),
            sockets=(server.bind.removeprefix("unix:"),) if server.bind.startswith("unix:") else (),
        ),
        targets=tuple(_target(handler) for handler in handlers),
        environment=document.environment,
        version=_version(here, built),
    )


def _server_settings(
    server: app_schema.Server, here: Place, component: facts.Component | None, built: Built
) -> tuple[Setting, ...]:
    if server.kind:
        return built.settle(server_settings(server, here, component))
    limits = {"timeout", "keepalive", "graceful_timeout", *(server.model_extra or {})}
    for key in sorted(limits & server.model_fields_set):
        text = "means something else on every server"
        built.faults.append(here.fault(key, text=text, fix="write which one it is: kind: gunicorn", key=True))
    return ()


def _server_traits(server: app_schema.Server, here: Place, built: Built) -> tuple[tuple[str, str], ...]:
    if server.kind == "gunicorn":
        return (("worker_class", worker_class(server.worker_class, server.threads)),)
    for key in sorted({"worker_class", "threads"} & server.model_fields_set):
        fault = here.fault(key, text="is a setting of gunicorn only", fix="write kind: gunicorn", key=True)
        built.faults.append(fault)
    return ()


def _target(handler: Declaration) -> Target:
    front = handler.front
    return Target(address=handler.address, hosts=front.hosts, paths=front.paths, span=handler.span)


def _handlers(document: app_schema.AppDocument, place: Place, built: Built) -> list[Declaration]:
    """Appends the declarations of all routes; returns the handlers among them."""
    handlers: dict[str, Declaration] = {}
    shared = Counter(route.path for route in document.routes)
    for index, route in enumerate(document.routes):
        here = place.at("routes", index)
        address = f"app:{document.service}{route.path}"
        if shared[route.path] > 1:
            address += _suffix(route)
        if address in handlers:
            text = f"is the same route as in line {handlers[address].span.line}"
            built.faults.append(
                here.fault("path", text=text, fix="keep one of them, or tell them apart by methods")
            )
            continue
        calls: list[Declaration] = []
        work = _in_order(
            route.calls, here.at("calls"), _Calls(address, document.environment, calls, built), 1
        )
        handlers[address] = Declaration(
            component="app",
            address=address,
            title=address.removeprefix("app:"),
            span=here.span("path", text=f"path: {route.path}"),
            settings=built.settle(
                here.setting(key, getattr(route, key), key)
                for key in ("deadline", "heartbeat")
                if key in route.model_fields_set
            ),
            front=Front(
                paths=(path_rule(route.path),),
                methods=tuple(sorted({method.upper() for method in route.methods})),
                hosts=(route.host.lower(),) if route.host else (),
                streaming=route.streaming,
            ),
            work=work if "calls" in route.model_fields_set else None,
            environment=document.environment,
        )
        built.declarations += [handlers[address], *calls]
    return list(handlers.values())


def _suffix(route: app_schema.Route) -> str:
    """What tells routes with the same path apart: ` [POST]`, ` [GET api.example.com]`."""
    parts = [",".join(sorted({method.upper() for method in route.methods})), route.host.lower()]
    return f" [{' '.join(part for part in parts if part)}]" if any(parts) else ""


@dataclass(frozen=True, slots=True)
class _Calls:
    """Where the calls of one handler go."""

    handler: str
    environment: str
    found: list[Declaration]
    built: Built


def _in_order(steps: Sequence[app_schema.Step], place: Place, calls: _Calls, level: int) -> InOrder:
    return InOrder(parts=_parts(steps, place, calls, level))


def _parts(steps: Sequence[app_schema.Step], place: Place, calls: _Calls, level: int) -> tuple[Work, ...]:
    if level > _DEEPEST_CALLS:
        text = f"parallel and loop nest more than {_DEEPEST_CALLS} levels deep"
        calls.built.faults.append(place.fault(text=text))
        return ()
    return tuple(_work(step, place.at(index), calls, level) for index, step in enumerate(steps))


def _work(step: app_schema.Step, place: Place, calls: _Calls, level: int) -> Work:
    match step:
        case app_schema.Parallel():
            return Parallel(parts=_parts(step.parallel, place.at("parallel"), calls, level + 1))
        case app_schema.Loop():
            shown = "null" if step.loop.max is None else step.loop.max
            return Loop(
                times=exactly(step.loop.max),
                body=_in_order(step.loop.calls, place.at("loop", "calls"), calls, level + 1),
                span=place.span("loop", "max", text=f"max: {shown}"),
            )
        case app_schema.Call():
            return CallWork(address=_call(step, place, calls))


def _call(call: app_schema.Call, here: Place, calls: _Calls) -> str:
    """Appends the declaration of a call; returns its address."""
    component, name = _component(call.client, "client", Layer.CALL, here, calls.built)
    first = f"{calls.handler}#{call.to}"
    earlier = sum(other.address == first or other.address.startswith(f"{first}#") for other in calls.found)
    host, _, port = call.to.partition(":")
    settings = calls.built.settle(call_settings(call, here, component))
    if component and (here.span().line, here.span().column) in calls.built.spoiled:
        settings = (*settings, *unknown_rest(settings, here, component))
    declaration = Declaration(
        component=name,
        address=f"{first}#{earlier + 1}" if earlier else first,
        title=f"{call.to} ({name})",
        span=here.span(text=f"client: {name}"),
        settings=settings,
        traits=(("idempotency_key", "true"),) if call.idempotency_key else (),
        targets=(Target(host=host, port=int(port or 0), span=here.span("to", text=f"to: {call.to}")),),
        environment=calls.environment,
        version=_version(here, calls.built),
    )
    calls.found.append(declaration)
    return declaration.address


def _component(
    name: str, key: str, layer: Layer, here: Place, built: Built
) -> tuple[facts.Component | None, str]:
    """The facts of a server or client; None, and a warning, where there are none for it."""
    component = facts.find(name)
    if component and component.layer is layer:
        return component, name
    known = components_of(layer)
    hint = did_you_mean(name, known)
    fix = "" if hint else list_known(known)
    if component:
        role = "an app server" if layer is Layer.SERVER else "a client"
        built.faults.append(here.fault(key, text=f"{name} is not {role}{hint}", fix=fix))
    else:
        text = f"is not known{hint}, so its defaults and limits are not either"
        built.warnings.append(here.fault(key, text=text, fix=fix))
    return None, name


def _version(here: Place, built: Built) -> str:
    """The version as written, since YAML takes `1.10` for a number; empty where there is none."""
    written = here.written("version")
    if not written or written in ("null", "~") or _VERSION.fullmatch(written):
        return written if _VERSION.fullmatch(written) else ""
    built.faults.append(here.fault("version", text="is not a version", fix='write it as "1.109.1"'))
    return ""

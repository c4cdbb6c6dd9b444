"""Traefik in compose projects: routers in the labels of services, times in its own arguments and file.

- https://doc.traefik.io/traefik/reference/routing-configuration/other-providers/docker/
- https://doc.traefik.io/traefik/reference/install-configuration/entrypoints/
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, Target
from budgetcheck.readers.processes.texts import Text, as_value, harmless
from budgetcheck.readers.traefik import COMPONENT, literal_hosts, read_rule
from budgetcheck.yaml_nodes import MapNode, Node, ScalarNode, parse_yaml

_IMAGE = re.compile(r"(?:.*/)?traefik(?::v?(\d+(?:\.\d+){0,2})[\w.-]*)?(?:@.*)?")
_ROUTER = re.compile(
    r"traefik\.http\.routers\.([^.]+)\.(rule|service|middlewares|entrypoints)", re.IGNORECASE
)
_SERVER = re.compile(r"traefik\.http\.services\.([^.]+)\.loadbalancer\.server\.port", re.IGNORECASE)
_MIDDLEWARE = re.compile(r"traefik\.http\.middlewares\.([^.]+)\.([\w.]+)", re.IGNORECASE)
_RESPONDING = ("readTimeout", "writeTimeout", "idleTimeout")
_FORWARDING = ("dialTimeout", "responseHeaderTimeout", "idleConnTimeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A service and its labels. `ports` are those it says it listens on."""

    name: str
    ports: tuple[int, ...]
    labels: Mapping[str, tuple[Text, Span]]


@dataclass(slots=True, kw_only=True)
class Edge:
    """What is known of the Traefik of a project itself.

    Attributes:
        version: of its image. `forwarding`: times of its default transport.
        responding: times by entry point, in lower case.
    """

    version: str = ""
    forwarding: dict[str, Setting] = field(default_factory=dict)
    responding: dict[str, dict[str, Setting]] = field(default_factory=dict)


def version_of(image: str) -> str | None:
    """The version of an image of Traefik, empty where it says none; None for other images."""
    match = _IMAGE.fullmatch(image)
    return (match.group(1) or "") if match else None


def with_arguments(edge: Edge, arguments: Sequence[tuple[str, Span]]) -> None:
    """Takes in `--entryPoints.web.transport.respondingTimeouts.readTimeout=30s` and its like."""
    for written, span in arguments:
        name, _, value = written.lstrip("-").partition("=")
        _take(edge, name.split("."), value, span)


def with_file(edge: Edge, text: str, file: str) -> None:
    """Takes in a static configuration (YAML)."""
    for document in parse_yaml(text).documents:
        for path, node in _leaves(document, ()):
            _take(edge, path, node.text, Span(file=file, line=node.line, column=node.column))


def _leaves(node: Node | None, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ScalarNode]]:
    if isinstance(node, ScalarNode):
        yield path, node
    elif isinstance(node, MapNode):
        for key, (_, child) in node.entries.items():
            yield from _leaves(child, (*path, key))


def _take(edge: Edge, path: Sequence[str], value: str, span: Span) -> None:
    lower = [part.lower() for part in path]
    last = lower[-1] if lower else ""
    if lower[:2] == ["serverstransport", "forwardingtimeouts"] and len(lower) == 3:
        name = next((one for one in _FORWARDING if one.lower() == last), "")
        if name:
            edge.forwarding[name] = _setting(f"forwardingTimeouts.{name}", value, span)
    elif (
        lower[:1] == ["entrypoints"] and lower[2:4] == ["transport", "respondingtimeouts"] and len(lower) == 5
    ):
        name = next((one for one in _RESPONDING if one.lower() == last), "")
        if name:
            found = edge.responding.setdefault(lower[1], {})
            found[name] = _setting(f"respondingTimeouts.{name}", value, span)


def _setting(name: str, value: str, span: Span) -> Setting:
    shown = f"{name.rpartition('.')[2]}: {value}" if harmless(value) else name.rpartition(".")[2]
    at = Span(file=span.file, line=span.line, column=span.column, text=shown)
    return Setting(name=name, value=as_value(Text(choices=(value,))), spans=(at,))


def declare_routers(services: Sequence[Labelled], edge: Edge, folder: str) -> Iterator[Declaration]:
    """A hop for each router that the labels declare; those that only redirect are left out."""
    middlewares = _middlewares(services)
    seen: set[tuple[object, ...]] = set()
    for service in services:
        if _value(service, "traefik.enable").lower() == "false":
            continue
        for name, parts in _routers(service).items():
            if "rule" not in parts or _redirects(parts, middlewares) or _is_own(parts):
                continue
            made = _declaration(service, name, parts, edge, middlewares, folder)
            same = (made.front, made.targets[0].host, made.targets[0].port, made.settings)
            if same not in seen:  # the same router once for HTTP and once for HTTPS
                seen.add(same)
                yield made


def _declaration(
    service: Labelled,
    name: str,
    parts: Mapping[str, tuple[Text, Span]],
    edge: Edge,
    middlewares: Mapping[str, Mapping[str, tuple[Text, Span]]],
    folder: str,
) -> Declaration:
    text, span = parts["rule"]
    rule = read_rule(text.known or "")
    hosts = literal_hosts(rule.hosts)
    retry = _retry(parts, middlewares)
    plain = edge.forwarding.values()
    where = f"{folder}/{name}" if folder not in ("", ".") else name
    return Declaration(
        component=COMPONENT,
        address=f"traefik:{where}",
        title=hosts[0] if hosts else name,
        span=Span(file=span.file, line=span.line, text=f"router {name}"),
        settings=tuple(sorted((*plain, *_responding(parts, edge), *retry), key=lambda one: one.name)),
        traits=(("retry", "yes"),) if retry else (),
        front=Front(hosts=hosts, paths=rule.paths, methods=rule.methods, entry=True),
        targets=(_target(service, parts, span),),
        version=edge.version,
    )


def _target(service: Labelled, parts: Mapping[str, tuple[Text, Span]], span: Span) -> Target:
    """The container with the label, on the port that is labelled, else the only one it has."""
    wanted = parts["service"][0].known if "service" in parts else None
    ports = {
        match.group(1).lower(): held.known or ""
        for key, (held, _) in service.labels.items()
        if (match := _SERVER.fullmatch(key))
    }
    chosen = ports.get((wanted or "").lower()) or (next(iter(ports.values())) if len(ports) == 1 else "")
    port = int(chosen) if chosen.isdigit() and len(chosen) < 6 else 0
    if not port and len(service.ports) == 1:
        port = service.ports[0]
    return Target(host=service.name, port=port, span=Span(file=span.file, line=span.line, text=service.name))


def _responding(parts: Mapping[str, tuple[Text, Span]], edge: Edge) -> Iterator[Setting]:
    """The times of the router's entry points; where several differ none is taken for it."""
    named = parts["entrypoints"][0].known if "entrypoints" in parts else None
    points = [part.strip().lower() for part in named.split(",")] if named else list(edge.responding)
    for name in _RESPONDING:
        found = [edge.responding.get(point, {}).get(name) for point in points]
        values = {one.value if one else None for one in found}
        if len(values) == 1 and found[0] is not None:
            yield found[0]


def _routers(service: Labelled) -> dict[str, dict[str, tuple[Text, Span]]]:
    found: dict[str, dict[str, tuple[Text, Span]]] = {}
    for key, held in service.labels.items():
        match = _ROUTER.fullmatch(key)
        if match:
            found.setdefault(match.group(1), {})[match.group(2).lower()] = held
    return found


def _middlewares(services: Sequence[Labelled]) -> dict[str, dict[str, tuple[Text, Span]]]:
    found: dict[str, dict[str, tuple[Text, Span]]] = {}
    for service in services:
        for key, held in service.labels.items():
            match = _MIDDLEWARE.fullmatch(key)
            if match:
                found.setdefault(match.group(1).lower(), {})[match.group(2).lower()] = held
    return found


def _used(parts: Mapping[str, tuple[Text, Span]]) -> list[str]:
    written = parts["middlewares"][0].known if "middlewares" in parts else None
    return [part.strip().partition("@")[0].lower() for part in (written or "").split(",") if part.strip()]


def _is_own(parts: Mapping[str, tuple[Text, Span]]) -> bool:
    """The router leads to Traefik itself: its dashboard, its interface."""
    return "service" in parts and (parts["service"][0].known or "").endswith("@internal")


def _redirects(
    parts: Mapping[str, tuple[Text, Span]], middlewares: Mapping[str, Mapping[str, tuple[Text, Span]]]
) -> bool:
    """A middleware sends every request elsewhere, by what it does or, where it is not here, by its name."""
    return any(
        any(key.startswith("redirectscheme") for key in middlewares[name])
        if name in middlewares
        else "redirect" in name
        for name in _used(parts)
    )


def _retry(
    parts: Mapping[str, tuple[Text, Span]], middlewares: Mapping[str, Mapping[str, tuple[Text, Span]]]
) -> tuple[Setting, ...]:
    for name in _used(parts):
        held = middlewares.get(name, {}).get("retry.attempts")
        if held:
            span = Span(file=held[1].file, line=held[1].line, text=f"{name} retry.attempts")
            return (Setting(name="retry.attempts", value=as_value(held[0]), spans=(span, *held[0].spans)),)
    return ()


def _value(service: Labelled, key: str) -> str:
    held = service.labels.get(key)
    return (held[0].known or "") if held else ""

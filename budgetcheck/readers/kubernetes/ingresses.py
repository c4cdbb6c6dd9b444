"""Ingresses: one hop for each host and path, with what its controller reads from annotations.

https://kubernetes.io/docs/concepts/services-networking/ingress/
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration, Known, Problem, Setting, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.kubernetes.backend_policies import gke_settings
from budgetcheck.readers.kubernetes.cluster import Cluster
from budgetcheck.readers.kubernetes.controllers import (
    ALB,
    GKE,
    INGRESS_NGINX,
    NGINX_INC,
    TRAEFIK,
    Controller,
    controller_of,
)
from budgetcheck.readers.kubernetes.manifests import Resource
from budgetcheck.readers.kubernetes.settings import RENDER, filled_in_later, invalid, setting, shown
from budgetcheck.readers.kubernetes.traefik import ingress_settings
from budgetcheck.readers.kubernetes.trees import Scalar, Tree, at, entries, items, scalar, text
from budgetcheck.readers.kubernetes.unread import unread_limits
from budgetcheck.readers.kubernetes.workloads import Backends

_CONTROLLER_CONFIG = re.compile(r"(?:.*-)?(?:ingress-nginx|nginx-ingress|nginx-configuration)(?:-.*)?")
_CONFIG_KEYS = (
    *INGRESS_NGINX.settings,
    "keep-alive",
    "upstream-keepalive-timeout",
    "worker-shutdown-timeout",
    "client-header-timeout",
    "client-body-timeout",
)
_WITH_UNIT = frozenset({"worker-shutdown-timeout"})
_MOST_HOPS = 2_000
_CAPTURE = re.compile(r"\$\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """One line of an Ingress: `place` is where the path, else the backend, stands."""

    host: str
    path: str
    kind: str
    backend: Tree | None
    place: Span


def declare_ingresses(cluster: Cluster, backends: Backends) -> tuple[list[Declaration], list[Problem]]:
    """The hops of all Ingresses of a cluster."""
    declarations: list[Declaration] = []
    problems: list[Problem] = []
    for ingress in cluster.every("Ingress"):
        if ingress.annotations.get("nginx.ingress.kubernetes.io/canary") == "true":
            continue  # it shares host and path with another one, whose settings count
        reader = _Reader(cluster, backends, ingress)
        for rule in _rules(ingress):
            if len(declarations) >= _MOST_HOPS:
                text = f"more than {_MOST_HOPS} paths of Ingresses; the rest is not looked at"
                return declarations, [*problems, Problem(span=ingress.span, text=text)]
            declarations.append(reader.declare(rule))
        problems += reader.problems
        if reader.declared:
            found = unread_limits(cluster, ingress, reader.controller, reader.services, reader.declared)
            problems += found
    return declarations, problems


class _Reader:
    def __init__(self, cluster: Cluster, backends: Backends, ingress: Resource) -> None:
        self.cluster = cluster
        self.backends = backends
        self.ingress = ingress
        self.controller = controller_of(ingress, cluster)
        self.problems: list[Problem] = []
        self.address = cluster.address(ingress)
        self.declared = ""  # the address of the last hop
        self.services: list[Resource] = []

    def declare(self, rule: _Rule) -> Declaration:
        """The hop of one host and path."""
        path = _path_rule(rule, self.controller, self._annotation("use-regex"))
        host = rule.host if rule.host != "*" else ""
        address = f"{self.address}/{host or '*'}{path.pattern}"
        service, port = _service(rule.backend)
        found = self.cluster.find("Service", service, self.ingress) if service else None
        self.declared = address
        self.services += [found] if found else []
        settings = {one.name: one for one in self._settings(address, found)}
        return Declaration(
            component=self.controller.component,
            address=address,
            title=f"{host or self.ingress.name}{path.pattern}",
            span=rule.place,
            settings=tuple(settings[name] for name in sorted(settings)),
            traits=tuple(sorted(self._traits(settings))),
            front=Front(hosts=(host.lower(),) if host else (), paths=(path,)),
            targets=tuple(self._targets(rule, service, port, found)),
            environment=self.cluster.bundle.environment,
        )

    def _targets(self, rule: _Rule, service: str, port: str, found: Resource | None) -> Iterator[Target]:
        # A Service that is not in these files stays an open end: nothing else by that name is meant.
        if port == "use-annotation":
            yield Target(span=rule.place, external=True, reason="an action of the load balancer")
        elif found is not None:
            span = replace(rule.place, text=f"service {service}")
            for target in self.backends.targets(found, port, span):
                yield self._rewritten(target, rule)

    def _rewritten(self, target: Target, rule: _Rule) -> Target:
        """`rewrite-target: /` replaces the whole path, `/$2` the part in front of a group."""
        goal = self._annotation("rewrite-target") if self.controller is INGRESS_NGINX else ""
        if not goal:
            return target
        if goal in ("/$1", "/$2") and "(" in rule.path:
            literal = rule.path.partition("(")[0]
            return replace(target, strip=literal.rstrip("/") + "/" if literal else "/", replace="/")
        return target

    def _annotation(self, name: str) -> str:
        return self.ingress.annotations.get(f"nginx.ingress.kubernetes.io/{name}", "")

    def _traits(self, settings: Mapping[str, Setting]) -> Iterator[tuple[str, str]]:
        if self.controller is TRAEFIK and "retry.attempts" in settings:
            yield "retry", "yes"
        if self.controller is ALB:
            yield "load_balancer_type", "application"
        if self.controller is INGRESS_NGINX:
            if self._annotation("ssl-passthrough") == "true":
                yield "mode", "passthrough"
            conditions = self._annotation("proxy-next-upstream").split()
            if conditions:
                yield "repeats", _conditions(conditions)
        protocol = self._annotation("backend-protocol").upper()
        if self.controller is INGRESS_NGINX and protocol in ("HTTPS", "GRPCS"):
            yield "tls", "yes"

    def _settings(self, address: str, service: Resource | None) -> Iterator[Setting]:
        """Later ones of the same name win."""
        if self.controller is INGRESS_NGINX:
            yield from self._of_config_map(address)
        yield from self._of_annotations(address)
        yield from self._of_attributes(service)
        if self.controller is GKE and service is not None:
            yield from gke_settings(self.cluster, service)
        if self.controller is TRAEFIK:
            yield from ingress_settings(self.cluster, self.ingress, service)
        if self.controller is NGINX_INC and service is not None:
            yield from self._pods(service)

    def _of_annotations(self, address: str) -> Iterator[Setting]:
        for key, _, value in entries(self.ingress.tree, "metadata", "annotations"):
            prefix = next((p for p in self.controller.prefixes if key.startswith(p)), None)
            name = self.controller.settings.get(key.removeprefix(prefix)) if prefix else None
            if name is not None and isinstance(value, Scalar):
                yield from self._checked(name, value, key, address)

    def _checked(
        self, name: str, value: Scalar, key: str, address: str, origin: Origin = Origin.WRITTEN
    ) -> Iterator[Setting]:
        wrong = "" if filled_in_later(value) else self.controller.check(value.text)
        if wrong and name not in _WITH_UNIT:
            problem = invalid(
                value, key, wrong, address=address, component=self.controller.component, name=name
            )
            self.problems.append(problem)
        elif name.endswith("-tries") and value.text == "0":
            # No cap, and nobody counted what the controller's balancer then does.
            lifted = Unresolved(reason="0 lifts the cap on attempts", needs="write how many there may be")
            yield Setting(name=name, value=lifted, spans=(shown(value, key),), origin=Origin.UNRESOLVED)
        else:
            yield setting(name, value, key, label=key, origin=origin)

    def _of_config_map(self, address: str) -> Iterator[Setting]:
        """What the controller's own ConfigMap sets for all Ingresses."""
        own = [one for one in self.cluster.every("ConfigMap") if _configures_controller(one)]
        found = own or [one for one in self.cluster.config_maps if _configures_controller(one)]
        for key in _CONFIG_KEYS:
            values = [scalar(one.tree, "data", key) for one in found]
            given = [value for value in values if value is not None]
            if len({value.text if value else None for value in values}) > 1:
                reason = "several controllers are configured, and which one serves it is not in these files"
                unknown = Unresolved(
                    reason=reason, needs="name the controller with an IngressClass of its own"
                )
                spans = tuple(shown(value, key) for value in given)
                yield Setting(name=key, value=unknown, spans=spans, origin=Origin.UNRESOLVED)
            elif given:
                yield from self._checked(key, given[0], key, address, Origin.INHERITED)

    def _of_attributes(self, service: Resource | None) -> Iterator[Setting]:
        for annotation, names in self.controller.attributes.items():
            holders = (self.ingress.tree, *((service.tree,) if service else ()))
            for holder in holders:
                key = f"{self.controller.prefixes[0]}{annotation}"
                value = scalar(holder, "metadata", "annotations", key)
                if value is not None:
                    yield from pairs(value, annotation, names)

    def _pods(self, service: Resource) -> Iterator[Setting]:
        """NGINX tries each pod once: how many there are decides how often it tries."""
        for workload in self.cluster.selected(service)[:1]:
            count = scalar(workload.tree, "spec", "replicas")
            scaled = any(
                text(one.tree, "spec", "scaleTargetRef", "name") == workload.name
                for one in self.cluster.every("HorizontalPodAutoscaler")
            )
            if scaled or count is None:
                value: Known | Unresolved = Unresolved(
                    reason="the number of pods is not fixed", needs="write proxy_next_upstream_tries"
                )
                span = workload.span if count is None else shown(count, "replicas")
                yield Setting(name="pods", value=value, spans=(span,), origin=Origin.UNRESOLVED)
            else:
                yield setting("pods", count, "replicas", label="replicas")


def pairs(value: Scalar, annotation: str, names: Mapping[str, str]) -> Iterator[Setting]:
    """The settings among `key=value,key=value`."""
    if value.unknown:
        for name in names.values():
            unresolved = Unresolved(reason=value.unknown, needs=RENDER)
            spans = (shown(value, annotation), *value.steps)
            yield Setting(name=name, value=unresolved, spans=spans, origin=Origin.UNRESOLVED)
        return
    for pair in value.text.split(","):
        key, _, number = (part.strip() for part in pair.partition("="))
        if key in names:
            span = replace(value.span, text=f"{key}={number}" if number.isdigit() else key)
            yield Setting(name=names[key], value=Known(value=number), spans=(span, *value.steps), label=key)


def _rules(ingress: Resource) -> Iterator[_Rule]:
    default = at(ingress.tree, "spec", "defaultBackend") or at(ingress.tree, "spec", "backend")
    for rule in items(ingress.tree, "spec", "rules"):
        host = text(rule, "host")
        for path in items(rule, "http", "paths"):
            written = text(path, "path") or "/"
            yield _Rule(
                host=host,
                path=written,
                kind=text(path, "pathType"),
                backend=at(path, "backend"),
                place=replace(path.span, text=f"{host}{written}"),
            )
    if default is not None:
        place = replace(default.span, text="default backend")
        yield _Rule(host="", path="/", kind="Prefix", backend=default, place=place)


def _service(backend: Tree | None) -> tuple[str, str]:
    """Name and port of the Service of a backend, in the words of all versions of the API."""
    name = text(backend, "service", "name") or text(backend, "serviceName")
    port = text(backend, "service", "port", "number") or text(backend, "service", "port", "name")
    return name, port or text(backend, "servicePort")


def _path_rule(rule: _Rule, controller: Controller, use_regex: str) -> PathRule:
    path = rule.path
    if rule.kind == "Exact":
        return PathRule(pattern=path, prefix=path, exact=True)
    if controller is ALB and path.endswith("*"):
        return PathRule(pattern=path, prefix=path.rstrip("*"))
    if use_regex == "true" or set("()[]^$|*") & set(path):
        literal = re.split(r"[()\[\]^$|*.+?\\]", path, maxsplit=1)[0]
        return PathRule(pattern=path, prefix=literal or "/", opaque=True)
    return PathRule(pattern=path, prefix=path)


def _conditions(words: list[str]) -> str:
    """The kind of `proxy-next-upstream`, for the facts."""
    if "off" in words:
        return "off"
    kind = "timeout" if "timeout" in words else "error" if "error" in words else "off"
    return f"{kind} non_idempotent" if "non_idempotent" in words and kind != "off" else kind


def _configures_controller(config: Resource) -> bool:
    labels = at(config.tree, "metadata", "labels")
    part = text(labels, "app.kubernetes.io/name") in ("ingress-nginx", "nginx-ingress")
    named = bool(_CONTROLLER_CONFIG.fullmatch(config.name))
    return (part or named) and any(
        isinstance(value, Scalar) and key in _CONFIG_KEYS for key, _, value in entries(config.tree, "data")
    )

"""AWS load balancers: listeners, rules and target groups down to what is registered in them.

Sources: the resource pages of the AWS provider,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lb (and lb_listener,
lb_listener_rule, lb_target_group, lb_target_group_attachment, ecs_service).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from budgetcheck.model.settings import Declaration, Known, OneOf, Setting, Unresolved
from budgetcheck.model.settings import Scalar as AtomicValue
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.paths import common_hosts
from budgetcheck.readers.terraform.catalogue import ecs, target_groups
from budgetcheck.readers.terraform.catalogue.dns import hosts_of
from budgetcheck.readers.terraform.catalogue.paths import MAYBE, path_pattern
from budgetcheck.readers.terraform.catalogue.settings import (
    known_name,
    place,
    setting,
    text,
    texts,
    trait,
    whole,
)
from budgetcheck.readers.terraform.catalogue.stack import Stack, items_at, values_at
from budgetcheck.readers.terraform.catalogue.target_groups import registered
from budgetcheck.readers.terraform.instances import Item, Resource
from budgetcheck.readers.terraform.values import Scalar, Unknown, Value

TYPES = (
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_elb",
    *target_groups.TYPES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forward:
    """Where a listener or rule sends requests, and which."""

    action: Item
    hosts: tuple[str, ...] = ()
    paths: tuple[PathRule, ...] = ()


def declare_lb(stack: Stack, balancer: Resource) -> Iterator[Declaration]:
    """An application, network or gateway load balancer."""
    listeners = stack.pointing_at(balancer, "aws_lb_listener", "load_balancer_arn")
    forwards = [forward for listener in listeners for forward in _forwards(stack, listener)]
    groups: dict[str, Resource] = {}
    targets: list[Target] = []
    for forward in forwards:
        for value, span in _group_values(forward.action):
            found = stack.referred(value, "aws_lb_target_group")
            groups |= {group.key: group for group in found}
            targets.extend(_targets(stack, forward, found, value, span))
    yield Declaration(
        component="aws_lb",
        address=stack.address(balancer),
        title=balancer.address,
        span=balancer.span,
        settings=_settings(balancer, listeners, [groups[key] for key in sorted(groups)]),
        traits=(("load_balancer_type", trait(balancer, "load_balancer_type", "application")),),
        front=Front(hosts=_hosts(stack, balancer, listeners, forwards)),
        targets=tuple(dict.fromkeys(targets)),
    )


def _settings(balancer: Resource, listeners: list[Resource], groups: list[Resource]) -> tuple[Setting, ...]:
    own = [setting(balancer, name) for name in ("idle_timeout", "client_keep_alive")]
    draining = [group for group in groups if trait(group, "target_type", "instance") != "lambda"]
    drain = _borrowed([(group, setting_of(group, "deregistration_delay")) for group in draining])
    return tuple(found for found in (*own, *_idle_settings(listeners), drain) if found)


def _idle_settings(listeners: list[Resource]) -> Iterator[Setting | None]:
    """The idle timeouts of listeners: that of a TLS listener is fixed, whatever is written."""
    name = "tcp_idle_timeout_seconds"
    protocols = [(listener, trait(listener, "protocol", "").upper()) for listener in listeners]
    carrying = [(listener, protocol) for listener, protocol in protocols if protocol != "UDP"]
    yield _borrowed(
        [(one, None if protocol == "TLS" else setting_of(one, name)) for one, protocol in carrying]
    )
    for listener, protocol in carrying:
        if protocol == "TLS":
            yield setting(
                listener, name, name=f"{name} of a TLS listener", label=f"{listener.address}.{name}"
            )


def setting_of(resource: Resource, name: str) -> Setting | None:
    """A setting that is shown with the address of the resource that holds it."""
    return setting(resource, name, label=f"{resource.address}.{name}")


def _borrowed(held: list[tuple[Resource, Setting | None]]) -> Setting | None:
    """The one setting of several resources, such as target groups; one of several values where they differ.

    Which of them a request meets depends on the rule it takes, so nothing is claimed for a single one.
    """
    written = [found for _, found in held if found]
    if not written:
        return None
    values = [value for _, found in held for value in _possible(found)]
    if any(isinstance(found.value, Unresolved) for found in written) or len({str(v) for v in values}) == 1:
        return next((found for found in written if isinstance(found.value, Unresolved)), written[0])
    kind = held[0][0].type
    reason = f"it differs between several {kind}"
    label = f"{kind}.*.{written[0].name}"
    return replace(written[0], value=OneOf(values=tuple(dict.fromkeys(values)), reason=reason), label=label)


def _possible(found: Setting | None) -> tuple[AtomicValue, ...]:
    match found.value if found else None:
        case Known(value=value):
            return (value,)
        case OneOf(values=values):
            return values
        case _:
            return (None,)


def _hosts(
    stack: Stack, balancer: Resource, listeners: list[Resource], forwards: list[_Forward]
) -> tuple[str, ...]:
    """The balancer's public names, where its rules are for no other and nothing stands in front of it."""
    inner = any(stack.pointing_at(balancer, kind, attribute) for kind, attribute in _CALLERS)
    behind_listener = any(
        stack.pointing_at(one, "aws_apigatewayv2_integration", "integration_uri") for one in listeners
    )
    hosts = () if inner or behind_listener else hosts_of(stack, balancer)
    asked = {host for forward in forwards for host in forward.hosts}
    return hosts if all(common_hosts(hosts, (host,)) for host in asked) else ()


_CALLERS = (
    ("aws_cloudfront_vpc_origin", "vpc_origin_endpoint_config.arn"),
    ("aws_api_gateway_vpc_link", "target_arns"),
    ("aws_api_gateway_integration", "uri"),
    ("aws_apigatewayv2_integration", "integration_uri"),
    ("aws_lb_target_group_attachment", "target_id"),
)
"""What sends requests to a balancer under a name of its own."""


def _forwards(stack: Stack, listener: Resource) -> Iterator[_Forward]:
    for rule in stack.pointing_at(listener, "aws_lb_listener_rule", "listener_arn"):
        hosts, paths = _conditions(rule)
        for action in rule.blocks("action"):
            yield _Forward(action=action, hosts=hosts, paths=paths)
    for action in listener.blocks("default_action"):
        yield _Forward(action=action)


def _conditions(rule: Resource) -> tuple[tuple[str, ...], tuple[PathRule, ...]]:
    """Host names and paths of a rule; a condition that is not known may or may not match."""
    hosts: list[str] = []
    paths: list[PathRule] = []
    for condition in rule.blocks("condition"):
        for value in values_at(condition, "host_header.values"):
            names = texts(value)
            hosts.extend(names or ())
            paths.extend([MAYBE] if names is None else [])
        for value in values_at(condition, "path_pattern.values"):
            patterns = texts(value)
            paths.extend([MAYBE] if patterns is None else [path_pattern(pattern) for pattern in patterns])
        paths.extend(_old_path(condition))
    return tuple(hosts), tuple(dict.fromkeys(paths))


def _old_path(condition: Item) -> list[PathRule]:
    """`field = "path-pattern"`, `values = [...]`: the form before version 3 of the provider."""
    if text(condition.value("field")) != "path-pattern":
        return []
    patterns = texts(condition.value("values"))
    return [MAYBE] if patterns is None else [path_pattern(pattern) for pattern in patterns]


def _group_values(action: Item) -> Iterator[tuple[Value, Span]]:
    """The target groups an action forwards to, as values, with the place where each is written."""
    if trait(action, "type", "forward") not in ("forward", "unknown"):
        return
    if "target_group_arn" in action.block.attributes:
        value = action.value("target_group_arn")
        if not (isinstance(value, Scalar) and value.value is None):
            yield value, place(action, "target_group_arn")
    for weighted in items_at(action, "forward.target_group"):
        yield weighted.value("arn"), place(weighted, "arn")


def _targets(
    stack: Stack, forward: _Forward, groups: list[Resource], value: Value, span: Span
) -> Iterator[Target]:
    for group in groups:
        for target in registered(stack, group):
            yield replace(target, hosts=forward.hosts, paths=forward.paths)
    if not groups:
        reason = value.reason if isinstance(value, Unknown) else "the target group is not in these files"
        yield Target(hosts=forward.hosts, paths=forward.paths, span=span, reason=reason)


def declare_elb(stack: Stack, balancer: Resource) -> Iterator[Declaration]:
    """A classic load balancer."""
    own = [setting(balancer, name) for name in ("idle_timeout", "connection_draining_timeout")]
    port = "instance_port"
    ports = [(whole(listener.value(port)), place(listener, port)) for listener in balancer.blocks("listener")]
    targets = [*ecs.registered(stack, balancer, ports[0][0] if ports else 0)] or [
        Target(port=number, group=known_name(balancer), span=span) for number, span in ports
    ]
    yield Declaration(
        component="aws_elb",
        address=stack.address(balancer),
        title=balancer.address,
        span=balancer.span,
        settings=tuple(found for found in own if found),
        traits=(("connection_draining", trait(balancer, "connection_draining", "false")), *_mode(balancer)),
        front=Front(hosts=hosts_of(stack, balancer)),
        targets=tuple(dict.fromkeys(targets)),
    )


def _mode(balancer: Resource) -> tuple[tuple[str, str], ...]:
    """Whether all its listeners pass connections on instead of requests."""
    protocols = {
        trait(listener, "instance_protocol", trait(listener, "lb_protocol", "unknown")).upper()
        for listener in balancer.blocks("listener")
    }
    return (("mode", "tcp"),) if protocols and protocols <= {"TCP", "SSL"} else ()

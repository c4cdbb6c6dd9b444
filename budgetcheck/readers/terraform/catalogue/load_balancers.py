"""AWS load balancers: listeners, rules and target groups down to what is registered in them.

Sources: the resource pages of the AWS provider,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lb (and lb_listener,
lb_listener_rule, lb_target_group, lb_target_group_attachment, ecs_service).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import PathRule, Target
from budgetcheck.readers.terraform.catalogue.lambdas import functions_in
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
from budgetcheck.readers.terraform.instances import Item, Resource
from budgetcheck.readers.terraform.values import Scalar, Unknown, Value

TYPES = (
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_lb_target_group",
    "aws_lb_target_group_attachment",
    "aws_elb",
    "aws_ecs_service",
    "aws_autoscaling_attachment",
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
            groups |= {group.address: group for group in found}
            targets.extend(_targets(stack, forward, found, value, span))
    yield Declaration(
        component="aws_lb",
        address=stack.address(balancer),
        title=balancer.address,
        span=balancer.span,
        settings=_settings(balancer, listeners, [groups[address] for address in sorted(groups)]),
        traits=(("load_balancer_type", trait(balancer, "load_balancer_type", "application")),),
        targets=tuple(dict.fromkeys(targets)),
    )


def _settings(balancer: Resource, listeners: list[Resource], groups: list[Resource]) -> tuple[Setting, ...]:
    own = [setting(balancer, name) for name in ("idle_timeout", "client_keep_alive")]
    borrowed = [_borrowed(listener, "tcp_idle_timeout_seconds") for listener in listeners]
    drains = [_borrowed(group, "deregistration_delay") for group in groups]
    return tuple(found for found in (*own, *borrowed, *drains) if found)


def _borrowed(resource: Resource, name: str) -> Setting | None:
    return setting(resource, name, label=f"{resource.address}.{name}")


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
        for target in _registered(stack, group):
            yield replace(target, hosts=forward.hosts, paths=forward.paths)
    if not groups:
        reason = value.reason if isinstance(value, Unknown) else "the target group is not in these files"
        yield Target(hosts=forward.hosts, paths=forward.paths, span=span, reason=reason)


def _registered(stack: Stack, group: Resource) -> Iterator[Target]:
    """What is registered in a target group: functions, load balancers, containers, or just its port."""
    found = False
    for attachment in stack.pointing_at(group, "aws_lb_target_group_attachment", "target_group_arn"):
        value = attachment.value("target_id")
        inner = [*functions_in(stack, value), *stack.referred(value, "aws_lb")]
        for resource in inner:
            found = True
            span = place(attachment, "target_id")
            yield Target(address=stack.address(resource), group=known_name(group), span=span)
    span = place(group, "port", "name")
    port = whole(group.value("port"))
    for container, container_port in _containers(stack, group):
        found = True
        yield Target(port=container_port or port, group=container, span=span)
    if not found:
        yield Target(port=port, group=known_name(group), span=span)


def _containers(stack: Stack, group: Resource) -> Iterator[tuple[str, int]]:
    """Container name and port of the ECS services that register in a target group."""
    for service in stack.pointing_at(group, "aws_ecs_service", "load_balancer.target_group_arn"):
        for registered in service.blocks("load_balancer"):
            if group in stack.referred(registered.value("target_group_arn"), "aws_lb_target_group"):
                names = (text(registered.value("container_name")), text(service.value("name")))
                port = whole(registered.value("container_port"))
                yield next(filter(None, names), service.label), port


def declare_elb(stack: Stack, balancer: Resource) -> Iterator[Declaration]:
    """A classic load balancer."""
    own = [setting(balancer, name) for name in ("idle_timeout", "connection_draining_timeout")]
    port = "instance_port"
    targets = [
        Target(port=whole(listener.value(port)), group=known_name(balancer), span=place(listener, port))
        for listener in balancer.blocks("listener")
    ]
    yield Declaration(
        component="aws_elb",
        address=stack.address(balancer),
        title=balancer.address,
        span=balancer.span,
        settings=tuple(found for found in own if found),
        traits=(("connection_draining", trait(balancer, "connection_draining", "false")),),
        targets=tuple(dict.fromkeys(targets)),
    )

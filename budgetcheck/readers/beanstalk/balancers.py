"""The load balancer of an environment, and the daemon that hands the messages of a worker to it.

https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html
"""

from collections.abc import Iterator

from budgetcheck.model.settings import Declaration, Known, OneOf, Setting, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Target
from budgetcheck.readers.beanstalk.bundles import Bundle
from budgetcheck.readers.processes.declare import Owner, presumed
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode

BALANCER, QUEUE, DAEMON = "beanstalk-balancer", "beanstalk-queue", "beanstalk-sqsd"
ENVIRONMENT = "aws:elasticbeanstalk:environment"
CLASSIC, CLASSIC_POLICIES = "aws:elb:", "aws:elb:policies"
V2, V2_BALANCER = "aws:elbv2:", "aws:elbv2:loadbalancer"
PROCESS = "aws:elasticbeanstalk:environment:process:default"
WORKER = "aws:elasticbeanstalk:sqsd"
KINDS = frozenset({"classic", "application", "network"})

_IDLE = "idle_timeout.timeout_seconds"
_V2_RESOURCE, _CLASSIC_RESOURCE = "AWSEBV2LoadBalancer", "AWSEBLoadBalancer"


def declare_balancer(
    bundle: Bundle, targets: tuple[Target, ...], *, place: Span | None = None
) -> Iterator[Declaration]:
    """The balancer, where something says that the environment has one: many run on a single instance.

    `place`: of an environment that is described as a whole, and has one unless it says otherwise.
    """
    sign = next(_signs(bundle), place)
    if sign is None or bundle.text(ENVIRONMENT, "EnvironmentType") == "SingleInstance":
        return
    kind = _kind(bundle)
    idle = _idle(bundle, kind)
    drains = (
        bundle.setting(PROCESS, "DeregistrationDelay") if kind != "classic" else None,
        bundle.setting(CLASSIC_POLICIES, "ConnectionDrainingTimeout") if kind == "classic" else None,
    )
    draining = bundle.text(CLASSIC_POLICIES, "ConnectionDrainingEnabled").lower() or "false"
    yield Declaration(
        component=BALANCER,
        address=f"beanstalk:{bundle.title}/balancer",
        title=bundle.called("balancer"),
        span=idle.spans[0] if idle else sign,
        settings=tuple(one for one in (idle, *drains) if one),
        traits=(
            ("connection_draining", draining),
            ("load_balancer_type", kind),
            *_mode(bundle, kind),
        ),
        targets=targets,
    )


def _signs(bundle: Bundle) -> Iterator[Span]:
    """Where something says that there is a balancer."""
    for (namespace, name), option in bundle.options.items():
        stated = (namespace, name, option.text) == (ENVIRONMENT, "EnvironmentType", "LoadBalanced")
        if (
            stated
            or (namespace, name) == (ENVIRONMENT, "LoadBalancerType")
            or namespace.startswith((CLASSIC, V2))
        ):
            yield option.spans[0]
    for name, resource in bundle.resources.items():
        if name.startswith((_V2_RESOURCE, _CLASSIC_RESOURCE)):
            file = bundle.resource_file[name]
            yield Span(file=file, line=resource.line, column=resource.column, text=name)


def _kind(bundle: Bundle) -> str:
    """`classic`, `application` or `network`; empty where nothing says so, or something else does."""
    written = bundle.text(ENVIRONMENT, "LoadBalancerType")
    if (ENVIRONMENT, "LoadBalancerType") in bundle.options:
        return written if written in KINDS else ""
    newer = bundle.has(V2) or any(name.startswith(_V2_RESOURCE) for name in bundle.resources)
    older = bundle.has(CLASSIC) or any(name.startswith(_CLASSIC_RESOURCE) for name in bundle.resources)
    if older and not newer:
        return "classic"
    # The idle timeout is one of application load balancers only.
    return "application" if _v2_idle(bundle) and not older else ""


def _mode(bundle: Bundle, kind: str) -> tuple[tuple[str, str], ...]:
    """Whether all listeners of a classic balancer pass connections on instead of requests."""
    protocols = {
        one.text.upper() or "UNKNOWN"
        for (namespace, name), one in bundle.options.items()
        if namespace.startswith("aws:elb:listener") and name in ("ListenerProtocol", "InstanceProtocol")
    }
    passes = kind == "classic" and bool(protocols) and protocols <= {"TCP", "SSL"}
    return (("mode", "tcp"),) if passes else ()


def _idle(bundle: Bundle, kind: str) -> Setting | None:
    """The idle timeout of the balancer; of both kinds where it may be either and both are written."""
    classic, newer = _classic_idle(bundle), _v2_idle(bundle)
    if kind in ("classic", "application"):
        return classic if kind == "classic" else newer
    if kind == "network" or classic is None or newer is None:
        return None if kind == "network" else _or_default(classic or newer)
    values = [one.value for one in (classic, newer)]
    known = tuple(value.value for value in values if isinstance(value, Known))
    if len(known) < 2 or len(set(known)) == 1:
        return next((one for one in (classic, newer) if isinstance(one.value, Unresolved)), newer)
    reason = "it is set for both kinds of balancers, and which one there is is not in these files"
    return Setting(
        name="idle_timeout",
        value=OneOf(values=known, reason=reason),
        spans=(*newer.spans, *classic.spans),
        label=newer.label,
    )


def _or_default(found: Setting | None) -> Setting | None:
    """A time for one kind of balancer, where it may be another one that keeps its default."""
    if found is None or not isinstance(found.value, Known):
        return found
    reason = "it counts for one kind of balancer, and which one there is is not in these files"
    return Setting(
        name=found.name,
        value=OneOf(values=(found.value.value, None), reason=reason),
        spans=found.spans,
        label=found.label,
    )


def _classic_idle(bundle: Bundle) -> Setting | None:
    resource = bundle.resources.get(_CLASSIC_RESOURCE)
    node = _at(resource, "Properties", "ConnectionSettings", "IdleTimeout")
    if isinstance(node, ScalarNode):
        return _of_resource(bundle, _CLASSIC_RESOURCE, node, "ConnectionSettings.IdleTimeout")
    return bundle.setting(CLASSIC_POLICIES, "ConnectionSettingIdleTimeout", "idle_timeout")


def _v2_idle(bundle: Bundle) -> Setting | None:
    """What the template of the environment says, else the option."""
    pairs = _at(bundle.resources.get(_V2_RESOURCE), "Properties", "LoadBalancerAttributes")
    for pair in pairs.items if isinstance(pairs, ListNode) else ():
        key, value = _at(pair, "Key"), _at(pair, "Value")
        if isinstance(key, ScalarNode) and key.text == _IDLE and isinstance(value, ScalarNode):
            return _of_resource(bundle, _V2_RESOURCE, value, _IDLE)
    return bundle.setting(V2_BALANCER, "IdleTimeout", "idle_timeout")


def _of_resource(bundle: Bundle, name: str, node: ScalarNode, label: str) -> Setting:
    file = bundle.resource_file[name]
    text = f"{label}: {node.text}" if node.text.isdigit() else label
    span = Span(file=file, line=node.line, column=node.column, text=text)
    value: Known | Unresolved = Known(value=node.text)
    if not node.text.isdigit():
        value = Unresolved(reason="it is no plain number", needs="write the number itself")
    return Setting(name="idle_timeout", value=value, spans=(span,), label=f"{name} {label}")


def _at(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = node.get(key) if isinstance(node, MapNode) else None
    return node


def declare_worker(
    bundle: Bundle, targets: tuple[Target, ...], *, place: Span | None = None
) -> Iterator[Declaration]:
    """The queue of a worker environment, and the daemon that posts its messages to the application.

    `place`: of an environment that is said to be one.
    """
    if place is None and not bundle.has(WORKER):
        return
    daemon = f"beanstalk:{bundle.title}/sqsd"
    if not targets:
        # The proxy and the application are there, and end what the daemon waits for sooner than it does.
        inside = Owner(
            address=f"beanstalk:{bundle.title}/application",
            title=bundle.called("application"),
            span=place or bundle.place,
        )
        targets = (Target(address=inside.address, span=inside.span),)
        yield presumed(inside)
    visibility = bundle.setting(WORKER, "VisibilityTimeout")
    waits = [bundle.setting(WORKER, name) for name in ("InactivityTimeout", "ConnectTimeout")]
    first = next(
        (option.spans[0] for (namespace, _), option in bundle.options.items() if namespace == WORKER),
        place or bundle.place,
    )
    yield Declaration(
        component=QUEUE,
        address=f"beanstalk:{bundle.title}/queue",
        title=bundle.called("queue"),
        span=visibility.spans[0] if visibility else first,
        settings=(visibility,) if visibility else (),
        targets=(Target(address=daemon, span=first),),
    )
    yield Declaration(
        component=DAEMON,
        address=daemon,
        title=bundle.called("sqsd"),
        span=next((one.spans[0] for one in waits if one), first),
        settings=tuple(one for one in waits if one),
        targets=targets,
    )

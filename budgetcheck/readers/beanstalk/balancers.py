"""The load balancer of an environment, and the daemon that hands the messages of a worker to it.

https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html
"""

from collections.abc import Iterator

from budgetcheck.model.settings import Declaration, Known, OneOf, Setting, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Target
from budgetcheck.readers.beanstalk.options import Environment

BALANCER, QUEUE, DAEMON = "beanstalk-balancer", "beanstalk-queue", "beanstalk-sqsd"
ENVIRONMENT = "aws:elasticbeanstalk:environment"
CLASSIC, CLASSIC_POLICIES = "aws:elb:", "aws:elb:policies"
V2, V2_BALANCER = "aws:elbv2:", "aws:elbv2:loadbalancer"
PROCESS = "aws:elasticbeanstalk:environment:process:default"
WORKER = "aws:elasticbeanstalk:sqsd"
KINDS = frozenset({"classic", "application", "network"})


def declare_balancer(
    environment: Environment, targets: tuple[Target, ...], *, place: Span | None = None
) -> Iterator[Declaration]:
    """The balancer, where something says that the environment has one: many run on a single instance.

    `place`: of an environment that is described as a whole, and has one unless it says otherwise.
    """
    sign = next(_signs(environment), place)
    if sign is None or environment.text(ENVIRONMENT, "EnvironmentType") == "SingleInstance":
        return
    kind = _kind(environment)
    idle = _idle(environment, kind)
    drains = (
        environment.setting(PROCESS, "DeregistrationDelay") if kind != "classic" else None,
        environment.setting(CLASSIC_POLICIES, "ConnectionDrainingTimeout") if kind == "classic" else None,
    )
    draining = environment.text(CLASSIC_POLICIES, "ConnectionDrainingEnabled").lower() or "false"
    yield Declaration(
        component=BALANCER,
        address=f"beanstalk:{environment.title}/balancer",
        title=environment.called("balancer"),
        span=idle.spans[0] if idle else sign,
        settings=tuple(one for one in (idle, *drains) if one),
        traits=(
            ("connection_draining", draining),
            ("load_balancer_type", kind),
            *_mode(environment, kind),
        ),
        targets=targets,
    )


def _signs(environment: Environment) -> Iterator[Span]:
    """Where something says that there is a balancer."""
    for (namespace, name), option in environment.options.items():
        stated = (namespace, name, option.text) == (ENVIRONMENT, "EnvironmentType", "LoadBalanced")
        if (
            stated
            or (namespace, name) == (ENVIRONMENT, "LoadBalancerType")
            or namespace.startswith((CLASSIC, V2))
        ):
            yield option.spans[0]
    yield from environment.balancers.values()


def _kind(environment: Environment) -> str:
    """`classic`, `application` or `network`; empty where nothing says so, or something else does."""
    written = environment.text(ENVIRONMENT, "LoadBalancerType")
    if (ENVIRONMENT, "LoadBalancerType") in environment.options:
        return written if written in KINDS else ""
    newer = environment.has(V2) or "v2" in environment.balancers
    older = environment.has(CLASSIC) or "classic" in environment.balancers
    if older and not newer:
        return "classic"
    # The idle timeout is one of application load balancers only.
    return "application" if _v2_idle(environment) and not older else ""


def _mode(environment: Environment, kind: str) -> tuple[tuple[str, str], ...]:
    """Whether all listeners of a classic balancer pass connections on instead of requests."""
    protocols = {
        one.text.upper() or "UNKNOWN"
        for (namespace, name), one in environment.options.items()
        if namespace.startswith("aws:elb:listener") and name in ("ListenerProtocol", "InstanceProtocol")
    }
    passes = kind == "classic" and bool(protocols) and protocols <= {"TCP", "SSL"}
    return (("mode", "tcp"),) if passes else ()


def _idle(environment: Environment, kind: str) -> Setting | None:
    """The idle timeout of the balancer; of both kinds where it may be either and both are written."""
    classic, newer = _classic_idle(environment), _v2_idle(environment)
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


def _classic_idle(environment: Environment) -> Setting | None:
    """What the template of the environment says, else the option."""
    option = environment.setting(CLASSIC_POLICIES, "ConnectionSettingIdleTimeout", "idle_timeout")
    return environment.idle.get("classic") or option


def _v2_idle(environment: Environment) -> Setting | None:
    return environment.idle.get("v2") or environment.setting(V2_BALANCER, "IdleTimeout", "idle_timeout")


def declare_worker(
    environment: Environment, targets: tuple[Target, ...], *, place: Span | None = None
) -> Iterator[Declaration]:
    """The queue of a worker environment, and the daemon that posts its messages to the application.

    `place`: of an environment that is said to be one.
    """
    if place is None and not environment.has(WORKER):
        return
    daemon = f"beanstalk:{environment.title}/sqsd"
    if not targets:
        # The proxy and the application are there, and end what the daemon waits for sooner than it does.
        from budgetcheck.readers.processes.declare import Owner, presumed

        inside = Owner(
            address=f"beanstalk:{environment.title}/application",
            title=environment.called("application"),
            span=place or environment.place,
        )
        targets = (Target(address=inside.address, span=inside.span),)
        yield presumed(inside)
    visibility = environment.setting(WORKER, "VisibilityTimeout")
    waits = [environment.setting(WORKER, name) for name in ("InactivityTimeout", "ConnectTimeout")]
    first = next(
        (option.spans[0] for (namespace, _), option in environment.options.items() if namespace == WORKER),
        place or environment.place,
    )
    yield Declaration(
        component=QUEUE,
        address=f"beanstalk:{environment.title}/queue",
        title=environment.called("queue"),
        span=visibility.spans[0] if visibility else first,
        settings=(visibility,) if visibility else (),
        targets=(Target(address=daemon, span=first),),
    )
    yield Declaration(
        component=DAEMON,
        address=daemon,
        title=environment.called("sqsd"),
        span=next((one.spans[0] for one in waits if one), first),
        settings=tuple(one for one in waits if one),
        targets=targets,
    )

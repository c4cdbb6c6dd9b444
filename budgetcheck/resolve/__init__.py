"""Settings and facts make hops: units, defaults, ranges, caps and attempts.

Nothing unresolved becomes a number: it becomes the range that the component allows, with the reason kept.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from budgetcheck import facts
from budgetcheck.facts.fact import Component
from budgetcheck.model.bound import unknown
from budgetcheck.model.limits import Limit, Meaning, Origin, RetryPolicy
from budgetcheck.model.report import UnresolvedItem
from budgetcheck.model.settings import Declaration, Problem, Unresolved
from budgetcheck.model.topology import Hop, Layer
from budgetcheck.resolve.applications import servers_with_their_handlers
from budgetcheck.resolve.attempts import retries_of
from budgetcheck.resolve.deployed_twice import without_repeated_deployments
from budgetcheck.resolve.judge import judge
from budgetcheck.resolve.kinds import Kinds, settings_by_name
from budgetcheck.resolve.limits import limits_of
from budgetcheck.resolve.same_service import one_server_per_service
from budgetcheck.resolve.slots import slots_of
from budgetcheck.resolve.traits import with_derived_traits
from budgetcheck.resolve.unsupported import unsupported_settings
from budgetcheck.resolve.workers import workers_with_their_app


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """Hops, what could not be resolved on them, and values that the component would reject."""

    hops: tuple[Hop, ...]
    unresolved: tuple[UnresolvedItem, ...]
    problems: tuple[Problem, ...]


def resolve(
    declarations: Iterable[Declaration],
    today: date | None = None,
    overrides: Mapping[str, Component] = MappingProxyType({}),
) -> Resolution:
    """Turns declarations into hops with every limit in force, unwritten defaults included.

    `today` decides which facts are past their re-check date; None checks none. `overrides` are components
    with facts of the user's own, which replace the shipped ones.
    """
    hops: list[Hop] = []
    unresolved: list[UnresolvedItem] = []
    problems: list[Problem] = []
    kinds = Kinds(today=today)
    # Kept to the end: settings are told apart by identity.
    services = one_server_per_service(without_repeated_deployments(declarations))
    joined = servers_with_their_handlers(workers_with_their_app(services))
    all_declarations = [with_derived_traits(declaration) for declaration in joined]
    for declaration in all_declarations:
        unresolved.extend(_unresolved(declaration))
        component = overrides.get(declaration.component) or facts.find(declaration.component)
        if component is None:
            hops.append(_stranger(declaration))
            continue
        settings, kind = settings_by_name(declaration), kinds.of(declaration, component)
        deciding = kind.deciding(settings)
        retry = retries_of(declaration, settings, kind)
        hops.append(_hop(declaration, limits_of(deciding, kind), retry, component))
        problems.extend(judge(declaration, deciding, kind))
        problems.extend(unsupported_settings(declaration, component))
    return Resolution(hops=tuple(hops), unresolved=tuple(unresolved), problems=tuple(problems))


def _hop(
    declaration: Declaration, limits: tuple[Limit, ...], retry: RetryPolicy, component: Component
) -> Hop:
    return Hop(
        address=declaration.address,
        component=component.name,
        title=declaration.title,
        layer=component.layer,
        span=declaration.span,
        limits=limits,
        retry=retry,
        front=replace(
            declaration.front,
            entry=declaration.front.entry or component.entry,
            default_ports=_default_ports(declaration, component),
        ),
        targets=declaration.targets,
        work=declaration.work,
        tls=("tls", "yes") in declaration.traits,
        peers=declaration.peers,
        passes_before=declaration.passes_before,
        passes_after=declaration.passes_after,
        work_goes_on=component.work_goes_on,
        version=declaration.version,
        traits=declaration.traits,
        slots=slots_of(declaration) if component.layer is Layer.SERVER else None,
    )


def _default_ports(declaration: Declaration, component: Component) -> tuple[int, ...]:
    """Where it listens unless told otherwise; none where it is told something unknown, or a socket."""
    told = declaration.trait("listens") == "unknown" or declaration.front.sockets
    return (component.default_port,) if component.default_port and not told else ()


def _stranger(declaration: Declaration) -> Hop:
    """A call through a client there are no facts for: how long it takes is not known."""
    nobody_knows = unknown(f"there are no facts about {declaration.component}")
    return Hop(
        address=declaration.address,
        component=declaration.component,
        title=declaration.title,
        layer=Layer.CALL,
        span=declaration.span,
        limits=(
            Limit(
                meaning=Meaning.TOTAL,
                bound=nobody_knows,
                setting="time of the call",
                origin=Origin.UNRESOLVED,
                spans=(declaration.span,),
            ),
        ),
        front=declaration.front,
    )


def _unresolved(declaration: Declaration) -> Iterator[UnresolvedItem]:
    for setting in declaration.settings:
        if isinstance(setting.value, Unresolved):
            yield UnresolvedItem(
                setting=setting.label or setting.name,
                span=setting.spans[0],
                reason=setting.value.reason,
                needs=setting.value.needs,
            )

"""The limits in force at a hop: what is written, else the default of every version that may be installed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from budgetcheck.facts.fact import AttemptsFact, Component, Evidence, LimitFact, Proof, Zero
from budgetcheck.model.bound import UNLIMITED, Bound, exactly, of_cases, union, unknown
from budgetcheck.model.limits import Limit, Origin
from budgetcheck.model.settings import Known, OneOf, Scalar, Setting, Unresolved
from budgetcheck.resolve import values
from budgetcheck.resolve.kinds import Group, Kind


def limits_of(deciding: Mapping[int, Setting], kind: Kind) -> tuple[Limit, ...]:
    """One limit per setting; variants of a fact for several possible versions are merged."""
    key = tuple(sorted([(number, id(setting)) for number, setting in deciding.items()]))
    if key not in kind.together:
        limits = [_known(number, deciding.get(number), kind) for number in range(len(kind.groups))]
        kind.together[key] = tuple(limit for limit in limits if limit is not None)
    return kind.together[key]


def _known(number: int, setting: Setting | None, kind: Kind) -> Limit | None:
    """The limit of one group of facts, worked out once for each setting that decides it."""
    key = (number, id(setting))
    if key not in kind.known:
        group = kind.groups[number]
        limit = _limit(setting, kind.component, group)
        kind.known[key] = None if limit is None else _with_doubt(limit, group, kind.stale)
    return kind.known[key]


def _limit(setting: Setting | None, component: Component, group: Group) -> Limit | None:
    fact = group[0]
    if setting is not None:
        bound = _written_bound(setting, fact)
        if bound is not None:
            return _written(setting, fact, bound)
    defaults = [variant.default for variant in group if variant.default is not None]
    if not defaults:
        return None
    return Limit(
        meaning=fact.meaning,
        bound=union(defaults),
        setting=fact.setting,
        origin=Origin.CAP if fact.fixed else Origin.DEFAULT,
        source=_fixed_source(component, fact) if fact.fixed else _default_source(component, group, defaults),
        cap=None if fact.cap_soft else fact.cap,
        soft_cap=fact.cap if fact.cap_soft else None,
        cap_note=fact.cap_note,
        adjustable=not fact.fixed,
        of_answer=fact.of_answer,
        per_address=fact.per_address,
        soft_of=fact.soft_of,
        gate=fact.gate,
        unit=fact.unit,
        symptom=_symptom(fact),
    )


def written_setting(settings: Mapping[str, Setting], fact: LimitFact | AttemptsFact) -> Setting | None:
    """The setting that decides a fact's number: its own name first, then its aliases in order."""
    found = settings.get(fact.setting)
    if found is None and fact.aliases:
        return next((settings[name] for name in fact.aliases if name in settings), None)
    return found


def _written(setting: Setting, fact: LimitFact, bound: Bound) -> Limit:
    unresolved = isinstance(setting.value, Unresolved) or (bound.reason and not bound.choices)
    return Limit(
        meaning=fact.meaning,
        bound=bound,
        setting=setting.label or fact.setting,
        origin=Origin.UNRESOLVED if unresolved else setting.origin,
        spans=setting.spans,
        literal=literal_of(setting),
        unit=fact.unit,
        cap=None if fact.cap_soft else fact.cap,
        soft_cap=fact.cap if fact.cap_soft else None,
        cap_note=fact.cap_note,
        of_answer=fact.of_answer,
        per_address=fact.per_address,
        soft_of=fact.soft_of,
        gate=fact.gate,
        symptom=_symptom(fact),
        places=setting.value.places if isinstance(setting.value, OneOf) else (),
    )


def _written_bound(setting: Setting, fact: LimitFact) -> Bound | None:
    """Milliseconds of a written value; None where an explicit null means the default."""
    match setting.value:
        case Known(value=value):
            if value is None:
                return UNLIMITED if fact.null_unlimited else None
            return _milliseconds(value, fact, setting)
        case OneOf(values=possible, reason=reason):
            bounds = [_possible(value, fact, setting) for value in possible]
            if setting.value.cases and all(bound.exact for bound in bounds):
                pairs = zip(bounds, setting.value.cases, strict=True)
                return of_cases(((bound.low, where) for bound, where in pairs), reason)
            merged = union(bounds)
            return merged if merged.exact else replace(merged, reason=merged.reason or reason)
        case Unresolved(reason=reason):
            return unknown(reason, low=fact.lowest or 0, high=fact.highest)


def literal_of(setting: Setting) -> str:
    """The value as written where it is a single number or duration; empty otherwise."""
    if isinstance(setting.value, Known) and setting.value.value is not None:
        return str(setting.value.value)
    return ""


def _possible(value: Scalar, fact: LimitFact, setting: Setting) -> Bound:
    """One value of a set; null is no limit or the default, and no default means no limit."""
    if value is None:
        return UNLIMITED if fact.null_unlimited else fact.default or UNLIMITED
    return _milliseconds(value, fact, setting)


def _milliseconds(value: str | float, fact: LimitFact, setting: Setting) -> Bound:
    try:
        number = values.milliseconds(value, fact.grammar, fact.unit)
    except ValueError as error:
        return unknown(f"{setting.name} is not valid: {error}", low=fact.lowest or 0, high=fact.highest)
    if number == 0 and fact.zero in (Zero.UNLIMITED, Zero.OFF):
        return exactly(None)
    return exactly(max(number, fact.floor))


def _symptom(fact: LimitFact) -> str:
    if fact.symptom is None:
        return ""
    return str(fact.symptom.status or fact.symptom.text)


def _fixed_source(component: Component, fact: LimitFact) -> str:
    return f"fixed by {component.title}, not in your files" + (f" ({fact.note})" if fact.note else "")


def _default_source(component: Component, group: Group, defaults: list[Bound]) -> str:
    shown = " or ".join(dict.fromkeys(values.show(default) for default in defaults))
    # Of a platform nobody can look up a version: that its number stands nowhere is what matters.
    versions = versions_of(component, [fact.evidence for fact in group]) or ", not in your files"
    return f"{component.name} default {group[0].setting}={shown}{versions}"


def versions_of(component: Component, evidence: Sequence[Evidence]) -> str:
    """` (openai 1.x-3.x)`: the versions a default holds for; of several variants all that were looked at."""
    versions = evidence[0].versions if len(evidence) == 1 and evidence[0].versions else component.versions
    # A platform has no version anybody could install: only real version numbers are worth a word.
    return f" ({component.name} {versions})" if versions[:1].isdigit() or versions[:1] in "<>=" else ""


def _with_doubt(limit: Limit, group: Group, stale: frozenset[int]) -> Limit:
    """A finding must not be an error because of a number that is not certain."""
    unwritten = limit.origin in (Origin.DEFAULT, Origin.CAP)
    doubt = ""
    if unwritten and any(fact.evidence.proof is Proof.INFERRED for fact in group):
        doubt = f"the default of {limit.setting} is inferred, not documented"
    elif unwritten and len({fact.default for fact in group}) > 1:
        doubt = f"the default of {limit.setting} differs between versions"
    elif unwritten and any(id(fact) in stale for fact in group):
        doubt = f"the default of {limit.setting} was checked long ago"
    return replace(limit, doubt=doubt) if doubt else limit

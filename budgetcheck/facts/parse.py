"""Tables of a facts file -> frozen facts. Everything the schema asks for, and what it cannot express."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import TypeVar

from budgetcheck.facts.errors import FactsError
from budgetcheck.facts.fact import (
    BACKOFF_PARTS,
    AttemptsFact,
    Component,
    Evidence,
    Grammar,
    LimitFact,
    Proof,
    Symptom,
    UnsupportedFact,
    Zero,
)
from budgetcheck.facts.select import When, overlap
from budgetcheck.facts.table import UNLIMITED_WORD, Table
from budgetcheck.facts.versions import parse_range
from budgetcheck.model.bound import UNLIMITED, Bound, exactly
from budgetcheck.model.duration import MS_PER
from budgetcheck.model.limits import NO_BACKOFF, Backoff, Gate, Meaning, Repeats
from budgetcheck.model.topology import Layer

_Fact = TypeVar("_Fact", LimitFact, AttemptsFact, UnsupportedFact)

_DOUBLE = 2_000  # backoff grows twofold where no factor is written
_FIRST_STATUS, _LAST_STATUS = 100, 599


def parse_component(
    name: str, values: Mapping[str, object], place: str, *, base: Component | None = None
) -> Component:
    """The component that a table describes; `place` begins the message of the FactsError it may raise.

    With a `base` the table only has to state what differs from it.
    """
    table = Table(values, place)
    limits = tuple(_limit(item) for item in table.tables("limit"))
    attempts = tuple(_attempts(item) for item in table.tables("attempts"))
    unsupported = tuple(_unsupported(item) for item in table.tables("unsupported"))
    _require_distinct(place, "limit", limits)
    _require_distinct(place, "attempts", attempts)
    component = Component(
        name=name,
        title=table.text("title", base.title if base else None),
        layer=table.choice("layer", Layer, base.layer if base else None),
        limits=limits + _kept(base.limits if base else (), limits),
        attempts=attempts + _kept(base.attempts if base else (), attempts),
        entry=table.flag("entry", base.entry if base else False),
        work_goes_on=table.flag("work_goes_on", base.work_goes_on if base else False),
        default_port=table.count("default_port", base.default_port if base else 0),
        passes_through=table.texts("passes_through") or (base.passes_through if base else ()),
        unsupported=unsupported + _kept(base.unsupported if base else (), unsupported),
        versions=table.text("versions", base.versions if base else ""),
        notes=table.texts("notes") or (base.notes if base else ()),
    )
    table.close()
    return component


def _limit(table: Table) -> LimitFact:
    lowest, highest = table.range("range")
    fact = LimitFact(
        setting=table.text("setting"),
        aliases=table.texts("aliases"),
        when=_when(table),
        meaning=table.choice("meaning", Meaning),
        unit=_unit(table),
        grammar=table.choice("grammar", Grammar, Grammar.NUMBER),
        default=_default(table),
        lowest=lowest,
        highest=highest,
        cap=table.optional_duration("cap"),
        cap_soft=table.flag("cap_soft"),
        cap_note=table.text("cap_note", ""),
        floor=table.duration("floor", 0),
        zero=table.choice("zero", Zero, Zero.VALUE),
        null_unlimited=table.flag("null_unlimited"),
        fixed=table.flag("fixed"),
        of_answer=table.flag("of_answer", fallback=True),
        per_address=table.flag("per_address"),
        twice_with_tls=table.flag("twice_with_tls"),
        soft_of=table.text("soft_of", ""),
        gate=table.choice("gate", Gate, Gate.AFTER_ATTEMPT),
        symptom=_symptom(table.table("symptom")),
        note=table.text("note", ""),
        evidence=_evidence(table),
    )
    table.close()
    _check_limit(table, fact)
    return fact


def _attempts(table: Table) -> AttemptsFact:
    backoff, backoff_settings = _backoff(table.table("backoff"))
    fact = AttemptsFact(
        setting=table.text("setting", ""),
        aliases=table.texts("aliases"),
        when=_when(table),
        retries=table.flag("retries"),
        default=table.count_or_endless("default"),
        repeats=table.choices("repeats", Repeats),
        unsafe=table.flag("unsafe", fallback=True),
        backoff=backoff,
        backoff_settings=backoff_settings,
        retry_after=table.end("retry_after", 0),
        most=table.optional_count("most"),
        null_unlimited=table.flag("null_unlimited"),
        note=table.text("note", ""),
        evidence=_evidence(table),
    )
    table.close()
    if not fact.retries and fact.default == 0:
        table.wrong("default", "attempts include the first one, so 0 is none; or write retries = true")
    if fact.most is not None and fact.default is not None and fact.default > fact.most:
        table.wrong("default", f"{fact.default} is more than most = {fact.most}")
    return fact


def _unsupported(table: Table) -> UnsupportedFact:
    fact = UnsupportedFact(
        setting=table.text("setting"),
        when=_when(table),
        rejected=table.flag("rejected"),
        accepted=table.optional_duration("accepted"),
        unit=_unit(table) if table.has("unit") else "s",
        text=table.text("text"),
        fix=table.text("fix"),
        evidence=_evidence(table),
    )
    table.close()
    return fact


def _evidence(table: Table) -> Evidence:
    versions = table.text("versions", "")
    try:
        parse_range(versions)
    except ValueError as error:
        table.wrong("versions", str(error))
    return Evidence(
        source=table.url("source"),
        checked=table.date("checked"),
        proof=table.choice("proof", Proof),
        versions=versions,
    )


def _when(table: Table) -> When:
    conditions = table.table("when")
    if conditions is None:
        return ()
    found = tuple((trait, conditions.texts(trait)) for trait in conditions.keys())  # noqa: SIM118
    for trait, values in found:
        if not values:
            conditions.wrong(trait, "names no value")
    return found


def _unit(table: Table) -> str:
    unit = table.text("unit")
    if unit not in MS_PER:
        table.wrong("unit", f"{unit!r} is not known; write one of {', '.join(MS_PER)}")
    return unit


def _default(table: Table) -> Bound | None:
    if not table.has("default"):
        return None
    if table.text("default") == UNLIMITED_WORD:
        return UNLIMITED
    return exactly(table.duration("default"))


def _symptom(table: Table | None) -> Symptom | None:
    if table is None:
        return None
    symptom = Symptom(
        text=table.text("text"), status=table.optional_count("status"), log=table.text("log", "")
    )
    table.close()
    if symptom.status is not None and not _FIRST_STATUS <= symptom.status <= _LAST_STATUS:
        table.wrong("status", f"{symptom.status} is not an HTTP status")
    return symptom


def _backoff(table: Table | None) -> tuple[Backoff, tuple[tuple[str, str], ...]]:
    if table is None:
        return NO_BACKOFF, ()
    backoff = Backoff(
        first=table.duration("first"),
        factor=table.thousandths("factor", _DOUBLE),
        most=table.optional_duration("most"),
        jitter=table.duration("jitter", 0),
        least=table.duration("least", 0),
        skip_first=table.flag("skip_first"),
        cap_jitter=table.flag("cap_jitter"),
        random=table.flag("random"),
    )
    names = table.table("settings")
    settings = () if names is None else tuple((part, names.text(part)) for part in names.keys())  # noqa: SIM118
    for part, _ in settings:
        if part not in BACKOFF_PARTS and names is not None:
            names.wrong(part, f"is no part of a backoff; they are {', '.join(BACKOFF_PARTS)}")
    table.close()
    return backoff, settings


def _check_limit(table: Table, fact: LimitFact) -> None:
    """Raises FactsError where the values of a limit contradict one another."""
    value = fact.default.value if fact.default else None
    if value is not None:
        if fact.lowest is not None and value < fact.lowest:
            table.wrong("default", "lies below the range")
        if fact.highest is not None and value > fact.highest:
            table.wrong("default", "lies above the range")
        if fact.cap is not None and value > fact.cap:
            table.wrong("default", "is more than the cap")
        if value < fact.floor:
            table.wrong("default", "is less than the floor")
    if fact.cap is None and (fact.cap_soft or fact.cap_note):
        table.wrong("cap", "is missing, but cap_soft or cap_note is written")
    if fact.cap_soft and not fact.cap_note:
        table.wrong("cap_note", "is missing: say which quota raises a soft cap")
    if fact.fixed and fact.default is None:
        table.wrong("default", "is missing: a fixed limit has a value")


def _require_distinct(place: str, kind: str, facts: Iterable[LimitFact | AttemptsFact]) -> None:
    """Raises FactsError where two facts on one setting could hold for the same declaration."""
    for (first, one), (second, other) in combinations(enumerate(facts, start=1), 2):
        if one.setting == other.setting and _both_may_hold(one, other):
            name = one.setting or "without a setting"
            raise FactsError(
                f"{place}: {kind} {second} ({name}), key setting: repeats {kind} {first};"
                " tell them apart with `when` or `versions`"
            )


def _both_may_hold(one: LimitFact | AttemptsFact, other: LimitFact | AttemptsFact) -> bool:
    versions = parse_range(one.evidence.versions)
    return versions.overlaps(parse_range(other.evidence.versions)) and overlap(one.when, other.when)


def _kept(shipped: tuple[_Fact, ...], own: tuple[_Fact, ...]) -> tuple[_Fact, ...]:
    """The shipped facts on settings that the user's own facts do not speak of."""
    replaced = {fact.setting for fact in own}
    return tuple(fact for fact in shipped if fact.setting not in replaced)

"""docs/components/: a page for each component, made of its facts."""

from collections.abc import Iterable, Iterator

from prose import code, codes, page, table, text

from budgetcheck.facts import Component, LimitFact, component_names, load, show
from budgetcheck.facts.fact import AttemptsFact, Evidence, UnsupportedFact
from budgetcheck.facts.select import When
from budgetcheck.model.duration import show_duration
from budgetcheck.model.topology import Layer
from budgetcheck.readers import READERS

_FAMILIES = {
    "Load balancers and gateways": (Layer.BALANCER,),
    "Reverse proxies": (Layer.PROXY,),
    "Platforms": (Layer.PLATFORM,),
    "Application servers": (Layer.SERVER,),
    "Application code and workers": (Layer.HANDLER,),
    "Queues, subscriptions and schedulers": (Layer.QUEUE,),
    "Clients": (Layer.CALL,),
    "Retries, deadlines and agents round calls": (Layer.WRAPPER,),
}
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours"}
_PROOF = (
    "`lab`: measured on the real component by budgetcheck's own tests; `vendor`: documented by its maker; "
    "`inferred`: read from source code or reports, and no finding that rests on it is an error."
)


def pages() -> dict[str, str]:
    """Name of the file in docs/components/ -> its text."""
    components = [load(name) for name in component_names()]
    return {"README.md": index(components), **{f"{one.name}.md": component_page(one) for one in components}}


def index(components: Iterable[Component]) -> str:
    """All components by their role."""
    known = list(components)
    parts = []
    for title, layers in _FAMILIES.items():
        rows = [
            (f"[{one.name}]({one.name}.md)", text(one.title), text(one.versions), _proofs(one))
            for one in known
            if one.layer in layers
        ]
        parts += [f"## {title}", table(("component", "title", "checked on versions", "proof"), rows)]
    return page(
        "# Components",
        f"What is known of {len(known)} components: settings, defaults, units, and what the caller sees. "
        "`budgetcheck components NAME` prints the same in a terminal. Your own facts go under "
        "[`components`](../configuration.md#components).",
        f"How a fact was established: {_PROOF}",
        f"They are read from: {', '.join(reader.title for reader in READERS)}.",
        *parts,
    )


def _proofs(component: Component) -> str:
    facts = (*component.limits, *component.attempts, *component.unsupported)
    return ", ".join(sorted({fact.evidence.proof.value for fact in facts}))


def component_page(component: Component) -> str:
    """The page of one component."""
    return page(
        f"# {text(component.title)} (`{component.name}`)",
        " ".join(_about(component)),
        "\n".join(f"- {text(note)}" for note in component.notes),
        *_limits(component.limits),
        *_attempts(component.attempts),
        *_unsupported(component.unsupported),
        *_others(component),
        "[All components](README.md)",
    )


def _about(component: Component) -> Iterator[str]:
    role = show.ROLES[component.layer]
    yield f"Role: {role}."
    if component.versions:
        yield f"Facts checked on {text(component.versions)}."
    if component.default_port:
        yield f"Listens on port {component.default_port} unless told otherwise."
    if component.work_goes_on:
        yield "Works on after its caller has left."


def _limits(facts: Iterable[LimitFact]) -> Iterator[str]:
    known = list(facts)
    if not known:
        return
    head = ("setting", "measures", "default", "accepts", "bare number", "0 means", "versions", "proof")
    yield "## Timeouts"
    yield table(head, [_limit_row(fact) for fact in known])
    symptoms = ((fact.setting, fact.symptom) for fact in known if fact.symptom)
    seen = dict.fromkeys((code(setting), text(show._seen(symptom))) for setting, symptom in symptoms)
    if seen:
        yield "### What the caller sees"
        yield table(("setting", "when it ends the wait"), seen)
    yield "### Notes and sources"
    yield _notes(
        (fact.setting, fact.evidence, fact.when, fact.aliases, show._remarks(fact)) for fact in known
    )


def _limit_row(fact: LimitFact) -> tuple[str, ...]:
    return (
        code(fact.setting),
        show.MEASURES[fact.meaning],
        show._default(fact),
        show._accepts(fact),
        "" if fact.fixed else _UNITS[fact.unit],
        show._ZEROS[fact.zero],
        text(fact.evidence.versions),
        fact.evidence.proof.value,
    )


def _attempts(facts: Iterable[AttemptsFact]) -> Iterator[str]:
    known = list(facts)
    if not known:
        return
    head = ("setting", "default", "repeated after", "methods", "pauses", "Retry-After", "versions", "proof")
    yield "## Attempts"
    yield table(head, [_attempts_row(fact) for fact in known])
    named = ((fact.setting or "attempts", fact) for fact in known)
    yield "### Notes and sources of the attempts"
    yield _notes((name, fact.evidence, fact.when, fact.aliases, [fact.note]) for name, fact in named)


def _attempts_row(fact: AttemptsFact) -> tuple[str, ...]:
    return (
        code(fact.setting) if fact.setting else "cannot be set",
        show._count(fact),
        ", ".join(sorted(failure.value for failure in fact.repeats)) or "nothing",
        "all" if fact.unsafe else "idempotent only",
        show._pauses(fact.backoff),
        "ignored" if fact.retry_after == 0 else f"up to {show_duration(fact.retry_after)}",
        text(fact.evidence.versions),
        fact.evidence.proof.value,
    )


def _unsupported(facts: Iterable[UnsupportedFact]) -> Iterator[str]:
    known = list(facts)
    if not known:
        return
    yield "## Refused or ignored"
    rows = [
        (code(fact.setting), "refused" if fact.rejected else "ignored", text(fact.text)) for fact in known
    ]
    yield table(("setting", "it is", "why"), rows)
    yield _notes((fact.setting, fact.evidence, fact.when, (), []) for fact in known)


def _others(component: Component) -> Iterator[str]:
    if component.passes_through:
        yield "## Known settings that are no limits"
        yield f"{codes(component.passes_through)}."


def _notes(facts: Iterable[tuple[str, Evidence, When, tuple[str, ...], list[str]]]) -> str:
    return "\n".join(f"- {code(name)}: {' '.join(_note(*rest))}" for name, *rest in facts)


def _note(evidence: Evidence, when: When, aliases: tuple[str, ...], remarks: Iterable[str]) -> Iterator[str]:
    if when:
        yield text(f"Where {'; '.join(show._condition(trait, values) for trait, values in when)}.")
    if aliases:
        yield f"Also set by {codes(aliases)}."
    yield from (text(remark) for remark in remarks if remark)
    yield f"Source: <{evidence.source}>, checked {evidence.checked.isoformat()}."

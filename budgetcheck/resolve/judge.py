"""What is wrong with single values: rejected, above a cap, of no effect, or in another unit.

Only values that somebody wrote and that are known are judged; a template expression or a variable without a
value is not invalid, it is unresolved.
"""

from collections.abc import Iterator, Mapping

from budgetcheck.facts.fact import Component, Grammar, LimitFact, Zero
from budgetcheck.model.duration import MS_PER, literal_duration, show_duration
from budgetcheck.model.limits import Meaning
from budgetcheck.model.settings import Declaration, Known, Problem, ProblemKind, Setting
from budgetcheck.resolve import values
from budgetcheck.resolve.kinds import Kind
from budgetcheck.resolve.nginx_effect import nginx_effects

_WAITS = (
    Meaning.TOTAL,
    Meaning.PER_ATTEMPT,
    Meaning.FIRST_BYTE,
    Meaning.IDLE,
    Meaning.HEADER_TOTAL_BODY_IDLE,
    Meaning.CONNECT,
)
_ZERO_TEXT = {
    Zero.IMMEDIATE: "0 fails at once, it does not mean 'no limit'",
    Zero.INVALID: "0 is rejected",
}
_MANY_SECONDS = 10_000
_FEW_MILLISECONDS = 100


def judge(declaration: Declaration, deciding: Mapping[int, Setting], kind: Kind) -> Iterator[Problem]:
    """Problems of the declaration's own values; each setting is judged once, by its first fact."""
    component = kind.component
    seen: set[str] = set()
    for number in sorted(deciding):
        fact, setting = kind.groups[number][0], deciding[number]
        if setting.name in seen:
            continue
        seen.add(setting.name)
        if isinstance(setting.value, Known) and setting.value.value is not None:
            yield from _value(declaration, component, fact, setting, setting.value.value)
    if component.name == "nginx":
        yield from nginx_effects(declaration)


def _value(
    declaration: Declaration, component: Component, fact: LimitFact, setting: Setting, raw: str | float
) -> Iterator[Problem]:
    name = setting.label or setting.name

    def problem(kind: ProblemKind, text: str, fix: str = "", value: int | None = None) -> Problem:
        return Problem(
            span=setting.spans[0],
            text=f"{name}: {text}",
            fix=fix,
            kind=kind,
            address=declaration.address,
            component=component.name,
            setting=name,
            value_ms=value,
        )

    try:
        number = values.milliseconds(raw, fact.grammar, fact.unit)
    except ValueError as error:
        yield problem(ProblemKind.INVALID, str(error))
        return
    if number == 0 and fact.zero in _ZERO_TEXT and (fact.meaning in _WAITS or fact.zero is Zero.INVALID):
        yield problem(ProblemKind.INVALID, _ZERO_TEXT[fact.zero], "Write the time it may take.", 0)
    elif number and fact.lowest is not None and number < fact.lowest:
        text = (
            f"{show_duration(number)} is less than the {show_duration(fact.lowest)} {component.title} accepts"
        )
        yield problem(ProblemKind.INVALID, text, value=number)
    elif fact.cap is not None and number > fact.cap:
        yield problem(ProblemKind.OVER_CAP, *_over_cap(component, fact, number), number)
    elif fact.highest is not None and number > fact.highest:
        most = show_duration(fact.highest)
        text = f"{show_duration(number)} is more than the {most} {component.title} accepts"
        yield problem(ProblemKind.INVALID, text, value=number)
    elif fact.meaning in _WAITS and fact.of_answer:
        hint = _other_unit(raw, fact, number)
        if hint:
            yield problem(ProblemKind.SUSPICIOUS, hint, value=number)


def _over_cap(component: Component, fact: LimitFact, number: int) -> tuple[str, str]:
    cap = show_duration(fact.cap)
    if fact.cap_soft:
        usual = f"{cap} that {component.title} grants without a quota increase"
        text = f"{show_duration(number)} is above the {usual}"
    else:
        text = f"{show_duration(number)} is above the {cap} that {component.title} allows"
    return text, fact.cap_note


def _other_unit(raw: str | float, fact: LimitFact, number: int) -> str:
    """A hint where a bare number makes sense only in another unit; empty where it may be meant.

    10 h and 1 d written in seconds are usual for sockets that stay open, so whole hours are left alone.
    """
    if fact.grammar is Grammar.SECONDS_SUFFIX or not str(raw).strip().isdigit():
        return ""
    bare = int(str(raw).strip())
    if fact.unit == "s" and bare >= _MANY_SECONDS and bare % 1_000 == 0 and bare % 3_600:
        meant = literal_duration(bare)
        return f"{bare} is {show_duration(number)} here; {meant} may be meant, since bare numbers are seconds"
    if fact.unit == "ms" and 0 < bare < _FEW_MILLISECONDS:
        more = bare * MS_PER["s"]
        return f"{bare} is {bare} ms here; {more} may be meant, since bare numbers are milliseconds"
    return ""

"""Bindings: keys of settings files that the user says are settings of hops, put where they belong.

A pure stage after reading. A bound value replaces what the hop's own file says of that setting: the user
vouches for it. What does not fit (no such key, hop or setting) is a problem at the binding's own place.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from budgetcheck import facts
from budgetcheck.facts import Component
from budgetcheck.facts.fact import AttemptsFact, Grammar, LimitFact
from budgetcheck.hints import did_you_mean, list_known
from budgetcheck.model.duration import MS_PER, parse_duration
from budgetcheck.model.options import Binding
from budgetcheck.model.settings import Declaration, Known, Problem, Reading, Setting, Unresolved, Value
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.tree import UnreadableFileError
from budgetcheck.wildcards import fits

if TYPE_CHECKING:
    from budgetcheck.readers.settings_files import Key, Keys

_TEMPLATES = ("${", "{{", "<%", "$(")


def bind(reading: Reading, context: ReadContext) -> Reading:
    """The reading with all bindings of the configuration in force."""
    if not context.options.bindings:
        return reading
    binder = _Binder(context=context, declarations=list(reading.declarations))
    for binding in context.options.bindings:
        binder.apply(binding)
    return replace(
        reading,
        declarations=tuple(binder.declarations),
        problems=(*reading.problems, *binder.problems),
    )


@dataclass(slots=True, kw_only=True)
class _Binder:
    """Applies bindings one after the other."""

    context: ReadContext
    declarations: list[Declaration]
    problems: list[Problem] = field(default_factory=list)
    _files: dict[str, "Keys"] = field(default_factory=dict)

    def apply(self, binding: Binding) -> None:
        """Puts the value of a key into the hops that the binding names."""
        key = self._key(binding)
        meant = [one for one in self.declarations if fits(one.address, binding.hop)]
        if not meant:
            addresses = [one.address for one in self.declarations]
            text = f"no hop has the address {binding.hop}{did_you_mean(binding.hop, addresses)}"
            self._wrong(binding, text, list_known(addresses) or "take the address from a report")
        for one in meant:
            fact = self._fact(one, binding)
            if key is not None and fact is not None:
                setting = _setting(key, binding, fact)
                self.declarations[self.declarations.index(one)] = _with(one, setting)

    def _key(self, binding: Binding) -> "Key | None":
        keys = self._keys(binding)
        if keys is None:
            return None
        found = keys.find(binding.key)
        if found is None:
            known = [key.path for key in keys.keys]
            text = f"{binding.file} has no key {binding.key}{did_you_mean(binding.key, known)}"
            self._wrong(binding, text, "write the whole path of the key, with dots between its parts")
        return found

    def _keys(self, binding: Binding) -> "Keys | None":
        # The parser of YAML is only loaded where there are bindings.
        from budgetcheck.readers.settings_files import Keys, read_keys

        name = binding.file
        if name not in self._files:
            try:
                text = self.context.tree.read_text(self.context.tree.root / Path(name))
            except UnreadableFileError as error:
                self._files[name] = Keys(fault=str(error))
            else:
                self._files[name] = read_keys(text, name)
        keys = self._files[name]
        if keys.fault:
            self._wrong(binding, f"{name} cannot be used: {keys.fault} (line {keys.line})", "correct it")
            return None
        return keys

    def _fact(self, declaration: Declaration, binding: Binding) -> LimitFact | AttemptsFact | None:
        """The fact that a setting belongs to; a component without facts takes no settings."""
        component = facts.find(declaration.component)
        found = None if component is None else next(_facts_of(component, binding.setting), None)
        if found is None:
            known = [] if component is None else sorted(_names(component))
            text = f"{declaration.component} has no setting {binding.setting}"
            self._wrong(binding, f"{text}{did_you_mean(binding.setting, known)}", list_known(known))
        return found

    def _wrong(self, binding: Binding, text: str, fix: str) -> None:
        problem = Problem(span=binding.span, text=f"this binding has no effect: {text}", fix=fix)
        if problem not in self.problems:
            self.problems.append(problem)


def _facts_of(component: Component, name: str) -> Iterator[LimitFact | AttemptsFact]:
    known: tuple[LimitFact | AttemptsFact, ...] = (*component.limits, *component.attempts)
    for fact in known:
        if name == fact.setting or name in fact.aliases:
            yield fact


def _names(component: Component) -> Iterable[str]:
    known: tuple[LimitFact | AttemptsFact, ...] = (*component.limits, *component.attempts)
    return {name for fact in known for name in (fact.setting, *fact.aliases) if name}


def _setting(key: "Key", binding: Binding, fact: LimitFact | AttemptsFact) -> Setting:
    span = Span(file=binding.file, line=key.line, column=key.column, text=key.path.rpartition(".")[2])
    return Setting(name=binding.setting, value=_value(key, binding, fact), spans=(span, binding.span))


def _value(key: "Key", binding: Binding, fact: LimitFact | AttemptsFact) -> Value:
    """The value in the words of the fact: a unit of the binding, or of the value itself, is applied here."""
    value = key.value
    if isinstance(value, str) and any(mark in value for mark in _TEMPLATES):
        needs = f"bind a file that holds the value of {key.path} itself"
        return Unresolved(reason=f"{key.path} is filled in from somewhere else", needs=needs)
    if isinstance(fact, AttemptsFact) or value is None or isinstance(value, bool):
        return Known(value=value)
    milliseconds = _milliseconds(value, binding.unit)
    if milliseconds is None or fact.grammar is Grammar.NGINX:
        return Known(value=value)
    return Known(value=_in_unit(milliseconds, fact))


def _milliseconds(value: str | float, unit: str) -> int | None:
    """Milliseconds where a unit is said, by the value or by the binding; None for a bare number."""
    try:
        return parse_duration(str(value))
    except ValueError:
        pass
    try:
        return int(Decimal(str(value).strip()) * MS_PER[unit]) if unit else None
    except ArithmeticError:
        return None


def _in_unit(milliseconds: int, fact: LimitFact) -> str | int | float:
    """A time as the fact's grammar takes it."""
    if fact.grammar is Grammar.SECONDS_SUFFIX:
        return f"{Decimal(milliseconds) / 1_000}s"
    whole, rest = divmod(milliseconds, MS_PER[fact.unit])
    return whole if rest == 0 else float(Decimal(milliseconds) / MS_PER[fact.unit])


def _with(declaration: Declaration, setting: Setting) -> Declaration:
    others: Sequence[Setting] = [one for one in declaration.settings if one.name != setting.name]
    return replace(declaration, settings=tuple(sorted([*others, setting], key=lambda one: one.name)))

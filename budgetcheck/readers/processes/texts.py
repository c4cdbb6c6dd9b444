"""Text that is known, one of several, or not known: what a word of a command line stands for.

Every value carries the steps it came by (a variable of a compose file, a default in a script), so that a
setting read from a command line can show its whole path. Values themselves never go into messages: only
what reads like a duration, a count or a switch is shown.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from budgetcheck.model.settings import Known, OneOf, Unresolved, Value
from budgetcheck.model.span import Span

MOST_CHOICES = 8
"""More possible values than this are as good as none."""
_MOST_CHARACTERS = 50_000

_HARMLESS = re.compile(
    r"-?\d{1,12}(?:\.\d{1,6})?\s?(?:ms|s|sec|m|min|h|d)?|true|false|yes|no|on|off", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a word or a variable may hold.

    Attributes:
        choices: the possible values; empty where the value is not known.
        reason: why it is not known, or why there are several.
        needs: how to supply it.
        spans: the steps towards the literal, the nearest first; the place of use is not among them.
        unset: a variable that nothing in these files sets: it may as well be empty.
        where_set: the values of a variable that is set in some places and in others not, so that a default
            counts there.
        given: where several containers are given different values, each value with those that are given it;
            None for those in which it is not set. `places`: where each of them is given it.
    """

    choices: tuple[str, ...] = ()
    reason: str = ""
    needs: str = ""
    spans: tuple[Span, ...] = ()
    unset: bool = False
    where_set: tuple[str, ...] = ()
    given: tuple[tuple[str | None, tuple[str, ...]], ...] = ()
    places: tuple[tuple[str, Span], ...] = ()

    @property
    def known(self) -> str | None:
        """The value where there is exactly one; None otherwise."""
        return self.choices[0] if len(self.choices) == 1 else None

    def through(self, *spans: Span) -> "Text":
        """The same value, reached through further steps that come before its own."""
        return replace(self, spans=(*spans, *self.spans))

    def or_default(self, default: "Text") -> "Text":
        """The value, or the default wherever the variable is not set."""
        if self.unset:
            return default
        if self.where_set:
            return either((Text(choices=self.where_set, spans=self.spans), default), self.reason)
        return self


EMPTY = Text(choices=("",))


def literal(value: str, *spans: Span) -> Text:
    """A text that is written out."""
    return Text(choices=(value,), spans=spans)


def unknown(reason: str, needs: str = "", *spans: Span) -> Text:
    """A text that cannot be worked out."""
    return Text(reason=reason, needs=needs, spans=spans)


def joined(parts: Sequence[Text]) -> Text:
    """The parts one behind the other; not known as soon as one of them is not."""
    if len(parts) == 1:
        return parts[0]
    choices = [""]
    spans: list[Span] = []
    for part in parts:
        spans += part.spans
        if not part.choices:
            return replace(part, spans=tuple(spans), unset=False, where_set=())
        choices = [before + after for before in choices for after in part.choices]
        if len(choices) > MOST_CHOICES:
            return unknown("it has too many possible values", "", *spans)
        if any(len(choice) > _MOST_CHARACTERS for choice in choices):
            return unknown("it is too long", "", *spans)
    reason = next((part.reason for part in parts if part.reason), "")
    return Text(choices=tuple(dict.fromkeys(choices)), reason=reason, spans=tuple(dict.fromkeys(spans)))


def either(texts: Iterable[Text], reason: str) -> Text:
    """One of the texts, depending on something that these files do not say."""
    given = list(dict.fromkeys(texts))
    if len(given) == 1:
        return given[0]
    spans = tuple(dict.fromkeys(span for text in given for span in text.spans))
    where_set = tuple(dict.fromkeys(choice for text in given for choice in (text.choices or text.where_set)))
    for text in given:
        if not text.choices and not text.unset and not text.where_set:
            return replace(text, spans=spans)
    if any(not text.choices for text in given):
        missing = next(text for text in given if not text.choices)
        return replace(missing, reason=reason, spans=spans, unset=False, where_set=where_set[:MOST_CHOICES])
    choices = tuple(dict.fromkeys(choice for text in given for choice in text.choices))
    if len(choices) == 1:
        return Text(choices=choices, spans=spans)
    if not choices or len(choices) > MOST_CHOICES:
        return unknown(reason, "", *spans)
    return Text(choices=choices, reason=reason, spans=spans)


def as_value(text: Text) -> Value:
    """The value of a setting."""
    if text.known is not None:
        return Known(value=text.known.strip())
    if text.choices:
        return OneOf(values=tuple(choice.strip() for choice in text.choices), reason=text.reason)
    return Unresolved(reason=text.reason or "it is not known", needs=text.needs)


def harmless(value: str) -> bool:
    """Reads like a duration, a count or a switch: may be shown."""
    return bool(_HARMLESS.fullmatch(value.strip()))


def shown(name: str, value: str) -> str:
    """`NAME=60`; only the name where the value must not be shown."""
    return f"{name}={value.strip()}" if harmless(value) else name


def ports_of(texts: Iterable[Text]) -> tuple[int, ...]:
    """Port numbers among the possible values of the texts, sorted."""
    values = (choice.strip() for text in texts for choice in text.choices)
    return tuple(
        sorted(
            {int(value) for value in values if value.isascii() and value.isdigit() and 0 < int(value) < 65536}
        )
    )

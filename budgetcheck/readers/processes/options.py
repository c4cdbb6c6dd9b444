"""Picks the options of interest from the words of a command; all others are passed over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from budgetcheck.model.settings import Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.processes.shell_state import Arg
from budgetcheck.readers.processes.texts import Text, as_value, harmless, literal, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One value that somebody gave: `span` is where it takes effect, with a text that may be shown."""

    text: Text
    span: Span

    def setting(self, name: str, label: str = "") -> Setting:
        """The value as a setting of the facts."""
        spans = (self.span, *self.text.spans)
        return Setting(name=name, value=as_value(self.text), spans=tuple(dict.fromkeys(spans)), label=label)


_MOST_SHOWN = 50

Flags = Mapping[str, str]
"""Option as written (`-t`, `--timeout`) to the name it goes by; a name that ends in `!` takes no value."""


def options(args: Sequence[Arg], flags: Flags) -> Iterator[tuple[str, Given]]:
    """Name and value of every option of interest, in the order they are given: the last one counts."""
    left = iter(args)
    for arg in left:
        written = arg.text.choices[0] if arg.text.choices else ""
        raw = arg.span.text.strip("\"'")
        flag = written if written in flags else ""
        if flag and flags[flag].endswith("!"):
            yield flags[flag].removesuffix("!"), Given(text=literal("true"), span=arg.span)
        elif flag:
            value = next(left, None)
            if value is not None:
                yield (
                    flags[flag],
                    Given(text=value.text, span=_span(arg.span, f"{flag} ", value.text, value.span.text)),
                )
        elif found := _attached(raw, written, flags):
            flag, joint = found
            text = _behind(arg.text, len(flag) + len(joint))
            yield (
                flags[flag],
                Given(text=text, span=_span(arg.span, flag + joint, text, raw[len(flag) + len(joint) :])),
            )


def _attached(raw: str, written: str, flags: Flags) -> tuple[str, str] | None:
    """`--timeout=60`, `-t60`: the option and what joins it to its value."""
    for text in (written, raw):
        if text.startswith("--"):
            flag, equals, _ = text.partition("=")
            if equals and flag in flags:
                return flag, "="
        elif (
            text.startswith("-") and len(text) > 2 and text[:2] in flags and not flags[text[:2]].endswith("!")
        ):
            return text[:2], "=" if text[2:3] == "=" else ""
    return None


def _behind(text: Text, length: int) -> Text:
    """The text without its first characters."""
    return replace(text, choices=tuple(choice[length:] for choice in text.choices))


def _span(place: Span, flag: str, value: Text, raw: str) -> Span:
    """The option as written where its value is a number or a parameter; only its name otherwise."""
    may = all(harmless(choice) for choice in value.choices)
    raw = raw.strip("\"'")
    short = len(raw) <= _MOST_SHOWN and (raw.startswith("$") or harmless(raw))
    written = raw if raw and short else value.known or ""
    return replace(place, text=f"{flag}{written}" if may else flag.strip(" ="))


def from_environment(variables: Mapping[str, Text], names: Mapping[str, str]) -> Iterator[tuple[str, Given]]:
    """Settings that a server reads from the environment; `names`: variable to setting."""
    for variable, name in names.items():
        value = variables.get(variable)
        if value is not None and not value.unset and value.known != "":
            first, *rest = value.spans or (Span(file="", text=shown(variable, value.known or "")),)
            yield name, Given(text=replace(value, spans=tuple(rest)), span=first)

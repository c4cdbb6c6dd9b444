"""Parameter expansion as shells, compose files, Dockerfiles and environment files share it.

`$NAME`, `${NAME}`, `${NAME:-default}` and its relatives. Nothing else is expanded: what a command prints is
not known.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.texts import EMPTY, Text, either, joined, literal, shown, unknown

Variables = Mapping[str, Text]

Lookup = Callable[[str], Text | None]
"""What a variable holds; None where nothing sets it."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARAMETER = re.compile(r"([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!$-])(?:\[([@*]|\d+)\])?(:?[-=+?])?")
_DEEPEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """`${NAME:-word}`: the name (`NAME[0]` for an element), the operator, the word behind it as written.

    `odd` where the braces hold something else (`${NAME%%.*}`, `${#NAME}`), whose outcome is not worked out;
    `every` for all elements of an array or all arguments.
    """

    name: str
    operator: str = ""
    word: str = ""
    odd: bool = False
    every: bool = False


def read_parameter(text: str, at: int) -> tuple[Parameter | None, int]:
    """The parameter that starts with the `$` at `at`, and the offset behind it; None for a plain dollar."""
    if text.startswith("${", at):
        end = _closing_brace(text, at + 2)
        inner = text[at + 2 : end]
        match = _PARAMETER.match(inner)
        if match is None:
            return Parameter(name="", odd=True), end + 1
        name, element, operator = match.groups()
        every = element in ("@", "*")
        rest = inner[match.end() :]
        return Parameter(
            name=f"{name}[{element}]" if element and not every else name,
            operator=operator or "",
            word=rest if operator else "",
            odd=bool(rest) and not operator,
            every=every or name in ("@", "*"),
        ), end + 1
    match = _NAME.match(text, at + 1)
    if match:
        return Parameter(name=match.group()), match.end()
    if at + 1 < len(text) and text[at + 1] in "0123456789@*#?!$-":
        name = text[at + 1]
        return Parameter(name=name, every=name in ("@", "*")), at + 2
    return None, at + 1


def _closing_brace(text: str, at: int) -> int:
    depth = 1
    for index in range(at, len(text)):
        if text[index] == "{" and text[index - 1] == "$":
            depth += 1
        elif text[index] == "}":
            depth -= 1
            if not depth:
                return index
    return len(text)


def value_of(parameter: Parameter, lookup: Lookup, default: Callable[[str], Text]) -> Text:
    """What a parameter stands for; `default` expands the word behind its operator.

    A variable that nothing sets is not empty: whoever starts the process may set it. Only where the file
    itself names a default does that default count.
    """
    if parameter.odd:
        return unknown(f"it is worked out from {parameter.name or 'a parameter'} in the shell")
    value = lookup(parameter.name)
    if parameter.operator in (":-", ":=", "-", "="):
        if value is None or value.unset or (parameter.operator.startswith(":") and value.known == ""):
            return default(parameter.word)
        if value.where_set:
            value = value.or_default(default(parameter.word))
        if parameter.operator.startswith(":") and "" in value.choices:
            kept = replace(value, choices=tuple(choice for choice in value.choices if choice))
            return either((kept, default(parameter.word)), value.reason)
        return value
    if parameter.operator in (":+", "+"):
        if value is None or not value.choices:
            return either((EMPTY, default(parameter.word)), f"it depends on {parameter.name}")
        return default(parameter.word) if value.known != "" else EMPTY
    return value if value is not None else not_set(parameter.name)


def not_set(name: str) -> Text:
    """The value of a variable that nothing in these files sets."""
    return replace(
        unknown(
            f"the environment variable {name} is not set in these files", f"set {name} where it is started"
        ),
        unset=True,
    )


def expand(text: str, lookup: Lookup, *, dollars: bool = False, level: int = 0) -> Text:
    """A text with its parameters replaced. `dollars`: `$$` stands for one dollar (compose files)."""
    return joined(expanded_pieces(text, lookup, dollars=dollars, level=level))


def expanded_pieces(text: str, lookup: Lookup, *, dollars: bool = False, level: int = 0) -> tuple[Text, ...]:
    """The literal and the replaced pieces of a text, in order; at least one."""
    pieces: list[Text] = []
    at = start = 0
    while (at := text.find("$", at)) >= 0:
        if at and text[at - 1] == "\\" and not dollars:
            at += 1
            continue
        if dollars and text.startswith("$$", at):
            pieces += [literal(text[start:at]), literal("$")]
            at = start = at + 2
            continue
        parameter, end = read_parameter(text, at)
        if parameter is None:
            at = end
            continue
        pieces += [literal(text[start:at]), _parameter_value(parameter, lookup, dollars=dollars, level=level)]
        at = start = end
    pieces.append(literal(text[start:]))
    return tuple(piece for piece in pieces if piece.choices != ("",)) or (EMPTY,)


def _parameter_value(parameter: Parameter, lookup: Lookup, *, dollars: bool, level: int) -> Text:
    def default(word: str) -> Text:
        if level >= _DEEPEST:
            return unknown("defaults are nested too deep")
        return expand(word, lookup, dollars=dollars, level=level + 1)

    return value_of(parameter, lookup, default)


def set_to(name: str, value: Text, file: str, line: int) -> Text:
    """The value of a variable together with the place that sets it."""
    return value.through(Span(file=file, line=line, text=shown(name, value.known or "")))

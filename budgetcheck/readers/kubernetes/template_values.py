"""What the expressions of Helm's templates stand for: values picked, compared, joined; the rest is not known.

https://helm.sh/docs/chart_template_guide/function_list/
"""

import json
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from budgetcheck.model.span import Span
from budgetcheck.readers.kubernetes.template_structures import NOT_WORKED_OUT, STRUCTURAL, truth
from budgetcheck.readers.kubernetes.template_syntax import FIELD_OF, nested
from budgetcheck.readers.kubernetes.trees import Fields, Items, Scalar, Tree, at

_NUMBER = re.compile(r"-?[0-9]{1,15}")
_SAME = frozenset(
    {"quote", "squote", "toString", "int", "int64", "float64", "trim", "toYaml", "print", "deepCopy"}
)

Words = Sequence[object]

PART_OF_A_DOCUMENT = Fields({}, Span(file="", line=1))
"""What a named template makes that is no plain text; compared by identity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What expressions see: the dot and variables, `$` among them.

    `named` gives what a named template makes of a dot; None where that is not a plain text.
    """

    dot: Tree | None
    variables: Mapping[str, Tree | None] = field(default_factory=dict)
    named: Callable[[str, Tree | None], Tree | None] | None = None


_COMPARED: Mapping[str, Callable[[int, int], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "lt": operator.lt,
    "ge": operator.ge,
    "le": operator.le,
}
_TEXTUAL: Mapping[str, Callable[[Sequence[str]], str]] = {
    "trunc": lambda given: given[-1][: int(given[0])] if _NUMBER.fullmatch(given[0]) else given[-1],
    "trimSuffix": lambda given: given[-1].removesuffix(given[0]),
    "trimPrefix": lambda given: given[-1].removeprefix(given[0]),
    "lower": lambda given: given[-1].lower(),
    "upper": lambda given: given[-1].upper(),
    "replace": lambda given: given[-1].replace(given[0], given[1]) if len(given) == 3 else given[-1],
}
_ASKED: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda part, text: part in text,
    "hasPrefix": lambda part, text: text.startswith(part),
    "hasSuffix": lambda part, text: text.endswith(part),
}
"""Questions of two texts, the one that is looked for first."""


def evaluate(words: Words, scope: Scope, line: int) -> Tree | None:
    """The value of a pipeline; an unknown scalar where it is not worked out."""
    parts: list[list[object]] = [[]]
    for word in (
        nested([str(word) if isinstance(word, str) else "" for word in words]) if _flat(words) else words
    ):
        if word == "|":
            parts.append([])
        else:
            parts[-1].append(word)
    value = _call(parts[0], None, scope, line, first=True)
    for part in parts[1:]:
        value = _call(part, value, scope, line, first=False)
    return value


def _flat(words: Words) -> bool:
    return all(isinstance(word, str) for word in words)


def _call(words: Words, piped: Tree | None, scope: Scope, line: int, *, first: bool) -> Tree | None:
    if not words:
        return piped
    if first and len(words) == 1:
        return _operand(words[0], scope, line)
    name = words[0] if isinstance(words[0], str) else ""
    arguments = [_operand(word, scope, line) for word in words[1:]] + ([] if first else [piped])
    if name in ("include", "template") and len(words) > 1 and isinstance(words[1], str):
        return _included(words[1].strip('"'), arguments[1:], ["include", *words[1:]], scope, line)
    return _function(name, arguments, words, piped, line)


def _function(
    name: str, arguments: Sequence[Tree | None], words: Words, piped: Tree | None, line: int
) -> Tree | None:
    """What decides about the tree: defaults, switches and comparisons; the rest is `_computed`."""
    first, last = (arguments[0], arguments[-1]) if arguments else (None, None)
    known = truth(last)
    match name:
        case "tpl":
            plain = not (isinstance(first, Scalar) and "{{" in first.text)
            return first if plain else _unknown(words, piped, line)
        case "default" if known is False:
            return first
        case "default" if known is None:
            return _unknown(words, piped, line)
        case "not" | "empty":
            return _unknown(words, piped, line) if known is None else _switch(not known, line)
        case "and" | "or":
            return _logical(name, arguments, words, piped, line)
        case "semverCompare":
            return _current(first, words, piped, line)
        case _ if name.endswith("Capabilities.APIVersions.Has"):
            return _switch(not re.search(r"beta|alpha|extensions/|openshift|monitoring", _text(first)), line)
        case _ if name in _COMPARED and len(arguments) == 2:
            return _compared(name, arguments, words, piped, line)
        case _ if name in _SAME or name in ("default", "required"):
            return last
        case _:
            return _computed(name, arguments, words, piped, line)


def _computed(
    name: str, arguments: Sequence[Tree | None], words: Words, piped: Tree | None, line: int
) -> Tree | None:
    first, last = (arguments[0], arguments[-1]) if arguments else (None, None)
    hidden = not arguments or any(_hidden(one) for one in arguments)
    textual = not (hidden or any(isinstance(one, Fields | Items) for one in arguments))
    match name:
        case _ if name == FIELD_OF:
            return _reached(first, _text(last).split("."), _shown(list(words)), line)
        case "len" if not hidden:
            return _whole(len(_children(last)), line)
        case "printf" if textual:
            return _printed([_text(one) for one in arguments], words, piped, line)
        case "coalesce" if not hidden:
            return next((one for one in arguments if truth(one)), None)
        case "ternary" if len(arguments) == 3 and truth(last) is not None:
            return first if truth(last) else arguments[1]
        case "lookup":
            return Fields({}, Span(file="", line=line))  # what `helm template` gives without a cluster
        case "hasKey" if isinstance(first, Fields) and isinstance(last, Scalar):
            return _switch(last.text in first.entries, line)
        case "index" if isinstance(first, Fields | Items):
            keys = [_text(one) for one in arguments[1:]]
            return at(first, *[int(key) if _NUMBER.fullmatch(key) else key for key in keys])
        case _ if name in STRUCTURAL:
            made = STRUCTURAL[name](arguments, line)
            return _unknown(words, piped, line) if made is NOT_WORKED_OUT else made
        case _ if name in _ASKED and textual and len(arguments) == 2:
            return _switch(_ASKED[name](_text(first), _text(last)), line)
        case _ if name in _TEXTUAL and textual:
            return _literal_of(_TEXTUAL[name]([_text(one) for one in arguments]), line)
        case _:
            return _unknown(words, piped, line)


def _current(wanted: Tree | None, words: Words, piped: Tree | None, line: int) -> Tree:
    """`semverCompare ">=1.19-0" version` of a current cluster: newer than whatever charts still ask for."""
    condition = _text(wanted).lstrip(" ^~")
    if condition.startswith(">"):
        return _switch(True, line)
    return _switch(False, line) if condition.startswith("<") else _unknown(words, piped, line)


def _logical(
    name: str, arguments: Sequence[Tree | None], words: Words, piped: Tree | None, line: int
) -> Tree | None:
    """`and` and `or` give back the argument that decides."""
    for argument in arguments:
        known = truth(argument)
        if known is (name == "or"):
            return argument
        if known is None:
            others = [truth(other) for other in arguments]
            decided = next((a for a, k in zip(arguments, others, strict=True) if k is (name == "or")), None)
            return decided if (name == "or") in others else _unknown(words, piped, line)
    return arguments[-1] if arguments else None


def _compared(
    name: str, arguments: Sequence[Tree | None], words: Words, piped: Tree | None, line: int
) -> Tree | None:
    if any(_hidden(one) or isinstance(one, Fields | Items) for one in arguments):
        return _unknown(words, piped, line)
    left, right = (_text(one) for one in arguments)
    if name in ("eq", "ne"):
        return _switch((left == right) is (name == "eq"), line)
    if not (_NUMBER.fullmatch(left) and _NUMBER.fullmatch(right)):
        return _unknown(words, piped, line)
    return _switch(_COMPARED[name](int(left), int(right)), line)


def _printed(texts: Sequence[str], words: Words, piped: Tree | None, line: int) -> Tree:
    """`printf "%s-%s" a b`; other verbs are not worked out."""
    parts = re.split(r"%[sdv]", texts[0]) if texts else []
    if len(parts) != len(texts) or any("%" in part for part in parts):
        return _unknown(words, piped, line)
    joined = parts[0] + "".join(text + part for text, part in zip(texts[1:], parts[1:], strict=True))
    return _literal_of(joined, line)


def _hidden(value: Tree | None) -> bool:
    return isinstance(value, Scalar) and bool(value.unknown)


def _text(value: Tree | None) -> str:
    return value.text if isinstance(value, Scalar) and value.value is not None else ""


def _children(value: Tree | None) -> Sequence[object]:
    match value:
        case Items():
            return value.items
        case Fields():
            return tuple(value.entries)
        case _:
            return _text(value)


def _whole(number: int, line: int) -> Tree:
    return Scalar(str(number), number, Span(file="", line=line))


def _literal_of(text: str, line: int) -> Tree:
    return Scalar(text, text, Span(file="", line=line))


def _included(
    template: str, arguments: Sequence[Tree | None], words: Words, scope: Scope, line: int
) -> Tree | None:
    """What a named template makes, where that is plain text; of the usual ones it is a name."""
    owner, _, part = template.rpartition(".")
    if part == "fullname" and owner:
        return _literal_of(f"release-name-{owner}", line)
    if part == "name" and owner:
        return _literal_of(owner, line)
    made = scope.named(template, arguments[0]) if scope.named and arguments else None
    if made is PART_OF_A_DOCUMENT:  # not empty; two mentions of it are the same
        place = Span(file="", line=line)
        return Fields({_unknown(words, None, line).text: (place, Scalar("", None, place))}, place)
    return _unknown(words, None, line) if made is None else made


def _operand(word: object, scope: Scope, line: int) -> Tree | None:
    if isinstance(word, list):
        return evaluate(word, scope, line)
    text = str(word)
    if text[:1] in ('"', "`"):
        return _literal(text, line)
    if _NUMBER.fullmatch(text):
        return _whole(int(text), line)
    if text in ("true", "false"):
        return _switch(text == "true", line)
    if text == "nil":
        return None
    if text in ("dict", "list"):
        empty = Span(file="", line=line)
        return Fields({}, empty) if text == "dict" else Items((), empty)
    if text == ".":
        return scope.dot
    if text.startswith("$"):
        name, *path = text.split(".")
        if name not in scope.variables:
            return _unknown([text], None, line)
        return _reached(scope.variables[name], path, text, line)
    if text.startswith("."):
        return _reached(scope.dot, text[1:].split("."), text, line)
    return _unknown([text], None, line)


def _reached(start: Tree | None, path: Sequence[str], text: str, line: int) -> Tree | None:
    if isinstance(start, Scalar) and start.unknown and path:
        return _unknown([text], None, line)
    if path[:1] in (["Capabilities"], ["Files"], ["Template"], ["Subcharts"]):
        return _unknown([text], None, line)
    return at(start, *[part for part in path if part])


def _literal(text: str, line: int) -> Tree:
    try:
        value = json.loads(text) if text[:1] == '"' else text[1:-1]
    except ValueError:
        value = text[1:-1]
    return Scalar(str(value), str(value), Span(file="", line=line))


def _switch(value: bool, line: int) -> Tree:
    return Scalar(str(value).lower(), value, Span(file="", line=line))


def _unknown(words: Words, piped: Tree | None, line: int) -> Scalar:
    """A value that is not worked out, known by its own text: `$` and `.` at the top are the same place."""
    shown = " ".join(_shown(word) for word in words)
    if isinstance(piped, Scalar):
        shown = f"{piped.text.removeprefix('{{').removesuffix('}}')} | {shown}"
    if len(shown) > 300:
        shown = shown[:300]
    reason = "its template uses an expression that is not worked out"
    return Scalar(f"{{{{{shown}}}}}", None, Span(file="", line=line), unknown=reason)


def _shown(word: object) -> str:
    if isinstance(word, list):
        if word[:1] == [FIELD_OF]:
            return f"{_shown(word[1])}.{str(word[2])[1:-1]}"
        return "(" + " ".join(_shown(one) for one in word) + ")"
    text = str(word)
    return "." if text == "$" else text.removeprefix("$") if text.startswith("$.") else text

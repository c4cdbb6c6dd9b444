"""Functions of Helm's templates that take or make lists and mappings.

https://helm.sh/docs/chart_template_guide/function_list/
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeGuard

from budgetcheck.model.span import Span
from budgetcheck.readers.kubernetes.merging import merged
from budgetcheck.readers.kubernetes.trees import Fields, Items, Scalar, Tree, at

Arguments = Sequence[Tree | None]

NOT_WORKED_OUT = Scalar("", None, Span(file="", line=1), unknown="not worked out")
"""What a function gives whose arguments do not decide its value; compared by identity."""


def truth(value: Tree | None) -> bool | None:
    """Whether a value counts as true; None where that is not known."""
    match value:
        case None:
            return False
        case Scalar(unknown=unknown) if unknown:
            return None
        case Scalar():
            return value.value not in (None, False, 0, "", "false") or value.value == "false"
        case Items():
            return bool(value.items)
        case Fields():
            return bool(value.entries)


def _has(arguments: Arguments, line: int) -> Tree | None:
    """`has "x" list`: certain where it is found, or where nothing in the list is unknown."""
    if len(arguments) != 2 or not isinstance(arguments[1], Items) or not _is_known(arguments[0]):
        return NOT_WORKED_OUT
    wanted, held = arguments[0], arguments[1].items
    if any(isinstance(one, Scalar) and _is_known(one) and one.value == wanted.value for one in held):
        return _switch(True, line)
    return _switch(False, line) if all(map(_is_known, held)) else NOT_WORKED_OUT


def _merge(arguments: Arguments, line: int) -> Tree | None:
    """Mappings laid over one another; the first has the last word."""
    return _merge_overwrite(arguments[::-1], line)


def _merge_overwrite(arguments: Arguments, _line: int) -> Tree | None:
    found: Tree | None = None
    for argument in arguments:
        if isinstance(argument, Fields):
            found = argument if found is None else merged(found, argument, strategic=False)
        elif truth(argument) is not False:
            return NOT_WORKED_OUT
    return found


def _dict(arguments: Arguments, line: int) -> Tree | None:
    """`dict "key" value ...`"""
    place = Span(file="", line=line)
    found: dict[str, tuple[Span, Tree]] = {}
    for key, value in zip(arguments[::2], arguments[1::2], strict=False):
        if not _is_known(key):
            return NOT_WORKED_OUT
        if value is not None:
            found[key.text] = (place, value)
    return Fields(found, place)


def _dig(arguments: Arguments, _line: int) -> Tree | None:
    """`dig "a" "b" default mapping`"""
    if len(arguments) < 3 or not isinstance(arguments[-1], Fields):
        return NOT_WORKED_OUT
    keys = [key.text for key in arguments[:-2] if _is_known(key)]
    if len(keys) != len(arguments) - 2:
        return NOT_WORKED_OUT
    found = at(arguments[-1], *keys)
    return arguments[-2] if found is None else found


def _concat(arguments: Arguments, line: int) -> Tree | None:
    items: list[Tree] = []
    for argument in arguments:
        if isinstance(argument, Items):
            items += argument.items
        elif truth(argument) is not False:
            return NOT_WORKED_OUT
    return Items(tuple(items), Span(file="", line=line))


def _list(arguments: Arguments, line: int) -> Tree | None:
    """`list . "web"`: also how several arguments are given to a named template."""
    place = Span(file="", line=line)
    return Items(tuple(one if one is not None else Scalar("", None, place) for one in arguments), place)


def _append(arguments: Arguments, line: int) -> Tree | None:
    return (
        _concat((arguments[0], _list(arguments[1:], line)), line) if len(arguments) == 2 else NOT_WORKED_OUT
    )


def _first(arguments: Arguments, _line: int) -> Tree | None:
    return _one_of(arguments, 0)


def _last(arguments: Arguments, _line: int) -> Tree | None:
    return _one_of(arguments, -1)


def _one_of(arguments: Arguments, index: int) -> Tree | None:
    if len(arguments) != 1 or not isinstance(arguments[0], Items):
        return NOT_WORKED_OUT
    return arguments[0].items[index] if arguments[0].items else None


def _kind_is(arguments: Arguments, line: int) -> Tree | None:
    """`kindIs "bool" value`; numbers of values files are `float64`."""
    if len(arguments) != 2 or not _is_known(arguments[0]):
        return NOT_WORKED_OUT
    value = arguments[1]
    if isinstance(value, Scalar) and value.unknown:
        return _switch(False, line) if _is_no(arguments[0].text, value) else NOT_WORKED_OUT
    return _switch(arguments[0].text == _kind(value), line)


def _is_no(kind: str, value: Scalar) -> bool:
    """An expression that stands for one value in a values file makes no mapping or list."""
    return kind in ("map", "slice") and bool(value.span.file)


def _type_is(arguments: Arguments, line: int) -> Tree | None:
    """`typeIs "<nil>" value`: as `kindIs`, by the names of Go's types."""
    if len(arguments) != 2 or not _is_known(arguments[0]):
        return NOT_WORKED_OUT
    value = arguments[1]
    if isinstance(value, Scalar) and value.unknown:
        return NOT_WORKED_OUT
    kind = _kind(value)
    return _switch(arguments[0].text == _GO_TYPES.get(kind, kind), line)


_GO_TYPES = {"map": "map[string]interface {}", "slice": "[]interface {}", "invalid": "<nil>"}
"""What `%T` prints for a kind where it is another word; values files are decoded from JSON."""


def _kind(value: Tree | None) -> str:
    match value:
        case Fields():
            return "map"
        case Items():
            return "slice"
        case Scalar(value=bool()):
            return "bool"
        case Scalar(value=int() | float()):
            return "float64"
        case Scalar(value=str()):
            return "string"
        case _:
            return "invalid"


def _is_known(value: Tree | None) -> TypeGuard[Scalar]:
    return isinstance(value, Scalar) and not value.unknown


def _switch(value: bool, line: int) -> Tree:
    return Scalar(str(value).lower(), value, Span(file="", line=line))


STRUCTURAL: Mapping[str, Callable[[Arguments, int], Tree | None]] = {
    "has": _has,
    "merge": _merge,
    "mustMerge": _merge,
    "mergeOverwrite": _merge_overwrite,
    "mustMergeOverwrite": _merge_overwrite,
    "dict": _dict,
    "dig": _dig,
    "concat": _concat,
    "list": _list,
    "tuple": _list,
    "append": _append,
    "mustAppend": _append,
    "first": _first,
    "mustFirst": _first,
    "last": _last,
    "mustLast": _last,
    "kindIs": _kind_is,
    "typeIs": _type_is,
}
"""By name; each gives NOT_WORKED_OUT where its arguments do not decide."""

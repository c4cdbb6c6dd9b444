"""The functions of the Terraform language that can be evaluated without running anything.

Two tables: `COMPUTED` functions make a new value out of their arguments, so the result went through all of
them; `PICKED` functions hand on one of their arguments or a part of it with its own history. A function in
neither is unknown, never guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from inspect import signature

from budgetcheck.readers.terraform.functions import (
    collections,
    encoding,
    formatting,
    numbers,
    picking,
    strings,
)
from budgetcheck.readers.terraform.types import BOOL, NUMBER, STRING, UNSEEN, Type
from budgetcheck.readers.terraform.values import (
    EvaluationError,
    NotKnownError,
    Unknown,
    Value,
    all_refs,
    distribute,
    failed,
    join_refs,
    join_trails,
    via,
)

COMPUTED: Mapping[str, Callable[..., Value]] = {
    **numbers.FUNCTIONS,
    **strings.FUNCTIONS,
    **encoding.FUNCTIONS,
    **formatting.FUNCTIONS,
    **collections.COMPUTED,
}
PICKED: Mapping[str, Callable[..., Value]] = {**collections.PICKED, **picking.FUNCTIONS}


def call_function(name: str, arguments: tuple[Value, ...]) -> Value:
    """The result of a function; unknown where it is not supported or an argument is not known."""
    bare = name.removeprefix("core::")
    refs = join_refs(*(all_refs(argument) for argument in arguments))
    trail = join_trails(*(argument.trail for argument in arguments))
    function = COMPUTED.get(bare) or PICKED.get(bare)
    if function is None:
        return Unknown(reason=f"the function {name}() is not evaluated", refs=refs, trail=trail)
    if not _takes(function, len(arguments)):
        return failed(f"{bare}() is called with arguments it does not take")
    try:
        if bare in picking.FUNCTIONS:
            return function(*arguments)
        result = distribute(function, *arguments)
    except NotKnownError as error:
        result = error.value
    except EvaluationError as error:
        return failed(f"{bare}(): {error}")
    if isinstance(result, Unknown):
        return via(replace(result, type=_RESULTS.get(bare, UNSEEN)), trail, refs)
    return result if bare in PICKED else via(result, trail, refs)


_RESULTS: Mapping[str, Type] = {
    **dict.fromkeys(numbers.FUNCTIONS, NUMBER),
    **dict.fromkeys(strings.FUNCTIONS, STRING),
    **dict.fromkeys(("length", "index"), NUMBER),
    **dict.fromkeys(("contains", "alltrue", "anytrue", "startswith", "endswith", "strcontains"), BOOL),
    **dict.fromkeys(("format", "jsonencode", "yamlencode", "base64encode"), STRING),
    **dict.fromkeys(("range", "split", "regex", "regexall"), UNSEEN),
}
"""The types of results that are always of one type, known or not."""


@cache
def _takes(function: Callable[..., Value], count: int) -> bool:
    try:
        signature(function).bind(*range(count))
    except TypeError:
        return False
    return True

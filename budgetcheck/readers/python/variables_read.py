"""Calls that read environment variables, and conversions of what they give; durations of `timedelta`.

`os.getenv`, environs, decouple, django-environ, Starlette's `Config`.
"""

import ast
from typing import TYPE_CHECKING

from budgetcheck.model.settings import Known
from budgetcheck.model.span import Span
from budgetcheck.readers.python.environment import number
from budgetcheck.readers.python.operators import applied, boolean
from budgetcheck.readers.python.scopes import Scope, Unset, Value
from budgetcheck.readers.python.values import Args, Items, Made, Named, Plain, PyValue, unresolved

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_STANDARD = frozenset(
    {"os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop", "environ.get"}
)
_DECOUPLE = frozenset({"decouple.config", "decouple.Config", "decouple.AutoConfig", "prettyconf.config"})
_STARLETTE = "starlette.config.Config"
_ENVIRONS = ("environs.Env", "environs.env", "environ.Env", "environ.FileAwareEnv")
_KINDS = frozenset({"int", "float", "str", "bool", "timedelta", "decimal", "url"})
_PER_UNIT = {
    "weeks": 604_800_000,
    "days": 86_400_000,
    "hours": 3_600_000,
    "minutes": 60_000,
    "seconds": 1_000,
    "milliseconds": 1,
}
_DURATION_ORDER = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")


def call(
    evaluator: "Evaluator", name: str, node: ast.Call, scope: Scope, made: Made | None = None
) -> Value | None:
    """A variable that a call reads, with its default and conversion; None for all other calls.

    `made`: the object that is called, where it is one.
    """
    if name in _STANDARD:
        return _read(evaluator, node, scope, default=1)
    if name in _DECOUPLE:
        return _read(evaluator, node, scope, default=1, cast=2)
    if name == _STARLETTE and made is not None:
        return _read(evaluator, node, scope, default=2, cast=1)
    for reader in _ENVIRONS:
        rest = name.removeprefix(reader).removeprefix(".")
        if name.startswith(reader) and (
            rest in _KINDS or (not rest and (made is not None or reader.islower()))
        ):
            return _read(evaluator, node, scope, default=1 if rest else 2, kind=rest, schema=made)
    return None


def item(evaluator: "Evaluator", node: ast.Subscript, scope: Scope) -> Value | None:
    """`os.environ["X"]`."""
    key = evaluator.evaluate(node.slice, scope)
    span = evaluator.span(node, scope)
    if not isinstance(key, Plain) or not isinstance(key.known, str):
        return unresolved("the name of the variable is not known", span)
    return evaluator.variable(key.known, None, span, scope)


def asked_for(evaluator: "Evaluator", test: ast.expr, scope: Scope) -> Value | None:
    """The variable of `"X" in os.environ`, or of `not in`; None for all other conditions."""
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.In | ast.NotIn):
        return None
    held, key = evaluator.evaluate(test.comparators[-1], scope), evaluator.evaluate(test.left, scope)
    name = key.known if isinstance(key, Plain) else None
    if len(test.ops) > 1 or not isinstance(name, str):
        return None
    if not isinstance(held, Named) or held.name not in ("os.environ", "environ"):
        return None
    return evaluator.variable(name, None, evaluator.span(test, scope), scope)


def is_absence(test: ast.expr) -> bool:
    """The condition holds where the variable is not there."""
    return isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.NotIn)


def _read(
    evaluator: "Evaluator",
    node: ast.Call,
    scope: Scope,
    *,
    default: int,
    cast: int | None = None,
    kind: str = "",
    schema: Made | None = None,
) -> Value:
    args = evaluator.arguments(node, scope)
    span = evaluator.span(node, scope)
    key = args.get("key", 0) or args.get("var") or args.get("name") or args.get("option")
    if not isinstance(key, Plain) or not isinstance(key.known, str):
        return unresolved("the name of the variable is not known", span)
    given = args.get("default", default)
    typed = args.get("cast", cast)
    if given is None and schema is not None:
        typed, given = _in_schema(schema, key.known, typed)
    found = evaluator.variable(key.known, given if isinstance(given, Plain) else None, span, scope)
    if given is not None and not isinstance(given, Plain) and isinstance(found, Unset):
        return given
    return converted(found, typed.name if isinstance(typed, Named) else kind, span)


def _in_schema(schema: Made, key: str, cast: PyValue | None) -> tuple[PyValue | None, PyValue | None]:
    """`environ.Env(TIMEOUT=(int, 30))`: conversion and default of a variable."""
    declared = schema.args.get(key)
    if isinstance(declared, Items) and len(declared.items) == 2:
        return declared.items[0], declared.items[1]
    return (declared if isinstance(declared, Named) else cast), None


def converted(found: Plain, kind: str, span: Span) -> Plain:
    """The text of a variable as the type it is converted to."""
    if isinstance(found, Unset):
        return found
    if kind == "bool":
        return applied(lambda text: boolean(text) if isinstance(text, str) else bool(text), (found,), span)
    if kind == "int":
        return applied(_as_int, (found,), span)
    if kind in ("float", "timedelta", "decimal"):
        return applied(_as_number, (found,), span)
    return found


def _as_number(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = number(value)
    if found is None:
        raise ValueError
    return found


def _as_int(value: object) -> object:
    found = _as_number(value)
    is_fraction = isinstance(found, float) and isinstance(value, str)
    if is_fraction:  # as int("1.5") does
        raise ValueError
    return found


def seconds(made: Made) -> Plain:
    """The seconds of a `timedelta(...)`."""
    parts = _parts(made.args)
    if parts is None:
        return unresolved("this duration is not followed", *made.spans)

    def total(*amounts: float) -> int | float:
        factors = [factor for factor, _ in parts]
        milliseconds = sum(amount * factor for amount, factor in zip(amounts, factors, strict=True))
        return milliseconds // 1_000 if milliseconds % 1_000 == 0 else milliseconds / 1_000

    amounts = [value for _, value in parts]
    return (
        applied(total, amounts, made.spans[0]) if amounts else Plain(value=Known(value=0), spans=made.spans)
    )


def _parts(args: Args) -> list[tuple[int, Plain]] | None:
    given = [*zip(_DURATION_ORDER, args.positional, strict=False), *args.keywords]
    parts = [
        (_PER_UNIT[unit], value) for unit, value in given if unit in _PER_UNIT and isinstance(value, Plain)
    ]
    return parts if len(parts) == len(given) and not args.open else None

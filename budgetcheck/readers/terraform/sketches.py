"""Texts that are not wholly known, in a form that is the same where the same parts of them are unknown.

What is not known is written as a mark that stands for where it comes from: one variable, local value or
attribute in one instance of a module. Two texts with the same sketch are the same text, whatever it is. A
value has no sketch where that cannot be said: what a loop goes through, one of several, what changes with
each call.
"""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from budgetcheck.readers.terraform import syntax
from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.scope import Scope
from budgetcheck.readers.terraform.syntax import Expression, written
from budgetcheck.readers.terraform.values import ListValue, Scalar, Unknown, Value

MARKS = "\ue000\ue001"
"""What stands before and behind a mark: no characters of any name."""
_PURE = frozenset(
    {
        *("chomp", "indent", "lower", "md5", "replace", "sha1", "sha256", "strrev", "substr", "title"),
        *("tostring", "trim", "trimprefix", "trimspace", "trimsuffix", "upper"),
    }
)
"""Functions of texts that give the same for the same."""
_SKETCHED = (syntax.Name, syntax.Traversal, syntax.Index, syntax.Call, syntax.Conditional, syntax.Template)
"""Expressions that say themselves what the sketch of their value is, or hand on that of a part."""
_LONGEST = 2_000
_MOST_STEPS = 20


def sketch(value: Value) -> str:
    """The text of a value with marks for what is not known; empty where it has none."""
    match value:
        case Unknown(sketch=known):
            return known
        case Scalar(value=str() | int() | float() as inner) if not isinstance(inner, bool):
            text = to_text(value)
            return "" if any(mark in text for mark in MARKS) or len(text) > _LONGEST else text
        case _:
            return ""


def mark(origin: str) -> str:
    """What stands for a part that is not known, by where it comes from; empty for nowhere."""
    return f"{MARKS[0]}{sha256(origin.encode()).hexdigest()[:20]}{MARKS[1]}" if origin else ""


def read_from(
    node: Expression, root: Expression, value: Value, scope: Scope, *, steps: int, used: int
) -> Value:
    """A value that a reference gives: an unknown one with the mark of the reference, if it has no sketch.

    `root`: the first name of the reference. `steps`: how many follow it. `used`: how many of these belong to
    the name of one thing; what the others take out of it has not the sketch of the whole.
    """
    if not isinstance(value, Unknown) or (value.sketch and steps == used):
        return value
    named = isinstance(root, syntax.Name) and root.name not in scope.bindings and steps <= _MOST_STEPS
    address = scope.names.address(written(node)) if named and not value.failed else ""
    return replace(value, sketch=mark(f"{scope.names.origin}{address}" if address else ""))


def of_its_own(expression: Expression, value: Unknown) -> Unknown:
    """The value of an expression without the sketch of one of its operands."""
    return value if not value.sketch or isinstance(expression, _SKETCHED) else replace(value, sketch="")


def of_parts(parts: Sequence[Value], between: str = "") -> str:
    """The sketch of texts one behind the other; empty where one of them has none."""
    found = [sketch(part) for part in parts]
    whole = between.join(found)
    known = all(text or part == Scalar(value="") for text, part in zip(found, parts, strict=True))
    return whole if known and len(whole) <= _LONGEST else ""


def of_call(function: str, arguments: Sequence[Value]) -> str:
    """The sketch of what a function gives; empty where it may give something else each time."""
    match function, arguments:
        case "join", [Scalar(value=str() as between), ListValue(items=items)]:
            return of_parts(items, between)
        case _ if function in _PURE:
            found = [sketch(one) for one in arguments]
            return mark(f"{function}({chr(0).join(found)})") if found and all(found) else ""
        case _:
            return ""

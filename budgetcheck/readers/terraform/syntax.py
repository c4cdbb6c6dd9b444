"""The expression tree of the Terraform language, independent of any parser.

A tree says what is written, never what it is worth: `evaluate` does that. Every node has the span of its
first character; the text of a span is set where a reader would recognise it (`var.idle`).
"""

from dataclasses import dataclass, field
from fractions import Fraction

from budgetcheck.model.span import Span

Atom = str | int | Fraction | bool | None
"""A primitive value; numbers that are not whole are fractions, so that arithmetic stays exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A number, text, boolean or null."""

    span: Span
    value: Atom


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A bare name at the beginning of a reference: `var`, `local`, `each`, a type, a loop variable."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Traversal:
    """`target.name`."""

    span: Span
    target: "Expression"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """`target[key]`, also the old `target.0`."""

    span: Span
    target: "Expression"
    key: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Splat:
    """`target[*].body`: `body` is applied to `Name("*")`, which stands for each element in turn."""

    span: Span
    target: "Expression"
    body: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`function(arguments)`; `expand` where the last argument is followed by `...`."""

    span: Span
    function: str
    arguments: tuple["Expression", ...]
    expand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """`condition ? then : otherwise`."""

    span: Span
    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """`first op second op ...`: operators of one precedence, applied from the left.

    Kept flat because a sum of hundreds of terms must not need hundreds of nested calls.
    """

    span: Span
    first: "Expression"
    rest: tuple[tuple[str, "Expression"], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary:
    """`-operand` or `!operand`."""

    span: Span
    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuple:
    """`[items]`."""

    span: Span
    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """`key = value` of an object."""

    span: Span
    key: "Expression"
    value: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """`{elements}`."""

    span: Span
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class For:
    """`[for ...]` or, where `result_key` is set, `{for ...}`.

    Attributes:
        key_name: name of the key or index variable; empty where there is only one variable.
        value_name: name of the value variable.
        collection: what is walked over.
        result_key: key of each result; None for a list.
        result: value of each result.
        condition: the `if` clause.
        grouped: `...` after the value: results of one key are collected in a list.
    """

    span: Span
    key_name: str
    value_name: str
    collection: "Expression"
    result: "Expression"
    result_key: "Expression | None" = None
    condition: "Expression | None" = None
    grouped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateIf:
    """`%{ if condition }then%{ else }otherwise%{ endif }`."""

    condition: "Expression"
    then: tuple["Part", ...]
    otherwise: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFor:
    """`%{ for key, value in collection }body%{ endfor }`."""

    key_name: str
    value_name: str
    collection: "Expression"
    body: tuple["Part", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Text with `${}` and `%{}` in it, of a quoted string or a heredoc."""

    span: Span
    parts: tuple["Part", ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    """A piece of source that could not be parsed; `reason` says what is wrong with it."""

    span: Span
    reason: str


Expression = (
    Literal
    | Name
    | Traversal
    | Index
    | Splat
    | Call
    | Conditional
    | Binary
    | Unary
    | Tuple
    | Object
    | For
    | Template
    | Invalid
)

Part = str | TemplateIf | TemplateFor | Expression
"""A piece of a template: literal text, a directive, or an interpolated expression."""

SPLAT_ELEMENT = "*"
"""The name that stands for the current element inside the body of a splat."""


def written(expression: Expression) -> str:
    """Short source text of a reference (`var.api.timeout`), empty for anything else."""
    steps: list[str] = []
    while not isinstance(expression, Name):  # a reference may be as long as its file
        match expression:
            case Traversal(target=target, name=name):
                steps.append(f".{name}")
            case Index(target=target, key=Literal(value=int(position))):
                steps.append(f"[{position}]")
            case Index(target=target, key=Literal(value=str(key))):
                steps.append(f'["{key}"]')
            case _:
                return ""
        expression = target
    return "".join((expression.name, *reversed(steps)))

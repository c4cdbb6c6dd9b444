"""What a type annotation, or a dependency that a framework fills in, says of a parameter or attribute."""

import ast
from typing import TYPE_CHECKING

from budgetcheck.readers.python import calls
from budgetcheck.readers.python.scopes import Class, Function, Object, Scope, Value
from budgetcheck.readers.python.values import Args, Named

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_DEPENDS = frozenset({"Depends", "Security", "Inject", "Provide"})
_WRAPPING = frozenset(
    {"Optional", "Union", "Awaitable", "ClassVar", "Final", "Annotated", "Required", "NotRequired"}
)
_YIELDING = frozenset(
    {"AsyncIterator", "Iterator", "AsyncGenerator", "Generator", "AsyncContextManager", "ContextManager"}
    | {"AbstractAsyncContextManager", "AbstractContextManager", "AsyncIterable", "Iterable"}
)
_MOST_CHARACTERS = 200


def annotated(evaluator: "Evaluator", annotation: ast.expr, scope: Scope) -> Value | None:
    """A value of which only the type is known: an object of a class, a client made elsewhere."""
    plain = _plain_type(annotation, 0)
    if plain is None:
        return None
    alias = evaluator.alias_of(plain, scope)
    if alias is not None and isinstance(alias[0], ast.Subscript):  # `ClientDep = Annotated[...]`
        return annotated(evaluator, *alias)
    found = evaluator.evaluate(plain, scope)
    if isinstance(found, Class):
        return Object(found)
    if isinstance(found, Named):
        span = evaluator.span(annotation, scope)
        for library in evaluator.libraries_of(found.name):
            typed = library.annotated(found.name, Args(span=span, open=True))
            if typed is not None:
                return typed
    return None


def _plain_type(annotation: ast.expr, depth: int) -> ast.expr | None:
    """`X` of `X | None`, `Optional[X]`, `Annotated[X, ...]`, `Iterator[X]`, `"X"`."""
    if depth > 8:
        return None
    match annotation:
        case ast.Constant(value=str(text)):
            parsed = _parsed(text)
            if parsed is None:
                return None
            for node in ast.walk(parsed):
                ast.copy_location(node, annotation)
            return _plain_type(parsed, depth + 1)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _plain_type(right if _is_none(left) else left, depth + 1)
        case ast.Subscript(value=value, slice=inside):
            name = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
            if name not in _WRAPPING | _YIELDING:
                return (
                    value
                    if name not in ("list", "dict", "set", "tuple", "type", "List", "Dict", "Type")
                    else None
                )
            parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            first = next((part for part in parts if not _is_none(part)), None)
            return None if first is None else _plain_type(first, depth + 1)
        case ast.Name() | ast.Attribute():
            return annotation
        case _:
            return None


def _parsed(text: str) -> ast.expr | None:
    if len(text) > _MOST_CHARACTERS:
        return None
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def dependency(
    evaluator: "Evaluator",
    annotation: ast.expr | None,
    default: ast.expr | None,
    scope: Scope,
    depth: int = 0,
) -> Value | None:
    """What `Depends(get_client)` gives a parameter, as a default or in `Annotated[...]`."""
    marks: list[ast.expr] = [default] if default is not None else []
    if isinstance(annotation, ast.Name | ast.Attribute) and depth < 6:
        alias = evaluator.alias_of(annotation, scope)
        if alias is not None:
            return dependency(evaluator, alias[0], default, alias[1], depth + 1)
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
        marks += annotation.slice.elts[1:]
    for mark in marks:
        if not isinstance(mark, ast.Call):
            continue
        kind = mark.func.attr if isinstance(mark.func, ast.Attribute) else getattr(mark.func, "id", "")
        if kind in _DEPENDS:
            given = (
                mark.args[0]
                if mark.args
                else next((k.value for k in mark.keywords if k.arg == "dependency"), None)
            )
            return None if given is None else _provided(evaluator, given, scope)
    return None


def _provided(evaluator: "Evaluator", provider: ast.expr, scope: Scope) -> Value | None:
    function = evaluator.evaluate(provider, scope)
    if isinstance(function, Function):
        return calls.result(evaluator, function, ())
    return Object(function) if isinstance(function, Class) else None

"""Fields of settings classes: pydantic-settings, pydantic models, dataclasses, attrs, named tuples.

The value of a field of `BaseSettings` is that of its environment variable where something sets it, else its
default (https://docs.pydantic.dev/latest/concepts/pydantic_settings/).
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from budgetcheck.readers.python import annotations, attributes, classes
from budgetcheck.readers.python.bindings import dotted
from budgetcheck.readers.python.scopes import Class, Object, Scope, Unset, Value
from budgetcheck.readers.python.values import Items, Made, Plain, Table
from budgetcheck.readers.python.variables_read import converted

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_SETTINGS = frozenset({"BaseSettings"})
_MODELS = frozenset({"BaseModel", "SQLModel", "NamedTuple", "Struct"})
_DATACLASSES = frozenset({"dataclass", "define", "frozen", "attrs", "s", "mutable"})
_FIELDS = frozenset({"Field", "field", "ib", "attrib", "Factory"})
_WHOLE = frozenset({"int", "PositiveInt", "NonNegativeInt", "conint"})
_DECIMAL = frozenset({"float", "PositiveFloat", "NonNegativeFloat", "confloat", "Decimal", "timedelta"})
_SEVERAL = "objects of this class are made with different values"


class Kind(Enum):
    """What makes the fields of a class."""

    SETTINGS = "settings"
    """Read from the environment."""
    MODEL = "model"
    """Given to the constructor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Declared:
    """A field as the class declares it."""

    name: str
    value: ast.expr | None
    annotation: ast.expr | None
    statement: ast.stmt
    klass: Class


@dataclass(frozen=True, slots=True, kw_only=True)
class _Default:
    """What a field says besides its type: its default, and names of its variable that are stated."""

    value: Value | None = None
    variables: tuple[str, ...] = ()


def field(evaluator: "Evaluator", owner: Object, name: str) -> Value | None:
    """A field of a settings class, model or dataclass; None where the class is none or has no such field."""
    kind = _kind(evaluator, owner.klass)
    if kind is None:
        return None
    declared = next((one for one in _fields(evaluator, owner.klass) if one.name == name), None)
    if declared is None:
        return None
    given = dict(owner.given)
    if name in given:
        return given[name]
    found = _value(evaluator, declared, owner, kind)
    if kind is Kind.MODEL and not owner.made and owner.prefix is None:
        return _as_constructed(evaluator, owner.klass, name, found)
    return found


def _as_constructed(evaluator: "Evaluator", klass: Class, name: str, default: Value | None) -> Value | None:
    """A field of an object of which only the class is known: as all that make one say."""
    places = [dict(given) for given in classes.constructions(evaluator, klass)]
    if not places:
        return default
    values = [given.get(name, default) for given in places]
    return evaluator.merged(values, _SEVERAL, evaluator.span(klass.node, Scope(klass.module)))


def field_names(evaluator: "Evaluator", klass: Class) -> tuple[str, ...]:
    """The fields of a dataclass in the order of its constructor."""
    found: list[str] = []
    for one in reversed(attributes.lineage(evaluator, klass)):
        found += [declared.name for declared in _own_fields(evaluator, one)]
    return tuple(dict.fromkeys(found))


def _fields(evaluator: "Evaluator", klass: Class) -> Iterator[_Declared]:
    for one in attributes.lineage(evaluator, klass):
        yield from _own_fields(evaluator, one)


def _own_fields(evaluator: "Evaluator", klass: Class) -> tuple[_Declared, ...]:
    return evaluator.of_text(("fields", klass), lambda: tuple(_declared(klass)))


def _declared(klass: Class) -> Iterator[_Declared]:
    for statement in klass.node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), value=value, annotation=annotation):
                if "ClassVar" not in _words(annotation):
                    yield _Declared(
                        name=name, value=value, annotation=annotation, statement=statement, klass=klass
                    )
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func) as call):
                if dotted(func).rpartition(".")[2] in ("ib", "attrib"):
                    yield _Declared(name=name, value=call, annotation=None, statement=statement, klass=klass)
            case _:
                continue


def _kind(evaluator: "Evaluator", klass: Class) -> Kind | None:
    """What makes the fields of a class; None for an ordinary class."""
    for one in attributes.lineage(evaluator, klass):
        for base in one.node.bases:
            name = dotted(base.value if isinstance(base, ast.Subscript) else base).rpartition(".")[2]
            if name in _SETTINGS:
                return Kind.SETTINGS
            if name in _MODELS:
                return Kind.MODEL
        for decorator in one.node.decorator_list:
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            if dotted(func).rpartition(".")[2] in _DATACLASSES:
                return Kind.MODEL
    return None


def _value(evaluator: "Evaluator", declared: _Declared, owner: Object, kind: Kind) -> Value | None:
    scope = Scope(declared.klass.module, None, declared.klass, owner, outer=declared.klass.outer)
    default = _default(evaluator, declared, scope)
    inner = _nested(evaluator, declared, default.value, owner, scope)
    if inner is not None:
        return inner
    if kind is Kind.MODEL and owner.prefix is None:
        if default.value is None and declared.annotation is not None:
            return annotations.annotated(evaluator, declared.annotation, scope)
        return default.value
    prefix = owner.prefix if owner.prefix is not None else _option(evaluator, owner.klass, "env_prefix")
    return _variable(evaluator, declared, default, default.variables or (f"{prefix}{declared.name}",), scope)


def _nested(
    evaluator: "Evaluator", declared: _Declared, default: Value | None, owner: Object, scope: Scope
) -> Value | None:
    """A model inside a model: its fields may be set by variables that begin with its own name."""
    found = default
    if found is None and declared.annotation is not None:
        found = annotations.annotated(evaluator, declared.annotation, scope)
    if not isinstance(found, Object) or _kind(evaluator, found.klass) is None:
        return None
    delimiter = _option(evaluator, owner.klass, "env_nested_delimiter") or ("__" if owner.prefix else "")
    if not delimiter:
        return found
    prefix = owner.prefix if owner.prefix is not None else _option(evaluator, owner.klass, "env_prefix")
    return replace(found, prefix=f"{prefix}{declared.name}{delimiter}")


def _variable(
    evaluator: "Evaluator", declared: _Declared, default: _Default, variables: tuple[str, ...], scope: Scope
) -> Value | None:
    """The variable under any of its names, which pydantic looks up in any case."""
    span = evaluator.span(declared.statement, scope)
    for name in variables:
        for written in dict.fromkeys((name.upper(), name, name.lower())):
            found = evaluator.variable(written, None, span, scope)
            if not isinstance(found, Unset):
                return converted(found, _conversion(declared.annotation), span)
    if default.value is not None:
        return default.value
    return evaluator.variable(variables[0].upper(), None, span, scope)


def _conversion(annotation: ast.expr | None) -> str:
    words = _words(annotation)
    if words & _DECIMAL:
        return "float"
    return "int" if words & _WHOLE else "bool" if "bool" in words else ""


def _words(annotation: ast.expr | None) -> set[str]:
    """The names in an annotation."""
    if annotation is None:
        return set()
    nodes = list(ast.walk(annotation))
    found = {node.id for node in nodes if isinstance(node, ast.Name)}
    found |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return found | {word for text in texts for word in text.replace("|", " ").replace("[", " ").split()}


def _default(evaluator: "Evaluator", declared: _Declared, scope: Scope) -> _Default:
    call = _field_call(declared.value)
    marks = [mark for mark in _marks(declared.annotation) if _field_call(mark) is not None]
    stated = call or next((mark for mark in marks if isinstance(mark, ast.Call)), None)
    if stated is None:
        value = declared.value
        return (
            _Default()
            if value is None or _is_required(value)
            else _Default(value=evaluator.evaluate(value, scope))
        )
    given = {keyword.arg: keyword.value for keyword in stated.keywords if keyword.arg}
    names = tuple(
        text
        for key in ("validation_alias", "alias", "env")
        if key in given
        for text in _texts(evaluator.evaluate(given[key], scope))
    )
    if declared.value is not None and call is None:  # `x: Annotated[int, Field(...)] = 5`
        return _Default(value=evaluator.evaluate(declared.value, scope), variables=names)
    factory = given.get("default_factory", given.get("factory"))
    first = given.get("default", stated.args[0] if stated.args else None)
    if factory is not None:
        first = ast.copy_location(ast.Call(func=factory, args=[], keywords=[]), stated)
    if first is None or _is_required(first):
        return _Default(variables=names)
    return _Default(value=evaluator.evaluate(first, scope), variables=names)


def _field_call(value: ast.expr | None) -> ast.Call | None:
    if isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2] in _FIELDS:
        return value
    return None


def _marks(annotation: ast.expr | None) -> list[ast.expr]:
    """What `Annotated[X, ...]` adds to X."""
    match annotation:
        case ast.Subscript(value=value, slice=ast.Tuple(elts=[_, *marks])) if "Annotated" in dotted(value):
            return marks
        case _:
            return []


def _is_required(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is ...


def _texts(value: Value | None) -> Iterator[str]:
    if isinstance(value, Plain) and isinstance(value.known, str):
        yield value.known
    elif isinstance(value, Items):
        for item in value.items:
            yield from _texts(item)
    elif isinstance(value, Made):  # AliasChoices("A", "B")
        for item in value.args.positional:
            yield from _texts(item)


def _option(evaluator: "Evaluator", klass: Class, name: str) -> str:
    """An option of `model_config` or of the inner class `Config`; empty where it is not given."""
    for one in attributes.lineage(evaluator, klass):
        scope = Scope(one.module, None, one, outer=one.outer)
        for statement in one.node.body:
            match statement:
                case (
                    ast.Assign(targets=[ast.Name(id="model_config")], value=value)
                    | ast.AnnAssign(target=ast.Name(id="model_config"), value=ast.expr() as value)
                ):
                    found = evaluator.evaluate(value, scope)
                    known = found.args.get(name) if isinstance(found, Made) else None
                    known = found.get(name) if isinstance(found, Table) else known
                    if known is not None:
                        return next(_texts(known), "")
                case ast.ClassDef(name="Config", body=body):
                    for inner in body:
                        if isinstance(inner, ast.Assign) and dotted(inner.targets[0]) == name:
                            return next(_texts(evaluator.evaluate(inner.value, scope)), "")
                case _:
                    continue
    return ""

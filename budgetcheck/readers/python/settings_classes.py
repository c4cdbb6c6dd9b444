"""Fields of settings classes: pydantic-settings, pydantic models, dataclasses, attrs, and Django's settings.

The value of a field of `BaseSettings` is that of its environment variable where something sets it, else its
default (https://docs.pydantic.dev/latest/concepts/pydantic_settings/).
"""

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from budgetcheck.model.settings import Known, OneOf
from budgetcheck.model.span import Span
from budgetcheck.readers.python import attributes, calls, names
from budgetcheck.readers.python.environment import number
from budgetcheck.readers.python.operators import applied, boolean, either
from budgetcheck.readers.python.scopes import Class, Object, Scope, Value
from budgetcheck.readers.python.values import Items, Made, Named, Plain, Table, unresolved

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_SETTINGS = ("BaseSettings",)
_MODELS = ("BaseModel", "SQLModel")
_DATACLASSES = ("dataclass", "define", "frozen", "attrs", "s", "mutable")
_FIELDS = ("Field", "field", "ib", "attrib")
_NUMBERS = frozenset({"int", "float", "PositiveInt", "NonNegativeInt", "PositiveFloat", "NonNegativeFloat"})


def field(evaluator: "Evaluator", owner: Object, name: str) -> Value | None:
    """A field of a settings class, model or dataclass; None where the class is none or has no such field."""
    kind = _kind(evaluator, owner.klass)
    if not kind:
        return None
    given = dict(owner.given)
    for klass in attributes.lineage(evaluator, owner.klass):
        for statement in klass.node.body:
            if _names(statement) == name and isinstance(statement, ast.AnnAssign):
                if name in given:
                    return given[name]
                return _field(evaluator, statement, klass, owner, kind)
    return None


def field_names(evaluator: "Evaluator", klass: Class) -> tuple[str, ...]:
    """The fields of a dataclass in the order of its constructor."""
    found: list[str] = []
    for one in reversed(list(attributes.lineage(evaluator, klass))):
        found += [name for statement in one.node.body if (name := _names(statement))]
    return tuple(dict.fromkeys(found))


def _names(statement: ast.stmt) -> str:
    """The field that a statement of a class declares; empty for other statements."""
    declares = isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    return statement.target.id if declares else ""  # type: ignore[union-attr]


def _kind(evaluator: "Evaluator", klass: Class) -> str:
    """`settings`, `model` or `dataclass`; empty for an ordinary class."""
    for one in attributes.lineage(evaluator, klass):
        for base in one.node.bases:
            name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
            if name in _SETTINGS:
                return "settings"
            if name in _MODELS or name == "NamedTuple":
                return "model"
        for decorator in one.node.decorator_list:
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
            if name in _DATACLASSES:
                return "dataclass"
    return ""


def _field(
    evaluator: "Evaluator", statement: ast.AnnAssign, klass: Class, owner: Object, kind: str
) -> Value | None:
    scope = Scope(klass.module, None, klass, owner)
    span = evaluator.span(statement, scope)
    default, aliases = _default(evaluator, statement.value, scope)
    assert isinstance(statement.target, ast.Name)
    inner = (
        None if statement.value is not None and default is not None else _nested(evaluator, statement, klass)
    )
    if inner is not None:
        return inner
    if kind != "settings":
        return default if default is not None else calls.annotated(evaluator, statement.annotation, scope)
    variables = aliases or (f"{_prefix(evaluator, klass)}{statement.target.id}",)
    return _variable(evaluator, variables, default, ast.unparse(statement.annotation), span)


def _nested(evaluator: "Evaluator", statement: ast.AnnAssign, klass: Class) -> Value | None:
    """A model inside a model."""
    found = calls.annotated(evaluator, statement.annotation, Scope(klass.module))
    return found if isinstance(found, Object) else None


def _variable(
    evaluator: "Evaluator", names_: tuple[str, ...], default: Value | None, annotation: str, span: Span
) -> Value | None:
    """The variable under any of its names, which pydantic looks up in any case."""
    for name in names_:
        for written in dict.fromkeys((name.upper(), name, name.lower())):
            found = evaluator.environment.value(written, None, span)
            if isinstance(found.value, Known | OneOf):
                return converted(found, _number_kind(annotation), span)
    if default is not None:
        return default
    return evaluator.environment.value(names_[0].upper(), None, span)


def _number_kind(annotation: str) -> str:
    words = set(annotation.replace("[", " ").replace("]", " ").replace("|", " ").replace(",", " ").split())
    if words & _NUMBERS:
        return "float" if "float" in words or "PositiveFloat" in words else "int"
    return "bool" if "bool" in words else ""


def _default(
    evaluator: "Evaluator", value: ast.expr | None, scope: Scope
) -> tuple[Value | None, tuple[str, ...]]:
    """The default of a field, and the names of its variable where they are stated."""
    if value is None:
        return None, ()
    if not isinstance(value, ast.Call):
        return evaluator.evaluate(value, scope), ()
    func = value.func
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    if name not in _FIELDS:
        return evaluator.evaluate(value, scope), ()
    given = {keyword.arg: keyword.value for keyword in value.keywords if keyword.arg}
    aliases = tuple(
        text
        for key in ("validation_alias", "alias", "env")
        if key in given
        for text in _texts(evaluator.evaluate(given[key], scope))
    )
    if "default" in given:
        return evaluator.evaluate(given["default"], scope), aliases
    if "default_factory" in given or "factory" in given:
        factory = given.get("default_factory", given.get("factory"))
        made = ast.copy_location(ast.Call(func=factory, args=[], keywords=[]), value)
        return evaluator.evaluate(made, scope), aliases
    if value.args:
        first = value.args[0]
        required = isinstance(first, ast.Constant) and first.value is ...
        return None if required else evaluator.evaluate(first, scope), aliases
    return None, aliases


def _texts(value: Value | None) -> Iterator[str]:
    if isinstance(value, Plain) and isinstance(value.known, str):
        yield value.known
    elif isinstance(value, Items):
        for item in value.items:
            yield from _texts(item)
    elif isinstance(value, Made):  # AliasChoices("A", "B")
        for item in value.args.positional:
            yield from _texts(item)


def _prefix(evaluator: "Evaluator", klass: Class) -> str:
    """`env_prefix` of `model_config` or of the inner class Config."""
    scope = Scope(klass.module, None, klass)
    for one in attributes.lineage(evaluator, klass):
        for statement in one.node.body:
            if isinstance(statement, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == "model_config" for target in statement.targets
            ):
                found = _prefix_in(evaluator.evaluate(statement.value, scope))
                if found is not None:
                    return found
            if isinstance(statement, ast.ClassDef) and statement.name == "Config":
                for inner in statement.body:
                    if isinstance(inner, ast.Assign) and ast.unparse(inner.targets[0]) == "env_prefix":
                        return next(_texts(evaluator.evaluate(inner.value, scope)), "")
    return ""


def _prefix_in(config: Value | None) -> str | None:
    prefix: object = None
    if isinstance(config, Made):
        prefix = config.args.get("env_prefix")
    elif isinstance(config, Table):
        prefix = config.get("env_prefix")
    return prefix.known if isinstance(prefix, Plain) and isinstance(prefix.known, str) else None


def converted(found: Plain, kind: str, span: Span) -> Plain:
    """The text of a variable as the type it is converted to."""
    if kind == "bool":
        return applied(lambda text: boolean(text) if isinstance(text, str) else bool(text), (found,), span)
    if kind in ("int", "float", "timedelta"):
        return applied(_as_number(kind), (found,), span)
    return found


def _as_number(kind: str) -> Callable[[object], object]:
    def convert(text: object) -> object:
        if not isinstance(text, str):
            return text
        value = number(text)
        if value is None:
            raise ValueError
        return int(value) if kind == "int" else value

    return convert


def django_setting(evaluator: "Evaluator", name: str) -> Value | None:
    """A name of the project's settings modules; several that disagree are several possible values."""
    found = []
    for file in evaluator.project.settings_modules():
        module = evaluator.project.module(file)
        value = names.of_module(evaluator, name, module) if module else None
        if value is not None:
            found.append(value)
    if not found:
        return None
    plain = [value for value in found if isinstance(value, Plain | Items | Table | Named | Made)]
    if len(plain) == len(found):
        merged = either(plain, "it differs between settings modules", plain[0].spans[0])
        return merged if merged is not None else unresolved("it differs between settings modules")
    return found[0]

"""Settings of Django that are attributes of a class.

A class method puts them into the module that calls it with its own name, as Read the Docs does, or
django-configurations takes the class that `DJANGO_CONFIGURATION` names.
https://django-configurations.readthedocs.io/en/stable/
"""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from budgetcheck.readers.python import attributes
from budgetcheck.readers.python.modules import Module, is_test
from budgetcheck.readers.python.scopes import Class, Scope, Value
from budgetcheck.readers.python.values import Plain

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_CONFIGURATION = "DJANGO_CONFIGURATION"


def classes_of(evaluator: "Evaluator", module: Module) -> tuple[Class, ...]:
    """The classes whose attributes are settings of a module."""

    def found() -> tuple[Class, ...]:
        return (*_put_in(evaluator, module), *_configurations(evaluator, module))

    return evaluator.once(("class settings", module), found) or ()


def names_in(evaluator: "Evaluator", klass: Class) -> set[str]:
    """The attributes of a class and its bases that can be settings."""
    bodies = (evaluator.body(one.node).names for one in attributes.lineage(evaluator, klass))
    return {name for body in bodies for name in body if name.isupper()}


def value_in(evaluator: "Evaluator", klass: Class, name: str) -> Value | None:
    """The value of such an attribute; None where the class has none of that name."""
    return attributes.member(evaluator, klass, name) if name in names_in(evaluator, klass) else None


def _put_in(evaluator: "Evaluator", module: Module) -> Iterator[Class]:
    """`ProductionSettings.load_settings(__name__)`, where that method sets attributes of what it is given."""
    for statement in module.tree.body:
        match statement:
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=owner, attr=name), args=[ast.Name(id="__name__")])
            ):
                found = evaluator.evaluate(owner, Scope(module))
                if isinstance(found, Class) and _sets_attributes(evaluator, found, name):
                    yield found
            case _:
                pass


def _sets_attributes(evaluator: "Evaluator", klass: Class, name: str) -> bool:
    methods = (attributes.method_of(one, name) for one in attributes.lineage(evaluator, klass))
    method = next((one for one in methods if one is not None), None)
    return method is not None and any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr"
        for node in ast.walk(method)
    )


def _configurations(evaluator: "Evaluator", module: Module) -> Iterator[Class]:
    """The classes of django-configurations that something starts the application with."""
    if "configurations" not in module.text:
        return
    for name in _chosen(evaluator):
        found = evaluator.evaluate(ast.Name(id=name, ctx=ast.Load()), Scope(module))
        if isinstance(found, Class):
            yield found


def _chosen(evaluator: "Evaluator") -> tuple[str, ...]:
    return evaluator.once(("django configuration",), lambda: tuple(dict.fromkeys(_named(evaluator)))) or ()


def _named(evaluator: "Evaluator") -> Iterator[str]:
    """What containers set goes before what code says if nothing does; servers before `manage.py`."""
    files = evaluator.project.mentioning((_CONFIGURATION,))
    users = [one for file in files if not is_test(file.name) and (one := evaluator.project.module(file.name))]
    said = [name for user in users for name in _in_environment(evaluator, user)]
    if said:
        yield from said
        return
    defaults = [(user, name) for user in users for name in _by_default(evaluator, user)]
    serving = [name for user, name in defaults if not user.name.endswith("manage.py")]
    yield from serving or [name for _, name in defaults]


def _in_environment(evaluator: "Evaluator", user: Module) -> Iterator[str]:
    text = evaluator.environment.look_up(_CONFIGURATION, evaluator.project.path(user.name))
    if text is not None and not text.unset and not text.where_set:
        yield from (choice.strip() for choice in text.choices)


def _by_default(evaluator: "Evaluator", module: Module) -> Iterator[str]:
    """`os.environ.setdefault("DJANGO_CONFIGURATION", "Production")`."""
    for call, scope in evaluator.sites(module).calls.get("setdefault", ()):
        values = [evaluator.evaluate(argument, scope) for argument in call.args]
        known = [one.known for one in values if isinstance(one, Plain)]
        if len(known) == 2 and known[0] == _CONFIGURATION and isinstance(known[1], str):
            yield known[1]

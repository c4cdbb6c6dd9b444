"""What is known of an object by the places that make it."""

from typing import TYPE_CHECKING

from budgetcheck.readers.python import calls
from budgetcheck.readers.python.modules import is_test
from budgetcheck.readers.python.scopes import Class, Given, Object, Scope, Value

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_MOST_FILES = 40
_MOST_PLACES = 12
_SEVERAL = "objects of this class are made with different values"


def constructed(evaluator: "Evaluator", scope: Scope, name: str) -> Value | None:
    """A parameter of `__init__`, of an object of which only the class is known: as all that make one say."""
    is_init = getattr(scope.function, "name", "") == "__init__"
    if not is_init or not isinstance(scope.me, Object) or scope.me.made:
        return None
    places = constructions(evaluator, scope.me.klass)
    values = [dict(given).get(name) for given in places]
    if not values or any(value is None for value in values):
        return None
    return evaluator.merged(values, _SEVERAL, evaluator.span(scope.me.klass.node, scope))


def constructions(evaluator: "Evaluator", klass: Class) -> tuple[Given, ...]:
    """The arguments of every call that makes an object of a class; nothing where there are too many."""
    return evaluator.once(("constructions", klass), lambda: _constructions(evaluator, klass)) or ()


def _constructions(evaluator: "Evaluator", klass: Class) -> tuple[Given, ...]:
    name = klass.node.name
    files = [file.name for file in evaluator.project.mentioning((f"{name}(",)) if not is_test(file.name)]
    found: list[Given] = []
    for file in files if len(files) <= _MOST_FILES else ():
        module = evaluator.project.module(file)
        for node, scope in evaluator.sites(module).calls.get(name, ()) if module else ():
            if evaluator.evaluate(node.func, scope) == klass:
                found.append(calls.construction(evaluator, klass, node, scope))
    return tuple(dict.fromkeys(found)) if len(found) <= _MOST_PLACES else ()

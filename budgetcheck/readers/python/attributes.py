"""What an attribute stands for: of modules, classes, objects, clients, and of what comes from outside."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from budgetcheck.readers.python import calls, names, settings_classes
from budgetcheck.readers.python.modules import Declared, Entered, Unknown
from budgetcheck.readers.python.scopes import (
    Class,
    ClientPath,
    Function,
    ModuleRef,
    Object,
    Scope,
    Value,
)
from budgetcheck.readers.python.values import Instance, Items, Made, Named, Plain, Table

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_DEEPEST_CLASS = 8
_PROPERTIES = ("property", "cached_property", "functools.cached_property", "computed_field")
_SEVERAL = "it is set in several methods"


def attribute(evaluator: "Evaluator", owner: Value | None, name: str) -> Value | None:
    """The attribute of a value; None where it is not known."""
    match owner:
        case ModuleRef(module=module):
            found = names.of_module(evaluator, name, module)
            if found is not None:
                return found
            inner = evaluator.project.within(module, name)
            return ModuleRef(inner) if inner else None
        case Named(name=outside, spans=spans):
            known = _settings_module(evaluator, outside, name)
            return known if known is not None else Named(name=f"{outside}.{name}", spans=spans)
        case Made(callee=callee, spans=spans):
            return Named(name=f"{callee}.{name}", spans=spans)
        case Instance():
            return ClientPath(owner, name)
        case ClientPath(instance=instance, path=path):
            return ClientPath(instance, f"{path}.{name}")
        case Class() | Object():
            return member(evaluator, owner, name)
        case _:
            return None


def _settings_module(evaluator: "Evaluator", outside: str, name: str) -> Value | None:
    """`django.conf.settings.X`: the project's settings modules."""
    if outside != "django.conf.settings" or not name.isupper():
        return None
    return settings_classes.django_setting(evaluator, name)


def member(evaluator: "Evaluator", owner: Class | Object, name: str) -> Value | None:
    """An attribute of a class or object: fields of settings, methods, what methods set, class variables."""
    key = (owner, name)
    if key not in evaluator.members:
        cuts = evaluator.cuts
        found = _member(evaluator, owner, name)
        if evaluator.cuts != cuts:
            return found
        evaluator.members[key] = found
    return evaluator.members[key]


def _member(evaluator: "Evaluator", owner: Class | Object, name: str) -> Value | None:
    if isinstance(owner, Object):
        field = settings_classes.field(evaluator, owner, name)
        if field is not None:
            return field
    klass = owner if isinstance(owner, Class) else owner.klass
    for one in lineage(evaluator, klass):
        found = _own_member(evaluator, one, owner, name)
        if found is not None:
            return found
    return None


def lineage(evaluator: "Evaluator", klass: Class, depth: int = 0) -> Iterator[Class]:
    """The class and its bases as far as they are the project's, nearest first."""
    yield klass
    if depth < _DEEPEST_CLASS:
        for base in klass.node.bases:
            found = evaluator.evaluate(base, Scope(klass.module))
            if isinstance(found, Class) and found != klass:
                yield from lineage(evaluator, found, depth + 1)


def _own_member(evaluator: "Evaluator", klass: Class, owner: Class | Object, name: str) -> Value | None:
    method = method_of(klass, name)
    if method is not None:
        function = Function(klass.module, method, klass, owner)
        return calls.result(evaluator, function, ()) if _is_property(method) else function
    if isinstance(owner, Object):
        found = _set_by_methods(evaluator, klass, owner, name)
        if found is not None:
            return found
    bound = evaluator.bindings(klass.node, klass.node.body).get(name)
    if not bound:
        return None
    scope = Scope(klass.module, None, klass, owner)
    values = [
        calls.annotated(evaluator, one.node.annotation, scope)
        if isinstance(one.node, Declared)
        else None
        if isinstance(one.node, Unknown)
        else evaluator.evaluate(one.node, scope)
        for one in bound
    ]
    return evaluator.merged(values, _SEVERAL, evaluator.span(klass.node, scope))


def method_of(klass: Class, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The method of that name which the class itself defines."""
    for node in klass.node.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return node
    return None


def _is_property(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(ast.unparse(decorator) in _PROPERTIES for decorator in method.decorator_list)


def _set_by_methods(evaluator: "Evaluator", klass: Class, owner: Object, name: str) -> Value | None:
    """`self.name = ...` in the methods: what `__init__` says unless that is None, else any other method."""
    first: list[Value | None] = []
    later: list[Value | None] = []
    for method in klass.node.body:
        if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for value in _assigned(evaluator, method, name):
            scope = Scope(
                klass.module, method, klass, owner, owner.given if method.name == "__init__" else ()
            )
            found = (
                calls.annotated(evaluator, value.annotation, scope)
                if isinstance(value, Declared)
                else evaluator.evaluate(value, scope)
            )
            found = evaluator.changed(found, f"self.{name}", method.body, scope)
            (first if method.name in ("__init__", "__post_init__") else later).append(found)
    span = evaluator.span(klass.node, Scope(klass.module))
    decided = evaluator.merged(first, _SEVERAL, span)
    if decided is not None and not (isinstance(decided, Plain) and decided.known is None and later):
        return decided
    return evaluator.merged([*first, *later], _SEVERAL, span)


def _assigned(
    evaluator: "Evaluator", method: ast.FunctionDef | ast.AsyncFunctionDef, name: str
) -> Iterator[ast.expr | Declared | Entered]:
    """The expressions that a method sets an attribute of its object to."""
    for target, value in evaluator.self_assignments(method):
        if target == name:
            yield value


def item(evaluator: "Evaluator", node: ast.Subscript, scope: Scope) -> Value | None:
    """`x["key"]`, `x[0]`: of dictionaries and tuples that are known, and of the environment."""
    variable = calls.environment_item(evaluator, node, scope)
    if variable is not None:
        return variable
    owner = evaluator.evaluate(node.value, scope)
    index = evaluator.evaluate(node.slice, scope)
    key = index.known if isinstance(index, Plain) else None
    if isinstance(owner, Instance):
        return ClientPath(owner, str(key or "*"))
    if isinstance(owner, ClientPath):
        return ClientPath(owner.instance, f"{owner.path}.{key or '*'}")
    if isinstance(owner, Table) and isinstance(key, str):
        return owner.get(key)
    if isinstance(owner, Items) and isinstance(key, int) and -len(owner.items) <= key < len(owner.items):
        return owner.items[key]
    return None

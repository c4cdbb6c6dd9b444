"""What a name stands for: parameters, variables of functions and modules, imports, built-ins."""

import ast
import builtins
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from budgetcheck.model.settings import Known, OneOf, Scalar
from budgetcheck.readers.python import annotations, classes
from budgetcheck.readers.python.bindings import Binding, Body, Place, Reaching, parameters
from budgetcheck.readers.python.modules import Module
from budgetcheck.readers.python.reaching import reaching
from budgetcheck.readers.python.scopes import (
    Class,
    Function,
    ModuleRef,
    Namespace,
    Object,
    Scope,
    Unset,
    Value,
    class_of,
    defined,
)
from budgetcheck.readers.python.sentinels import is_ruled_out
from budgetcheck.readers.python.stand_ins import Imported, Parameter, Unknown
from budgetcheck.readers.python.values import Instance, Items, Named, Plain, unresolved

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

__all__ = [
    "assigned_in",
    "class_of",
    "default_of",
    "defined",
    "imported",
    "in_namespace",
    "is_object",
    "look_up",
    "narrowed",
    "of_bindings",
    "of_module",
    "star_sources",
]

_BUILTINS = frozenset(dir(builtins))
_SEVERAL = "it is given a value in several places"
_MOST_STARS = 20
_GROWING = frozenset({"add", "append", "clear", "extend", "insert", "pop", "remove", "update"})
"""Methods that change which items a list or set has."""


def look_up(evaluator: "Evaluator", name: str, scope: Scope, node: ast.AST) -> Value | None:
    """The value of a name where it is used."""
    place: Place | None = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
    current: Scope | None = scope
    while current is not None:
        if current.function is not None:
            body = evaluator.body(current.function)
            element = body.element(name, place) if place is not None and current is scope else None
            if element is not None:
                return evaluator.evaluate(element, current)
            if body.borrowed.get(name) is ast.Global:
                break
            if body.borrowed.get(name) is ast.Nonlocal and name in body.names:
                return unresolved(f"{name} changes while the program runs", evaluator.span(node, scope))
            if name in body.names and name not in body.borrowed:
                return _of_body(evaluator, body, name, current, place)
            place = (current.function.lineno, current.function.col_offset)
        elif current.klass is not None and current is scope:
            body = evaluator.body(current.klass.node)
            if name in body.names:
                return _of_body(evaluator, body, name, current, place)
            place = None
        current = current.outer if current.outer is not None or current.klass is None else current.klass.outer
    at_top = scope.function is None and scope.klass is None
    found = of_module(evaluator, name, scope.module, place if at_top else None)
    if found is None and name in _BUILTINS and name not in evaluator.body(scope.module.tree).names:
        return Named(name=name, spans=())
    return found


def _of_body(
    evaluator: "Evaluator", body: Body, name: str, scope: Scope, place: Place | None
) -> Value | None:
    in_force = reaching(body, name, place, lambda test: evaluator.decided(test, scope))
    found = of_bindings(evaluator, in_force, scope)
    if isinstance(found, Instance):
        return evaluator.changed(found, body.changes.get(name, ()), scope, place)
    if isinstance(found, Items) and any(one.name in _GROWING for one in body.changes.get(name, ())):
        return unresolved("its items are not known", *found.spans)
    if isinstance(found, Plain) and place is not None and _is_only_a_sign(body, name, place, found):
        return unresolved(f"its value does not get past a test of {name}", *found.spans)
    return found


def _is_only_a_sign(body: Body, name: str, place: Place, found: Plain) -> bool:
    """A parameter's number that a test round the place keeps out: what comes through is another one."""
    bindings = body.names.get(name, [])
    value = found.value.value if isinstance(found.value, Known) else None
    if len(bindings) != 1 or not isinstance(bindings[0].node, Parameter):
        return False
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return is_ruled_out(body.statements, name, place, value)


def of_bindings(evaluator: "Evaluator", in_force: Sequence[Reaching], scope: Scope) -> Value | None:
    """One of the values that may be in force; what a test has ruled out is left out."""
    values: list[Value | None] = []
    for one in in_force:
        found = _bound(evaluator, one.binding, scope)
        kept = found if not one.given or found is None else narrowed(found, one.given)
        if kept is not None or found is None:
            values.append(kept)
    if len(values) == 1:
        return values[0]
    if not values:
        return None
    return evaluator.merged(values, _SEVERAL, evaluator.place(in_force[-1].binding.place, scope))


def _bound(evaluator: "Evaluator", binding: Binding, scope: Scope) -> Value | None:
    match binding.node:
        case Unknown():
            why = f"{binding.name} changes while the program runs"
            return unresolved(why, evaluator.place(binding.place, scope))
        case Parameter(argument=argument):
            return _parameter(evaluator, argument, scope)
        case node:
            return evaluator.evaluate(node, scope)


def narrowed(found: Value, given: str) -> Value | None:
    """A value without what a test has ruled out; None where nothing is left."""
    if isinstance(found, Unset):
        return found if given in ("none", "not true") else None
    if not isinstance(found, Plain):
        return None if given in ("none", "not true") else found
    match found.value:
        case Known(value=value):
            return found if _fits(value, given) else None
        case OneOf(values=values) as several:
            left = tuple(value for value in values if _fits(value, given))
            if len(left) < 2:
                return replace(found, value=Known(value=left[0])) if left else None
            kept = zip(values, several.cases, strict=False)
            cases = tuple(case for value, case in kept if _fits(value, given))
            return replace(found, value=replace(several, values=left, cases=cases))
        case _:
            return found


def _fits(value: Scalar, given: str) -> bool:
    match given:
        case "not none":
            return value is not None
        case "none":
            return value is None
        case "true":
            return bool(value)
        case _:
            return not value


def default_of(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str) -> ast.expr | None:
    """The default of a parameter; None where it has none."""
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    for parameter, default in zip(reversed(positional), reversed(given.defaults), strict=False):
        if parameter.arg == name:
            return default
    for parameter, optional in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        if parameter.arg == name:
            return optional
    return None


def _parameter(evaluator: "Evaluator", parameter: ast.arg, scope: Scope) -> Value | None:
    """What a function is called with: as its caller says, else what its default or type makes."""
    given = dict(scope.values)
    function = scope.function
    assert function is not None
    if parameter.arg in given:
        return given[parameter.arg]
    if scope.me is not None and parameter is _me(function):
        return scope.me
    around = Scope(scope.module, outer=scope.outer)
    default = default_of(function, parameter.arg)
    made = annotations.dependency(evaluator, parameter.annotation, default, around)
    if made is not None:
        return made
    constructed = classes.constructed(evaluator, scope, parameter.arg)
    if constructed is not None:
        return constructed
    if parameter.annotation is not None and not _gathers(function, parameter):
        typed = annotations.annotated(evaluator, parameter.annotation, around)
        if typed is not None:
            return typed
    if default is not None:
        found = evaluator.evaluate(default, around)
        if not isinstance(found, Plain):
            return found
    span = evaluator.span(parameter, scope)
    return unresolved(f"{parameter.arg} is given by the caller", span, needs="state it at the call")


def _me(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> ast.arg | None:
    if any(getattr(one, "id", "") == "staticmethod" for one in getattr(function, "decorator_list", [])):
        return None
    return next(iter(parameters(function)), None)


def _gathers(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, parameter: ast.arg) -> bool:
    return parameter in (function.args.vararg, function.args.kwarg)


def of_module(evaluator: "Evaluator", name: str, module: Module, place: Place | None = None) -> Value | None:
    """The value of a module's variable, at a place of its top level or when all of it has run.

    A function may set it too (`global`); a package has its submodules.
    """
    body = evaluator.body(module.tree)
    if place is not None and len(body.names.get(name, ())) < 2:
        place = None
    key = ("module", module, name, place)
    return evaluator.once(key, lambda: _of_module(evaluator, name, module, body, place))


def _of_module(
    evaluator: "Evaluator", name: str, module: Module, body: Body, place: Place | None
) -> Value | None:
    scope = Scope(module)
    if name in body.names:
        found = _of_body(evaluator, body, name, scope, place)
        later = _set_by_functions(evaluator, name, module) if place is None else []
        if later:
            return evaluator.merged(
                [found, *later], _SEVERAL, evaluator.place(body.names[name][0].place, scope)
            )
        return found
    for statement in reversed(body.stars[-_MOST_STARS:]):
        source = _source(evaluator, statement, module)
        known = of_module(evaluator, name, source) if source and not name.startswith("_") else None
        if known is not None:
            return known
    later = _set_by_functions(evaluator, name, module)
    if later:
        return evaluator.merged(later, _SEVERAL, evaluator.place((1, 0), scope))
    inner = evaluator.project.within(module, name)
    return ModuleRef(inner) if inner else None


def _set_by_functions(evaluator: "Evaluator", name: str, module: Module) -> list[Value | None]:
    values: list[Value | None] = []
    if "global " not in module.text:
        return values
    for function in evaluator.sites(module).borrowers.get(name, ()):
        body = evaluator.body(function)
        inside = Scope(module, function)
        values += [
            None if isinstance(one.node, Unknown) else evaluator.evaluate(one.node, inside)
            for one in body.names.get(name, ())
        ]
        if any(isinstance(one.node, Unknown) for one in body.names.get(name, ())):
            values.append(
                unresolved(f"{name} changes while the program runs", evaluator.span(function, inside))
            )
    return values


def assigned_in(
    evaluator: "Evaluator", name: str, module: Module, depth: int = 0
) -> tuple[ast.expr, Scope] | None:
    """The expression that a module's variable is given, also where the module imports the name."""
    for one in evaluator.body(module.tree).names.get(name, ()):
        if isinstance(one.node, Imported) and isinstance(one.node.statement, ast.ImportFrom) and depth < 6:
            source = _source(evaluator, one.node.statement, module)
            if source is not None and source is not module:
                return assigned_in(evaluator, one.node.alias.name, source, depth + 1)
        elif isinstance(one.node, ast.expr):
            return one.node, Scope(module)
    return None


def _source(evaluator: "Evaluator", statement: ast.ImportFrom, module: Module) -> Module | None:
    if statement.level:
        return evaluator.project.relative(statement.module or "", statement.level, module)
    if evaluator.is_outside(statement.module or ""):
        return None
    return evaluator.project.find(statement.module or "", module)


def imported(evaluator: "Evaluator", node: Imported, module: Module) -> Value | None:
    """What an import gives a name: a module or a name of the project, or something outside."""
    statement, alias = node.statement, node.alias
    if isinstance(statement, ast.Import):
        dotted = alias.name if alias.asname else alias.name.partition(".")[0]
        return _module(evaluator, dotted, alias.name, module)
    base = statement.module or ""
    source = _source(evaluator, statement, module)
    if source is not None:
        found = of_module(evaluator, alias.name, source)
        if found is not None:
            return found
    full = f"{base}.{alias.name}" if base else alias.name
    if statement.level:
        inner = evaluator.project.relative(full, statement.level, module)
    else:
        inner = None if evaluator.is_outside(base) else evaluator.project.find(full, module)
    if inner is not None:
        return ModuleRef(inner)
    if statement.level or source is not None:
        return None
    return Named(name=full, spans=())


def _module(evaluator: "Evaluator", dotted: str, full: str, module: Module) -> Value:
    """What `import full` binds; `dotted` is the part of it that is bound."""
    if evaluator.is_outside(dotted):
        return Named(name=dotted, spans=())
    own = evaluator.project.find(dotted, module)
    if own is not None:
        return ModuleRef(own)
    if dotted != full and evaluator.project.find(full, module) is not None:
        return Namespace(dotted, module)
    return Named(name=dotted, spans=())


def in_namespace(evaluator: "Evaluator", namespace: Namespace, name: str) -> Value | None:
    """A module of a package that has no `__init__.py`, or a package in it."""
    dotted = f"{namespace.name}.{name}"
    found = evaluator.project.find(dotted, namespace.importer)
    if found is not None:
        return ModuleRef(found)
    return (
        Namespace(dotted, namespace.importer)
        if evaluator.project.is_folder(dotted, namespace.importer)
        else None
    )


def is_object(value: Value | None) -> bool:
    """Something that can be called or has attributes that are followed."""
    return isinstance(value, Object | Instance | Function | Class)


def star_sources(evaluator: "Evaluator", module: Module) -> list[Module]:
    """The project's modules that a module takes all names from."""
    found = [_source(evaluator, statement, module) for statement in evaluator.body(module.tree).stars]
    return [source for source in found if source is not None]

"""What a name stands for: parameters, variables of functions and modules, imports, built-ins."""

import ast
import builtins
from collections.abc import Sequence
from typing import TYPE_CHECKING

from budgetcheck.model.span import Span
from budgetcheck.readers.python import calls
from budgetcheck.readers.python.modules import (
    Binding,
    Declared,
    Entered,
    Imported,
    Module,
    Part,
    Unknown,
)
from budgetcheck.readers.python.scopes import Class, Function, ModuleRef, Scope, Value
from budgetcheck.readers.python.values import Named, Plain, unresolved

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

__all__ = ["Declared", "Entered", "Imported", "Part"]

_BUILTINS = frozenset(dir(builtins))
_SEVERAL = "it is given a value in several places"


def look_up(evaluator: "Evaluator", name: str, scope: Scope, node: ast.AST) -> Value | None:
    """The value of a name where it is used."""
    line = getattr(node, "lineno", 0)
    current: Scope | None = scope
    while current is not None:
        given = dict(current.values)
        if name in given:
            return given[name]
        if name in ("self", "cls") and current.me is not None:
            return current.me
        if current.function is not None:
            found = _in_function(evaluator, name, current, line if current is scope else 0)
            if found is not _NOTHING:
                return found  # type: ignore[return-value]
        elif current.klass is not None and current is scope:
            bound = evaluator.bindings(current.klass.node, current.klass.node.body).get(name)
            if bound:
                return _of_bindings(evaluator, bound, current)
        current = current.outer
    found = of_module(evaluator, name, scope.module)
    if found is None and name in _BUILTINS and not _bound_in_module(evaluator, name, scope.module):
        return Named(name=name, spans=())
    return found


class _Nothing:
    """The name is no variable of that function."""


_NOTHING = _Nothing()


def _in_function(evaluator: "Evaluator", name: str, scope: Scope, line: int) -> "Value | _Nothing | None":
    function = scope.function
    assert function is not None
    if not isinstance(function, ast.Lambda) and not _is_global(function, name):
        bound = evaluator.bindings(function, function.body).get(name)
        if bound:
            before = [one for one in bound if not line or one.line <= line]
            found = _of_bindings(evaluator, before or bound, scope)
            return evaluator.changed(found, name, function.body, scope)
    for parameter in _parameters(function):
        if parameter.arg == name:
            return _parameter(evaluator, parameter, function, scope)
    return _NOTHING


def _is_global(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    return any(isinstance(one, ast.Global) and name in one.names for one in function.body)


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.arg]:
    given = function.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs]


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


def _parameter(
    evaluator: "Evaluator",
    parameter: ast.arg,
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
    scope: Scope,
) -> Value | None:
    """A parameter of which no caller is known: by what its default makes, by its type, else unknown."""
    around = Scope(scope.module, outer=scope.outer)
    default = default_of(function, parameter.arg)
    made = calls.dependency(evaluator, parameter.annotation, default, around)
    if made is not None:
        return made
    if parameter.annotation is not None:
        typed = calls.annotated(evaluator, parameter.annotation, around)
        if typed is not None:
            return typed
    if default is not None:
        found = evaluator.evaluate(default, around)
        if not isinstance(found, Plain):
            return found
    span = evaluator.span(parameter, scope)
    return unresolved(f"{parameter.arg} is given by the caller", span, needs="state it at the call")


def _of_bindings(evaluator: "Evaluator", bound: Sequence[Binding], scope: Scope) -> Value | None:
    """The last sure value, or one of those that conditions choose among."""
    possible = _possible(bound)
    values: list[Value | None] = []
    for one in possible:
        if isinstance(one.node, Unknown):
            why = f"{one.name} changes while the program runs"
            values.append(unresolved(why, _place(evaluator, one, scope)))
        else:
            values.append(evaluator.evaluate(one.node, scope))
    if len(values) == 1:
        return values[0]
    return evaluator.merged(values, _SEVERAL, _place(evaluator, possible[-1], scope))


def _possible(bound: Sequence[Binding]) -> list[Binding]:
    """Bindings whose value may be the one in force: from the last unconditional one on."""
    found: list[Binding] = []
    for one in bound:
        if not one.branch:
            found = []
        found.append(one)
    imports = [one for one in found if isinstance(one.node, Imported | ast.ClassDef | ast.FunctionDef)]
    return imports[:1] if imports and len(imports) == len(found) else found


def _place(evaluator: "Evaluator", one: Binding, scope: Scope) -> Span:
    holder = ast.Pass(lineno=one.line, col_offset=0)
    return evaluator.span(holder, scope)


def _bound_in_module(evaluator: "Evaluator", name: str, module: Module) -> bool:
    return name in evaluator.bindings(module.tree, module.tree.body)


def of_module(evaluator: "Evaluator", name: str, module: Module) -> Value | None:
    """The value of a module's variable, also one that a function sets by `global`."""
    key = (module.name, name)
    if key not in evaluator.module_names:
        evaluator.module_names[key] = None  # a name that is defined by itself has no value
        evaluator.module_names[key] = _of_module(evaluator, name, module)
    return evaluator.module_names[key]


def _of_module(evaluator: "Evaluator", name: str, module: Module) -> Value | None:
    scope = Scope(module)
    bound = evaluator.bindings(module.tree, module.tree.body).get(name, [])
    found = _of_bindings(evaluator, bound, scope) if bound else None
    found = evaluator.changed(found, name, module.tree.body, scope)
    set_later = _set_by_functions(evaluator, name, module)
    if set_later:
        values = [found, *set_later]
        return evaluator.merged(values, _SEVERAL, evaluator.span(ast.Pass(lineno=1, col_offset=0), scope))
    if found is None and not bound:
        found = _from_star(evaluator, name, module)
    if found is None and not bound and module.name.endswith("__init__.py"):
        inner = evaluator.project.within(module, name)
        return ModuleRef(inner) if inner else None
    return found


def assigned_in(
    evaluator: "Evaluator", name: str, module: Module, depth: int = 0
) -> tuple[ast.expr, Scope] | None:
    """The expression that a module's variable is given, also where the module imports the name."""
    for one in evaluator.bindings(module.tree, module.tree.body).get(name, ()):
        if isinstance(one.node, Imported) and isinstance(one.node.statement, ast.ImportFrom) and depth < 6:
            source = _source(evaluator, one.node.statement, module)
            if source is not None and source is not module:
                return assigned_in(evaluator, one.node.alias.name, source, depth + 1)
        elif isinstance(one.node, ast.expr):
            return one.node, Scope(module)
    return None


def _set_by_functions(evaluator: "Evaluator", name: str, module: Module) -> list[Value | None]:
    if f"global {name}" not in module.text and f", {name}" not in module.text:
        return []
    functions = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_global(node, name)
    ]
    return [
        evaluator.evaluate(one.node, Scope(module, node))
        for node in functions
        for one in evaluator.bindings(node, node.body).get(name, ())
        if not isinstance(one.node, Unknown)
    ]


def _from_star(evaluator: "Evaluator", name: str, module: Module) -> Value | None:
    for statement in module.tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
            source = _source(evaluator, statement, module)
            found = of_module(evaluator, name, source) if source else None
            if found is not None:
                return found
    return None


def _source(evaluator: "Evaluator", statement: ast.ImportFrom, module: Module) -> Module | None:
    if statement.level:
        return evaluator.project.relative(statement.module or "", statement.level, module)
    return evaluator.project.find(statement.module or "", module)


def imported(evaluator: "Evaluator", node: Imported, module: Module) -> Value | None:
    """What an import gives a name: a module or a name of the project, or something outside."""
    statement, alias = node.statement, node.alias
    if isinstance(statement, ast.Import):
        dotted = alias.name if alias.asname else alias.name.partition(".")[0]
        own = None if evaluator.libraries_of(dotted) else evaluator.project.find(dotted, module)
        return ModuleRef(own) if own else Named(name=dotted, spans=())
    source = _source(evaluator, statement, module) if not _is_library(evaluator, statement) else None
    if source is not None:
        found = of_module(evaluator, alias.name, source)
        if found is not None:
            return found
    base = statement.module or ""
    dotted = f"{base}.{alias.name}" if base else alias.name
    if statement.level:
        inner = evaluator.project.relative(dotted, statement.level, module)
    else:
        inner = evaluator.project.find(dotted, module)
    if inner is not None and not _is_library(evaluator, statement):
        return ModuleRef(inner)
    return None if statement.level or source is not None else Named(name=f"{base}.{alias.name}", spans=())


def _is_library(evaluator: "Evaluator", statement: ast.ImportFrom) -> bool:
    return not statement.level and bool(evaluator.libraries_of(statement.module or ""))


def defined(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Value:
    """A function where it is defined."""
    if scope.function is None and scope.klass is not None:
        return Function(scope.module, node, scope.klass, scope.me)
    return Function(scope.module, node, None, None, scope if scope.function is not None else None)


def class_of(node: ast.ClassDef, scope: Scope) -> Value:
    """A class where it is defined."""
    return Class(scope.module, node)

"""Places of a module that are looked for by name: calls, and where attributes and items are set."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from budgetcheck.readers.python.bindings import assigned, dotted
from budgetcheck.readers.python.modules import Module
from budgetcheck.readers.python.scopes import Object, Scope, class_of, defined

Place = tuple[ast.AST, Scope]


@dataclass(frozen=True, slots=True)
class Stored:
    """`owner.name = node` or `owner["name"] = node`; `owner` as it is written."""

    owner: str
    node: ast.AST
    scope: Scope


@dataclass(slots=True)
class Sites:
    """What stands in one module.

    Attributes:
        calls: by the last part of what is called. `stored`: by attribute or key.
        borrowers: functions that set a variable of the module, by its name.
    """

    calls: dict[str, list[tuple[ast.Call, Scope]]] = field(default_factory=dict)
    stored: dict[str, list[Stored]] = field(default_factory=dict)
    borrowers: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] = field(default_factory=dict)


def sites_of(module: Module) -> Sites:
    """Goes through a module once."""
    found = Sites()
    for node, scope in _nodes(module):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                found.calls.setdefault(name, []).append((node, scope))
            case ast.Global(names=names) if isinstance(
                scope.function, ast.FunctionDef | ast.AsyncFunctionDef
            ):
                for name in names:
                    found.borrowers.setdefault(name, []).append(scope.function)
            case ast.stmt():
                for target, value in assigned(node):
                    _store(found, target, value, scope)
            case _:
                pass
    return found


def _store(found: Sites, target: ast.expr, value: ast.AST, scope: Scope) -> None:
    match target:
        case ast.Attribute(value=owner, attr=name):
            found.stored.setdefault(name, []).append(Stored(dotted(owner), value, scope))
        case ast.Subscript(value=owner, slice=ast.Constant(value=str(name))):
            found.stored.setdefault(name, []).append(Stored(dotted(owner), value, scope))
        case _:
            pass


def _nodes(module: Module) -> Iterator[Place]:
    stack: list[Place] = [(node, Scope(module)) for node in reversed(module.tree.body)]
    while stack:
        node, scope = stack.pop()
        yield node, scope
        body: list[ast.stmt] = []
        inner = scope
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = defined(node, scope)
            body = node.body
            inner = Scope(module, node, function.klass, function.bound, (), function.outer)
        elif isinstance(node, ast.ClassDef):
            klass = class_of(node, scope)
            body = node.body
            inner = Scope(module, None, klass, Object(klass))
        if body:
            stack.extend((one, inner) for one in reversed(body))
            skipped = set(map(id, body))
            stack.extend((one, scope) for one in ast.iter_child_nodes(node) if id(one) not in skipped)
        else:
            stack.extend((one, scope) for one in ast.iter_child_nodes(node))

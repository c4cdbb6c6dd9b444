"""What a subclass of Flask-SQLAlchemy adds to the options of its engines.

`apply_driver_hacks(app, sa_url, options)` changes the options in place:
https://flask-sqlalchemy.palletsprojects.com/en/2.x/api/#flask_sqlalchemy.SQLAlchemy.apply_driver_hacks
"""

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from budgetcheck.readers.python import attributes
from budgetcheck.readers.python.clients.sqlalchemy import HOOKED
from budgetcheck.readers.python.scopes import Object, Scope
from budgetcheck.readers.python.values import Args, PyValue, Table

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_HOOKS = frozenset({"apply_driver_hacks"})
_PACKAGE = "flask_sqlalchemy"


def understands(base: str, method: str) -> bool:
    """Overriding the method changes nothing that is not followed here."""
    return base.partition(".")[0] == _PACKAGE and method in _HOOKS


def with_hooks(evaluator: "Evaluator", owner: Object, base: str, args: Args) -> Args:
    """The arguments of a client, with what the methods of its class add to them."""
    for klass in attributes.lineage(evaluator, owner.klass):
        for name in _HOOKS:
            method = attributes.method_of(klass, name) if understands(base, name) else None
            if method is not None:
                scope = Scope(klass.module, method, klass, owner, (), klass.outer)
                table = _Options(evaluator, method, scope).read()
                return replace(args, keywords=(*args.keywords, (HOOKED, table)))
    return args


class _Options:
    """The options as the statements of the method change them, one after the other."""

    def __init__(
        self, evaluator: "Evaluator", method: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope
    ) -> None:
        self._evaluator = evaluator
        self._method = method
        self._scope = scope
        self._name = method.args.args[-1].arg if method.args.args else "options"
        self._span = evaluator.span(method, scope)
        self._table = Table(entries=(), spans=(self._span,))

    def read(self) -> Table:
        """What is certainly in them; open where something else may be."""
        for statement in self._method.body:
            if not self._understood(statement) and self._mentions(statement):
                return replace(self._table, open=True)
        return self._table

    def _understood(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Assign(
                targets=[ast.Subscript(value=owner, slice=ast.Constant(value=str(key)))], value=value
            ):
                return self._set(self._path(owner), key, value)
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=owner, attr="setdefault"),
                    args=[ast.Constant(value=str(key)), value],
                )
            ):
                return self._set(self._path(owner), key, value, keep=True)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Call(), attr=name))):
                return name in _HOOKS  # `super().apply_driver_hacks(app, url, options)`
            case ast.Return(value=ast.Name() | ast.Call() | None):
                return True
            case _:
                return False

    def _path(self, owner: ast.expr) -> tuple[str, ...] | None:
        """The keys that lead to a table: none for the options themselves; None for anything else."""
        match owner:
            case ast.Name(id=self._name):
                return ()
            case ast.Subscript(value=ast.Name(id=self._name), slice=ast.Constant(value=str(key))):
                return (key,)
            case _:
                return None

    def _set(self, path: tuple[str, ...] | None, key: str, node: ast.expr, *, keep: bool = False) -> bool:
        if path is None:
            return False
        value = self._evaluator.plain(node, self._scope)
        if path:
            inner = self._table.get(path[0])
            if not isinstance(inner, Table):
                return False
            self._table = _with(self._table, path[0], _with(inner, key, value))
        elif not (keep and self._table.get(key) is not None):
            self._table = _with(self._table, key, value)
        return True

    def _mentions(self, statement: ast.stmt) -> bool:
        return any(isinstance(node, ast.Name) and node.id == self._name for node in ast.walk(statement))


def _with(table: Table, key: str, value: PyValue) -> Table:
    return replace(table, entries=tuple((dict(table.entries) | {key: value}).items()))

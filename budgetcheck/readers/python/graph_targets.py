"""Where the nodes of a graph may go: by the mapping of a decision, by what its function returns, by commands.

A target that is not written down makes the whole decision one that only the program knows.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from budgetcheck.model.settings import Known, OneOf
from budgetcheck.readers.python.evaluation import walk_body
from budgetcheck.readers.python.graph_shape import END, START, Branch
from budgetcheck.readers.python.graph_source import Place, Sources
from budgetcheck.readers.python.scopes import Function, Partial, Scope
from budgetcheck.readers.python.values import Named, Plain

UNKNOWN = Branch(known=False)
_LITERALS = frozenset({"Literal", "typing.Literal", "typing_extensions.Literal"})
_SEVERAL = frozenset({"list", "List", "Sequence", "tuple", "Tuple", "set", "Iterable"})
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class _Found:
    """Targets of one expression. `together`: all of them at the same time; `whole`: there are no others."""

    targets: tuple[str, ...] = ()
    together: bool = False
    whole: bool = True


_NOTHING_KNOWN = _Found(whole=False)


@dataclass(slots=True)
class Targets:
    """Reads targets in one project."""

    sources: Sources

    def decision(self, path: ast.expr | None, path_map: ast.expr | None, scope: Scope) -> Branch:
        """Where `add_conditional_edges(source, path, path_map)` leads."""
        mapped = None if path_map is None else self._mapped(path_map, scope)
        if mapped is not None:
            found = self._by_function(path, scope)
            return Branch(targets=mapped, together=found.together)
        if self.sources.name(path, scope).endswith(".tools_condition") if path is not None else False:
            return Branch(targets=("tools", END))
        return _branch(self._by_function(path, scope))

    def commands(self, action: ast.expr, scope: Scope) -> Branch | None:
        """Where a node goes by the `Command(goto=...)` it returns; None where it returns none."""
        function = self._function(action, scope)
        if function is None or isinstance(function.node, ast.Lambda):
            return None
        inside = Scope(function.module, function.node, function.klass, function.bound, (), function.outer)
        found = [
            self._expression(keyword.value, inside, 0)
            for node in walk_body(function.node.body)
            if isinstance(node, ast.Call) and self._is(node.func, inside, "Command")
            for keyword in node.keywords
            if keyword.arg == "goto" and not _to_parent(node)
        ]
        if not found:
            return None
        if function.node.returns is not None:
            declared = self._annotation(function.node.returns, inside)
            if declared.targets:
                return _branch(declared)
        # Not every return needs to be a command: without one the node's own edges are taken.
        return _branch(_merged(found))

    def node_name(self, node: ast.expr, scope: Scope) -> str | None:
        """The name of a node as an expression gives it; None where that is not known."""
        found = self.sources.evaluator.evaluate(node, scope)
        if isinstance(found, Plain) and isinstance(found.known, str):
            return found.known
        if isinstance(found, Named):
            last = found.name.rpartition(".")[2]
            return {"END": END, "START": START}.get(last)
        return None

    def _mapped(self, path_map: ast.expr, scope: Scope) -> tuple[str, ...] | None:
        place = self.sources.made_at(path_map, scope)
        if place is None:
            return None
        match place.node:
            case ast.Dict(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
                found = [self.node_name(value, place.scope) for value in values]
            case _:
                return None
        known = tuple(dict.fromkeys(name for name in found if name is not None))
        return known if len(known) == len(set(found)) else None

    def _function(self, node: ast.expr, scope: Scope) -> Function | None:
        found = self.sources.evaluator.evaluate(node, scope)
        return (
            found.function if isinstance(found, Partial) else found if isinstance(found, Function) else None
        )

    def _by_function(self, path: ast.expr | None, scope: Scope) -> _Found:
        function = None if path is None else self._function(path, scope)
        if function is None:
            return _NOTHING_KNOWN
        inside = Scope(function.module, function.node, function.klass, function.bound, (), function.outer)
        if isinstance(function.node, ast.Lambda):
            return self._expression(function.node.body, inside, 0)
        if function.node.returns is not None:
            declared = self._annotation(function.node.returns, inside)
            if declared.targets and declared.whole:
                return declared
        returned = [
            self._expression(node.value, inside, 0)
            for node in walk_body(function.node.body)
            if isinstance(node, ast.Return) and node.value is not None
        ]
        return _merged(returned) if returned else _NOTHING_KNOWN

    def _expression(self, node: ast.expr, scope: Scope, depth: int) -> _Found:
        """Targets that an expression may give."""
        if depth > _DEEPEST:
            return _NOTHING_KNOWN
        match node:
            case ast.IfExp(body=body, orelse=orelse):
                return _merged(self._expression(one, scope, depth + 1) for one in (body, orelse))
            case ast.List(elts=[]):
                return _Found((END,), together=True)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return _at_once(_merged(self._expression(one, scope, depth + 1) for one in elements))
            case ast.ListComp(elt=element):
                return _at_once(self._expression(element, scope, depth + 1))
            case ast.Call(args=[first, *_]) if self._is(node.func, scope, "Send"):
                return _at_once(self._expression(first, scope, depth + 1))
            case ast.Subscript(value=ast.Dict(values=values)):
                return _merged(self._expression(one, scope, depth + 1) for one in values)
            case ast.Name() if self._bound(node, scope):
                return _merged(self._expression(one, scope, depth + 1) for one in self._bound(node, scope))
            case _:
                return self._value(node, scope)

    def _value(self, node: ast.expr, scope: Scope) -> _Found:
        name = self.node_name(node, scope)
        if name is not None:
            return _Found((name,))
        found = self.sources.evaluator.evaluate(node, scope)
        if isinstance(found, Plain) and isinstance(found.value, OneOf):
            values = found.value.values
            targets = tuple(value for value in values if isinstance(value, str))
            return _Found(targets, whole=len(targets) == len(values))
        if isinstance(found, Plain) and isinstance(found.value, Known) and found.known is None:
            return _Found((END,))
        return _NOTHING_KNOWN

    def _bound(self, node: ast.Name, scope: Scope) -> list[ast.expr]:
        """All that a local variable is set to, what is appended to it included."""
        function = scope.function
        if function is None or isinstance(function, ast.Lambda):
            return []
        found = [
            one.node
            for one in self.sources.evaluator.bindings(function, function.body).get(node.id, ())
            if isinstance(one.node, ast.expr)
        ]
        for inner in walk_body(function.body) if found else ():
            match inner:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[added]):
                    found += [ast.List(elts=[added])] if name == node.id else []
                case _:
                    pass
        return found

    def _annotation(self, node: ast.expr, scope: Scope) -> _Found:
        """The names in `Literal["a", "b"]`, also inside `list[...]`, `Command[...]` and unions."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return _NOTHING_KNOWN
        match node:
            case ast.BinOp(left=left, right=right):
                return _merged(self._annotation(one, scope) for one in (left, right) if not _plain_type(one))
            case ast.Subscript(value=value, slice=inner):
                kind = ast.unparse(value)
                parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                if kind in _LITERALS:
                    return _merged(self._value(one, scope) for one in parts)
                if kind.rpartition(".")[2] in _SEVERAL:
                    return _at_once(_merged(self._annotation(one, scope) for one in parts))
                return _merged(self._annotation(one, scope) for one in parts if not _plain_type(one))
            case ast.Name() | ast.Attribute():
                alias = self.sources.made_at(node, scope)
                if alias is not None and isinstance(alias.node, ast.Subscript):
                    return self._annotation(alias.node, alias.scope)
            case _:
                pass
        return _NOTHING_KNOWN

    def _is(self, func: ast.expr, scope: Scope, name: str) -> bool:
        return self.sources.name(func, scope).startswith("langgraph.") and (
            self.sources.name(func, scope).rpartition(".")[2] == name
        )


def display(sources: Sources, node: ast.expr, scope: Scope) -> list[Place] | None:
    """The elements of a list that an expression stands for, where each is written down; else None."""
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            found: list[Place] = []
            for element in elements:
                inner = (
                    display(sources, element.value, scope)
                    if isinstance(element, ast.Starred)
                    else [Place(element, scope)]
                )
                if inner is None:
                    return None
                found += inner
            return found
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            both = [display(sources, one, scope) for one in (left, right)]
            return None if None in both else [place for places in both if places for place in places]
        case _:
            place = sources.made_at(node, scope)
            if place is None or place.node is node:
                return None
            return display(sources, place.node, place.scope)


def _to_parent(command: ast.Call) -> bool:
    return any(keyword.arg == "graph" for keyword in command.keywords)


def _plain_type(node: ast.expr) -> bool:
    """A part of a union that names no target: `None`, `str`, `dict`, `Send`."""
    return isinstance(node, ast.Constant | ast.Name) and ast.unparse(node) in {
        "None",
        "dict",
        "Send",
        "State",
    }


def _merged(found: Iterable[_Found]) -> _Found:
    """One of several; without any, nothing is known."""
    several = list(found)
    if not several:
        return _NOTHING_KNOWN
    return _Found(
        tuple(dict.fromkeys(target for one in several for target in one.targets)),
        any(one.together for one in several),
        all(one.whole for one in several),
    )


def _at_once(found: _Found) -> _Found:
    return _Found(found.targets, together=True, whole=found.whole)


def _branch(found: _Found) -> Branch:
    return Branch(targets=found.targets, together=found.together) if found.whole else UNKNOWN

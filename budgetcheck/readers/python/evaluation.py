"""What an expression stands for: follows names, attributes and calls through the project's own files.

Nothing is run. What cannot be followed is None (an unknown object), or an unresolved plain value with the
reason where a number is asked for. The work is bounded: depth, steps, and no name is asked for itself again.
"""

import ast
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from budgetcheck.model.settings import Known, Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.python import annotations, attributes, calls, names, operations, variables_read
from budgetcheck.readers.python.bindings import Binding, Body, Change, FunctionNode, Place, body_of, walk_body
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.environment import Environment
from budgetcheck.readers.python.merging import merged
from budgetcheck.readers.python.modules import Module, Project
from budgetcheck.readers.python.operators import is_usual, way
from budgetcheck.readers.python.rounds import round_of, unpacked
from budgetcheck.readers.python.scopes import (
    Scope,
    Several,
    Unset,
    Value,
)
from budgetcheck.readers.python.sites import Sites, sites_of
from budgetcheck.readers.python.stand_ins import (
    Declared,
    Element,
    Entered,
    Imported,
    Parameter,
    Part,
    Unknown,
)
from budgetcheck.readers.python.texts import shown
from budgetcheck.readers.python.values import (
    Args,
    Instance,
    Items,
    Made,
    Named,
    Plain,
    PyValue,
    Table,
    unresolved,
)

__all__ = ["Evaluator", "walk_body"]

_Made = TypeVar("_Made")
_DEEPEST = 45
_MOST_STEPS = 10_000
"""Expressions looked at for one that is asked for from outside."""
_MOST_STEPS_OF_RUN = 600_000
"""The same for all of a run: more than a repository of a million lines takes."""
_NEVER = 1_000_000
_CONDITION = "it depends on a condition"


@dataclass(slots=True)
class Evaluator:
    """Evaluates expressions of one project. `libraries` describe the clients it may meet."""

    project: Project
    libraries: Sequence[Library]
    environment: Environment
    _open: dict[Hashable, int] = field(default_factory=dict)
    _results: dict[Hashable, tuple[object, bool]] = field(default_factory=dict)
    _held: dict[Hashable, tuple[object, bool, int]] = field(default_factory=dict)
    _held_for: dict[int, list[Hashable]] = field(default_factory=dict)
    _cut: dict[Hashable, tuple[object, bool, int]] = field(default_factory=dict)
    _lowest: int = _NEVER
    _is_cut: bool = False
    _steps: int = 0
    _steps_of_run: int = 0
    _spans: dict[ast.AST, Span] = field(default_factory=dict)
    _bodies: dict[ast.AST, Body] = field(default_factory=dict)
    _sites: dict[Module, Sites] = field(default_factory=dict)
    _makers: dict[str, tuple[Library, ...]] = field(default_factory=dict)
    _of_text: dict[Hashable, object] = field(default_factory=dict)
    _scopes: dict[Scope, Scope] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for library in self.libraries:
            for package in library.imports:
                self._makers[package] = (*self._makers.get(package, ()), library)

    def evaluate(self, node: ast.AST, scope: Scope) -> Value | None:
        """What an expression stands for in a scope; None where that is not known. Never raises."""
        if not self._open:
            self._steps = 0
        return unpacked(self.once((node, scope), lambda: self._value(node, scope)))

    def once(
        self, key: Hashable, make: Callable[[], _Made], again: Callable[[], _Made | None] = lambda: None
    ) -> _Made | None:
        """What `make` gives, worked out once; `again` where it needs itself; None where it is too deep.

        A result that was cut short because something outside of it is being worked out is only kept until
        that is known. One that was cut because it went too deep is kept for whoever asks from as deep.
        """
        known = self._known(key)
        if known is not None:
            self.environment.reads += known[1]
            return cast("_Made | None", known[0])
        depth = self._open.get(key)
        if depth is not None:
            self._lowest = min(self._lowest, depth)
            return again()
        if self._is_too_much():
            return None
        own = len(self._open)
        outer, self._lowest = self._lowest, _NEVER
        outer_is_cut, self._is_cut = self._is_cut, False
        before = self.environment.reads
        self._open[key] = own
        found: _Made | None
        try:
            found = make()
        except RecursionError:
            found, self._lowest = None, -1
        finally:
            del self._open[key]
        for waiting in self._held_for.pop(own, ()):
            del self._held[waiting]
        self._keep(key, found, self.environment.reads > before)
        self._lowest = min(outer, self._lowest) if self._lowest < own else outer
        self._is_cut = self._is_cut or outer_is_cut
        return found

    def same(self, scope: Scope) -> Scope:
        """The scope, or the equal one that was met before: what is the same is not compared each time."""
        return self._scopes.setdefault(scope, scope)

    def of_text(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """What the text of one file alone says, worked out once."""
        if key not in self._of_text:
            self._of_text[key] = make()
        return cast("_Made", self._of_text[key])

    def _known(self, key: Hashable) -> tuple[object, bool] | None:
        """A result that was kept, with whether it rests on the environment."""
        known = self._results.get(key)
        if known is not None:
            return known
        held = self._held.get(key) if self._held else None
        if held is not None:
            self._lowest = min(self._lowest, held[2])
            return held[:2]
        cut = self._cut.get(key)
        if cut is not None and cut[2] <= len(self._open):
            self._is_cut = True
            return cut[:2]
        return None

    def _keep(self, key: Hashable, found: object, reads: bool) -> None:
        """Keeps what was worked out, for as long as it holds."""
        own = len(self._open)
        if self._lowest < own:
            if own:
                self._held[key] = (found, reads, self._lowest)
                self._held_for.setdefault(max(self._lowest, 0), []).append(key)
        elif self._is_cut:
            self._cut[key] = (found, reads, own)
        else:
            self._results[key] = (found, reads)

    def _is_too_much(self) -> bool:
        self._steps += 1
        self._steps_of_run += 1
        if self._steps_of_run == _MOST_STEPS_OF_RUN:
            file = self.project.files[0].name if self.project.files else ""
            text = "there is too much Python code here: not all of it was followed"
            fix = "give the directories of one application at a time"
            self.project.problems.append(Problem(span=Span(file=file), text=text, fix=fix))
        if self._steps > _MOST_STEPS or self._steps_of_run >= _MOST_STEPS_OF_RUN:
            self._lowest = -1
            return True
        self._is_cut = self._is_cut or len(self._open) >= _DEEPEST
        return len(self._open) >= _DEEPEST

    def plain(self, node: ast.AST, scope: Scope) -> PyValue:
        """The same for an argument or number: what is not known is an unresolved value with its place."""
        return self.as_plain(self.evaluate(node, scope), node, scope)

    def as_plain(self, found: Value | None, node: ast.AST, scope: Scope) -> PyValue:
        """A value as it is given to something outside the project."""
        if isinstance(found, Plain | Items | Table | Named | Made):
            return found
        span = self.span(node, scope)
        if isinstance(found, Instance):
            args = found.args if found.args is not None else Args(span=found.spans[0], open=True)
            return Made(callee=found.maker, args=args, spans=(span, *found.spans), instance=found)
        return unresolved("it is not known what this expression gives", span)

    def choices(self, node: ast.AST, scope: Scope) -> tuple[Value, ...]:
        """Everything an expression may stand for; nothing where that is not known."""
        found = self.evaluate(node, scope)
        if isinstance(found, Several):
            return found.values
        return () if found is None else (found,)

    def span(self, node: ast.AST, scope: Scope) -> Span:
        """Where a node stands."""
        known = self._spans.get(node)
        if known is None:
            known = self._spans[node] = self._span(node, scope)
        return known

    def _span(self, node: ast.AST, scope: Scope) -> Span:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        text = shown(scope.module.lines, node) if isinstance(node, ast.expr | ast.stmt | ast.arg) else ""
        return Span(file=scope.module.name, line=line, column=column + 1, text=text)

    def place(self, place: Place, scope: Scope) -> Span:
        """A place of a scope's file, without text."""
        return Span(file=scope.module.name, line=place[0], column=max(place[1], 0) + 1)

    def body(self, owner: ast.Module | ast.ClassDef | FunctionNode) -> Body:
        """Where names get values in a body, worked out once."""
        if owner not in self._bodies:
            self._bodies[owner] = body_of(owner)
        return self._bodies[owner]

    def bindings(self, owner: FunctionNode, _body: Sequence[ast.stmt]) -> dict[str, list[Binding]]:
        """Every place in a function that gives a name a value, parameters aside."""
        found = self.body(owner).names
        return {
            name: [one for one in bound if not isinstance(one.node, Parameter)]
            for name, bound in found.items()
        }

    def self_assignments(
        self, method: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> tuple[tuple[str, ast.AST], ...]:
        """What a method sets on its object: attribute and expression, in order."""
        return tuple(
            (name, one.node) for name, bound in self.body(method).attributes.items() for one in bound
        )

    def sites(self, module: Module) -> Sites:
        """Calls and assignments of a module by name, worked out once."""
        if module not in self._sites:
            self._sites[module] = sites_of(module)
        return self._sites[module]

    def variable(self, name: str, default: Plain | None, span: Span, scope: Scope) -> Plain:
        """What reading an environment variable gives in a file."""
        return self.environment.value(name, default, span, self.project.path(scope.module.name))

    def alias_of(self, node: ast.expr, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """The expression that a module's name for a type stands for: `ClientDep = Annotated[...]`."""
        if not isinstance(node, ast.Name):
            return None
        return names.assigned_in(self, node.id, scope.module)

    def arguments(self, call: ast.Call, scope: Scope) -> Args:
        """The arguments of a call; `*x` and `**x` are unpacked where they are known."""
        positional: list[PyValue] = []
        keywords: dict[str, PyValue] = {}
        is_open = False
        for argument in call.args:
            if isinstance(argument, ast.Starred):
                whole = self.evaluate(argument.value, scope)
                is_open = is_open or not isinstance(whole, Items)
                positional += whole.items if isinstance(whole, Items) else ()
            elif not is_open:
                positional.append(self.plain(argument, scope))
        for keyword in call.keywords:
            if keyword.arg is not None:
                keywords[keyword.arg] = self.plain(keyword.value, scope)
                continue
            table = self.evaluate(keyword.value, scope)
            is_open = is_open or not isinstance(table, Table) or table.open
            keywords |= dict(table.entries) if isinstance(table, Table) else {}
        return Args(
            positional=tuple(positional),
            keywords=tuple(keywords.items()),
            open=is_open,
            span=self.span(call, scope),
        )

    def with_arguments(self, made: Instance, args: Args) -> Instance:
        """A client that remembers what it was made with, for code that gives it to another."""
        return replace(made, args=args) if made.args is None else made

    def changed(
        self, made: Instance, changes: Sequence[Change], scope: Scope, place: Place | None
    ) -> Instance:
        """A client after what changes it before a place: `session.mount(...)`, `client.timeout = 5`."""
        libraries = [one for one in self.libraries if one.name == made.library and one.changes]
        for library in libraries:
            for change in changes:
                if change.name in library.changes and (place is None or change.since <= place):
                    found = library.call(made, change.name, self._changing(change, scope))
                    made = found if isinstance(found, Instance) else made
        return made

    def _changing(self, change: Change, scope: Scope) -> Args:
        if isinstance(change.node, ast.Call) and not change.name.endswith("="):
            return self.arguments(change.node, scope)
        return Args(positional=(self.plain(change.node, scope),), span=self.span(change.node, scope))

    def is_outside(self, dotted: str) -> bool:
        """The name is that of a client library."""
        return bool(self.libraries_of(dotted))

    def libraries_of(self, full_name: str) -> tuple[Library, ...]:
        """The libraries whose package a full name begins with."""
        parts = full_name.split(".")
        found: tuple[Library, ...] = ()
        for end in range(len(parts), 0, -1):
            found += self._makers.get(".".join(parts[:end]), ())
        return tuple(dict.fromkeys(found))

    def merged(self, found: Sequence[Value | None], reason: str, span: Span | None) -> Value | None:
        """One of several values. Where some are objects, what is no object is left out."""
        return merged(found, reason, span)

    def decided(self, test: ast.expr, scope: Scope) -> bool | None:
        """How a condition comes out; None where that is not known, or may be set from outside.

        A variable that nothing sets is not there, as for `os.getenv("X") or 30`.
        """
        variable = variables_read.asked_for(self, test, scope)
        if variable is not None:
            return variables_read.is_absence(test) if isinstance(variable, Unset) else None
        before = self.environment.reads
        found = self.truth(test, scope)
        if self.environment.reads == before:
            return found
        subject = test
        while isinstance(subject, ast.UnaryOp | ast.Compare):
            subject = subject.operand if isinstance(subject, ast.UnaryOp) else subject.left
        return found if isinstance(self.evaluate(subject, scope), Unset) else None

    def truth(self, test: ast.expr, scope: Scope) -> bool | None:
        """How a simple condition comes out: of a name or attribute, or whether it is None."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.truth(operand, scope)
                return None if inner is None else not inner
            case ast.Compare(
                left=left, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]
            ):
                found = self.evaluate(left, scope)
                is_none = operations.is_none(found)
                return None if is_none is None else is_none is isinstance(op, ast.Is)
            case ast.Name() | ast.Attribute() | ast.Constant():
                return operations.truth_of(self.evaluate(test, scope))
            case _:
                return None

    def _value(self, node: ast.AST, scope: Scope) -> Value | None:
        match node:
            case ast.Constant(value=value):
                return self._constant(value, node, scope)
            case ast.Name(id=name):
                return self._used(names.look_up(self, name, scope, node), node, scope)
            case ast.Attribute():
                return self._used(attributes.attribute(self, node, scope), node, scope)
            case ast.Call():
                return self._used(calls.call(self, node, scope), node, scope)
            case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
                return operations.items(self, elements, node, scope)
            case ast.ListComp(elt=element, generators=[ast.comprehension(ifs=[], is_async=0) as one]):
                return operations.listed(self, element, one.iter, node, scope)
            case ast.Dict():
                return operations.table(self, node, scope)
            case ast.Await(value=value) | ast.NamedExpr(value=value) | ast.Starred(value=value):
                return self.evaluate(value, scope)
            case ast.Subscript():
                return self._used(attributes.item(self, node, scope), node, scope)
            case ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.IfExp() | ast.JoinedStr() | ast.Lambda():
                return operations.operation(self, node, scope)
            case _:
                return self._bound(node, scope)

    def _used(self, found: Value | None, node: ast.AST, scope: Scope) -> Value | None:
        """A value at the place where it is used: that comes first, then the way to the literal."""
        if not isinstance(found, Plain | Items | Table | Named) or (isinstance(found, Named) and found.spans):
            return found
        span = self.span(node, scope)
        return found if found.spans[:1] == (span,) else replace(found, spans=way(span, *found.spans))

    def _constant(self, value: object, node: ast.AST, scope: Scope) -> Plain:
        span = self.span(node, scope)
        if isinstance(value, int | float) and not is_usual(value):
            return unresolved("this number is beyond all measure", span)
        if value is None or isinstance(value, str | int | float):
            return Plain(value=Known(value=value), spans=(span,))
        return unresolved("this kind of constant is not followed", span)

    def _bound(self, node: ast.AST, scope: Scope) -> Value | None:
        """What stands for the value of a name where it is not an expression of its own."""
        match node:
            case Entered(expression=expression):
                return calls.entered(self, expression, scope)
            case Part(whole=whole, number=number, count=count):
                found = self.evaluate(whole, scope)
                fits = isinstance(found, Items) and len(found.items) == count
                return found.items[number] if fits and isinstance(found, Items) else None
            case Element(source=source):
                chosen = dict(scope.values).get(round_of(source))
                if chosen is not None:
                    return chosen
                found = self.evaluate(source, scope)
                items = [unpacked(item) for item in found.items] if isinstance(found, Items) else ()
                return self.merged(items, "it is one of several items", self.span(source, scope))
            case Declared(annotation=annotation):
                return annotations.annotated(self, annotation, scope)
            case Imported():
                return names.imported(self, node, scope.module)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return names.defined(node, scope)
            case ast.ClassDef():
                return names.class_of(node, scope)
            case Unknown() | Parameter() | _:
                return None

    def plain_or_object(self, node: ast.expr, scope: Scope) -> Value:
        """What an expression stands for; an unresolved value where that is not known."""
        found = self.evaluate(node, scope)
        return found if found is not None else self.as_plain(None, node, scope)

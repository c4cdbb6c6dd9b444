"""What an expression stands for: follows names, attributes and calls through the project's own files.

Nothing is run. What cannot be followed is None (an unknown object), or an unresolved plain value with the
reason where a number is asked for. The work is bounded: depth, steps, and no name is asked for itself again.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck.model.settings import Known, Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.python import attributes, calls, names
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.environment import Environment, is_unset
from budgetcheck.readers.python.modules import Binding, Declared, Entered, Module, Project, bindings_of
from budgetcheck.readers.python.operators import binary, either, name_of, truth
from budgetcheck.readers.python.scopes import Class, Function, Object, Scope, Value
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

_DEEPEST = 60
_MOST_STEPS = 3_000_000
_SHOWN = 70


@dataclass(slots=True)
class Evaluator:
    """Evaluates expressions of one project. `libraries` describe the clients it may meet."""

    project: Project
    libraries: Sequence[Library]
    environment: Environment
    _open: set[object] = field(default_factory=set)
    _steps: int = 0
    cuts: int = 0
    """How often something was cut short: what was found then may be more another time."""
    members: dict[tuple[Class | Object, str], Value | None] = field(default_factory=dict)
    _found: dict[tuple[int, Scope], tuple[Value | None, ast.AST]] = field(default_factory=dict)
    """Values by node and scope; the node is kept since an id is only good as long as its object lives."""
    _bodies: dict[int, dict[str, list[Binding]]] = field(default_factory=dict)
    _assignments: dict[int, tuple[tuple[str, ast.AST], ...]] = field(default_factory=dict)
    _kept: list[object] = field(default_factory=list)
    module_names: dict[tuple[str, str], Value | None] = field(default_factory=dict)
    _makers: dict[str, tuple[Library, ...]] = field(default_factory=dict)
    _changing: dict[str, Library] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._changing = {library.name: library for library in self.libraries if library.changes}
        for library in self.libraries:
            for package in library.imports:
                self._makers[package] = (*self._makers.get(package, ()), library)

    def evaluate(self, node: ast.AST, scope: Scope) -> Value | None:
        """What an expression stands for in a scope; None where that is not known."""
        key = (id(node), scope)
        if key in self._found:
            return self._found[key][0]
        self._steps += 1
        if key in self._open or len(self._open) >= _DEEPEST or self._steps > _MOST_STEPS:
            self.cuts += 1
            return None
        self._open.add(key)
        cuts = self.cuts
        try:
            found = self._value(node, scope)
        finally:
            self._open.discard(key)
        value = found.instance if isinstance(found, Made) and found.instance is not None else found
        if self.cuts == cuts or not self._open:  # what was cut short may be more when it is asked for itself
            self._found[key] = (value, node)
        return value

    def plain(self, node: ast.AST, scope: Scope) -> PyValue:
        """The same for an argument or number: what is not known is an unresolved value with its place."""
        found = self.evaluate(node, scope)
        if isinstance(found, Plain | Items | Table | Named | Made):
            return found if found.spans else replace(found, spans=(self.span(node, scope),))
        if isinstance(found, Instance):
            args = found.args or Args(span=found.spans[0])
            return Made(callee=found.maker, args=args, spans=found.spans, instance=found)
        return unresolved("it is not known what this expression gives", self.span(node, scope))

    def span(self, node: ast.AST, scope: Scope) -> Span:
        """Where a node stands."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        text = ""
        if isinstance(node, ast.expr):
            end = getattr(node, "end_lineno", line)
            text = _shown(scope.module, line, column, end, getattr(node, "end_col_offset", None))
        return Span(file=scope.module.name, line=line, column=column + 1, text=text)

    def bindings(self, owner: ast.AST, body: Sequence[ast.stmt]) -> dict[str, list[Binding]]:
        """Where names get values in a body, worked out once."""
        if id(owner) not in self._bodies:
            self._bodies[id(owner)] = dict(bindings_of(body))
            self._kept.append(owner)  # an id is only good as long as its object lives
        return self._bodies[id(owner)]

    def self_assignments(
        self, method: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> tuple[tuple[str, ast.AST], ...]:
        """What a method sets on its object: attribute and expression, in order."""
        if id(method) not in self._assignments:
            self._assignments[id(method)] = tuple(_self_assignments(method))
            self._kept.append(method)
        return self._assignments[id(method)]

    def alias_of(self, node: ast.expr, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """The expression that a module's name for a type stands for: `ClientDep = Annotated[...]`."""
        if not isinstance(node, ast.Name):
            return None
        return names.assigned_in(self, node.id, scope.module)

    def changed(
        self, found: Value | None, target: str, body: Sequence[ast.stmt], scope: Scope
    ) -> Value | None:
        """A client after the calls that change it in place: `session.mount(...)`."""
        if not isinstance(found, Instance) or found.library not in self._changing:
            return found
        library = self._changing[found.library]
        for node in walk_body(body):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in library.changes and ast.unparse(node.func.value) == target:
                made = library.call(found, node.func.attr, self.arguments(node, scope))
                found = made if isinstance(made, Instance) else found
        return found

    def arguments(self, call: ast.Call, scope: Scope) -> Args:
        """The arguments of a call; `*x` and `**x` are unpacked where they are known."""
        positional: list[PyValue] = []
        keywords: list[tuple[str, PyValue]] = []
        is_open = False
        for argument in call.args:
            if isinstance(argument, ast.Starred):
                whole = self.evaluate(argument.value, scope)
                is_open = is_open or not isinstance(whole, Items)
                positional += whole.items if isinstance(whole, Items) else ()
            else:
                positional.append(self.plain(argument, scope))
        for keyword in call.keywords:
            if keyword.arg is not None:
                keywords.append((keyword.arg, self.plain(keyword.value, scope)))
                continue
            table = self.evaluate(keyword.value, scope)
            known = isinstance(table, Table)
            is_open = is_open or not known or (isinstance(table, Table) and table.open)
            keywords += table.entries if isinstance(table, Table) else ()
        return Args(
            positional=tuple(positional), keywords=tuple(keywords), open=is_open, span=self.span(call, scope)
        )

    def libraries_of(self, full_name: str) -> tuple[Library, ...]:
        """The libraries whose package a full name begins with."""
        parts = full_name.split(".")
        found: tuple[Library, ...] = ()
        for end in range(len(parts), 0, -1):
            found += self._makers.get(".".join(parts[:end]), ())
        return tuple(dict.fromkeys(found))

    def merged(self, found: Sequence[Value | None], reason: str, span: Span) -> Value | None:
        """One of several values. Objects of one kind stand for all; what has no value at all is left out."""
        distinct = list(dict.fromkeys(value for value in found if value is not None))
        useful = [value for value in distinct if not _is_none(value)]
        if not useful:
            return distinct[0] if distinct else None
        plain = [value for value in distinct if isinstance(value, Plain)]
        if len(plain) == len(distinct):
            return either(plain, reason, span)
        objects = [value for value in useful if not isinstance(value, Plain)]
        first = objects[0]
        if isinstance(first, Instance):
            return _one_instance([value for value in objects if isinstance(value, Instance)], reason)
        return first

    def _value(self, node: ast.AST, scope: Scope) -> Value | None:
        match node:
            case ast.Constant(value=value):
                kept = value if isinstance(value, int | float | str | bool | None) else None
                if kept is None and value is not None:
                    return unresolved("this kind of constant is not followed", self.span(node, scope))
                return Plain(value=Known(value=kept), spans=(self.span(node, scope),))
            case ast.Name(id=name):
                return _used(names.look_up(self, name, scope, node), self.span(node, scope))
            case ast.Attribute(value=value, attr=name):
                found = attributes.attribute(self, self.evaluate(value, scope), name)
                return _used(found, self.span(node, scope))
            case ast.Call():
                return calls.call(self, node, scope)
            case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
                return self._items(elements, node, scope)
            case ast.Dict():
                return self._table(node, scope)
            case ast.Await(value=value) | ast.NamedExpr(value=value) | ast.Starred(value=value):
                return self.evaluate(value, scope)
            case ast.Subscript():
                return attributes.item(self, node, scope)
            case _:
                return self._operation(node, scope)

    def _operation(self, node: ast.AST, scope: Scope) -> Value | None:
        span = self.span(node, scope)
        match node:
            case ast.BinOp(left=left, op=symbol, right=right):
                return self._binary(self.plain(left, scope), symbol, self.plain(right, scope), span)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                zero, number = Plain(value=Known(value=0), spans=()), self.plain(operand, scope)
                return binary(ast.Sub(), zero, number, span) if isinstance(number, Plain) else None
            case ast.BoolOp(op=symbol, values=values):
                return self._either_operand(values, scope, span, wanted=isinstance(symbol, ast.Or))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                decided = self._decided(test, scope)
                if decided is not None:
                    return self.evaluate(body if decided else orelse, scope)
                both = [self.evaluate(body, scope), self.evaluate(orelse, scope)]
                return self.merged(both, "it depends on a condition", span)
            case ast.JoinedStr(values=values):
                return self._text(values, scope, span)
            case _:
                return self._bound(node, scope)

    def _bound(self, node: ast.AST, scope: Scope) -> Value | None:
        """What stands behind a name: a definition, an import, something entered or unpacked."""
        match node:
            case ast.Lambda():
                return Function(scope.module, node, None, None, scope)
            case names.Entered():
                return calls.entered(self, node.expression, scope)
            case names.Part():
                found = self.evaluate(node.whole, scope)
                fits = isinstance(found, Items) and len(found.items) == node.count
                return found.items[node.number] if fits and isinstance(found, Items) else None
            case names.Declared():
                return calls.annotated(self, node.annotation, scope)
            case names.Imported():
                return names.imported(self, node, scope.module)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return names.defined(node, scope)
            case ast.ClassDef():
                return names.class_of(node, scope)
            case _:
                return None

    def _binary(self, left: PyValue, symbol: ast.operator, right: PyValue, span: Span) -> Value:
        if isinstance(left, Plain) and isinstance(right, Plain):
            return binary(symbol, left, right, span)
        if isinstance(left, Items) and isinstance(right, Items) and isinstance(symbol, ast.Add):
            return Items(items=(*left.items, *right.items), spans=(span,))
        piped = self._piped(left, right, span) if isinstance(symbol, ast.BitOr) else None
        if piped is not None:
            return piped
        args = Args(positional=(left, right), span=span)
        return Made(callee=f"operator.{name_of(symbol)}", args=args, spans=(span,))

    def _piped(self, left: PyValue, right: PyValue, span: Span) -> Value | None:
        """`prompt | model`: a client made of another one; None where neither side is a client."""
        for value, other, path in ((left, right, "__or__"), (right, left, "__ror__")):
            if isinstance(value, Made) and value.instance is not None:
                args = Args(positional=(other,), span=span)
                return calls.of_client(self, value.instance, path, args)
        return None

    def _either_operand(
        self, values: Sequence[ast.expr], scope: Scope, span: Span, *, wanted: bool
    ) -> Value | None:
        """`a or b`, `a and b`: the first that decides, or any of them where that is not known."""
        possible: list[Value | None] = []
        for node in values:
            found = self.evaluate(node, scope)
            decided = _decided(found)
            if decided is None or decided is wanted or node is values[-1]:
                possible.append(found)
            if decided is wanted:
                break
        return self.merged(possible, "it depends on whether another value is set", span)

    def _decided(self, test: ast.expr, scope: Scope) -> bool | None:
        simple = isinstance(test, ast.Name | ast.Attribute | ast.Constant)
        found = self.evaluate(test, scope) if simple else None
        return truth(found) if isinstance(found, Plain) else None

    def _items(self, elements: Sequence[ast.expr], node: ast.AST, scope: Scope) -> Value:
        items: list[PyValue] = []
        for element in elements:
            if isinstance(element, ast.Starred):
                inner = self.evaluate(element.value, scope)
                if not isinstance(inner, Items):
                    return unresolved("its items are not known", self.span(node, scope))
                items += inner.items
            else:
                items.append(self.plain(element, scope))
        return Items(items=tuple(items), spans=(self.span(node, scope),))

    def _table(self, node: ast.Dict, scope: Scope) -> Table:
        entries: dict[str, PyValue] = {}
        is_open = False
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                inner = self.evaluate(value, scope)
                is_open = is_open or not isinstance(inner, Table)
                entries |= dict(inner.entries) if isinstance(inner, Table) else {}
                continue
            name = self.evaluate(key, scope)
            if isinstance(name, Plain) and isinstance(name.known, str):
                entries[name.known] = self.plain(value, scope)
            else:
                is_open = True
        return Table(entries=tuple(entries.items()), spans=(self.span(node, scope),), open=is_open)

    def _text(self, values: Sequence[ast.expr], scope: Scope, span: Span) -> Plain:
        """An f-string, where all its parts are known and have no format."""
        parts: list[str] = []
        for value in values:
            inner = value.value if isinstance(value, ast.FormattedValue) else value
            found = self.evaluate(inner, scope)
            formatted = isinstance(value, ast.FormattedValue) and value.format_spec is not None
            if not isinstance(found, Plain) or not isinstance(found.value, Known) or formatted:
                return unresolved("a part of this text is not known", span)
            parts.append(str(found.known))
        return Plain(value=Known(value="".join(parts)), spans=(span,))


def _used(found: Value | None, span: Span) -> Value | None:
    """A value at the place where it is used: that comes first, then the way to the literal."""
    if isinstance(found, Plain | Items | Table) and (not found.spans or found.spans[0] != span):
        return replace(found, spans=(span, *found.spans))
    return found


def _decided(found: Value | None) -> bool | None:
    """Whether a value counts as true: a variable that nothing sets does not, an object does."""
    if isinstance(found, Plain):
        return False if is_unset(found) else truth(found)
    return None if found is None else True


def _is_none(value: Value) -> bool:
    return isinstance(value, Plain) and isinstance(value.value, Known) and value.value.value is None


def _one_instance(found: Sequence[Instance], reason: str) -> Instance:
    """One of several clients: what they agree on is known."""
    first = found[0]
    for other in found[1:]:
        if other.component != first.component:
            return first
        same = {setting.name: setting for setting in other.settings}
        names_of = {setting.name for setting in first.settings} | set(same)
        differing = {
            name
            for name in names_of
            if next((s.value for s in first.settings if s.name == name), None)
            != (same[name].value if name in same else None)
        }
        settings: list[Setting] = []
        for setting in (*first.settings, *(same[name] for name in same)):
            if setting.name in {kept.name for kept in settings}:
                continue
            if setting.name in differing:
                value = unresolved(f"the client is made in several places ({reason})").value
                setting = replace(setting, value=value)
            settings.append(setting)
        first = replace(first, settings=tuple(settings))
    return first


def _shown(module: Module, line: int, column: int, end_line: int, end: int | None) -> str:
    """The first line of an expression, as it is written."""
    if not 0 < line <= len(module.lines):
        return ""
    encoded = module.lines[line - 1].encode()
    stop = end if end_line == line else None
    return encoded[column:stop].decode(errors="replace").strip()[:_SHOWN]


def _self_assignments(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, ast.AST]]:
    me = method.args.args[0].arg if method.args.args else "self"
    for node in walk_body(method.body):
        targets: list[tuple[ast.expr, ast.AST]] = []
        if isinstance(node, ast.Assign):
            targets = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign):
            targets = [(node.target, node.value or Declared(node.annotation))]
        elif isinstance(node, ast.With | ast.AsyncWith):
            targets = [
                (item.optional_vars, Entered(item.context_expr)) for item in node.items if item.optional_vars
            ]
        for target, value in targets:
            if (
                isinstance(target, ast.Attribute)
                and isinstance(target.value, ast.Name)
                and target.value.id == me
            ):
                yield target.attr, value


def walk_body(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """All nodes of a body without those of nested functions and classes."""
    stack: list[ast.AST] = list(reversed(body))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))

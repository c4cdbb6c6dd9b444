"""Where names get values in the body of a module, class or function."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from budgetcheck.readers.python.exits import exits
from budgetcheck.readers.python.stand_ins import (
    Declared,
    Element,
    Entered,
    Imported,
    Parameter,
    Part,
    Unknown,
)

Place = tuple[int, int]
"""Line and column of a node."""


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """A name gets a value: `node` says how. `nested`: in a branch, loop or handler.

    `since`: from where on it counts; `t = t or 30` still asks for the value before.
    """

    name: str
    node: ast.AST
    place: Place
    nested: bool = False
    since: Place = (0, 0)

    @property
    def start(self) -> Place:
        """From where on it counts."""
        return max(self.place, self.since)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A statement that calls a method (`mount`) or sets an attribute (`timeout=`) of an object.

    `node`: the call, or the value that is set. `since`: where it has happened.
    """

    name: str
    node: ast.expr
    since: Place


@dataclass(frozen=True, slots=True)
class Reaching:
    """A binding that may be the one in force; `given`: a value that is None (or false) is not."""

    binding: Binding
    given: str = ""


State = tuple[Reaching, ...] | None
"""What a name may stand for at some place; None where the place is not reached."""


FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Inner = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(slots=True)
class Body:
    """The statements of a module, class or function, gone through once.

    Attributes:
        names: every binding of a name, in order; those of parameters first.
        borrowed: names that `global` or `nonlocal` make those of a scope outside.
        inner: comprehensions and lambdas by the names they bind.
        results: what it returns or yields.
    """

    statements: Sequence[ast.stmt]
    names: dict[str, list[Binding]] = field(default_factory=dict)
    borrowed: dict[str, type[ast.stmt]] = field(default_factory=dict)
    inner: dict[str, list[_Inner]] = field(default_factory=dict)
    results: list[ast.expr] = field(default_factory=list)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)
    """The same for attributes of the first parameter: `self.client = ...`."""
    changes: dict[str, list[Change]] = field(default_factory=dict)
    """What may change an object in place, by the name it has here (`session`, `self.session`)."""
    stars: list[ast.ImportFrom] = field(default_factory=list)
    in_force: dict[tuple[str, Place | None], State] = field(default_factory=dict)
    """What may be in force at a place however conditions come out; kept by `reaching`."""

    def element(self, name: str, place: Place) -> ast.AST | None:
        """What a comprehension or lambda round a place binds the name to; None where none does."""
        for node in reversed(self.inner.get(name, ())):
            if contains(node, place):
                if isinstance(node, ast.Lambda):
                    return Unknown()
                if not contains(node.generators[0].iter, place):
                    return next(one.node for one in _targets_of(node) if one.name == name)
        return None


def body_of(owner: ast.Module | ast.ClassDef | FunctionNode) -> Body:
    """Goes through a body; nested functions and classes are bindings of their names only."""
    statements: Sequence[ast.stmt] = [] if isinstance(owner, ast.Lambda) else owner.body
    found = Body(statements=statements)
    me = ""
    if not isinstance(owner, ast.Module | ast.ClassDef):
        for argument in parameters(owner):
            _add(found.names, Binding(argument.arg, Parameter(argument), (owner.lineno, -1)))
        first = [*owner.args.posonlyargs, *owner.args.args][:1]
        me = first[0].arg if first else ""
    for statement, nested in statements_in(statements):
        for binding in bound_by(statement, nested):
            _add(found.names, binding)
        if me:
            for binding in _attributes(statement, nested, me):
                _add(found.attributes, binding)
        _look_inside(statement, found)
        for name in _set_from_inside(statement) if isinstance(owner, _FUNCTIONS) else ():
            _add(found.names, Binding(name, Unknown(), (statement.lineno, statement.col_offset), nested=True))
    return found


def _set_from_inside(statement: ast.stmt) -> list[str]:
    """The variables of a function that another one defined in it sets (`nonlocal`)."""
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    return [name for node in ast.walk(statement) if isinstance(node, ast.Nonlocal) for name in node.names]


def parameters(function: FunctionNode) -> list[ast.arg]:
    """All parameters, those for further ones (`*args`, `**options`) last."""
    given = function.args
    further = [one for one in (given.vararg, given.kwarg) if one is not None]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *further]


def dotted(node: ast.expr) -> str:
    """`self.session` for such an expression; empty for anything but names and attributes."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def contains(node: ast.AST, place: Place) -> bool:
    """The place is inside the node."""
    start = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
    end = (getattr(node, "end_lineno", 0) or 0, getattr(node, "end_col_offset", 0) or 0)
    return start <= place < end


def walk_body(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of a body without those of nested functions and classes, in order."""
    stack: list[ast.AST] = list(body)[::-1]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack.extend(list(ast.iter_child_nodes(node))[::-1])


def _add(names: dict[str, list[Binding]], binding: Binding) -> None:
    names.setdefault(binding.name, []).append(binding)


def statements_in(statements: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, bool]]:
    """Every statement, and whether it stands in a branch, loop or handler."""
    stack = [(statement, False) for statement in reversed(statements)]
    while stack:
        statement, nested = stack.pop()
        yield statement, nested
        sure = isinstance(statement, ast.With | ast.AsyncWith)
        inner = [one for block in blocks(statement) for one in block]
        stack.extend((one, nested or not sure) for one in reversed(inner))


def blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks of a compound statement, in the order they are written."""
    match statement:
        case ast.Try() | ast.TryStar():
            handlers = [handler.body for handler in statement.handlers]
            return [statement.body, *handlers, statement.orelse, statement.finalbody]
        case ast.Match(cases=cases):
            return [case.body for case in cases]
        case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
            return [statement.body, statement.orelse]
        case ast.With() | ast.AsyncWith():
            return [statement.body]
        case _:
            return []


def heads(statement: ast.stmt) -> Iterator[ast.AST]:
    """What a statement holds outside of its blocks and of what it defines."""
    if isinstance(statement, _DEFINITIONS):
        yield from statement.decorator_list
        return
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.ExceptHandler):
            yield from () if child.type is None else (child.type,)
        elif isinstance(child, ast.match_case):
            yield child.pattern
            yield from () if child.guard is None else (child.guard,)
        elif not isinstance(child, ast.stmt):
            yield child


def _look_inside(statement: ast.stmt, found: Body) -> None:
    match statement:
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            found.borrowed |= dict.fromkeys(names, type(statement))
        case ast.Return(value=ast.expr() as value):
            found.results.append(value)
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            found.stars.append(statement)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=name)) as call):
            found.changes.setdefault(dotted(owner), []).append(Change(name, call, _end(statement)))
        case ast.Assign(targets=[ast.Attribute(value=owner, attr=name)], value=value):
            found.changes.setdefault(dotted(owner), []).append(Change(f"{name}=", value, _end(statement)))
        case _:
            pass
    for head in heads(statement):
        for node in ast.walk(head):
            _look_at(node, found)


def _look_at(node: ast.AST, found: Body) -> None:
    """What an expression binds, and what it yields."""
    if isinstance(node, _COMPREHENSIONS):
        for one in _targets_of(node):
            found.inner.setdefault(one.name, []).append(node)
    elif isinstance(node, ast.Lambda):
        for parameter in parameters(node):
            found.inner.setdefault(parameter.arg, []).append(node)
    elif isinstance(node, ast.NamedExpr):
        place = (node.lineno, node.col_offset)
        _add(found.names, Binding(node.target.id, node.value, place, nested=True))
    elif isinstance(node, ast.Yield) and node.value is not None:
        found.results.append(node.value)


def _targets_of(node: _Inner) -> Iterator[Binding]:
    if not isinstance(node, ast.Lambda):
        for one in node.generators:
            yield from _bound(one.target, Element(one.iter), (node.lineno, node.col_offset), nested=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a statement does to names, worked out once: it is asked for each name and each place.

    Attributes:
        own: what it binds itself. `walruses`: `:=` in what it holds outside of its blocks.
        names: all that it binds, in its blocks too.
        mentions: the names that it looks at outside of its blocks.
        leaves: it may end the block it stands in, or the function. `through`: it may also not do so.
    """

    own: tuple[Binding, ...]
    walruses: tuple[ast.NamedExpr, ...]
    names: frozenset[str]
    mentions: frozenset[str]
    leaves: bool
    through: bool


_SUMMARY = "_budgetcheck_summary"


def summary_of(statement: ast.stmt) -> Summary:
    """The summary of a statement, kept with it."""
    known: Summary | None = getattr(statement, _SUMMARY, None)
    if known is None:
        known = _summarised(statement)
        setattr(statement, _SUMMARY, known)
    return known


def _summarised(statement: ast.stmt) -> Summary:
    inner = [summary_of(one) for block in blocks(statement) for one in block]
    own = tuple(bound_by(statement))
    held = [node for head in heads(statement) for node in ast.walk(head)]
    walruses = tuple(node for node in held if isinstance(node, ast.NamedExpr))
    names = {one.name for one in own} | {node.target.id for node in walruses}
    return Summary(
        own=own,
        walruses=walruses,
        names=frozenset(names.union(*(one.names for one in inner))),
        mentions=frozenset(node.id for node in held if isinstance(node, ast.Name)),
        through=exits([statement]).through,
        leaves=isinstance(statement, ast.Return | ast.Raise | ast.Continue | ast.Break)
        or any(one.leaves for one in inner),
    )


def _bound(
    target: ast.expr, node: ast.AST, place: Place, *, nested: bool, since: Place = (0, 0)
) -> Iterator[Binding]:
    if isinstance(target, ast.Name):
        yield Binding(target.id, node, place, nested, since)
    elif isinstance(target, ast.Tuple | ast.List):
        starred = any(isinstance(part, ast.Starred) for part in target.elts)
        for number, part in enumerate(target.elts):
            inner = Unknown() if starred else Part(node, number, len(target.elts))
            yield from _bound(part, inner, place, nested=nested, since=since)
    elif isinstance(target, ast.Starred):
        yield from _bound(target.value, Unknown(), place, nested=nested, since=since)


def assigned(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.AST]]:
    """The targets of a statement with what stands for their values."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _unpacked(target, value)
        case ast.AnnAssign(target=target, value=given, annotation=annotation):
            yield target, given if given is not None else Declared(annotation)
        case ast.AugAssign(target=target):
            yield target, Unknown()
        case ast.For(target=target, iter=source) | ast.AsyncFor(target=target, iter=source):
            yield target, Element(source)
        case ast.With(items=items) | ast.AsyncWith(items=items):
            for item in items:
                if item.optional_vars is not None:
                    yield item.optional_vars, Entered(item.context_expr)
        case _:
            return


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.AST]]:
    """`a, b = 1, 2` part by part."""
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        written = (*target.elts, *value.elts)
        if len(target.elts) == len(value.elts) and not any(isinstance(one, ast.Starred) for one in written):
            for left, right in zip(target.elts, value.elts, strict=True):
                yield from _unpacked(left, right)
            return
    yield target, value


def bound_by(statement: ast.stmt, nested: bool = False) -> Iterator[Binding]:
    """What a statement itself binds, without what stands in its blocks."""
    place = (statement.lineno, statement.col_offset)
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield Binding(name, statement, place, nested)
        case ast.Import() | ast.ImportFrom():
            for alias in statement.names:
                name = alias.asname or alias.name.partition(".")[0]
                yield Binding(name, Imported(statement, alias), place, nested)
        case ast.Try() | ast.TryStar():
            for handler in statement.handlers:
                if handler.name:
                    yield Binding(handler.name, Unknown(), (handler.lineno, handler.col_offset), nested=True)
        case ast.Match(cases=cases):
            for case in cases:
                for node in ast.walk(case.pattern):
                    captured = getattr(node, "name", None) or getattr(node, "rest", None)
                    if captured:
                        yield Binding(captured, Unknown(), place, nested=True)
        case _:
            for target, node in assigned(statement):
                yield from _bound(target, node, place, nested=nested, since=_end(statement))


def _end(statement: ast.stmt) -> Place:
    """Where a statement has given its names their values: the end of it, or of its head."""
    if blocks(statement):
        return (statement.lineno, statement.col_offset)
    return (statement.end_lineno or statement.lineno, statement.end_col_offset or 0)


def _attributes(statement: ast.stmt, nested: bool, me: str) -> Iterator[Binding]:
    for target, node in assigned(statement):
        parts = [(target, node)]
        if isinstance(target, ast.Tuple):
            parts = [(part, Part(node, n, len(target.elts))) for n, part in enumerate(target.elts)]
        for part, value in parts:
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == me:
                place = (statement.lineno, statement.col_offset)
                yield Binding(part.attr, value, place, nested, _end(statement))

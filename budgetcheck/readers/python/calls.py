"""What a call gives: clients and other things from outside, objects and results of the project."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from budgetcheck.readers.python import (
    annotations,
    applications,
    attributes,
    names,
    settings_classes,
    variables_read,
)
from budgetcheck.readers.python.bindings import parameters
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.exits import passed_over
from budgetcheck.readers.python.given import reduced
from budgetcheck.readers.python.operators import CONVERSIONS, applied
from budgetcheck.readers.python.scopes import (
    RUNS,
    Class,
    ClientPath,
    Function,
    Given,
    Object,
    Partial,
    Scope,
    Several,
    Value,
)
from budgetcheck.readers.python.values import Args, Instance, Items, Made, Named, Plain, Table, unresolved
from budgetcheck.readers.python.variables_read import seconds

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

__all__ = [
    "Given",
    "bound",
    "call",
    "client",
    "construction",
    "entered",
    "environment_item",
    "inside",
    "of_client",
    "result",
    "seconds",
]

_FIRST = frozenset(
    {
        *("anext", "next", "list", "tuple", "set", "frozenset", "staticmethod", "classmethod"),
        *(f"asyncio.{name}" for name in ("run", "shield", "create_task")),
        *(f"contextlib.{name}" for name in ("aclosing", "asynccontextmanager", "closing", "contextmanager")),
        *(f"copy.{name}" for name in ("copy", "deepcopy")),
        *(f"functools.{name}" for name in ("cache", "lru_cache")),
        "langsmith.wrappers.wrap_openai",
    }
)
"""What gives its first argument as far as limits are concerned."""
_ENTERING = frozenset({"enter_context", "enter_async_context"})


def call(evaluator: "Evaluator", node: ast.Call, scope: Scope) -> Value | None:
    """The value of a call; None where it is not known."""
    if isinstance(node.func, ast.Attribute):
        special = _of_method(evaluator, node, node.func, scope)
        if special is not None:
            return special
    callee = evaluator.evaluate(node.func, scope)
    if isinstance(callee, Several):
        found = [_called(evaluator, one, node, scope) for one in callee.values]
        return evaluator.merged(found, "one of several functions is called", evaluator.span(node, scope))
    return _called(evaluator, callee, node, scope)


def _called(evaluator: "Evaluator", callee: Value | None, node: ast.Call, scope: Scope) -> Value | None:
    match callee:
        case Named(name=name):
            return _outside(evaluator, name, node, scope)
        case Made(callee=maker):
            return variables_read.call(evaluator, maker, node, scope, callee)
        case Class():
            return Object(callee, construction(evaluator, callee, node, scope), made=True)
        case Function():
            return result(evaluator, callee, bound(evaluator, callee, node, scope))
        case Partial(function=function, given=given):
            later = bound(evaluator, function, node, scope, given)
            return result(evaluator, function, later)
        case ClientPath(instance=instance, path=path):
            return of_client(evaluator, instance, path, evaluator.arguments(node, scope))
        case Instance():
            return of_client(evaluator, callee, "__call__", evaluator.arguments(node, scope))
        case Object():
            method = attributes.member(evaluator, callee, "__call__")
            if isinstance(method, Function):
                return result(evaluator, method, bound(evaluator, method, node, scope))
            return None
        case _:
            return None


def of_client(evaluator: "Evaluator", instance: Instance, path: str, args: Args) -> Value | None:
    """What a method of a client gives: a derived client, or nothing that is known."""
    for library in evaluator.libraries:
        if library.name == instance.library:
            found = library.call(instance, path, args)
            return found if isinstance(found, Instance) else None
    return None


def _outside(evaluator: "Evaluator", name: str, node: ast.Call, scope: Scope) -> Value | None:
    """The value of calling something that is not the project's."""
    read = variables_read.call(evaluator, name, node, scope)
    if read is not None:
        return read
    if name in CONVERSIONS:
        return _converted(evaluator, name, node, scope)
    if name == "dict" and not node.args:
        args = evaluator.arguments(node, scope)
        return Table(entries=args.keywords, spans=(evaluator.span(node, scope),), open=args.open)
    if name in _FIRST and node.args:
        return evaluator.evaluate(node.args[0], scope)
    if name.rpartition(".")[2] in RUNS and node.args:
        found = evaluator.evaluate(node.args[0], scope)
        return replace(found, runs=RUNS[name.rpartition(".")[2]]) if isinstance(found, Function) else None
    if name == "typing.cast" and len(node.args) == 2:
        return _cast(evaluator, node, scope)
    if name == "getattr" and len(node.args) >= 2:
        return _getattr(evaluator, node, scope)
    if name in ("functools.partial", "functools.partialmethod") and node.args:
        function = evaluator.evaluate(node.args[0], scope)
        if isinstance(function, Function):
            rest = ast.copy_location(
                ast.Call(func=node.args[0], args=node.args[1:], keywords=node.keywords), node
            )
            return Partial(function, _given(evaluator, function, rest, scope)[0])
    return _made(evaluator, name, node, scope)


def _made(evaluator: "Evaluator", name: str, node: ast.Call, scope: Scope) -> Value | None:
    args = evaluator.arguments(node, scope)
    for library in _libraries(evaluator, name, args):
        args = applications.with_configured(evaluator, library.configured, args, scope)
        made = library.make(name, args) or library.function(name, args)
        if isinstance(made, Instance):
            return evaluator.with_arguments(made, args)
        if made is not None:
            return None  # the answer to a request
    return Made(callee=name, args=args, spans=(evaluator.span(node, scope),))


def client(evaluator: "Evaluator", name: str, args: Args, scope: Scope) -> Instance | None:
    """The client that a class of a library makes of these arguments; None where it makes none."""
    for library in evaluator.libraries_of(name):
        given = applications.with_configured(evaluator, library.configured, args, scope)
        made = library.make(name, given)
        if made is not None:
            return evaluator.with_arguments(made, given)
    return None


def _cast(evaluator: "Evaluator", node: ast.Call, scope: Scope) -> Value | None:
    found = evaluator.evaluate(node.args[1], scope)
    return found if found is not None else annotations.annotated(evaluator, node.args[0], scope)


def _getattr(evaluator: "Evaluator", node: ast.Call, scope: Scope) -> Value | None:
    name = evaluator.evaluate(node.args[1], scope)
    if not isinstance(name, Plain) or not isinstance(name.known, str):
        return None
    owner = evaluator.evaluate(node.args[0], scope)
    found = attributes.of_value(evaluator, owner, name.known)
    if (found is None or isinstance(found, Named)) and len(node.args) > 2:
        return evaluator.evaluate(node.args[2], scope)
    return found


def _libraries(evaluator: "Evaluator", name: str, args: Args) -> Iterator[Library]:
    """Those of a name; and of clients that it is given: `things_pb2_grpc.ThingsStub(channel)`."""
    found = evaluator.libraries_of(name)
    given = {
        value.instance.library
        for value in (*args.positional, *(one for _, one in args.keywords))
        if isinstance(value, Made) and value.instance is not None
    }
    yield from found
    yield from (one for one in evaluator.libraries if one.name in given and one not in found)


def _converted(evaluator: "Evaluator", name: str, node: ast.Call, scope: Scope) -> Value | None:
    span = evaluator.span(node, scope)
    values = [evaluator.plain(argument, scope) for argument in node.args]
    if len(values) == 1 and isinstance(values[0], Items):
        values = list(values[0].items)
    plain = [value for value in values if isinstance(value, Plain)]
    if not plain or len(plain) != len(values) or node.keywords:
        return unresolved(f"it is not known what this {name}() gives", span)
    return applied(CONVERSIONS[name], plain, span)


def _of_method(evaluator: "Evaluator", node: ast.Call, func: ast.Attribute, scope: Scope) -> Value | None:
    """Methods that need no more than their name and owner: of dictionaries, durations, exit stacks."""
    if func.attr in _ENTERING and len(node.args) == 1:
        return entered(evaluator, node.args[0], scope)
    if func.attr == "total_seconds":
        made = evaluator.evaluate(func.value, scope)
        is_duration = isinstance(made, Made) and made.callee.endswith("timedelta")
        return seconds(made) if is_duration and isinstance(made, Made) else None
    if func.attr == "get" and node.args:
        return _from_table(evaluator, func.value, node, scope)
    return None


def _from_table(evaluator: "Evaluator", owner: ast.expr, node: ast.Call, scope: Scope) -> Value | None:
    """`options.get("timeout", 30)`, also of the configuration of an application."""
    table = evaluator.evaluate(owner, scope)
    is_configuration = isinstance(owner, ast.Attribute) and owner.attr == "config"
    if isinstance(table, Table):
        key = evaluator.evaluate(node.args[0], scope)
        if not isinstance(key, Plain) or not isinstance(key.known, str):
            return None
        found: Value | None = table.get(key.known)
        if found is not None or table.open:
            return found
    elif is_configuration and not isinstance(table, Object | Instance):
        found = attributes.item(
            evaluator, ast.copy_location(ast.Subscript(value=owner, slice=node.args[0]), node), scope
        )
        if found is not None:
            return found
    else:
        return None
    return evaluator.evaluate(node.args[1], scope) if len(node.args) > 1 else None


def environment_item(evaluator: "Evaluator", node: ast.Subscript, scope: Scope) -> Value | None:
    """`os.environ["X"]`."""
    return variables_read.item(evaluator, node, scope)


def bound(
    evaluator: "Evaluator", function: Function, node: ast.Call, scope: Scope, before: Given = ()
) -> Given:
    """The arguments of a call by the function's parameters, defaults where none is given.

    What is given and not known is unresolved. `before`: arguments that are given already.
    """
    given, hidden = _given(evaluator, function, node, scope, before)
    values = {**dict(before), **dict(given)}
    around = Scope(function.module, outer=function.outer)
    for parameter in parameters(function.node):
        name = parameter.arg
        if name in values or parameter in (function.node.args.vararg, function.node.args.kwarg):
            continue
        default = names.default_of(function.node, name)
        if hidden and _takes(function, parameter):
            values[name] = unresolved("it is given by * or **", evaluator.span(node, scope))
        elif default is not None and annotations.dependency(evaluator, None, default, around) is None:
            found = evaluator.evaluate(default, around)
            values |= {} if found is None else {name: found}
    return reduced(tuple(values.items()), evaluator.span(function.node, around))


def _takes(function: Function, parameter: ast.arg) -> bool:
    """The parameter is none that the object itself fills."""
    first = parameters(function.node)[:1]
    return not (_is_bound(function) and parameter in first)


def _given(
    evaluator: "Evaluator", function: Function, node: ast.Call, scope: Scope, before: Given = ()
) -> tuple[Given, bool]:
    """What a call itself gives, by parameter, and whether a `*x` or `**x` hides further arguments."""
    given = function.node.args
    positions = [one.arg for one in (*given.posonlyargs, *given.args)][1 if _is_bound(function) else 0 :]
    positions = [name for name in positions if name not in dict(before)]
    known = {*positions, *dict(before), *(one.arg for one in given.kwonlyargs)}
    values: dict[str, Value] = {}
    further: dict[str, Value] = {}
    hidden = any(isinstance(argument, ast.Starred) for argument in node.args)
    for name, argument in zip(positions, node.args, strict=False):
        if isinstance(argument, ast.Starred):
            break
        values[name] = _argument(evaluator, function, name, argument, scope)
    for keyword in node.keywords:
        if keyword.arg is not None:
            found = _argument(evaluator, function, keyword.arg, keyword.value, scope)
            (values if keyword.arg in known else further)[keyword.arg] = found
            continue
        table = evaluator.evaluate(keyword.value, scope)
        hidden = hidden or not isinstance(table, Table) or table.open
        for name, value in table.entries if isinstance(table, Table) else ():
            (values if name in known else further)[name] = value
    if given.kwarg is not None:
        plain = tuple((name, evaluator.as_plain(value, node, scope)) for name, value in further.items())
        values[given.kwarg.arg] = Table(entries=plain, spans=(evaluator.span(node, scope),), open=hidden)
    return tuple(values.items()), hidden


def _argument(
    evaluator: "Evaluator", function: Function, name: str, argument: ast.expr, scope: Scope
) -> Value:
    found = evaluator.evaluate(argument, scope)
    # Of something outside, the type of the parameter says more than its name.
    if found is not None and not isinstance(found, Named | Made):
        return found
    for parameter in parameters(function.node):
        if parameter.arg == name and parameter.annotation is not None:
            typed = annotations.annotated(
                evaluator, parameter.annotation, Scope(function.module, outer=function.outer)
            )
            if typed is not None:
                return typed
    if found is not None:
        return found
    return unresolved("what the caller gives is not known", evaluator.span(argument, scope))


def _is_bound(function: Function) -> bool:
    """Its first parameter is the object or class it is called on."""
    if function.klass is None or function.bound is None:
        return False
    decorators = {getattr(one, "id", "") for one in getattr(function.node, "decorator_list", [])}
    if "staticmethod" in decorators:
        return False
    # `Klass.method(x)` gives the object itself, except to class methods and constructors.
    name = getattr(function.node, "name", "")
    return (
        isinstance(function.bound, Object) or "classmethod" in decorators or name in ("__init__", "__new__")
    )


def inside(function: Function, given: Given = ()) -> Scope:
    """The scope of a function's body."""
    return Scope(function.module, function.node, function.klass, function.bound, given, function.outer)


def result(evaluator: "Evaluator", function: Function, given: Given) -> Value | None:
    """What a function returns, or yields once where it is a context manager or dependency."""
    scope = evaluator.same(inside(function, given))
    if isinstance(function.node, ast.Lambda):
        return evaluator.evaluate(function.node.body, scope)
    results = evaluator.body(function.node).results
    over = passed_over(function.node.body, lambda test: evaluator.decided(test, scope)) if results[1:] else ()
    found = [evaluator.evaluate(node, scope) for node in results if node not in over]
    span = evaluator.span(function.node, scope)
    merged = evaluator.merged(found, "the function returns one of several", span) if found else None
    if merged is None and function.node.returns is not None:
        return annotations.annotated(
            evaluator, function.node.returns, Scope(function.module, outer=function.outer)
        )
    if None in found and isinstance(merged, Plain):
        return unresolved(f"what {function.node.name}() returns is not known", span)
    return merged


def construction(evaluator: "Evaluator", klass: Class, node: ast.Call, scope: Scope) -> Given:
    """The arguments that an object is made with: by parameter of `__init__`, or by field."""
    for one in attributes.lineage(evaluator, klass):
        method = attributes.method_of(one, "__init__")
        if method is not None:
            return bound(evaluator, Function(one.module, method, one, Object(klass), one.outer), node, scope)
    fields = settings_classes.field_names(evaluator, klass)
    positional = [evaluator.evaluate(argument, scope) for argument in node.args]
    given = [*zip(fields, positional, strict=False)]
    for keyword in node.keywords:
        if keyword.arg is not None:
            given.append((keyword.arg, evaluator.evaluate(keyword.value, scope)))
            continue
        table = evaluator.evaluate(keyword.value, scope)
        hidden = unresolved("it is given by **", evaluator.span(node, scope))
        is_known = isinstance(table, Table) and not table.open
        given += list(table.entries) if isinstance(table, Table) else []
        given += [] if is_known else [(name, hidden) for name in fields if name not in dict(given)]
    unknown = unresolved("what the object is made with is not known", evaluator.span(node, scope))
    values = tuple((name, unknown if value is None else value) for name, value in given)
    return reduced(values, evaluator.span(klass.node, Scope(klass.module)))


def entered(evaluator: "Evaluator", expression: ast.expr, scope: Scope) -> Value | None:
    """What `with expression as x` gives x: mostly the expression itself."""
    found = evaluator.evaluate(expression, scope)
    if isinstance(found, Object):
        for name in ("__enter__", "__aenter__"):
            method = attributes.member(evaluator, found, name)
            if isinstance(method, Function):
                given = result(evaluator, method, ())
                return found if given is None or given == Object(found.klass) else given
    return found

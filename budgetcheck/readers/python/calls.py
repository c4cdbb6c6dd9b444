"""What a call gives: clients and other things from outside, objects of the project, results of functions."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from budgetcheck.model.settings import Known
from budgetcheck.readers.python import attributes, settings_classes
from budgetcheck.readers.python.given import reduced
from budgetcheck.readers.python.operators import CONVERSIONS, applied
from budgetcheck.readers.python.scopes import (
    Class,
    ClientPath,
    Function,
    Object,
    Partial,
    Scope,
    Value,
)
from budgetcheck.readers.python.values import Args, Instance, Items, Made, Named, Plain, Table, unresolved

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop"})
_CONFIGURATION = frozenset({"decouple.config", "starlette.config.Config", "prettyconf.config"})
_READERS = ("environs.Env", "environ.Env", "environs.env", "environ.FileAwareEnv")
_DEPENDS = frozenset({"Depends", "Security", "Inject"})
_OPTIONAL = frozenset({"Optional", "Awaitable", "Coroutine", "ClassVar", "Final"})
_YIELDING = frozenset(
    {
        "AsyncIterator",
        "Iterator",
        "AsyncGenerator",
        "Generator",
        "AsyncContextManager",
        "ContextManager",
    }
)
_PER_SECOND = {"seconds": 1.0, "milliseconds": 0.001, "minutes": 60.0, "hours": 3_600.0, "days": 86_400.0}
_TRANSPARENT = frozenset(
    {
        "asyncio.shield",
        "contextlib.closing",
        "contextlib.aclosing",
        "typing.cast",
        "copy.copy",
        "copy.deepcopy",
    }
)

Given = tuple[tuple[str, Value], ...]


def call(evaluator: "Evaluator", node: ast.Call, scope: Scope) -> Value | None:
    """The value of a call; None where it is not known."""
    special = _special(evaluator, node, scope)
    if special is not None:
        return special
    callee = evaluator.evaluate(node.func, scope)
    match callee:
        case Named(name=name):
            return _outside(evaluator, name, node, scope)
        case Class():
            return Object(callee, _construction(evaluator, callee, node, scope))
        case Function():
            return result(evaluator, callee, bound(evaluator, callee, node, scope))
        case Partial(function=function, given=given):
            later = bound(evaluator, function, node, scope)
            return result(evaluator, function, (*later, *(one for one in given if one[0] not in dict(later))))
        case ClientPath(instance=instance, path=path):
            return of_client(evaluator, instance, path, evaluator.arguments(node, scope))
        case Instance():
            return of_client(evaluator, callee, "__call__", evaluator.arguments(node, scope))
        case Object():
            method = attributes.member(evaluator, callee, "__call__")
            given = bound(evaluator, method, node, scope) if isinstance(method, Function) else ()
            return result(evaluator, method, given) if isinstance(method, Function) else None
        case _:
            return None


def of_client(evaluator: "Evaluator", instance: Instance, path: str, args: Args) -> Value | None:
    """The client that calling a method of a client gives; None where it gives something else."""
    for library in evaluator.libraries:
        if library.name == instance.library:
            found = library.call(instance, path, args)
            return found if isinstance(found, Instance) else None
    return None


def _outside(evaluator: "Evaluator", name: str, node: ast.Call, scope: Scope) -> Value | None:
    span = evaluator.span(node, scope)
    if name in CONVERSIONS:
        return _converted(evaluator, name, node, scope)
    if name == "dict" and not node.args:
        args = evaluator.arguments(node, scope)
        return Table(entries=args.keywords, spans=(span,), open=args.open)
    if name in ("list", "tuple", "set", "frozenset") and len(node.args) == 1:
        return evaluator.evaluate(node.args[0], scope)
    args = evaluator.arguments(node, scope)
    for library in evaluator.libraries_of(name):
        made = library.make(name, args) or library.function(name, args)
        if isinstance(made, Instance):
            return made if made.args is not None else replace(made, args=args)
        if made is not None:
            return None  # the answer to a request
    return Made(callee=name, args=args, spans=(span,))


def _converted(evaluator: "Evaluator", name: str, node: ast.Call, scope: Scope) -> Value | None:
    span = evaluator.span(node, scope)
    values = [evaluator.plain(argument, scope) for argument in node.args]
    if len(values) == 1 and isinstance(values[0], Items):
        values = list(values[0].items)
    plain = [value for value in values if isinstance(value, Plain)]
    if not plain or len(plain) != len(values) or node.keywords:
        return unresolved("it is not known what this gives", span)
    return applied(CONVERSIONS[name], plain, span)


def _special(evaluator: "Evaluator", node: ast.Call, scope: Scope) -> Value | None:
    """Calls with a meaning of their own."""
    func = node.func
    name = _dotted(evaluator, func, scope)
    if name in _ENVIRONMENT or name in _CONFIGURATION or name.startswith(_READERS):
        return _variable(evaluator, node, scope, name)
    if name == "functools.partial" and node.args:
        function = evaluator.evaluate(node.args[0], scope)
        if isinstance(function, Function):
            rest = ast.Call(func=node.args[0], args=node.args[1:], keywords=node.keywords)
            return Partial(function, bound(evaluator, function, ast.copy_location(rest, node), scope))
    if name in _TRANSPARENT and node.args:
        return evaluator.evaluate(node.args[-1], scope)
    if isinstance(func, ast.Attribute) and func.attr == "total_seconds":
        return _total_seconds(evaluator, func.value, scope)
    if isinstance(func, ast.Attribute) and func.attr == "get" and node.args:
        return _from_table(evaluator, func.value, node, scope)
    if isinstance(func, ast.Name) and func.id == "super" and scope.klass is not None and scope.me is not None:
        return _above(evaluator, scope)
    return None


def _above(evaluator: "Evaluator", scope: Scope) -> Value | None:
    assert scope.klass is not None
    bases = list(attributes.lineage(evaluator, scope.klass))[1:]
    given = scope.me.given if isinstance(scope.me, Object) else ()
    return Object(bases[0], given) if bases else None


def _dotted(evaluator: "Evaluator", func: ast.expr, scope: Scope) -> str:
    found = evaluator.evaluate(func, scope)
    return found.name if isinstance(found, Named) else ""


def _from_table(evaluator: "Evaluator", owner: ast.expr, node: ast.Call, scope: Scope) -> Value | None:
    table = evaluator.evaluate(owner, scope)
    key = evaluator.evaluate(node.args[0], scope)
    if not isinstance(table, Table) or not isinstance(key, Plain) or not isinstance(key.known, str):
        return None
    found = table.get(key.known)
    if found is not None or table.open:
        return found
    return evaluator.evaluate(node.args[1], scope) if len(node.args) > 1 else None


def _total_seconds(evaluator: "Evaluator", owner: ast.expr, scope: Scope) -> Value | None:
    made = evaluator.evaluate(owner, scope)
    if not isinstance(made, Made) or not made.callee.endswith("timedelta"):
        return None
    return seconds(made)


def seconds(made: Made) -> Plain:
    """The seconds of a `timedelta(...)`."""
    span = made.spans[0]
    total = Plain(value=Known(value=0), spans=())
    named = [*zip(("days", "seconds"), made.args.positional, strict=False), *made.args.keywords]
    for unit, value in named:
        factor = _PER_SECOND.get(unit)
        if factor is None or not isinstance(value, Plain):
            return unresolved("this duration is not followed", span)

        def added(sum_: float, part: float, factor: float = factor) -> float:
            whole = sum_ + part * factor
            return int(whole) if whole == int(whole) else whole

        total = applied(added, (total, value), span)
    return total


def _variable(evaluator: "Evaluator", node: ast.Call, scope: Scope, name: str) -> Value:
    """An environment variable that code reads, with its default and conversion."""
    args = evaluator.arguments(node, scope)
    span = evaluator.span(node, scope)
    key = args.get("key", 0) or args.get("var") or args.get("name") or args.get("option")
    if not isinstance(key, Plain) or not isinstance(key.known, str):
        return unresolved("the name of the variable is not known", span)
    positional = 1 if name in _ENVIRONMENT or name.startswith(_READERS) else None
    default = args.get("default", positional)
    found = evaluator.environment.value(key.known, default if isinstance(default, Plain) else None, span)
    if default is not None and not isinstance(default, Plain) and not isinstance(found.value, Known):
        return unresolved("its default is not a plain value", span)
    cast = args.get("cast")
    kind = cast.name if isinstance(cast, Named) else name.rpartition(".")[2]
    return settings_classes.converted(found, kind, span)


def environment_item(evaluator: "Evaluator", node: ast.Subscript, scope: Scope) -> Value | None:
    """`os.environ["X"]`; None for any other subscript."""
    owner = evaluator.evaluate(node.value, scope)
    if not isinstance(owner, Named) or owner.name not in ("os.environ", "environ"):
        return None
    key = evaluator.evaluate(node.slice, scope)
    span = evaluator.span(node, scope)
    if not isinstance(key, Plain) or not isinstance(key.known, str):
        return unresolved("the name of the variable is not known", span)
    return evaluator.environment.value(key.known, None, span)


def bound(evaluator: "Evaluator", function: Function, node: ast.Call, scope: Scope) -> Given:
    """The arguments of a call by the function's parameters. What is given and not known is unresolved."""
    given = function.node.args
    names = [one.arg for one in (*given.posonlyargs, *given.args)]
    if function.klass is not None and function.bound is not None and not _is_static(function):
        names = names[1:]
    values: dict[str, Value] = {}
    hidden = False
    for name, argument in zip(names, node.args, strict=False):
        if isinstance(argument, ast.Starred):
            hidden = True
            break
        values[name] = _argument(evaluator, function, name, argument, scope)
    for keyword in node.keywords:
        if keyword.arg is not None:
            values[keyword.arg] = _argument(evaluator, function, keyword.arg, keyword.value, scope)
        else:
            table = evaluator.evaluate(keyword.value, scope)
            hidden = hidden or not isinstance(table, Table)
            values |= dict(table.entries) if isinstance(table, Table) else {}
    if hidden:
        rest = [*names, *(one.arg for one in given.kwonlyargs)]
        unknown = unresolved("it is given by * or **", evaluator.span(node, scope))
        values |= {name: unknown for name in rest if name not in values}
    return reduced(tuple(values.items()))


def _argument(
    evaluator: "Evaluator", function: Function, name: str, argument: ast.expr, scope: Scope
) -> Value:
    found = evaluator.evaluate(argument, scope)
    if found is not None:
        return found
    given = function.node.args
    for parameter in (*given.posonlyargs, *given.args, *given.kwonlyargs):
        if parameter.arg == name and parameter.annotation is not None:
            typed = annotated(evaluator, parameter.annotation, Scope(function.module, outer=function.outer))
            if typed is not None:
                return typed
    return unresolved("what the caller gives is not known", evaluator.span(argument, scope))


def _is_static(function: Function) -> bool:
    decorators = getattr(function.node, "decorator_list", [])
    return any(ast.unparse(decorator) == "staticmethod" for decorator in decorators)


def inside(function: Function, given: Given = ()) -> Scope:
    """The scope of a function's body."""
    return Scope(function.module, function.node, function.klass, function.bound, given, function.outer)


def result(evaluator: "Evaluator", function: Function, given: Given) -> Value | None:
    """What a function returns, or yields once where it is a context manager or dependency."""
    scope = inside(function, given)
    if isinstance(function.node, ast.Lambda):
        return evaluator.evaluate(function.node.body, scope)
    found = [evaluator.evaluate(node, scope) for node in _returned(function.node)]
    place = evaluator.span(function.node, scope)
    merged = evaluator.merged(found, "the function returns one of several", place) if found else None
    if merged is None and function.node.returns is not None:
        return annotated(evaluator, function.node.returns, Scope(function.module))
    return merged


def _returned(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    from budgetcheck.readers.python.evaluation import walk_body

    for inner in walk_body(node.body):
        if isinstance(inner, ast.Return | ast.Yield) and inner.value is not None:
            yield inner.value


def _construction(evaluator: "Evaluator", klass: Class, node: ast.Call, scope: Scope) -> Given:
    """The arguments that an object is made with: by parameter of `__init__`, or by field."""
    for one in attributes.lineage(evaluator, klass):
        method = attributes.method_of(one, "__init__")
        if method is not None:
            return bound(evaluator, Function(one.module, method, one, Object(klass)), node, scope)
    args = evaluator.arguments(node, scope)
    fields = settings_classes.field_names(evaluator, klass)
    return reduced((*zip(fields, args.positional, strict=False), *args.keywords))


def entered(evaluator: "Evaluator", expression: ast.expr, scope: Scope) -> Value | None:
    """What `with expression as x` gives x: mostly the expression itself."""
    found = evaluator.evaluate(expression, scope)
    if isinstance(found, Object):
        for name in ("__enter__", "__aenter__"):
            method = attributes.member(evaluator, found, name)
            if isinstance(method, Function):
                given = result(evaluator, method, ())
                return found if given is None else given
    return found


def annotated(evaluator: "Evaluator", annotation: ast.expr, scope: Scope) -> Value | None:
    """A value of which only the type is known: an object of a class, a client made elsewhere."""
    plain = _plain_type(annotation)
    if plain is None:
        return None
    found = evaluator.evaluate(plain, scope)
    if isinstance(found, Class):
        return Object(found)
    if isinstance(found, Named):
        span = evaluator.span(annotation, scope)
        for library in evaluator.libraries_of(found.name):
            typed = library.annotated(found.name, Args(span=span))
            if typed is not None:
                return typed
    return None


def _plain_type(annotation: ast.expr) -> ast.expr | None:
    """`X` of `X | None`, `Optional[X]`, `Annotated[X, ...]`, `"X"`."""
    match annotation:
        case ast.Constant(value=str(text)):
            try:
                return _plain_type(ast.parse(text[:200], mode="eval").body)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _plain_type(right if _is_none(left) else left)
        case ast.Subscript(value=value, slice=inside_):
            name = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
            if name == "Annotated" and isinstance(inside_, ast.Tuple):
                return _plain_type(inside_.elts[0])
            if name in _OPTIONAL:
                return _plain_type(inside_)
            return _last_of(name, inside_)
        case ast.Name() | ast.Attribute():
            return annotation
        case _:
            return None


def _last_of(name: str, inside_: ast.expr) -> ast.expr | None:
    """What a generator or context manager yields."""
    if name not in _YIELDING:
        return None
    return _plain_type(inside_.elts[0] if isinstance(inside_, ast.Tuple) else inside_)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def dependency(
    evaluator: "Evaluator", annotation: ast.expr | None, default: ast.expr | None, scope: Scope
) -> Value | None:
    """What `Depends(get_client)` gives a parameter, as a default or in `Annotated[...]`."""
    marks: list[ast.expr] = [default] if default is not None else []
    if isinstance(annotation, ast.Name | ast.Attribute):
        alias = evaluator.alias_of(annotation, scope)
        if alias is not None:
            return dependency(evaluator, alias[0], default, alias[1])
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
        marks += annotation.slice.elts[1:]
    for mark in marks:
        if not isinstance(mark, ast.Call):
            continue
        func = mark.func
        kind = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if kind in _DEPENDS:
            if not mark.args:
                return None
            function = evaluator.evaluate(mark.args[0], scope)
            if isinstance(function, Function):
                return result(evaluator, function, ())
            return Object(function) if isinstance(function, Class) else None
    return None

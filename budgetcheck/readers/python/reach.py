"""What following the flow of code asks of evaluation: which function is called, what is sent, how often.

All of it answers None, or nothing, where the files do not say.
"""

import ast
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from budgetcheck.model.settings import Known
from budgetcheck.model.span import Span
from budgetcheck.readers.python import attributes, calls, names
from budgetcheck.readers.python.deferred import may_hold
from budgetcheck.readers.python.evaluation import Evaluator, walk_body
from budgetcheck.readers.python.modules import Module
from budgetcheck.readers.python.scopes import (
    RUNS,
    Class,
    ClientPath,
    Function,
    ModuleRef,
    Object,
    Partial,
    Scope,
    Value,
)
from budgetcheck.readers.python.values import (
    Args,
    Instance,
    Items,
    Made,
    Named,
    Plain,
    PyValue,
    Request,
    Wrapper,
)

__all__ = ["Callee", "Module", "Reach", "Scope"]

_SAME_LENGTH = frozenset({"enumerate", "reversed", "sorted", "list", "tuple", "set"})
_ENTERING = ("__enter__", "__aenter__", "__exit__", "__aexit__")


@dataclass(frozen=True, slots=True)
class Callee:
    """A function of the project with the arguments it is called with.

    Attributes:
        scope: of its body. `node`: the function.
        owner: `path/to/module.py:Class.method`, for addresses.
        is_async: calling it gives a coroutine.
        outer: the scope its decorators stand in.
        key: the same for the same function with the same arguments.
        runs: `thread` or `loop` where it was made to run there, whoever calls it.
    """

    scope: Scope
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    owner: str
    is_async: bool
    outer: Scope
    key: object
    runs: str = ""


Wrap = Callable[[str, Args], Wrapper | None]


class Reach:
    """Answers about one project. `wrap` describes decorators and deadlines by full name and arguments."""

    def __init__(self, evaluator: Evaluator, wrap: Wrap) -> None:
        self._evaluator = evaluator
        self._wrap = wrap

    @property
    def evaluator(self) -> Evaluator:
        """What evaluates expressions, for those that look for more than a value."""
        return self._evaluator

    def evaluate(self, node: ast.expr | None, scope: Scope) -> Value | None:
        """What an expression stands for."""
        return None if node is None else self._evaluator.evaluate(node, scope)

    def span(self, node: ast.AST, scope: Scope) -> Span:
        """Where a node stands."""
        return self._evaluator.span(node, scope)

    def name(self, node: ast.expr, scope: Scope) -> str:
        """The full name of something outside the project; empty for everything else."""
        found = self._evaluator.evaluate(node, scope)
        if isinstance(found, Named):
            return found.name
        return found.callee if isinstance(found, Made) else ""

    def callee(self, call: ast.Call, scope: Scope) -> Callee | None:
        """The function of the project that a call runs: a function, a constructor, a callable object."""
        return next(iter(self.callees(call, scope)), None)

    def callees(self, call: ast.Call, scope: Scope) -> tuple[Callee, ...]:
        """All functions of the project that a call may run; of several one is, and nothing says which."""
        found = (self._called(one, call, scope) for one in self._evaluator.choices(call.func, scope))
        return tuple(one for one in found if one is not None)

    def _called(self, found: Value, call: ast.Call, scope: Scope) -> Callee | None:
        if isinstance(found, Partial):
            later = calls.bound(self._evaluator, found.function, call, scope, found.given)
            return self._callee(found.function, later)
        function = self._function(found)
        if function is None:
            return None
        return self._callee(function, calls.bound(self._evaluator, function, call, scope))

    def function(self, node: ast.expr, scope: Scope) -> Callee | None:
        """The function of the project that an expression stands for, without arguments."""
        found = self._evaluator.evaluate(node, scope)
        if isinstance(found, Partial):
            return self._callee(found.function, found.given)
        function = self._function(found)
        return None if function is None else self._callee(function, ())

    def defined(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Callee:
        """A function where it is defined."""
        function = names.defined(node, scope)
        assert isinstance(function, Function)
        if function.klass is not None and function.bound is None:
            me = Object(function.klass)
            function = Function(function.module, function.node, function.klass, me, function.outer)
        return self._callee(function, ())

    def is_record(self, node: ast.expr, scope: Scope) -> bool:
        """A class of the project whose constructor is none of its own code: making one waits for nobody."""
        found = self._evaluator.evaluate(node, scope)
        return isinstance(found, Class) and self._function(found) is None

    def requests(self, call: ast.Call, scope: Scope) -> tuple[Request, ...]:
        """What a call may send through client libraries; of several one is sent, and nothing says which."""
        found = (self._request(one, call, scope) for one in self._evaluator.choices(call.func, scope))
        return tuple(one for one in found if one is not None)

    def _request(self, found: Value, call: ast.Call, scope: Scope) -> Request | None:
        match found:
            case Named(name=name):
                return self._of_library(name, self._evaluator.arguments(call, scope))
            case Made(callee="functools.partial", args=given) if isinstance(_first(given), Named):
                later = self._evaluator.arguments(call, scope)
                name = getattr(_first(given), "name", "")
                return self._of_library(name, _with_later(given, later))
            case ClientPath(instance=instance, path=path):
                return self._sent(instance, path, call, scope)
            case Instance():
                return self._sent(found, "__call__", call, scope)
            case _:
                return None
        return None

    def _of_library(self, name: str, args: Args) -> Request | None:
        """What a function of a library sends."""
        found = (library.function(name, args) for library in self._evaluator.libraries_of(name))
        return next((made for made in found if isinstance(made, Request)), None)

    def _sent(self, instance: Instance, path: str, call: ast.Call, scope: Scope) -> Request | None:
        args = self._evaluator.arguments(call, scope)
        for library in self._evaluator.libraries:
            if library.name == instance.library:
                made = library.call(instance, path, args)
                return made if isinstance(made, Request) else None
        return None

    def wrapper(self, node: ast.expr, scope: Scope) -> Wrapper | None:
        """The retry or deadline that a decorator, context manager or call puts round something."""
        if isinstance(node, ast.Call):
            found = self._evaluator.evaluate(node.func, scope)
            args = self._evaluator.arguments(node, scope) if isinstance(found, Named) else None
            if isinstance(found, Named) and args is not None:
                return self._wrap(found.name, args)
            if isinstance(found, Made) and found.callee.endswith("Retrying"):  # `Retrying(...)(function)`
                return self._wrap(found.callee, found.args)
            if not isinstance(found, Function):
                return None
        found = self._evaluator.evaluate(node, scope)
        if isinstance(found, Made):
            return self._wrap(found.callee, found.args)
        if isinstance(found, Named):
            return self._wrap(found.name, Args(span=self.span(node, scope)))
        return None

    def number(self, node: ast.expr, scope: Scope) -> Fraction | None:
        """A known number."""
        found = self._evaluator.evaluate(node, scope)
        known = found.known if isinstance(found, Plain) and isinstance(found.value, Known) else None
        if isinstance(known, bool) or not isinstance(known, int | float) or known != known:
            return None
        return Fraction(str(known)) if abs(known) < 10**15 else None

    def count(self, node: ast.expr, scope: Scope) -> int | None:
        """How many things an expression goes through; None where that is not known."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in _SAME_LENGTH and node.args:
                return self.count(node.args[0], scope)
            if node.func.id == "range" and not node.keywords and 1 <= len(node.args) <= 3:
                return self._range(node.args, scope)
        found = self._evaluator.evaluate(node, scope)
        return len(found.items) if isinstance(found, Items) else None

    def _range(self, arguments: list[ast.expr], scope: Scope) -> int | None:
        numbers = [self.number(argument, scope) for argument in arguments]
        whole = [int(one) for one in numbers if one is not None and one.denominator == 1]
        if len(whole) != len(arguments) or (len(whole) == 3 and whole[2] == 0):
            return None
        return len(range(*whole))

    def exceptions(self, kind: ast.expr | None, scope: Scope) -> list[str]:
        """Full names of what an `except` catches."""
        if kind is None:
            return ["BaseException"]
        if isinstance(kind, ast.Tuple):
            return [name for one in kind.elts for name in self.exceptions(one, scope)]
        return [self.name(kind, scope) or ast.unparse(kind)]

    def decorator(self, node: ast.expr, scope: Scope) -> Callee | None:
        """The project's own function that a decorator is."""
        call = node if isinstance(node, ast.Call) else None
        found = self._evaluator.evaluate(call.func if call else node, scope)
        if not isinstance(found, Function):
            return None
        given = calls.bound(self._evaluator, found, call, scope) if call else ()
        return self._callee(found, given)

    def nested(self, maker: Callee, inner: ast.FunctionDef | ast.AsyncFunctionDef) -> Scope:
        """The scope of a function that another one defines."""
        return Scope(maker.scope.module, inner, outer=maker.scope)

    def context_methods(self, node: ast.expr, scope: Scope) -> Iterator[Callee]:
        """What entering and leaving an object of the project runs."""
        found = self._evaluator.evaluate(node, scope)
        if isinstance(found, Object):
            for name in _ENTERING:
                method = attributes.member(self._evaluator, found, name)
                if isinstance(method, Function):
                    yield self._callee(method, ())

    def module_scope(self, module: Module) -> Scope:
        """The scope of a module's top."""
        return Scope(module)

    def inside(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Scope:
        """The scope of a function's body."""
        return self.defined(node, scope).scope

    def in_class(self, node: ast.ClassDef, scope: Scope) -> Scope:
        """The scope of a class's body."""
        klass = Class(scope.module, node)
        return Scope(scope.module, None, klass, Object(klass))

    def assigned(self, node: ast.expr, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """The expression that a module's variable is given."""
        return self._evaluator.alias_of(node, scope)

    def methods(self, node: ast.expr, scope: Scope, wanted: Collection[str]) -> Iterator[tuple[str, Callee]]:
        """The methods of those names that a class, or that of an object, or a base in the project defines."""
        found = self._evaluator.evaluate(node, scope)
        if isinstance(found, Class | Object):
            me = Object(found) if isinstance(found, Class) else found
            for name in sorted(wanted):
                function = self._method(me.klass, me, name)
                if function is not None:
                    yield name, self._callee(function, ())

    def module(self, dotted: str, scope: Scope) -> Module | None:
        """The module of the project that a dotted name means to the module of a scope."""
        return self._evaluator.project.find(dotted, scope.module)

    def module_of(self, node: ast.expr, scope: Scope) -> Module | None:
        """The module of the project that an expression stands for."""
        found = self._evaluator.evaluate(node, scope)
        return found.module if isinstance(found, ModuleRef) else None

    def _function(self, found: Value | None) -> Function | None:
        match found:
            case Function():
                return found
            case Class():
                method = self._method(found, Object(found), "__init__")
                return method if method is not None else self._method(found, Object(found), "__post_init__")
            case Object(klass=klass):
                return self._method(klass, found, "__call__")
            case _:
                return None

    def _method(self, klass: Class, me: Object, name: str) -> Function | None:
        for one in attributes.lineage(self._evaluator, klass):
            node = attributes.method_of(one, name)
            if node is not None:
                return Function(one.module, node, one, me)
        return None

    def _callee(self, function: Function, given: calls.Given) -> Callee:
        scope = self._evaluator.same(calls.inside(function, given))
        node = function.node
        name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
        prefix = f"{function.klass.node.name}." if function.klass is not None else ""
        outer = Scope(function.module, None, function.klass, function.bound, (), function.outer)
        runs = function.runs or _made_to_run(node)
        is_coroutine = isinstance(node, ast.AsyncFunctionDef) and not _yields(node)
        return Callee(
            scope=scope,
            node=node,
            owner=f"{function.module.name}:{prefix}{name}",
            is_async=runs == "thread" or (is_coroutine and runs != "loop"),
            runs=runs,
            outer=outer if function.outer is None else function.outer,
            key=(function, given),
        )


def _made_to_run(node: ast.AST) -> str:
    """Where a decorator makes a function run: `@sync_to_async`."""
    for decorator in getattr(node, "decorator_list", ()):
        maker = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = maker.attr if isinstance(maker, ast.Attribute) else getattr(maker, "id", "")
        if name in RUNS:
            return RUNS[name]
    return ""


def _yields(node: ast.AsyncFunctionDef) -> bool:
    if not may_hold(node, ("yield",)):
        return False
    return any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in walk_body(node.body))


def _first(args: Args) -> PyValue | None:
    return args.positional[0] if args.positional else None


def _with_later(given: Args, later: Args) -> Args:
    """The arguments of `partial(function, ...)` with those that it is called with."""
    keywords = {**dict(given.keywords), **dict(later.keywords)}
    return replace(
        later,
        positional=(*given.positional[1:], *later.positional),
        keywords=tuple(keywords.items()),
        open=given.open or later.open,
    )

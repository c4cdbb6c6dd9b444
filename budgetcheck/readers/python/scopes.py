"""What an expression may stand for besides plain values: functions, classes, objects; and scopes."""

import ast
from dataclasses import dataclass, field

from budgetcheck.readers.python.bindings import FunctionNode
from budgetcheck.readers.python.modules import Module
from budgetcheck.readers.python.values import Instance, Plain, PyValue

# Scopes hold values and values hold scopes: hashes leave some parts out, and are kept where they go deep.

RUNS = {"sync_to_async": "thread", "database_sync_to_async": "thread", "async_to_sync": "loop"}
"""What makes a function run somewhere else, by the last part of its name."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the project; `outer` the scope of the function that defines it, None for most."""

    module: Module
    node: ast.ClassDef
    outer: "Scope | None" = None

    def __hash__(self) -> int:
        return hash(self.node)


@dataclass(frozen=True, slots=True)
class Object:
    """An object of a class of the project.

    Attributes:
        given: arguments it was made with, by parameter or field.
        prefix: of the variables its fields are read from, where it is part of other settings.
        made: the call that makes it is known, not only its class.
    """

    klass: Class
    given: tuple[tuple[str, "Value"], ...] = ()
    prefix: str | None = None
    made: bool = False
    _hash: int = field(default=0, init=False, compare=False, repr=False)

    def __hash__(self) -> int:
        if not self._hash:
            object.__setattr__(self, "_hash", hash((self.klass, self.given)))
        return self._hash


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the project; `klass` and `bound` of a method, `outer` of a nested function."""

    module: Module
    node: FunctionNode
    klass: Class | None = None
    bound: Object | Class | None = None
    outer: "Scope | None" = None
    runs: str = ""
    """Where it runs however it is called: `thread` (`sync_to_async`), `loop` (`async_to_sync`)."""

    def __hash__(self) -> int:
        return hash((self.node, self.bound))


@dataclass(frozen=True, slots=True)
class ModuleRef:
    """A module of the project as a value."""

    module: Module


@dataclass(frozen=True, slots=True)
class Namespace:
    """A package of the project without an `__init__.py`, as one of its modules imports it."""

    name: str
    importer: Module


@dataclass(frozen=True, slots=True)
class ClientPath:
    """An attribute of a client: `client.chat.completions`, `session.get`."""

    instance: Instance
    path: str

    def __hash__(self) -> int:
        return hash((self.instance.maker, self.path))


@dataclass(frozen=True, slots=True)
class Partial:
    """`functools.partial(function, ...)`: a function with some of its arguments."""

    function: Function
    given: tuple[tuple[str, "Value"], ...]

    def __hash__(self) -> int:
        return hash(self.function)


@dataclass(frozen=True, slots=True)
class Several:
    """One of several things that are no plain values; the files do not say which."""

    values: tuple["Value", ...]

    def __hash__(self) -> int:
        return hash(self.values[:1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Unset(Plain):
    """What reading a variable gives that nothing in these files sets: None, as far as one can see."""

    variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Plain):
    """An object of the project in a list or dictionary: no plain value, to whoever asks for one."""

    held: "Object | Function | Partial | ClientPath"


Value = (
    PyValue | Instance | Class | Object | Function | ModuleRef | Namespace | ClientPath | Partial | Several
)


Given = tuple[tuple[str, Value], ...]
"""Arguments by parameter."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a name is looked up.

    Attributes:
        function: the function whose body it is; None at the top of a module or class.
        klass: the class whose body or method it is.
        me: what `self` or `cls` stands for.
        values: arguments that are known, by parameter.
        outer: the scope round a nested function.
    """

    module: Module
    function: FunctionNode | None = None
    klass: Class | None = None
    me: Object | Class | None = None
    values: tuple[tuple[str, Value], ...] = field(default=(), repr=False)
    outer: "Scope | None" = field(default=None, repr=False)

    _hash: int = field(default=0, init=False, compare=False, repr=False)

    def __hash__(self) -> int:
        if not self._hash:
            object.__setattr__(
                self, "_hash", hash((self.module, self.function, self.me, self.values, self.outer))
            )
        return self._hash


def defined(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Function:
    """A function where it is defined."""
    if scope.function is None and scope.klass is not None:
        return Function(scope.module, node, scope.klass, scope.me, scope.klass.outer)
    return Function(scope.module, node, None, None, scope if scope.function is not None else None)


def class_of(node: ast.ClassDef, scope: Scope) -> Class:
    """A class where it is defined."""
    return Class(scope.module, node, scope if scope.function is not None else None)

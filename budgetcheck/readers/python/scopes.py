"""What a name may stand for besides plain values: functions, classes and objects of the project; scopes."""

import ast
from dataclasses import dataclass, field

from budgetcheck.readers.python.modules import Module
from budgetcheck.readers.python.values import Instance, PyValue


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the project."""

    module: Module
    node: ast.ClassDef


@dataclass(frozen=True, slots=True)
class Object:
    """An object of a class of the project; `given` are arguments it was made with, by parameter or field."""

    klass: Class
    given: tuple[tuple[str, "Value"], ...] = ()
    _hash: int = field(default=0, init=False, compare=False, repr=False)

    def __hash__(self) -> int:
        """Kept: what an object was made with may go deep, and scopes are looked up all the time."""
        if not self._hash:
            object.__setattr__(self, "_hash", hash((self.klass, self.given)))
        return self._hash


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the project; `klass` and `bound` of a method, `outer` of a nested function."""

    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    klass: Class | None = None
    bound: Object | Class | None = None
    outer: "Scope | None" = None


@dataclass(frozen=True, slots=True)
class ModuleRef:
    """A module of the project as a value."""

    module: Module


@dataclass(frozen=True, slots=True)
class ClientPath:
    """An attribute of a client: `client.chat.completions`, `session.get`."""

    instance: Instance
    path: str


@dataclass(frozen=True, slots=True)
class Partial:
    """`functools.partial(function, ...)`: a function with some of its arguments."""

    function: Function
    given: tuple[tuple[str, "Value"], ...]


Value = PyValue | Instance | Class | Object | Function | ModuleRef | ClientPath | Partial


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
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None = None
    klass: Class | None = None
    me: Object | Class | None = None
    values: tuple[tuple[str, Value], ...] = ()
    outer: "Scope | None" = None
    _hash: int = field(default=0, init=False, compare=False, repr=False)

    def __hash__(self) -> int:
        """Kept, as that of an object."""
        if not self._hash:
            parts = (self.module, self.function, self.klass, self.me, self.values, self.outer)
            object.__setattr__(self, "_hash", hash(parts))
        return self._hash

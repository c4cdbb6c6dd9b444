"""What the names in an expression stand for: the module around it, and the loop variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from budgetcheck.readers.terraform.values import Fuel, Value


class Names(Protocol):
    """What the names at the beginning of a reference stand for: one module instance.

    `origin` stands before all addresses of a root module's things where other root modules are in sight that
    have things of the same address. It is never shown.
    """

    fuel: Fuel
    origin: str

    def address(self, name: str) -> str:
        """The name of something in this module instance, told apart from those of all others of the root."""

    def variable(self, name: str) -> Value:
        """`var.name`."""

    def local(self, name: str) -> Value:
        """`local.name`."""

    def call(self, name: str) -> Value:
        """`module.name`."""

    def resource(self, kind: str, name: str) -> Value:
        """`kind.name`."""

    def data(self, kind: str, name: str) -> Value:
        """`data.kind.name`."""

    def meta(self, group: str, name: str) -> Value:
        """`path.name` and `terraform.name`."""

    def function(self, name: str, arguments: tuple[Value, ...]) -> Value:
        """A function's result; the arguments hold no choice and nothing unknown at the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where an expression stands: its module, and the loop variables around it."""

    names: Names
    bindings: Mapping[str, Value] = field(default_factory=dict)

    def bind(self, **bindings: Value) -> "Scope":
        """The scope with further variables."""
        return Scope(names=self.names, bindings={**self.bindings, **bindings})

"""What a unit uses of another one: the outputs of the module that this calls.

The unit is the one that `config_path` leads to from the folder of the unit that asks. Mock outputs are never
taken for values.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/#dependency
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from budgetcheck.readers.terraform.terragrunt.paths import DEFAULT_NAMES, Paths
from budgetcheck.readers.terraform.values import (
    Choice,
    Handle,
    Scalar,
    Unknown,
    Value,
    map_value,
    merge_unknown,
)

_APPLIED = "known only after that is applied"
_NEEDS = "write the value itself, or give the plan of the unit as JSON"
_LONGEST = 200
_GIVE = "give the directory of that unit to budgetcheck too, or write the value itself"


class Outputs(Protocol):
    """A unit, seen from one that depends on it."""

    def why_unknown(self) -> str:
        """Why nothing it outputs can be known now; empty where it can be."""

    def output_names(self) -> list[str]:
        """The outputs of its module, sorted."""

    def output(self, name: str) -> Value:
        """One of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """Another unit whose outputs are used; `why` says what stands against it. A Subject."""

    name: str
    unit: Outputs | None = None
    why: str = _APPLIED
    needs: str = _NEEDS

    def attribute(self, name: str) -> Value:
        """`outputs`."""
        if name == "outputs":
            return Handle(subject=_Outputs(dependency=self))
        return self.unknown(name)

    def element(self, key: Value) -> Value:
        """The same by index."""
        return self.attribute(str(key.value)) if isinstance(key, Scalar) else self.everything()

    def everything(self) -> Value:
        """Never known."""
        return self.unknown("outputs")

    def sample(self) -> Value | None:
        """A unit is a single thing."""
        return None

    def unknown(self, what: str, why: str = "") -> Unknown:
        """The value of a part that is not known."""
        return Unknown(
            reason=f"dependency.{self.name}.{what} is of another unit, {why or self.why}", needs=self.needs
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outputs:
    """The outputs of a unit. A Subject."""

    dependency: Dependency

    def attribute(self, name: str) -> Value:
        """One output.

        One that is null is not in the state, where a mock may stand in for it. What is wrong in the other
        unit is no error of this one.
        """
        unit = self.dependency.unit
        why = unit.why_unknown() if unit else ""
        if unit is None or why:
            return self.dependency.unknown(f"outputs.{name}", why)
        value = unit.output(name)
        if isinstance(value, Scalar) and value.value is None:
            return self.dependency.unknown(f"outputs.{name}", "where it is null")
        return replace(value, failed=False) if isinstance(value, Unknown) else value

    def element(self, key: Value) -> Value:
        """An output by name."""
        return self.attribute(str(key.value)) if isinstance(key, Scalar) else self.dependency.everything()

    def everything(self) -> Value:
        """All outputs."""
        unit = self.dependency.unit
        why = unit.why_unknown() if unit else ""
        if unit is None or why:
            return self.dependency.unknown("outputs", why)
        return map_value({name: self.attribute(name) for name in unit.output_names()})

    def sample(self) -> Value | None:
        """A unit has its outputs once."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """All dependencies of a configuration, as another one sees them: `include.root.dependency`. A Subject."""

    named: Callable[[str], Value]

    def attribute(self, name: str) -> Value:
        """One of them."""
        return self.named(name)

    def element(self, key: Value) -> Value:
        """One by name."""
        return self.named(str(key.value)) if isinstance(key, Scalar) else self.everything()

    def everything(self) -> Value:
        """Never known as a whole."""
        return Unknown(reason="all dependencies together are not evaluated")

    def sample(self) -> Value | None:
        """A configuration has its dependencies once."""
        return None


@dataclass(slots=True)
class Units:
    """The units of a run by their folder, with links followed."""

    paths: Paths
    known: dict[Path, Outputs] = field(default_factory=dict)

    def add(self, folder: Path, unit: Outputs) -> None:
        """Lets others depend on a unit."""
        self.known[self.paths.real(folder)] = unit

    def named(self, name: str, config_path: Value, folder: Path) -> Dependency:
        """The dependency of that name, whose `config_path` is read from a folder."""
        if isinstance(config_path, Choice):
            return Dependency(name=name, why=f"which may be one of several: {config_path.reason}")
        if not isinstance(config_path, Scalar) or not isinstance(config_path.value, str):
            unknown = merge_unknown([config_path], "its config_path is no text")
            return Dependency(name=name, why=f"which is not known: {unknown.reason}")
        found = self.paths.located(config_path.value, folder)
        if found.name in DEFAULT_NAMES:
            found = found.parent
        unit = self.known.get(self.paths.real(found))
        if unit is None:
            missing = f"{config_path.value[:_LONGEST]}, which is not among these files"
            return Dependency(name=name, why=missing, needs=_GIVE)
        return Dependency(name=name, unit=unit)

"""Finds and loads facts files: the shipped ones by name, others by path."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from budgetcheck.facts.errors import FactsError
from budgetcheck.facts.fact import Component
from budgetcheck.facts.parse import parse_component

_HERE = Path(__file__).parent


@cache
def component_names() -> tuple[str, ...]:
    """Names of all shipped components, sorted; no file is parsed."""
    return tuple(sorted(path.stem for path in _HERE.glob("*.toml")))


@cache
def load(name: str) -> Component:
    """The shipped component of that name, parsed once per run.

    Raises FactsError for a name that is not shipped, and for a file that does not follow the schema.
    """
    if name not in component_names():
        raise FactsError(f"{name}: no such component; `budgetcheck components` lists them")
    return load_file(_HERE / f"{name}.toml")


def find(name: str) -> Component | None:
    """The shipped component of that name, or None where there is none."""
    return load(name) if name in component_names() else None


def load_file(path: Path) -> Component:
    """The component that a facts file describes, named after the file. Raises FactsError if it is wrong."""
    try:
        table: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FactsError(f"{path.name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FactsError(f"{path.name}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise FactsError(f"{path.name}: is not TOML: {error}") from None
    return parse_component(path.stem, table, path.name)


def override(name: str, table: Mapping[str, object], place: str) -> Component:
    """A component of the user's own, in the same shape as a facts file.

    Where one of that name is shipped, it is completed: settings in `table` replace all shipped facts on
    the same setting, everything else stays. `place` begins the message of the FactsError a wrong table
    raises (`budgetcheck.yaml:12`).
    """
    return parse_component(name, table, place, base=find(name))

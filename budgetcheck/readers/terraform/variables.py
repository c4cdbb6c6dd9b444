"""Values of root module variables: var files in Terraform's order of precedence.

default < TF_VAR_name, where asked for < terraform.tfvars < terraform.tfvars.json <
*.auto.tfvars(.json) < the environment's var files.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.constants import Nothing
from budgetcheck.readers.terraform.evaluate import evaluate
from budgetcheck.readers.terraform.functions.encoding import from_plain
from budgetcheck.readers.terraform.scope import Scope
from budgetcheck.readers.terraform.shown import shown
from budgetcheck.readers.terraform.sources import Sources
from budgetcheck.readers.terraform.values import Fuel, NotKnownError, Unknown, Value, via

__all__ = ["SUPPLY", "Nothing", "RootValues", "automatic_files", "from_environment", "read_var_files"]

SUPPLY = (
    "give it a default, set it in terraform.tfvars or *.auto.tfvars, or name the var files of each"
    " environment in budgetcheck.yaml: `environments: {NAME: {var_files: [...]}}`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RootValues:
    """What a root module is run with: values by variable name, and the workspace (empty if unknown).

    `place` is where a module that comes with budgetcheck is called from, if that is no module call.
    `generated`: variables may be declared in files that are made only when Terraform is run, so a value
    without a declaration counts.
    `origin` stands before the addresses of its resources in references, as in `Names`.
    """

    variables: Mapping[str, Value] = field(default_factory=dict)
    workspace: str = ""
    place: Span | None = None
    generated: bool = False
    origin: str = ""
    fuel: Fuel = field(default_factory=Fuel)


def automatic_files(directory: Path) -> list[Path]:
    """The var files of a directory that Terraform loads by itself, weakest first."""
    try:
        names = sorted(entry.name for entry in directory.iterdir() if entry.name.endswith(_SUFFIXES))
    except OSError:
        return []
    first = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    auto = [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    return [directory / name for name in first + auto]


def from_environment(variables: Iterable[tuple[str, str]]) -> dict[str, Value]:
    """Values of `TF_VAR_name`. Collections, which Terraform reads as expressions, stay unknown."""
    return {name: _environment_value(name, text) for name, text in variables}


def _environment_value(name: str, text: str) -> Value:
    span = Span(file="environment", text=f"TF_VAR_{name}")
    if text.lstrip().startswith(("[", "{")):
        reason = f"TF_VAR_{name} holds a collection, which is not read"
        return Unknown(reason=reason, needs=f"set {name} in a var file", trail=(span,))
    return via(from_plain(text), (span,))


_SUFFIXES = (".tfvars", ".tfvars.json")


def read_var_files(sources: Sources, files: list[Path]) -> dict[str, Value]:
    """The values of several var files, later ones over earlier ones."""
    values: dict[str, Value] = {}
    for file in files:
        values.update(_json_values(sources, file) if file.name.endswith(".json") else _values(sources, file))
    return values


def _values(sources: Sources, file: Path) -> Iterator[tuple[str, Value]]:
    _, attributes = sources.var_file(file)
    scope = Scope(names=Nothing())
    for name, attribute in attributes.items():
        yield name, via(evaluate(sources.expression(attribute), scope), (attribute.span,))


def _json_values(sources: Sources, file: Path) -> Iterator[tuple[str, Value]]:
    data = sources.bytes(file)
    if data is None:
        return
    text, name = data.decode("utf-8", errors="replace"), sources.tree.name(file)
    try:
        entries = list(_json_entries(text))
    except (ValueError, RecursionError):
        problem = Problem(
            span=Span(file=name),
            text=f"{name} is not a JSON object",
            fix="correct it; `terraform plan` shows where the error is",
        )
        sources.problems.append(problem)
        return
    for key, line, plain in entries:
        span = Span(file=name, line=line, text=shown(key, json.dumps(plain)))
        try:
            yield key, via(from_plain(plain), (span,))
        except NotKnownError as error:
            yield key, error.value


def _json_entries(text: str) -> Iterator[tuple[str, int, object]]:
    """Keys of a JSON object with their lines and values. Raises ValueError where it is none."""
    decoder = json.JSONDecoder()
    position = _skip(text, text.index("{") + 1)
    while not text.startswith("}", position):
        key, end = decoder.raw_decode(text, position)
        line = text.count("\n", 0, position) + 1
        position = _skip(text, end)
        if not isinstance(key, str) or not text.startswith(":", position):
            raise ValueError("not an object")
        value, end = decoder.raw_decode(text, _skip(text, position + 1))
        yield key, line, value
        position = _skip(text, end)
        if text.startswith(",", position):
            position = _skip(text, position + 1)
        elif not text.startswith("}", position):
            raise ValueError("not an object")


def _skip(text: str, position: int) -> int:
    while text[position : position + 1] in (" ", "\t", "\r", "\n"):
        position += 1
    if position >= len(text):
        raise ValueError("the text ends too early")
    return position

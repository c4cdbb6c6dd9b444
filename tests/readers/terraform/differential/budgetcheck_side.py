"""What budgetcheck makes of the same expressions and modules, in the shape that Terraform's answers have."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from terraform_oracle import ERROR, Outcome

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.readers.terraform.environments import Variants
from budgetcheck.readers.terraform.evaluate import evaluate, room_for_evaluation
from budgetcheck.readers.terraform.locate import Locator
from budgetcheck.readers.terraform.modules import Module
from budgetcheck.readers.terraform.parse import parse_expression
from budgetcheck.readers.terraform.sources import Sources
from budgetcheck.readers.terraform.values import (
    Choice,
    Encoded,
    Fuel,
    ListValue,
    MapValue,
    Scalar,
    Unknown,
    Value,
)
from budgetcheck.readers.terraform.variables import RootValues, automatic_files, read_var_files
from budgetcheck.tree import Tree


def evaluated(folder: Path, preamble: str, expressions: Sequence[str]) -> list[Outcome]:
    """The outcome of each expression at the top of a module that holds `preamble`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf").write_text(preamble, encoding="utf-8")
    base = folder.resolve()
    sources = Sources(Tree(root=base, base=base))
    root = sources.directory(base)
    module = Module(Locator(sources, root), root, RootValues())
    outcomes = []
    with room_for_evaluation():
        for expression in expressions:
            module.fuel.left = Fuel().left
            outcomes.append(outcome(evaluate(parse_expression(expression, "given"), module.scope)))
    return outcomes


def outcome(value: Value) -> Outcome:
    if isinstance(value, Unknown) and value.failed:
        return ERROR
    unknown = _unknown(value)
    return Outcome(kind="unknown", reason=unknown) if unknown else Outcome(kind="value", value=plain(value))


def _unknown(value: Value) -> str:
    """Why a part of the value is not known; empty where all is."""
    match value:
        case Scalar():
            return ""
        case ListValue(items=items):
            return next((reason for reason in map(_unknown, items) if reason), "")
        case MapValue(entries=entries):
            return next((reason for reason in map(_unknown, entries.values()) if reason), "")
        case Unknown(reason=reason) | Choice(reason=reason):
            return reason or "no reason"
        case Encoded():
            return "parts of an encoded text are not known"
        case _:
            return "a resource as a whole"


def plain(value: Value) -> object:
    match value:
        case ListValue(items=items):
            return [plain(item) for item in items]
        case MapValue(entries=entries):
            return {key: plain(entry) for key, entry in entries.items()}
        case Scalar(value=Fraction() as fraction):
            return fraction
        case Scalar(value=atom):
            return atom
        case Choice(options=options):
            return {"one of": [plain(option) for option in options]}
        case _:
            return outcome(value).reason


def planned(folder: Path, var_files: Sequence[str] = (), workspace: str = "") -> dict[str, Outcome]:
    """The inputs of all `terraform_data` resources of a folder and the modules it calls, by address."""
    base = folder.resolve()
    tree = Tree(root=base, base=base)
    sources = Sources(tree)
    locator = Locator(sources, sources.directory(base))
    options = EnvironmentOptions(name="it", var_files=tuple(var_files), workspace=workspace, declared=True)
    (variant,) = Variants(tree, (options,), [base]).of(base)
    files = [*automatic_files(base), *variant.var_files]
    values = RootValues(variables=read_var_files(sources, files), workspace=variant.workspace)
    with room_for_evaluation():
        module = Module(locator, locator.root, values)
        found = {
            one.address: outcome(one.value("input"))
            for one in module.resources(frozenset({"terraform_data"}))
        }
    assert not sources.problems, sources.problems
    return found

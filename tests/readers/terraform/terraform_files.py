"""Writes Terraform files into a folder and reads them; evaluates single expressions."""

from collections.abc import Mapping
from pathlib import Path

from budgetcheck.model.options import EnvironmentOptions, Options
from budgetcheck.model.settings import Declaration, Known, OneOf, Reading, Setting, Unresolved
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.terraform import read
from budgetcheck.readers.terraform.evaluate import evaluate
from budgetcheck.readers.terraform.locate import Locator
from budgetcheck.readers.terraform.modules import Module
from budgetcheck.readers.terraform.parse import parse_expression
from budgetcheck.readers.terraform.sources import Sources
from budgetcheck.readers.terraform.values import Value
from budgetcheck.readers.terraform.variables import RootValues
from budgetcheck.tree import SourceFile, Tree

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tfvars", ".tfvars.json")


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder.resolve()


def reading(
    folder: Path,
    files: Mapping[str, str],
    environments: tuple[EnvironmentOptions, ...] = (),
    given: tuple[str, ...] = (),
) -> Reading:
    """Reads all Terraform files of a folder, or only the `given` ones."""
    base = write(folder, files)
    tree = Tree(root=base, base=base)
    paths = sorted(path for path in base.rglob("*") if path.name.endswith(SUFFIXES))
    sources = [SourceFile(name=tree.name(path), path=path) for path in paths]
    chosen = [source for source in sources if not given or source.name in given]
    context = ReadContext(tree=tree, options=Options(), environments=environments, siblings=tuple(sources))
    return read(chosen, context)


def stack(folder: Path, text: str, **files: str) -> Reading:
    """Reads `text` as main.tf, together with files named like `variables` (variables.tf)."""
    return reading(folder, {"main.tf": text, **{f"{name}.tf": body for name, body in files.items()}})


def declared(result: Reading, address: str, environment: str = "") -> Declaration:
    found = [d for d in result.declarations if (d.address, d.environment) == (address, environment)]
    assert len(found) == 1, [(d.address, d.environment) for d in result.declarations]
    return found[0]


def setting_of(result: Reading, address: str, name: str, environment: str = "") -> Setting:
    found = declared(result, address, environment).setting(name)
    assert found is not None, declared(result, address, environment).settings
    return found


def known(setting: Setting) -> object:
    assert isinstance(setting.value, Known), setting.value
    return setting.value.value


def options(setting: Setting) -> set[object]:
    assert isinstance(setting.value, OneOf), setting.value
    return set(setting.value.values)


def reason(setting: Setting) -> str:
    assert isinstance(setting.value, Unresolved), setting.value
    return setting.value.reason


def way(setting: Setting) -> list[str]:
    """The provenance as `place text`."""
    return [f"{span.place} {span.text}" for span in setting.spans]


def value_of(folder: Path, expression: str, text: str = "") -> Value:
    """The value of an expression at the top of a module that holds `text`."""
    base = write(folder, {"main.tf": text})
    sources = Sources(Tree(root=base, base=base))
    root = sources.directory(base)
    module = Module(Locator(sources, root), root, RootValues())
    return evaluate(parse_expression(expression, "given"), module.scope)

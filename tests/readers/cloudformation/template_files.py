"""Writes templates into a folder and reads them; works out single expressions."""

from collections.abc import Mapping
from pathlib import Path

from budgetcheck.model.options import Options
from budgetcheck.model.settings import Declaration, Known, OneOf, Reading, Setting, Unresolved
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import is_cloudformation
from budgetcheck.readers.cloudformation import read
from budgetcheck.tree import SourceFile, Tree

HEAD = 'AWSTemplateFormatVersion: "2010-09-09"\n'


def reading(folder: Path, files: Mapping[str, str]) -> Reading:
    """Reads all files of a folder that are templates or services."""
    base = folder.resolve()
    for name, text in files.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    tree = Tree(root=base, base=base)
    sources = [
        SourceFile(name=tree.name(path), path=path, head=path.read_text(encoding="utf-8")[:65536])
        for path in sorted(base.rglob("*"))
        if path.is_file()
    ]
    claimed = [source for source in sources if is_cloudformation(source)]
    return read(claimed, ReadContext(tree=tree, options=Options(), siblings=tuple(sources)))


def template(folder: Path, text: str, **files: str) -> Reading:
    """Reads one template, `text` without its first line."""
    return reading(folder, {"template.yaml": HEAD + text, **files})


def declared(result: Reading, address: str, environment: str = "") -> Declaration:
    found = [d for d in result.declarations if (d.address, d.environment) == (address, environment)]
    assert len(found) == 1, [(d.address, d.environment) for d in result.declarations]
    return found[0]


def setting_of(result: Reading, address: str, name: str, environment: str = "") -> Setting:
    found = declared(result, address, environment).setting(name)
    assert found is not None, declared(result, address, environment).settings
    return found


def value_of(setting: Setting | None) -> object:
    """A known value, a set of possible ones, `...` for what is not known; None where nothing is written."""
    match setting.value if setting else None:
        case Known(value=value):
            return value
        case OneOf(values=values):
            return set(values)
        case Unresolved():
            return ...
        case None:
            return None


def targets_of(result: Reading, address: str) -> list[str]:
    return [target.address for target in declared(result, address).targets]

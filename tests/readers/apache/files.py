"""Configurations as a reader is given them."""

from pathlib import Path

from budgetcheck.model.options import Options
from budgetcheck.model.settings import Reading
from budgetcheck.readers.apache import read
from budgetcheck.readers.base import ReadContext
from budgetcheck.tree import SourceFile, Tree


def reading(folder: Path, files: dict[str, str]) -> Reading:
    sources = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sources.append(SourceFile(name=name, path=folder.resolve() / name))
    tree = Tree(root=folder.resolve(), base=folder.resolve())
    return read(sources, ReadContext(tree=tree, options=Options(), siblings=tuple(sources)))

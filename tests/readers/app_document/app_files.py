"""Reads app documents given as text, the way a run reads files."""

from pathlib import Path

from budgetcheck.model.options import Options
from budgetcheck.model.settings import Declaration, Known, Reading
from budgetcheck.readers.app_document import read
from budgetcheck.readers.base import ReadContext
from budgetcheck.tree import SourceFile, Tree


def read_files(folder: Path, files: dict[str, str | bytes]) -> Reading:
    """What the reader makes of files with these contents, given in this order."""
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
    root = folder.resolve()
    sources = [SourceFile(name=name, path=root / name) for name in files]
    return read(sources, ReadContext(tree=Tree(root=root, base=root), options=Options()))


def read_app(folder: Path, text: str | bytes) -> Reading:
    """What the reader makes of one `app.yaml`."""
    return read_files(folder, {"app.yaml": text})


def by_address(reading: Reading) -> dict[str, Declaration]:
    """Declarations by address; addresses are unique."""
    found = {declaration.address: declaration for declaration in reading.declarations}
    assert len(found) == len(reading.declarations)
    return found


def values(declaration: Declaration) -> dict[str, object]:
    """Settings of a declaration as name and raw value."""
    return {
        setting.name: setting.value.value
        for setting in declaration.settings
        if isinstance(setting.value, Known)
    }


def messages(reading: Reading) -> list[str]:
    """Problems as `line:column text | fix`."""
    return [f"{p.span.line}:{p.span.column} {p.text} | {p.fix}" for p in reading.problems]


def route(*calls: str) -> str:
    """A document with one route that makes these calls, each on a line of its own, from line 5 on."""
    lines = "".join(f"\n      - {call}" for call in calls)
    return f"service: shop\nroutes:\n  - path: /x\n    calls:{lines}\n"


def server(stated: str) -> str:
    """A document with this server, in line 2."""
    return f"service: shop\nserver: {stated}\nroutes: []\n"

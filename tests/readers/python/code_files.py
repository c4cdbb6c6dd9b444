"""Python projects given as texts, read the way a run reads them, and work in a short notation.

`a ; b` one after the other, `a || b` at the same time, `a | b` one of them, `3*a` and `1..*a` loops,
`retry-loop[a]` something round it. Calls are shown by the last part of their address.
"""

from pathlib import Path

from budgetcheck.model.options import Options
from budgetcheck.model.settings import Declaration, Known, OneOf, Reading
from budgetcheck.model.topology import CallWork, Choice, Loop, Parallel, Sequence, Work, Wrapped
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import is_python
from budgetcheck.readers.python.read import read
from budgetcheck.tree import SourceFile, Tree

CLIENTS = """
import asyncio, random, time
import httpx, requests, tenacity
from openai import AsyncOpenAI

client = AsyncOpenAI(timeout=20)

async def ask(text=""):
    return await client.chat.completions.create(model="m", messages=[])

def fetch(url="u"):
    return requests.get(url, timeout=3)
"""
"""A coroutine `ask` that calls openai, and a function `fetch` that calls requests."""


def read_project(folder: Path, files: dict[str, str], *, given: bool = False) -> Reading:
    """What the reader makes of a folder with these files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    root = folder.resolve()
    sources = [SourceFile(name=name, path=root / name, given=given) for name in files]
    context = ReadContext(tree=Tree(root=root, base=root), options=Options(), siblings=tuple(sources))
    return read([source for source in sources if is_python(source)], context)


def handlers(reading: Reading) -> dict[str, Declaration]:
    """Handlers by address, without `python:`."""
    return {
        one.address.removeprefix("python:"): one
        for one in reading.declarations
        if one.component in ("python", "celery") and one.trait("kind") != "app"
    }


def work_of(folder: Path, code: str, name: str = "f") -> str:
    """The work of one function of a text behind CLIENTS."""
    reading = read_project(folder, {"main.py": CLIENTS + code})
    found = [one for one in reading.declarations if one.address == f"python:main.py:{name}"]
    return shown(found[0].work) if found else ""


def shown(work: Work | None) -> str:
    """Work in a short notation."""
    match work:
        case None:
            return "?"
        case CallWork(address=address):
            return address.split("#")[1]
        case Sequence(parts=parts):
            return _joined(" ; ", parts)
        case Parallel(parts=parts):
            return _joined(" || ", parts)
        case Choice(parts=parts):
            return _joined(" | ", parts)
        case Loop(times=times, body=body):
            count = str(times.low) if times.exact else f"{times.low}..{times.high or ''}"
            return f"{count}*{shown(body)}"
        case Wrapped(address=address, body=body):
            return f"{address.partition('@')[2].partition('#')[0]}[{shown(body)}]"


def _joined(sign: str, parts: tuple[Work, ...]) -> str:
    return f"({sign.join(map(shown, parts))})"


def values(declaration: Declaration) -> dict[str, object]:
    """Settings by name: the value, a tuple of possible ones, or `?` where it is not known."""
    found: dict[str, object] = {}
    for setting in declaration.settings:
        match setting.value:
            case Known(value=value):
                found[setting.name] = value
            case OneOf(values=several):
                found[setting.name] = several
            case _:
                found[setting.name] = "?"
    return found

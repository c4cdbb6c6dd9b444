"""What the reader of Python finds in a few lines that use a client library, and how long that may take."""

from dataclasses import dataclass
from pathlib import Path

from budgetcheck.assess import assess
from budgetcheck.budget import worst_case
from budgetcheck.link import link
from budgetcheck.model.bound import Bound
from budgetcheck.model.options import Options
from budgetcheck.model.report import WorstCase
from budgetcheck.model.settings import Declaration, Known, OneOf, Problem, Setting
from budgetcheck.model.topology import MethodClass, Work, Wrapped
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.python.read import read
from budgetcheck.resolve import resolve
from budgetcheck.tree import SourceFile, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The calls of a text, outermost things first as they were declared, and what is wrong with them."""

    function: Declaration
    calls: tuple[Declaration, ...]
    problems: tuple[Problem, ...]

    @property
    def work(self) -> Work | None:
        """What the first function does."""
        return self.function.work


def found(folder: Path, code: str, **installed: str) -> Found:
    """Reads a text as `main.py` beside a lock file with these versions (`-` in names is `_`)."""
    lines = [f"{name.replace('_', '-')}=={version}\n" for name, version in installed.items()]
    texts = {"main.py": code, "requirements.txt": "".join(lines)}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    tree = Tree(root=folder.resolve(), base=folder.resolve())
    files = [SourceFile(name=name, path=tree.base / name) for name in texts]
    reading = read(files[:1], ReadContext(tree=tree, options=Options(), siblings=tuple(files)))
    handlers = [one for one in reading.declarations if one.component == "python"]
    assert handlers, "no function that calls out was found"
    calls = tuple(one for one in reading.declarations if one.component != "python")
    return Found(function=handlers[0], calls=calls, problems=reading.problems)


def call(folder: Path, code: str, **installed: str) -> Declaration:
    """The only call of a text."""
    calls = found(folder, code, **installed).calls
    assert len(calls) == 1, [one.address for one in calls]
    return calls[0]


def values(declaration: Declaration) -> dict[str, object]:
    """Settings by name: the value, a tuple of possible ones, or `?` where it is not known."""
    return {setting.name: _shown(setting) for setting in declaration.settings}


def _shown(setting: Setting) -> object:
    match setting.value:
        case Known(value=value):
            return value
        case OneOf(values=several):
            return several
        case _:
            return "?"


def hang(declaration: Declaration, *, safe: bool = False) -> Bound:
    """How long a call keeps its caller waiting for somebody silent: closed form of the facts."""
    hops = resolve([declaration]).hops
    methods = MethodClass.IDEMPOTENT if safe else MethodClass.NON_IDEMPOTENT
    return worst_case(hops[0], None, methods).hang


def attempts(declaration: Declaration, *, safe: bool = False) -> Bound:
    """Requests that somebody silent may see."""
    methods = MethodClass.IDEMPOTENT if safe else MethodClass.NON_IDEMPOTENT
    return worst_case(resolve([declaration]).hops[0], None, methods).attempts


def wrapped_by(work: Work | None) -> list[str]:
    """Addresses of what stands round some work, outermost first."""
    names = []
    while isinstance(work, Wrapped):
        names.append(work.address)
        work = work.body
    return names


def waits(here: Found, methods: MethodClass = MethodClass.NON_IDEMPOTENT) -> WorstCase:
    """What the function of a text needs with all that stands round its calls."""
    resolved = resolve([here.function, *here.calls])
    _, routes = link(resolved.hops, Options())
    route = next(one for one in routes if any(hop.address == here.function.address for hop in one.chain))
    return assess(route).costs[methods][here.function.address].worst

"""Reads process files given as text, the way a run finds and reads them."""

from pathlib import Path

from budgetcheck.environments import environments
from budgetcheck.model.options import EnvironmentOptions, Options
from budgetcheck.model.settings import Declaration, Known, OneOf, Reading, Unresolved
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import is_process
from budgetcheck.readers.processes import read
from budgetcheck.readers.processes.commands import servers_of
from budgetcheck.readers.processes.lexing import Source
from budgetcheck.readers.processes.servers.base import Server
from budgetcheck.readers.processes.texts import Text, literal
from budgetcheck.tree import SourceFile, Tree


def read_files(
    folder: Path, files: dict[str, str], *, given: bool = False, declared: tuple[EnvironmentOptions, ...] = ()
) -> Reading:
    """What the reader makes of a folder with these files; `given`: each is named on the command line."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    root = folder.resolve()
    sources = [SourceFile(name=n, path=root / n, head=files[n], given=given) for n in files]
    tree = Tree(root=root, base=root)
    options = Options(environments=declared)
    context = ReadContext(tree=tree, options=options, environments=environments(sources, options, tree))
    return read([source for source in sources if is_process(source)], context)


def servers(reading: Reading) -> dict[str, Declaration]:
    """Declarations of servers by address; services that are only presumed, and workers, are left out."""
    return _by_address([d for d in reading.declarations if d.trait("presumed") != "yes" and not _works(d)])


def workers(reading: Reading) -> dict[str, Declaration]:
    """Declarations of workers that take their work from a queue, by address."""
    return _by_address([d for d in reading.declarations if _works(d)])


def _works(declaration: Declaration) -> bool:
    return declaration.component == "celery"


def _by_address(found: list[Declaration]) -> dict[str, Declaration]:
    assert len({(d.address, d.environment) for d in found}) == len(found)
    return {f"{d.address}@{d.environment}" if d.environment else d.address: d for d in found}


def only(reading: Reading) -> Declaration:
    """The one server that was found."""
    (declaration,) = servers(reading).values()
    return declaration


def values(declared: Declaration | Server) -> dict[str, object]:
    """Settings by name: the value, the set of possible values, or `?` where it is not known."""
    found: dict[str, object] = {}
    for setting in declared.settings:
        match setting.value:
            case Known(value=value):
                found[setting.name] = value
            case OneOf(values=several):
                found[setting.name] = set(several)
            case Unresolved():
                found[setting.name] = "?"
    return found


def path(declaration: Declaration, name: str) -> list[str]:
    """The provenance of a setting: `file:line text`, the place of use first."""
    setting = declaration.setting(name)
    assert setting is not None
    return [f"{span.place} {span.text}" for span in setting.spans]


def run(shell: str, **variables: str) -> tuple[Server, ...]:
    """The servers that a piece of shell text starts with these variables in its environment."""
    environment: dict[str, Text] = {name: literal(value) for name, value in variables.items()}
    return servers_of(Source(text=shell, file="start.sh"), environment)


def one(shell: str, **variables: str) -> Server:
    """The one server that a piece of shell text starts."""
    (server,) = run(shell, **variables)
    return server

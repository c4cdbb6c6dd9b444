"""Writes nginx files into a folder and reads them, as discovery would hand them over."""

from collections.abc import Mapping
from pathlib import Path

from budgetcheck.model.options import NginxOptions, Options
from budgetcheck.model.settings import Declaration, Known, OneOf, Problem, ProblemKind, Reading, Unresolved
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import is_nginx
from budgetcheck.readers.nginx import Located, locate, read
from budgetcheck.tree import SourceFile, Tree

NO_OPTIONS = NginxOptions()


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes the files and returns the folder's real path."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder.resolve()


def inputs(
    folder: Path,
    files: Mapping[str, str | bytes],
    options: NginxOptions = NO_OPTIONS,
    given: tuple[str, ...] = (),
) -> tuple[list[SourceFile], ReadContext]:
    """The files that are nginx by name and content, or only the `given` ones, and their context."""
    base = write(folder, files)
    tree = Tree(root=base, base=base)
    found = [_source(tree, base / name, text) for name, text in sorted(files.items())]
    chosen = [one for one in found if (one.name in given if given else is_nginx(one))]
    context = ReadContext(tree=tree, options=Options(nginx=options), siblings=tuple(chosen))
    return chosen, context


def reading(
    folder: Path,
    files: Mapping[str, str | bytes],
    options: NginxOptions = NO_OPTIONS,
    given: tuple[str, ...] = (),
) -> Reading:
    """Reads all nginx files of a folder, or only the `given` ones."""
    return read(*inputs(folder, files, options, given))


def site(folder: Path, body: str, options: NginxOptions = NO_OPTIONS) -> Reading:
    """Reads `body` as the inside of the `http` block of nginx.conf."""
    return reading(folder, {"nginx.conf": f"events {{}}\nhttp {{\n{body}\n}}\n"}, options)


def server(folder: Path, body: str, options: NginxOptions = NO_OPTIONS) -> Reading:
    """Reads `body` as the inside of one server called `x`."""
    return site(folder, f"server {{\nserver_name x;\n{body}\n}}", options)


def located(folder: Path, files: Mapping[str, str], url: str, port: int = 0) -> tuple[Located, ...]:
    """Which locations answer `host/path`."""
    host, slash, path = url.partition("/")
    return locate(*inputs(folder, files), host, slash + path, port)


def declared(result: Reading, address: str) -> Declaration:
    """The declaration of that address."""
    found = [declaration for declaration in result.declarations if declaration.address == address]
    assert len(found) == 1, addresses(result)
    return found[0]


def addresses(result: Reading) -> list[str]:
    """All addresses, in order."""
    return [declaration.address for declaration in result.declarations]


def value(result: Reading, address: str, name: str) -> Known | OneOf | Unresolved | None:
    """The value of a setting, None where it is not in force."""
    setting = declared(result, address).setting(name)
    return setting.value if setting else None


def text(result: Reading, address: str, name: str) -> object:
    """The raw text of a setting that must be known; None where it is not in force."""
    found = value(result, address, name)
    assert found is None or isinstance(found, Known), found
    return found.value if found else None


def places(result: Reading, address: str, name: str) -> list[str]:
    """`file:line` of each step a setting came through."""
    setting = declared(result, address).setting(name)
    assert setting is not None
    return [span.place for span in setting.spans]


def hosts(result: Reading, address: str) -> list[str]:
    """`host:port` or the socket of each target."""
    return [target.socket or f"{target.host}:{target.port}" for target in declared(result, address).targets]


def only_problem(result: Reading, kind: ProblemKind | None = None) -> Problem:
    """The single problem of a reading."""
    assert len(result.problems) == 1, result.problems
    assert kind is None or result.problems[0].kind is kind
    return result.problems[0]


def _source(tree: Tree, path: Path, text: str | bytes) -> SourceFile:
    head = text if isinstance(text, str) else text.decode("utf-8-sig", errors="replace")
    return SourceFile(name=tree.name(path), path=path, head=head[:65_536])

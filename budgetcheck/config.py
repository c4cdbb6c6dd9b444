"""Finds and loads the configuration: `budgetcheck.yaml`, or `[tool.budgetcheck]` in `pyproject.toml`.

Light to import: YAML and pydantic are loaded only when a configuration was found.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from budgetcheck.model.options import Options
from budgetcheck.tree import Tree, UnreadableFileError

if TYPE_CHECKING:
    from budgetcheck.yaml_nodes import MapNode, YamlFault

CONFIG_NAMES = ("budgetcheck.yaml", "budgetcheck.yml")
PYPROJECT = "pyproject.toml"
_TABLE = "[tool.budgetcheck]"
_HEADER = re.compile(r"^[ \t]*\[+[ \t]*tool[ \t]*\.[ \t]*\"?budgetcheck\b", re.MULTILINE)


class ConfigError(Exception):
    """The configuration cannot be used; the message has one line for each thing that is wrong with it."""


def load_config(
    tree: Tree, start: Path, stop: Path, explicit: Path | None = None, rules: Sequence[str] = ()
) -> tuple[Options, str]:
    """The options, and the printed name of the file they are from (empty for none).

    Looks in `start` and its parents up to `stop`, and only in `start` where `stop` is not above it; the
    nearest configuration holds. An `explicit` file is used instead, wherever it lies. `rules` are the codes
    that exist; without them any code of the right form is accepted. Raises ConfigError.
    """
    if explicit is not None:
        folder = Path(explicit).absolute().parent.resolve()
        # Whoever names a file on the command line may read it; its own folder becomes the root for that.
        door = replace(tree, root=folder, within=())
        return _load(folder / explicit.name, tree, door, rules, required=True)
    for folder in _upwards(start.resolve(), stop.resolve()):
        found = [folder / name for name in CONFIG_NAMES if (folder / name).is_file()]
        pyproject = folder / PYPROJECT
        if _has_table(pyproject, tree):
            found.append(pyproject)
        if len(found) > 1:
            names = " and ".join(tree.name(path) for path in found)
            raise ConfigError(f"{names} both hold a configuration: keep one of them")
        if found:
            return _load(found[0], tree, tree, rules, required=False)
    return Options(), ""


def config_schema() -> dict[str, object]:
    """The published JSON schema of `budgetcheck.yaml` (draft-07)."""
    from budgetcheck.config_schema import config_schema as schema

    return schema()


def _upwards(start: Path, stop: Path) -> Iterator[Path]:
    yield start
    if start.is_relative_to(stop):
        for folder in start.parents:
            if not folder.is_relative_to(stop):
                return
            yield folder


def _has_table(path: Path, tree: Tree) -> bool:
    """A pyproject.toml with our table; one that is no valid TOML counts only if it seems to have it."""
    try:
        return path.is_file() and bool(_HEADER.search(tree.read_text(path)))
    except UnreadableFileError:
        return False


def _load(path: Path, tree: Tree, door: Tree, rules: Sequence[str], *, required: bool) -> tuple[Options, str]:
    name = tree.name(path)
    try:
        text = door.read_bytes(path).decode("utf-8-sig")
    except UnreadableFileError as error:
        raise ConfigError(f"{name}: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{name}: is not UTF-8 text") from None
    root = _toml_root(text, name, required=required) if path.suffix == ".toml" else _yaml_root(text, name)
    if root is None:
        return Options(), name
    from budgetcheck.config_options import options_from

    options, faults = options_from(root, name, path.parent.resolve(), tree, rules)
    if faults:
        faults.sort(key=lambda fault: (fault.line, fault.column, fault.key))
        raise ConfigError("\n".join(_line(name, fault.line, fault.message, fault.fix) for fault in faults))
    return options, name


def _yaml_root(text: str, name: str) -> "MapNode | None":
    """The configuration's mapping; None for an empty file."""
    from budgetcheck.yaml_nodes import MapNode, parse_yaml

    stream = parse_yaml(text)
    _raise_for(stream.faults, name)
    documents = [document for document in stream.documents if document is not None]
    if not documents:
        return None
    if len(documents) > 1:
        raise ConfigError(f"{name}:{documents[1].line}: is a second document; keep one")
    if not isinstance(documents[0], MapNode):
        raise ConfigError(f"{name}:{documents[0].line}: must be a mapping of keys to values")
    return documents[0]


def _toml_root(text: str, name: str, *, required: bool) -> "MapNode | None":
    from budgetcheck.config_toml import toml_table

    root, faults = toml_table(text)
    _raise_for(faults, name)
    if root is None and required:
        raise ConfigError(f"{name}: has no {_TABLE} table")
    return root


def _raise_for(faults: "Iterable[YamlFault]", name: str) -> None:
    lines = [f"{name}:{fault.line}: {fault.text}{f' ({fault.fix})' if fault.fix else ''}" for fault in faults]
    if lines:
        raise ConfigError("\n".join(lines))


def _line(name: str, line: int, text: str, fix: str) -> str:
    return f"{name}:{line}: {text}{f' ({fix})' if fix else ''}" if line else f"{name}: {text}"

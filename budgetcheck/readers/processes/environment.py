"""Environment files: `KEY=value` lines, and which of them a process sees.

Values stay inside: what leaves the reader are names, and values that read like durations, counts or switches.
"""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.readers.processes.expansion import Lookup, expand, set_to
from budgetcheck.readers.processes.texts import Text, literal
from budgetcheck.tree import Tree, UnreadableFileError

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*?)\s*")
_COMMENT = re.compile(r"\s+#.*")
_MOST_LINES = 20_000


def read_environment_file(text: str, file: str, outside: Lookup | None = None) -> dict[str, Text]:
    """The variables of a text of `KEY=value` lines, each with its place.

    Values may refer to earlier ones, and to those that `outside` knows.
    """
    found: dict[str, Text] = {}

    def lookup(name: str) -> Text | None:
        return found.get(name) or (outside(name) if outside else None)

    for number, line in enumerate(text.splitlines()[:_MOST_LINES], 1):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, value = match.groups()
        quote = value[:1]
        if quote in ("'", '"') and (end := value.find(quote, 1)) > 0:
            inner = value[1:end]
            held = literal(inner) if quote == "'" else expand(inner, lookup)
        else:
            held = expand(_COMMENT.sub("", value), lookup)
        found[name] = set_to(name, held, file, number)
    return found


def open_environment_file(tree: Tree, path: Path, outside: Lookup | None = None) -> dict[str, Text] | None:
    """The variables of a file, None where it cannot be opened."""
    try:
        text = tree.read_text(path)
    except (UnreadableFileError, ValueError):
        return None
    return read_environment_file(text, tree.name(path), outside)


def of_environment(
    tree: Tree, environment: EnvironmentOptions | None, folders: Iterable[Path]
) -> dict[str, Text]:
    """Variables of the environment's own files, as far as they lie beside what is started.

    A file that the user declared counts wherever it lies; one that was found by its name may belong to
    another part of the repository.
    """
    if environment is None:
        return {}
    near = {Path(os.path.normpath(folder)) for folder in folders}
    found: dict[str, Text] = {}
    for name in environment.env_files:
        path = Path(os.path.normpath(tree.root / name))
        if environment.declared or path.parent in near:
            found.update(open_environment_file(tree, path) or {})
    return found


def layered(*layers: Mapping[str, Text]) -> dict[str, Text]:
    """The layers as one; the later ones win."""
    return {name: text for layer in layers for name, text in layer.items()}

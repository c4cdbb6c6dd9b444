"""Platforms that run a Procfile: what says which one it is, and the router in front of its web process.

A Procfile alone says little: many platforms read it.
https://devcenter.heroku.com/articles/heroku-yml-build-manifest
https://devcenter.heroku.com/articles/app-json-schema
https://doc.scalingo.com/platform/app/procfile
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from budgetcheck import facts
from budgetcheck.model.settings import Declaration
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Target
from budgetcheck.tree import Tree, UnreadableFileError
from budgetcheck.yaml_nodes import MapNode, ScalarNode, parse_yaml

_KEYS = frozenset({"addons", "buildpacks", "formation", "stack", "success_url", "keywords"})
"""Keys of app.json that other files of that name (Expo's, for example) do not have."""
_REQUIREMENTS = ("requirements.txt", "Pipfile", "pyproject.toml")
_PACKAGE = re.compile(r"^[\s\"']*django[-_]heroku\b", re.MULTILINE)


HEROKU = "heroku-router"
SCALINGO = "scalingo-router"


def router_of(tree: Tree, folder: Path, names: Collection[str]) -> str:
    """The router that a folder's files and the names of its processes speak of; empty where none do.

    Scalingo reads files of Heroku as well (`.slugignore`); a process `postdeploy` is its own.
    """
    if "postdeploy" in names or _text(tree, folder / "scalingo.json") is not None:
        return SCALINGO
    return HEROKU if _runs_on_heroku(tree, folder) else ""


def _runs_on_heroku(tree: Tree, folder: Path) -> bool:
    """A file of this folder is only for Heroku."""
    if any(_text(tree, folder / name) is not None for name in ("heroku.yml", ".slugignore")):
        return True
    if any(_PACKAGE.search(_text(tree, folder / name) or "") for name in _REQUIREMENTS):
        return True
    try:
        manifest = json.loads(_text(tree, folder / "app.json") or "")
    except (ValueError, RecursionError):
        return False
    return isinstance(manifest, dict) and not _KEYS.isdisjoint(manifest)


def processes(text: str) -> Iterator[tuple[str, str, int]]:
    """Name, command and line of each process that a heroku.yml starts."""
    for document in parse_yaml(text).documents[:1]:
        run = document.entries.get("run") if isinstance(document, MapNode) else None
        for name, (_, value) in run[1].entries.items() if run and isinstance(run[1], MapNode) else ():
            command = (
                value.entries["command"][1]
                if isinstance(value, MapNode) and "command" in value.entries
                else value
            )
            if isinstance(command, ScalarNode):
                yield name, command.text, command.line


def router(component: str, web: Declaration, place: Span) -> Declaration:
    """What stands in front of a web process."""
    known = facts.find(component)
    return Declaration(
        component=component,
        address=f"{component}:{web.address}",
        title=f"{known.title if known else component} ({place.file})",
        span=place,
        targets=(Target(address=web.address, span=replace(place, text="web")),),
    )


def _text(tree: Tree, path: Path) -> str | None:
    try:
        return tree.read_text(path)
    except UnreadableFileError:
        return None

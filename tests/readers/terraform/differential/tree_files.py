"""The module trees beside this file: what they are about, how they are run, and what Terraform plans."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

_FOLDER = Path(__file__).parent / "trees"
_OWN = ("run.json", "planned.json")


@dataclass(frozen=True)
class ModuleTree:
    """A folder with a root module. `links` are symbolic links to make in a copy of it: name and target."""

    folder: Path
    about: str
    var_files: tuple[str, ...] = ()
    workspace: str = ""
    links: dict[str, str] = field(default_factory=dict)

    @property
    def answers(self) -> Path:
        """The file that keeps what Terraform plans."""
        return self.folder / "planned.json"

    def copy(self, folder: Path) -> Path:
        """A copy of the tree that may be written to."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns(*_OWN), dirs_exist_ok=True)
        for name, target in self.links.items():
            (folder / name).symlink_to(target)
        return folder


def _tree(folder: Path) -> ModuleTree:
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return ModuleTree(
        folder=folder,
        about=run["about"],
        var_files=tuple(run.get("var_files", ())),
        workspace=run.get("workspace", ""),
        links=run.get("links", {}),
    )


TREES = {folder.name: _tree(folder) for folder in sorted(_FOLDER.iterdir())}

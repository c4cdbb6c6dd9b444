"""Images as containers: what one that is built here holds, whoever starts it."""

from collections.abc import Sequence
from pathlib import Path

from budgetcheck.readers.processes.container import Mount
from budgetcheck.readers.processes.dockerfile import read_dockerfile
from budgetcheck.readers.processes.runners import Runner
from budgetcheck.tree import SourceFile, Tree, UnreadableFileError

_MOST_CONTEXTS = 4


def runner_of_image(file: SourceFile, tree: Tree) -> Runner | None:
    """The container of an image of which only the Dockerfile is known; None where that builds nothing."""
    folder = file.path.parent
    above = [path for path in folder.parents if path.is_relative_to(tree.root)]
    try:
        text = tree.read_text(file.path)
    except UnreadableFileError:
        return None
    image = read_dockerfile(text, file.name, (folder, *above[: _MOST_CONTEXTS - 1]))
    if image is None:
        return None
    return Runner(
        address=f"dockerfile:{file.name}",
        span=image.span,
        folder=folder,
        image=image.base,
        dockerfile=file.name,
        ports=image.ports,
        mounts=existing(image.mounts, tree),
        variables=image.environment,
    )


def existing(mounts: Sequence[Mount], tree: Tree) -> tuple[Mount, ...]:
    """The mounts whose source is there: of a copy that may start from several folders the likeliest one."""
    found: dict[tuple[str, str], Mount] = {}
    for mount in mounts:
        key = (mount.target, mount.source.name)
        if key not in found and _is_there(mount.source, tree):
            found[key] = mount
    return tuple(found.values())


def _is_there(path: Path, tree: Tree) -> bool:
    try:
        tree.inside(path.parent if "*" in path.name else path)
    except (UnreadableFileError, ValueError):
        return False
    return True

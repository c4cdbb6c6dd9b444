"""Which of the given files are read on their own, and which belong to another one that includes them."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from budgetcheck.readers.nginx.context import is_main
from budgetcheck.readers.nginx.includes import Repository
from budgetcheck.readers.nginx.templates import expression_in


def find_roots(repository: Repository, keys: Sequence[str]) -> list[tuple[str, ...]]:
    """Groups of files that make one configuration each, in order; nearly always a group is one file.

    A file that another given file includes is no root. The files of a `conf.d` that no given file includes
    form one group: nginx's packages and images include `conf.d/*.conf` side by side in one `http` block.
    """
    included = {key: _included(repository, key) for key in keys}
    targets = {target for key, found in included.items() for target in found if target != key}
    roots = [key for key in keys if key not in targets]
    reached = _closure(included, roots)
    # files that only include one another: the main one of them, else the first
    for key in sorted(keys, key=lambda key: not is_main(repository.load(key).statements)):
        if key not in reached:
            roots.append(key)
            reached |= _closure(included, [key])
    chosen = set(roots)
    return _grouped(repository, [key for key in keys if key in chosen])


def _included(repository: Repository, key: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for statement in repository.load(key).includes:
        pattern = " ".join(statement.args)
        if not expression_in(pattern):
            found.update(dict.fromkeys(repository.find(pattern, main=key, including=key).keys))
    return tuple(found)


def _closure(included: dict[str, tuple[str, ...]], start: Iterable[str]) -> set[str]:
    """Everything that can be reached; files that are not inputs are leaves, their includes add no input."""
    reached: set[str] = set()
    waiting = list(start)
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting += included.get(key, ())
    return reached


def _grouped(repository: Repository, roots: Sequence[str]) -> list[tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for key in roots:
        path = PurePosixPath(key)
        shared = path.parent.name == "conf.d" and path.suffix == ".conf"
        alone = not shared or is_main(repository.load(key).statements)
        groups.setdefault(key if alone else str(path.parent), []).append(key)
    return [tuple(group) for group in groups.values()]

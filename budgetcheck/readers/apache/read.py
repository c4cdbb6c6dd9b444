"""Configurations of Apache httpd to declarations: one for each rule by which a server passes requests on.

What httpd would refuse, what has no effect, and what could not be found or read, is a problem with its place.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from budgetcheck.model.settings import Problem, Reading
from budgetcheck.readers.apache.declare import Draft, draft_all, finish
from budgetcheck.readers.apache.expansion import Statement
from budgetcheck.readers.apache.includes import Library
from budgetcheck.readers.apache.packaging import MAIN_FILE, packaging_of
from budgetcheck.readers.apache.servers import is_main, read_servers
from budgetcheck.readers.apache.settings import misplaced
from budgetcheck.readers.apache.workers import Workers
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.nginx.globbing import expand
from budgetcheck.tree import SourceFile

_MOST = 5_000


@dataclass(slots=True)
class _Found:
    """All that was read."""

    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    recognised: set[str] = field(default_factory=set)


def read(files: Sequence[SourceFile], context: ReadContext) -> Reading:
    """What the given files declare, and what is wrong with them."""
    library = Library(context=context, sources=files)
    found = _Found()
    keys = list(dict.fromkeys(library.key(one) for one in sorted(files, key=lambda one: one.name)))
    given = {library.key(one) for one in files if one.given}
    for key in _roots(library, [key for key in keys if key in given or not _is_disabled(key, context)]):
        expansion, statements = library.expand(key)
        found.problems += expansion.problems
        found.recognised |= {library.name(one) for one in expansion.reached if library.load(one).nodes}
        found.drafts += _drafts(key, statements, context, found.problems)
    declarations = finish(found.drafts[:_MOST])
    return Reading(
        declarations=tuple(declarations),
        problems=tuple(_distinct(found.problems)),
        recognised=tuple(sorted(found.recognised)),
    )


def _drafts(
    key: str, statements: Sequence[Statement], context: ReadContext, problems: list[Problem]
) -> list[Draft]:
    problems += misplaced(statements)
    packaging = MAIN_FILE if is_main(statements) else packaging_of(Path(key), context)
    servers = read_servers(statements)
    main = servers[0].main
    base = None
    if main is not None:
        base = Workers()
        base.add(main.statements)
    return [draft for server in servers for draft in draft_all(server, base, packaging, problems)]


def _roots(library: Library, keys: Sequence[str]) -> Iterator[str]:
    """The files that no other one includes; of those that include one another the first."""
    included: Mapping[str, set[str]] = {key: set(library.included(key)) for key in keys}
    targets = {target for key, found in included.items() for target in found if target != key}
    reached: set[str] = set()
    for key in [*(one for one in keys if one not in targets), *keys]:
        if key not in reached:
            reached |= _closure(included, key, library)
            yield key


def _closure(included: Mapping[str, set[str]], start: str, library: Library) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting += included.get(key) or set(library.included(key))
    return reached


def _is_disabled(key: str, context: ReadContext) -> bool:
    """A site that is available only, beside a folder of enabled ones that has others in it.

    https://manpages.debian.org/bookworm/apache2/a2ensite.8.en.html
    """
    path = PurePosixPath(key)
    if path.parent.name != "sites-available":
        return False
    enabled = expand(context.tree, Path(path.parent.parent), "sites-enabled/*")
    return bool(enabled) and Path(key) not in enabled


def _distinct(problems: Iterable[Problem]) -> list[Problem]:
    """Each once: a file may be part of several configurations."""
    return sorted(dict.fromkeys(problems), key=lambda one: (*one.span.sort_key, one.text))

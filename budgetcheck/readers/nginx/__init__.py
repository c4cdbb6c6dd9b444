"""nginx: configuration files, fragments, templates and `nginx -T` dumps to declarations.

One declaration per location (and stream server) that passes requests on, with every timeout, retry and
keep-alive directive in force there. What nginx itself would refuse, and what could not be found or read, is a
problem with its place. Values stay raw text: times are read by `resolve`.
"""

import gc
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from budgetcheck.environments import same_environment
from budgetcheck.model.settings import Declaration, Problem, Reading
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import starts_containers
from budgetcheck.readers.nginx.addresses import Address, name_places
from budgetcheck.readers.nginx.context import assemble
from budgetcheck.readers.nginx.declare import Draft, draft, finish
from budgetcheck.readers.nginx.dump import is_dump, read_dump
from budgetcheck.readers.nginx.includes import Repository
from budgetcheck.readers.nginx.library import Library
from budgetcheck.readers.nginx.lookup import Located, locate_in
from budgetcheck.readers.nginx.neighbours import Neighbours
from budgetcheck.readers.nginx.places import Place, Site, read_sites
from budgetcheck.readers.nginx.roots import find_roots
from budgetcheck.tree import SourceFile, UnreadableFileError

if TYPE_CHECKING:
    from budgetcheck.readers.nginx.held import Held

_MISSING = re.compile(r"(?P<include>`include (?P<folder>/[^*`]*)/[^/`]*`) was not found in the repository")
"""A file that is included by its place in the container or on the host."""

_MOST_ENVIRONMENTS = 12

__all__ = ["Located", "locate", "read", "read_held"]


def read(sources: Sequence[SourceFile], context: ReadContext) -> Reading:
    """Everything the given nginx files declare, and what is wrong with them."""
    with _collector_paused():
        model = _load(sources, context)
        declarations = _declarations(model, context)
        if model.filled_in:
            declarations = _of_environments(sources, context) or declarations
    return Reading(
        declarations=tuple(declarations),
        problems=tuple(_merged(model.problems)),
        recognised=tuple(sorted(model.recognised)),
    )


def read_held(held: "Held", context: ReadContext) -> tuple[list[Declaration], list[Problem]]:
    """What the files of one container declare, and what is wrong with them."""
    with _collector_paused():
        model = _Model()
        counts = _counts(context)
        _read_configuration(model, held, held.keys, held.main, counts)
        _draft_all(model, counts)
        return _declarations(model, context), _merged(model.problems)


def locate(
    sources: Sequence[SourceFile], context: ReadContext, host: str, path: str, port: int = 0
) -> tuple[Located, ...]:
    """Which location answers a request, in each configuration among the files that has a server for it."""
    with _collector_paused():
        model = _load(sources, context)
    return tuple(
        found for site in model.sites for found in locate_in(site, model.addresses, host, path, port)
    )


def _declarations(model: "_Model", context: ReadContext) -> list[Declaration]:
    version = context.options.nginx.version
    return [finish(one, model.addresses, version) for one in model.drafts]


def _of_environments(sources: Sequence[SourceFile], context: ReadContext) -> list[Declaration]:
    """The declarations of each environment; of none where they are the same in all, or there is none."""
    from budgetcheck.readers.variables import environment_index

    names = [one.name for one in context.environments]
    for name in environment_index(context).environments():
        if not any(same_environment(name, known) for known in names):
            names.append(name)
    readings = {
        name: _declarations(_load(sources, context, name), context)
        for name in sorted(names)[:_MOST_ENVIRONMENTS]
    }
    found = list(readings.values())
    if not found or all(declarations == found[0] for declarations in found):
        return found[0] if found else []
    return [
        replace(declaration, environment=name)
        for name, declarations in readings.items()
        for declaration in declarations
    ]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Building hundreds of thousands of objects that all stay alive makes the collector search in vain:
    a quarter of the time for a large configuration."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


@dataclass(slots=True)
class _Model:
    """All that was read, before it is turned into declarations."""

    sites: list[Site] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    addresses: dict[Place, Address] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    recognised: set[str] = field(default_factory=set)
    filled_in: bool = False


def _load(sources: Sequence[SourceFile], context: ReadContext, environment: str = "") -> _Model:
    model = _Model()
    counts = _counts(context)
    repository = Repository(context=context, sources=sources, environment=environment)
    keys = []
    for source in sorted(sources, key=lambda source: source.name):
        key = repository.key(source)
        try:
            text = repository.text(key)
        except UnreadableFileError as error:
            fix = "leave it out, or check a smaller part of the configuration"
            model.problems.append(Problem(span=Span(file=source.name), text=str(error), fix=fix))
            continue
        if is_dump(text):
            dump = read_dump(text, source.name)
            _read_configuration(model, dump, (dump.main,), dump.main, counts)
        else:
            keys.append(key)
    keys = list(dict.fromkeys(keys))
    for group in find_roots(repository, [key for key in keys if _worth_reading(repository, key)]):
        main = group[0] if len(group) == 1 else str(PurePosixPath(group[0]).parent.parent / "nginx.conf")
        _read_configuration(model, repository, group, main, counts)
    _draft_all(model, counts)
    model.filled_in = repository.looked_up
    return model


def _counts(context: ReadContext) -> dict[str, int]:
    """How many addresses a name has: what the user says, and one for a service with one container."""
    given = dict(context.options.nginx.addresses)
    if not any(map(starts_containers, context.siblings)):
        return given
    # Loads the formats that say which containers there are.
    from budgetcheck.readers.variables import environment_index

    return dict.fromkeys(environment_index(context).single, 1) | given


def _worth_reading(repository: Repository, key: str) -> bool:
    """The file is nginx's: a `conf.d` folder may belong to any program."""
    return repository.load(key).nginx


def _read_configuration(
    model: _Model, library: Library, keys: Sequence[str], main: str, counts: Mapping[str, int]
) -> None:
    assembled = assemble(library, keys, main)
    for key in sorted(assembled.reached):
        parsed = library.load(key)
        model.problems += parsed.problems
        if not parsed.refused and parsed.statements:
            model.recognised.add(library.name(key))
    model.problems += assembled.problems
    folder = str(PurePosixPath(keys[0]).parent)
    model.sites += read_sites(
        assembled.root, file=library.name(keys[0]), folder=folder, counts=counts, problems=model.problems
    )


def _draft_all(model: _Model, counts: Mapping[str, int]) -> None:
    """Drafts of all sites and their addresses; what two configurations include alike is kept once."""
    neighbours = Neighbours(model.sites, counts)
    seen: dict[tuple[int, int], list[Draft]] = {}
    twins: dict[Place, Place] = {}
    servers: list[list[Place]] = []
    for site in model.sites:
        for drafts in draft(site, neighbours.of(site)):
            kept = []
            for one in drafts:
                # a file is parsed once, so the same statement is the same object in every configuration
                known = seen.setdefault(one.place.origin, [])
                twin = next((other for other in known if one.same_as(other)), None)
                if twin:
                    twins[one.place] = twin.place
                else:
                    known.append(one)
                    kept.append(one)
            model.drafts += kept
            servers.append([one.place for one in kept])
    model.addresses = name_places([places for places in servers if places])
    model.addresses |= {place: model.addresses[first] for place, first in twins.items()}


def _merged(problems: Iterable[Problem]) -> list[Problem]:
    """One problem per cause: the same include that is missing in many places is reported at the first."""
    distinct = sorted(dict.fromkeys(problems), key=lambda problem: (*problem.span.sort_key, problem.text))
    by_cause: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in distinct:
        place = "" if problem.span.text.startswith("include ") else problem.span.place
        by_cause.setdefault((problem.text, problem.fix, place), []).append(problem)
    return _by_folder([_with_count(found) for found in by_cause.values()])


def _by_folder(problems: Sequence[Problem]) -> list[Problem]:
    """Files that are missing below one absolute folder are one problem: the folder is not here."""
    found: dict[object, list[Problem]] = {}
    for problem in problems:
        missing = _MISSING.match(problem.text)
        key = (missing["folder"], problem.fix) if missing else (problem.span.sort_key, problem.text)
        found.setdefault(key, []).append(problem)
    return [_with_folder(several) for several in found.values()]


def _with_folder(found: Sequence[Problem]) -> Problem:
    first, others = found[0], len(found) - 1
    if not others:
        return first
    missing = _MISSING.match(first.text)
    assert missing is not None
    files = "1 other file" if others == 1 else f"{others} other files"
    text = f"{missing['include']} and {files} in {missing['folder']} were not found in the repository"
    return Problem(span=first.span, text=text, fix=first.fix, kind=first.kind)


def _with_count(found: Sequence[Problem]) -> Problem:
    first = found[0]
    if len(found) == 1:
        return first
    others = "1 other place" if len(found) == 2 else f"{len(found) - 1} other places"
    text = f"{first.text} (and in {others})"
    return Problem(span=first.span, text=text, fix=first.fix, kind=first.kind)

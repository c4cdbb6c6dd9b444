"""A plan or state beside the sources: which of them says what a resource is.

A plan knows values, not places; the sources know places, and references that a plan does not keep. So a
declaration of the plan takes the place of the one with the same address, and keeps its places.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from budgetcheck.environments import canonical_environment, same_environment
from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration, Known, Reading, Setting, Unresolved, Value
from budgetcheck.model.topology import Target

_KEYS = re.compile(r"\[[^\]]*\]")
_SCHEME = "terraform:"


def exact_over_evaluated(readings: Sequence[Reading]) -> tuple[Declaration, ...]:
    """All declarations; of one resource in one environment a plan's, else the sources', else a state's.

    A state is what was applied last, the others are what will be.

    Instances are compared without their keys: where a plan has `aws_lb.api["x"]`, what the sources say of
    other instances of `aws_lb.api` in that environment is not so.
    """
    evaluated = [one for reading in readings if not reading.exact for one in reading.declarations]
    exact = [one for reading in readings if reading.exact for one in reading.declarations]
    if not exact:
        return tuple(evaluated)  # the usual case
    applied = {file for reading in readings for file in reading.applied}
    placed = _placed(exact, evaluated)
    planned = [one for one in placed if one.span.file not in applied]
    states = [one for one in placed if one.span.file in applied]
    environments = sorted({one.environment for one in (*exact, *evaluated)} - {""})
    sources = _by_address(evaluated)
    better = [_with_places(one, _source(one, sources)) for one in planned]
    kept = _uncovered(evaluated, by=planned, environments=environments)
    behind = _uncovered(states, by=[*planned, *evaluated], environments=environments)
    return (*kept, *better, *(_with_places(one, None) for one in behind))


def _uncovered(
    declarations: Iterable[Declaration], *, by: Iterable[Declaration], environments: list[str]
) -> list[Declaration]:
    """The declarations as far as no other one is of the same resource in the same environment."""
    covered: dict[str, set[str]] = defaultdict(set)
    for one in by:
        covered[_resource(one)].add(canonical_environment(one.environment))
    return [left for one in declarations for left in _left(one, covered[_resource(one)], environments)]


def _resource(declaration: Declaration) -> str:
    return _KEYS.sub("", declaration.address)


def _left(one: Declaration, covered: set[str], environments: list[str]) -> Iterator[Declaration]:
    """What is left of an evaluated declaration: all of it, or what is in other environments."""
    if not covered:
        yield one
    elif "" in covered or canonical_environment(one.environment) in covered:
        return
    elif one.environment:
        yield one
    else:
        for environment in environments:
            if canonical_environment(environment) not in covered:
                yield replace(one, environment=environment)


def _placed(exact: Iterable[Declaration], evaluated: Sequence[Declaration]) -> list[Declaration]:
    """The exact declarations with the addresses that the sources of the same root module have.

    Where several root modules have the same addresses, they stand behind the module's directory; the plan
    belongs to the one whose directory it lies in.
    """
    prefixes: dict[str, set[str]] = defaultdict(set)
    for one in evaluated:
        if one.address.startswith(_SCHEME) and one.address.endswith(one.title):
            title = _KEYS.sub("", one.title)
            prefixes[title].add(one.address.removeprefix(_SCHEME).removesuffix(one.title))
    files: dict[str, list[Declaration]] = defaultdict(list)
    for one in exact:
        files[one.span.file].append(one)
    return [_under(one, _prefix(file, group, prefixes)) for file, group in files.items() for one in group]


def _prefix(file: str, group: list[Declaration], prefixes: dict[str, set[str]]) -> str:
    """The prefix of the root module that a plan is of; empty where it is none or cannot be told."""
    possible = {prefix for one in group for prefix in prefixes[_KEYS.sub("", one.title)]}
    folder = f"{PurePosixPath(file).parent}/"
    within = {prefix for prefix in possible if prefix and folder.startswith(prefix)}
    chosen = within or possible
    return next(iter(chosen)) if len(chosen) == 1 else ""


def _under(one: Declaration, prefix: str) -> Declaration:
    if not prefix or one.address != f"{_SCHEME}{one.title}":
        return one
    targets = (replace(target, address=_prefixed(target.address, prefix)) for target in one.targets)
    return replace(one, address=_prefixed(one.address, prefix), targets=tuple(targets))


def _prefixed(address: str, prefix: str) -> str:
    return address and f"{_SCHEME}{prefix}{address.removeprefix(_SCHEME)}"


def _by_address(evaluated: Iterable[Declaration]) -> dict[str, list[Declaration]]:
    found: dict[str, list[Declaration]] = defaultdict(list)
    for one in evaluated:
        found[one.address].append(one)
    return found


def _source(one: Declaration, sources: dict[str, list[Declaration]]) -> Declaration | None:
    """The evaluated declaration of the same instance: the one of the same environment first."""
    found = sources.get(one.address, [])
    same = [source for source in found if same_environment(source.environment, one.environment)]
    return next(iter((*same, *found)), None)


def _with_places(one: Declaration, source: Declaration | None) -> Declaration:
    """The exact declaration without what is only the default, at the places of the sources."""
    places = {(setting.name, setting.label): setting for setting in source.settings} if source else {}
    found = (_with_place(setting, places.get((setting.name, setting.label))) for setting in one.settings)
    settings = tuple(setting for setting in found if setting.origin is not Origin.DEFAULT)
    if source is None:
        return replace(one, settings=settings)
    targets = source.targets if _vague(one.targets) and not _vague(source.targets) else one.targets
    return replace(one, span=source.span, settings=settings, targets=targets)


def _with_place(setting: Setting, source: Setting | None) -> Setting:
    """The exact value where the sources write it; the whole way to the literal if they agree on it."""
    if source is None:
        return setting
    if isinstance(setting.value, Unresolved):
        return source  # a plan hides what is sensitive, and does not know what is made on the way
    if isinstance(source.value, Known) and _same(source.value, setting.value):
        return source
    return replace(setting, spans=(source.spans[0], *setting.spans))


def _same(evaluated: Known, exact: Value) -> bool:
    """Equal as Terraform converts them: `30` is kept as `"30"` where the provider has a text."""
    return isinstance(exact, Known) and str(evaluated.value) == str(exact.value)


def _vague(targets: tuple[Target, ...]) -> bool:
    """Some target is not known."""
    return any(target.reason for target in targets)

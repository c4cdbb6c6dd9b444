"""Where the value of an environment variable comes from: what the container that reads it is given.

Variables are followed from environment files, compose services, ConfigMaps and images into the container that
has a file. Of a file that no container is known to have, only a guess is possible: what is set near it.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from budgetcheck.environments import same_environment
from budgetcheck.model.settings import place_of
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.processes.environment import open_environment_file
from budgetcheck.readers.processes.expansion import not_set
from budgetcheck.readers.processes.images import existing
from budgetcheck.readers.processes.runners import Runner, is_nginx_image
from budgetcheck.readers.processes.texts import Text, either
from budgetcheck.tree import SourceFile

_MOST_FOLDERS = 2_000
_NUMBER = re.compile(r"\s*\d{1,9}(?:\.\d{1,6})?\s*")
_PLAIN = frozenset({"api", "app", "backend", "server", "service", "src", "web"})
"""Names that many containers and folders have."""
_DIFFER = "the containers that have this file are given different values"
_SEVERAL = "several files near it set it differently, and which one counts is not in these files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Variables that are set somewhere, without it being known who reads them."""

    folder: Path
    environment: str
    variables: Mapping[str, Text] = field(hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentIndex:
    """All containers that these files start, and all places that set variables.

    `single`: names that stand for exactly one address.
    """

    runners: tuple[Runner, ...] = ()
    sources: tuple[Source, ...] = ()
    single: frozenset[str] = frozenset()

    def environments(self) -> tuple[str, ...]:
        """The environments that some container or place belongs to."""
        named = {one.environment for one in self.runners} | {one.environment for one in self.sources}
        return tuple(sorted(named - {""}))

    def runners_of(self, file: Path, environment: str = "") -> tuple[Runner, ...]:
        """The containers that have a file of the repository; those that run nginx with it, where some do."""
        having = [one for one in self.runners if _is_of(one.environment, environment) and one.path_of(file)]
        return tuple([one for one in having if one.configures_nginx(file)] or having)

    def variables_of(self, file: Path, environment: str = "") -> Mapping[str, Text]:
        """What a process sees that reads this file in its container: nothing where no container has it.

        A variable that several containers are given differently has all their values, with the reason.
        """
        runners = self.runners_of(file, environment)
        names = dict.fromkeys(name for runner in runners for name in runner.variables)
        return {name: in_all(name, runners) for name in names}

    def holders(self, file: Path) -> list[Runner]:
        """The containers of all environments that have a file; else those that are called as its folders."""
        folders = frozenset(part.lower() for part in file.parts[:-1])
        unknown = (one for one in self.runners if not (one.is_image or one.dockerfile or one.mounts))
        having = [one for one in self.runners if one.path_of(file)]
        return having or [one for one in unknown if called_as(one, folders)]

    def near(self, file: Path, environment: str = "") -> Mapping[str, Text]:
        """What is set beside a file or in the folders above it: a guess, where no container is known."""
        sources = [one for one in self._all_sources(environment) if file.is_relative_to(one.folder)]
        return _together(sources)

    def seen_from(self, file: Path, environment: str = "") -> Mapping[str, Text]:
        """What counts where a file is read: what its containers are given, else what is set near it.

        An image that nothing here starts may be given more than it says itself.
        """
        runners = self.runners_of(file, environment)
        known = self.variables_of(file, environment)
        started = any(not one.is_image and one.configures_nginx(file) for one in runners)
        return known if started else {**self.near(file, environment), **known}

    def anywhere(self, name: str, environment: str = "") -> Text | None:
        """What is set in any place of these files: the weakest guess."""
        found = [s.variables[name] for s in self._all_sources(environment) if name in s.variables]
        return either(found, _SEVERAL) if found else None

    def _all_sources(self, environment: str) -> Iterator[Source]:
        for source in self.sources:
            if _is_of(source.environment, environment):
                yield source
        for runner in self.runners:
            if _is_of(runner.environment, environment):
                yield Source(folder=runner.folder, environment="", variables=runner.variables)


def called_as(runner: Runner, folders: frozenset[str]) -> bool:
    """The container, its workload or its image has the name of one of the folders."""
    image = runner.image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    names = {image, *runner.names} - _PLAIN
    return any(name.lower() in folders for name in names if name)


def number_in(runners: Sequence[Runner], name: str) -> Text | None:
    """What containers are given, each told apart, where that is a number; None for all else.

    Of numbers the chain of a route chooses its own. Of several addresses nobody would be asked.
    """
    if not any(name in one.variables for one in runners):
        return None
    found = in_all(name, runners)
    values = found.choices or found.where_set
    return found if values and all(map(_NUMBER.fullmatch, values)) else None


def in_all(name: str, runners: Sequence[Runner]) -> Text:
    """What a variable is to code that all of these containers have, and which of them is given what."""
    texts = {
        place_of(runner.address, runner.environment): runner.variables.get(name) or not_set(name)
        for runner in runners
    }
    merged = either([runner.variables.get(name) or not_set(name) for runner in runners], _DIFFER)
    is_told_apart = len(texts) == len(runners) and all(
        one.known is not None or one.unset for one in texts.values()
    )
    if not is_told_apart or (len(merged.choices) < 2 and not merged.where_set):
        return merged
    given: dict[str | None, list[str]] = {}
    for place, text in texts.items():
        given.setdefault(text.known, []).append(place)
    return replace(
        merged,
        given=tuple((value, tuple(places)) for value, places in given.items()),
        places=tuple((place, span) for place, text in texts.items() for span in text.spans),
    )


def _together(sources: Iterable[Source]) -> dict[str, Text]:
    found: dict[str, list[Text]] = {}
    for source in sources:
        for name, text in source.variables.items():
            found.setdefault(name, []).append(text)
    return {name: either(texts, _SEVERAL) for name, texts in found.items()}


def environment_index(context: ReadContext) -> EnvironmentIndex:
    """The index of a run, made once."""
    return context.memo.once("variables", lambda: _index(context))


def _index(context: ReadContext) -> EnvironmentIndex:
    from budgetcheck.readers import kubernetes, processes

    claimed = claimed_files(context)
    started = claimed["processes"], claimed["kubernetes"]
    composed = processes.containers(started[0], context)
    in_pods = list(kubernetes.containers(started[1], context))
    on_platforms = _with_images(_on_platforms(claimed, context), context)
    taken = {runner.dockerfile for runner in (*composed, *in_pods, *on_platforms)}
    images = [one for one in processes.images(started[0], context) if one.dockerfile not in taken]
    names: dict[str, bool] = {}
    for name, single in (
        *((name.lower(), runner.single) for runner in composed for name in runner.names),
        *kubernetes.services(started[1], context),
    ):
        names[name] = names.get(name, True) and single
    configured = (
        Source(folder=folder, environment=environment, variables=variables)
        for environment, folder, variables in kubernetes.settings(started[1], context)
    )
    return EnvironmentIndex(
        runners=(*composed, *in_pods, *on_platforms, *images),
        sources=(*_environment_files(context, started[0]), *configured),
        single=frozenset(name for name, single in names.items() if single),
    )


def _on_platforms(claimed: Mapping[str, Sequence[SourceFile]], context: ReadContext) -> list[Runner]:
    found: list[Runner] = []
    if claimed["terraform"]:
        from budgetcheck.readers import terraform

        found += terraform.containers(claimed["terraform"], context)
    if claimed["cloudformation"]:
        from budgetcheck.readers import cloudformation

        found += cloudformation.containers(claimed["cloudformation"], context)
    return found


def _with_images(runners: Sequence[Runner], context: ReadContext) -> list[Runner]:
    """The containers with the files of their image, as far as its Dockerfile is found by its name."""
    from budgetcheck.readers.kubernetes.containers import images_of

    images = images_of(context) if runners else None
    found = []
    for runner in runners:
        official = is_nginx_image(runner.image)
        built = images.named(runner.image, *runner.names) if images and not official else None
        if built is not None:
            image, file = built
            runner = replace(
                runner,
                image=image.base,
                dockerfile=file.name,
                mounts=existing(image.mounts, context.tree),
                variables={**image.environment, **runner.variables},
            )
        found.append(runner)
    return found


def claimed_files(context: ReadContext) -> dict[str, list[SourceFile]]:
    """The files of the readers that know containers."""
    from budgetcheck.readers import READERS

    formats = ("processes", "kubernetes", "terraform", "cloudformation")
    found: dict[str, list[SourceFile]] = {name: [] for name in formats}
    for file in context.siblings:
        name = next((reader.name for reader in READERS if reader.claims(file)), "")
        if name in found:
            found[name].append(file)
    return found


def _environment_files(context: ReadContext, started: Iterable[SourceFile]) -> Iterator[Source]:
    """`.env` beside what is started, and the files that environments have."""
    folders = list(dict.fromkeys(file.path.parent for file in started))[:_MOST_FOLDERS]
    for folder in dict.fromkeys((*folders, context.tree.root)):
        variables = open_environment_file(context.tree, folder / ".env")
        if variables:
            yield Source(folder=folder, environment="", variables=variables)
    for environment in context.environments:
        for name in environment.env_files:
            path = Path(os.path.normpath(context.tree.root / name))
            variables = open_environment_file(context.tree, path)
            if variables:
                yield Source(folder=path.parent, environment=environment.name, variables=variables)


def _is_of(own: str, asked: str) -> bool:
    return not own or same_environment(own, asked)

"""Which files belong together: plain manifests, Kustomize overlays, Helm charts, and in which environment."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from budgetcheck.environments import environment_file
from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import is_controller_values, is_helmfile
from budgetcheck.readers.kubernetes.charts import Charts
from budgetcheck.readers.kubernetes.cluster import Bundle
from budgetcheck.readers.kubernetes.folders import ENVIRONMENTS, environment_of_folders
from budgetcheck.readers.kubernetes.helmfiles import Helmfiles
from budgetcheck.readers.kubernetes.kustomize import NAMES, Kustomizer
from budgetcheck.readers.kubernetes.manifests import Resource, read_manifests
from budgetcheck.readers.kubernetes.releases import (
    Release,
    controller_resources,
    is_controller,
    made_by_controller,
    releases_of,
)
from budgetcheck.readers.kubernetes.trees import planted
from budgetcheck.readers.process_names import is_aside
from budgetcheck.tree import SourceFile, UnreadableFileError
from budgetcheck.yaml_nodes import parse_yaml

_NAMES = frozenset(name.lower() for name in NAMES)
_RELEASE = re.compile(r"^kind[ \t]*:[ \t]*[\"']?(?:HelmRelease|Application|ApplicationSet)\b", re.MULTILINE)
_OVERLAY_FOLDERS = frozenset(
    {"overlays", "overlay", "envs", "env", "environments", "environment", "clusters"}
)


@dataclass(slots=True)
class Collected:
    """Everything that is applied together, by bundle; files that were understood; what is wrong."""

    bundles: list[Bundle] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    recognised: tuple[str, ...] = ()


def collect(sources: Sequence[SourceFile], context: ReadContext) -> Collected:
    """The bundles of all sources."""
    found = Collected()
    recognised: set[str] = set()
    helmfiles = Helmfiles(context=context)
    put_out = helmfiles.releases(sources)
    releases = (*_releases(sources, context), *put_out)
    charts = Charts(context=context, sources=sources, releases=releases, managed=helmfiles.folders)
    kustomizer = Kustomizer(files=context.tree)
    _kustomized(sources, context, kustomizer, found, recognised)
    found.problems += kustomizer.problems
    found.bundles += charts.bundles()
    found.bundles += _controllers(put_out)
    found.problems += (*charts.problems, *helmfiles.problems)
    recognised |= charts.used | helmfiles.used
    rest = [
        file
        for file in sources
        if file.path not in kustomizer.used
        and file.base.lower() not in _NAMES
        and not charts.holds(file)
        and not is_helmfile(file)
        and (file.given or not _is_aside(file.place))
    ]
    found.bundles += _plain(rest, context, found, recognised)
    found.bundles = [_with_controller(bundle) for bundle in found.bundles]
    found.problems = gathered(found.problems)
    found.recognised = tuple(sorted(recognised))
    return found


def _releases(sources: Sequence[SourceFile], context: ReadContext) -> tuple[Release, ...]:
    """What Flux and Argo CD put out, wherever the files that say so belong."""
    found: list[Release] = []
    for file in sources:
        if _RELEASE.search(file.head):
            try:
                content = context.tree.read_text(file.path)
            except UnreadableFileError:
                continue
            found += releases_of(read_manifests(content, file.name).resources)
    return tuple(found)


def _controllers(releases: Iterable[Release]) -> Iterator[Bundle]:
    """What releases of the controller's chart that lies elsewhere make."""
    for release in releases:
        made = made_by_controller(release.values) if is_controller(release) else ()
        if made:
            yield Bundle(resources=made, environment=release.environment or "")


def _with_controller(bundle: Bundle) -> Bundle:
    """The bundle with what a release of the controller's chart in it would make."""
    return replace(bundle, resources=(*bundle.resources, *controller_resources(bundle.resources)))


def gathered(problems: Iterable[Problem]) -> list[Problem]:
    """Problems that call for another tool once each, with the number of files: the remedy is the same."""
    found: list[Problem] = []
    alike: dict[str, list[Problem]] = {}
    for problem in sorted(problems, key=lambda problem: problem.span.sort_key):
        if problem.fix.startswith(("Render it", "Give the output")):
            alike.setdefault(problem.text, []).append(problem)
        else:
            found.append(problem)
    for text, group in alike.items():
        others = len({problem.span.file for problem in group}) - 1
        found.append(replace(group[0], text=f"{text} (and {others} more files)" if others else text))
    return found


def _kustomized(
    sources: Iterable[SourceFile],
    context: ReadContext,
    kustomizer: Kustomizer,
    found: Collected,
    recognised: set[str],
) -> None:
    """A bundle for each kustomization that no other one includes."""
    folders = sorted({file.path.parent for file in sources if file.base.lower() in _NAMES})
    built = {folder: kustomizer.build(folder) for folder in folders}
    for folder in folders:
        recognised.update(
            context.tree.name(folder / name) for name in NAMES if folder / name in kustomizer.used
        )
        if folder in kustomizer.inner or not built[folder]:
            continue
        name = context.tree.name(folder)
        bundle = Bundle(
            resources=tuple(built[folder]),
            environment=_environment_of(name),
            folder=name,
            together=True,
        )
        found.bundles.append(bundle)
        recognised.update(resource.file for resource in built[folder])


def _plain(
    files: Sequence[SourceFile], context: ReadContext, found: Collected, recognised: set[str]
) -> list[Bundle]:
    """Manifests that lie about: one bundle, or one for each environment that folders are named after."""
    by_environment: dict[str, list[Resource]] = {}
    for file in files:
        try:
            content = context.tree.read_text(file.path)
        except UnreadableFileError as error:
            found.problems.append(Problem(span=Span(file=file.name), text=str(error)))
            continue
        manifests = read_manifests(content, file.name)
        made = _controller_values(content, file)
        if made:
            recognised.add(file.name)
            environment = _values_environment(file) or environment_of_folders(file.name)
            by_environment.setdefault(environment, []).extend(made)
            continue
        found.problems += manifests.problems
        if manifests.kinds and not manifests.problems:
            recognised.add(file.name)
        if manifests.resources:
            by_environment.setdefault(environment_of_folders(file.name), []).extend(manifests.resources)
    common = by_environment.pop("", [])
    if not by_environment:
        return [Bundle(resources=tuple(common))] if common else []
    return [
        Bundle(resources=(*common, *own), environment=environment)
        for environment, own in sorted(by_environment.items())
    ]


def _controller_values(content: str, file: SourceFile) -> tuple[Resource, ...]:
    """What the values of ingress-nginx's own chart make."""
    if not is_controller_values(file):
        return ()
    documents = [node for node in parse_yaml(content).documents if node is not None]
    return made_by_controller(planted(documents[0], file.name)) if documents else ()


def _values_environment(file: SourceFile) -> str:
    found = environment_file(file.name)
    return found[0] if found else ""


def _is_aside(name: str) -> bool:
    """In a folder for tests or examples; the name of the manifest itself says nothing."""
    return is_aside(f"{PurePosixPath(name).parent.as_posix()}/manifest")


def _environment_of(folder: str) -> str:
    """The environment an overlay is for, by its folder; empty where the folder says nothing."""
    path = PurePosixPath(folder)
    if path.name.lower() in ENVIRONMENTS or path.parent.name.lower() in _OVERLAY_FOLDERS:
        return path.name
    return ""

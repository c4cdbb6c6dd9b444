"""Helm charts: their templates with the values of each values file.

https://helm.sh/docs/topics/charts/
"""

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import is_from_a_template
from budgetcheck.readers.kubernetes.cluster import Bundle
from budgetcheck.readers.kubernetes.filling import Filler
from budgetcheck.readers.kubernetes.folders import environment_of_folders
from budgetcheck.readers.kubernetes.manifests import KINDS, Resource, flattened
from budgetcheck.readers.kubernetes.merging import merged
from budgetcheck.readers.kubernetes.releases import CONTROLLER_CHART, Release, made_by_controller
from budgetcheck.readers.kubernetes.settings import RENDER
from budgetcheck.readers.kubernetes.template_syntax import TemplateError
from budgetcheck.readers.kubernetes.templates import Definitions, Named, definitions, render
from budgetcheck.readers.kubernetes.trees import Fields, Scalar, Tree, at, items, planted, text
from budgetcheck.readers.nginx.globbing import expand
from budgetcheck.tree import SourceFile, UnreadableFileError
from budgetcheck.yaml_nodes import parse_yaml

CHART = "Chart.yaml"

_VALUES = re.compile(r"values[._-](.+)\.ya?ml", re.IGNORECASE)
_VALUE_FOLDERS = frozenset({"values", "env", "envs", "environments"})
_INTERESTING = re.compile(
    rf"^kind[ \t]*:[ \t]*[\"']?(?:{'|'.join(sorted(KINDS))})\b|^kind[ \t]*:[ \t]*\{{\{{", re.MULTILINE
)
_LOCAL = "file://"
_MOST_ENVIRONMENTS = 12
_MOST_HELPERS = 200
_HELPERS = ("*.tpl", "_*.yaml", "_*.yml", "_*.txt")
"""Helm makes no manifest of a file whose name begins with `_`."""


@dataclass(slots=True)
class Charts:
    """All charts among the sources; `used` are the names of the files that they are made of."""

    context: ReadContext
    sources: Sequence[SourceFile]
    problems: list[Problem] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    releases: Sequence[Release] = ()
    managed: Collection[Path] = ()
    """Folders of charts that are put out by releases only."""
    folders: list[Path] = field(init=False)

    def __post_init__(self) -> None:
        self.folders = sorted(file.path.parent for file in self.sources if file.base.lower() == CHART.lower())

    def bundles(self) -> list[Bundle]:
        """A bundle for each chart and values file; a chart inside another one is part of that."""
        found: list[Bundle] = []
        for folder in self.folders:
            if self._owner(folder.parent) is not None:
                continue
            name = self.context.tree.name(folder)
            for environment, values in list(self._given(folder))[:_MOST_ENVIRONMENTS]:
                resources = self._chart(folder, values)
                if resources:
                    found.append(
                        Bundle(
                            resources=tuple(resources), environment=environment, folder=name, together=True
                        )
                    )
        return found

    def holds(self, file: SourceFile) -> bool:
        """The file is part of some chart."""
        return self._owner(file.path.parent) is not None

    def _owner(self, folder: Path) -> Path | None:
        folders = set(self.folders)
        return next((one for one in (folder, *folder.parents) if one in folders), None)

    def _values_files(self, folder: Path) -> Iterator[tuple[str, Path]]:
        """`values-prod.yaml` beside the chart's own values, or `values/prod.yaml`."""
        known = {environment.name for environment in self.context.environments}
        for file in self.context.siblings:
            match = _VALUES.fullmatch(file.base)
            if match and file.path.parent == folder and match.group(1) in known:
                yield match.group(1), file.path
            elif file.path.parent.parent == folder and file.path.parent.name in _VALUE_FOLDERS:
                stem = match.group(1) if match else file.path.stem
                if stem in known:
                    yield stem, file.path

    def _given(self, folder: Path) -> Iterator[tuple[str, Tree | None]]:
        """Environment and values of each time the chart is put out: by a release, else a values file."""
        releases = [one for one in self.releases if self._means(one, folder)]
        for release in releases:
            values: Tree | None = None
            for file in release.value_files:
                values = _over(values, self._values(Path(os.path.normpath(folder / file))))
            environment = release.environment
            if environment is None:
                environment = environment_of_folders(release.file)
            yield environment, _over(values, release.values)
        if not releases and folder in self.managed:
            return
        files = [] if releases else list(self._values_files(folder))
        for environment, path in files:
            yield environment, self._values(path)
        if not releases and not files:
            yield "", None

    def _means(self, release: Release, folder: Path) -> bool:
        """The path of a chart starts from the root of its repository, or it is known where it lies."""
        if release.folder is not None:
            return release.folder == folder
        if not release.is_path:
            return False
        written = PurePosixPath(os.path.normpath(release.chart)).parts
        return bool(written) and folder.parts[-len(written) :] == written

    def _values(self, path: Path) -> Tree | None:
        content = self._text(path)
        if content is None:
            return None
        file = self.context.tree.name(path)
        self.used.add(file)
        stream = parse_yaml(content)
        for fault in stream.faults:
            span = Span(file=file, line=fault.line, column=fault.column)
            self.problems.append(Problem(span=span, text=fault.text, fix=fault.fix))
        nodes = [node for node in stream.documents if node is not None]
        return planted(nodes[0], file) if nodes else None

    def _text(self, path: Path) -> str | None:
        try:
            return self.context.tree.read_text(path)
        except (UnreadableFileError, ValueError):
            return None

    def _chart(self, folder: Path, given: Tree | None, named: Definitions | None = None) -> list[Resource]:
        """The resources of a chart and of those in its folder `charts`, with their part of the values.

        A named template is known to the whole family, whichever of its charts it stands in.
        """
        named = self._family(folder) if named is None else named
        about = self._values(folder / CHART)
        own = self._values(folder / "values.yaml")
        values = _over(own, given)
        if text(about, "type") == "library":
            return []
        root = _root(about, values, self.context.tree.name(folder / CHART))
        found = self._templates(folder, root, named)
        needed = {text(one, "name") for one in items(about, "dependencies")}
        if CONTROLLER_CHART in needed and folder / "charts" / CONTROLLER_CHART not in self.folders:
            found += made_by_controller(at(values, CONTROLLER_CHART))
        for inner in self.folders:
            if inner.parent == folder / "charts":
                part = at(values, inner.name)
                shared = at(values, "global")
                extra = Fields({"global": (shared.span, shared)}, shared.span) if shared else None
                part = merged(part, extra, strategic=False) if part and extra else part or extra
                found += self._chart(inner, part, named)
        return found

    def _family(self, folder: Path, seen: Collection[Path] = ()) -> Definitions:
        """The named templates of a chart, of those inside it and of those it names by `file://`.

        Where two have one name, that of the outer chart is meant.
        """
        about = self._values(folder / CHART)
        written = [text(one, "repository") for one in items(about, "dependencies")]
        beside = [
            Path(os.path.normpath(folder / one[len(_LOCAL) :])) for one in written if one.startswith(_LOCAL)
        ]
        known = {*seen, folder}
        inner = [one for one in self.folders if one.parent == folder / "charts" or one in beside]
        found: dict[str, Named] = {}
        for one in inner:
            if one not in known:
                found |= self._family(one, known)
        return {**found, **self._named(folder)}

    def _named(self, folder: Path) -> Definitions:
        """The named templates of a chart's helper files, as deep as charts keep them."""
        tree = self.context.tree
        patterns = [f"templates/{inside}{name}" for inside in ("", "*/") for name in _HELPERS]
        files = [path for pattern in patterns for path in expand(tree, folder, pattern)]
        return definitions(
            (tree.name(path), content)
            for path in files[:_MOST_HELPERS]
            if (content := self._text(path)) is not None
        )

    def _templates(self, folder: Path, root: Tree, named: Definitions) -> list[Resource]:
        found: list[Resource] = []
        refused: list[Problem] = []
        for file in self.sources:
            inside = file.path.is_relative_to(folder / "templates")
            # Helm's own tests are pods that run once; a chart may well lie in a folder of that name.
            tested = inside and "tests" in file.path.relative_to(folder).parts
            content = self._text(file.path) if inside and not tested else None
            whole = is_from_a_template(file)
            if content is None or not (whole or _INTERESTING.search(content)):
                continue
            made, problems = _made(file.name, content, root, named)
            if whole and not made:
                continue  # what it would have made is not known
            self.used.add(file.name)
            refused += problems
            found += [one for one in made if one.kind in KINDS]
        self.problems += refused[:1] if len(refused) < 2 else [_with_more(refused)]
        return found


def _made(file: str, content: str, root: Tree, named: Definitions) -> tuple[list[Resource], list[Problem]]:
    """The resources of a template, and what keeps it from being read.

    With the parts that named templates make, or without them where these do not fit in.
    """
    made, problems = _with_parts(file, content, root, named, parts=True)
    if problems:
        return _with_parts(file, content, root, named, parts=False)
    return made, problems


def _with_parts(
    file: str, content: str, root: Tree, named: Definitions, *, parts: bool
) -> tuple[list[Resource], list[Problem]]:
    made: list[Resource] = []
    problems: list[Problem] = []
    try:
        rendered = render(content, root, named, parts=parts)
    except TemplateError as error:
        return [], [_refused(file, error.line, str(error))]
    stream = parse_yaml(rendered.text)
    for fault in stream.faults:
        place, line = rendered.lines[min(fault.line, len(rendered.lines)) - 1]
        problems.append(_refused(place or file, line, "it makes no valid YAML as far as it is worked out"))
    for node in stream.documents:
        if node is not None:
            tree = Filler(rendered, file).filled(planted(node, file))
            made += flattened(tree) if tree else []
    if any("{{" in one.kind for one in made):
        problems.append(_refused(file, 1, "the kind it makes is not worked out"))
    return made, problems


def _over(base: Tree | None, more: Tree | None) -> Tree | None:
    return merged(base, more, strategic=False) if base and more else more or base


def _refused(file: str, line: int, reason: str) -> Problem:
    text = f"the template is not read: {reason}"
    return Problem(span=Span(file=file, line=line), text=text, fix=f"{RENDER[0].upper()}{RENDER[1:]}.")


def _with_more(refused: Sequence[Problem]) -> Problem:
    """One problem for a chart: the remedy is the same for all of its templates."""
    count = len({problem.span.file for problem in refused})
    more = f" (and {count - 1} more of this chart)" if count > 1 else ""
    return replace(refused[0], text=f"{refused[0].text}{more}")


def _root(about: Tree | None, values: Tree | None, file: str) -> Tree:
    """What `.` is in a template; the release has the name that `helm template` gives it."""
    span = Span(file=file, line=1)

    def plain(value: str) -> tuple[Span, Tree]:
        return span, Scalar(value, value, span)

    chart = {
        key[0].upper() + key[1:]: (span, at(about, key) or Scalar("", "", span))
        for key in ("name", "version", "appVersion")
    }
    release = {"Name": plain("release-name"), "Namespace": plain("default"), "Service": plain("Helm")}
    empty = Fields({}, span)
    entries: Mapping[str, tuple[Span, Tree]] = {
        "Values": (span, values or empty),
        "Chart": (span, Fields(chart, span)),
        "Release": (span, Fields(release, span)),
    }
    return Fields(entries, span)

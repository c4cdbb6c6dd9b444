"""Releases of Helm charts by helmfile: which charts it puts out in each environment, and with which values.

`helmfile.yaml` and the files of values beside it may be Go templates (`.gotmpl`). They see the environment's
name and values; what comes from the environment variables of whoever runs helmfile is not known. A release
whose values are not worked out is not read: its chart's own values would not be those that are deployed.

- https://helmfile.readthedocs.io/en/latest/
- https://helmfile.readthedocs.io/en/latest/environments/
- https://helmfile.readthedocs.io/en/latest/templating/
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import is_helmfile
from budgetcheck.readers.kubernetes.filling import Filler
from budgetcheck.readers.kubernetes.merging import merged
from budgetcheck.readers.kubernetes.releases import Release, parameter
from budgetcheck.readers.kubernetes.settings import RENDER
from budgetcheck.readers.kubernetes.template_structures import truth
from budgetcheck.readers.kubernetes.template_syntax import TemplateError
from budgetcheck.readers.kubernetes.templates import render
from budgetcheck.readers.kubernetes.trees import (
    Fields,
    Scalar,
    Tree,
    at,
    entries,
    items,
    planted,
    scalar,
    text,
)
from budgetcheck.tree import SourceFile, UnreadableFileError
from budgetcheck.yaml_nodes import parse_yaml

_DEFAULT = "default"
"""The environment of helmfile where none is asked for."""
_MISSING = "add the file, or declare missingFileHandler where it may be missing"
_PART = re.compile(r"^---[ \t]*$", re.MULTILINE)
_STATE = re.compile(r"\{\{[^}]*\.(?:State)?Values\b|\{\{[^}]*\.Environment\.Values\b")
_MOST_ENVIRONMENTS = 12
_MOST_RELEASES = 500


class _RefusedError(Exception):
    """Something that decides about values is not worked out; `place` is where, `fix` what helps."""

    def __init__(self, text: str, place: Span, fix: str = RENDER) -> None:
        super().__init__(text)
        self.place = place
        self.fix = fix


@dataclass(slots=True)
class Helmfiles:
    """Reads the helmfiles among the sources.

    `used` are the names of the files that they are made of; `folders` those of the charts that they name,
    also where a release is switched off or not read: nobody puts out such a chart with its own values alone.
    """

    context: ReadContext
    problems: list[Problem] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    folders: set[Path] = field(default_factory=set)

    def releases(self, sources: Iterable[SourceFile]) -> list[Release]:
        """Every release of every environment."""
        found: list[Release] = []
        for file in sources:
            if is_helmfile(file):
                found += self._of_file(file)
        return found

    def _of_file(self, file: SourceFile) -> list[Release]:
        found: list[Release] = []
        for name in self._environments(file):
            try:
                found += self._in_environment(file, name)
            except _RefusedError as error:
                self._refuse(error)
        if found:
            self.used.add(file.name)
        return found[:_MOST_RELEASES]

    def _environments(self, file: SourceFile) -> list[str]:
        """Those that the file declares, as far as they can be told before one is chosen."""
        unknown = Scalar(
            "{{.Environment.Name}}", None, Span(file=file.name, line=1), unknown="not chosen yet"
        )
        names: list[str] = []
        for part in self._parts(file):
            try:
                tree = self._tree(part, file.name, _root(unknown, None))
            except _RefusedError:
                continue
            names += [name for name, _, _ in entries(tree, "environments")]
        return list(dict.fromkeys(names))[:_MOST_ENVIRONMENTS] or [_DEFAULT]

    def _parts(self, file: SourceFile) -> list[str]:
        """The documents, each with as many empty lines before it as there are lines above it."""
        try:
            content = self.context.tree.read_text(file.path)
        except UnreadableFileError:
            return []
        starts = [0, *(match.end() for match in _PART.finditer(content))]
        ends = [*(match.start() for match in _PART.finditer(content)), len(content)]
        return [
            "\n" * content.count("\n", 0, start) + content[start:end]
            for start, end in zip(starts, ends, strict=True)
        ]

    def _in_environment(self, file: SourceFile, name: str) -> Iterator[Release]:
        chosen = Scalar(name, name, Span(file=file.name, line=1))
        state: Tree | None = None
        secret = False
        for part in self._parts(file):
            tree = self._tree(part, file.name, _root(chosen, state))
            declared = at(tree, "environments", name)
            secret = secret or bool(items(declared, "secrets"))
            given = items(declared, "values")
            state = self._values(given, file, _root(chosen, state), state, owner=declared)
            for release in items(tree, "releases"):
                self.folders.add(_chart(release, file))
                if _put_out(release, state):
                    found = self._release(release, file, _root(chosen, state, release), name, secret=secret)
                    if found is not None:
                        yield found

    def _release(
        self, release: Tree, file: SourceFile, root: Tree, environment: str, *, secret: bool
    ) -> Release | None:
        try:
            values = self._values(items(release, "values"), file, root, None, secret=secret, owner=release)
        except _RefusedError as error:
            self._refuse(error)
            return None
        for setting in items(release, "set"):
            one = parameter(setting)
            if one is not None:
                values = merged(values, one, strategic=False) if values else one
        return Release(
            chart=text(release, "chart"),
            file=file.name,
            values=values,
            folder=_chart(release, file),
            environment="" if environment == _DEFAULT else environment,
        )

    def _values(
        self,
        listed: Iterable[Tree],
        file: SourceFile,
        root: Tree,
        values: Tree | None,
        *,
        secret: bool = False,
        owner: Tree | None = None,
    ) -> Tree | None:
        """Files and mappings over one another, the later ones win."""
        for one in listed:
            more: Tree | None = one
            if isinstance(one, Scalar):
                more = self._values_file(one, file, root, secret=secret, owner=owner)
            if more is not None:
                values = merged(values, more, strategic=False) if values else more
        return values

    def _values_file(
        self, name: Scalar, file: SourceFile, root: Tree, *, secret: bool, owner: Tree | None
    ) -> Tree | None:
        if name.unknown or "{{" in name.text:
            raise _RefusedError("the name of a values file is not worked out", name.span)
        path = Path(os.path.normpath(file.path.parent / name.text))
        try:
            content = self.context.tree.read_text(path)
        except (UnreadableFileError, ValueError):
            if text(owner, "missingFileHandler") in ("Warn", "Info", "Debug"):
                return None
            raise _RefusedError(f"values file {name.text} is not here", name.span, _MISSING) from None
        shown = self.context.tree.name(path)
        self.used.add(shown)
        if not path.name.endswith(".gotmpl"):
            nodes = [node for node in parse_yaml(content).documents if node is not None]
            return planted(nodes[0], shown) if nodes else None
        if secret and _STATE.search(content):
            raise _RefusedError(
                "it takes values that may be secrets of the environment", Span(file=shown, line=1)
            )
        return self._tree(content, shown, root)

    def _tree(self, content: str, file: str, root: Tree) -> Tree | None:
        """What a template makes. Raises _RefusedError."""
        try:
            rendered = render(content, root)
        except TemplateError as error:
            raise _RefusedError(str(error), Span(file=file, line=error.line)) from None
        stream = parse_yaml(rendered.text)
        for fault in stream.faults:
            _, line = rendered.lines[min(fault.line, len(rendered.lines)) - 1]
            raise _RefusedError(
                "it makes no valid YAML as far as it is worked out", Span(file=file, line=line)
            )
        nodes = [node for node in stream.documents if node is not None]
        return Filler(rendered, file).filled(planted(nodes[0], file)) if nodes else None

    def _refuse(self, error: _RefusedError) -> None:
        fix = f"{error.fix[0].upper()}{error.fix[1:]}."
        problem = Problem(span=error.place, text=f"what helmfile puts out is not read: {error}", fix=fix)
        if problem not in self.problems:
            self.problems.append(problem)


def _chart(release: Tree, file: SourceFile) -> Path:
    return Path(os.path.normpath(file.path.parent / text(release, "chart")))


def _put_out(release: Tree, state: Tree | None) -> bool:
    """It is not switched off."""
    condition = text(release, "condition")
    if condition and truth(at(state, *condition.split("."))) is not True:
        return False
    installed = scalar(release, "installed")
    return installed is None or truth(installed) is not False


def _root(environment: Scalar, state: Tree | None, release: Tree | None = None) -> Tree:
    """What `.` is in a template of helmfile."""
    span = Span(file=environment.span.file, line=1)
    values = state or Fields({}, span)
    about: dict[str, tuple[Span, Tree]] = {
        key[0].upper() + key[1:]: (span, found)
        for key in ("name", "namespace", "chart")
        if (found := scalar(release, key)) is not None
    }
    return Fields(
        {
            "Environment": (span, Fields({"Name": (span, environment), "Values": (span, values)}, span)),
            "Values": (span, values),
            "StateValues": (span, values),
            "Release": (span, Fields(about, span)),
        },
        span,
    )

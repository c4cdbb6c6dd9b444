"""Kustomize: bases and overlays put together without running anything.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.readers.kubernetes.manifests import WORKLOADS, Resource, read_manifests, resource_of
from budgetcheck.readers.kubernetes.merging import json_patched, merged
from budgetcheck.readers.kubernetes.trees import (
    Fields,
    Items,
    Scalar,
    Tree,
    at,
    entries,
    items,
    planted,
    scalar,
    text,
    texts,
)
from budgetcheck.readers.processes.environment import read_environment_file
from budgetcheck.tree import Tree as Files
from budgetcheck.tree import UnreadableFileError
from budgetcheck.yaml_nodes import parse_yaml

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")

_MOST_DEPTH = 12
_MOST_RESOURCES = 20_000
# What is made or changed by parts that are not followed: the outcome may differ from what is read here.
_NOT_FOLLOWED = ("helmCharts", "helmChartInflationGenerator", "generators", "transformers", "replacements")
_REFERENCE_KEYS = frozenset({"name", "serviceName", "host", "externalName"})
_REMOTE = re.compile(r"://|^git@|^github\.com/|\?ref=")


@dataclass(slots=True)
class Kustomizer:
    """Builds kustomizations; `used` are the files that belong to some of them, `inner` their folders."""

    files: Files
    used: set[Path] = field(default_factory=set)
    inner: set[Path] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def build(self, folder: Path, depth: int = 0) -> list[Resource]:
        """The resources of the kustomization in a folder."""
        top = self._kustomization(folder)
        if top is None or depth > _MOST_DEPTH:
            return []
        found: list[Resource] = []
        for key in ("resources", "bases"):
            for item in items(top, key):
                found += self._resource(folder, item, depth)
                if len(found) > _MOST_RESOURCES:
                    return found
        found = self._generated(folder, top, found)
        found = self._patched(folder, top, found)
        for item in items(top, "components"):
            found = self._component(folder, item, found, depth)
        self._complain(top)
        return _renamed([_labelled(one, top) for one in found], top)

    def _component(self, folder: Path, item: Tree, found: list[Resource], depth: int) -> list[Resource]:
        """A component adds resources of its own and patches what is there already."""
        inside = _below(folder, item.text) if isinstance(item, Scalar) else None
        top = self._kustomization(inside) if inside is not None and depth <= _MOST_DEPTH else None
        if top is None or inside is None:
            return found
        self.inner.add(inside)
        own = [one for part in items(top, "resources") for one in self._resource(inside, part, depth + 1)]
        return self._patched(inside, top, self._generated(inside, top, [*found, *own]))

    def _kustomization(self, folder: Path) -> Tree | None:
        for name in NAMES:
            content = self._text(folder / name)
            if content is not None:
                file = self.files.name(folder / name)
                stream = parse_yaml(content)
                for fault in stream.faults:
                    span = Span(file=file, line=fault.line, column=fault.column)
                    self.problems.append(Problem(span=span, text=fault.text, fix=fault.fix))
                found = [node for node in stream.documents if node is not None]
                return planted(found[0], file) if found else None
        return None

    def _text(self, path: Path) -> str | None:
        try:
            content = self.files.read_text(path)
        except (UnreadableFileError, ValueError):
            return None
        self.used.add(path)
        return content

    def _resource(self, folder: Path, item: Tree, depth: int) -> list[Resource]:
        if not isinstance(item, Scalar) or not item.text or _REMOTE.search(item.text):
            return []
        path = _below(folder, item.text)
        if path.suffix.lower() in (".yaml", ".yml", ".json"):
            content = self._text(path)
            if content is None:
                return []
            manifests = read_manifests(content, self.files.name(path))
            self.problems += manifests.problems
            return manifests.resources
        self.inner.add(path)
        return self.build(path, depth + 1)

    def _generated(self, folder: Path, top: Tree, found: list[Resource]) -> list[Resource]:
        made = list(found)
        for generator in items(top, "configMapGenerator"):
            data = dict(self._data(folder, generator))
            name = text(generator, "name")
            known = next(
                (i for i, one in enumerate(made) if (one.kind, one.name) == ("ConfigMap", name)), None
            )
            span = generator.span
            if known is not None and text(generator, "behavior") == "merge":
                earlier = {key: (place, value) for key, place, value in entries(made[known].tree, "data")}
                data = {**earlier, **data}
                span = made[known].tree.span
                del made[known]
            tree = Fields({"data": (span, Fields(data, span))}, span)
            made.append(Resource(kind="ConfigMap", api="v1", name=name, namespace="", tree=tree))
        return made

    def _data(self, folder: Path, generator: Tree) -> Iterator[tuple[str, tuple[Span, Tree]]]:
        listed = [*items(generator, "envs"), scalar(generator, "env")]
        for item in listed:
            path = _below(folder, item.text) if isinstance(item, Scalar) else None
            content = self._text(path) if path else None
            if path is not None and content is not None:
                for name, value in read_environment_file(content, self.files.name(path)).items():
                    place = value.spans[0] if value.spans else Span(file=self.files.name(path))
                    yield name, (place, Scalar(value.known or "", value.known or "", place))
        for item in items(generator, "files"):
            written = item.text if isinstance(item, Scalar) else ""
            key, equals, name = written.partition("=")
            path = _below(folder, name if equals else key) if written else None
            content = self._text(path) if path else None
            if path is not None and content is not None:
                place = Span(file=self.files.name(path), line=0 if "\n" in content else 1)
                yield key if equals else path.name, (place, Scalar(content, content, place))
        for item in items(generator, "literals"):
            if isinstance(item, Scalar):
                name, _, written = item.text.partition("=")
                written = written.strip("\"'")
                yield name, (item.span, Scalar(written, written, item.span))

    def _patched(self, folder: Path, top: Tree, found: list[Resource]) -> list[Resource]:
        for patch, target in self._patches(folder, top):
            found = [one for resource in found for one in _after(resource, patch, target)]
        return found

    def _patches(self, folder: Path, top: Tree) -> Iterator[tuple[Tree, Tree | None]]:
        """Each patch and what it aims at; None where it says so itself."""
        for item in (*items(top, "patches"), *items(top, "patchesJson6902")):
            target = item.entries.get("target") if isinstance(item, Fields) else None
            for patch in self._documents(folder, scalar(item, "patch") or scalar(item, "path")):
                yield patch, target[1] if target else None
        for item in items(top, "patchesStrategicMerge"):
            if isinstance(item, Scalar):
                for patch in self._documents(folder, item):
                    yield patch, None

    def _documents(self, folder: Path, item: Scalar | None) -> Iterator[Tree]:
        """The documents of a patch: written in place, or in a file."""
        if item is None:
            return
        inline = "\n" in item.text or item.text.lstrip().startswith(("[", "{"))
        path = folder if inline else _below(folder, item.text)
        content = item.text if inline else self._text(path)
        if content is None:
            return
        file = item.span.file if inline else self.files.name(path)
        shift = item.span.line if inline else 0
        for node in parse_yaml(content).documents:
            if node is not None:
                yield planted(node, file, shift)

    def _complain(self, top: Tree) -> None:
        for key, place, _ in entries(top):
            if key in _NOT_FOLLOWED:
                problem = f"{key}: what this part of Kustomize makes or changes is not worked out"
                fix = "Give the output of kustomize build, if times are among it."
                self.problems.append(Problem(span=replace(place, text=key), text=problem, fix=fix))


def _after(resource: Resource, patch: Tree, target: Tree | None) -> list[Resource]:
    """The resource after a patch: changed, unchanged, or gone."""
    if isinstance(patch, Items):
        if target is None or not _aimed_at(resource, target):
            return [resource]
        tree: Tree | None = json_patched(resource.tree, patch.items)
    else:
        named = _aimed_at(resource, target) if target is not None else _named(resource, patch)
        if not named:
            return [resource]
        tree = merged(resource.tree, _without_names(patch, target), strategic=_is_native(resource))
    changed = resource_of(tree)
    return [replace(changed, namespace=changed.namespace or resource.namespace)] if changed else []


def _without_names(patch: Tree, target: Tree | None) -> Tree:
    """A patch with a target does not rename what it aims at."""
    if target is None or not isinstance(patch, Fields):
        return patch
    metadata = patch.entries.get("metadata")
    if metadata is None or not isinstance(metadata[1], Fields):
        return patch
    kept = {key: value for key, value in metadata[1].entries.items() if key not in ("name", "namespace")}
    inner = Fields(kept, metadata[1].span)
    return replace(patch, entries={**patch.entries, "metadata": (metadata[0], inner)})


def _is_native(resource: Resource) -> bool:
    """Only Kubernetes' own kinds have lists that are merged by key."""
    group = resource.api.rpartition("/")[0]
    return "." not in group or group.endswith(".k8s.io")


def _named(resource: Resource, patch: Tree) -> bool:
    return (resource.kind, resource.name) == (text(patch, "kind"), text(patch, "metadata", "name"))


def _aimed_at(resource: Resource, target: Tree) -> bool:
    for key, value in (("kind", resource.kind), ("name", resource.name), ("namespace", resource.namespace)):
        wanted = text(target, key)
        if wanted and wanted != value and not _matches(wanted, value):
            return False
    selector = text(target, "labelSelector")
    labels = texts(resource.tree, "metadata", "labels")
    return all(
        labels.get(key.strip()) == value.strip()
        for key, _, value in (part.partition("=") for part in selector.split(",") if selector)
    )


def _matches(pattern: str, value: str) -> bool:
    """Names of targets are regular expressions; only the plain ones are tried: `.*` and literal text."""
    if len(pattern) > 200:
        return False
    parts = [re.escape(part) for part in re.split(r"\.\*", pattern)]
    return re.fullmatch(".*".join(parts), value) is not None if len(parts) < 6 else False


def _labelled(resource: Resource, top: Tree) -> Resource:
    """`commonLabels`, and `labels` that go into selectors: often a Service has no other selector."""
    for labels in _selecting(top):
        if resource.kind == "Service":
            patch = _nested(labels, "spec", "selector")
        elif resource.kind in WORKLOADS - {"Pod"}:
            inner = _nested(labels, "template", "metadata", "labels")
            selector = _nested(labels, "selector", "matchLabels")
            patch = _nested(Fields({**inner.entries, **selector.entries}, labels.span), "spec")
        else:
            continue
        tree = merged(resource.tree, patch)
        if isinstance(tree, Fields):
            resource = replace(resource, tree=tree)
    return resource


def _selecting(top: Tree) -> Iterator[Fields]:
    common = at(top, "commonLabels")
    if isinstance(common, Fields):
        yield common
    for item in items(top, "labels"):
        labels = at(item, "pairs")
        if text(item, "includeSelectors") == "true" and isinstance(labels, Fields):
            yield labels


def _nested(tree: Fields, *path: str) -> Fields:
    for key in reversed(path):
        tree = Fields({key: (tree.span, tree)}, tree.span)
    return tree


def _renamed(found: Sequence[Resource], top: Tree) -> list[Resource]:
    """`namePrefix`, `nameSuffix` and `namespace`, references included."""
    prefix, suffix, namespace = text(top, "namePrefix"), text(top, "nameSuffix"), text(top, "namespace")
    names = {one.name for one in found} if prefix or suffix else set()
    made = []
    for one in found:
        tree = _with_names(one.tree, names, prefix, suffix) if names else one.tree
        name = f"{prefix}{one.name}{suffix}" if names else one.name
        if isinstance(tree, Fields):
            made.append(replace(one, name=name, namespace=namespace or one.namespace, tree=tree))
    return made


def _with_names(tree: Tree, names: set[str], prefix: str, suffix: str, key: str = "") -> Tree:
    if isinstance(tree, Fields):
        changed = {
            name: (place, _with_names(child, names, prefix, suffix, name))
            for name, (place, child) in tree.entries.items()
        }
        return Fields(changed, tree.span)
    if isinstance(tree, Items):
        return Items(tuple(_with_names(child, names, prefix, suffix, key) for child in tree.items), tree.span)
    if key in _REFERENCE_KEYS and tree.text in names:
        return replace(tree, text=f"{prefix}{tree.text}{suffix}", value=f"{prefix}{tree.text}{suffix}")
    return tree


def _below(folder: Path, written: str) -> Path:
    return Path(os.path.normpath(folder / written))

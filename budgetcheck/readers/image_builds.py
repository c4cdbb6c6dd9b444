"""Which image is built from which folder: what scripts, CI files, Skaffold and Compose say.

`docker build -t NAME CONTEXT`, the build-push action of GitHub, `artifacts` of Skaffold, services of Compose
with `image` and `build`. Names are compared without registry prefix variables, tag and digest.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.image_names import plain_name
from budgetcheck.tree import SourceFile
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode, parse_yaml

_COMMAND = re.compile(
    r"(?:docker|podman|buildah|nerdctl)[ \t]+(?:buildx[ \t]+|image[ \t]+)?(?:build|bud)\b([^\n;&|]*)"
)
_TAG = re.compile(r"(?:^|\s)(?:-t|--tag)(?:[ \t]+|=)[\"']?([^\s\"']+)")
_FILE = re.compile(r"(?:^|\s)(?:-f|--file)(?:[ \t]+|=)[\"']?([^\s\"']+)")
_DECLARED = re.compile(r"docker/build-push-action|^apiVersion:[ \t]*skaffold/", re.MULTILINE)
_COMPOSED = re.compile(r"^services[ \t]*:", re.MULTILINE)
_EXPRESSION = re.compile(r"\$\{\{[^}\n]*\}\}")
_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageBuild:
    """An image, the Dockerfile it is built from and the folder that goes to the builder.

    Both from the root; of Compose, whose paths start from its file, they are where they really are.
    """

    image: str
    dockerfile: str
    context: str = "."


def image_builds(context: ReadContext) -> tuple[ImageBuild, ...]:
    """The builds that the files of the run say, each once."""
    return context.memo.once("image builds", lambda: tuple(dict.fromkeys(builds_in(context.siblings))))


def builds_in(files: Iterable[SourceFile]) -> Iterator[ImageBuild]:
    """The builds that the beginnings of these files say, each as often as it is said."""
    for file in files:
        text = _EXPRESSION.sub("$x", file.head.replace("\\\n", " "))
        for match in list(_COMMAND.finditer(text))[:_MOST]:
            yield from _of_command(match.group(1))
        if file.suffix in (".yml", ".yaml") and _DECLARED.search(text):
            for document in parse_yaml(_EXPRESSION.sub("$x", file.head)).documents:
                yield from _in_yaml(document)


def composed_builds(context: ReadContext) -> tuple[ImageBuild, ...]:
    """The builds that Compose files say, of images whose build nothing else says."""
    stated = {build.image for build in image_builds(context)}
    found = context.memo.once("composed builds", lambda: tuple(dict.fromkeys(composed_in(context.siblings))))
    return tuple(build for build in found if build.image not in stated)


def composed_in(files: Iterable[SourceFile]) -> Iterator[ImageBuild]:
    """The builds that the beginnings of Compose files say: a stage is left out, it is not the whole image."""
    for file in files:
        if file.suffix not in (".yml", ".yaml") or not _COMPOSED.search(file.head):
            continue
        for document in parse_yaml(file.head).documents:
            services = document.get("services") if isinstance(document, MapNode) else None
            for _, service in services.entries.values() if isinstance(services, MapNode) else ():
                yield from _of_service(service, file)


def built_as(image: str, builds: Iterable[ImageBuild]) -> ImageBuild | None:
    """How an image is built: of the builds whose name it ends with the most exact, if they agree."""
    parts = plain_name(image).split("/")
    fitting = [one for one in builds if parts[-one.image.count("/") - 1 :] == one.image.split("/")]
    longest = max((one.image.count("/") for one in fitting), default=0)
    found = {one.dockerfile: one for one in fitting if one.image.count("/") == longest}
    return next(iter(found.values())) if len(found) == 1 else None


def _of_command(arguments: str) -> Iterator[ImageBuild]:
    words = arguments.split()
    context = words[-1].strip("\"'") if words and not words[-1].startswith("-") else ""
    named = _FILE.search(arguments)
    for tag in _TAG.findall(arguments):
        if context and context != tag:
            yield from _build(tag, context, named.group(1) if named else "")


def _in_yaml(node: Node | None) -> Iterator[ImageBuild]:
    """Steps with `context` and `tags`, artifacts with `image` and `context`, at any depth."""
    if isinstance(node, ListNode):
        for item in node.items:
            yield from _in_yaml(item)
    elif isinstance(node, MapNode):
        context, tags, image = (_text(node.get(key)) for key in ("context", "tags", "image"))
        if context and tags:
            for tag in re.split(r"[\s,]+", tags):
                yield from _build(tag, context, _text(node.get("file")))
        elif context and image:
            yield from _build(image, context, _text(node.get("dockerfile")), in_context=True)
        for _, child in node.entries.values():
            yield from _in_yaml(child)


def _of_service(service: Node, file: SourceFile) -> Iterator[ImageBuild]:
    build = service.get("build") if isinstance(service, MapNode) else None
    name = plain_name(_text(service.get("image"))) if isinstance(service, MapNode) else ""
    of = build if isinstance(build, MapNode) else None
    if of and ("target" in of.entries or "dockerfile_inline" in of.entries):
        return
    context = (_text(of.get("context")) or ".") if of else _text(build)
    dockerfile = (_text(of.get("dockerfile")) if of else "") or "Dockerfile"
    if name and context and not any(mark in f"{context}{dockerfile}" for mark in ("$", "://", "@")):
        folder = os.path.normpath(file.path.parent / context)
        path = os.path.normpath(f"{folder}/{dockerfile}")
        yield ImageBuild(image=name, dockerfile=path, context=folder)


def _build(image: str, context: str, file: str, *, in_context: bool = False) -> Iterator[ImageBuild]:
    name = plain_name(image)
    folder = PurePosixPath(context.removeprefix("./") or ".")
    if not name or "$" in f"{context}{file}" or folder.is_absolute() or ".." in folder.parts:
        return
    path = folder / "Dockerfile" if not file else folder / file if in_context else PurePosixPath(file)
    yield ImageBuild(image=name, dockerfile=path.as_posix().removeprefix("./"), context=folder.as_posix())


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""

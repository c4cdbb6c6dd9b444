"""Containers: the server that a container of a pod runs, from its command, its environment and its image.

https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from posixpath import normpath

from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.image_builds import ImageBuild, built_as, composed_builds, image_builds
from budgetcheck.readers.kubernetes.cluster import Cluster, pod_spec
from budgetcheck.readers.kubernetes.manifests import WORKLOADS, Resource
from budgetcheck.readers.kubernetes.settings import RENDER
from budgetcheck.readers.kubernetes.trees import Scalar, Tree, entries, items, scalar, text
from budgetcheck.readers.process_names import is_aside
from budgetcheck.readers.processes.commands import servers_of
from budgetcheck.readers.processes.container import ContainerFiles, Mount
from budgetcheck.readers.processes.dockerfile import Image, read_dockerfile, started
from budgetcheck.readers.processes.expansion import set_to
from budgetcheck.readers.processes.lexing import Source
from budgetcheck.readers.processes.servers.base import Server
from budgetcheck.readers.processes.shell import Arg
from budgetcheck.readers.processes.texts import Text, joined, literal, unknown
from budgetcheck.tree import SourceFile, UnreadableFileError
from budgetcheck.tree import Tree as Files

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
_PLAIN_FOLDERS = frozenset({"docker", "build", "deploy", "deployment", "src", "app", "."})
_PUBLIC = re.compile(
    r"(?:docker\.io/)?(?:library/|bitnami/|quay\.io/|registry\.k8s\.io/|gcr\.io/google|k8s\.gcr\.io/|grafana/|prom/).*"
)
_SUFFIX = re.compile(r"(?:Dockerfile[.-](.+)|(.+)\.Dockerfile)", re.IGNORECASE)


@dataclass(slots=True)
class Images:
    """The Dockerfiles of a repository, by the name that an image built from one would have."""

    files: Files
    dockerfiles: Sequence[SourceFile]
    builds: Sequence[ImageBuild] = ()
    used: set[str] = field(default_factory=set)
    known: dict[str, list[SourceFile]] | None = None

    def find(self, *names: str) -> tuple[Image, SourceFile] | None:
        """The image that one of the names is built as; None where no Dockerfile is called so, or several."""
        if self.known is None:
            self.known = {}
            for file in self.dockerfiles:
                for name in _names_of(file):
                    self.known.setdefault(name, []).append(file)
        for name in names:
            found = self.known.get(_plain(name), [])
            if len(found) == 1:
                image = self.read(found[0])
                return (image, found[0]) if image else None
        return None

    def of(self, container: "Container") -> tuple[Image, SourceFile] | None:
        """The image of a container."""
        return self.named(text(container.tree, "image"), container.image_name, container.name)

    def named(self, image: str, *names: str) -> tuple[Image, SourceFile] | None:
        """An image as CI builds it, else by its own or another of its names."""
        build = built_as(image, self.builds)
        for file in self.dockerfiles if build else ():
            if build and file.path == self.files.root / build.dockerfile:
                read = self.read(file)
                return (read, file) if read else None
        return self.find(*names)

    def copied_to(self, path: str) -> Path | None:
        """The file that these images have at that path, whichever it is that runs; None where they differ.

        A repository seldom says which of its Dockerfiles an image of a registry was made by.
        """
        made = (self.read(file) for file in self.dockerfiles if not is_aside(file.place))
        mounts = [mount for image in made if image for mount in image.mounts]
        sources = {mount.source for mount in mounts if path == _path_of(mount)}
        return sources.pop() if len(sources) == 1 else None

    def may_be_the_only_one(self, container: "Container") -> bool:
        """The image may be the only one that is built here: a name of one's own, and a single Dockerfile.

        That is a guess: what the image starts is looked for, not taken.
        """
        image = text(container.tree, "image")
        if items(container.tree, "command") or _PUBLIC.fullmatch(image) or "/" not in image:
            return False
        built = [file for file in self.dockerfiles if not is_aside(file.place)]
        return len(built) == 1 and bool(running_image(built[0], self))

    def read(self, file: SourceFile) -> Image | None:
        """The image that a Dockerfile makes; None where it makes none."""
        try:
            content = self.files.read_text(file.path)
        except UnreadableFileError:
            return None
        return read_dockerfile(content, file.name, self.contexts(file))

    def contexts(self, file: SourceFile) -> tuple[Path, ...]:
        """Folders that a build may start from."""
        folder = file.path.parent
        above = [path for path in folder.parents if path.is_relative_to(self.files.root)]
        return (folder, *above[:2])


def _path_of(mount: Mount) -> str:
    return f"{mount.target.rstrip('/')}/{mount.source.name}" if mount.inside else mount.target


def images_of(context: ReadContext) -> Images:
    """The images that the Dockerfiles of the run make."""
    dockerfiles = [file for file in context.siblings if "dockerfile" in file.base.lower()]
    builds = (*image_builds(context), *composed_builds(context))
    return Images(files=context.tree, dockerfiles=dockerfiles, builds=builds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container and where it stands: its workload and the resources around it."""

    tree: Tree
    pod: Tree | None
    workload: Resource
    cluster: Cluster
    images: Images

    @property
    def name(self) -> str:
        """Its name in the pod."""
        return text(self.tree, "name")

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports it says it listens on."""
        numbers = (text(port, "containerPort") for port in items(self.tree, "ports"))
        return tuple(sorted({int(n) for n in numbers if n.isdigit() and 0 < int(n) < 65536}))

    def port_named(self, name: str) -> int:
        """The number of a named port, 0 where there is none."""
        for port in items(self.tree, "ports"):
            number = text(port, "containerPort")
            if text(port, "name") == name and number.isdigit():
                return int(number)
        return 0

    @property
    def image_name(self) -> str:
        """The last part of its image, without tag and digest."""
        return text(self.tree, "image").partition("@")[0].rpartition("/")[2].partition(":")[0]


def containers_of(cluster: Cluster, images: Images) -> Iterator[Container]:
    """The containers of all workloads of a cluster."""
    for workload in cluster.every(*sorted(WORKLOADS)):
        pod = pod_spec(workload)
        for tree in items(pod, "containers"):
            yield Container(tree=tree, pod=pod, workload=workload, cluster=cluster, images=images)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What a container runs; `image_file` is the Dockerfile it was found through, if one was needed."""

    servers: tuple[Server, ...]
    image_file: str = ""
    node: str = ""


def running_image(file: SourceFile, images: Images) -> tuple[Server, ...]:
    """The servers that an image starts by itself."""
    image = images.read(file)
    launch = started(image.entrypoint, image.command) if image else None
    if image is None or launch is None:
        return ()
    inside = ContainerFiles(tree=images.files, mounts=image.mounts, folders=images.contexts(file)[:2])
    found = servers_of(launch, image.environment, image.folder, inside)
    return tuple(server for server in found if not server.worker)


def running(container: Container) -> Running:
    """The servers of a container; none where its command is not in these files."""
    command = _words(container, "command")
    args = _words(container, "args")
    built = None if command else container.images.of(container)
    image, file = built or (None, None)
    launch = (
        (*command, *args)
        if command
        else started(image.entrypoint if image else None, tuple(args) or (image.command if image else None))
    )
    if not launch:
        return Running(servers=())
    variables = {**(image.environment if image else {}), **environment_of(container)}
    folder = text(container.tree, "workingDir") or (image.folder if image else "")
    files = _PodFiles(container=container, image=image, file=file)
    servers = servers_of(launch, variables, folder, files)
    node = re.match(r"(?:.*/)?node:(\d[\d.]*)", image.base) if image else None
    return Running(
        servers=servers,
        image_file=file.name if file and servers else "",
        node=node.group(1) if node else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _PodFiles:
    """Files of a container: mounted ConfigMaps first, then what its image was built from."""

    container: Container
    image: Image | None
    file: SourceFile | None

    def find(self, path: str, folder: str) -> Source | None:
        """The text of the file at a path of the container."""
        full = normpath(path if path.startswith("/") else f"{folder}/{path}")
        found = self._mounted(full)
        if found is not None:
            return found
        images = self.container.images
        if self.image is None or self.file is None:
            copied = images.copied_to(full)
            mounts = (Mount(source=copied, target=full),) if copied else ()
            return ContainerFiles(tree=images.files, mounts=mounts).find(full, "/")
        inside = ContainerFiles(
            tree=images.files, mounts=self.image.mounts, folders=images.contexts(self.file)[:2]
        )
        return inside.find(path, folder)

    def matching(self, pattern: str) -> list[Source]:  # noqa: ARG002 - the shape of `Files`
        """Nothing: configuration that is put together from several files is not looked for in pods."""
        return []

    def _mounted(self, full: str) -> Source | None:
        volumes = {
            text(v, "name"): text(v, "configMap", "name") for v in items(self.container.pod, "volumes")
        }
        for mount in items(self.container.tree, "volumeMounts"):
            config = volumes.get(text(mount, "name"), "")
            target = normpath(text(mount, "mountPath") or "/")
            key = text(mount, "subPath") if full == target else PurePosixPath(full).name
            if not config or (full != target and str(PurePosixPath(full).parent) != target):
                continue
            resource = self.container.cluster.find("ConfigMap", config, self.container.workload)
            data = scalar(resource.tree, "data", key) if resource else None
            if data is not None and not data.unknown:
                # Empty lines in front keep the lines of its file, whoever reads the text.
                before = "\n" * (max(data.span.line, 1) - 1 + ("\n" in data.text))
                return Source(text=before + data.text, file=data.span.file)
        return None


def _words(container: Container, key: str) -> tuple[Arg, ...]:
    variables = environment_of(container)
    found = []
    for item in items(container.tree, key):
        if isinstance(item, Scalar):
            pieces = _pieces(item, variables)
            # The text of a block begins in the line below its mark.
            span = replace(item.span, line=item.span.line + ("\n" in item.text), text=item.text)
            found.append(Arg(text=joined(pieces), span=span, pieces=pieces))
    return tuple(found)


def _pieces(item: Scalar, variables: dict[str, Text]) -> tuple[Text, ...]:
    """`$(NAME)` is replaced by what the container's own environment says, and left as it is elsewhere."""
    if item.unknown:
        return (unknown(item.unknown, RENDER, *item.steps),)
    pieces: list[Text] = []
    at = 0
    for match in _REFERENCE.finditer(item.text):
        name = match.group(1)
        if name is not None and name not in variables:
            continue
        pieces.append(literal(item.text[at : match.start()]))
        pieces.append(variables[name] if name else literal("$"))
        at = match.end()
    pieces.append(literal(item.text[at:], *item.steps))
    return tuple(piece for piece in pieces if piece.choices != ("",)) or (literal(""),)


def environment_of(container: Container) -> dict[str, Text]:
    """The environment; of Secrets only that a key exists."""
    found: dict[str, Text] = {}
    for source in items(container.tree, "envFrom"):
        found.update(_from_all(source, container))
    for item in items(container.tree, "env"):
        name = text(item, "name")
        given = scalar(item, "value")
        if given is not None:
            value = joined(_pieces(given, found))
            found[name] = set_to(name, value, given.span.file, given.span.line)
        elif name:
            found[name] = _from_elsewhere(name, item, container)
    return found


def _from_all(source: Tree, container: Container) -> Iterator[tuple[str, Text]]:
    prefix = text(source, "prefix")
    config = _config(text(source, "configMapRef", "name"), container)
    yield from values_of(config, prefix) if config else ()
    secret = container.cluster.find("Secret", text(source, "secretRef", "name"), container.workload)
    for part in ("data", "stringData"):
        for key, place, _ in entries(secret.tree if secret else None, part):
            hidden = unknown(f"it is kept in the Secret {secret.name if secret else ''}", "", place)
            yield prefix + key, hidden


def values_of(config: Resource, prefix: str = "") -> Iterator[tuple[str, Text]]:
    """The entries of a ConfigMap as variables."""
    for key, _, value in entries(config.tree, "data"):
        if isinstance(value, Scalar):
            held = joined(_pieces(value, {}))
            yield prefix + key, set_to(prefix + key, held, value.span.file, value.span.line)


def _from_elsewhere(name: str, item: Tree, container: Container) -> Text:
    place = replace(item.span, text=name)
    key = text(item, "valueFrom", "configMapKeyRef", "key")
    config = _config(text(item, "valueFrom", "configMapKeyRef", "name"), container)
    value = scalar(config.tree, "data", key) if config and key else None
    if value is not None:
        held = joined(_pieces(value, {}))
        return set_to(key, held, value.span.file, value.span.line).through(place)
    if text(item, "valueFrom", "secretKeyRef", "key"):
        return unknown("it is kept in a Secret", f"set {name} where it is started", place)
    return unknown(f"{name} is set by something that is not in these files", "give that file as well", place)


def _config(name: str, container: Container) -> Resource | None:
    return container.cluster.find("ConfigMap", name, container.workload)


def _names_of(file: SourceFile) -> set[str]:
    folder = PurePosixPath(file.name).parent
    named = _SUFFIX.fullmatch(file.base)
    if named:
        return {_plain(named.group(1) or named.group(2))}
    while folder.name.lower() in _PLAIN_FOLDERS and folder != folder.parent:
        folder = folder.parent
    return {_plain(folder.name)} if folder.name else set()


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")

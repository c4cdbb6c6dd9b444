"""Compose services: each is followed through its image and entrypoint to the server it runs."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import normpath

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.model.settings import Declaration, Problem, Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.processes.commands import WORKERS, launched, servers_from
from budgetcheck.readers.processes.compose_project import (
    Layer,
    Loader,
    Project,
    Service,
    scalars,
    variables_of,
    words_of,
)
from budgetcheck.readers.processes.container import ContainerFiles, Mount, folder_of
from budgetcheck.readers.processes.declare import Owner, declare, presumed
from budgetcheck.readers.processes.dockerfile import Image, Launch, read_dockerfile, started
from budgetcheck.readers.processes.environment import layered, of_environment, open_environment_file
from budgetcheck.readers.processes.expansion import Lookup, expand
from budgetcheck.readers.processes.texts import Text, as_value, harmless, literal, ports_of
from budgetcheck.tree import Tree, UnreadableFileError
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode

_PORT = re.compile(r"(?:.*:)?(\d+)(?:-\d+)?(?:/\w+)?")
_VERSION = re.compile(r"(?:.*/)?node:(\d[\d.]*)")
_PROXIES = re.compile(r"(?:.*/)?(?:nginx|openresty|nginx-unprivileged|nginx-proxy)(?:[:@].*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """Where an image is built: context, Dockerfile and stage."""

    context: Path
    dockerfile: Path
    target: str = ""
    arguments: Mapping[str, Text] = field(default_factory=dict, hash=False)


@dataclass(slots=True, kw_only=True)
class Composer:
    """Reads the services of projects.

    Attributes:
        images: where an image that some service only names is built, by its name without a tag.
        repeated: names of services that several projects have.
        used: files that belong to a server of a service. `built`: Dockerfiles that some service uses.
    """

    tree: Tree
    loader: Loader
    images: dict[str, Service] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    built: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def learn_images(self, projects: Iterable[Project]) -> None:
        """Remembers which images are built here."""
        for project in projects:
            for service in project.services.values():
                name = _image_name(service)
                if name and service.last("build"):
                    self.images.setdefault(name, service)

    def learn_names(self, projects: Iterable[Project]) -> None:
        """Remembers which names of services are not unique."""
        names = Counter(name for project in projects for name in project.services)
        self.repeated = {name for name, count in names.items() if count > 1}

    def outside(self, project: Project, environment: EnvironmentOptions | None) -> dict[str, Text]:
        """The variables that compose fills into the files of a project."""
        own = open_environment_file(self.tree, project.folder / ".env") or {}
        return layered(own, of_environment(self.tree, environment, (project.folder,)))

    def declarations(
        self, project: Project, environment: EnvironmentOptions | None = None
    ) -> Iterator[Declaration]:
        """The servers of a project's services; services that run something else are only presumed."""
        outside = self.outside(project, environment)
        for name in sorted(project.services):
            service = project.services[name]
            if any(
                {"image", "build", "command", "entrypoint"} & layer.node.entries.keys()
                for layer in service.layers
            ):
                yield from _Reading(self, project, service, outside, environment).declarations()


class _Reading:
    """One service in one environment."""

    def __init__(
        self,
        composer: Composer,
        project: Project,
        service: Service,
        outside: Mapping[str, Text],
        environment: EnvironmentOptions | None,
    ) -> None:
        self.composer = composer
        self.tree = composer.tree
        self.project = project
        self.service = service
        self.outside: Lookup = outside.get
        self.environment = environment

    def declarations(self) -> Iterator[Declaration]:
        build = self._build()
        image = self._image(build)
        variables = self._variables(image, build)
        files = self._files(image, build)
        owner = self._owner(image)
        launch = self._launch(image)
        starts = launched(launch, variables, self._folder(image), files) if launch else []
        servers = servers_from(starts, files)
        if any(server.program == "node" for server in servers) and not owner.ports:
            # A Node.js process without any port is no server as far as these files say.
            servers = tuple(server for server in servers if server.program != "node" or server.binding.stated)
        if any(not server.development for server in servers):
            # Where only development servers or workers use an image, its own command counts as well.
            self.composer.used |= files.used | ({image.file} if image else set())
        if servers:
            declared, problems = declare(servers, owner)
            self.composer.problems += problems
            yield from declared
        elif not any(start.program in WORKERS for start in starts) and not self._is_proxy(image):
            yield presumed(owner)

    def _build(self) -> Build | None:
        found = self.service.last("build")
        if found is None:
            builder = self.composer.images.get(_image_name(self.service))
            found = builder.last("build") if builder else None
        if found is None:
            return None
        node, layer = found
        context = self._text(node if isinstance(node, ScalarNode) else _get(node, "context")) or "."
        if "://" in context or context.startswith("git@"):
            return None
        folder = folder_of(layer.folder, context)
        dockerfile = self._text(_get(node, "dockerfile")) or "Dockerfile"
        arguments = _get(node, "args")
        return Build(
            context=folder,
            dockerfile=folder_of(folder, dockerfile),
            target=self._text(_get(node, "target")) or "",
            arguments=dict(variables_of(arguments, layer.file, self.outside)) if arguments else {},
        )

    def _image(self, build: Build | None) -> Image | None:
        if build is None:
            return None
        try:
            text = self.tree.read_text(build.dockerfile)
        except (UnreadableFileError, ValueError):
            return None
        name = self.tree.name(build.dockerfile)
        self.composer.built.add(name)
        return read_dockerfile(text, name, (build.context,), target=build.target, arguments=build.arguments)

    def _variables(self, image: Image | None, build: Build | None) -> dict[str, Text]:
        folders = [self.project.folder, *([build.context, build.dockerfile.parent] if build else [])]
        found = layered(
            image.environment if image else {}, of_environment(self.tree, self.environment, folders)
        )
        for node, layer in self.service.every("env_file"):
            for path in self._env_files(node):
                opened = open_environment_file(self.tree, folder_of(layer.folder, path), self.outside)
                found.update(opened or {})
        for node, layer in self.service.every("environment"):
            found.update(variables_of(node, layer.file, self.outside))
        return found

    def _env_files(self, node: Node) -> Iterator[str]:
        for item in node.items if isinstance(node, ListNode) else (node,):
            path = self._text(item if isinstance(item, ScalarNode) else _get(item, "path"))
            if path:
                yield path

    def _files(self, image: Image | None, build: Build | None) -> ContainerFiles:
        mounts = [
            mount for node, layer in self.service.every("volumes") for mount in self._mounts(node, layer)
        ]
        own = [layer.folder for layer in self.service.layers]
        return ContainerFiles(
            tree=self.tree,
            mounts=(*reversed(mounts), *(image.mounts if image else ())),
            folders=tuple(dict.fromkeys((build.context, build.dockerfile.parent) if build else own)),
        )

    def _mounts(self, node: Node, layer: Layer) -> Iterator[Mount]:
        for item in node.items if isinstance(node, ListNode) else ():
            if isinstance(item, ScalarNode):
                source, _, rest = (self._text(item) or "").partition(":")
                target = rest.partition(":")[0]
            else:
                source, target = (
                    self._text(_get(item, "source")) or "",
                    self._text(_get(item, "target")) or "",
                )
            if source.startswith((".", "/")) and target.startswith("/"):
                yield Mount(source=folder_of(layer.folder, source), target=normpath(target))

    def _launch(self, image: Image | None) -> Launch | None:
        entrypoint, command = (image.entrypoint, image.command) if image else (None, None)
        own = self._words("entrypoint")
        if own is not None:
            entrypoint, command = own or None, None  # an entrypoint of the service drops the image's command
        command = self._words("command") if self.service.last("command") else command
        return started(entrypoint, command)

    def _words(self, key: str) -> Launch | None:
        found = self.service.last(key)
        return words_of(found[0], found[1].file, self.outside) if found else None

    def _folder(self, image: Image | None) -> str:
        own = self.service.last("working_dir")
        return (self._text(own[0]) if own else None) or (image.folder if image else "")

    def _owner(self, image: Image | None) -> Owner:
        service, project = self.service, self.project
        name = service.name
        if name in self.composer.repeated and project.shown != ".":
            name = f"{project.shown}/{name}"
        version = _VERSION.match(image.base) if image else None
        return Owner(
            address=f"compose:{name}",
            title=service.name,
            span=service.span,
            names=tuple(dict.fromkeys(self._names())),
            ports=tuple(sorted({*self._ports(), *(image.ports if image else ())})),
            settings=self._grace(),
            manager="compose",
            node=version.group(1) if version else "",
        )

    def _names(self) -> Iterator[str]:
        yield self.service.name
        for key in ("container_name", "hostname"):
            found = self.service.last(key)
            name = self._text(found[0]) if found else None
            if name:
                yield name
        for networks, _ in self.service.every("networks"):
            for _, network in networks.entries.values() if isinstance(networks, MapNode) else ():
                for alias in scalars(_get(network, "aliases")):
                    yield self._text(alias) or self.service.name

    def _ports(self) -> Iterator[int]:
        for key in ("expose", "ports"):
            for node, _ in self.service.every(key):
                for item in node.items if isinstance(node, ListNode) else ():
                    shown = item if isinstance(item, ScalarNode) else _get(item, "target")
                    # Of `HOST:CONTAINER` only the container's side counts: a host port may be a variable.
                    text = shown.text.rpartition(":")[2] if isinstance(shown, ScalarNode) else ""
                    written = text if "}" not in text else shown.text if isinstance(shown, ScalarNode) else ""
                    match = _PORT.fullmatch(expand(written, self.outside, dollars=True).known or "")
                    yield from ports_of([literal(match.group(1))]) if match else ()

    def _grace(self) -> tuple[Setting, ...]:
        found = self.service.last("stop_grace_period")
        if found is None or not isinstance(found[0], ScalarNode):
            return ()
        node, layer = found
        text = expand(found[0].text, self.outside, dollars=True)
        shown = (
            f"stop_grace_period: {text.known}" if text.known and harmless(text.known) else "stop_grace_period"
        )
        span = Span(file=layer.file, line=node.line, text=shown)
        return (Setting(name="stop_grace_period", value=as_value(text), spans=(span, *text.spans)),)

    def _is_proxy(self, image: Image | None) -> bool:
        """nginx itself: its own files declare it."""
        return bool(_PROXIES.fullmatch(_image_of(self.service) or (image.base if image else "")))

    def _text(self, node: Node | None) -> str | None:
        if not isinstance(node, ScalarNode) or node.value is None:
            return None
        return expand(node.text, self.outside, dollars=True).known


def _image_of(service: Service) -> str:
    found = service.last("image")
    node = found[0] if found else None
    return node.text if isinstance(node, ScalarNode) else ""


def _image_name(service: Service) -> str:
    """The image; without its tag where that is a variable, as it is for most images that are built here."""
    name = _image_of(service)
    head, slash, last = name.rpartition("/")
    plain, colon, tag = last.partition(":")
    return f"{head}{slash}{plain}" if colon and "$" in tag else name


def _get(node: Node | None, key: str) -> Node | None:
    return node.get(key) if isinstance(node, MapNode) else None

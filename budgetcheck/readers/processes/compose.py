"""Compose services: each is followed through its image and entrypoint to the server it runs."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import normpath

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.model.settings import Declaration, Problem, Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.image_builds import ImageBuild, built_as
from budgetcheck.readers.processes import traefik
from budgetcheck.readers.processes.base_images import command_of, environment_of, ports_of_image
from budgetcheck.readers.processes.commands import WORKERS, launched, servers_from
from budgetcheck.readers.processes.compose_keys import (
    container_ports,
    get,
    image_name,
    image_of,
    labels_of,
    names_of,
    port_items,
    replicas,
)
from budgetcheck.readers.processes.compose_project import (
    Layer,
    Loader,
    Project,
    Service,
    variables_of,
    words_of,
)
from budgetcheck.readers.processes.container import ContainerFiles, Mount, folder_of
from budgetcheck.readers.processes.declare import Owner, declare, presumed
from budgetcheck.readers.processes.dockerfile import Image, Launch, read_dockerfile, started
from budgetcheck.readers.processes.environment import layered, of_environment, open_environment_file
from budgetcheck.readers.processes.expansion import Lookup, expand
from budgetcheck.readers.processes.images import existing
from budgetcheck.readers.processes.published import published_ports
from budgetcheck.readers.processes.runners import Runner, is_nginx_image
from budgetcheck.readers.processes.texts import Text, as_value, harmless
from budgetcheck.tree import Tree, UnreadableFileError
from budgetcheck.yaml_nodes import ListNode, Node, ScalarNode

_VERSION = re.compile(r"(?:.*/)?node:(\d[\d.]*)")


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
        builds: which images scripts and CI files build.
        repeated: names of services that several projects have.
        used: files that belong to a server of a service. `built`: Dockerfiles that some service uses.
    """

    tree: Tree
    loader: Loader
    images: dict[str, Service] = field(default_factory=dict)
    builds: Sequence[ImageBuild] = ()
    repeated: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    built: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def learn_images(self, projects: Iterable[Project]) -> None:
        """Remembers which images are built here."""
        for project in projects:
            for service in project.services.values():
                name = image_name(service)
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
        for reading in self._readings(project, environment):
            yield from reading.declarations()
        yield from self._routers(project, environment)

    def _routers(self, project: Project, environment: EnvironmentOptions | None) -> Iterator[Declaration]:
        """What Traefik in front of the services is told by their labels."""
        readings = list(self._readings(project, environment))
        labelled = [reading.labelled() for reading in readings]
        if any(service.labels for service in labelled):
            edge = traefik.Edge()
            for reading in readings:
                reading.add_edge(edge)
            yield from traefik.declare_routers(labelled, edge, project.shown)

    def runners(self, project: Project, environment: EnvironmentOptions | None = None) -> Iterator[Runner]:
        """The containers of a project's services."""
        for reading in self._readings(project, environment):
            yield reading.runner()

    def _readings(self, project: Project, environment: EnvironmentOptions | None) -> Iterator["_Reading"]:
        outside = self.outside(project, environment)
        for name in sorted(project.services):
            service = project.services[name]
            if any(
                {"image", "build", "command", "entrypoint"} & layer.node.entries.keys()
                for layer in service.layers
            ):
                yield _Reading(self, project, service, outside, environment)


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
        if any(not (server.development or server.worker) for server in servers):
            # Where only development servers or workers use an image, its own command counts as well.
            self.composer.used |= files.used | ({image.file} if image else set())
        elif any(server.worker for server in servers):
            self.composer.used |= files.used - ({image.file} if image else set())
        if servers:
            declared, problems = declare(servers, owner)
            self.composer.problems += problems
            yield from declared
        elif not any(start.program in WORKERS for start in starts) and not self._is_proxy(image):
            yield presumed(owner)

    def runner(self) -> Runner:
        """The container of the service, whatever it runs."""
        build = self._build()
        image = self._image(build)
        owner = self._owner(image)
        stock = image_of(self.service)
        return Runner(
            address=owner.address,
            span=owner.span,
            folder=self.project.folder,
            environment=self.environment.name if self.environment else "",
            image=image.base if image and (build or not is_nginx_image(stock)) else stock,
            dockerfile=self.tree.name(build.dockerfile) if build else "",
            names=owner.names,
            ports=owner.ports,
            published=published_ports(port_items(self.service, "ports"), self.outside),
            mounts=existing(self._files(image, build).mounts, self.tree),
            variables=self._variables(image, build),
            single=replicas(self.service, self.outside) == "1",
        )

    def labelled(self) -> traefik.Labelled:
        """The service with the labels that Traefik reads."""
        owner = self._owner(self._image(self._build()))
        labels = dict(labels_of(self.service, "traefik.", self.outside))
        return traefik.Labelled(name=self.service.name, ports=owner.ports, labels=labels)

    def add_edge(self, edge: traefik.Edge) -> None:
        """Adds what the service says about Traefik, where it is that."""
        version = traefik.version_of(image_of(self.service))
        if version is None:
            return
        edge.version = version if version.count(".") == 2 else ""
        for path in ("/etc/traefik/traefik.yml", "/etc/traefik/traefik.yaml"):
            found = self._files(None, None).find(path, "/")
            if found is not None:
                traefik.with_file(edge, found.text, found.file)
        words = self._words("command")
        if isinstance(words, tuple):
            given = [(word.text.known, word.span) for word in words]
            traefik.with_arguments(edge, [(text, span) for text, span in given if text])

    def _build(self) -> Build | None:
        found = self.service.last("build")
        if found is None:
            builder = self.composer.images.get(image_name(self.service))
            found = builder.last("build") if builder else None
        if found is None:
            return self._built_elsewhere()
        node, layer = found
        context = self._text(node if isinstance(node, ScalarNode) else get(node, "context")) or "."
        if "://" in context or context.startswith("git@"):
            return None
        folder = folder_of(layer.folder, context)
        dockerfile = self._text(get(node, "dockerfile")) or "Dockerfile"
        arguments = get(node, "args")
        return Build(
            context=folder,
            dockerfile=folder_of(folder, dockerfile),
            target=self._text(get(node, "target")) or "",
            arguments=dict(variables_of(arguments, layer.file, self.outside)) if arguments else {},
        )

    def _built_elsewhere(self) -> Build | None:
        """Where a script or CI file builds the image."""
        found = self.service.last("image")
        name = self._text(found[0]) if found else None
        build = built_as(name or image_of(self.service), self.composer.builds)
        if build is None:
            return None
        root = self.tree.root
        return Build(context=folder_of(root, build.context), dockerfile=folder_of(root, build.dockerfile))

    def _image(self, build: Build | None) -> Image | None:
        if build is None:
            return self._stock_image()
        try:
            text = self.tree.read_text(build.dockerfile)
        except (UnreadableFileError, ValueError):
            return None
        name = self.tree.name(build.dockerfile)
        self.composer.built.add(name)
        return read_dockerfile(text, name, (build.context,), target=build.target, arguments=build.arguments)

    def _stock_image(self) -> Image | None:
        """An image that starts a known server by itself, used as it is."""
        found = self.service.last("image")
        base = self._text(found[0]) if found else None
        if found is None or not base:
            return None
        span = Span(file=found[1].file, line=found[0].line, text=f"image: {base}")
        command = command_of(base, span)
        if command is None:
            return None
        return Image(
            base=base,
            file=span.file,
            span=span,
            environment=environment_of(base),
            command=command,
            ports=ports_of_image(base),
        )

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
            path = self._text(item if isinstance(item, ScalarNode) else get(item, "path"))
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
                    self._text(get(item, "source")) or "",
                    self._text(get(item, "target")) or "",
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
            names=tuple(dict.fromkeys(names_of(self.service, self.outside))),
            ports=tuple(
                sorted({*container_ports(self.service, self.outside), *(image.ports if image else ())})
            ),
            settings=self._grace(),
            manager="compose",
            node=version.group(1) if version else "",
        )

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
        return is_nginx_image(image_of(self.service)) or is_nginx_image(image.base if image else "")

    def _text(self, node: Node | None) -> str | None:
        if not isinstance(node, ScalarNode) or node.value is None:
            return None
        return expand(node.text, self.outside, dollars=True).known

"""Joins between what several readers read: proxies and the containers that run them, images and their users.

Each reader knows one format. That a compose service mounts a configuration of nginx, or that an image is
built from a Dockerfile that was read as well, only shows once all have been read.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from budgetcheck import facts
from budgetcheck.environments import same_environment
from budgetcheck.model.settings import Declaration, Reading
from budgetcheck.model.topology import Layer, Target
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import starts_containers

if TYPE_CHECKING:
    from budgetcheck.readers.processes.runners import Runner

_PROXIES = frozenset({"apache", "nginx"})
"""Components whose hops are read from files that some container has."""
_POD = "kubernetes-pod"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_STARTERS = ("compose:", "dockerfile:", "kubernetes:", "procfile:", "supervisord:", "systemd:")
_SCRIPT = "script:"
_UNRENDERED = (".template", ".tmpl", ".tpl", ".j2")


def join(reading: Reading, context: ReadContext) -> Reading:
    """The reading with everything joined that belongs together."""
    declared = list(reading.declarations)
    relevant = any(_is_started(one) or one.component in _PROXIES for one in declared)
    if relevant and any(map(starts_containers, context.siblings)):
        # Loads the formats that say which containers there are.
        from budgetcheck.readers.variables import environment_index

        runners = environment_index(context).runners
        declared = _Containers(declared, runners, context.tree.base).joined()
        declared = _without_repeated_images(declared, runners)
        declared = [one for one in declared if not _is_stale_script(one, declared, context)]
    return replace(reading, declarations=tuple(declared))


@dataclass(slots=True)
class _Containers:
    """Declarations of nginx and httpd put into the containers that have their files."""

    declarations: Sequence[Declaration]
    runners: "Sequence[Runner]"
    base: Path
    of_file: "dict[str, list[Runner]]" = field(default_factory=dict)
    stale: dict[str, bool] = field(default_factory=dict)
    inside: dict[str, list[Declaration]] = field(default_factory=dict)
    """Locations of nginx and rules of httpd by the address of their container."""

    def joined(self) -> list[Declaration]:
        """All declarations, each container's proxy in its place."""
        for one in self.declarations:
            for runner in self._runners(one):
                self.inside.setdefault(runner.address, []).append(one)
        found = [
            self._proxy(one) if one.component in _PROXIES else self._other(one) for one in self.declarations
        ]
        return [one for one in found if not self._replaced(one) and not self._is_stale(one)]

    def _is_stale(self, declaration: Declaration) -> bool:
        """A file of a proxy that no container has, beside the template that one has instead of it."""
        if declaration.component not in _PROXIES or self._runners(declaration):
            return False
        file = declaration.span.file
        if file not in self.stale:
            path = self.base / file
            stem = _rendered(path.name)
            twins = {path.with_name(name) for name in (stem, *(f"{stem}{suffix}" for suffix in _UNRENDERED))}
            twins -= {path}
            self.stale[file] = any(
                one.configures(declaration.component, twin) for one in self.runners for twin in twins
            )
        return self.stale[file]

    def _runners(self, declaration: Declaration) -> "list[Runner]":
        """The containers that run the proxy with the file of a location."""
        if declaration.component not in _PROXIES:
            return []
        container = declaration.trait("container")
        if container:
            return [
                one
                for one in self.runners
                if one.address == container and _together(one.environment, declaration.environment)
            ]
        file = declaration.span.file
        if file not in self.of_file:
            path = self.base / file
            self.of_file[file] = [one for one in self.runners if one.configures(declaration.component, path)]
        return [one for one in self.of_file[file] if _together(one.environment, declaration.environment)]

    def _proxy(self, declaration: Declaration) -> Declaration:
        runners = [one for one in self._runners(declaration) if not one.is_image]
        if not runners:
            return declaration
        front = declaration.front
        names = dict.fromkeys((*front.names, *(name for runner in runners for name in runner.names)))
        return replace(
            declaration,
            front=replace(front, names=tuple(names), published=_published(front.ports, runners)),
            targets=tuple(self._within(target, runners) for target in declaration.targets),
            traits=tuple(dict.fromkeys((*declaration.traits, ("container", runners[0].address)))),
        )

    def _within(self, target: Target, runners: "Sequence[Runner]") -> Target:
        """A target inside the same container or pod, by its address."""
        if target.socket:
            found = self._neighbours(runners, lambda one: target.socket in one.front.sockets)
        elif target.host in _LOOPBACK and target.port:
            found = self._neighbours(runners, lambda one: target.port in one.front.ports)
        else:
            return target
        return replace(target, address=found[0].address) if len(found) == 1 else target

    def _neighbours(
        self, runners: "Sequence[Runner]", fits: Callable[[Declaration], bool]
    ) -> list[Declaration]:
        places = tuple(runner.group or runner.address for runner in runners)
        return [
            one
            for one in self.declarations
            if one.component not in _PROXIES
            and one.component != _POD
            and any(one.address == place or one.address.startswith(f"{place}/") for place in places)
            and fits(one)
        ]

    def _other(self, declaration: Declaration) -> Declaration:
        """A pod leads to the nginx in it; a service is reached through the ports it publishes."""
        runners = [
            one
            for one in self.runners
            if one.address == declaration.address and _together(one.environment, declaration.environment)
        ]
        if declaration.component == _POD:
            held = [one for runner in runners for one in self._served(runner, declaration)]
            if not held:
                return declaration
            targets = tuple(Target(address=one.address, span=declaration.span) for one in held)
            return replace(declaration, targets=targets)
        published = _published(declaration.front.ports, runners)
        names = dict.fromkeys((*declaration.front.names, *self._names_of_image(declaration)))
        front = replace(declaration.front, published=published, names=tuple(names))
        return replace(declaration, front=front) if front != declaration.front else declaration

    def _names_of_image(self, declaration: Declaration) -> Iterator[str]:
        """The names of containers of a platform that run the image and leave the command to it."""
        if declaration.address.startswith("dockerfile:"):
            for one in self.runners:
                if one.dockerfile == declaration.span.file and one.address.startswith("terraform:"):
                    yield from one.names

    def _served(self, runner: "Runner", pod: Declaration) -> list[Declaration]:
        """The locations of a container that answer on the ports it says it listens on, else all."""
        held = [
            one for one in self.inside.get(runner.address, ()) if _together(one.environment, pod.environment)
        ]
        open_ports = set(runner.ports)
        return [one for one in held if open_ports & set(one.front.ports)] or held

    def _replaced(self, declaration: Declaration) -> bool:
        """A server of unknown kind in a container that runs nginx, httpd or LiteLLM: that is what it is."""
        if declaration.trait("presumed") != "yes":
            return False
        if any(one.trait("container") == declaration.address for one in self._litellm):
            return True
        if any(one.component == "apache" for one in self.inside.get(declaration.address, ())):
            return True
        owner, _, last = declaration.address.rpartition("/")
        return last == "server" and bool(self.inside.get(owner))

    @property
    def _litellm(self) -> list[Declaration]:
        return [one for one in self.declarations if one.component == "litellm-proxy"]


def _rendered(name: str) -> str:
    """What a template is called after it was filled in."""
    return next((name.removesuffix(suffix) for suffix in _UNRENDERED if name.endswith(suffix)), name)


def _published(ports: Sequence[int], runners: "Iterable[Runner]") -> tuple[int, ...]:
    pairs = (pair for runner in runners for pair in runner.published)
    return tuple(sorted({host for host, inner in pairs if not ports or inner in ports}))


def _without_repeated_images(
    declared: Sequence[Declaration], runners: "Sequence[Runner]"
) -> list[Declaration]:
    """Without servers of images that a service or pod of these files starts, and that are declared there.

    A development server (`flask run`) is not what the image is deployed with. Where nothing in these files
    leads to it, it is the one that goes: what is in front of the deployed image would find two of them.
    """
    idle = [one for one in declared if one.trait("development") == "yes" and not _is_asked(one, declared)]
    lasting = [one for one in declared if one not in idle]
    kept = [one for one in declared if not _uses(one, lasting, runners)]
    images = [one for one in kept if _is_image(one) and _is_started(one)]
    return [
        one for one in kept if one not in idle or not any(_uses(image, [one], runners) for image in images)
    ]


def _is_image(declaration: Declaration) -> bool:
    return declaration.address.startswith("dockerfile:")


def _is_asked(server: Declaration, declared: Iterable[Declaration]) -> bool:
    """Something in these files sends it requests, by its address or one of its names."""
    names = {name.lower() for name in server.front.names}
    return any(
        target.address == server.address or target.host.lower() in names
        for one in declared
        for target in one.targets
    )


def _uses(image: Declaration, servers: Iterable[Declaration], runners: "Sequence[Runner]") -> bool:
    """One of these servers is what a service or pod starts with the image."""
    if not _is_image(image):
        return False
    users = [one for one in runners if one.dockerfile == image.span.file and not one.is_image]
    return any(
        _is_started(one) and (one.address == user.address or one.address.startswith(f"{user.address}/"))
        for one in servers
        for user in users
    )


def _is_stale_script(declaration: Declaration, declared: Sequence[Declaration], context: ReadContext) -> bool:
    """A start script that nothing mentions, where something else starts servers: it was left behind."""
    if not declaration.address.startswith(_SCRIPT):
        return False
    script = PurePosixPath(declaration.span.file)
    others = [one for one in declared if _is_started(one) and one.address.startswith(_STARTERS)]
    near = [one for one in others if _shares_folder(script, PurePosixPath(one.span.file))]
    given = any(file.given and file.name == declaration.span.file for file in context.siblings)
    return bool(near) and not given and not any(_mentions(context, script))


def _shares_folder(script: PurePosixPath, other: PurePosixPath) -> bool:
    return script.is_relative_to(other.parent) or other.is_relative_to(script.parent)


def _mentions(context: ReadContext, script: PurePosixPath) -> Iterator[bool]:
    return (script.name in file.head for file in context.siblings if file.name != str(script))


def _is_started(declaration: Declaration) -> bool:
    """A server whose kind is known."""
    component = facts.find(declaration.component)
    known = component is not None and component.layer is Layer.SERVER
    return known and declaration.trait("presumed") != "yes"


def _together(one: str, other: str) -> bool:
    return not one or not other or same_environment(one, other)

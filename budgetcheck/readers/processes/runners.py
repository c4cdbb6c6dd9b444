"""Containers that these files start: which files they have, what they see, under which names they answer.

The common form of compose services, containers of pods and plain images, for whatever follows a variable or a
request into a container.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from posixpath import join

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.container import Mount
from budgetcheck.readers.processes.texts import Text

NGINX_FOLDERS = (
    "/etc/nginx/",
    "/etc/openresty/",
    "/opt/bitnami/nginx/",
    "/usr/local/nginx/",
    "/usr/local/openresty/nginx/",
)
APACHE_FOLDERS = (
    "/etc/apache2/",
    "/etc/httpd/",
    "/opt/bitnami/apache/",
    "/opt/bitnami/apache2/",
    "/usr/local/apache2/",
    "/usr/local/etc/apache24/",
)
_NGINX = re.compile(r"(?:.*/)?(?:nginx|openresty|nginx-unprivileged|nginx-proxy)(?:[:@].*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """One container.

    Attributes:
        address: of what is declared for it (`compose:web`, `kubernetes:default/Deployment/web/app`).
        group: what shares one network with it (the workload of a pod, a task); empty for itself alone.
        environment: the only one it belongs to; empty for all.
        folder: of the file that declares it.
        image: what it runs, or what that is built on. `dockerfile`: the file it is built from.
        names: under which others reach it. `ports`: it says it listens on.
        published: ports of the host that lead into it, each with the port inside.
        mounts: files of the repository in it, the strongest first.
        held: texts of manifests in it, by their path in the container.
        variables: its environment; of Secrets only that a key exists.
        single: its names stand for exactly one address.
    """

    address: str
    span: Span
    folder: Path
    group: str = ""
    environment: str = ""
    image: str = ""
    dockerfile: str = ""
    names: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    published: tuple[tuple[int, int], ...] = ()
    mounts: tuple[Mount, ...] = ()
    variables: Mapping[str, Text] = field(default_factory=dict, hash=False)
    single: bool = False

    @property
    def is_image(self) -> bool:
        """Only an image: nothing in these files starts a container of it."""
        return self.address.startswith("dockerfile:")

    def path_of(self, file: Path) -> str:
        """Where the container has a file of the repository; empty where it does not."""
        for mount in self.mounts:
            inside = _below(mount, file)
            if inside:
                return inside
        return ""

    def configures_nginx(self, file: Path) -> bool:
        """The container runs nginx with this file.

        Wherever an image of nginx gets a single file it may be a template; a whole folder may be a site.
        """
        inside = self.path_of(file)
        if not inside or inside.startswith(NGINX_FOLDERS):
            return bool(inside)
        return is_nginx_image(self.image) and any(file == mount.source for mount in self.mounts)

    def configures_apache(self, file: Path) -> bool:
        """The container runs Apache httpd with this file."""
        return bool(self.apache_path_of(file))

    def apache_path_of(self, file: Path) -> str:
        """Where the container has a file as one of httpd's configuration; empty where it does not."""
        places = (_below(mount, file) for mount in self.mounts)
        return next((place for place in places if place.startswith(APACHE_FOLDERS)), "")

    def configures(self, proxy: str, file: Path) -> bool:
        """The container runs this proxy with this file."""
        return self.configures_apache(file) if proxy == "apache" else self.configures_nginx(file)


def is_nginx_image(name: str) -> bool:
    """An image of nginx itself."""
    return bool(_NGINX.fullmatch(name))


def _below(mount: Mount, file: Path) -> str:
    if mount.source == file:
        return join(mount.target, file.name) if mount.inside else mount.target
    if file.parts[: len(mount.source.parts)] == mount.source.parts:  # far faster than `parents`
        return join(mount.target, file.relative_to(mount.source).as_posix())
    name = mount.source.name
    if "*" in name and mount.source.parent == file.parent and fnmatchcase(file.name, name):
        return join(mount.target, file.name)
    return ""

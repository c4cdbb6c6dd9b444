"""Where the files behind `include` come from: the repository, or the sections of an `nginx -T` dump."""

from dataclasses import dataclass
from typing import Protocol

from budgetcheck.readers.nginx.syntax import Parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an include pattern names.

    Attributes:
        keys: the files, in nginx's order; empty without `missing` for a glob that matches nothing.
        missing: why nothing could be found, to be put after the pattern; empty if all is well.
        fix: what to do about it.
        harmless: nothing in the missing file could set a limit (`mime.types`).
    """

    keys: tuple[str, ...] = ()
    missing: str = ""
    fix: str = ""
    harmless: bool = False


class Library(Protocol):
    """Finds and reads the files of one nginx configuration. Keys are opaque to everybody else."""

    def find(self, pattern: str, *, main: str, including: str) -> Found:
        """The files an `include` in `including` names, where `main` is the main configuration file."""
        ...

    def load(self, key: str) -> Parsed:
        """The parsed file; where it cannot be opened a refused one that says why."""
        ...

    def name(self, key: str) -> str:
        """The name printed for a file."""
        ...


WITHOUT_LIMITS = frozenset({
    "fastcgi.conf", "fastcgi_params", "fastcgi-php.conf", "koi-utf", "koi-win", "mime.types",
    "options-ssl-nginx.conf", "proxy_params", "scgi_params", "snakeoil.conf", "uwsgi_params", "win-utf",
})  # fmt: skip
"""Files that come with nginx, its distribution packages or certbot, and set no limit: a repository that
includes them without having them lacks nothing."""

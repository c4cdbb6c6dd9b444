"""The configuration of an nginx whose files are known by their paths in its container (of a ConfigMap)."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from budgetcheck.readers.nginx.filling import Lookup, filled
from budgetcheck.readers.nginx.globbing import has_magic
from budgetcheck.readers.nginx.lexing import parse
from budgetcheck.readers.nginx.library import WITHOUT_LIMITS, Found
from budgetcheck.readers.nginx.syntax import Parsed
from budgetcheck.readers.nginx.templates import VARIABLE

_MAIN = "/etc/nginx/nginx.conf"
_TEMPLATE = ".template"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """A text inside another file: `lines_before` lines of that come before it."""

    text: str
    file: str
    lines_before: int


@dataclass(slots=True)
class Held:
    """The library of the files of one container. Keys are paths in it."""

    files: Mapping[str, HeldFile]
    variables: Lookup
    _parsed: dict[str, Parsed] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The files that nginx starts from: its main one, else those it includes side by side."""
        if _MAIN in self.files:
            return (_MAIN,)
        mains = [key for key in sorted(self.files) if posixpath.basename(key) == "nginx.conf"]
        return (*mains[:1],) or tuple(sorted(self.files))

    @property
    def main(self) -> str:
        """The path that relative includes start from."""
        return self.keys[0] if posixpath.basename(self.keys[0]) == "nginx.conf" else _MAIN

    def name(self, key: str) -> str:
        """The file that holds the text."""
        return self.files[key].file

    def load(self, key: str) -> Parsed:
        """One file, parsed on first use, with the container's variables filled in."""
        if key not in self._parsed:
            held = self.files[key]
            parsed = parse(held.text, held.file, lines_before=held.lines_before)
            if VARIABLE.search(held.text):
                parsed = filled(parsed, self.variables)
            self._parsed[key] = parsed
        return self._parsed[key]

    def find(self, pattern: str, *, main: str, including: str) -> Found:
        """The files whose path matches; what the image has by itself is not known."""
        del including
        path = posixpath.normpath(posixpath.join(posixpath.dirname(main), pattern))
        if path in self.files:
            return Found(keys=(path,))
        if has_magic(path):
            return Found(keys=tuple(sorted(key for key in self.files if _matches(key, path))))
        return Found(
            missing="is not among the files that the manifests put into the container",
            fix="give the manifest that mounts it",
            harmless=posixpath.basename(path) in WITHOUT_LIMITS,
        )


def _matches(key: str, pattern: str) -> bool:
    """The path, or what the official image renders a template to, matches."""
    rendered = (
        key.replace("/templates/", "/conf.d/").removesuffix(_TEMPLATE) if key.endswith(_TEMPLATE) else key
    )
    return rendered.count("/") == pattern.count("/") and fnmatchcase(rendered, pattern)

"""`nginx -T` dumps: one file that holds a whole configuration, each part behind a header line."""

import posixpath
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from budgetcheck.readers.nginx.globbing import has_magic
from budgetcheck.readers.nginx.lexing import parse
from budgetcheck.readers.nginx.library import WITHOUT_LIMITS, Found
from budgetcheck.readers.nginx.syntax import Parsed

_HEADER = re.compile(r"^# configuration file (\S.*?):[ \t]*\r?$", re.MULTILINE)


def is_dump(text: str) -> bool:
    """The text is the output of `nginx -T`."""
    return _HEADER.search(text) is not None


@dataclass(slots=True)
class Dump:
    """The library inside a dump. Keys are the paths on the server; lines are those of the dump."""

    file: str
    sections: dict[str, tuple[str, int]]
    """Server path to text and the number of lines before it, in the order of the dump."""
    _parsed: dict[str, Parsed] = field(default_factory=dict)

    @property
    def main(self) -> str:
        """The key of the main configuration file: nginx prints it first."""
        return next(iter(self.sections))

    def name(self, key: str) -> str:
        """The dump's own name, whichever part is meant."""
        del key
        return self.file

    def load(self, key: str) -> Parsed:
        """One part of the dump, parsed on first use."""
        if key not in self._parsed:
            text, lines_before = self.sections[key]
            self._parsed[key] = parse(text, self.file, lines_before=lines_before)
        return self._parsed[key]

    def find(self, pattern: str, *, main: str, including: str) -> Found:
        """The parts whose server path matches; `including` does not matter to nginx."""
        del including
        path = posixpath.normpath(posixpath.join(posixpath.dirname(main), pattern))
        if path in self.sections:
            return Found(keys=(path,))
        if has_magic(path):
            depth = path.count("/")
            matching = (key for key in self.sections if key.count("/") == depth and fnmatchcase(key, path))
            return Found(keys=tuple(sorted(matching)))
        return Found(
            missing="is not in this dump",
            fix="make the dump again with `nginx -T`",
            harmless=posixpath.basename(path) in WITHOUT_LIMITS,
        )


def read_dump(text: str, file: str) -> Dump:
    """Splits a dump into its files; what stands before the first header is nginx's own message."""
    sections: dict[str, tuple[str, int]] = {}
    headers = list(_HEADER.finditer(text))
    line, counted = 0, 0
    for number, header in enumerate(headers):
        start = header.end()
        end = headers[number + 1].start() if number + 1 < len(headers) else len(text)
        line += text.count("\n", counted, start)
        counted = start
        sections.setdefault(posixpath.normpath(header[1]), (text[start:end], line))
    return Dump(file=file, sections=sections)

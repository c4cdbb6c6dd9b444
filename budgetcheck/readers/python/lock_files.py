"""The formats that say which versions of packages are installed: one parser for each, from text to pins."""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from budgetcheck.model.span import Span

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?"
_VERSION = r"v?\d[0-9A-Za-z.+!-]{0,60}"
_MOST_LINES = 200_000
_REQUIREMENT = re.compile(rf"\s*({_NAME})\s*(?:\[[^\]]{{0,200}}\])?\s*([^;#]{{0,300}})")
_EXACT = re.compile(rf"={{2,3}}\s*({_VERSION})\s*")
_INCLUDED = re.compile(r"\s*(?:-r|-c|--requirement|--constraint)[\s=]+([A-Za-z0-9_./-]{1,200})")
_LOCKED_NAME = re.compile(rf'name = "({_NAME})"')
_LOCKED_VERSION = re.compile(rf'version = "({_VERSION})"')
_CONDA = re.compile(
    rf"\s*-\s*['\"]?(?:[\w./-]{{1,60}}::)?({_NAME})\s*={{1,3}}\s*({_VERSION})(?:=[\w.]{{1,60}})?['\"]?\s*(?:#.*)?"
)
_CONFLICT = re.compile(r"<{7} |>{7} ")
_POETRY_EXACT = re.compile(rf"(?:==\s*)?({_VERSION})")


class BrokenLockError(Exception):
    """A file that is not what its name says; `line` is where, 1 if not known."""

    def __init__(self, text: str, line: int = 1) -> None:
        super().__init__(text)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What one line says of a package; `version` is empty for a range."""

    version: str
    span: Span


Pins = Mapping[str, tuple[Pin, ...]]


@dataclass(slots=True)
class Found:
    """What one file says: pins by normalised name, and other files it includes."""

    pins: dict[str, list[Pin]] = field(default_factory=dict)
    includes: list[str] = field(default_factory=list)

    def add(self, name: str, version: str, file: str, line: int) -> None:
        """Adds what a line says of a package."""
        shown = f"{name}=={version}" if version else name
        pin = Pin(version=version, span=Span(file=file, line=line, text=shown))
        self.pins.setdefault(normalised(name), []).append(pin)


def normalised(name: str) -> str:
    """A distribution's name as all its spellings have it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(text: str, file: str) -> Found:
    """uv.lock, poetry.lock, pdm.lock, pylock.toml: tables with a name and a version, written by tools.

    Read by lines, since these files are long and always written the same way.
    """
    found = Found()
    lines = _lines(text)
    for number, (line, following) in enumerate(pairwise([*lines, ""]), start=1):
        if _CONFLICT.match(line):
            raise BrokenLockError("holds the marks of a merge that was not finished", number)
        name = _LOCKED_NAME.fullmatch(line.strip())
        version = _LOCKED_VERSION.fullmatch(following.strip())
        if name and version:
            found.add(name[1], version[1], file, number + 1)
    return found


def pipfile_lock(text: str, file: str) -> Found:
    """Pipfile.lock: JSON with a table of packages for each group."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenLockError("is not JSON", getattr(error, "lineno", 1)) from None
    found = Found()
    lines = {line.strip(): number for number, line in enumerate(_lines(text), start=1)}
    for group in ("default", "develop"):
        for name, entry in _table(_table(document).get(group)).items():
            exact = _EXACT.fullmatch(str(_table(entry).get("version", "")))
            if exact and re.fullmatch(_NAME, name):
                found.add(name, exact[1], file, lines.get(f'"{name}": {{', 1))
    return found


def requirements(text: str, file: str) -> Found:
    """requirements.txt and constraints.txt: a requirement on each line."""
    found = Found()
    for number, line in enumerate(_lines(text), start=1):
        included = _INCLUDED.match(line)
        if included:
            found.includes.append(included[1])
            continue
        _requirement(line, file, number, found)
    return found


def pyproject(text: str, file: str) -> Found:
    """pyproject.toml: dependencies of the project, its extras and groups, and those of poetry."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        place = re.search(r"at line (\d+)", str(error))
        raise BrokenLockError("is not TOML", int(place[1]) if place else 1) from None
    found = Found()
    lines = _lines(text)
    for requirement in _requirements(document):
        _requirement(requirement, file, _line_of(lines, requirement), found)
    for name, wanted in _poetry(document):
        exact = _POETRY_EXACT.fullmatch(wanted.strip())
        if re.fullmatch(_NAME, name):
            found.add(name, exact[1] if exact else "", file, _line_of(lines, name))
    return found


def conda(text: str, file: str) -> Found:
    """environment.yml: `- name=1.2.3`, or `- name==1.2.3` under pip."""
    found = Found()
    for number, line in enumerate(_lines(text), start=1):
        match = _CONDA.fullmatch(line)
        if match and match[2].count(".") >= 2:  # `=1.2` means any 1.2
            found.add(match[1], match[2], file, number)
    return found


PARSERS: Mapping[str, Callable[[str, str], Found]] = {
    "uv.lock": locked,
    "poetry.lock": locked,
    "pdm.lock": locked,
    "pylock.toml": locked,
    "Pipfile.lock": pipfile_lock,
    "requirements.txt": requirements,
    "constraints.txt": requirements,
    "pyproject.toml": pyproject,
    "environment.yml": conda,
    "environment.yaml": conda,
}
"""The parser of each file, by its usual name."""


def _requirement(text: str, file: str, line: int, found: Found) -> None:
    match = _REQUIREMENT.match(text)
    if match is None:
        return
    exact = _EXACT.fullmatch(match[2].split("--")[0].rstrip(" \\"))
    found.add(match[1], exact[1] if exact else "", file, line)


def _requirements(document: Mapping[str, object]) -> Iterator[str]:
    project = _table(document.get("project"))
    groups = [
        project.get("dependencies"),
        *_table(project.get("optional-dependencies")).values(),
        *_table(document.get("dependency-groups")).values(),
    ]
    for group in groups:
        yield from (item for item in _items(group) if isinstance(item, str))


def _poetry(document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    poetry = _table(_table(document.get("tool")).get("poetry"))
    groups = [poetry, *_table(poetry.get("group")).values()]
    for group in groups:
        for name, wanted in _table(_table(group).get("dependencies")).items():
            text = wanted if isinstance(wanted, str) else _table(wanted).get("version")
            if isinstance(text, str) and name != "python":
                yield name, text


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()


def _lines(text: str) -> list[str]:
    return text.splitlines()[:_MOST_LINES]


def _line_of(lines: list[str], part: str) -> int:
    return next((number for number, line in enumerate(lines, start=1) if part in line), 1)

"""Environment variables that code reads: what the files of the project set them to.

Only numbers, durations, switches, short words and hosts are kept: a value that may be a secret never leaves
here.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from budgetcheck.model.settings import Known, OneOf, Scalar, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.processes.environment import open_environment_file
from budgetcheck.readers.processes.texts import Text
from budgetcheck.readers.python.scopes import Unset
from budgetcheck.readers.python.values import Plain
from budgetcheck.readers.variables import environment_index, number_in
from budgetcheck.tree import SourceFile, Tree

if TYPE_CHECKING:
    from budgetcheck.readers.processes.runners import Runner

_KEPT = re.compile(
    r"|-?\d[\d_]{0,15}(?:\.\d{1,6})?(?:ms|s|m|h)?|true|false|yes|no|on|off|none"
    r"|[A-Za-z][a-z_-]{0,19}(?:[.-]\d{1,4}){0,3}|[A-Z][A-Z_]{0,19}",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"([a-z][a-z0-9+.-]{1,20}://)(?:[^/@?#]*@)?([A-Za-z0-9.\-_]{1,253}(?::\d{1,5})?)(?:[/?#].*)?"
)
_NUMBER = re.compile(r"[+-]?\d+(?:_\d+)*")
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")

_FUNCTION = re.compile(r"FUNCTION|LAMBDA", re.IGNORECASE)
_FUNCTION_NAME = re.compile(r"(?:arn:[\w:-]{1,120}:function:)?[\w-]{1,64}(?::[$\w-]{1,64})?")
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|CREDENTIAL|DSN|AUTH|SALT|CERT", re.IGNORECASE)

LookUp = Callable[[str, Path], Text | None]
"""The value of a variable where a file reads it; None where nothing sets it."""


@dataclass(slots=True)
class Environment:
    """Which files set a variable, and to what.

    Attributes:
        look_up: what the files say of a variable. `root`: where it is looked for without a file.
        asked: the variables that were read so far. `reads`: how often something was read at all.
    """

    look_up: LookUp = field(default=lambda _name, _file: None)
    root: Path = Path("/")
    asked: set[str] = field(default_factory=set)
    reads: int = 0

    @classmethod
    def of(cls, _files: Iterable[SourceFile], tree: Tree) -> "Environment":
        """The variables that `.env` files in the folders of the code set, and no others."""
        return cls(look_up=_Beside(tree).value, root=tree.root)

    @classmethod
    def in_run(cls, context: ReadContext, environment: str = "") -> "Environment":
        """The variables as the files of a run set them, in one environment."""
        index = environment_index(context)
        beside = _Beside(context.tree)
        known: dict[Path, Mapping[str, Text]] = {}
        holders: dict[Path, list[Runner]] = {}

        def look_up(name: str, file: Path) -> Text | None:
            if file not in known:
                known[file] = index.seen_from(file, environment)
                holders[file] = index.holders(file) if not environment else []
            found = number_in(holders[file], name) or known[file].get(name)
            if found is None or found.unset:
                found = beside.value(name, file)
            # Where a function's code lies is seldom said: the name of another one is hardly ever given twice.
            return index.anywhere(name, environment) if found is None and _FUNCTION.search(name) else found

        return cls(look_up=look_up, root=context.tree.root)

    def value(self, name: str, default: Plain | None, used: Span, file: Path | None = None) -> Plain:
        """What reading a variable gives: the value of a file, else the default, else nobody knows."""
        self.reads += 1
        self.asked.add(name)
        text = self.look_up(name, file if file is not None else self.root / "x")
        if text is None or text.unset:
            return _default(name, default, used)
        spans = (used, *text.spans)
        known, defaulted = text.choices, default.known if default is not None else None
        if text.where_set and defaulted is not None:
            known = (*text.where_set, str(defaulted))
        if not known:
            return Plain(value=Unresolved(reason=text.reason, needs=text.needs or _needs(name)), spans=spans)
        if text.given:
            told = _told_apart(name, text, defaulted, spans)
            if told is not None:
                return told
        kept = [None if _SECRET.search(name) else _kept(name, choice.strip()) for choice in known]
        if None in kept:
            why = f"the value of {name} is not kept, it may be a secret"
            return Plain(value=Unresolved(reason=why, needs=f"give {name} a number"), spans=spans)
        texts = tuple(dict.fromkeys(one for one in kept if one is not None))
        if len(texts) == 1:
            return Plain(value=Known(value=texts[0]), spans=spans)
        return Plain(value=OneOf(values=texts, reason=text.reason), spans=spans)


def _told_apart(name: str, text: Text, default: Scalar, spans: tuple[Span, ...]) -> Plain | None:
    """The values that containers are given, with who is given which; None where one is not known or kept."""
    found: dict[str, list[str]] = {}
    for value, containers in text.given:
        written = default if value is None else value
        kept = None if written is None or _SECRET.search(name) else _kept(name, str(written).strip())
        if kept is None:
            return None
        found.setdefault(kept, []).extend(containers)
    if len(found) < 2:
        return None
    cases = tuple(tuple(sorted(containers)) for containers in found.values())
    several = OneOf(values=tuple(found), reason=text.reason, cases=cases, places=text.places)
    return Plain(value=several, spans=spans)


@dataclass(slots=True)
class _Beside:
    """The `.env` files in the folders of a source file, which code loads itself."""

    tree: Tree
    files: dict[Path, dict[str, Text]] = field(default_factory=dict)

    def value(self, name: str, file: Path) -> Text | None:
        for folder in file.parents:
            if not folder.is_relative_to(self.tree.root):
                break
            if folder not in self.files:
                self.files[folder] = open_environment_file(self.tree, folder / ".env") or {}
            if name in self.files[folder]:
                return self.files[folder][name]
        return None


def fixed(variables: Iterable[tuple[str, str, Span]]) -> LookUp:
    """A look-up of variables that are known beforehand."""
    known = {name: Text(choices=(value,), spans=(span,)) for name, value, span in variables}
    return lambda name, _file: known.get(name)


def _default(name: str, default: Plain | None, used: Span) -> Plain:
    if default is None or default.value == Known(value=None):
        why = f"nothing here sets {name}"
        return Unset(value=Unresolved(reason=why, needs=_needs(name)), spans=(used,), variable=name)
    return Plain(value=default.value, spans=(used, *default.spans))


def _needs(name: str) -> str:
    return f"set {name} in .env, compose or the deployment, or give it a default in the code"


def _kept(name: str, text: str) -> str | None:
    if _KEPT.fullmatch(text) or (_FUNCTION.search(name) and _FUNCTION_NAME.fullmatch(text)):
        return text
    address = _ADDRESS.fullmatch(text)
    return f"{address[1]}{address[2]}" if address else None


def number(text: str) -> int | float | None:
    """The number that a text is to Python's `int` and `float`; None where it is none."""
    plain = text.strip()
    if len(plain) > 40:
        return None
    if _NUMBER.fullmatch(plain):
        return int(plain)
    return float(plain) if _DECIMAL.fullmatch(plain) else None

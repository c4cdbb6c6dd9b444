"""Environment variables as the project's `.env` files set them, for code that reads them.

Only numbers, durations, switches and short words are kept: a value that may be a secret never leaves here.
Examples of such files say what could be set, not what is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from budgetcheck.model.settings import Known, OneOf, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.readers.python.values import Plain
from budgetcheck.tree import SourceFile, Tree, UnreadableFileError

_LINE = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]{0,99})[ \t]*=[ \t]*([^\n]{0,300})")
_KEPT = re.compile(r"-?\d[\d_]{0,15}(?:\.\d{1,6})?(?:ms|s|m|h)?|[A-Za-z][A-Za-z0-9_./-]{0,19}")
_EXAMPLES = ("example", "sample", "template", "dist", "test", "tests")
_NUMBER = re.compile(r"-?\d{1,18}")
_FRACTION = re.compile(r"-?\d{0,15}\.\d{1,15}")
_UNSET = "nothing here sets"
_SEVERAL = "it is set differently in several files"


@dataclass(slots=True)
class Environment:
    """Which files set a variable, and to what."""

    tree: Tree | None = None
    files: tuple[SourceFile, ...] = ()
    _values: dict[str, list[tuple[str | None, Span]]] | None = field(default=None)

    @classmethod
    def of(cls, files: Iterable[SourceFile], tree: Tree) -> "Environment":
        """The variables that `.env` files among the inputs set."""
        return cls(tree=tree, files=tuple(file for file in files if _is_environment(file.base)))

    def value(self, name: str, default: Plain | None, used: Span) -> Plain:
        """What reading a variable gives: the value of a file, else the default, else nobody knows."""
        found = self._all().get(name, [])
        if not found:
            if default is not None:
                return Plain(value=default.value, spans=(used, *default.spans))
            needs = f"set {name} in an .env file, or give the variable a default"
            return Plain(value=Unresolved(reason=f"{_UNSET} {name}", needs=needs), spans=(used,))
        spans = (used, *(span for _, span in found))
        if any(text is None for text, _ in found):
            why = f"the value of {name} is not kept, it may be a secret"
            return Plain(value=Unresolved(reason=why, needs="state the number elsewhere"), spans=spans)
        texts = tuple(dict.fromkeys(text for text, _ in found if text is not None))
        if len(texts) == 1:
            return Plain(value=Known(value=texts[0]), spans=spans)
        return Plain(value=OneOf(values=texts, reason=_SEVERAL), spans=spans)

    def _all(self) -> dict[str, list[tuple[str | None, Span]]]:
        if self._values is None:
            self._values = {}
            for file in self.files:
                self._read(file, self._values)
        return self._values

    def _read(self, file: SourceFile, values: dict[str, list[tuple[str | None, Span]]]) -> None:
        assert self.tree is not None
        try:
            text = self.tree.read_text(file.path)
        except UnreadableFileError:
            return
        for number, line in enumerate(text.splitlines(), start=1):
            match = _LINE.match(line)
            if match is None:
                continue
            written = _unquoted(match[2])
            kept = written if _KEPT.fullmatch(written) else None
            values.setdefault(match[1], []).append((kept, Span(file=file.name, line=number, text=match[1])))


def is_unset(value: Plain) -> bool:
    """The value is that of a variable which nothing sets: `os.getenv("X") or 30` then goes on to 30."""
    return isinstance(value.value, Unresolved) and value.value.reason.startswith(_UNSET)


def number(text: str) -> int | float | None:
    """The number that a text is; None where it is none."""
    plain = text.strip().replace("_", "")
    if _NUMBER.fullmatch(plain):
        return int(plain)
    return float(plain) if _FRACTION.fullmatch(plain) else None


def _is_environment(base: str) -> bool:
    if base != ".env" and not base.startswith(".env.") and not base.endswith(".env"):
        return False
    return not any(word in base.split(".") or f"-{word}" in base for word in _EXAMPLES)


def _unquoted(written: str) -> str:
    text = written.strip()
    if text[:1] in ("'", '"'):
        return text[1:].partition(text[0])[0]
    return re.split(r"[ \t]#", text, maxsplit=1)[0].strip()

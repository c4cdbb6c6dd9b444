"""The functions that read files of the module, and those that render templates."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.constants import Nothing
from budgetcheck.readers.terraform.evaluate import evaluate
from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.parse import parse_expression
from budgetcheck.readers.terraform.scope import Names, Scope
from budgetcheck.readers.terraform.sources import Sources
from budgetcheck.readers.terraform.syntax import Expression, Template
from budgetcheck.readers.terraform.template import TemplateSyntaxError, assemble, template_parts
from budgetcheck.readers.terraform.types import STRING
from budgetcheck.readers.terraform.values import (
    MapValue,
    NotKnownError,
    Piece,
    Scalar,
    Unknown,
    Value,
    distribute,
    join_refs,
    list_value,
)
from budgetcheck.tree import UnreadableFileError

FILE_FUNCTIONS = {"file": 1, "fileexists": 1, "fileset": 2, "templatefile": 2, "templatestring": 2}
"""The functions of this module, with the number of their arguments."""

_MOST_ENTRIES = 20_000


def read_file_function(
    name: str, arguments: tuple[Value, ...], sources: Sources, root: Path, scope: Scope
) -> Value:
    """The content of a file below the root of the run; unknown where it cannot be read."""
    if len(arguments) != FILE_FUNCTIONS[name]:
        return Unknown(reason=f"{name}() is called with arguments it does not take", failed=True)
    if name == "fileset":
        return distribute(lambda path, pattern: _file_set(path, pattern, sources, root), *arguments)
    if name == "templatestring":
        return distribute(
            lambda text: _rendered(to_text(text), "a template", arguments[1], scope), arguments[0]
        )
    return distribute(lambda path: _read(name, to_text(path), arguments, sources, root, scope), arguments[0])


def _read(
    name: str, path: str, arguments: tuple[Value, ...], sources: Sources, root: Path, scope: Scope
) -> Value:
    place = Path(os.path.normpath(root / path))
    try:
        text = sources.tree.read_text(place)
    except UnreadableFileError as error:
        # It may be made on the way to `terraform plan`: not even `fileexists` knows.
        refs = join_refs(*(argument.refs for argument in arguments))
        return Unknown(reason=f"a file read by {name}() {error}", refs=refs)
    if name == "fileexists":
        return Scalar(value=True)
    if name == "file":
        whole = Piece(value=Scalar(value=text), span=Span(file=sources.tree.name(place), line=1))
        return Scalar(value=text, pieces=(whole,))
    return _rendered(text, sources.tree.name(place), arguments[1], scope)


def _rendered(text: str, file: str, variables: Value, scope: Scope) -> Value:
    if not isinstance(variables, MapValue):
        return Unknown(reason="the variables of a template file are not known", refs=variables.refs)

    def parse(source: str, line: int, column: int) -> Expression:
        return parse_expression(source, file, line + 1, column)

    try:
        parts = assemble(template_parts(text, parse))
    except TemplateSyntaxError as error:
        return Unknown(reason=f"the template {file} could not be read: {error}")
    template = Template(span=Span(file=file, line=1), parts=parts or ("",))
    return evaluate(template, Scope(names=_Inside(scope.names), bindings=variables.entries))


class _Inside(Nothing):
    """The scope of a template: what it is given, and functions, but none that render templates again."""

    def __init__(self, around: Names) -> None:
        super().__init__()
        self.fuel = around.fuel
        self.around = around

    def function(self, name: str, arguments: tuple[Value, ...]) -> Value:
        """A function's result."""
        if name.removeprefix("core::").startswith("template"):
            return super().function(name, arguments)
        return self.around.function(name, arguments)


def _file_set(path: Value, pattern: Value, sources: Sources, root: Path) -> Value:
    """The names of the files below a directory that fit a pattern."""
    folder = Path(os.path.normpath(root / to_text(path)))
    wanted = _file_pattern(to_text(pattern))
    try:
        sources.tree.inside(folder)
    except UnreadableFileError as error:
        return Unknown(reason=f"a directory read by fileset() {error}")
    names = sorted(name for name in _files_below(folder) if wanted.fullmatch(name))
    return list_value((Scalar(value=name) for name in names), "set", STRING)


def _files_below(folder: Path) -> Iterator[str]:
    count = 0
    for current, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(current) / name).is_symlink()]
        count += len(files) + len(folders)
        if count > _MOST_ENTRIES or links:
            reason = "a directory read by fileset() is too large, or holds links to others"
            raise NotKnownError(Unknown(reason=reason))
        yield from (Path(os.path.relpath(Path(current) / name, folder)).as_posix() for name in files)


_WILDCARD = re.compile(r"\*\*/|\*|\?|\{[^{}/]*\}|[\[\]{}\\]")


def _file_pattern(text: str) -> re.Pattern[str]:
    """A pattern of `fileset` as a regular expression. Raises NotKnownError for unsupported parts."""
    pieces: list[str] = []
    position = 0
    for match in _WILDCARD.finditer(text):
        pieces.append(re.escape(text[position : match.start()]))
        position = match.end()
        pieces.append(_wildcard(match.group()))
    pieces.append(re.escape(text[position:]))
    return re.compile("".join(pieces))


def _wildcard(found: str) -> str:
    simple = {"**/": "(?:[^/]+/)*", "*": "[^/]*", "?": "[^/]"}
    if found in simple:
        return simple[found]
    alternatives = found[1:-1].split(",")
    if len(found) == 1 or any("*" in one or "?" in one for one in alternatives):
        raise NotKnownError(Unknown(reason="a pattern of fileset() is not supported"))
    return f"(?:{'|'.join(re.escape(one) for one in alternatives)})"

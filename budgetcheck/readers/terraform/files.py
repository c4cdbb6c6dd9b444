"""The functions that read files of the module: `file`, `fileexists`, `templatefile`."""

import os
from pathlib import Path

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.evaluate import evaluate
from budgetcheck.readers.terraform.operators import to_text
from budgetcheck.readers.terraform.parse import parse_expression
from budgetcheck.readers.terraform.scope import Scope
from budgetcheck.readers.terraform.sources import Sources
from budgetcheck.readers.terraform.syntax import Expression, Template
from budgetcheck.readers.terraform.template import TemplateSyntaxError, assemble, template_parts
from budgetcheck.readers.terraform.values import (
    MapValue,
    Piece,
    Scalar,
    Unknown,
    Value,
    distribute,
    join_refs,
)
from budgetcheck.tree import UnreadableFileError


def read_file_function(
    name: str, arguments: tuple[Value, ...], sources: Sources, root: Path, scope: Scope
) -> Value:
    """The content of a file below the root of the run; unknown where it cannot be read."""
    if not arguments or (name == "templatefile" and len(arguments) != 2):
        return Unknown(reason=f"{name}() is called with arguments it does not take", failed=True)

    def read(path: Value) -> Value:
        return _read(name, to_text(path), arguments, sources, root, scope)

    return distribute(read, arguments[0])


def _read(
    name: str, path: str, arguments: tuple[Value, ...], sources: Sources, root: Path, scope: Scope
) -> Value:
    place = Path(os.path.normpath(root / path))
    try:
        text = sources.tree.read_text(place)
    except UnreadableFileError as error:
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
    return evaluate(template, Scope(names=scope.names, bindings=variables.entries))

"""Where a setting that nobody wrote yet goes in its file: only where the place is unambiguous.

Each language has one module; all of them only insert text, so comments and format stay as they are.
"""

from collections.abc import Callable, Mapping, Sequence

from budgetcheck.additions import apache, command, hcl, nginx, python
from budgetcheck.additions.place import Place
from budgetcheck.model.changes import Change
from budgetcheck.model.findings import Addition, Edit, Syntax
from budgetcheck.model.span import Span


def _in_yaml(lines: Sequence[str], span: Span, addition: Addition) -> Place | None:
    from budgetcheck.additions import yaml_keys  # a parser that most runs do not need

    return yaml_keys.place(lines, span, addition)


_PLACES: Mapping[Syntax, Callable[[Sequence[str], Span, Addition], Place | None]] = {
    Syntax.APACHE: apache.place,
    Syntax.NGINX: nginx.place,
    Syntax.HCL: hcl.place,
    Syntax.YAML: _in_yaml,
    Syntax.PYTHON: python.place,
    Syntax.COMMAND: command.place,
}


def added(edit: Edit, lines: Sequence[str]) -> Change | None:
    """The change that adds the setting of an edit; None where its place is not certain.

    `lines` are those of the file with their line ends.
    """
    addition = edit.addition
    if addition is None or not 0 < edit.span.line <= len(lines):
        return None
    place = _PLACES[addition.syntax](lines, edit.span, addition)
    if place is None:
        return None
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    return Change(
        file=edit.span.file,
        line=place.line,
        start=place.start,
        end=place.end,
        old=lines[place.line - 1][place.start : place.end],
        new=place.text.replace("\n", ending),
        setting=".".join(addition.path),
        value=addition.value.strip("\"'"),
    )

"""A directive of Apache httpd above the `ProxyPass` that a hop is, where it is one of a whole server."""

import re
from collections.abc import Sequence

from budgetcheck.additions.place import Place, indent_of, inside
from budgetcheck.model.findings import Addition
from budgetcheck.model.span import Span

# In a <Location> there is no path in front of the target, and httpd refuses the directive.
_OF_A_SERVER = re.compile(r"[ \t]*ProxyPass(?:Match)?[ \t]+[\"']?[/^][^ \t]*[ \t]+\S", re.IGNORECASE)


def place(lines: Sequence[str], span: Span, addition: Addition) -> Place | None:
    """On a line of its own before the one of the span."""
    line = lines[span.line - 1]
    continued = span.line > 1 and lines[span.line - 2].rstrip("\r\n").endswith("\\")
    if not _OF_A_SERVER.match(line) or continued:
        return None
    indent = indent_of(line)
    return inside(span.line, len(indent), f"{addition.path[-1]} {addition.value}\n{indent}")

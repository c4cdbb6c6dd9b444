"""Locations of SARIF: relative to the root of the repository, with a region only where a line is known."""

from budgetcheck.model.span import Span
from budgetcheck.render.escape import visible
from budgetcheck.render.json_text import Json
from budgetcheck.render.places import relative_uri, repository_path

ROOT = "%SRCROOT%"


def text(words: str) -> dict[str, Json]:
    """A message; `](` would make a link of it (section 3.11.6)."""
    return {"text": "\n".join(visible(line) for line in words.split("\n")).replace("](", "] (")}


def physical(span: Span, prefix: str) -> dict[str, Json]:
    """A file that lies in the repository, and where in it."""
    artifact: dict[str, Json] = {"uri": relative_uri(repository_path(span, prefix)), "uriBaseId": ROOT}
    region: dict[str, Json] = {"startLine": span.line}
    if span.column:
        region["startColumn"] = span.column
    return {"artifactLocation": artifact, **({"region": region} if span.line else {})}

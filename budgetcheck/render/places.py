"""Places as hosting services want them: paths from the root of the repository, and URIs of those."""

import posixpath
from urllib.parse import quote_from_bytes

from budgetcheck.model.findings import Finding
from budgetcheck.model.span import Span


def repository_path(span: Span | None, prefix: str) -> str:
    """The file's path below the root of the repository; empty where it has none or lies outside."""
    if span is None or not span.file:
        return ""
    path = posixpath.normpath(posixpath.join(prefix, span.file))
    outside = path in (".", "..") or path.startswith(("../", "/"))
    return "" if outside else path


def relative_uri(path: str) -> str:
    """A path as a relative reference of RFC 3986: no scheme can be read into it."""
    return quote_from_bytes(path.encode("utf-8", "surrogatepass"), safe="/")


def anchor(finding: Finding, prefix: str) -> Span | None:
    """Where to show the finding: its own place, or the first of its proof that lies in the repository."""
    ends = (finding.outer, finding.inner)
    spans = (
        finding.span,
        *(end.span for end in ends if end is not None),
        *(step.span for step in finding.steps if step.span is not None),
    )
    return next((span for span in spans if repository_path(span, prefix)), None)

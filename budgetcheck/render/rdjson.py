"""Diagnostics for reviewdog, with suggestions where a remedy replaces one literal in the line of the finding.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf. reviewdog puts messages into comments as the
Markdown they are, takes paths relative to its working directory, and columns as bytes of UTF-8.
"""

from collections.abc import Iterator

from budgetcheck.model.findings import Edit, Finding, Severity
from budgetcheck.model.report import Report
from budgetcheck.model.span import Span
from budgetcheck.render import RenderOptions
from budgetcheck.render.escape import harmless_json, visible
from budgetcheck.render.json_text import Json, indented
from budgetcheck.render.markdown_finding import body
from budgetcheck.render.markdown_text import prose
from budgetcheck.render.prose import step_line, worst_first

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def render(report: Report, options: RenderOptions) -> str:
    """A DiagnosticResult, worst first."""
    diagnostics: list[Json] = [_diagnostic(finding, options) for finding in worst_first(report)]
    document: Json = {"source": {"name": "budgetcheck"}, "diagnostics": diagnostics}
    return harmless_json(indented(document)) + "\n"


def _diagnostic(finding: Finding, options: RenderOptions) -> Json:
    suggestions = list(_suggestions(finding, options))
    related = list(_related(finding))
    return {
        "message": "\n".join(body(finding)),
        "location": _location(finding.span),
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": visible(f"{finding.rule} {finding.name}")},
        **({"suggestions": suggestions} if suggestions else {}),
        **({"related_locations": related} if related else {}),
    }


def _location(span: Span) -> Json:
    """Without a column: a span counts characters."""
    lines: dict[str, Json] = {"range": {"start": {"line": span.line}}} if span.line else {}
    return {"path": visible(span.file), **lines}


def _related(finding: Finding) -> Iterator[Json]:
    for step in finding.steps:
        if step.span is not None and step.span.file:
            yield {"message": prose(step_line(step)), "location": _location(step.span)}


def _suggestions(finding: Finding, options: RenderOptions) -> Iterator[Json]:
    """reviewdog applies a suggestion to the line of the comment; half a remedy is none."""
    for fix in finding.fixes:
        if len(fix.edits) != 1 or fix.breaks:
            continue
        edit = fix.edits[0]
        if (edit.span.file, edit.span.line) == (finding.span.file, finding.span.line):
            yield from _replacement(edit, options)


def _replacement(edit: Edit, options: RenderOptions) -> Iterator[Json]:
    literal = options.literals.get(edit)
    if literal is None or not edit.new.isprintable():
        return
    line, column = edit.span.line, literal.byte_column
    end = column + len(edit.old.encode(errors="surrogatepass"))
    yield {
        "range": {"start": {"line": line, "column": column}, "end": {"line": line, "column": end}},
        "text": edit.new,
    }

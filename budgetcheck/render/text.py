"""The report for people: findings worst first, then the chains, then what was and was not checked."""

from budgetcheck.model.report import Report
from budgetcheck.render import RenderOptions
from budgetcheck.render.layout import EMPTY, Line
from budgetcheck.render.paint import coloured, plain
from budgetcheck.render.prose import worst_first
from budgetcheck.render.text_closing import closing
from budgetcheck.render.text_finding import show_finding
from budgetcheck.render.text_routes import show_routes


def render(report: Report, options: RenderOptions) -> str:
    """The whole report as text; its words do not depend on colour."""
    lines = compose(report, options)
    return coloured(lines) if options.color else plain(lines)


def compose(report: Report, options: RenderOptions) -> list[Line]:
    """The report as styled lines, each section followed by an empty line."""
    lines: list[Line] = []
    for finding in worst_first(report):
        lines += [*show_finding(finding, options.width), EMPTY]
    if not options.quiet:
        for block in show_routes(report, width=options.width, ascii_only=options.ascii_only):
            lines += [*block, EMPTY]
    return [*lines, *closing(report, options)]

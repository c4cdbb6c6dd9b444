"""One module per output format, each a pure function from a report to text.

`FORMATS` is the table of all of them; adding a format is one module and one line here. Renderers import only
the model, and everything that stands in the user's files passes through `escape` on its way out.
"""

from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # the model costs more to load than all of `budgetcheck --version` otherwise takes
    from collections.abc import Callable, Mapping

    from budgetcheck.model.changes import Literal
    from budgetcheck.model.findings import Edit, Severity
    from budgetcheck.model.report import Report

PLAIN_WIDTH = 100
"""Columns of the text report where nobody says how wide the terminal is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHelp:
    """A rule as formats with rule metadata show it; renderers do not know the rules themselves."""

    code: str
    name: str
    severity: "Severity"
    summary: str
    manual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """How a report is to look, and what some formats need to know beyond it.

    Attributes:
        width: columns at which text wraps.
        color: styles may be used (text only).
        ascii_only: the chains are drawn with ASCII characters.
        quiet: findings and counts only.
        kinds: what kinds of files are understood, for a run that recognised nothing.
        prefix: path from the root of the repository to the directory that printed paths start from; empty
            where that is the root.
        rules: all rules, by code.
        literals: edits whose old literal was found in the line it is said to stand in.
    """

    width: int = PLAIN_WIDTH
    color: bool = False
    ascii_only: bool = False
    quiet: bool = False
    kinds: tuple[str, ...] = ()
    prefix: str = ""
    rules: tuple[RuleHelp, ...] = ()
    literals: "Mapping[Edit, Literal]" = field(default_factory=lambda: MappingProxyType({}))


Render: TypeAlias = "Callable[[Report, RenderOptions], str]"

FORMATS: dict[str, str] = {
    "text": "budgetcheck.render.text:render",
    "json": "budgetcheck.render.json_v1:render",
    "sarif": "budgetcheck.render.sarif:render",
    "github": "budgetcheck.render.github:render",
    "gitlab": "budgetcheck.render.gitlab:render",
    "junit": "budgetcheck.render.junit:render",
    "rdjson": "budgetcheck.render.rdjson:render",
    "markdown": "budgetcheck.render.markdown:render",
    "html": "budgetcheck.render.html:render",
}
"""Name of the format -> `module:function`, imported only when the format is asked for."""

SUMMARIES: dict[str, str] = {
    "text": "for people: findings with their proof, chains, what was not checked",
    "json": "everything, as the stable contract budgetcheck/report/v1",
    "sarif": "SARIF 2.1.0, for code scanning and editors",
    "github": "workflow commands that annotate a pull request on GitHub",
    "gitlab": "Code Quality report of GitLab",
    "junit": "JUnit XML: a suite per rule, what fails the run is a failure",
    "rdjson": "reviewdog's diagnostic format, with suggestions",
    "markdown": "summary of a job: counts, a table of findings, each with its proof",
    "html": "one page for the browser: routes with their waterfalls, and a what-if for every number",
}
"""What each format is for, in a few words."""


def load(name: str) -> Render:
    """The renderer of a format. Raises KeyError for a name that is not in `FORMATS`."""
    module, _, function = FORMATS[name].partition(":")
    loaded: Render = getattr(import_module(module), function)
    return loaded

"""BC901 unreadable-input

What it checks
    A file, or a block of one, that could not be read: a syntax error, an include that leads nowhere or out
    of the repository, a file of the wrong kind. Everything else is still checked.

Why it matters
    What was not read was not checked. A limit that stands in the unread part may be the one that breaks.

Bad
    A resource block with an unclosed brace; `include ../../etc/passwd;`.

Good
    The file parses. A commented-out block is no error.

References
    https://nginx.org/en/docs/ngx_core_module.html#include
"""

from collections.abc import Iterator

from budgetcheck.model.findings import Confidence, Finding, Severity
from budgetcheck.model.settings import ProblemKind
from budgetcheck.rules.base import Scene, SceneRule

CODE, NAME = "BC901", "unreadable-input"


def check(scene: Scene) -> Iterator[Finding]:
    """One warning for every problem a reader met."""
    for problem in scene.problems:
        if problem.kind is ProblemKind.UNREADABLE:
            yield Finding(
                rule=CODE,
                name=NAME,
                severity=Severity.WARNING,
                confidence=Confidence.HIGH,
                message=problem.text,
                span=problem.span,
                notes=(problem.fix,) if problem.fix else (),
                subject=f"{problem.span.file} {problem.text}",
            )


RULE = SceneRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="a file or block that could not be read",
    manual=__doc__,
    check=check,
)

"""BC204 suspicious-unit

What it checks
    A bare number that makes sense only in another unit than the one its component reads.

Why it matters
    30000 seconds are eight hours: the limit is there in name only. 30 milliseconds cut every answer.

Bad
    proxy_read_timeout 30000; (nginx reads seconds), timeout_milliseconds = 29

Good
    proxy_read_timeout 30s;. 86400 or 36000 seconds are whole hours, usual for sockets that stay open.

References
    https://nginx.org/en/docs/syntax.html
"""

from collections.abc import Iterator

from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.settings import ProblemKind
from budgetcheck.rules.base import Scene, SceneRule
from budgetcheck.rules.judged import findings

CODE, NAME = "BC204", "suspicious-unit"


def check(scene: Scene) -> Iterator[Finding]:
    """One warning for every number that looks like another unit."""
    yield from findings(scene, ProblemKind.SUSPICIOUS, CODE, NAME, Severity.WARNING)


RULE = SceneRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="makes sense only in another unit",
    manual=__doc__,
    check=check,
)

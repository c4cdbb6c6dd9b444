"""BC201 over-platform-cap

What it checks
    A limit above what the platform accepts or honours. Caps are dated; a cap that a quota can raise is named
    as such.

Why it matters
    The deployment fails, or the platform ends the request at its own cap while everybody plans with the
    number in the file.

Bad
    timeout_milliseconds = 60000 on an HTTP API integration, which allows 30 s.

Good
    29000 on an edge-optimised REST API. A `timeouts {}` block and health checks are not limits of requests.

References
    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

from collections.abc import Iterator

from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.settings import ProblemKind
from budgetcheck.rules.base import Scene, SceneRule
from budgetcheck.rules.judged import findings

CODE, NAME = "BC201", "over-platform-cap"


def check(scene: Scene) -> Iterator[Finding]:
    """One warning for every value above a cap."""
    yield from findings(scene, ProblemKind.OVER_CAP, CODE, NAME, Severity.WARNING)


RULE = SceneRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="above what the platform accepts or honours",
    manual=__doc__,
    check=check,
)

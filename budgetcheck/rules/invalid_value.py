"""BC203 invalid-value

What it checks
    A value that its component rejects, or silently reads as something else.

Why it matters
    At best the component does not start. At worst it starts with another number than the one on the page,
    and everybody who reads the file reasons with the wrong one.

Bad
    proxy_read_timeout 1.5s; (nginx knows no fractions), proxy_read_timeout 1m 30s; (two arguments);
    timeout = "300" of a Cloud Run service (300s), timeout_sec of a backend service in front of Cloud Run.

Good
    proxy_read_timeout 1500ms; or "1m 30s" in quotes. A template expression is not invalid, it is unresolved.

References
    https://nginx.org/en/docs/syntax.html
"""

from collections.abc import Iterator

from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.settings import ProblemKind
from budgetcheck.rules.base import Scene, SceneRule
from budgetcheck.rules.judged import findings

CODE, NAME = "BC203", "invalid-value"


def check(scene: Scene) -> Iterator[Finding]:
    """One error for every value its component would reject or misread."""
    yield from findings(scene, ProblemKind.INVALID, CODE, NAME, Severity.ERROR)


RULE = SceneRule(
    code=CODE,
    name=NAME,
    severity=Severity.ERROR,
    summary="the component rejects the value or silently reads it as another",
    manual=__doc__,
    check=check,
)

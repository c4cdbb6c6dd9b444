"""BC904 stale-suppression

What it checks
    Suppressions, in comments and in the configuration: that they are well formed, still valid, match a
    finding, and are not about a rule that the configuration locks.

Why it matters
    A suppression that matches nothing today may hide a new fault tomorrow. One that has expired was meant to
    be looked at again. One without a reason tells nobody whether it may go.

Bad
    # budgetcheck: ignore[BC101]
    proxy_read_timeout 90s;
    without a reason, or on a line that no finding is about.

Good
    # budgetcheck: ignore[BC101] until=2027-03-01 reports are slow until the new index is there (OPS-123)
    proxy_read_timeout 90s;

References
    https://docs.astral.sh/ruff/rules/unused-noqa/
"""

from collections.abc import Iterator

from budgetcheck.model.findings import Confidence, Finding, Severity
from budgetcheck.model.options import Ignore
from budgetcheck.model.span import Span
from budgetcheck.rules.base import Scene, SceneRule

CODE, NAME = "BC904", "stale-suppression"


def check(scene: Scene) -> Iterator[Finding]:
    """One warning for each comment that is no suppression. What matches nothing is known after all rules."""
    for fault in scene.bad_suppressions:
        yield _finding(fault.span, fault.text, fault.fix)


def unused(ignore: Ignore) -> Finding:
    """A suppression that no finding matches."""
    return _finding(ignore.span, f"the suppression of {ignore.rule} matches no finding", "remove it")


def expired(ignore: Ignore) -> Finding:
    """A suppression whose last day is over; what it suppressed is reported again."""
    return _finding(
        ignore.span,
        f"the suppression of {ignore.rule} ended on {ignore.until}",
        "solve the finding, or look at it again and give a new day",
    )


def locked(ignore: Ignore) -> Finding:
    """A suppression of a rule that the configuration locks."""
    return _finding(
        ignore.span,
        f"{ignore.rule} is locked and cannot be suppressed",
        "remove the suppression, or the rule from `lock` in the configuration",
    )


def _finding(span: Span, text: str, fix: str) -> Finding:
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        message=text,
        span=span,
        notes=(f"{fix[:1].upper()}{fix[1:]}.",),
        subject=f"{span.file} {text}",
    )


RULE = SceneRule(
    code=CODE,
    name=NAME,
    severity=Severity.WARNING,
    summary="a suppression that is unused, expired, locked or malformed",
    manual=__doc__,
    check=check,
)

"""A hook that runs before the order to stop, on the clock of the whole time to stop."""

from collections.abc import Iterator

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.limits import Limit
from budgetcheck.model.topology import Hop
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.proof import limit_end

HOOK, WHOLE = "preStop", "terminationGracePeriodSeconds"


def hooks_without_end(assessment: Assessment, code: str, name: str) -> Iterator[Finding]:
    """One finding for each hook that sleeps as long as the process has to stop, or longer.

    The time to stop counts also where nobody wrote it: it is the same in every version, and whoever wrote the
    hook meant it to end.
    """
    for hop in assessment.route.chain:
        hook, whole = _limit(hop, HOOK), _limit(hop, WHOLE)
        if hook is not None and whole is not None:
            longer, all_of_it = hook.bound.low, budget.effective(whole).value
            if longer is not None and all_of_it is not None and longer >= all_of_it:
                yield _finding(assessment, hop, (hook, whole), code, name)


def _limit(hop: Hop, setting: str) -> Limit | None:
    return next((limit for limit in hop.limits if limit.setting == setting), None)


def _finding(assessment: Assessment, hop: Hop, limits: tuple[Limit, Limit], code: str, name: str) -> Finding:
    hook, whole = limits
    asleep, granted = show_bound(hook.bound), show_bound(budget.effective(whole))
    place = hook.spans[0] if hook.spans else None
    # Where both end together, whether the server is still asked to stop is a race.
    tie = hook.bound.low == budget.effective(whole).value
    return Finding(
        rule=code,
        name=name,
        severity=Severity.NOTE if tie else Severity.WARNING,
        confidence=Confidence.MEDIUM if tie else Confidence.HIGH,
        message=f"the {HOOK} hook of {hop.title_short} sleeps {asleep}, the pod is ended after {granted}",
        span=place or hop.span,
        steps=(
            Step(text=f"the hook sleeps for {asleep}\t{HOOK}", span=place),
            Step(
                text=f"the pod is ended after {granted}\t{whole.setting if whole.spans else whole.source}",
                span=whole.spans[0] if whole.spans else None,
            ),
        ),
        arithmetic=f"{granted} {'=' if tie else '<'} {asleep}",
        consequence="Its server is killed without a graceful stop: requests that still run are cut.",
        notes=("Both run on one clock: give the hook's time and that of the longest request.",),
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=limit_end(hop, whole),
        inner=limit_end(hop, hook),
        budget_ms=budget.effective(whole).value,
        needed_ms=hook.bound.low,
    )

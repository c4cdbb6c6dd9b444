"""The order of shutdown windows: who kills a process must wait for the grace that it gives itself."""

from collections.abc import Iterator

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.report import Verdict
from budgetcheck.model.topology import Hop, Layer
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.proof import limit_end

# From the order to stop to SIGKILL, of what runs the process.
_KILLS = frozenset(
    {"terminationGracePeriodSeconds", "stopTimeout", "stop_grace_period", "TimeoutStopSec", "stopwaitsecs"}
)


def windows_out_of_order(assessment: Assessment, code: str, name: str) -> Iterator[Finding]:
    """One finding for each written grace of a server that is longer than the time until it is killed.

    The grace that nobody wrote is no decision: servers and platforms of an untuned stack have plain defaults.
    """
    chain = assessment.route.chain
    for number, outer in enumerate(chain):
        for kill in _windows(outer, kills=True):
            for inner in _killed(outer, chain[number + 1 :]):
                for grace in _windows(inner, kills=False):
                    if grace.written and _is_cut(kill, grace):
                        yield _finding(assessment, (outer, kill), (inner, grace), code, name)


def _windows(hop: Hop, *, kills: bool) -> list[Limit]:
    return [
        limit for limit in hop.limits if limit.meaning is Meaning.DRAIN and (limit.setting in _KILLS) is kills
    ]


def _killed(hop: Hop, behind: tuple[Hop, ...]) -> tuple[Hop, ...]:
    """The process that a window of this hop ends: its own, or the server that the platform runs."""
    if hop.layer is Layer.SERVER:
        return (hop,)
    inner = behind[0] if behind else None
    return (inner,) if hop.layer is Layer.PLATFORM and inner and inner.layer is Layer.SERVER else ()


def _is_cut(kill: Limit, grace: Limit) -> bool:
    return budget.compare(budget.effective(kill), budget.effective(grace)) is Verdict.EXCEEDS


def _finding(
    assessment: Assessment, outer: tuple[Hop, Limit], inner: tuple[Hop, Limit], code: str, name: str
) -> Finding:
    (killer, kill), (server, grace) = outer, inner
    window, wanted = show_bound(budget.effective(kill)), show_bound(budget.effective(grace))
    who = f"{kill.setting} ends it" if killer is server else f"{killer.component} ends it"
    places = (kill.spans[0] if kill.spans else None, grace.spans[0] if grace.spans else None)
    return Finding(
        rule=code,
        name=name,
        severity=Severity.WARNING if kill.written else Severity.NOTE,
        confidence=Confidence.HIGH if kill.written else Confidence.MEDIUM,
        message=f"{server.title_short} gives running requests {wanted} at shutdown, {who} after {window}",
        span=places[1] or server.span,
        steps=(
            Step(text=f"{server.title_short} drains for {wanted}\t{grace.setting}", span=places[1]),
            Step(text=f"{who} after {window}\t{kill.setting if kill.spans else kill.source}", span=places[0]),
        ),
        arithmetic=f"{window} < {wanted}",
        consequence="Requests that the server still waits for are cut with every deployment.",
        routes=(assessment.route.name,),
        environments=(assessment.route.environment,) if assessment.route.environment else (),
        outer=limit_end(killer, kill),
        inner=limit_end(server, grace),
        budget_ms=budget.effective(kill).value,
        needed_ms=budget.effective(grace).low,
    )

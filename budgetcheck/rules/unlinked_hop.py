"""BC903 unlinked-hop

What it checks
    Hops whose neighbour is not in these files, or is one of several: one finding for each kind and run.

Why it matters
    A limit without a neighbour is compared with nothing. budgetcheck does not guess between candidates.

Bad
    A load balancer and two nginx servers, and nothing that says which of them it forwards to.

Good
    links: [{outer: 'terraform:aws_lb.api', inner: 'nginx:api.example.com*'}] in budgetcheck.yaml; or
    names, ports and host names that say it. A hop at the edge (a CDN, a public load balancer) misses
    nothing in front of it.

References
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
"""

from collections.abc import Iterator, Sequence

from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.options import DeclaredLink
from budgetcheck.model.report import OpenEnd
from budgetcheck.model.topology import Layer
from budgetcheck.rules.arithmetic import show_bound
from budgetcheck.rules.base import Scene, SceneRule

CODE, NAME = "BC903", "unlinked-hop"


def check(scene: Scene) -> Iterator[Finding]:
    """At most one note for hops with several candidates and one for hops with none."""
    several = [end for end in scene.open_ends if end.candidates]
    # A platform or server without known code ends requests by itself: that is normal, not a missing link.
    # A container does not: what runs in it has the limits.
    none = [
        end
        for end in scene.open_ends
        if not end.candidates and end.side == "inner" and (end.hop.layer in _FORWARDING or _is_container(end))
    ]
    if several:
        yield _finding(several, "several possible neighbours", "Say which one it is")
    if none:
        yield _finding(
            none, "no neighbour in these files", "Add the files of the neighbour, or say which hop it is"
        )
    for link in scene.unused_links:
        yield _unused(link)


_FORWARDING = (Layer.BALANCER, Layer.PROXY)


def _is_container(end: OpenEnd) -> bool:
    return end.hop.layer is Layer.PLATFORM and end.grants is None


def _finding(ends: Sequence[OpenEnd], what: str, advice: str) -> Finding:
    first = ends[0]
    names = list(dict.fromkeys(end.hop.title for end in ends))
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    other = first.candidates[0] if first.candidates else "ADDRESS"
    pair = (first.hop.address, other) if first.side == "inner" else (other, first.hop.address)
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.NOTE,
        confidence=Confidence.HIGH,
        message=f"{listed}: {what}",
        span=first.hop.span,
        steps=tuple(_step(end) for end in ends),
        notes=(f"{advice} in budgetcheck.yaml: links: [{{outer: '{pair[0]}', inner: '{pair[1]}'}}].",),
        subject=what,
    )


def _unused(link: DeclaredLink) -> Finding:
    return Finding(
        rule=CODE,
        name=NAME,
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        message=f"the declared link {link.outer} -> {link.inner} fits no two hops",
        span=link.span,
        notes=("Addresses are the ids of the JSON report; `*` stands for any text.",),
        subject=f"{link.outer} {link.inner}",
    )


def _step(end: OpenEnd) -> Step:
    known = f"grants {show_bound(end.grants)}" if end.grants is not None else "grants nothing fixed"
    if end.side == "outer" and end.needs is not None:
        known = f"needs {show_bound(end.needs)}"
    text = f"{end.hop.address}\t{known}"
    if end.candidates:
        text += f"\tcandidates: {', '.join(end.candidates)}"
    if end.agreed is not None:
        text += f"\tevery candidate gives: {end.agreed.value}"
    return Step(text=text, span=end.hop.span, indent=1)


RULE = SceneRule(
    code=CODE,
    name=NAME,
    severity=Severity.NOTE,
    summary="a hop with no or several possible neighbours, and how to declare it",
    manual=__doc__,
    check=check,
)

"""Runs the rules, merges what has one cause, applies the user's overrides, and builds the report."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from budgetcheck.assess import Assessment, Joint
from budgetcheck.capacity import capacity
from budgetcheck.model.findings import Confidence, Finding, Severity, Step
from budgetcheck.model.options import Ignore, Options
from budgetcheck.model.report import HopReport, JointReport, Report, RouteReport, UnresolvedItem
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Hop, Layer, MethodClass
from budgetcheck.open_ends import count_joints
from budgetcheck.parts import ALSO, MOST_PLACES, joined_parts
from budgetcheck.remedies import remedies as remedies_of
from budgetcheck.rules import RULES, JointRule, RouteRule, Rule, Scene, SceneRule
from budgetcheck.suppression import sort_out
from budgetcheck.trials import ONE_PER_OUTER, Trials

_STALLS = {"BC101", "BC102", "BC104", "BC105", "BC601"}
"""Rules about requests that take long: they hold workers."""


def check(
    scenes: Sequence[Scene],
    options: Options,
    *,
    recognised: int,
    today: date | None = None,
    inline: Sequence[Ignore] = (),
    remedies: bool = True,
) -> Report:
    """The report over the scenes of all environments. `today` ends expired suppressions; None keeps them.

    `inline` are the suppressions in comments. Without `remedies` none are looked for.
    """
    findings = _merged(finding for scene in scenes for finding in _findings(scene))
    if remedies:
        trials = [Trials(assessments=scene.assessments, options=options) for scene in scenes]
        findings = [_with_remedies(finding, trials) for finding in findings]
    assessments = [assessment for scene in scenes for assessment in scene.assessments]
    findings = _with_capacity([_with_severity(finding, options) for finding in findings], assessments)
    found = sort_out(findings, (*options.ignore, *inline), options.lock, today)
    ends = list({(end.hop.address, end.side): end for scene in scenes for end in scene.open_ends}.values())
    return Report(
        findings=tuple(_fingerprinted(sorted(found.shown, key=_worst_first))),
        routes=tuple(route_report(assessment) for assessment in assessments),
        joints=count_joints(assessments, ends),
        open_ends=tuple(ends),
        unresolved=_distinct(item for scene in scenes for item in scene.unresolved),
        suppressed=tuple(_fingerprinted(sorted(found.suppressed, key=_worst_first))),
        fail_on=options.fail_on,
        allow_unchecked=options.allow_unchecked,
        recognised=recognised,
    )


def _findings(scene: Scene) -> Iterator[Finding]:
    for rule in RULES:
        yield from _guarded(rule, scene)


def _guarded(rule: Rule, scene: Scene) -> Iterator[Finding]:
    """One rule over everything it looks at; its own crash becomes a finding and the others go on."""
    try:
        match rule:
            case JointRule():
                joints = (joint for assessment in scene.assessments for joint in assessment.joints)
                found = [finding for joint in joints for finding in rule.check(joint, scene.options)]
            case RouteRule():
                found = [f for assessment in scene.assessments for f in rule.check(assessment, scene.options)]
            case SceneRule():
                found = list(rule.check(scene))
    except Exception as error:  # noqa: BLE001 - a bug in one rule must not hide what the others found
        yield _crash(rule, error)
        return
    yield from found


def _crash(rule: Rule, error: Exception) -> Finding:
    return Finding(
        rule="BC901",
        name="unreadable-input",
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        message=f"internal error in {rule.code}: {type(error).__name__}; please report it",
        span=Span(file="."),
        subject=f"internal error in {rule.code}",
    )


def _merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per cause: the same settings with the same numbers list their routes and environments."""
    merged: dict[tuple[object, ...], Finding] = {}
    for finding in sorted(findings, key=lambda finding: finding.pair):
        needed = None if finding.rule in ONE_PER_OUTER else finding.needed_ms
        key = (_cause(finding), finding.budget_ms, needed)
        known = merged.get(key)
        merged[key] = finding if known is None else _join(known, finding)
    return list(merged.values())


def _cause(finding: Finding) -> tuple[object, ...]:
    """Fifty locations that inherit one directive are one cause, not fifty."""
    if finding.outer is not None and finding.inner is not None and finding.rule in ONE_PER_OUTER:
        return (finding.rule, finding.outer.cause)
    if finding.rule == "BC104" and finding.subject:
        return (finding.rule, finding.subject, finding.severity)
    return finding.cause


def _join(first: Finding, second: Finding) -> Finding:
    worse = max(first, second, key=lambda finding: (finding.severity, finding.needed_ms or 0))
    other = second if worse is first else first
    return replace(
        worse,
        steps=_with_outer(worse, other) if worse.outer is not None else _with_place(worse, other),
        routes=tuple(sorted({*first.routes, *second.routes})),
        environments=tuple(sorted({*first.environments, *second.environments})),
        parts=joined_parts(worse, other),
    )


def _with_outer(finding: Finding, other: Finding) -> tuple[Step, ...]:
    """The steps, with the place of an outer limit that is written again with the same number."""
    outer = other.outer
    places = [step.span for step in finding.steps]
    also = sum(step.text == ALSO for step in finding.steps)
    if outer is None or not outer.written or outer.span in places or also >= MOST_PLACES:
        return finding.steps
    return (*finding.steps, Step(text=ALSO, span=outer.span))


def _with_place(finding: Finding, other: Finding) -> tuple[Step, ...]:
    """The steps, with the place of a finding that has the same cause: without a pair that is all it adds."""
    places = [finding.span, *(step.span for step in finding.steps)]
    others = [step for step in other.steps if step.text == ALSO and step.span not in places]
    if other.span not in places:
        others.insert(0, Step(text=ALSO, span=other.span))
    also = sum(step.text == ALSO for step in finding.steps)
    return (*finding.steps, *others[: max(0, MOST_PLACES - also)])


def _with_remedies(finding: Finding, trials: Sequence[Trials]) -> Finding:
    """Remedies are sought in the first environment that has the finding, and tried in the others as well."""
    for environment in trials:
        others = [other for other in trials if other is not environment]
        fixes = remedies_of(finding, environment, others)
        if fixes:
            return replace(finding, fixes=fixes)
    return finding


def _with_severity(finding: Finding, options: Options) -> Finding:
    wanted = dict(options.severity).get(finding.rule)
    if wanted is None:
        return finding
    parts = tuple(replace(part, severity=wanted) for part in finding.parts)
    return replace(finding, severity=wanted, parts=parts)


def _with_capacity(findings: Sequence[Finding], assessments: Sequence[Assessment]) -> list[Finding]:
    """A note on each finding about a long request: how few of them occupy the workers of its first route."""
    wanted = {finding.routes[0] for finding in findings if finding.rule in _STALLS and finding.routes}
    known: dict[str, str] = {}
    for assessment in assessments:
        if assessment.route.name in wanted:
            found = capacity(assessment)
            if found is not None:
                places = ", ".join(dict.fromkeys(span.place for span in found.slots.spans))
                known.setdefault(assessment.route.name, f"{found.text} ({places})")
    return [
        replace(finding, notes=(*finding.notes, known[finding.routes[0]]))
        if finding.rule in _STALLS and finding.routes and finding.routes[0] in known
        else finding
        for finding in findings
    ]


def _worst_first(finding: Finding) -> tuple[object, ...]:
    return (-finding.severity, finding.rule, finding.span.sort_key, finding.pair, finding.environments)


def _fingerprinted(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Stable identity: rule, addresses and settings of the pair, and an occurrence number."""
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in findings:
        occurrence = seen[finding.pair]
        seen[finding.pair] += 1
        digest = hashlib.sha256("\0".join((*finding.pair, str(occurrence))).encode()).hexdigest()
        yield replace(finding, fingerprint=digest[:32])


def route_report(assessment: Assessment) -> RouteReport:
    """What a report says of one route."""
    route = assessment.route
    evidence = {link.inner: link.evidence.name for link in route.links}
    return RouteReport(
        route=route,
        verdict=assessment.verdict,
        slack_ms=assessment.slack_ms,
        hops=tuple(
            HopReport(
                hop=hop,
                evidence=evidence.get(hop.address, ""),
                worst_case={methods: costs[hop.address].worst for methods, costs in assessment.costs.items()},
                layers=_layers(assessment, hop),
            )
            for hop in route.hops
        ),
        joints=tuple(_joint_report(joint) for joint in assessment.joints),
        passes=assessment.passes,
        capacity=capacity(assessment),
    )


def _joint_report(joint: Joint) -> JointReport:
    return JointReport(
        outer=joint.outer.address,
        limit=joint.grant,
        granted=joint.granted,
        needed=joint.costs[joint.worst_class].worst.hang,
        verdict=joint.overall,
        slack_ms=joint.slack_ms,
    )


def _layers(assessment: Assessment, hop: Hop) -> tuple[Hop, ...]:
    """What stands round a call in code."""
    makers = assessment.costs[MethodClass.IDEMPOTENT][hop.address].makers
    return makers[0].layers if hop.layer is Layer.CALL and makers else ()


def _distinct(items: Iterable[UnresolvedItem]) -> tuple[UnresolvedItem, ...]:
    return tuple(sorted(dict.fromkeys(items), key=lambda item: (item.span.sort_key, item.setting)))

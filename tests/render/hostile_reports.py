"""Reports in which every string that comes from a file is hostile."""

from dataclasses import replace

from sample_reports import TYPICAL, case, cases, limit

from budgetcheck.model.bound import ONE, unknown
from budgetcheck.model.findings import Confidence, Edit, End, Finding, Fix, FixKind, Severity, Step
from budgetcheck.model.limits import Count, Meaning, Origin, RetryPolicy
from budgetcheck.model.report import HopReport, Joints, OpenEnd, Report, RouteReport, UnresolvedItem, Verdict
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Evidence, Front, Hop, Layer, Link, PathRule, Route

HOSTILE_TEXTS = (
    "::set-env name=PATH::evil",
    "  ::error::pwned",
    "##[command]rm -rf /",
    "###[error]x",
    "a##vso[task.setvariable variable=x]y",
    "##VSO[task]",
    "two\nlines\r\n::warning::split",
    "\x1b]0;title\x07\x1b[2J\x1b[31mred",
    "c1 \x9b31m \x85::notice::nel",
    "bidi \u202ereversed\u202c \u2066iso\u2069 \u200bzero",
    "line\u2028para\u2029::end",
    "tab\tbed [bold red]markup[/] :smile:",
    "tags \U000e0041\U000e0042 lone \udc80",
    "x" * 3_000,
    "пример.рф/путь",
)

_ALL = " | ".join(HOSTILE_TEXTS[:13])


def hostile(text: str) -> Report:
    """A report in which every string that comes from a file is `text`."""
    span = Span(file=text, line=1, column=1, text=text)
    end = End(address=text, component=text, setting=text, value_ms=1, span=span)
    hop = Hop(
        address=text,
        component="nginx",
        title=text,
        layer=Layer.PROXY,
        span=span,
        limits=(
            limit(Meaning.IDLE, 1_000, text, span, span),
            limit(Meaning.IDLE, unknown(text), text, span, origin=Origin.UNRESOLVED),
        ),
        front=Front(hosts=(text,), paths=(PathRule(pattern=text, prefix=text),)),
        retry=RetryPolicy(count=Count(bound=ONE, setting=text, origin=Origin.DEFAULT, source=text)),
    )
    way = Route(
        name=text,
        host=text,
        path=text,
        methods=(text,),
        hops=(hop, hop),
        links=(Link(outer=text, inner=text, evidence=Evidence.ASSUMED),),
        environment=text,
    )
    finding = Finding(
        rule="BC101",
        name="inner-outlives-outer",
        severity=Severity.ERROR,
        confidence=Confidence.LOW,
        message=text,
        span=span,
        steps=(Step(text=text, span=span), Step(text=f"{text}\t{text}\t{text}", span=span, indent=1)),
        arithmetic=text,
        consequence=text,
        notes=(text,),
        fixes=(
            Fix(
                kind=FixKind.SHORTER_LIMIT,
                text=text,
                cost=text,
                breaks=text,
                edits=(Edit(span=replace(span, line=2), old=text, new=text),),
            ),
        ),
        routes=(text, text),
        environments=(text,),
        outer=end,
        inner=end,
        subject=text,
        fingerprint=text,
    )
    hops = (
        HopReport(hop=hop, evidence="", worst_case=cases(case(1_000))),
        HopReport(hop=hop, evidence="assumed", worst_case=cases(case(1_000))),
    )
    return Report(
        findings=(finding,),
        routes=(RouteReport(route=way, verdict=Verdict.EXCEEDS, hops=hops),),
        joints=Joints(broken=1),
        open_ends=(OpenEnd(hop=hop, side="outer", grants=None, needs=ONE, candidates=(text, text)),),
        unresolved=(UnresolvedItem(setting=text, span=span, reason=text, needs=text),),
        suppressed=(finding,),
        recognised=1,
    )


EVERYTHING = replace(
    TYPICAL,
    **{
        name: getattr(TYPICAL, name) + getattr(hostile(_ALL), name)
        for name in ("findings", "routes", "open_ends", "unresolved", "suppressed")
    },
)

"""Hand-made reports: clean, typical, hostile, and the three ways of having checked nothing."""

from dataclasses import replace

from budgetcheck.model.bound import ONE, UNLIMITED, Bound, exactly, one_of, unknown
from budgetcheck.model.findings import Confidence, Edit, End, Finding, Fix, FixKind, Severity, Step
from budgetcheck.model.limits import Count, Limit, Meaning, Origin, RetryPolicy
from budgetcheck.model.report import (
    HopReport,
    Joints,
    OpenEnd,
    Report,
    RouteReport,
    UnresolvedItem,
    Verdict,
    WorstCase,
)
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, Hop, Layer, MethodClass, PathRule, Route

NGINX_PLACE = Span(file="infra/nginx/assistant.conf", line=14, column=9, text="proxy_read_timeout 30s")
APP_PLACE = Span(file="app.yaml", line=12, column=15, text="read: 20s")
ALB_SPANS = (
    Span(file="infra/alb.tf", line=23, column=18, text="idle_timeout = var.idle"),
    Span(file="infra/variables.tf", line=4, text="var.idle"),
    Span(file="infra/prod.tfvars", line=9, text="idle = 60"),
)
BOTH = (MethodClass.IDEMPOTENT, MethodClass.NON_IDEMPOTENT)


def limit(meaning: Meaning, bound: Bound | int, setting: str, *spans: Span, origin: Origin = Origin.WRITTEN):
    known = exactly(bound) if isinstance(bound, int) else bound
    return Limit(meaning=meaning, bound=known, setting=setting, origin=origin, spans=spans)


def case(hang: Bound | int, attempts: Bound | int = 1, strict: Bound | int | None = None) -> WorstCase:
    hang, attempts = (exactly(value) if isinstance(value, int) else value for value in (hang, attempts))
    strict = exactly(strict) if isinstance(strict, int) else strict
    return WorstCase(hang=hang, strict=strict or hang, attempts=attempts)


def cases(worst: WorstCase, *methods: MethodClass) -> dict[MethodClass, WorstCase]:
    return dict.fromkeys(methods or BOTH, worst)


ALB = Hop(
    address="terraform:aws_lb.api",
    component="aws_lb",
    title="aws_lb.api",
    layer=Layer.BALANCER,
    span=Span(file="infra/alb.tf", line=20),
    limits=(
        limit(Meaning.HEADER_TOTAL_BODY_IDLE, 60_000, "idle_timeout", *ALB_SPANS),
        limit(Meaning.DRAIN, 300_000, "deregistration_delay", origin=Origin.DEFAULT),
    ),
    front=Front(entry=True),
)

NGINX = Hop(
    address="nginx:assistant.example.com/chat",
    component="nginx",
    title="assistant.example.com/chat",
    layer=Layer.PROXY,
    span=Span(file="infra/nginx/assistant.conf", line=10),
    limits=(
        limit(Meaning.CONNECT, 60_000, "proxy_connect_timeout", origin=Origin.DEFAULT),
        limit(Meaning.HEADER_TOTAL_BODY_IDLE, 30_000, "proxy_read_timeout", NGINX_PLACE),
        limit(Meaning.KEEPALIVE, 75_000, "keepalive_timeout", NGINX_PLACE, origin=Origin.INHERITED),
    ),
    front=Front(hosts=("assistant.example.com",), paths=(PathRule(pattern="/chat", prefix="/chat"),)),
)

HANDLER = Hop(
    address="app:assistant/chat",
    component="app",
    title="POST /chat",
    layer=Layer.HANDLER,
    span=Span(file="app.yaml", line=8),
    work_goes_on=True,
)

OPENAI = Hop(
    address="app:assistant/chat#1",
    component="openai",
    title="api.openai.com",
    layer=Layer.CALL,
    span=APP_PLACE,
    limits=(
        limit(Meaning.CONNECT, 5_000, "timeout.connect", APP_PLACE),
        limit(Meaning.IDLE, 20_000, "timeout.read", APP_PLACE),
    ),
    retry=RetryPolicy(
        attempts=exactly(3),
        attempts_unsafe=exactly(3),
        count=Count(
            bound=exactly(3),
            setting="max_retries",
            origin=Origin.DEFAULT,
            source="openai default max_retries=2 (openai 1.x-3.x)",
            retries=True,
        ),
    ),
)

POSTGRES = Hop(
    address="app:assistant/chat#2",
    component="psycopg",
    title="postgres",
    layer=Layer.CALL,
    span=Span(file="app.yaml", line=14),
    limits=(limit(Meaning.TOTAL, 5_000, "statement_timeout", Span(file="app.yaml", line=14)),),
)


def route(name: str, *hops: Hop, environment: str = "", methods: tuple[str, ...] = ("POST",)) -> Route:
    host, _, path = name.partition("/")
    return Route(
        name=name, host=host, path=f"/{path}", methods=methods, hops=hops, links=(), environment=environment
    )


POST = MethodClass.NON_IDEMPOTENT

CHAT = RouteReport(
    route=route("assistant.example.com/chat", ALB, NGINX, HANDLER, OPENAI, POSTGRES),
    verdict=Verdict.EXCEEDS,
    hops=(
        HopReport(hop=ALB, evidence="", worst_case=cases(case(30_000), POST)),
        HopReport(hop=NGINX, evidence="reference", worst_case=cases(case(30_000), POST)),
        HopReport(hop=HANDLER, evidence="address", worst_case=cases(case(66_500), POST)),
        HopReport(hop=OPENAI, evidence="declared", worst_case=cases(case(61_500, 3, 75_000), POST)),
        HopReport(hop=POSTGRES, evidence="declared", worst_case=cases(case(5_000), POST)),
    ),
)

FITTING = RouteReport(
    route=route("assistant.example.com/status", ALB, NGINX, methods=("GET", "HEAD")),
    verdict=Verdict.FITS,
    hops=(
        HopReport(hop=ALB, evidence="", worst_case=cases(case(30_000), MethodClass.IDEMPOTENT)),
        HopReport(hop=NGINX, evidence="reference", worst_case=cases(case(30_000), MethodClass.IDEMPOTENT)),
    ),
    slack_ms=30_000,
)

RETRIES = Finding(
    rule="BC102",
    name="retries-outlive-outer",
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    message="openai may take 61.5 s, nginx grants 30 s",
    span=NGINX_PLACE,
    routes=("assistant.example.com/chat",),
    outer=End(
        address=NGINX.address,
        component="nginx",
        setting="proxy_read_timeout",
        value_ms=30_000,
        span=NGINX_PLACE,
    ),
    inner=End(
        address=OPENAI.address, component="openai", setting="timeout.read", value_ms=20_000, span=APP_PLACE
    ),
    budget_ms=30_000,
    needed_ms=61_500,
    arithmetic="3 x 20 s + 1.5 s = 61.5 s > 30 s",
    steps=(
        Step(text="nginx grants 30 s\tproxy_read_timeout", span=NGINX_PLACE),
        Step(text="openai may take 61.5 s\t3 attempts x 20 s + 1.5 s backoff"),
        Step(text="20 s\tread timeout", span=APP_PLACE, indent=1),
        Step(text="3\tattempts\topenai default max_retries=2 (openai 1.x-3.x)", indent=1),
    ),
    consequence=(
        "At 30 s the caller gets 504; the handler works on for 31.5 s and starts up to 1 more attempt."
    ),
    fixes=(
        Fix(
            kind=FixKind.ADD_DEADLINE,
            text="a 28 s deadline around the call",
            cost="keeps 20 s answers, ends the orphan",
            edits=(Edit(span=Span(file="app.yaml", line=8), old="", new="deadline: 28s"),),
        ),
        Fix(
            kind=FixKind.FEWER_ATTEMPTS,
            text="max_retries: 0 -> 20 s",
            cost="loses both retries",
            edits=(Edit(span=APP_PLACE, old="", new="max_retries: 0"),),
        ),
        Fix(
            kind=FixKind.RAISE_LIMIT,
            text="proxy_read_timeout 65s",
            cost="",
            breaks="then the ALB's unwritten 60 s breaks; raise it too",
            edits=(Edit(span=NGINX_PLACE, old="30s", new="65s"),),
        ),
    ),
    fingerprint="bc102:0f3a:0",
)

MARGIN = Finding(
    rule="BC103",
    name="thin-margin",
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    message="nginx and gunicorn both end at 30 s: whoever is first decides what the caller sees",
    span=NGINX_PLACE,
    routes=tuple(f"api.example.com/v{number}" for number in range(1, 6)),
    environments=("prod", "staging"),
    notes=("A tie is a race.",),
)

UNREADABLE = Finding(
    rule="BC901",
    name="unreadable-input",
    severity=Severity.WARNING,
    confidence=Confidence.HIGH,
    message='unexpected "}"; the rest of the file was not read',
    span=Span(file="infra/nginx/broken.conf", line=3),
)

UNRESOLVED_NOTE = Finding(
    rule="BC902",
    name="unresolved-value",
    severity=Severity.NOTE,
    confidence=Confidence.HIGH,
    message="var.timeout has no value",
    span=Span(file="infra/alb.tf", line=31),
    subject="var.timeout",
)

RANGE = Hop(
    address="terraform:aws_lb.internal",
    component="aws_lb",
    title="aws_lb.internal",
    layer=Layer.BALANCER,
    span=Span(file="infra/alb.tf", line=40),
    limits=(
        limit(
            Meaning.HEADER_TOTAL_BODY_IDLE,
            unknown("var.timeout has no value", low=1_000, high=4_000_000),
            "idle_timeout",
            Span(file="infra/alb.tf", line=31, text="var.timeout"),
            origin=Origin.UNRESOLVED,
        ),
    ),
)

CHOICE = Hop(
    address="python:svc/worker.py:send",
    component="httpx",
    title="send",
    layer=Layer.CALL,
    span=Span(file="svc/worker.py", line=5),
    limits=(
        limit(Meaning.IDLE, one_of((5_000, None)), "timeout", Span(file="svc/worker.py", line=5)),
        limit(Meaning.ACQUIRE, UNLIMITED, "pool", origin=Origin.CAP),
        limit(Meaning.TOTAL, unknown("set at run time"), "deadline", origin=Origin.UNRESOLVED),
    ),
    retry=RetryPolicy(attempts=Bound(low=1, high=None, reason="no stop"), attempts_unsafe=ONE),
)

DOUBTFUL = RouteReport(
    route=route("internal.example.com/", RANGE, CHOICE, environment="prod", methods=()),
    verdict=Verdict.CANNOT_TELL,
    hops=(
        HopReport(hop=RANGE, evidence="", worst_case={}),
        HopReport(
            hop=CHOICE,
            evidence="ONLY_CANDIDATE",
            worst_case={
                MethodClass.IDEMPOTENT: case(UNLIMITED, UNLIMITED),
                MethodClass.NON_IDEMPOTENT: case(one_of((5_000, None)), unknown("?", low=1, high=3)),
            },
        ),
    ),
)

CLEAN = Report(routes=(FITTING,), joints=Joints(proven=1), recognised=2)

TYPICAL = Report(
    findings=(MARGIN, RETRIES, UNREADABLE, UNRESOLVED_NOTE),
    routes=(CHAT, FITTING, DOUBTFUL),
    joints=Joints(proven=2, broken=1, cannot_tell=1, open=1),
    open_ends=(
        OpenEnd(
            hop=NGINX,
            side="outer",
            grants=None,
            needs=exactly(30_000),
            candidates=("terraform:aws_lb.api", "terraform:aws_lb.internal"),
            agreed=Verdict.FITS,
        ),
        OpenEnd(hop=RANGE, side="inner", grants=exactly(60_000), needs=None),
    ),
    unresolved=(
        UnresolvedItem(
            setting="idle_timeout",
            span=Span(file="infra/alb.tf", line=31),
            reason="var.timeout has no value",
            needs="give it a default or declare the var file of an environment",
        ),
    ),
    suppressed=(MARGIN,),
    recognised=4,
)

NOTHING = Report()

UNCHECKED = Report(
    routes=(replace(FITTING, verdict=Verdict.NOT_COMPARED, slack_ms=None),),
    joints=Joints(open=2),
    recognised=1,
)

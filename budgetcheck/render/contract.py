"""The published shape of the JSON report; `report_schema` makes `schemas/report.schema.json` of it.

Only the schema and the tests need these models: a run prints plain values and does not load pydantic.
Fields may be added within v1, so readers must ignore the ones they do not know.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from budgetcheck.schema_types import draft7

Milliseconds = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Verdict = Literal["fits", "exceeds", "cannot-tell", "not-compared"]
Meaning = Literal[
    "TOTAL",
    "PER_ATTEMPT",
    "CONNECT",
    "SEND",
    "FIRST_BYTE",
    "IDLE",
    "HEADER_TOTAL_BODY_IDLE",
    "START_GATE",
    "ACQUIRE",
    "KEEPALIVE",
    "DRAIN",
    "HEALTH",
    "VISIBILITY",
    "HEARTBEAT",
]
Evidence = Literal["DECLARED", "REFERENCE", "ADDRESS", "ONLY_CANDIDATE", "ASSUMED"]


class Place(BaseModel):
    """Where something stands; null where it is not in the files."""

    path: str | None = Field(description="Relative to the working directory, with forward slashes.")
    line: Annotated[int, Field(ge=1)] | None


class Tool(BaseModel):
    """What wrote the report."""

    name: Literal["budgetcheck"]
    version: str


class Joints(BaseModel):
    """Joints of all chains, counted once each."""

    proven: Count
    broken: Count
    cannot_tell: Count
    open: Count = Field(description="The neighbour is not in the files that were read.")


class Summary(BaseModel):
    """Counts."""

    errors: Count
    warnings: Count
    notes: Count
    suppressed: Count
    routes: Count
    unresolved: Count
    joints: Joints


class Base(BaseModel):
    """The earlier state that the findings were held against, and how many are different."""

    name: str
    new: Count
    unchanged: Count
    fixed: Count
    lost_proof: Count = Field(description="Routes that fitted, and of which nobody can tell any more.")
    left_out: list[str] = Field(description="What of that state could not be had.")


class End(Place):
    """One side of the violated pair: the hop and the setting that decides."""

    id: str
    component: str
    setting: str
    value_ms: Milliseconds | None = Field(description="As configured, never capped.")


class Step(Place):
    """One line of the proof."""

    text: str


class Edit(Place):
    """One literal to change; `from` is empty where the setting has to be added."""

    from_: str = Field(alias="from")
    to: str


class Fix(BaseModel):
    """A remedy that was checked on the changed model."""

    kind: Literal["fewer-attempts", "shorter-limit", "add-deadline", "raise-limit"]
    text: str
    edits: list[Edit]
    cost: str = Field(description="What the remedy takes away.")
    breaks: str | None = Field(description="What would break next.")


class Finding(Place):
    """One fault, with its proof."""

    rule: str = Field(pattern="^BC[0-9]{3}$")
    name: str
    severity: Literal["error", "warning", "note"]
    confidence: Literal["high", "medium", "low"]
    environments: list[str] = Field(description="Empty where the finding holds in all of them.")
    routes: list[str]
    message: str
    outer: End | None
    inner: End | None
    budget_ms: Milliseconds | None = Field(description="What the outer hop grants.")
    needed_ms: Milliseconds | None = Field(description="What the inner hop may need.")
    column: Annotated[int, Field(ge=1)] | None
    arithmetic: str | None
    steps: list[Step]
    consequence: str | None
    notes: list[str]
    fixes: list[Fix]
    fingerprint: str = Field(description="The same as long as rule, hops and settings are.")
    since_base: Literal["new", "unchanged"] | None = Field(
        default=None, description="Whether the earlier state has it too; only with --base."
    )


class SuppressedFinding(Finding):
    """A finding that is known and accepted."""

    suppressed_by: str = Field(description="Place and reason of the suppression, or the baseline.")


class Limit(Place):
    """One timeout in force, unwritten defaults too."""

    meaning: Meaning
    setting: str
    value_ms: Milliseconds | None
    unlimited: bool
    low_ms: Milliseconds | None
    high_ms: Milliseconds | None
    origin: Literal["written", "inherited", "default", "cap", "unresolved"]


class WorstCase(BaseModel):
    """How long a hop can keep its caller waiting. A null number is unknown unless it is unlimited."""

    hang_ms: Milliseconds | None = Field(description="Every dependency accepts and stays silent.")
    hang_unlimited: bool
    strict_ms: Milliseconds | None = Field(description="Dead hosts, every address, TLS, Retry-After.")
    strict_unlimited: bool
    attempts: Count | None
    attempts_unlimited: bool


class WorstCases(BaseModel):
    """By method class; a class that the route has no method of is left out."""

    idempotent: WorstCase | None = None
    non_idempotent: WorstCase | None = None


class Layer(Place):
    """What stands round a call in code: a decorator, a deadline, a loop."""

    id: str
    component: str
    limits: list[Limit]
    attempts: Count | None
    attempts_unlimited: bool


class Hop(BaseModel):
    """One place where a request waits."""

    id: str
    component: str
    title: str
    server_names: list[str] | None = Field(description="nginx only.")
    location: str | None = Field(description="nginx only, as written.")
    evidence: Evidence | None = Field(description="How it is joined to the hop outside it.")
    limits: list[Limit]
    worst_case: WorstCases
    layers: list[Layer] | None = Field(
        default=None, description="Of a call: what stands round it, innermost first; part of its worst case."
    )


class Capacity(BaseModel):
    """How many requests the server of a route takes while everything behind it is silent."""

    server: str = Field(description="Id of the hop.")
    slots: Count = Field(description="Requests that one instance works on at the same time.")
    text: str
    held_ms: Milliseconds | None = Field(description="How long one request may hold a slot.")
    held_unlimited: bool
    places: list[Place] = Field(description="Where the numbers of workers and threads stand.")


class Route(BaseModel):
    """One way of requests through the hops."""

    name: str
    environment: str | None
    host: str | None = Field(description="Null for any.")
    path: str | None = Field(description="Null for any.")
    methods: list[str] = Field(description="Empty where they are not known.")
    handler: str | None = Field(description="Id of the hop that answers.")
    verdict: Verdict
    hops: list[Hop] = Field(description="Outermost first; calls stand behind their handler, in order.")
    capacity: Capacity | None = Field(
        default=None,
        description="Only where the workers are counted, and a waiting request holds one.",
    )


class OpenEnd(BaseModel):
    """A hop whose neighbour is not in the files."""

    hop: str
    side: Literal["outer", "inner"] = Field(description="The side at which the neighbour is missing.")
    grants_ms: Milliseconds | None
    needs_ms: Milliseconds | None
    candidates: list[str]
    agreed: Verdict | None = Field(description="The verdict that every candidate would give.")


class Unresolved(Place):
    """A setting without a value."""

    setting: str
    reason: str
    needs: str = Field(description="How to supply it.")


class ReportV1(BaseModel):
    """A report of budgetcheck."""

    schema_: Literal["budgetcheck/report/v1"] = Field(alias="schema")
    tool: Tool
    summary: Summary
    base: Base | None = Field(default=None, description="Only with --base.")
    findings: list[Finding]
    routes: list[Route]
    open_ends: list[OpenEnd]
    unresolved: list[Unresolved]
    suppressed: list[SuppressedFinding]


def report_schema() -> dict[str, object]:
    """The JSON Schema (draft 7) of the report."""
    return draft7(ReportV1, title="budgetcheck report")

"""The outcome of a run, ready for any renderer."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from budgetcheck.model.bound import Bound
from budgetcheck.model.duration import show_duration
from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.limits import Limit
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Hop, MethodClass, Route, Slots


class Verdict(Enum):
    """Whether a route, or a joint of it, keeps its budget."""

    FITS = "fits"
    EXCEEDS = "exceeds"
    CANNOT_TELL = "cannot-tell"
    NOT_COMPARED = "not-compared"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstCase:
    """How long a hop can keep its caller waiting, for one method class.

    Attributes:
        hang: every dependency accepts the connection, reads the request and stays silent; milliseconds.
        strict: until the response header with dead hosts, every address, TLS and Retry-After.
        attempts: requests that the next hop may see.
    """

    hang: Bound
    strict: Bound
    attempts: Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class HopReport:
    """A hop as it stands in one route, with what it costs its caller there.

    `evidence` is how the hop is joined to the one outside it; empty for the outermost. `layers` are the
    retries and deadlines round a call, innermost first; its worst case includes them.
    """

    hop: Hop
    evidence: str
    worst_case: dict[MethodClass, WorstCase]
    layers: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JointReport:
    """A limit of a hop on its route, held against what everything behind it may need.

    Attributes:
        outer: address of the hop that grants; `limit`: the limit that does.
        granted, needed: milliseconds, needed for the method class that needs more.
        slack_ms: what is left, negative where it exceeds; None if either number is not known.
    """

    outer: str
    limit: Limit
    granted: Bound
    needed: Bound
    verdict: Verdict
    slack_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How many requests a server of a route takes while everything behind it is silent.

    `server` is its address; a request holds one slot for at most `held_ms`, None for no limit.
    """

    server: str
    slots: Slots
    held_ms: int | None

    @property
    def text(self) -> str:
        """`4 workers / 61.5 s: a stall saturates at 0.07 requests/s`."""
        if self.held_ms is None:
            many = f"{self.slots.count} request{'s hold' if self.slots.count != 1 else ' holds'}"
            return f"{self.slots.text} / no limit: in a stall {many} all of it for good"
        rate = Decimal(self.slots.count) * 1_000 / self.held_ms
        places = 0 if rate >= 10 else 2 if rate >= Decimal("0.01") else -rate.adjusted()
        return (
            f"{self.slots.text} / {show_duration(self.held_ms)}: "
            f"a stall saturates at {rate:.{places}f} requests/s"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteReport:
    """A route and its verdict.

    `joints` are those of the chain, outermost first. `passes` are hops that are on no chain of their own but
    add to the need of one (sub-requests for authorisation and fallbacks of nginx).
    """

    route: Route
    verdict: Verdict
    hops: tuple[HopReport, ...]
    slack_ms: int | None = None
    """Smallest difference between what is granted and what is needed on this route; None if not known."""
    joints: tuple[JointReport, ...] = ()
    passes: tuple[Hop, ...] = ()
    capacity: Capacity | None = None
    """Where the number of workers is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joints:
    """Joints of all chains, counted once each."""

    proven: int = 0
    broken: int = 0
    cannot_tell: int = 0
    open: int = 0

    @property
    def checked(self) -> int:
        """Joints at which two resolved numbers were compared."""
        return self.proven + self.broken


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEnd:
    """A hop whose neighbour is not in these files: what it grants inward or needs from outside.

    `side` is `outer` or `inner`: the side at which the neighbour is missing. `agreed` holds the verdict
    where every candidate would give the same one.
    """

    hop: Hop
    side: str
    grants: Bound | None
    needs: Bound | None
    candidates: tuple[str, ...] = ()
    agreed: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnresolvedItem:
    """A setting without a value: why, and how to supply it."""

    setting: str
    span: Span
    reason: str
    needs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceBase:
    """An earlier state and what is different since: numbers of findings, and of routes whose proof is lost.

    `left_out` says what of that state could not be had.
    """

    name: str
    new: int = 0
    unchanged: int = 0
    fixed: int = 0
    lost: int = 0
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a renderer may show. Sorted, without time stamps and absolute paths."""

    findings: tuple[Finding, ...] = ()
    routes: tuple[RouteReport, ...] = ()
    joints: Joints = field(default_factory=Joints)
    open_ends: tuple[OpenEnd, ...] = ()
    unresolved: tuple[UnresolvedItem, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    fail_on: Severity | None = Severity.ERROR
    allow_unchecked: bool = False
    strict_unknown: bool = False
    """A joint of which nobody can tell whether it fits fails the run."""
    baseline_gone: int = 0
    """Entries of the baseline whose finding is gone."""
    recognised: int = 0
    """Number of files whose content was understood."""
    base: SinceBase | None = None
    """The earlier state that the findings were held against."""
    new_only: bool = False
    """Only what is new since that state fails the run."""

    def fails(self, finding: Finding) -> bool:
        """The finding fails the run."""
        counts = not self.new_only or finding.since_base == "new"
        return counts and self.fail_on is not None and finding.severity >= self.fail_on

    def count(self, severity: Severity) -> int:
        """Number of findings of that severity."""
        return sum(finding.severity is severity for finding in self.findings)

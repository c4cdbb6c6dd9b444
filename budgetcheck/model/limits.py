"""Limits and retry policies: what a clock measures, how often something is tried, and who said so."""

from dataclasses import dataclass
from enum import Enum

from budgetcheck.model.bound import ONE, ZERO, Bound, exactly
from budgetcheck.model.span import Span


class Meaning(Enum):
    """What the clock of a limit measures. Numbers of different meanings do not compare freely."""

    TOTAL = "TOTAL"
    """Deadline of the whole request, retries included."""
    PER_ATTEMPT = "PER_ATTEMPT"
    """Deadline of one attempt."""
    CONNECT = "CONNECT"
    """Until a connection is established; often counted again for TLS and per address."""
    SEND = "SEND"
    """Between two writes of the request: next to nothing for small requests."""
    FIRST_BYTE = "FIRST_BYTE"
    """Until the response header is there."""
    IDLE = "IDLE"
    """Between two reads; re-armed by every byte."""
    HEADER_TOTAL_BODY_IDLE = "HEADER_TOTAL_BODY_IDLE"
    """Total until the response header is complete, between two reads of the body (nginx, HAProxy)."""
    START_GATE = "START_GATE"
    """No new attempt starts after it; a running attempt is never cut."""
    ACQUIRE = "ACQUIRE"
    """Waiting for a place: connection pool, queue."""
    KEEPALIVE = "KEEPALIVE"
    """How long an idle connection is kept for the next request."""
    DRAIN = "DRAIN"
    """How long running requests may go on at shutdown."""
    HEALTH = "HEALTH"
    """Of a health check: never a limit of a request."""
    VISIBILITY = "VISIBILITY"
    """How long a queue hides a message from other consumers."""
    HEARTBEAT = "HEARTBEAT"
    """A worker must show life this often; not a request limit (gunicorn's timeout on async workers)."""


class Origin(Enum):
    """How a number came to be."""

    WRITTEN = "written"
    INHERITED = "inherited"
    DEFAULT = "default"
    CAP = "cap"
    UNRESOLVED = "unresolved"


class Gate(Enum):
    """When a START_GATE is asked whether a further attempt may start."""

    AFTER_ATTEMPT = "after-attempt"
    """After each attempt: the pause and the attempt that follow may be long (tenacity's stop_after_delay)."""
    WITH_PAUSE = "with-pause"
    """After each attempt, the pause to come counted: no attempt starts later (stop_before_delay)."""
    LAST_START = "last-start"
    """After each attempt, by when it started: one more may start, and no pause goes beyond it (backoff)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One timeout in force at a hop.

    Attributes:
        meaning: what its clock measures.
        bound: milliseconds, as configured and never capped.
        setting: the name people search for (`proxy_read_timeout`, `idle_timeout`).
        origin: written, inherited, default, cap or unresolved.
        spans: where the number came from, the place of use first: setting, variable, var file. For a
            default it is empty.
        source: for a default, whose it is (`openai default max_retries=2 (openai 1.x-3.x)`); a URL for
            a fixed limit that no file mentions.
        cap: hard platform maximum in milliseconds, where one is known.
        soft_cap: a maximum that a quota can raise; `cap_note` says how.
        adjustable: somebody who runs this component can change the number (a fixed platform limit cannot).
        of_answer: the clock runs while the hop waits for the next one's answer. False for receiving the
            request, resolving a name or writing to the client: such limits grant the next hop nothing.
        per_address: counted once for every address of the name.
        literal: the value as written, where it is a single known one; `unit` is that of a bare number.
        soft_of: name of the hard limit, where this one only asks the work to end; empty if it stands alone.
        gate: of a START_GATE, when it is asked.
        symptom: what the caller sees when it fires (`504`, `the connection is closed`).
        doubt: why a finding must not be an error because of this number (an inferred fact, a fact past
            its re-check date, a default that differs between versions); empty if none.
        places: spans that belong to one of the containers which are given different values.
    """

    meaning: Meaning
    bound: Bound
    setting: str
    origin: Origin
    spans: tuple[Span, ...] = ()
    source: str = ""
    cap: int | None = None
    soft_cap: int | None = None
    cap_note: str = ""
    adjustable: bool = True
    of_answer: bool = True
    per_address: bool = False
    literal: str = ""
    unit: str = "s"
    soft_of: str = ""
    gate: Gate = Gate.AFTER_ATTEMPT
    symptom: str = ""
    doubt: str = ""
    places: tuple[tuple[str, Span], ...] = ()

    @property
    def written(self) -> bool:
        """Somebody wrote this number, here or in a block it is inherited from."""
        return self.origin in (Origin.WRITTEN, Origin.INHERITED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number of attempts in force, the first one included, and who said so.

    `setting` and `literal` keep the words of the file (`max_retries`, `2`), since components count
    either retries or attempts; `retries` says which. `doubt` and `places` are as in `Limit`.
    """

    bound: Bound
    setting: str
    origin: Origin
    spans: tuple[Span, ...] = ()
    source: str = ""
    retries: bool = False
    literal: str = ""
    doubt: str = ""
    places: tuple[tuple[str, Span], ...] = ()

    @property
    def written(self) -> bool:
        """Somebody wrote this number."""
        return self.origin in (Origin.WRITTEN, Origin.INHERITED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Upper bounds of the pauses before each retry.

    b_k = max(least, min(most, first x factor^(k-1))) + jitter, and never more than `most` where that caps
    the jitter as well.

    Attributes:
        first: pause before the first retry, milliseconds.
        factor: growth per retry, in thousandths (2000 doubles): no floats in the budget.
        most: largest pause before jitter, milliseconds.
        jitter: added at most, at random, milliseconds; after the cap unless `cap_jitter`.
        least: smallest pause before jitter, milliseconds.
        skip_first: the first retry follows at once and the series starts with the second (urllib3).
        random: each pause is drawn between `least` and this (full jitter).
        unknown: why the pauses are not known; empty where they are. The numbers then mean nothing.
    """

    first: int = 0
    factor: int = 2_000
    most: int | None = None
    jitter: int = 0
    least: int = 0
    skip_first: bool = False
    cap_jitter: bool = False
    random: bool = False
    unknown: str = ""

    def pause(self, retry: int) -> int:
        """Milliseconds at most before retry number `retry` (from 1)."""
        if self.skip_first and retry == 1:
            return 0
        pause = self._steady(retry) + self.jitter
        return min(pause, self.most) if self.cap_jitter and self.most is not None else pause

    def shortest_pause(self, retry: int) -> int:
        """Milliseconds at least before retry number `retry` (from 1)."""
        if self.random or (self.skip_first and retry == 1):
            return self.least
        return min(self._steady(retry), self.pause(retry))

    def _steady(self, retry: int) -> int:
        pause = self.first
        # Stops growing at the cap, so a huge number of retries stays cheap to sum.
        for _ in range(retry - 1):
            if self.most is not None and pause >= self.most:
                break
            pause = pause * self.factor // 1_000
        if self.most is not None:
            pause = min(pause, self.most)
        return max(pause, self.least)


NO_BACKOFF = Backoff()


class Repeats(Enum):
    """After which failure a further attempt is made."""

    CONNECT = "connect"
    """Nothing of the request was sent."""
    TIMEOUT = "timeout"
    """The attempt ran into its limit."""
    RESET = "reset"
    """The connection broke before an answer."""
    STATUS = "status"
    """The answer was a server error (500, 502, 503, 504)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a hop tries, the first attempt included.

    Attributes:
        attempts: requests the next hop may see when each runs into a timeout; idempotent methods.
        attempts_unsafe: the same for POST, PATCH and the like.
        answered: requests the next hop may see when it answers each with an error in time; None where that is
            as after a timeout if `repeats` has STATUS, and one if not.
        answered_unsafe: the same for POST, PATCH and the like.
        connects: connection attempts when every address is dead, whatever the method.
        count: the setting that decides, for messages; None where the number follows from peers.
        backoff: pauses between attempts.
        repeats: failures that lead to a further attempt.
        retry_after: longest pause a server may ask for, in milliseconds; enters the strict bound only.
    """

    attempts: Bound = ONE
    attempts_unsafe: Bound = ONE
    answered: Bound | None = None
    answered_unsafe: Bound | None = None
    connects: Bound = ONE
    count: Count | None = None
    backoff: Backoff = NO_BACKOFF
    repeats: frozenset[Repeats] = frozenset()
    retry_after: Bound = ZERO


SINGLE_ATTEMPT = RetryPolicy()


def fixed_limit(meaning: Meaning, milliseconds: int, setting: str, source: str) -> Limit:
    """A platform limit that no file can mention."""
    return Limit(
        meaning=meaning,
        bound=exactly(milliseconds),
        setting=setting,
        origin=Origin.DEFAULT,
        source=source,
        adjustable=False,
    )

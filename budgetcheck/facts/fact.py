"""The shape of a fact: what one component does with one setting, and how we know."""

import datetime
from dataclasses import dataclass
from enum import Enum

from budgetcheck.model.bound import Bound
from budgetcheck.model.limits import NO_BACKOFF, Backoff, Gate, Meaning, Repeats
from budgetcheck.model.topology import Layer

BACKOFF_PARTS = ("first", "factor", "most", "jitter", "least")
"""Parts of a backoff that settings may replace."""


class Proof(Enum):
    """How a fact was established."""

    LAB = "lab"
    """Measured by budgetcheck's own tests on the real component."""
    VENDOR = "vendor"
    """Documented by whoever makes the component."""
    INFERRED = "inferred"
    """Concluded from source code or public reports; findings that rest on it are at most warnings."""


class Zero(Enum):
    """What 0 means as a value."""

    VALUE = "value"
    """Just zero."""
    UNLIMITED = "unlimited"
    """No limit."""
    IMMEDIATE = "immediate"
    """Fails at once."""
    OFF = "off"
    """The feature is off."""
    INVALID = "invalid"
    """Rejected."""


class Grammar(Enum):
    """How a value is written."""

    NUMBER = "number"
    """A bare number in the fact's unit, quoted or not."""
    NGINX = "nginx"
    """nginx time: `90`, `1m30s`, `500ms`; bare numbers are seconds."""
    DURATION = "duration"
    """A number with a unit (`20s`, `1m30s`), or a bare number in the fact's unit."""
    SECONDS_SUFFIX = "seconds-suffix"
    """Google's duration string: seconds with at most nine decimals and `s` (`300s`, `3.5s`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """What the caller or the log shows when the limit fires."""

    text: str
    status: int | None = None
    log: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a fact comes from: URL, day it was checked, versions it holds for, and tier."""

    source: str
    checked: datetime.date
    proof: Proof
    versions: str = ""
    """Version range (`>=1.0,<4`); empty for every version in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFact:
    """One timeout of a component.

    Attributes:
        setting: canonical name; `aliases` are further names that set the same number, tried in order
            (a client's `timeout` sets `timeout.read` where that is not written).
        when: traits that a declaration must have for the fact to apply (`family = proxy`).
        meaning: what the clock measures.
        unit: unit of a bare number: ms, s, m.
        grammar: how values are written.
        default: milliseconds where nothing is written; None where then there is no such limit at all.
        lowest, highest: accepted range in milliseconds; None where open.
        cap: what the platform honours at most; `cap_soft` where a quota can raise it, `cap_note` says how.
        floor: a smaller value is silently read as this (psycopg: connect_timeout 1 means 2 s).
        zero: what 0 means. `null_unlimited`: an explicit null means no limit (Python's None) instead of
            the default (Terraform's null).
        fixed: no setting exists, the platform decides ("not in your files").
        of_answer: the clock runs while waiting for the next hop's answer; false for receiving the request,
            resolving names, writing to the client. Of a KEEPALIVE: the connection is one to the next hop;
            false for one that is kept for the caller.
        per_address: counted once per address of the name. `twice_with_tls`: counted again for TLS.
        soft_of: the setting that ends the work for good where this one only asks it to end (Celery's soft
            time limit); empty for limits that stand alone.
        gate: of a START_GATE, when it is asked.
    """

    setting: str
    meaning: Meaning
    unit: str
    grammar: Grammar
    evidence: Evidence
    aliases: tuple[str, ...] = ()
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    default: Bound | None = None
    lowest: int | None = None
    highest: int | None = None
    cap: int | None = None
    cap_soft: bool = False
    cap_note: str = ""
    floor: int = 0
    zero: Zero = Zero.VALUE
    null_unlimited: bool = False
    fixed: bool = False
    of_answer: bool = True
    per_address: bool = False
    twice_with_tls: bool = False
    soft_of: str = ""
    gate: Gate = Gate.AFTER_ATTEMPT
    symptom: Symptom | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsFact:
    """How often a component tries.

    Attributes:
        setting: name of the count; empty where it cannot be set.
        retries: the setting counts retries (attempts less one).
        default: value of the setting where it is not written; None where it then tries for ever.
        repeats: failures that lead to a further attempt.
        unsafe: non-idempotent requests are tried again as well.
        backoff: pauses between attempts. `backoff_settings`: which settings replace parts of them, part
            first; bare numbers are seconds.
        retry_after: longest pause a server may ask for, milliseconds; None for no end, 0 where ignored.
        most: values above are read as this; None if open.
        null_unlimited: an explicit None means without end, other than leaving it out.
    """

    setting: str
    retries: bool
    default: int | None
    repeats: frozenset[Repeats]
    evidence: Evidence
    aliases: tuple[str, ...] = ()
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unsafe: bool = True
    backoff: Backoff = NO_BACKOFF
    backoff_settings: tuple[tuple[str, str], ...] = ()
    retry_after: int | None = 0
    most: int | None = None
    null_unlimited: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsupportedFact:
    """A setting that exists and does nothing, or is refused, where these traits hold.

    Attributes:
        setting: name of the setting; `when` as in a limit.
        rejected: the platform refuses it; otherwise it is ignored.
        accepted: the one value that passes, without effect, where others are refused; milliseconds.
        unit: unit of a bare number.
        text: why, after the name of the setting. `fix`: what to do instead.
    """

    setting: str
    rejected: bool
    text: str
    fix: str
    evidence: Evidence
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    accepted: int | None = None
    unit: str = "s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Everything known of one component.

    Attributes:
        name: file name of its facts, as reports show it (`nginx`, `aws_lb`, `openai`).
        title: name for people (`AWS Application Load Balancer`).
        layer: role on a route.
        entry: stands at the edge by nature.
        work_goes_on: works on after its caller has left.
        default_port: listens there unless told otherwise; 0 for none.
        passes_through: other settings of the component that are known and carry no limit: naming one
            is not an error.
        unsupported: settings that are refused or ignored under some conditions.
        versions: versions the facts were checked on, for messages (`1.x-3.x`).
    """

    name: str
    title: str
    layer: Layer
    limits: tuple[LimitFact, ...]
    attempts: tuple[AttemptsFact, ...] = ()
    entry: bool = False
    work_goes_on: bool = False
    default_port: int = 0
    passes_through: tuple[str, ...] = ()
    unsupported: tuple[UnsupportedFact, ...] = ()
    versions: str = ""
    notes: tuple[str, ...] = ()

"""What rules produce: findings with both ends, the arithmetic, and remedies."""

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Literal

from budgetcheck.model.span import Span


class Severity(IntEnum):
    """How bad a finding is if it is true; larger is worse."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """`error`, `warning` or `note`."""
        return self.name.lower()


class Confidence(IntEnum):
    """How sure the evidence is; larger is surer."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def label(self) -> str:
        """`high`, `medium` or `low`."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the proof: what is claimed, and where it stands. `indent` groups factors under a sum."""

    text: str
    span: Span | None = None
    indent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One side of the violated pair: the hop and the setting that decides.

    `value_ms` is the value as configured (never capped), None for unknown or unlimited. `written` tells
    a number of somebody's from a default; `span` is then its place, else that of the hop.
    """

    address: str
    component: str
    setting: str
    value_ms: int | None
    span: Span
    written: bool = False

    @property
    def cause(self) -> tuple[str, ...]:
        """What makes two ends the same cause: the place of the number, or whose default it is where."""
        place = str(self.span.line) if self.written else self.component
        return (self.setting, self.span.file, place)

    @property
    def kin(self) -> tuple[str, ...]:
        """What makes outer ends alike: one default, or a number that one file writes again and again."""
        place = (self.span.file, str(self.value_ms)) if self.written else ("", str(self.value_ms))
        return (self.component, self.setting, *place)


class Syntax(Enum):
    """The language in which a setting is added."""

    APACHE = "apache"
    NGINX = "nginx"
    HCL = "hcl"
    YAML = "yaml"
    PYTHON = "python"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A setting that nobody wrote yet, in the language of its file.

    Attributes:
        path: keys from the block at the span of the edit down to the setting (`timeout`, `read`).
        value: as it is written there, with quotes where the language asks for them.
        program: of a command, the word that the option goes behind.
    """

    syntax: Syntax
    path: tuple[str, ...]
    value: str
    program: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One literal to change: `old` is empty where the setting has to be added.

    `addition` says how, where that follows from the language; without it a person has to do it.
    """

    span: Span
    old: str
    new: str
    addition: Addition | None = None


_OF_JOINTS = frozenset({"BC101", "BC102", "BC103", "BC104", "BC105"})
"""Rules about an inner need that is too long for what stands in front of it, however often."""


class FixKind(Enum):
    """The kinds of remedy."""

    FEWER_ATTEMPTS = "fewer-attempts"
    SHORTER_LIMIT = "shorter-limit"
    ADD_DEADLINE = "add-deadline"
    RAISE_LIMIT = "raise-limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A remedy that was checked by running the rules again on the changed model.

    Attributes:
        kind: what sort of change it is.
        text: the change in words.
        edits: literals to change, outermost first.
        cost: what it takes away, in words.
        breaks: what would break next (`then the ALB's unwritten 60 s breaks`); empty if nothing does.
    """

    kind: FixKind
    text: str
    cost: str
    edits: tuple[Edit, ...] = ()
    breaks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the calls that a finding is about, with the routes that reach it; or one of its outer ends.

    `message` and `steps` are those of a finding about this part alone; `many` ends the message of one about
    several, with `{}` for their number. `outer` is given where the outer ends differ.
    """

    severity: Severity
    end: End
    outer: End | None = None
    span: Span
    message: str
    many: str = ""
    steps: tuple[Step, ...] = ()
    routes: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault, with its proof.

    Attributes:
        rule, name: permanent code and name (`BC102`, `retries-outlive-outer`).
        message: one line.
        span: where to look first.
        steps: the arithmetic, line by line, each factor with its place.
        arithmetic: the same as one expression.
        consequence: what a caller and the application experience.
        budget_ms, needed_ms: what the outer grants and the inner may need; None if unlimited or no pair.
        subject: what besides the ends distinguishes this finding (a file, a variable), for fingerprints.
        parts: the calls that it is about, the first the one that the message names; empty for no list.
    """

    rule: str
    name: str
    severity: Severity
    confidence: Confidence
    message: str
    span: Span
    steps: tuple[Step, ...] = ()
    arithmetic: str = ""
    consequence: str = ""
    notes: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    routes: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    outer: End | None = None
    inner: End | None = None
    budget_ms: int | None = None
    needed_ms: int | None = None
    subject: str = ""
    parts: tuple[Part, ...] = ()
    fingerprint: str = ""
    suppressed_by: str = ""
    """What keeps it out of the findings: place and reason of a suppression, or the baseline."""
    since_base: Literal["", "new", "unchanged"] = ""
    """Whether an earlier state of the files has it too; empty where none was looked at."""

    @property
    def first_route(self) -> str:
        """The route to show it on: one that reaches the call that the message names; empty for none."""
        routes = self.parts[0].routes if self.parts and self.parts[0].routes else self.routes
        return routes[0] if routes else ""

    @property
    def cause(self) -> tuple[object, ...]:
        """The places of both numbers: fifty locations that inherit one directive are one cause, not fifty."""
        if self.inner is None:
            return self.pair
        outer = () if self.outer is None else self.outer.kin if self.rule in _OF_JOINTS else self.outer.cause
        return (self.rule, outer, self.inner.cause, self.subject)

    @property
    def pair(self) -> tuple[str, ...]:
        """What makes two findings the same cause: rule, addresses and settings; no line, route or value."""
        outer = (self.outer.address, self.outer.setting) if self.outer else ("", "")
        inner = (self.inner.address, self.inner.setting) if self.inner else ("", "")
        return (self.rule, *outer, *inner, self.subject)

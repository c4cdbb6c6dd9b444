"""What readers produce: format-neutral declarations with raw values, before any unit is applied.

A reader knows its format (nginx inheritance, Terraform variables, YAML aliases) and nothing of units,
defaults or meanings; `resolve` combines these declarations with the facts.
"""

from dataclasses import dataclass, field
from enum import Enum

from budgetcheck.model.bound import ONE, Bound
from budgetcheck.model.limits import Origin
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, Target, Work

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A resolved value; None is an explicit null, which is not the same as an absent setting."""

    value: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """One of several values, depending on something that these files do not say.

    Attributes:
        cases: for each value, where it is the one in force, if that is known: the containers that are given
            it, as `place_of` names them.
        places: where each of these containers is given its value.
    """

    values: tuple[Scalar, ...]
    reason: str
    cases: tuple[tuple[str, ...], ...] = ()
    places: tuple[tuple[str, Span], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """A value nobody could work out, why, and how to supply it."""

    reason: str
    needs: str


def place_of(address: str, environment: str) -> str:
    """The name of a container in one environment; empty for all of them."""
    return f"{address} in {environment}" if environment else address


Value = Known | OneOf | Unresolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting as written: its canonical fact name, its raw value, and its whole path of provenance.

    Attributes:
        name: the fact's `setting` (`proxy_read_timeout`, `timeout.read`, `idle_timeout`).
        value: raw, without unit guessing.
        spans: the place of use first, then each step towards the literal (variable, local, var file);
            each span's text is what stands there.
        origin: WRITTEN, or INHERITED from an enclosing block.
        label: the name shown where it differs from `name`
            (`aws_lb_target_group.api.deregistration_delay` for a limit borrowed from another resource).
    """

    name: str
    value: Value
    spans: tuple[Span, ...]
    origin: Origin = Origin.WRITTEN
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One place where a request waits, as its file declares it.

    Attributes:
        component: name of the facts file (`nginx`, `aws_lb`, `openai`).
        address: stable identity (`nginx:api.example.com/v1/`, `terraform:aws_lb.api`).
        title: what a person calls it (`aws_lb.api`, `assistant.example.com/chat`).
        span: the block that declares it.
        settings: what is written or inherited.
        traits: conditions that choose among facts (`family` proxy, `worker_class` sync).
        front: what reaches this hop.
        targets: where it sends requests.
        work: for a handler, the calls it makes; None when they are not known.
        peers: how many addresses a request may be tried on, where the component tries several.
        passes_before: hops whose whole pass runs before this one's (nginx `auth_request`).
        passes_after: hops whose pass runs when this one's has failed (nginx `error_page` fallbacks).
        environment: the only environment this declaration belongs to; empty for all.
        version: version of the component where it is known (`1.109.1`); empty if not.
    """

    component: str
    address: str
    title: str
    span: Span
    settings: tuple[Setting, ...] = ()
    traits: tuple[tuple[str, str], ...] = ()
    front: Front = field(default_factory=Front)
    targets: tuple[Target, ...] = ()
    work: Work | None = None
    peers: Bound = ONE
    passes_before: tuple[str, ...] = ()
    passes_after: tuple[str, ...] = ()
    environment: str = ""
    version: str = ""

    def trait(self, name: str) -> str:
        """The value of a trait, empty where the declaration does not have it."""
        for known, value in self.traits:
            if known == name:
                return value
        return ""

    def setting(self, name: str) -> Setting | None:
        """The setting of that name, or None where it is not written."""
        for setting in self.settings:
            if setting.name == name:
                return setting
        return None


class ProblemKind(Enum):
    """What is wrong with a piece of input; each kind is the business of one rule."""

    UNREADABLE = "unreadable"
    """It could not be read (BC901)."""
    INVALID = "invalid"
    """The component rejects the value or reads it as another (BC203)."""
    OVER_CAP = "over cap"
    """Above what the platform accepts or honours (BC201)."""
    INEFFECTIVE = "ineffective"
    """It does not do what it looks like (BC202)."""
    SUSPICIOUS = "suspicious"
    """It makes sense only in another unit (BC204)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong in one place of the user's files: becomes a finding of the rule for its kind.

    `text` says what is wrong; `fix` what to write or do instead. `address`, `component`, `setting` and
    `value_ms` name the hop and setting concerned, where the problem is one of a setting.
    """

    span: Span
    text: str
    fix: str = ""
    kind: ProblemKind = ProblemKind.UNREADABLE
    address: str = ""
    component: str = ""
    setting: str = ""
    value_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnboundKey:
    """A key of a settings file whose name looks like a limit, and that nothing is known to read.

    Attributes:
        key: its path in the file. `looks`: what it looks like (`a timeout in seconds, by its size`).
        binding: the entry of `bindings:` that would say what it is.
    """

    key: str
    span: Span
    looks: str
    binding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reader made of its files: declarations, problems, and the environments it saw."""

    declarations: tuple[Declaration, ...] = ()
    problems: tuple[Problem, ...] = ()
    environments: tuple[str, ...] = ()
    recognised: tuple[str, ...] = ()
    """Files whose content this reader understood, also where nothing in them is on a route."""
    exact: bool = False
    """The values are those of a plan: they go before what sources evaluate to."""
    applied: tuple[str, ...] = ()
    """Files that say what was applied last, not what will be: they go behind the sources."""

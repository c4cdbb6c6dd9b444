"""What a rule is, and what it may look at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from budgetcheck.assess import Assessment, Joint
from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.options import DeclaredLink, Options
from budgetcheck.model.report import OpenEnd, UnresolvedItem
from budgetcheck.model.settings import Problem, UnboundKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything known of one environment, for the rules that look beyond one route.

    Attributes:
        assessments: every route with its costs and joints.
        problems: what the readers could not read, or the component would reject.
        unresolved: settings on hops without a value.
        open_ends: hops whose neighbour is missing or one of several.
        ambiguous: addresses of hops with several possible neighbours, and those.
        unused_links: declared links of which one side is no hop.
        bad_suppressions: comments that are not well formed.
        unbound: keys of settings files that look like limits.
        options: the user's options.
    """

    assessments: tuple[Assessment, ...] = ()
    problems: tuple[Problem, ...] = ()
    unresolved: tuple[UnresolvedItem, ...] = ()
    open_ends: tuple[OpenEnd, ...] = ()
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unused_links: tuple[DeclaredLink, ...] = ()
    bad_suppressions: tuple[Problem, ...] = ()
    unbound: tuple[UnboundKey, ...] = ()
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True, kw_only=True)
class JointRule:
    """Looks at one joint at a time."""

    code: str
    name: str
    severity: Severity
    summary: str
    manual: str
    check: Callable[[Joint, Options], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRule:
    """Looks at one route at a time."""

    code: str
    name: str
    severity: Severity
    summary: str
    manual: str
    check: Callable[[Assessment, Options], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneRule:
    """Looks at everything at once."""

    code: str
    name: str
    severity: Severity
    summary: str
    manual: str
    check: Callable[[Scene], Iterator[Finding]]


Rule = JointRule | RouteRule | SceneRule

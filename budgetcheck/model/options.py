"""What the user asked for: the configuration file and the command line, validated."""

from dataclasses import dataclass, field

from budgetcheck.model.findings import Severity
from budgetcheck.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """Slack below which a route that fits is reported as thin: the larger of a share and a floor."""

    percent: int = 5
    floor_ms: int = 1_000

    def of(self, granted_ms: int) -> int:
        """Milliseconds of slack that a grant of `granted_ms` should keep."""
        return max(granted_ms * self.percent // 100, self.floor_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentOptions:
    """One environment: its name and the files that give variables their values there.

    Paths are POSIX, relative to the root of the run. `declared` tells the ones in the configuration from
    the ones found by file name.
    """

    name: str
    var_files: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    workspace: str = ""
    declared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredLink:
    """A link the user vouches for; both sides are hop addresses, `*` matches within one."""

    outer: str
    inner: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A key of a settings file that is the value of a setting of a hop."""

    file: str
    key: str
    hop: str
    setting: str
    unit: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """A finding the user does not want reported, why, and until when (ISO date; empty for ever).

    `at` is the only file and line it holds for, of a comment; None for a suppression in the configuration.
    """

    rule: str
    reason: str
    span: Span
    paths: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    until: str = ""
    at: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxOptions:
    """How nginx files map to a real server.

    `root` is the directory of the repository that stands for `/` of the container; `addresses` says how
    many addresses a name resolves to.
    """

    root: str = ""
    version: str = ""
    addresses: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFact:
    """A fact of the user's own that replaces a shipped one: the TOML-like table as given, and its place."""

    component: str
    table: tuple[tuple[str, object], ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a team asks of its routes beyond that they fit; what is not asked for is not checked.

    Attributes:
        must_prove: patterns of route names that must be proven to fit.
        max_amplification: requests that a dependency may see for one of the caller's; 0 for any number.
        one_retry_owner: at most one layer may try again.
        require_total: every outbound call must be ended by a total or deadline.
        max_total_ms: longest wait of any caller, milliseconds; None for any.
    """

    must_prove: tuple[str, ...] = ()
    max_amplification: int = 0
    one_retry_owner: bool = False
    require_total: bool = False
    max_total_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All options of a run."""

    headroom: Headroom = field(default_factory=Headroom)
    environments: tuple[EnvironmentOptions, ...] = ()
    links: tuple[DeclaredLink, ...] = ()
    bindings: tuple[Binding, ...] = ()
    components: tuple[UserFact, ...] = ()
    nginx: NginxOptions = field(default_factory=NginxOptions)
    tf_var: tuple[tuple[str, str], ...] = ()
    """Terraform variables of the process environment (`TF_VAR_name`), only where the user asked for them."""
    severity: tuple[tuple[str, Severity], ...] = ()
    ignore: tuple[Ignore, ...] = ()
    policy: Policy = field(default_factory=Policy)
    lock: tuple[str, ...] = ()
    """Codes of rules that nothing may suppress."""
    fail_on: Severity | None = Severity.ERROR
    """Lowest severity that makes the run fail; None for never."""
    allow_unchecked: bool = False

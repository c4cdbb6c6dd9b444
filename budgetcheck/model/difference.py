"""What changed between two states of the same files, ready for any renderer."""

from dataclasses import dataclass, field

from budgetcheck.model.findings import Finding
from budgetcheck.model.report import Report, Verdict
from budgetcheck.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChange:
    """A route before and after; one of the two is None for a route that came or went.

    `before_ms` and `after_ms` are the smallest slack where it is known: what is granted less what is needed.
    `guessed`: the earlier verdict rests on a join that only the lack of another candidate spoke for.
    `idle`: no call is seen in the handler any more, so that there is nothing left to compare.
    `untouched`: every hop has the numbers that it had, and no line of them is new.
    `bared`: what granted the limits that were proven is in no file any more.
    """

    name: str
    environment: str = ""
    before: Verdict | None
    after: Verdict | None
    before_ms: int | None = None
    after_ms: int | None = None
    guessed: bool = False
    idle: bool = False
    untouched: bool = False
    bared: bool = False

    @property
    def lost(self) -> bool:
        """A proof that was there is gone: it fitted, and now nobody can tell.

        A guess that is no longer made, since another candidate has come, took no proof with it.
        """
        if self.before is not Verdict.FITS or self.untouched or self.idle:
            return False
        gone = self.after is Verdict.NOT_COMPARED and not (self.guessed or self.bared)
        return gone or self.after is Verdict.CANNOT_TELL

    @property
    def changed(self) -> bool:
        """Anything of it is different."""
        return self.before is not self.after or self.before_ms != self.after_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChange:
    """A limit or number of attempts that is different, by the hop's address; texts as people read them."""

    address: str
    title: str
    setting: str
    before: str
    after: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingCompared:
    """Why in neither state two numbers could be held against one another.

    `kind` is `nothing-recognised`, `no-neighbours` or `no-certain-number`; `text` is for people.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two reports compared.

    Attributes:
        before, after: names of the two states.
        report: that of the later state.
        new, fixed, unchanged: findings of the later, the earlier and both.
        routes: every route whose verdict or slack is different, worst first.
        settings: every limit and number of attempts on the routes that is different.
        left_out: what of the earlier state could not be had, and what to do about it.
        nothing_compared: why there is no verdict in either state; None where there is one.
    """

    before: str
    after: str
    report: Report
    new: tuple[Finding, ...] = ()
    fixed: tuple[Finding, ...] = ()
    unchanged: tuple[Finding, ...] = ()
    routes: tuple[RouteChange, ...] = ()
    settings: tuple[SettingChange, ...] = ()
    same_routes: int = 0
    lost: tuple[RouteChange, ...] = field(default=())
    left_out: tuple[str, ...] = ()
    nothing_compared: NothingCompared | None = None

"""Makes the edits and looks at what is said about each."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from random import Random

from budgetcheck.model.findings import Finding, Severity
from budgetcheck.model.report import Report
from budgetcheck.model.topology import Evidence

from .edits import Edit
from .grounds import Copy, Ground, copied
from .kinds import KINDS


class Result(Enum):
    """What came of an edit."""

    FOUND = "found"
    NOTE = "found, as a note"
    MISSED = "missed"
    QUIET = "quiet"
    FALSE = "false alarm"
    BY_PORT = "linked by the port"
    """The name is nobody's, and the link is taken for as sure as before because the port is the same."""
    IDLE = "without effect"
    """The setting still has its old value: the edit itself went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An edit, what came of it, and what was said that had not been said before."""

    ground: Ground
    edit: Edit
    result: Result
    said: tuple[str, ...]

    @property
    def text(self) -> str:
        """One line for a table or a failed test."""
        said = "; ".join(self.said) or "nothing new"
        edit = self.edit
        return (
            f"{self.result.value}: {edit.kind} in {self.ground.name} at {edit.place}: "
            f"{edit.old!r} -> {edit.new!r}: {said}"
        )


def outcomes(ground: Ground, seed: int, *, share: float = 1.0) -> Iterator[Outcome]:
    """The outcomes of all edits of a ground, or of a random share of them."""
    random = Random(f"{ground.name} {seed}")
    with copied(ground) as copy:
        before = copy.report()
        for edit in _edits(before, copy, random):
            if random.random() < share:
                yield _outcome(copy, before, edit)


def planned(ground: Ground, seed: int) -> list[Edit]:
    """The edits of a ground that would be made."""
    with copied(ground) as copy:
        return _edits(copy.report(), copy, Random(f"{ground.name} {seed}"))


def _edits(before: Report, copy: Copy, random: Random) -> list[Edit]:
    """Each edit once: a number in force on several routes is found several times."""
    found: dict[tuple[str, str, int, bool], Edit] = {}
    for kind in KINDS:
        for edit in kind(before, random, copy.lines):
            found.setdefault((edit.kind, edit.file, edit.line, bool(edit.rules)), edit)
    return list(found.values())


def _outcome(copy: Copy, before: Report, edit: Edit) -> Outcome:
    after = copy.report_with(edit.file, edit.text)
    fresh = _fresh(before, after)
    return Outcome(
        ground=copy.ground,
        edit=edit,
        result=_result(edit, before, after, fresh),
        said=tuple(sorted(_show(finding) for finding in fresh)),
    )


def _result(edit: Edit, before: Report, after: Report, fresh: list[Finding]) -> Result:
    if edit.kind in ("link broken", "host renamed"):
        return _of_link(edit, before, after)
    right = [finding for finding in fresh if finding.rule in edit.rules and _ends(finding) & set(edit.ends)]
    if right:
        return Result.FOUND if any(finding.severity > Severity.NOTE for finding in right) else Result.NOTE
    if edit.milliseconds and not _in_force(edit, after):
        return Result.IDLE
    if edit.rules:
        return Result.MISSED
    loud = [f for f in fresh if f.severity > Severity.NOTE and not f.rule.startswith(edit.may or ("-",))]
    return Result.FALSE if loud else Result.QUIET


def _fresh(before: Report, after: Report) -> list[Finding]:
    known = {_key(finding) for finding in before.findings}
    return [finding for finding in after.findings if _key(finding) not in known]


def _key(finding: Finding) -> tuple[str, Severity, frozenset[str], frozenset[str]]:
    return (finding.rule, finding.severity, frozenset(_ends(finding)), frozenset(finding.environments))


def _ends(finding: Finding) -> set[str]:
    return {end.address for end in (finding.outer, finding.inner) if end is not None}


def _in_force(edit: Edit, after: Report) -> bool:
    return any(
        limit.setting == edit.setting and limit.bound.value == edit.milliseconds
        for route in after.routes
        for one in route.hops
        for limit in one.hop.limits
    )


def _of_link(edit: Edit, before: Report, after: Report) -> Result:
    """Found where fewer joints are proven, more ends are open, or the link is no longer sure."""
    if after.joints.proven < before.joints.proven or after.joints.open > before.joints.open:
        return Result.FOUND
    pair = tuple(edit.ends)
    links = [link for one in after.routes for link in one.route.links if (link.outer, link.inner) == pair]
    if not links or max(link.evidence for link in links) < Evidence.ADDRESS:
        return Result.FOUND
    by_port = edit.kind == "host renamed" and all(link.why.startswith("port ") for link in links)
    return Result.BY_PORT if by_port else Result.MISSED


def _show(finding: Finding) -> str:
    outer, inner = (end.component if end else "-" for end in (finding.outer, finding.inner))
    return f"{finding.rule} {finding.severity.name.lower()} {outer} over {inner}"

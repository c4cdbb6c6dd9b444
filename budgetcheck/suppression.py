"""Which findings are reported: suppressions, expired and locked ones, and suppressions that match nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

from budgetcheck.model.findings import Finding
from budgetcheck.model.options import Ignore
from budgetcheck.rules.stale_suppression import expired, locked, unused
from budgetcheck.wildcards import fits

UNSUPPRESSIBLE = frozenset({"BC904"})
"""Rules about suppressions themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Findings to report, those about suppressions included, and suppressed ones with their suppression."""

    shown: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]


def sort_out(
    findings: Iterable[Finding], ignores: Sequence[Ignore], lock: Sequence[str], today: date | None
) -> Sorted:
    """Applies the suppressions. `lock` holds codes that nothing may suppress; no `today` expires nothing."""
    live = [ignore for ignore in ignores if not _over(ignore, today) and not _is_locked(ignore, lock)]
    shown: list[Finding] = []
    suppressed: list[Finding] = []
    used: set[int] = set()
    for finding in findings:
        matching = [number for number, ignore in enumerate(live) if _matches(finding, ignore)]
        if not matching or finding.rule in UNSUPPRESSIBLE:
            shown.append(finding)
            continue
        used.update(matching)
        suppressed.append(replace(finding, suppressed_by=_source(live[matching[0]])))
    shown += _stale(ignores, lock, today)
    shown += [unused(ignore) for number, ignore in enumerate(live) if number not in used]
    return Sorted(shown=tuple(shown), suppressed=tuple(suppressed))


def _stale(ignores: Sequence[Ignore], lock: Sequence[str], today: date | None) -> Iterator[Finding]:
    for ignore in ignores:
        if _is_locked(ignore, lock):
            yield locked(ignore)
        elif _over(ignore, today):
            yield expired(ignore)


def _source(ignore: Ignore) -> str:
    return f"{ignore.span.place}: {ignore.reason}" if ignore.reason else ignore.span.place


def _over(ignore: Ignore, today: date | None) -> bool:
    return bool(ignore.until) and today is not None and date.fromisoformat(ignore.until) < today


def _is_locked(ignore: Ignore, lock: Sequence[str]) -> bool:
    return ignore.rule in lock


def _matches(finding: Finding, ignore: Ignore) -> bool:
    if ignore.rule not in (finding.rule, finding.name):
        return False
    spans = [finding.span, *(end.span for end in (finding.outer, finding.inner) if end)]
    if ignore.at is not None:
        return ignore.at in {(span.file, span.line) for span in spans}
    in_paths = not ignore.paths or any(
        fnmatchcase(span.file, pattern) for span in spans for pattern in ignore.paths
    )
    in_routes = not ignore.routes or any(fits(r, p) for r in finding.routes for p in ignore.routes)
    return in_paths and in_routes

"""Where a chain ends because the neighbour is not in these files, and what would have to fit there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from budgetcheck import budget
from budgetcheck.assess import Assessment
from budgetcheck.model.bound import Bound, maximum
from budgetcheck.model.report import Joints, OpenEnd, Verdict
from budgetcheck.model.topology import Hop, Layer, method_classes


def open_ends(
    assessments: Sequence[Assessment], ambiguous: Mapping[str, tuple[str, ...]]
) -> tuple[OpenEnd, ...]:
    """Every open end once, sorted by address and side.

    Where a hop has several candidates and all of them would give the same verdict, the end says so.
    """
    needs = _needs_of_entries(assessments)
    outers: dict[str, list[str]] = {}
    for outer, inners in sorted(ambiguous.items()):
        for inner in inners:
            outers.setdefault(inner, []).append(outer)
    found: dict[tuple[str, str], OpenEnd] = {}
    for assessment in assessments:
        for end in _ends(assessment, ambiguous, outers, needs):
            found.setdefault((end.hop.address, end.side), end)
    return tuple(found[key] for key in sorted(found))


def count_joints(assessments: Iterable[Assessment], ends: Sequence[OpenEnd]) -> Joints:
    """Each joint once, by the worst verdict of the routes that pass it."""
    worst: dict[tuple[str, str], Verdict] = {}
    rank = (Verdict.FITS, Verdict.CANNOT_TELL, Verdict.EXCEEDS)
    for assessment in assessments:
        for joint in assessment.joints:
            key = (joint.outer.address, joint.inner.address)
            worst[key] = max(worst.get(key, Verdict.FITS), joint.overall, key=rank.index)
    verdicts = list(worst.values())
    return Joints(
        proven=verdicts.count(Verdict.FITS),
        broken=verdicts.count(Verdict.EXCEEDS),
        cannot_tell=verdicts.count(Verdict.CANNOT_TELL),
        open=len(ends),
    )


def _ends(
    assessment: Assessment,
    ambiguous: Mapping[str, tuple[str, ...]],
    ambiguous_outers: Mapping[str, Sequence[str]],
    needs: Mapping[str, Bound],
) -> Iterator[OpenEnd]:
    chain = assessment.route.chain
    first, last = chain[0], chain[-1]
    if not first.front.entry and not last.works_from_queue and not _asks_nothing(first, needs):
        outers = tuple(ambiguous_outers.get(first.address, ()))
        yield OpenEnd(hop=first, side="outer", grants=None, needs=needs[first.address], candidates=outers)
    if _misses_something_behind(last):
        candidates = ambiguous.get(last.address, ())
        grants = budget.patience(last)
        yield OpenEnd(
            hop=last,
            side="inner",
            grants=None if grants.unlimited else grants,
            needs=None,
            candidates=candidates,
            agreed=_agreed(grants, [needs[a] for a in candidates if a in needs]),
        )


def _asks_nothing(first: Hop, needs: Mapping[str, Bound]) -> bool:
    """A handler in code that stands alone and is not seen to wait: whatever is in front of it will do."""
    return _in_code(first) and (first.work is None or needs[first.address].high == 0)


def _in_code(hop: Hop) -> bool:
    return hop.layer is Layer.HANDLER and bool(hop.trait("framework"))


def _misses_something_behind(hop: Hop) -> bool:
    if hop.layer is Layer.HANDLER:
        return hop.work is None and not _in_code(hop)
    # All targets outside by nature: the hop's own limit is the end of the chain.
    return not (hop.targets and all(target.external for target in hop.targets))


def _needs_of_entries(assessments: Iterable[Assessment]) -> dict[str, Bound]:
    """What each outermost hop may need, the largest over its routes and method classes."""
    needs: dict[str, Bound] = {}
    for assessment in assessments:
        first = assessment.route.chain[0]
        for methods in method_classes(assessment.route.methods):
            need = assessment.costs[methods][first.address].worst.hang
            needs[first.address] = maximum(needs[first.address], need) if first.address in needs else need
    return needs


def _agreed(grants: Bound, needs: Sequence[Bound]) -> Verdict | None:
    verdicts = {budget.compare(grants, need) for need in needs}
    return verdicts.pop() if len(verdicts) == 1 and not grants.unlimited else None

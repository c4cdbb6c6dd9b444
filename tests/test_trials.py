"""Changes are tried on the routes they concern, and on no more than a run can afford."""

from dataclasses import replace

from budgetcheck.assess import Assessment, assess
from budgetcheck.model.bound import exactly
from budgetcheck.model.limits import Limit
from budgetcheck.model.options import Options
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Hop, Layer
from budgetcheck.trials import Trials
from tests.build import call, handler, hop, limit, retries, route


def proxy(seconds: int) -> Hop:
    return hop("proxy:front", Layer.PROXY, limit(seconds))


def client(number: int, attempts: int) -> Hop:
    return call(f"client:{number}", 20, retry=retries(attempts, written=True))


def trials(count: int) -> Trials:
    """Routes behind one proxy that waits 30 s; each makes a call of 20 s up to three times."""
    assessments = []
    for number in range(count):
        made = client(number, 3)
        assessments.append(assess(route(proxy(30), handler(f"app:{number}", made), made, name=f"r{number}")))
    return Trials(assessments=assessments, options=Options())


def inner_ends(found: dict[tuple[str, ...], object]) -> set[str]:
    return {pair[3] for pair in found if pair[0] in ("BC101", "BC102")}


def test_a_changed_call_concerns_its_own_route() -> None:
    tried = trials(3)
    outcome = tried.outcome({"client:1": client(1, 1)}, ())
    assert outcome is not None
    assert inner_ends(dict(outcome.before)) == {"client:1"}
    assert inner_ends(dict(outcome.after)) == set()


def test_a_changed_proxy_concerns_every_route_behind_it() -> None:
    outcome = trials(3).outcome({"proxy:front": proxy(70)}, ())
    assert outcome is not None
    assert inner_ends(dict(outcome.before)) == {"client:0", "client:1", "client:2"}
    assert inner_ends(dict(outcome.after)) == set()


def test_watched_hops_are_looked_at_without_a_change_of_theirs() -> None:
    outcome = trials(3).outcome({"client:1": client(1, 1)}, ["client:2"])
    assert outcome is not None
    assert inner_ends(dict(outcome.before)) == {"client:1", "client:2"}
    assert inner_ends(dict(outcome.after)) == {"client:2"}


def test_beyond_the_bound_nothing_is_tried() -> None:
    tried = trials(3)
    tried.left = 4
    assert tried.outcome({"proxy:front": proxy(70)}, ()) is not None
    assert tried.outcome({"proxy:front": proxy(70)}, ()) is None
    assert tried.outcome({"client:1": client(1, 1)}, ()) is not None
    assert tried.outcome({"client:1": client(1, 1)}, ()) is None


def test_a_fault_is_found_by_both_of_its_ends() -> None:
    tried = trials(2)
    outcome = tried.outcome({}, ["client:1"])
    assert outcome is not None
    [finding] = [found for found in outcome.before.values() if found.rule == "BC102"]
    located = tried.locate(finding)
    assert located is not None
    assert (located[0].outer.address, located[1].hop.address) == ("proxy:front", "client:1")
    assert tried.locate(replace(finding, outer=None)) is None


def at(line: int, milliseconds: int, setting: str = "read") -> Limit:
    """A limit that is written in that line of a file."""
    span = Span(file="settings.yaml", line=line, column=3)
    return replace(limit(milliseconds // 1_000), setting=setting, spans=(span,), literal=f"{milliseconds}ms")


def behind(seconds: int, read: Limit, number: int) -> Assessment:
    made = call(f"client:{number}", 20, retry=retries(1, written=True))
    made = replace(made, limits=(read,))
    front = hop(f"proxy:{number}", Layer.PROXY, limit(seconds))
    return assess(route(front, handler(f"app:{number}", made), made, name=f"r{number}"))


def test_what_reads_the_same_literal_is_changed_with_it() -> None:
    """Two clients share a number: a larger one fits behind the first proxy and not behind the second."""
    shared = at(1, 20_000)
    tried = Trials(assessments=[behind(90, shared, 1), behind(30, shared, 2)], options=Options())
    changed = replace(tried.hop("client:1"), limits=(replace(shared, bound=exactly(60_000)),))
    outcome = tried.outcome({"client:1": changed}, ())
    assert outcome is not None
    assert inner_ends(dict(outcome.before)) == set()
    assert inner_ends(dict(outcome.after)) == {"client:2"}


def test_a_literal_of_another_line_is_left_as_it_is() -> None:
    tried = Trials(
        assessments=[behind(90, at(1, 20_000), 1), behind(30, at(2, 20_000), 2)], options=Options()
    )
    changed = replace(tried.hop("client:1"), limits=(replace(at(1, 20_000), bound=exactly(60_000)),))
    outcome = tried.outcome({"client:1": changed}, ())
    assert outcome is not None
    assert inner_ends(dict(outcome.after)) == set()


def test_a_remedy_breaks_nothing_in_another_environment() -> None:
    """Staging has a shorter limit in front: what fits in production with the same number breaks there."""
    production = Trials(assessments=[behind(90, at(1, 20_000), 1)], options=Options())
    staging = Trials(assessments=[behind(30, at(1, 20_000), 1)], options=Options())
    own = Trials(assessments=[behind(30, at(7, 20_000), 1)], options=Options())
    longer = replace(at(1, 20_000), bound=exactly(60_000))
    changes = {"client:1": replace(production.hop("client:1"), limits=(longer,))}
    assert staging.here(changes, production).keys() == {"client:1"}
    assert own.here(changes, production) == {}, "staging has a number of its own"
    outcome = staging.outcome(staging.here(changes, production), ())
    assert outcome is not None
    assert inner_ends(dict(outcome.after)) == {"client:1"}

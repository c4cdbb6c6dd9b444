"""Which of several path rules takes a path: the indexed look-up gives what trying all of them gives."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.model.topology import PathRule
from budgetcheck.paths import Rules, takes

PATHS = st.text(alphabet="ab/", max_size=5).map(lambda text: f"/{text}")


@st.composite
def path_rules(draw: st.DrawFn) -> PathRule:
    path = draw(PATHS)
    match draw(st.sampled_from(["exact", "prefix", "final", "regex", "parameter"])):
        case "exact":
            return PathRule(pattern=f"= {path}", prefix=path, exact=True)
        case "final":
            return PathRule(pattern=f"^~ {path}", prefix=path)
        case "regex":
            return PathRule(pattern=f"~ ^{path}[ab]", prefix=path, opaque=True)
        case "parameter":
            return PathRule(pattern=f"{path}{{id}}", prefix=path, opaque=True)
    return PathRule(pattern=path, prefix=path)


def tried(rules: Sequence[PathRule], path: str) -> PathRule | None:
    """Exact, then the longest prefix if it is final, then patterns in order, then the longest prefix."""
    matching = [rule for rule in rules if takes(rule, path)]
    exact = [rule for rule in matching if rule.exact]
    if exact:
        return exact[0]
    prefixes = [rule for rule in matching if not rule.opaque]
    longest = max(prefixes, key=lambda rule: len(rule.prefix), default=None)
    if longest is not None and longest.pattern.startswith("^~"):
        return longest
    return next((rule for rule in matching if rule.opaque), longest)


@given(st.lists(path_rules(), max_size=12), PATHS)
def test_the_index_chooses_as_trying_all_does(rules: list[PathRule], path: str) -> None:
    assert Rules(rules).chosen(path) == tried(rules, path)

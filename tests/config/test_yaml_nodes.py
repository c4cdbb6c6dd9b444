"""YAML with positions: what PyYAML understands, within bounds, one document at a time."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetcheck.yaml_nodes import MapNode, follow, parse_yaml, plain, show_key, show_loc

DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(DATA)
@settings(max_examples=200, deadline=None)
def test_what_was_dumped_is_understood(data: object) -> None:
    text = yaml.safe_dump(data, allow_unicode=True)
    stream = parse_yaml(text)
    assert stream.faults == ()
    (document,) = stream.documents
    assert (None if document is None else plain(document)) == yaml.load(text, yaml.CSafeLoader)


@given(st.text(max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    stream = parse_yaml(text)
    for document in stream.documents:
        assert document is None or document.line >= 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("yes", True, id="yaml-1.1-boolean"),
        pytest.param('"yes"', "yes", id="quoted"),
        pytest.param("~", None, id="null"),
        pytest.param("010", "010", id="octal-stays-text"),
        pytest.param("1:30", "1:30", id="sexagesimal-stays-text"),
        pytest.param("2027-03-01", "2027-03-01", id="date-stays-text"),
        pytest.param("1.5", 1.5, id="float"),
        pytest.param("9" * 400, "9" * 400, id="endless-number-stays-text"),
        pytest.param("!!python/object/apply:os.system [x]", ["x"], id="tags-construct-nothing"),
        pytest.param("!Ref x", "x", id="foreign-tag"),
    ],
)
def test_scalars(text: str, expected: object) -> None:
    (document,) = parse_yaml(f"a: {text}").documents
    assert isinstance(document, MapNode)
    assert plain(document) == {"a": expected}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 200_000, id="flow-nesting"),
        pytest.param("- " * 50_000, id="block-nesting"),
        pytest.param("a: b\n" * 100_000, id="a-hundred-thousand-keys"),
        pytest.param("a: [1\n---\n" * 5_000, id="thousands-of-broken-documents"),
        pytest.param("a: 1\n---\n" * 5_000, id="thousands-of-documents"),
    ],
)
def test_hostile_sizes_end_in_a_fault(text: str) -> None:
    assert parse_yaml(text).faults


def test_positions_go_on_behind_a_broken_document() -> None:
    stream = parse_yaml("a: 1\n---\nb: [\n---\nc:\n  d: 2\n")
    assert [fault.line for fault in stream.faults] == [4]
    last = stream.documents[-1]
    assert isinstance(last, MapNode)
    found, key, node = follow(last, ("c", "<alternative>", "d", "nothing"))
    assert found == ("c", "d")
    assert key is not None
    assert (key.line, key.column, node.line, node.column) == (6, 3, 6, 6)


def test_keys_are_shown_on_one_short_line() -> None:
    assert show_loc(("routes", 0, "a\nb\x1b[31m", 1)) == "routes[0].a?b?[31m[1]"
    assert len(show_key("k" * 1000)) == 63

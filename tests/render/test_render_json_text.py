"""The writer of JSON documents makes what the standard library makes, character by character."""

import json

from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.render.json_text import Shared, indented

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(VALUES)
def test_it_is_the_text_of_the_standard_library(value: object) -> None:
    assert indented(value) == json.dumps(value, indent=2, ensure_ascii=False)


@given(st.dictionaries(st.text(), VALUES))
def test_an_object_that_stands_in_several_places_is_written_in_each(value: dict[str, object]) -> None:
    shared = Shared(value)
    assert indented([shared, {"deeper": [shared]}, shared]) == json.dumps(
        [value, {"deeper": [value]}, value], indent=2, ensure_ascii=False
    )

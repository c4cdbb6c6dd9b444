"""Odd and hostile input: nothing crashes, nothing hangs, and lock files hold whatever somebody put there."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetcheck.readers.python.lock_files import PARSERS, BrokenLockError
from budgetcheck.readers.settings_files import read_keys
from budgetcheck.readers.settings_grammar import suggest

from .graph_code import read

ODD = [
    pytest.param("graph = StateGraph(S).compile()", id="no nodes"),
    pytest.param("graph = StateGraph(S).add_node().add_edge().compile()", id="no arguments"),
    pytest.param("graph = StateGraph(*x, **y).add_node(*z).add_conditional_edges(**y).compile()", id="stars"),
    pytest.param("b = StateGraph(S)\nb = b\ngraph = b.compile()", id="a variable that is itself"),
    pytest.param("a = b\nb = a\ngraph = a.compile()", id="variables that are each other"),
    pytest.param("graph = graph.compile()", id="a graph of itself"),
    pytest.param(
        "b = StateGraph(S)\ngraph = b.compile()\nb.add_node('me', graph)\nb.add_edge(START, 'me')",
        id="a graph that is its own node",
    ),
    pytest.param("def make():\n    return make()\ngraph = make().compile()", id="a function without an end"),
    pytest.param(
        "graph = StateGraph(S).add_node('n', 5).add_edge(START, 'n').add_edge('n', 'n').compile()",
        id="a node that is a number",
    ),
    pytest.param(
        "b = StateGraph(S)\n"
        + "".join(f"b.add_node('n{i}', lambda s: s)\n" for i in range(60))
        + "".join(f"b.add_conditional_edges('n{i}', lambda s: s['x'])\n" for i in range(60))
        + "b.add_edge(START, 'n0')\ngraph = b.compile()",
        id="sixty nodes that may go anywhere",
    ),
    pytest.param(
        "b = StateGraph(S)\n"
        + "".join(f"b.add_node('n{i}', node)\n" for i in range(30))
        + "".join(f"b.add_edge(START, 'n{i}')\nb.add_edge('n{i}', 'n{(i * 7) % 30}')\n" for i in range(30))
        + "def node(s):\n    requests.get('https://a.example.com')\ngraph = b.compile()",
        id="thirty cycles at once",
    ),
    pytest.param("graph = create_react_agent()", id="an agent without a model"),
    pytest.param("graph = create_react_agent(*args)", id="an agent of nobody knows what"),
]


@pytest.mark.parametrize("code", ODD)
def test_odd_graphs_are_read(tmp_path: Path, code: str) -> None:
    found = read(tmp_path, f"{code}\nasync def handler():\n    await graph.ainvoke({{}})\n")
    assert "@" not in found.shown


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from(sorted(PARSERS)))
def test_lock_files_hold_anything(text: str, name: str) -> None:
    try:
        found = PARSERS[name](text, name)
    except BrokenLockError:
        return
    assert all(pin.span.file == name for pins in found.pins.values() for pin in pins)


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=300), st.sampled_from(["a.yaml", "a.toml", "a.json", "a.ini", "a.properties", ".env"])
)
def test_settings_files_hold_anything(text: str, name: str) -> None:
    for key in read_keys(text, name).keys:
        suggest(key)

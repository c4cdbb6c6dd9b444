"""Which of several assignments is in force where a name is used."""

from pathlib import Path

import pytest

from budgetcheck.readers.python import names

from .evaluated import project, shown, value


def inside(body: str) -> str:
    """A function with a parameter nobody knows, and what it returns."""
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return f"def f(unknown):\n{lines}x = f(elsewhere())\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("t = 5\nt = 6\nreturn t", 6, id="straight on"),
        pytest.param("t = 5\nr = t\nt = 6\nreturn r", 5, id="what comes later does not count"),
        pytest.param("if unknown:\n    t = 5\nelse:\n    t = 6\nreturn t", (5, 6), id="either branch"),
        pytest.param("t = 5\nif unknown:\n    t = 6\nreturn t", (6, 5), id="one branch"),
        pytest.param(
            "t = 1\nif unknown:\n    t = 5\nelse:\n    t = 6\nreturn t", (5, 6), id="both branches replace it"
        ),
        pytest.param(
            "t = 5\nif unknown:\n    t = 6\n    return t\nreturn t",
            (6, 5),
            id="a branch that returns, both ways",
        ),
        pytest.param(
            "t = 5\nif unknown:\n    t = 6\n    raise E\nreturn t", 5, id="a branch that raises is no way on"
        ),
        pytest.param("for i in unknown:\n    t = 6\n    r = t\n    t = 7\nreturn r", 6, id="inside a loop"),
        pytest.param(
            "t = 5\nfor i in unknown:\n    r = t\n    t = 6\nreturn r",
            (5, 6),
            id="an earlier round of the loop",
        ),
        pytest.param(
            "t = 5\nwhile True:\n    t = 6\n    if unknown: break\n    t = 7\nreturn t",
            (5, 7, 6),
            id="a break",
        ),
        pytest.param("try:\n    t = 5\nexcept E:\n    t = 6\nreturn t", (5, 6), id="a handler"),
        pytest.param(
            "try:\n    t = 5\nexcept E:\n    raise\nreturn t", 5, id="a handler that raises is no way on"
        ),
        pytest.param("try:\n    t = 5\nfinally:\n    t = 6\nreturn t", 6, id="finally comes after all"),
        pytest.param("with a:\n    t = 5\nreturn t", 5, id="with always runs"),
        pytest.param(
            "match unknown:\n    case 1:\n        t = 5\n    case _:\n        t = 6\nreturn t",
            (5, 6),
            id="cases",
        ),
        pytest.param("if (t := 5) and unknown:\n    return t\nreturn t", 5, id="walrus"),
        pytest.param("t = None\nif t is None:\n    t = 6\nreturn t", 6, id="a condition that is known"),
        pytest.param("t = 5\nif t is None:\n    t = 6\nreturn t", 5, id="a condition that is known to fail"),
        pytest.param("t = 5\nif not t:\n    t = 6\nreturn t", 5, id="not"),
        pytest.param("a, (b, c) = 1, (2, 3)\nreturn c", 3, id="unpacking"),
        pytest.param("t = [x for x in (4,)][0]\nx = 9\nreturn x", 9, id="a comprehension has its own names"),
        pytest.param("g = lambda t=7: t\nreturn g()", 7, id="lambda"),
        pytest.param(
            "def g():\n    return t\nt = 8\nreturn g()", 8, id="a nested function sees what comes later"
        ),
        pytest.param(
            "t = 1\ndef g():\n    nonlocal t\n    t = 8\n    return t\nreturn g()",
            "? t is set by",
            id="nonlocal",
        ),
    ],
)
def test_in_a_function(tmp_path: Path, body: str, expected: object) -> None:
    found = shown(value(tmp_path, inside(body)))
    if isinstance(expected, str):
        assert str(found).startswith(expected[0])
    elif isinstance(expected, tuple):
        assert isinstance(found, tuple)
        assert set(found) == set(expected)
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("def f(t=None):\n    t = t or 30\n    return t\nx = f()", 30, id="or"),
        pytest.param("def f(t=None):\n    t = t or 30\n    return t\nx = f(5)", 5, id="or, given"),
        pytest.param(
            "def f(t=None):\n    if t is None:\n        t = 30\n    return t\nx = f()", 30, id="is None"
        ),
        pytest.param(
            "def f(t=None):\n    if t is None:\n        t = 30\n    return t\nx = f(7)",
            7,
            id="is None, given",
        ),
        pytest.param("def f(t=None):\n    return 30 if t is None else t\nx = f()", 30, id="conditional"),
        pytest.param("def f(*, t=5):\n    return t\nx = f()", 5, id="keyword only"),
        pytest.param("def f(a, /, t=5):\n    return t\nx = f(1, 6)", 6, id="positional only"),
        pytest.param("def f(**o):\n    return o['t']\nx = f(t=6)", 6, id="further options"),
        pytest.param(
            "def f(**o):\n    return g(**o)\ndef g(t=1):\n    return t\nx = f(t=6)", 6, id="passed on"
        ),
        pytest.param("O = {'t': 6}\ndef g(t=1):\n    return t\nx = g(**O)", 6, id="unpacked"),
        pytest.param(
            "def g(t=1):\n    return t\nx = g(**elsewhere)",
            "? what the caller gives is not known",
            id="hidden by **",
        ),
        pytest.param(
            "def g(s, t=1):\n    return t\nx = g(*elsewhere)",
            "? what the caller gives is not known",
            id="hidden by *",
        ),
        pytest.param(
            "def g(t=1):\n    return t\nx = g(elsewhere)",
            "? what the caller gives is not known",
            id="unknown",
        ),
    ],
)
def test_parameters(tmp_path: Path, text: str, expected: object) -> None:
    assert shown(value(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "import os\nif os.getenv('FAST'):\n    x = 5\nelse:\n    x = 60", (5, 60), id="environment"
        ),
        pytest.param("FAST = False\nx = 5 if FAST else 60", 60, id="a switch in the code"),
        pytest.param(
            "try:\n    from lib import Client\nexcept ImportError:\n    Client = None\nx = Client(timeout=3)",
            {"timeout": 3},
            id="optional package",
        ),
        pytest.param(
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lib import Client\ndef f(c: 'Client'):\n    return c\nx = f(elsewhere)",
            {},
            id="only for types",
        ),
        pytest.param("x = 3\ndef f():\n    global x\n    x = 4", (3, 4), id="global"),
        pytest.param(
            "x = 3\ndef f():\n    global x\n    x += 1",
            "? x changes while the program runs",
            id="global that counts",
        ),
        pytest.param("x = 3\ndel x", 3, id="deleted"),
        pytest.param("for x in (1, 2):\n    pass", (1, 2), id="items of a loop"),
        pytest.param("y = 5\nx = y\ny = 6", 5, id="in between"),
    ],
)
def test_at_the_top_of_a_module(tmp_path: Path, text: str, expected: object) -> None:
    found = shown(value(tmp_path, text))
    assert (
        set(found) == set(expected)
        if isinstance(expected, tuple) and isinstance(found, tuple)
        else found == expected
    )


def test_switch_that_the_environment_sets_decides_nothing(tmp_path: Path) -> None:
    """Another deployment may set it otherwise: both clients are possible, though one is the default."""
    text = (
        "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    fast: bool = False\n"
        "s = S()\nx = 5 if s.fast else 60\n"
    )
    assert shown(value(tmp_path, text)) == (5, 60)


@pytest.mark.parametrize(
    "text", ["1e999", "float('inf')", "float('nan')", "10**17 * 10**17", "9" * 400, "1e300 * 1e300"]
)
def test_numbers_without_measure_are_not_known(text: str, tmp_path: Path) -> None:
    """`float("inf")` is no limit to some libraries and an error to others."""
    assert str(shown(value(tmp_path, f"x = {text}"))).startswith("?")


def test_loops_in_loops_take_no_more_than_their_statements(tmp_path: Path) -> None:
    """Going through every loop twice would take 2^25 steps here."""
    lines = [f"{'    ' * (n + 1)}for i{n} in unknown:\n" for n in range(20)]
    text = (
        f"def f(unknown):\n    t = 5\n{''.join(lines)}{'    ' * 21}t = 6\n    return t\nx = f(elsewhere())\n"
    )
    assert shown(value(tmp_path, text)) == (5, 6)


def test_code_beyond_all_measure_is_left_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budgetcheck.readers.python.evaluation._MOST_STEPS_OF_RUN", 50)
    looking = project(tmp_path, {"main.py": "\n".join(f"x{n} = {n} + 1" for n in range(60))})
    module = looking.project.module("main.py")
    assert module is not None
    for n in range(60):
        names.of_module(looking, f"x{n}", module)
    assert ["not all of it was followed" in one.text for one in looking.project.problems] == [True]

"""The outline of a module, its functions parsed when they are read, is the tree of the whole text."""

import ast
from pathlib import Path

import pytest

from budgetcheck.readers.python.deferred import Lines, defer, may_hold, may_set, outline

SOURCES = sorted(Path(__file__).parents[3].joinpath("budgetcheck").rglob("*.py"))

TEXTS = {
    "a-function": "def one(a, b=2):\n    x = a\n    return x\n\n\nz = 1\n",
    "methods-and-what-stands-between": (
        "class A:\n    x = 1\n\n    @cached\n    def f(self, *, n: int = 3) -> str:\n        a = n\n"
        "        return str(a)\n\n    y = 2\n\n    async def g(self):\n        await h()\n        return 1\n"
    ),
    "a-statement-on-the-line-of-the-name": "def f(): return 1\ndef g():\n    a = 1\n    return a\n",
    "parameters-of-several-lines": "def f(\n    a,\n    b=(1, 2),\n) -> dict[str, int]:\n    a = 1\n    return a\n",
    "what-looks-like-a-function-in-a-string": 'A = """\ndef f(a):\n    b = 1\n    return b\n"""\nB = 2\n',
    "a-string-of-the-body-that-begins-further-left": (
        'def f():\n    sql = """\nSELECT 1\ndef g():\n    return\n"""\n    return sql\n\nA = 1\n'
    ),
    "brackets-that-end-further-left": "def f():\n    run(\n1,\n)\n    return 2\n\nA = 1\n",
    "a-bracket-in-a-string": 'def f():\n    a = "("\n    b = 1\n    return a\n\nA = [")"]\n',
    "a-quote-in-a-comment": "def f():\n    a = 1  # don't\n    b = 'x'  # it's \"\n    return a\n\nA = 1\n",
    "a-comment-further-left": "def f():\n    a = 1\n# aside\n    b = 2\n    return b\n\n# after\nA = 1\n",
    "a-line-that-goes-on": "def f():\n    a = 1 + \\\n2\n    return a\n\nA = 1\n",
    "a-header-that-goes-on": "def f(a) \\\n    -> int:\n    b = 1\n    return b\n",
    "a-comment-behind-the-header": "def f(a):  # why: (\n    b = 1\n    return b\n",
    "a-lambda-and-a-slice-in-the-header": "def f(a=lambda x: x[1:], *b: int):\n    c = 1\n    return c\n",
    "one-in-the-other": (
        "def f():\n    def g():\n        a = 1\n        return a\n\n    class B:\n        def h(self):\n"
        "            b = 1\n            return b\n    return g\n"
    ),
    "in-branches": (
        "if A:\n    def f():\n        a = 1\n        return a\nelse:\n    try:\n        def f():\n            a = 2\n"
        "            return a\n    except E:\n        pass\n"
    ),
    "tabs": "class A:\n\tdef f(self):\n\t\ta = 1\n\t\treturn a\n\tb = 1\n",
    "letters-beyond-ascii": 'def f():\n    a = "é"\n    return "ü"\n\nA = "ö"\n',
    "a-string-with-escaped-quotes": "def f():\n    a = \"\\\"(\"\n    b = '\\'['\n    return a\n\nA = 1\n",
    "no-end-of-the-last-line": "def f():\n    a = 1\n    return a",
    "a-docstring-alone": 'class A:\n    def f(self):\n        """Not here.\n\n        Yet.\n        """\n\n    a = 1\n',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_outline_with_its_functions_is_the_whole(text: str) -> None:
    assert _shown(_deferred(text)) == _shown(ast.parse(text))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_real_files(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert _shown(_deferred(text)) == _shown(ast.parse(text))


def test_statements_are_left_out_until_something_asks() -> None:
    lines = Lines.of(TEXTS["methods-and-what-stands-between"])
    short, cuts = outline(lines)
    assert "return" not in short
    assert "x = 1" in short
    assert "@cached" in short
    assert cuts == {5: 7, 11: 13}


def test_words_are_looked_for_in_the_text() -> None:
    """No function is parsed to find out that it does not matter."""
    asked: list[int] = []

    def parse(text: str, line: int) -> ast.Module:
        asked.append(line)
        return ast.parse(text)

    text = "class A:\n    def f(self, c):\n        self.client = c\n        return self.other\n"
    lines = Lines.of(text)
    short, cuts = outline(lines)
    tree = ast.parse(short)
    defer(tree, lines, parse, cuts)
    (holder,) = tree.body
    assert isinstance(holder, ast.ClassDef)
    (function,) = holder.body
    assert may_hold(function, (".client",))
    assert not may_hold(function, (".session",))
    assert may_set(function, "client")
    assert not may_set(function, "other")
    assert asked == []
    assert isinstance(function, ast.FunctionDef)
    assert len(function.body) == 2
    assert [one.arg for one in function.args.args] == ["self", "c"]
    assert asked == [2]


def _deferred(text: str) -> ast.Module:
    lines = Lines.of(text)
    short, cuts = outline(lines)
    tree = ast.parse(short)
    defer(tree, lines, lambda part, _: ast.parse(part), cuts)
    return tree


def _shown(tree: ast.Module) -> str:
    """The tree with all places, but for the ends of what holds statements: nothing asks for them."""
    for node in ast.walk(tree):
        if isinstance(getattr(node, "body", None), list):
            node.__dict__["end_lineno"] = node.__dict__["end_col_offset"] = 0
    # A deferred function has `returns`, None or not; others of which it is None have none of their own.
    return ast.dump(tree, include_attributes=True).replace(", returns=None", "")

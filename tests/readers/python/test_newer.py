"""Files that are written for a newer Python than the one that runs are read all the same."""

import ast
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.readers.python.newer import in_older_words
from budgetcheck.readers.python.newer_fstrings import fstrings_in_older_words

# Each with what an older Python makes of it, places included where they are the same.
SAME_PLACES = {
    "parameters-of-a-function": (
        "def first[T](items: list[T]) -> T:\n    return items[0]\n",
        "def first   (items: list[T]) -> T:\n    return items[0]\n",
    ),
    "of-a-coroutine-with-bounds": (
        "async def run[T: (int, str), *A](x: T): pass\n",
        "async def run                   (x: T): pass\n",
    ),
    "of-a-class": ("class Box[T]:\n    value: T\n", "class Box   :\n    value: T\n"),
    "of-a-class-with-bases": (
        "class Box[T, U: dict[str, int]](Base[T]): pass\n",
        "class Box                      (Base[T]): pass\n",
    ),
}
REWRITTEN = {
    "a-type-alias": ("type Pair[T] = tuple[T, T]\n", "Pair = tuple[T, T]\n"),
    "exceptions-without-brackets": (
        "try:\n    a()\nexcept OSError, mod.Error:\n    pass\n",
        "try:\n    a()\nexcept (OSError, mod.Error):\n    pass\n",
    ),
}
UNTOUCHED = {
    "a-subscript-is-no-parameter": "handlers[T](x)\ntype(x)\ntype = 3\ntypes[a] = 1\n",
    "one-exception": "try:\n    a()\nexcept OSError as e:\n    pass\nexcept (A, B):\n    pass\n",
    "a-comparison": "type == 3\n",
}


@pytest.mark.parametrize(("text", "older"), SAME_PLACES.values(), ids=SAME_PLACES)
def test_columns_stay(text: str, older: str) -> None:
    assert in_older_words(text) == older
    ast.parse(older)


@pytest.mark.parametrize(("text", "older"), REWRITTEN.values(), ids=REWRITTEN)
def test_lines_stay(text: str, older: str) -> None:
    assert ast.dump(ast.parse(in_older_words(text))) == ast.dump(ast.parse(older))


@pytest.mark.parametrize("text", UNTOUCHED.values(), ids=UNTOUCHED)
def test_what_is_not_new_stays(text: str) -> None:
    assert in_older_words(text) == text


# What Python 3.11 takes for a string that goes on is one expression since 3.12.
FORMATTED = {
    "its-own-quotes": ('f"{d["a"]}"', "f\"{d['a']}\""),
    "in-a-conversion-and-a-format": ('f"{d["a"]!r:>{w["b"]}}"', "f\"{d['a']!r:>{w['b']}}\""),
    "a-string-in-a-string": ('f"{f"{a}/x"}"', "f\"{f'{a}/x'}\""),
    "both-quotes": ('f"{d["a"] + d[\'b\']}"', "f\"{d['a'] + d['b']}\""),
    "a-quote-in-quotes": ('f"{a["it\'s"]}"', 'f"{_        }"'),
    "quotes-that-would-be-three": ('f"{a + "\'" + b}"', 'f"{_          }"'),
    "an-escape": ('f"{"\\n".join(a)}"', 'f"{_           }"'),
    "a-line-end": ('f"a{\n  b}c"', 'f"a{_   }c\\\n"'),
    "a-line-end-and-quotes-in-three-quotes": ('f"""{"""a""" +\n"\\n"}"""', 'f"""{_\n}"""'),
    "doubled-braces": ('f"{{{d["a"]}}}"', "f\"{{{d['a']}}}\""),
    "a-brace-in-a-plain-string": ('"{" + f"{d["a"]}"', '"{" + f"{d[\'a\']}"'),
    "a-name-of-a-letter": ('f"\\N{EN DASH}{d["a"]}"', "f\"\\N{EN DASH}{d['a']}\""),
    "an-expression-in-the-line-of-another-word": ('a if"{"else f"{d["a"]}"', 'a if"{"else f"{d[\'a\']}"'),
}
AS_BEFORE = {
    "other-quotes": "f\"{d['a']}\"",
    "braces": 'f"{{a}}" + "{"',
    "no-end": 'f"{d["a"',
    "a-comment": '# f"{d["a"]}"\n\'it\'',
    "a-raw-one": 'rf"\\{a}" + r"\\"',
}


@pytest.mark.parametrize(("text", "older"), FORMATTED.values(), ids=FORMATTED)
def test_formatted_strings(text: str, older: str) -> None:
    # Where this Python reads them as they are there is nothing to rewrite.
    assert in_older_words(text) == (older if sys.version_info < (3, 12) else text)
    assert ast.parse(f"({older})")
    assert text.count("\n") == older.count("\n")


@pytest.mark.parametrize("text", AS_BEFORE.values(), ids=AS_BEFORE)
def test_formatted_strings_that_stay(text: str) -> None:
    assert in_older_words(text) == text


@given(st.text(alphabet="f\"'{}:!\\\n#ab=r(", max_size=40))
def test_any_text_keeps_its_lines(text: str) -> None:
    """Also what is no Python ends, with an answer as long as the text."""
    assert fstrings_in_older_words(text).count("\n") == text.count("\n")

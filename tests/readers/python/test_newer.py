"""Files that are written for a newer Python than the one that runs are read all the same."""

import ast

import pytest

from budgetcheck.readers.python.newer import in_older_words

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

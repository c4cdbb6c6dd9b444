"""Syntax of a newer Python than the one that runs, said in the words of the older one.

Types decide nothing here, so their parameters are blanked; columns stay as they are but behind a rewritten
`except` and `type`. What else is new is left as it is, and then noted as unreadable.
"""

import re

from budgetcheck.readers.python.newer_fstrings import fstrings_in_older_words

_TYPE_PARAMETERS = re.compile(
    r"^([ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+\w+[ \t]*)"
    r"(\[[^\[\]\n]*(?:\[[^\[\]\n]*\][^\[\]\n]*)*\])(?=[ \t]*[(:])",
    re.MULTILINE,
)
"""`def first[T](...)` and `class Box[T: (int, str)]:` of Python 3.12."""
_TYPE_STATEMENT = re.compile(r"^([ \t]*)type[ \t]+(\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t]*(?==[^=])", re.MULTILINE)
"""`type Pair[T] = tuple[T, T]` of Python 3.12."""
_EXCEPT = re.compile(r"^([ \t]*except\*?[ \t]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)[ \t]*(?=:)", re.MULTILINE)
"""`except OSError, ValueError:` of Python 3.14."""


def in_older_words(text: str) -> str:
    """The same program for an older Python, line by line; the text itself where that is all it says."""
    text = _TYPE_PARAMETERS.sub(lambda found: found[1] + " " * len(found[2]), text)
    text = _TYPE_STATEMENT.sub(r"\1\2 ", text)
    return fstrings_in_older_words(_EXCEPT.sub(r"\1(\2)", text))

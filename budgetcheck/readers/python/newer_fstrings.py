"""Formatted strings of Python 3.12 and later, said in the words of an older Python.

Since 3.12 the expressions in them may hold the string's own quotes, backslashes, comments and line ends
(https://peps.python.org/pep-0701/). Other quotes are put in their place where that is enough; else a name
that nobody knows stands for the expression. Lines stay as they are, and columns but where a line ends inside.
"""

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_OPENING = re.compile(r"#[^\n]*|(?:(?<!\w)(f|fr|rf|r|b|br|rb|u))?(\"\"\"|'''|\"|')", re.IGNORECASE)
"""A comment, or how a string begins: its prefix and its quotes."""
_NAMED = re.compile(r"\\N\{[^{}\n]*\}")
_UNKNOWN = "_"
_DEEPEST = 8
"""Strings within strings."""
_ENDS = {"(": ")", "[": "]", "{": "}"}


class _UnendedError(ValueError):
    """A string or bracket has no end, or they are nested deeper than anybody writes."""


@dataclass(frozen=True, slots=True)
class _Formatted:
    """A formatted string: where it begins and ends, its quotes, and its expressions."""

    start: int
    end: int
    raw: bool
    quotes: str
    expressions: tuple[tuple[int, int], ...]


def fstrings_in_older_words(text: str) -> str:
    """The text with every formatted string as an older Python reads it; itself where all of them are."""
    parts: list[str] = []
    kept_to = 0
    try:
        for string in _formatted(text):
            parts += [text[kept_to : string.start], _rewritten(text, string)]
            kept_to = string.end
    except _UnendedError:
        return text
    return "".join([*parts, text[kept_to:]])


def _formatted(text: str) -> Iterator[_Formatted]:
    """The formatted strings that are in no other one."""
    at = 0
    while match := _OPENING.search(text, at):
        if match[2] is None:
            at = match.end()
            continue
        string = _string(text, match, 0)
        if string.expressions:
            yield string
        at = string.end


def _string(text: str, opening: re.Match[str], depth: int) -> _Formatted:
    """The string that begins there."""
    prefix, quotes = (opening[1] or "").lower(), opening[2]
    at = opening.end()
    expressions: list[tuple[int, int]] = []
    while not text.startswith(quotes, at):
        letter = text[at : at + 1]
        if not letter or (letter == "\n" and len(quotes) == 1):
            raise _UnendedError
        if letter == "{" and "f" in prefix and text[at + 1 : at + 2] != "{":
            at = _field_end(text, at, depth, expressions)
        else:
            at = _letter_end(text, at, formatted="f" in prefix, raw="r" in prefix)
    end = at + len(quotes)
    return _Formatted(opening.start(), end, "r" in prefix, quotes, tuple(expressions))


def _letter_end(text: str, at: int, *, formatted: bool, raw: bool) -> int:
    """Behind a letter of a string, or what is one word in it: an escape, a doubled brace."""
    if text[at] == "\\":
        named = _NAMED.match(text, at) if formatted and not raw else None
        if named is not None:
            return named.end()
        return at + 1 if formatted and text[at + 1 : at + 2] == "{" else at + 2
    return at + 2 if formatted and text[at] == "{" else at + 1


def _expression_end(text: str, at: int, depth: int) -> int:
    """Where the expression of a replacement field ends: at a conversion, a format, `=` or its brace."""
    if depth > _DEEPEST:
        raise _UnendedError
    open_brackets: list[str] = []
    while at < len(text):
        letter = text[at]
        opening = _OPENING.match(text, at) if letter in "#\"'" or letter.isalpha() else None
        if opening is not None:
            at = opening.end() if opening[2] is None else _string(text, opening, depth + 1).end
        elif letter.isalnum() or letter == "_":
            at = _word_end(text, at)
        elif open_brackets and letter == open_brackets[-1]:
            open_brackets.pop()
            at += 1
        elif not open_brackets and (letter in "}:" or (letter == "!" and text[at + 1 : at + 2] != "=")):
            return at
        else:
            if letter in _ENDS:
                open_brackets.append(_ENDS[letter])
            at += 1
    raise _UnendedError


def _word_end(text: str, at: int) -> int:
    while at < len(text) and (text[at].isalnum() or text[at] == "_"):
        at += 1
    return at


def _field_end(text: str, at: int, depth: int, expressions: list[tuple[int, int]]) -> int:
    """Behind a replacement field that begins there; its expression, and those in its format, are added."""
    end = _expression_end(text, at + 1, depth)
    expressions.append((at + 1, end))
    while end < len(text):
        if text[end] == "}":
            return end + 1
        end = _field_end(text, end, depth + 1, expressions) if text[end] == "{" else end + 1
    raise _UnendedError


def _rewritten(text: str, string: _Formatted) -> str:
    """The string as it was where an older Python can read it, else with other quotes, else with a name."""
    whole = text[string.start : string.end]
    if _is_read(whole):
        return whole
    quote = string.quotes[0]
    other = "'" if quote == '"' else '"'
    swapped = _with(text, string, lambda expression: expression.replace(quote, other))
    # A quote beside another one would begin a longer string.
    alike = whole.count(other * 3) == swapped.count(other * 3)
    return swapped if alike and _is_read(swapped) else _without_expressions(text, string)


def _without_expressions(text: str, string: _Formatted) -> str:
    """A name in the place of each expression; lines that ended in one end before the last quotes."""
    if len(string.quotes) > 1:
        return _with(text, string, lambda expression: _UNKNOWN + "\n" * expression.count("\n"))
    short = _with(text, string, lambda expression: _UNKNOWN.ljust(len(expression)))
    ended = text.count("\n", string.start, string.end) - short.count("\n")
    return short[: -len(string.quotes)] + "\\\n" * ended + string.quotes


def _with(text: str, string: _Formatted, change: Callable[[str], str]) -> str:
    parts: list[str] = []
    kept_to = string.start
    for start, end in string.expressions:
        parts += [text[kept_to:start], change(text[start:end])]
        kept_to = end
    return "".join([*parts, text[kept_to : string.end]])


def _is_read(string: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(string, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True

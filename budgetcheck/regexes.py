"""Regular expressions of files nobody vouches for: read as Python does, and run only where that must end.

Python's engine backtracks: `(a|aa)+$` takes for ever on forty letters, `a*a*a*a*$` on a thousand.
"""

import re
import warnings
from functools import lru_cache

_POSIX = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "digit": "0-9", "lower": "a-z", "space": r"\s", "upper": "A-Z",
    "word": r"\w", "xdigit": "0-9a-fA-F",
}  # fmt: skip
_SET = r"\\.|\[\^?\]?[^\]]*\]"
_QUANTIFIER = r"(?:[*+]|\{\d*,\d*\})\??"
_TOKENS = re.compile(rf"{_SET}|\(\??|[)|?]|{_QUANTIFIER}")
_SEPARATED = re.compile(rf"({_SET}|[\w/.-]){_QUANTIFIER}\)*(?:\\([^\w\s])|([\w/-]))(?![?*{{])")
_LONGEST_REGEX = 2_000
_LONGEST_TEXT = 2_048
_MOST_REPEATS = 6
_MOST_STEPS = 50_000_000


def search(regex: str, text: str, *, any_case: bool = False) -> bool | None:
    """Whether a PCRE pattern is found in a text; None where that cannot be said within bounded time."""
    compiled = compile_regex(regex, any_case=any_case)
    if compiled is None or len(text) > _LONGEST_TEXT:
        return None
    # A repetition may be tried at every place, and so may the whole of a pattern that is not anchored.
    if max(len(text), 1) ** (_open_repeats(regex) + (not regex.startswith("^"))) > _MOST_STEPS:
        return None
    return compiled.search(text) is not None


@lru_cache(maxsize=8_192)
def compile_regex(regex: str, *, any_case: bool = False) -> re.Pattern[str] | None:
    """Python's reading of a PCRE pattern; None where it cannot be had.

    Patterns that can take for ever on short texts are left out as well.
    """
    if len(regex) > _LONGEST_REGEX or _may_explode(regex):
        return None
    text = re.sub(r"\(\?<(?![=!])", "(?P<", regex)
    text = re.sub(r"\[:(\w+):\]", lambda match: _POSIX.get(match[1], match[0]), text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(text, re.IGNORECASE if any_case else 0)
    except (re.error, OverflowError, RecursionError):
        return None


def _may_explode(regex: str) -> bool:
    """The pattern repeats a group that itself repeats or chooses, or has many open repetitions."""
    groups = [False]
    for match in _TOKENS.finditer(regex):
        token = match[0]
        if token.startswith("("):
            groups.append(False)
        elif token == ")" and len(groups) > 1:
            varies = groups.pop()
            if varies and regex[match.end() : match.end() + 1] in ("*", "+", "{"):
                return True
            groups[-1] |= varies
        elif token[0] in "|?*+{":
            groups[-1] = True
    return _open_repeats(regex) > _MOST_REPEATS


@lru_cache(maxsize=8_192)
def _open_repeats(regex: str) -> int:
    """Repetitions whose end is open: what follows could belong to them as well.

    `[^/]+/` can end in one way only, `.*/` in many.
    """
    repeats = sum(match[0][0] in "*+{" for match in _TOKENS.finditer(regex))
    return repeats - sum(_ends_surely(match) for match in _SEPARATED.finditer(regex))


def _ends_surely(match: re.Match[str]) -> bool:
    try:
        return re.fullmatch(match[1], match[2] or match[3], re.IGNORECASE) is None
    except re.error:
        return False

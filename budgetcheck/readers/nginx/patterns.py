"""Location patterns: what a `location` matches, and what is known of it without a request."""

import re
import warnings
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from budgetcheck.model.topology import PathRule
from budgetcheck.readers.nginx.templates import expression_in


class Match(Enum):
    """How a location is matched."""

    EXACT = "="
    PREFIX = ""
    PREFIX_FINAL = "^~"
    """A prefix that keeps the regular expressions of its level from being tried."""
    REGEX = "~"
    REGEX_ANY_CASE = "~*"
    NAMED = "@"


REGULAR = frozenset({Match.REGEX, Match.REGEX_ANY_CASE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A location's pattern: `text` is the whole as written, `body` without the modifier."""

    text: str
    match: Match
    body: str

    @property
    def rules(self) -> tuple[PathRule, ...]:
        """The paths it answers; none for a named location, which no path leads to."""
        if self.match is Match.NAMED:
            return ()
        if self.match in REGULAR:
            prefix = literal_prefix(self.body, any_case=self.match is Match.REGEX_ANY_CASE)
            return (PathRule(pattern=self.text, prefix=prefix, opaque=True),)
        if expression_in(self.body) or "{{" in self.body:
            prefix = self.body.partition(expression_in(self.body))[0]
            return (PathRule(pattern=self.text, prefix=prefix, opaque=True),)
        return (PathRule(pattern=self.text, prefix=self.body, exact=self.match is Match.EXACT),)


def read_pattern(args: tuple[str, ...]) -> Pattern:
    """The pattern of a location; the modifier may stand apart (`~ \\.php$`) or not (`=/ping`)."""
    text = " ".join(args)
    if len(args) > 1:
        modifier, body = args[0], " ".join(args[1:])
        match = next((match for match in _MODIFIERS if match.value == modifier), Match.PREFIX)
        return Pattern(text=text, match=match, body=body)
    if text.startswith("@"):
        return Pattern(text=text, match=Match.NAMED, body=text)
    for match in _MODIFIERS:
        if text.startswith(match.value):
            return Pattern(text=text, match=match, body=text[len(match.value) :])
    return Pattern(text=text, match=Match.PREFIX, body=text)


_MODIFIERS = (Match.EXACT, Match.PREFIX_FINAL, Match.REGEX_ANY_CASE, Match.REGEX)
_LITERAL = re.compile(r"\\([^\w\s])|([^\\.\[\](){}*+?|^$])")
_REPEATED = re.compile(r"[*+?{]")


def literal_prefix(regex: str, *, any_case: bool = False) -> str:
    """The literal text that every path matched by a regular expression begins with; `/` if none is known."""
    if not regex.startswith("^") or _alternatives_at_top(regex):
        return "/"
    prefix, position = "", 1
    while match := _LITERAL.match(regex, position):
        character = match[1] or match[2]
        position = match.end()
        if _REPEATED.match(regex, position) or (any_case and character.isalpha()):
            break
        prefix += character
    return prefix if prefix.startswith("/") else "/"


def _alternatives_at_top(regex: str) -> bool:
    depth = 0
    for character in re.sub(r"\\.|\[[^\]]*\]", "", regex):
        depth += (character == "(") - (character == ")")
        if character == "|" and depth <= 0:
            return True
    return False


_POSIX = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "digit": "0-9", "lower": "a-z", "space": r"\s", "upper": "A-Z",
    "word": r"\w", "xdigit": "0-9a-fA-F",
}  # fmt: skip
_TOKENS = re.compile(r"\\.|\[\^?\]?[^\]]*\]|[()|]|[*+]|\{\d*,\d*\}")
_MOST_REPEATS = 6


@lru_cache(maxsize=4096)
def compile_regex(regex: str, *, any_case: bool = False) -> re.Pattern[str] | None:
    """Python's reading of a PCRE pattern; None where it cannot be had.

    Patterns that can take for ever are left out as well: the file that holds them is not trusted.
    """
    if len(regex) > 2_000 or _may_explode(regex):
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
    """The pattern repeats a group that itself repeats or chooses, or has many repetitions in a row."""
    repeats = 0
    groups = [False]
    closed_choice = False
    for match in _TOKENS.finditer(regex):
        token = match[0]
        if token == "(":
            groups.append(False)
        elif token == ")" and len(groups) > 1:
            closed_choice = groups.pop()
            groups[-1] |= closed_choice
            closed_choice = closed_choice and regex[match.end() : match.end() + 1] in ("*", "+", "{")
            if closed_choice:
                return True
        elif token == "|":
            groups[-1] = True
        elif token[0] in "*+{":
            repeats += 1
            groups[-1] = True
    return repeats > _MOST_REPEATS

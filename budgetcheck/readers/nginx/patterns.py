"""Location patterns: what a `location` matches, and what is known of it without a request."""

import re
from dataclasses import dataclass
from enum import Enum

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

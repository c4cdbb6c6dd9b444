"""Text from other people's files as Markdown that says the same and does nothing.

A report ends up in comments of bots, where Markdown mentions people, loads images, links and hides text.
Escaping alone does not help there: hosts look for `@name`, `#123` and addresses after Markdown is done, in
everything but code. So plain words stay words, and whatever holds any other character becomes code.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from budgetcheck.render.escape import guarded, visible

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+(?:\.\d+)?|/")
_SIGN = re.compile(r"->|[<>]=?|[-+=]")
_AROUND = re.compile(r"([\[(]?)(.*?)([,;:.)\]]*)")
_QUOTED = re.compile(r"([\[(]?)`([^`]+)`([,;:.)\]]*)")
_PIECE = re.compile(r"(?:`[^`]+`|[^\s`]|`)+")
"""A word, or several between backticks with the punctuation around."""
_TAME = re.compile(r"[^`|<>\\]+")
"""What stands unchanged between single backticks, in a table as well."""
_BRACKET = re.compile(r"[\[\]]")
_OPENERS = {")": "(", "]": "["}
_RUN = re.compile(r"`+")


def prose(text: str) -> str:
    """One line: plain words as they are; what stands between backticks, and everything else, as code."""
    parts: list[_Part] = []
    for word in _PIECE.findall(visible(text)):
        part = _part(word)
        if part.code and parts and parts[-1].code and not parts[-1].after and not part.before:
            last = parts.pop()
            part = _Part(last.before, f"{last.core} {part.core}", part.after, code=True)
        parts.append(part)
    return " ".join(part.written for part in parts)


def code(text: str) -> str:
    """One code span that shows this text; empty for an empty one."""
    words = visible(text).strip()
    if not words or _TAME.fullmatch(words):
        return f"`{words}`" if words else ""
    return f"<code>{_entities(words)}</code>"


def _entities(text: str) -> str:
    """Everything but letters, digits and blanks as entities: nothing is left to be markup or an address."""
    return "".join(
        character if character.isalnum() or character == " " else f"&#{ord(character)};" for character in text
    )


def fence(lines: Iterable[str]) -> list[str]:
    """A block that shows the lines as they are, its ends longer than any run of backticks within."""
    shown = [guarded(visible(line)) for line in lines]
    longest = max((len(run) for line in shown for run in _RUN.findall(line)), default=0)
    ends = "`" * max(3, longest + 1)
    return [f"{ends}text", *shown, ends]


@dataclass(frozen=True, slots=True)
class _Part:
    """A word, or several in one span of code, with the punctuation around."""

    before: str
    core: str
    after: str
    code: bool

    @property
    def written(self) -> str:
        """As Markdown; no list, heading or quote can be read into a line that begins with it."""
        if self.code:
            return f"{_linkless(self.before)}{code(self.core)}{_linkless(self.after)}"
        sign = "\\" if _SIGN.fullmatch(self.core) else ""
        listed = "\\" if self.core.isdigit() and self.after[:1] in (".", ")") else ""  # `1.` begins a list
        return f"{_linkless(self.before)}{sign}{self.core}{listed}{_linkless(self.after)}"


@lru_cache(maxsize=4_096)  # reports say the same words over and over
def _part(word: str) -> _Part:
    quoted = _QUOTED.fullmatch(word)
    if quoted is not None:
        before, core, after = quoted.groups()
        return _Part(before, core, after, code=True)
    match = _AROUND.fullmatch(word)
    before, core, after = match.groups() if match else ("", word, "")
    while after and (opener := _OPENERS.get(after[0])) and core.count(opener) > core.count(after[0]):
        core, after = core + after[0], after[1:]
    plain = not core or _WORD.fullmatch(core) or _SIGN.fullmatch(core)
    return _Part(before, core, after, code=not plain)


def _linkless(signs: str) -> str:
    return _BRACKET.sub(r"\\\g<0>", signs)

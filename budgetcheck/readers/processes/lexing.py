"""Splits shell text into words and operators, each with its line.

Covers what start scripts are made of: quotes, continuations, comments, here-documents, parameters and
command substitutions (whose output is not known). Nothing is ever run.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.expansion import Parameter, read_parameter
from budgetcheck.readers.processes.texts import Text

MOST_CHARACTERS = 200_000
MOST_TOKENS = 20_000
FIRST_MARK = 0xE000
"""Characters from here on stand for texts that were filled in before (`Source.marks`)."""

_OPERATORS = (
    "&&",
    "||",
    ";;&",
    ";;",
    ";&",
    "|&",
    "&>>",
    "&>",
    ">>",
    "<<<",
    "<<-",
    "<<",
    ">&",
    "<&",
    "<>",
    ">|",
)
_SINGLE = ";&|()<>\n"
_SPECIAL = frozenset(" \t\n'\"\\&|;()<>$`")
_MOST_MARKS = 1_000
_REDIRECTIONS = frozenset({"<", ">", ">>", "<<<", ">&", "<&", "<>", ">|", "&>", "&>>"})


class ShellError(Exception):
    """The text is no shell that is understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Shell text and where it stands: `line` is the line of its first character."""

    text: str
    file: str
    line: int = 1
    marks: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a word: literal `text`, a `parameter`, or a filled-in text; none of them: unknown output."""

    text: str | None = None
    parameter: Parameter | None = None
    filled: Text | None = None
    quoted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word before expansion; `raw` as written, for messages."""

    parts: tuple[Part, ...]
    span: Span

    @property
    def plain(self) -> str | None:
        """The word where it is written without quotes and parameters."""
        texts = [part.text for part in self.parts if not part.quoted]
        return (
            "".join(text or "" for text in texts)
            if len(texts) == len(self.parts) and None not in texts
            else None
        )

    @property
    def leading(self) -> str:
        """The literal text it begins with, quotes excluded."""
        first = self.parts[0] if self.parts else None
        return first.text or "" if first and not first.quoted else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word, or an operator with its text. `array`: `NAME=(...)` with these elements."""

    operator: str = ""
    word: Word | None = None
    array: tuple[Word, ...] | None = None


def filled_in(pieces: Sequence[Text], file: str, line: int, *, dollars: bool = False) -> Source:
    """Shell text of pieces; those that are no plain literals keep what is known of them.

    `dollars`: a piece that is one dollar sign stands for itself and begins no parameter.
    """
    text = ""
    marks: dict[str, Text] = {}
    for piece in pieces:
        known = piece.known
        whole = known is not None and (not piece.spans or bool(set(known) & _SPECIAL))
        whole = whole and not (dollars and known == "$")
        if known is not None and whole:
            text += known
        elif len(marks) < _MOST_MARKS:
            mark = chr(FIRST_MARK + len(marks))
            marks[mark] = piece
            text += mark
    return Source(text=text, file=file, line=line, marks=marks)


def lex(source: Source) -> list[Token]:
    """The tokens of a text. Raises ShellError where it is too long or a quote is left open."""
    if len(source.text) > MOST_CHARACTERS:
        raise ShellError("is too long")
    tokens: list[Token] = []
    for token in _Lexer(source).tokens():
        tokens.append(token)
        if len(tokens) > MOST_TOKENS:
            raise ShellError("has too many words")
    return tokens


class _Lexer:
    """The state of one pass over a text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text.replace("\r\n", "\n")
        self.at = 0
        self.breaks = [index for index, character in enumerate(self.text) if character == "\n"]
        self.heredocs: list[str] = []

    def tokens(self) -> Iterator[Token]:
        while True:
            self._skip_blanks()
            if self.at >= len(self.text):
                return
            operator = self._operator()
            if operator == "\n":
                self._skip_heredocs()
                yield Token(operator="\n")
            elif operator in ("<<", "<<-"):
                self._skip_blanks()
                self.heredocs.append("".join(part.text or "" for part in self._word().parts))
            elif operator in _REDIRECTIONS:
                self._skip_blanks()
                if self.at < len(self.text) and self.text[self.at] not in _SINGLE:
                    self._word()
            elif operator:
                yield Token(operator=operator)
            else:
                yield from self._word_token()

    def _skip_blanks(self) -> None:
        text = self.text
        while self.at < len(text):
            if text[self.at] in " \t":
                self.at += 1
            elif text.startswith("\\\n", self.at):
                self.at += 2
            elif text[self.at] == "#" and (not self.at or text[self.at - 1] in " \t\n;&|()"):
                end = text.find("\n", self.at)
                self.at = len(text) if end < 0 else end
            else:
                return

    def _operator(self) -> str:
        for operator in _OPERATORS:
            if self.text.startswith(operator, self.at):
                self.at += len(operator)
                return operator
        if self.text[self.at] in _SINGLE:
            self.at += 1
            return self.text[self.at - 1]
        return ""

    def _skip_heredocs(self) -> None:
        for delimiter in self.heredocs:
            while self.at < len(self.text):
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line = self.text[self.at : end]
                self.at = end + 1
                if line.strip("\t ") == delimiter:
                    break
        self.heredocs = []
        self.at = min(self.at, len(self.text))

    def _word_token(self) -> Iterator[Token]:
        word = self._word()
        plain = word.plain or ""
        if plain.endswith("=") and self.text.startswith("(", self.at) and plain.rstrip("+=").isidentifier():
            self.at += 1
            yield Token(word=word, array=tuple(self._array()))
        elif plain.isdigit() and self.at < len(self.text) and self.text[self.at] in "<>":
            return  # the number of a file that is redirected
        else:
            yield Token(word=word)

    def _array(self) -> Iterator[Word]:
        while True:
            self._skip_blanks()
            if self.at >= len(self.text):
                raise ShellError("an array is not closed")
            if self.text[self.at] == ")":
                self.at += 1
                return
            if self.text[self.at] in _SINGLE:
                self.at += 1
                continue
            yield self._word()

    def _word(self) -> Word:
        start = self.at
        parts: list[Part] = []
        while self.at < len(self.text) and self.text[self.at] not in " \t" + _SINGLE:
            parts += self._piece()
        line = self.source.line + bisect_left(self.breaks, start)
        raw = "".join(c for c in self.text[start : self.at] if c.isprintable())
        return Word(parts=tuple(parts), span=Span(file=self.source.file, line=line, text=raw))

    def _piece(self) -> list[Part]:
        character = self.text[self.at]
        if character == "\\":
            self.at += 2
            escaped = self.text[self.at - 1 : self.at]
            return [] if escaped == "\n" else [Part(text=escaped, quoted=True)]
        if character == "'":
            end = self._closing("'", self.at + 1)
            part = self._literal(self.text[self.at + 1 : end])
            self.at = end + 1
            return part
        if character == '"':
            self.at += 1
            return self._double_quoted()
        if character == "`" or character == "$":
            return [self._dollar(quoted=False)]
        if character in self.source.marks:
            self.at += 1
            return [Part(filled=self.source.marks[character], quoted=True)]
        start = self.at
        stops = " \t\\'\"`$" + _SINGLE
        while self.at < len(self.text) and self.text[self.at] not in stops:
            if self.text[self.at] in self.source.marks:
                break
            self.at += 1
        return [Part(text=self.text[start : self.at])]

    def _literal(self, text: str) -> list[Part]:
        """A quoted literal; texts that were filled in keep their provenance also inside quotes."""
        parts: list[Part] = []
        plain = ""
        for character in text:
            if character in self.source.marks:
                parts += [
                    Part(text=plain, quoted=True),
                    Part(filled=self.source.marks[character], quoted=True),
                ]
                plain = ""
            else:
                plain += character
        return [*parts, Part(text=plain, quoted=True)]

    def _double_quoted(self) -> list[Part]:
        parts: list[Part] = []
        plain = ""
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == '"':
                self.at += 1
                return [*parts, *self._literal(plain)]
            if character == "\\" and self.text[self.at + 1 : self.at + 2] in ("$", "`", '"', "\\", "\n"):
                plain += self.text[self.at + 1].replace("\n", "")
                self.at += 2
            elif character in "$`":
                before = self.at
                part = self._dollar(quoted=True)
                if part.text is not None:
                    plain += self.text[before : self.at]
                else:
                    parts += [*self._literal(plain), part]
                    plain = ""
            else:
                plain += character
                self.at += 1
        raise ShellError("a quote is not closed")

    def _dollar(self, *, quoted: bool) -> Part:
        """A parameter, a substitution, or a dollar that stands for itself."""
        if self.text[self.at] == "`":
            self.at = self._closing("`", self.at + 1) + 1
            return Part(quoted=quoted)
        if self.text.startswith("$(", self.at):
            self._skip_parentheses()
            return Part(quoted=quoted)
        if self.text.startswith("$'", self.at) and not quoted:
            self.at += 1
            return self._piece()[0]
        parameter, end = read_parameter(self.text, self.at)
        if parameter is None:
            self.at += 1
            return Part(text="$", quoted=quoted)
        self.at = end
        return Part(parameter=parameter, quoted=quoted)

    def _skip_parentheses(self) -> None:
        self.at += 1
        depth = 0
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "\\":
                self.at += 1
            elif character == "'":
                self.at = self._closing("'", self.at + 1)
            elif character == "(":
                depth += 1
            elif character == ")":
                depth -= 1
            self.at += 1
            if not depth:
                return
        raise ShellError("a command substitution is not closed")

    def _closing(self, quote: str, at: int) -> int:
        end = self.text.find(quote, at)
        if end < 0:
            raise ShellError("a quote is not closed")
        return end

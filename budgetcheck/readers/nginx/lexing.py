"""Text of one file to statements. The only module that knows crossplane.

crossplane's lexer is used, not its parser: the lexer takes text that was read through the safe tree, tells
the line of every word, and the tree below is built without recursion. What the parser reports as an empty
error or swallows without one (a missing `;` or brace, an unclosed quote, garbage made of a template) is told
apart here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from crossplane.analyzer import DIRECTIVES
from crossplane.errors import NgxParserBaseException
from crossplane.lexer import _lex_file_object

from budgetcheck.model.settings import Problem, ProblemKind
from budgetcheck.model.span import Span
from budgetcheck.readers.nginx.directives import FREE_KEYS, STARTERS
from budgetcheck.readers.nginx.lua import blank_lua
from budgetcheck.readers.nginx.syntax import Parsed, Statement
from budgetcheck.readers.nginx.templates import (
    MAX_TAGS,
    Template,
    expression_in,
    is_placeholder,
    read_template,
)

MAX_NESTING = 100
"""Blocks inside one another; real configuration stays below ten."""
MAX_WORDS = 600_000
"""Words of one file; more is generated data, and would take too long to read."""
MAX_PROBLEMS = 20
"""Problems reported of one file; the first ones cause the others."""

_PIECE = re.compile(r"\A[ \t]+|\\.|[^\s\\\"'{};#$]+|.", re.DOTALL)
_END = "__end_of_file__"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_COMMON = {"include", "server", "default", "set", "if", "user", "root", "internal", "alias"}
_CERTAIN = frozenset(DIRECTIVES) - _COMMON
_CERTAIN_TEXT = re.compile(
    r"^[ \t]*(?:(?:http|server|events|location\s[^{};\n]+|upstream\s+[\w.-]+)\s*\{"
    r"|(?:proxy_\w+|fastcgi_\w+|server_name|listen|try_files|add_header)\s[^;\n]*;)",
    re.MULTILINE,
)

Token = tuple[str, int, bool]


def parse(text: str, file: str, *, lines_before: int = 0) -> Parsed:
    """The statements of one file.

    `lines_before` is added to line numbers, for a file that is part of another one. Never raises: what is
    wrong with the text is a problem of the result.
    """
    template = read_template(blank_lua(text))
    builder = _Builder(file=file, template=template, lines_before=lines_before)
    parsed = builder.run(_tokens(template.text))
    if not parsed.problems:
        return parsed
    # what is wrong may be that the text is another program's, with a piece of nginx in it
    likely = parsed.nginx or _CERTAIN_TEXT.search(text) is not None
    return replace(parsed, nginx=likely and not builder.begins_strangely)


def _tokens(text: str) -> Iterator[Token]:
    # The lexer ends without a word where a quote is not closed, and forgets a word that nothing follows: the
    # final statement shows whether it came through to the end.
    # It works character by character; longer pieces that it would only put together again save most of the
    # time. Everything it reacts to stays a piece of its own.
    lines = (*text.splitlines(keepends=True), "\n", f"{_END};")
    yield from _lex_file_object(map(_PIECE.findall, lines))


class _RefusedError(Exception):
    """The rest of the file cannot be understood."""


@dataclass(slots=True)
class _OpenBlock:
    """A block that is not closed yet. `free` if its entries may begin with any word."""

    name: str
    args: tuple[str, ...]
    line: int
    free: bool = False
    statements: list[Statement] = field(default_factory=list)


@dataclass(slots=True)
class _Builder:
    """Words to nested statements."""

    file: str
    template: Template
    lines_before: int
    _problems: list[Problem] = field(default_factory=list)
    _includes: list[Statement] = field(default_factory=list)
    _stack: list[_OpenBlock] = field(default_factory=list)
    begins_strangely: bool = False
    """The first word is no directive that nginx is known to have."""
    _odd_names: int = 0
    _nginx: bool = False
    _complete: bool = False

    def run(self, tokens: Iterator[Token]) -> Parsed:
        self._stack.append(_OpenBlock("", (), 0))
        try:
            if self.template.endless:
                self._refuse(0, f"has more than {MAX_TAGS} template expressions", "render it first")
            self._read(tokens)
        except NgxParserBaseException as error:
            self._problem(error.lineno or 0, f"cannot be parsed: {error.strerror}", "")
        except _RefusedError:
            pass
        else:
            return Parsed(
                statements=tuple(self._stack[0].statements),
                problems=tuple(self._problems),
                includes=tuple(self._includes),
                nginx=self._nginx,
            )
        return Parsed(problems=tuple(self._problems), refused=True, nginx=self._nginx)

    def _read(self, tokens: Iterator[Token]) -> None:
        words: list[str] = []
        first_line = line = count = 0
        for token, token_line, quoted in tokens:
            count += 1
            if count > MAX_WORDS:
                self._refuse(
                    token_line, f"has more than {MAX_WORDS} words", "check only the files that hold routes"
                )
            if not quoted:
                if token == ";":
                    self._end_statement(words, first_line, token_line)
                    words = []
                    continue
                if token in ("{", "}"):
                    if token == "{":
                        self._open(words, first_line or token_line)
                    else:
                        self._close(words, first_line, token_line)
                    words = []
                    continue
                if token.startswith("#"):
                    continue
                if words and token_line > line and self._ended(words, token, first_line, line):
                    words = []
            if not words:
                if not first_line:
                    self.begins_strangely = token not in DIRECTIVES and not self.template.restores(token)
                first_line = token_line
            words.append(token)
            line = token_line
        if not self._complete:
            self._refuse(
                line,
                "a quote is opened here or further down, and never closed",
                "close the quote, and end the statement with `;`" + self._template_hint(),
            )

    def _end_statement(self, words: list[str], line: int, end: int) -> None:
        if words and words[-1] == _END:
            self._end_of_text(words[:-1], line)
        elif words:
            self._add(words, line)
        elif not self.template.kind:  # blanking a template may leave one
            self._problem(end, "unexpected `;`: there is no directive before it", "delete it")

    def _end_of_text(self, words: list[str], line: int) -> None:
        if words:
            self._problem(
                line,
                f"the last statement, `{self._show(words[0])}`, lacks its `;`",
                f"end the statement with `;`: `{self._show(' '.join(words))};`",
            )
            self._add(words, line)
        if len(self._stack) > 1:
            block = self._stack[-1]
            self._refuse(
                block.line,
                f"the block `{self._title(block)}` is never closed",
                "add the missing `}`" + self._template_hint(),
            )
        self._complete = True

    def _open(self, words: list[str], line: int) -> None:
        if len(self._stack) > MAX_NESTING:
            self._refuse(line, f"blocks are nested more than {MAX_NESTING} deep", "flatten the blocks")
        if not words:
            self._problem(line, "a block without a directive before its `{`", self._quote_hint())
            words = [""]
        name, *args = map(self.template.restore, words)
        self._stack.append(_OpenBlock(name, tuple(args), line, free=name in FREE_KEYS))

    def _close(self, words: list[str], line: int, end: int) -> None:
        if words:
            if _NAME.fullmatch(words[0]):  # any other word gets its own problem
                self._problem(
                    line,
                    f"`{self._show(words[0])}` lacks its `;` before the `}}`",
                    f"end the statement with `;`: `{self._show(' '.join(words))};`",
                )
            self._add(words, line)
        if len(self._stack) == 1:
            self._refuse(end, "unexpected `}`: no block is open", "delete it" + self._template_hint())
        block = self._stack.pop()
        self._append(block.name, block.args, block.line, tuple(block.statements))

    def _ended(self, words: list[str], token: str, first_line: int, line: int) -> bool:
        """Whether a statement ended with its line though no `;` says so."""
        if len(words) == 1 and is_placeholder(words[0]):
            self._add(words, first_line)  # `$SSL_CONFIG` alone on its line stands for whole statements
            return True
        if token in STARTERS:
            self._missing_semicolon(words, first_line, line)
            return True
        return False

    def _missing_semicolon(self, words: list[str], first_line: int, line: int) -> None:
        self._problem(
            first_line,
            f"`{self._show(words[0])}` lacks its `;`, so the next line would become part of it",
            f"end line {line + self.lines_before} with `;`",
        )
        self._add(words, first_line)

    def _add(self, words: list[str], line: int) -> None:
        if self.template.expressions:
            words = [self.template.restore(word) for word in words]
        self._append(words[0], tuple(words[1:]), line, None)

    def _append(
        self, name: str, args: tuple[str, ...], line: int, block: tuple[Statement, ...] | None
    ) -> None:
        around = self._stack[-1]
        if name in _CERTAIN:
            self._nginx = True
        elif not around.free and not _NAME.fullmatch(name) and not expression_in(name):
            self._odd_name(name, line)
            return
        statement = Statement(
            name=name,
            args=args,
            line=line + self.lines_before,
            file=self.file,
            block=block,
            branch=self.template.branch_at(line) if self.template.changes else None,
        )
        around.statements.append(statement)
        if name == "include":
            self._includes.append(statement)

    def _odd_name(self, name: str, line: int) -> None:
        """A directive of nginx is a plain word: anything else shows that the text was read wrongly."""
        self._odd_names += 1
        if self._odd_names == 1:
            self._problem(line, f"`{self._show(name)}` is not a directive of nginx", self._quote_hint())

    def _quote_hint(self) -> str:
        return (
            'put values with braces or `;`, such as regular expressions, in quotes: `location ~ "^/a{2}$" {`'
            + self._template_hint()
        )

    def _template_hint(self) -> str:
        kind = self.template.kind
        return f"; or render the {kind} template and check the result" if kind else ""

    def _refuse(self, line: int, text: str, fix: str) -> None:
        del self._problems[MAX_PROBLEMS - 1 :]  # this one must be among those that are reported
        self._problem(line, text, fix, kind=ProblemKind.UNREADABLE)
        raise _RefusedError

    def _problem(self, line: int, text: str, fix: str, *, kind: ProblemKind = ProblemKind.INVALID) -> None:
        if len(self._problems) >= MAX_PROBLEMS:
            return
        span = Span(file=self.file, line=line + self.lines_before if line else 0)
        # what a template makes of the text is not known before it is rendered
        kind = ProblemKind.UNREADABLE if self.template.kind else kind
        self._problems.append(Problem(span=span, text=text, fix=fix, kind=kind))

    def _title(self, block: _OpenBlock) -> str:
        return self._show(" ".join((block.name, *block.args)).strip())

    def _show(self, text: str) -> str:
        text = self.template.restore(text)
        return text if len(text) <= 60 else text[:57] + "..."

"""Makes a template of an nginx file parseable: Jinja, ERB, Go and Helm, Terraform, envsubst, sed.

nginx's grammar gives no error for most template text, it just reads something else: `{{ t }}` becomes two
blocks, and the next directive is lost. So markers are found before parsing. Expressions become one word and
come back, as written, in the arguments; tags that stand between statements are blanked with their line
breaks kept; a tag or expression that stands for whole statements becomes a statement of its own.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from budgetcheck.readers.nginx.syntax import Branch

VARIABLE = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}|\$([A-Z_][A-Z0-9_]*)\b|\{\{-?\s*\.Env\.([A-Z_]\w*)\s*-?\}\}")
"""A variable of the environment, which is filled in before nginx reads the file."""

_CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}", "<%": "%>", "%{": "}", "[[": "]]", "${": "}", "{": "}"}
_KINDS = {
    "{{": "Jinja or Go", "{%": "Jinja", "{#": "Jinja", "<%": "ERB", "%{": "Terraform", "[[": "Go", "{": "sed",
}  # fmt: skip
_BRACED = r"(?<![\w\\$%{])\{(?=[A-Z][A-Z0-9_]+\})"
"""`{READ_TIMEOUT}`, which a script replaces: nginx has no block of one word."""
_MARKER = re.compile(
    rf"\{{\{{|\{{%|\{{\#|<%|%\{{(?=~?\s*(?:if|else|endif|for|endfor)\b)|\[\[(?=-?[ \t])|\$\{{|{_BRACED}"
)
MAX_TAGS = 100_000
"""Tags and expressions of one file; more is generated, and would take too long to read."""

_MOST_VARIABLE = 400
_WORD = re.compile(r"__template_(\d+)__")
_PLAIN_VARIABLE = re.compile(r"\w+")
_GO_OPENS = {"if", "range", "with", "define", "block"}
_OPENS = {
    "if", "unless", "for", "case", "while", "macro", "call", "filter", "raw", "with", "block", "autoescape",
}  # fmt: skip
_CONDITIONS = {"if", "unless", "for", "case", "while", "range", "with", "each"}
_ARMS = {"else", "elif", "elsif", "elseif", "when"}
_ERB_DO = re.compile(r"\bdo\b(?:\s*\|[^|]*\|)?$|\{(?:\s*\|[^|]*\|)?$")
_INSERTS = {"include", "extends", "render"}
_REST_IS_BLANK = re.compile(r"[ \t\r]*(?:#|\n|\Z)")
_PLACEHOLDER = re.compile(r"(?:__\w+__|@@?[\w.-]+@@?|%%?\w+%%?|<\w+>|\$\$?[A-Z][A-Z0-9_]*)\w{0,2}")
_IN_BRACES = re.compile(_BRACED + r"\w+\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text that nginx's grammar can read, and how to get the expressions back.

    `kind` names the template language for messages; empty for plain nginx. `changes` are the lines from
    which on another branch is the innermost one. `endless` if there are more than MAX_TAGS; the text is
    not prepared then.
    """

    text: str
    kind: str = ""
    expressions: tuple[str, ...] = ()
    changes: tuple[tuple[int, Branch | None], ...] = ()
    endless: bool = False

    def restores(self, word: str) -> bool:
        """Something in the word stands for an expression."""
        return _WORD.search(word) is not None

    def restore(self, word: str) -> str:
        """The word with its expressions as they were written."""
        return _WORD.sub(self._expression, word) if "__template_" in word else word

    def branch_at(self, line: int) -> Branch | None:
        """The innermost condition or loop around a line."""
        position = bisect_right(self.changes, line, key=lambda change: change[0])
        return self.changes[position - 1][1] if position else None

    def _expression(self, match: re.Match[str]) -> str:
        number = int(match[1])
        return self.expressions[number] if number < len(self.expressions) else match[0]


def read_template(text: str) -> Template:
    """Prepares a text for the lexer; text without any marker comes back unchanged. Linear in its length."""
    return _Preparation(text).run() if _MARKER.search(text) else Template(text=text)


def expression_in(word: str) -> str:
    """The first template expression or placeholder of an argument, empty where it is plain.

    `${name}` counts as one; in an address it may also be a variable of nginx.
    """
    for opener in ("{{", "<%", "{%", "%{", "[[ ", "${"):
        start = word.find(opener)
        if start >= 0:
            closer = _CLOSERS[opener[:2]]
            end = word.find(closer, start + 2)
            return word[start : end + len(closer)] if end >= 0 else word[start:]
    if braced := _IN_BRACES.search(word):
        return braced[0]
    return word if is_placeholder(word) else ""


def is_placeholder(word: str) -> bool:
    """The whole word is a name that something fills in: `$SSL_CONFIG`, `@@NAME@@`, `%NAME%`."""
    return _PLACEHOLDER.fullmatch(word) is not None


@dataclass(slots=True)
class _Open:
    """A condition or loop that is not closed yet."""

    keyword: str
    line: int
    number: int
    innermost: int
    arms: int = 1
    exhaustive: bool = False


@dataclass(slots=True)
class _Preparation:
    """One pass over a text; `_between` says whether a new statement may begin here."""

    source: str
    _parts: list[str] = field(default_factory=list)
    _expressions: list[str] = field(default_factory=list)
    _kind: str = ""
    _between: bool = True
    _stack: list[_Open] = field(default_factory=list)
    _branches: list[Branch] = field(default_factory=list)
    _changes: list[tuple[int, int]] = field(default_factory=list)

    def run(self) -> Template:
        jinja = "{{" in self.source or "{%" in self.source
        line, position = 1, 0
        for start, opener, end in self._markers(jinja=jinja):
            if end < 0:
                return Template(text="", kind="endless", endless=True)
            self._literal(self.source[position:start])
            line += self.source.count("\n", position, start)
            self._marker(self.source[start:end], opener, end, line)
            line += self.source.count("\n", start, end)
            position = end
        self._parts.append(self.source[position:])
        for unclosed in self._stack:
            self._branches[unclosed.number] = Branch(line=unclosed.line)
        return Template(
            text="".join(self._parts),
            kind=self._kind or ("envsubst" if self._expressions else ""),
            expressions=tuple(self._expressions),
            changes=tuple(
                (changed, self._branches[number] if number >= 0 else None)
                for changed, number in self._changes
            ),
        )

    def _markers(self, *, jinja: bool) -> Iterator[tuple[int, str, int]]:
        """Start, opener and end of each tag; an opener that is never closed is ordinary text.

        An end of -1 means that there are too many to go on.
        """
        position = tags = 0
        # where the next closer of each kind stands: found once, or a text full of openers costs its square
        closers: dict[str, int] = {}
        while match := _MARKER.search(self.source, position):
            opener = match[0]
            closer = _CLOSERS[opener]
            position = match.end()
            tags += 1
            if tags > MAX_TAGS:
                yield position, opener, -1
                return
            if closers.get(closer, 0) < position:
                found = self.source.find(closer, position)
                closers[closer] = found if found >= 0 else len(self.source)
            end = closers[closer] + len(closer)
            if end > len(self.source) or not self._plausible(opener, position, end, jinja=jinja):
                continue
            if opener == "{{":
                end = self._balanced_end(match.end(), end)
            position = end
            yield match.start(), opener, end

    def _balanced_end(self, start: int, end: int) -> int:
        """Where `{{ f({"a": {}}) }}` really ends: not at the first `}}` but where its braces balance."""
        first = end
        while self.source.count("{", start, end - 2) > self.source.count("}", start, end - 2):
            found = self.source.find("}}", end - 1, start + _MOST_VARIABLE)
            if found < 0:
                return first
            end = found + 2
        return end

    def _plausible(self, opener: str, start: int, end: int, *, jinja: bool) -> bool:
        if opener == "{#":  # also an nginx block whose first line is a comment
            return jinja
        if opener in ("${", "[["):
            return end - start < _MOST_VARIABLE and "\n" not in self.source[start:end]
        return True

    def _literal(self, text: str) -> None:
        self._parts.append(text)
        for row in reversed(text.splitlines()):
            bare = row.strip()
            if not bare or bare.startswith("#"):
                continue
            code = bare.partition(" #")[0].rstrip() or bare
            self._between = code[-1] in ";{}" or bare[-1] in ";{}"
            return

    def _marker(self, tag: str, opener: str, end: int, line: int) -> None:
        breaks = "\n" * tag.count("\n")
        inner = tag[len(opener) : -len(_CLOSERS[opener])].strip("-~= \t\r\n")
        if opener == "${":
            self._variable(tag, inner, end)
            return
        self._kind = self._kind or _KINDS[opener]
        if opener == "{#" or inner.startswith(("/*", "!", "#!")) or tag.startswith("<%#"):
            self._parts.append(" " + breaks)
            return
        if self._is_expression(tag, opener, inner):
            self._expression(tag, end, breaks)
            return
        self._control(_keyword(inner), inner, opener, line, line + len(breaks))
        if not self._between:
            # inside a statement, `timeout {% if x %}10s{% else %}20s{% endif %};`: its value is not known
            self._expression(tag, end, breaks)
        elif _keyword(inner) in _INSERTS:
            self._parts.append(self._word(tag) + ";" + breaks)
        else:
            self._parts.append(" " + breaks)

    def _is_expression(self, tag: str, opener: str, inner: str) -> bool:
        if opener == "<%":
            return tag.startswith(("<%=", "<%-="))
        if opener == "{":
            return True
        if opener in ("{{", "[["):
            keyword = _keyword(inner)
            control = keyword in _GO_OPENS | {"end", "else", "break", "continue"}
            handlebars = inner.startswith(("#", "/", "^"))
            return not (control or handlebars or re.match(r"\$\w+\s*:?=", inner))
        return False

    def _variable(self, tag: str, inner: str, end: int) -> None:
        """`${NAME}` stays as it is, unless it stands for whole statements or is more than a name."""
        if self._between and self._alone(end):
            self._parts.append(self._word(tag) + ";")
        elif _PLAIN_VARIABLE.fullmatch(inner):
            self._parts.append(tag)
            self._between = False
        else:
            self._kind = self._kind or "Terraform"
            self._parts.append(self._word(tag) + "\n" * tag.count("\n"))
            self._between = False

    def _expression(self, tag: str, end: int, breaks: str) -> None:
        if self._between and self._alone(end):
            self._parts.append(self._word(tag) + ";" + breaks)
        else:
            self._parts.append(self._word(tag) + breaks)
            self._between = False

    def _alone(self, end: int) -> bool:
        """Nothing but blanks and a comment follows on the line: the tag stands for whole statements."""
        return _REST_IS_BLANK.match(self.source, end) is not None

    def _word(self, tag: str) -> str:
        self._expressions.append(" ".join(tag.split()))
        return f"__template_{len(self._expressions) - 1}__"

    def _control(self, keyword: str, inner: str, opener: str, line: int, last_line: int) -> None:
        opens = keyword in _OPENS | _GO_OPENS or inner.startswith(("#", "^"))
        if opener == "<%" and _ERB_DO.search(inner) and not inner.startswith("}"):
            opens, keyword = True, keyword if keyword in _CONDITIONS else "each"
        closes = keyword.startswith("end") or inner.startswith("/") or inner == "}"
        if opens:
            self._enter("each" if inner.startswith("#each") else keyword, line)
        elif closes and self._stack:
            self._leave(last_line)
        elif self._stack and (keyword in _ARMS or inner.startswith("} else")):
            self._stack[-1].arms += 1
            self._stack[-1].exhaustive |= inner in ("else", "} else {")

    def _enter(self, keyword: str, line: int) -> None:
        number = len(self._branches)
        self._branches.append(Branch(line=line))
        # a mere `block` or `macro` makes nothing optional
        innermost = number if keyword in _CONDITIONS else self._innermost()
        self._stack.append(_Open(keyword, line, number, innermost))
        while self._changes and self._changes[-1][0] > line:
            self._changes.pop()
        self._changes.append((line, self._innermost()))

    def _leave(self, line: int) -> None:
        closed = self._stack.pop()
        if closed.exhaustive and closed.keyword in ("if", "unless"):
            self._branches[closed.number] = Branch(line=closed.line, arms=closed.arms)
        while self._changes and self._changes[-1][0] > line + 1:
            self._changes.pop()
        self._changes.append((line + 1, self._innermost()))

    def _innermost(self) -> int:
        return self._stack[-1].innermost if self._stack else -1


def _keyword(inner: str) -> str:
    match = re.match(r"[A-Za-z]+", inner.lstrip("#/^ "))
    return match[0] if match else ""

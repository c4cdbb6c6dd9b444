"""Checks that a document does nothing but show text, made with parsers of its format."""

import re
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.token import Token

ANNOTATION = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")
"""A command as the runner splits it: the properties end at the first `::` behind the name."""
_PROPERTIES = {"file", "line", "col", "title"}

_BLOCKS = {"paragraph", "heading", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item"}
_SILENT = {"text", "softbreak", "code_inline", "fence", "inline", "html_block", "html_inline"}
_TAG = re.compile(r"</?(?:details|summary|code)>")
_ACTIVE = re.compile(r"@|#|://|www\.|`|\$|!\[|\]\(|~~")
"""What hosts look for in text that is no code: people, issues, addresses, formulas."""


def assert_harmless_lines(document: str) -> None:
    """Nothing drives a terminal or reads differently from what it is, and no CI runner finds a command."""
    for line in document.split("\n"):
        assert line.isprintable(), ascii(line)
        assert "##[" not in line
        assert "##vso[" not in line.lower()
        assert not line.lstrip().startswith("::"), line


def annotations(document: str) -> list[dict[str, str]]:
    """The annotations in a log: every command is one, has known properties only, and is escaped."""
    found = []
    for line in document.removesuffix("\n").split("\n"):
        assert line.isprintable(), ascii(line)
        assert "##[" not in line
        assert "##vso[" not in line.lower()
        if not line.lstrip().startswith("::"):
            continue
        match = ANNOTATION.fullmatch(line)
        assert match, line
        pairs = dict(pair.split("=", 1) for pair in match[2].split(","))
        assert set(pairs) <= _PROPERTIES, line
        values = {name: _decoded(value) for name, value in pairs.items()}
        found.append({"level": match[1], "message": _decoded(match[3]), **values})
    return found


def assert_tame_markdown(document: str, columns: tuple[int, ...] = (2, 4)) -> str:
    """Only paragraphs, lists, tables, folds and code, with nothing active in the text. Returns its words."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(document)
    words: list[str] = []
    for token in tokens:
        kind = token.type.removesuffix("_open").removesuffix("_close")
        assert kind in _BLOCKS | _SILENT, f"{token.type}: {token.content}"
        if token.type == "html_block":
            words.append(_html(token.content))
        elif token.type == "fence":
            assert token.info == "text"
            words.append(token.content)
        words += _inline(token.children or [])
    _check_tables(tokens, columns)
    return "\n".join(words)


def _inline(tokens: list[Token]) -> list[str]:
    words, code = [], False
    for token in tokens:
        assert token.type in _SILENT, f"{token.type}: {token.content}"
        if token.type == "html_inline":
            assert token.content in ("<code>", "</code>")
            code = token.content == "<code>"
        elif token.type == "text" and not code:
            assert not _ACTIVE.search(token.content), token.content
        words.append(token.content)
    assert not code
    return words


def _html(block: str) -> str:
    """A fold's beginning or end: its tags, escaped text, and people only in code."""
    inside = _TAG.sub("\0", block)
    assert "<" not in inside, block
    assert "@" not in re.sub(r"<code>.*?</code>", "", block), block
    return unescape(inside)


def _check_tables(tokens: list[Token], columns: tuple[int, ...]) -> None:
    cells = 0
    for token in tokens:
        if token.type == "tr_open":
            cells = 0
        elif token.type in ("th_open", "td_open"):
            cells += 1
        elif token.type == "tr_close":
            assert cells in columns


def _decoded(text: str) -> str:
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text

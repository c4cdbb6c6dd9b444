"""How a piece of source is shown: its first line, shortened, without texts that may be secrets."""

import ast
import re
from collections.abc import Sequence

_MOST = 80
_TEXT = re.compile(r"""(?P<quote>["'])(?P<inner>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P<end>(?P=quote)|$)""")
_SHOWN = re.compile(
    r"[A-Z][A-Z0-9_]{0,60}|[a-z_]{1,30}|-?\d{1,9}(?:\.\d{1,6})?[a-z]{0,3}|[a-z]+://[A-Za-z0-9.-]+/?|"
)


def shown(lines: Sequence[str], node: ast.expr | ast.stmt | ast.arg) -> str:
    """The node as it is written, up to the end of its first line."""
    if not 0 < node.lineno <= len(lines):
        return ""
    line = lines[node.lineno - 1]
    is_ascii = line.isascii()
    start = node.col_offset if is_ascii else len(line.encode()[: node.col_offset].decode(errors="ignore"))
    end = len(line)
    if node.end_lineno == node.lineno and node.end_col_offset is not None:
        end = node.end_col_offset
        end = end if is_ascii else len(line.encode()[:end].decode(errors="ignore"))
    text = _without_secrets(line[start : min(end, start + 400)].strip())
    return text if len(text) <= _MOST else f"{text[: _MOST - 3].rstrip()}..."


def _without_secrets(text: str) -> str:
    if '"' not in text and "'" not in text:
        return text
    return _TEXT.sub(_kept, text)


def _kept(match: re.Match[str]) -> str:
    inner = match["inner"] if _SHOWN.fullmatch(match["inner"]) else "..."
    return f"{match['quote']}{inner}{match['quote']}"

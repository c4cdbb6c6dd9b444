"""A keyword of a call in Python, or an option of the client that it is made with."""

import ast
from collections.abc import Sequence

from budgetcheck.additions.place import Place, indent_of, inside
from budgetcheck.model.findings import Addition
from budgetcheck.model.span import Span
from budgetcheck.readers.python.texts import shown

WITH_OPTIONS = "with_options"
"""First key of a path that is an option of the client: `client.with_options(max_retries=1).chat...`."""
_RESOURCES = frozenset(
    {"chat", "responses", "completions", "embeddings", "messages", "beta", "images", "audio"}
)

_VERBS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "request", "send", "stream"})


def place(lines: Sequence[str], span: Span, addition: Addition) -> Place | None:
    """In the call at the span; None where it is not there or passes keywords on."""
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    place = (span.line, span.column - 1)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = [node for node in calls if (node.lineno, node.col_offset) == place]
    if not found:
        return None
    # `requests.get(url).json()`: both calls begin there, and the span's text is that of the one meant.
    call = _request([node for node in found if shown(lines, node) == span.text] or found)
    if not all(line.isascii() for line in lines[call.lineno - 1 : call.end_lineno]):
        return None  # columns of the syntax tree count bytes
    if addition.path[0] == WITH_OPTIONS:
        return _option(call, f"{addition.path[-1]}={addition.value}")
    return _keyword(lines, call, addition.path[-1], addition.value)


def _request(calls: Sequence[ast.Call]) -> ast.Call:
    """Of calls at one place the one that asks (`get` of `requests.get(url).json()`), or the last."""
    asking = [one for one in calls if isinstance(one.func, ast.Attribute) and one.func.attr in _VERBS]
    return max(asking or calls, key=lambda one: (one.end_lineno or 0, one.end_col_offset or 0))


def _option(call: ast.Call, text: str) -> Place | None:
    client: ast.expr = call.func
    while isinstance(client, ast.Attribute) and client.attr not in _RESOURCES:
        client = client.value
    while isinstance(client, ast.Attribute) and client.attr in _RESOURCES:
        client = client.value
    if client is call.func or not isinstance(client, ast.Name | ast.Attribute):
        return None
    return inside(client.end_lineno or 0, client.end_col_offset or 0, f".with_options({text})")


def _keyword(lines: Sequence[str], call: ast.Call, name: str, value: str) -> Place | None:
    if any(keyword.arg in (None, name) for keyword in call.keywords):
        return None
    given: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
    if any(isinstance(one, ast.GeneratorExp | ast.Starred) for one in given):
        return None
    text = f"{name}={value}"
    if not given:
        return inside(call.end_lineno or 0, (call.end_col_offset or 0) - 1, text)
    last = max(given, key=lambda one: (one.end_lineno or 0, one.end_col_offset or 0))
    line, column = last.end_lineno or 0, last.end_col_offset or 0
    rest = lines[line - 1][column:].rstrip("\r\n")
    if rest.lstrip().startswith(",") and line != call.end_lineno:  # one argument a line, each with its comma
        comma = column + rest.index(",") + 1
        return inside(line, comma, f"\n{indent_of(lines[line - 1])}{text},")
    return inside(line, column, f", {text}") if rest.lstrip()[:1] in (")", "") else None

"""Calls that wait for nobody: what they need is at hand. Every other call that is not followed may wait."""

import ast
import builtins
from collections.abc import Callable

_MODULES = frozenset(
    [
        "base64",
        "builtins",
        "collections",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "flask",
        "fractions",
        "functools",
        "hashlib",
        "hmac",
        "html",
        "itertools",
        "json",
        "logging",
        "math",
        "numbers",
        "operator",
        "pydantic",
        "random",
        "re",
        "secrets",
        "statistics",
        "string",
        "structlog",
        "textwrap",
        "typing",
        "uuid",
    ]
)
"""Top-level packages without a call that waits: computing, parsing, logging, making a response."""
_PARTS = (
    "aiohttp.web.",
    "django.conf.",
    "django.http.",
    "django.shortcuts.redirect",
    "django.shortcuts.render",
    "django.urls.",
    "django.utils.",
    "falcon.HTTP",
    "fastapi.",
    "litestar.Response",
    "os.environ",
    "os.getenv",
    "os.path.",
    "pyramid.response.",
    "rest_framework.response.",
    "rest_framework.status",
    "sanic.response.",
    "starlette.",
    "time.monotonic",
    "time.perf_counter",
    "time.time",
)
_METHODS = frozenset(
    [
        "append",
        "capitalize",
        "count",
        "decode",
        "dict",
        "encode",
        "endswith",
        "extend",
        "format",
        "isoformat",
        "items",
        "join",
        "keys",
        "lower",
        "lstrip",
        "model_dump",
        "model_dump_json",
        "partition",
        "replace",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strftime",
        "strip",
        "timestamp",
        "title",
        "upper",
        "values",
        "zfill",
    ]
)
"""Methods of texts, containers and plain records; clients have none of these names."""
_AT_HAND = frozenset({"request", "req", "logger", "log", "_logger", "event"})
"""What handlers are given, and what they log with."""
_BUILTIN = frozenset(dir(builtins)) - {"open", "exec", "eval", "compile", "input", "__import__"}


def is_harmless(call: ast.Call, name_of: Callable[[ast.expr], str]) -> bool:
    """A call that certainly waits for nobody. `name_of` gives the full name of what is not the project's."""
    func = call.func
    if isinstance(func, ast.Name) and func.id in _BUILTIN:
        return True
    if _is_known(name_of(func)):
        return True
    if not isinstance(func, ast.Attribute):
        return False
    root = _root(func)
    if func.attr in _METHODS or isinstance(
        root, ast.Constant | ast.JoinedStr | ast.List | ast.Dict | ast.Tuple
    ):
        return True
    if isinstance(root, ast.Name) and (root.id in _AT_HAND or root.id in _BUILTIN):
        return True
    return _is_known(name_of(root))


def _root(node: ast.expr) -> ast.expr:
    """`request` of `request.args.get("a").strip`."""
    while True:
        match node:
            case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Call(func=inner):
                node = inner
            case _:
                return node


def _is_known(name: str) -> bool:
    return name.partition(".")[0] in _MODULES or name.startswith(_PARTS)

"""Paths of routes as frameworks write them, in the words of the model."""

import re

from budgetcheck.model.topology import PathRule
from budgetcheck.readers.app_build import path_rule

_DJANGO_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)[?*+]?|\((?!\?)(?:[^()]|\([^()]*\))*\)[?*+]?")
_PLAIN = re.compile(r"[\w/.\-~{}]*")
_STRICT = re.compile(r"[*+?\[\]|\\]")


def joined(*parts: str) -> str:
    """`/api` and `/users` and `` are `/api/users`: what a router under a prefix answers."""
    return "".join(parts) or "/"


def route_path(path: str) -> PathRule:
    """A path with `{id}`, `{rest:path}`, `<int:id>` or `:id` in it."""
    return path_rule(path if path.startswith("/") else f"/{path}")


def regex_path(pattern: str) -> str:
    """A regular expression of Django as a path with placeholders; a wildcard where it is more than that."""
    text = pattern.removeprefix("^").removesuffix("$").removesuffix("\\Z")
    text = _DJANGO_GROUP.sub(lambda match: f"{{{match.group(1) or 'group'}}}", text)
    text = text.replace("\\.", ".").replace("\\-", "-").replace("/?", "/")
    if _PLAIN.fullmatch(text):
        return text if pattern.endswith(("$", "\\Z")) else f"{text}*"
    found = _STRICT.search(text)
    return f"{text[: found.start()] if found else text}*"

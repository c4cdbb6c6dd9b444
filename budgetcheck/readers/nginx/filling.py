"""Environment variables in templates of nginx files: what `envsubst` puts in when the container starts.

Only where a request goes and how long it may take is filled in. A value that is no time, count, switch or
address stays out: it may be a secret.

- https://hub.docker.com/_/nginx, "Using environment variables in nginx configuration"
- https://www.gnu.org/software/gettext/manual/html_node/envsubst-Invocation.html
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice, product

from budgetcheck.model.span import Span
from budgetcheck.readers.nginx.directives import (
    ANY_NUMBER,
    PASSES,
    SETTINGS,
    STREAM_SETTINGS,
    UPSTREAM_SETTINGS,
)
from budgetcheck.readers.nginx.syntax import Parsed, Statement
from budgetcheck.readers.nginx.templates import VARIABLE
from budgetcheck.readers.processes.texts import MOST_CHOICES, Text, harmless

Lookup = Callable[[str], Text | None]
"""The value of an environment variable; None where nothing says one."""

_LIMITS = frozenset({*SETTINGS, *STREAM_SETTINGS, *UPSTREAM_SETTINGS})
_PLACES = frozenset({*PASSES, "listen", "server", "server_name", "set"})
_PLACE = re.compile(r"[\w.:/*\[\]-]{0,200}")
_WORDS = re.compile(r"(?:error|timeout|invalid_header|http_\d{3}|non_idempotent|off|on|\s)*")


def filled(parsed: Parsed, lookup: Lookup) -> Parsed:
    """The file with everything filled in that is known; the rest stays as it is written."""
    return replace(parsed, statements=tuple(_statement(one, lookup) for one in parsed.statements))


def _statement(statement: Statement, lookup: Lookup) -> Statement:
    block = statement.block
    if block is not None:
        return replace(statement, block=tuple(_statement(inner, lookup) for inner in block))
    if statement.name not in _LIMITS | _PLACES or not any(map(VARIABLE.search, statement.args)):
        return statement
    allowed = _allowed(statement.name)
    # The lexer takes what follows `${NAME}` behind a blank into the same word.
    words = [word for arg in statement.args for word in (arg.split() if VARIABLE.search(arg) else (arg,))]
    parts = [_filled_in(word, lookup, allowed) for word in words]
    found = replace(statement, written=statement.args, steps=tuple(s for part in parts for s in part.spans))
    if all(len(part.choices) == 1 for part in parts):
        return replace(found, args=tuple(part.choices[0] for part in parts))
    if any(not part.choices for part in parts):
        return replace(found, reason=next(part.reason for part in parts if not part.choices))
    combined = islice(product(*(part.choices for part in parts)), MOST_CHOICES + 1)
    choices = tuple(dict.fromkeys(" ".join(choice) for choice in combined))
    reason = next(part.reason for part in parts if len(part.choices) > 1)
    few = len(choices) <= MOST_CHOICES and statement.name in _LIMITS
    return replace(found, choices=choices if few else (), reason=reason)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one argument may be; no choice where that is not known."""

    choices: tuple[str, ...]
    spans: tuple[Span, ...] = ()
    reason: str = ""


def _filled_in(arg: str, lookup: Lookup, allowed: Callable[[str], bool]) -> _Part:
    choices: list[str] = [""]
    spans: list[Span] = []
    reason, end = "", 0
    for match in VARIABLE.finditer(arg):
        name = match[1] or match[2] or match[3]
        text = lookup(name)
        if text is None or not text.choices:
            spans += text.spans if text else ()
            return _Part((), tuple(spans), text.reason if text else "")
        spans += text.spans
        reason = reason or text.reason
        before = arg[end : match.start()]
        choices = [known + before + choice.strip() for known in choices for choice in text.choices]
        end = match.end()
        if len(choices) > MOST_CHOICES:
            return _Part((), tuple(spans), "it has too many possible values")
    whole = tuple(dict.fromkeys(choice + arg[end:] for choice in choices))
    if end and not all(map(allowed, whole)):
        return _Part((), tuple(spans), "what the variable holds is nothing that can be put here")
    return _Part(whole, tuple(dict.fromkeys(spans)), reason)


def _allowed(name: str) -> Callable[[str], bool]:
    if name in _PLACES:
        return lambda value: _PLACE.fullmatch(value) is not None
    if name in ANY_NUMBER:
        return lambda value: _WORDS.fullmatch(value) is not None
    return harmless

"""Connection strings of PostgreSQL: URLs and `key=value` texts, and the server's settings in `options`.

https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from budgetcheck.model.settings import Known, Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.python.clients.common import known, text_of
from budgetcheck.readers.python.values import Plain, PyValue, setting, unresolved

NOT_KNOWN = "it may stand in the connection string, which is not known"
_PAIR = re.compile(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s']\S*)")
_OPTION = re.compile(r"(?:-c\s*|--)(\w+)\s*=\s*((?:[^\s\\]|\\.)+)")
STATEMENT_TIMEOUT = "statement_timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a connection string says.

    Attributes:
        scheme: of a URL (`postgresql+asyncpg`); `host` and `values` where they are given.
        complete: nothing else can stand in it; false where the text is not known.
    """

    scheme: str = ""
    host: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    complete: bool = True

    def setting(self, name: str, *names: str) -> Setting | None:
        """The setting `name` as the first of `names` (or itself) gives it; unresolved if it may be there."""
        for one in names or (name,):
            if one in self.values:
                return setting(name, known(self.values[one], *self.spans))
        return None if self.complete else setting(name, unresolved(NOT_KNOWN, *self.spans))


def address(value: PyValue | None) -> Address:
    """A connection string; without any the host is given in other ways."""
    if value is None or (isinstance(value, Plain) and value.value == Known(value=None)):
        return Address()
    text = text_of(value)
    if not text:
        return Address(spans=value.spans, complete=False)
    return _url(text, value.spans) if "://" in text else _pairs(text, value.spans)


def _url(text: str, spans: tuple[Span, ...]) -> Address:
    try:
        parts = urlsplit(text)
        return Address(
            scheme=parts.scheme, host=parts.hostname or "", values=dict(parse_qsl(parts.query)), spans=spans
        )
    except ValueError:
        return Address(spans=spans, complete=False)


def _pairs(text: str, spans: tuple[Span, ...]) -> Address:
    values = {key: _unquoted(value) for key, value in _PAIR.findall(text)}
    return Address(host=values.get("host", ""), values=values, spans=spans)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1] if text.startswith("'") else text)


def of_options(value: PyValue | None) -> Setting | None:
    """`-c statement_timeout=5s`: what the server is told for the connection."""
    if value is None:
        return None
    text = text_of(value)
    if not text:
        return setting(STATEMENT_TIMEOUT, unresolved("the options are not known", *value.spans))
    found = dict(_OPTION.findall(unquote(text)))
    if STATEMENT_TIMEOUT not in found:
        return None
    return setting(STATEMENT_TIMEOUT, known(found[STATEMENT_TIMEOUT].replace("\\", ""), *value.spans))


def statement_timeout(where: Address, options: PyValue | None) -> Setting | None:
    """The server's limit of a statement, from options given by themselves or in the connection string."""
    found = of_options(options)
    if found is not None:
        return found
    written = where.values.get("options")
    if written is not None:
        return of_options(known(written, *where.spans))
    if options is not None:
        return None
    return where.setting(STATEMENT_TIMEOUT)


def present(settings: Iterable[Setting | None]) -> tuple[Setting, ...]:
    """Those that there are, of several with one name the first."""
    found: dict[str, Setting] = {}
    for one in settings:
        if one is not None:
            found.setdefault(one.name, one)
    return tuple(found.values())

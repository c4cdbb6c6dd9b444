"""Which resources a known value names: the ARN, id or address of one, alone or inside of it."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from budgetcheck.readers.terraform.values import Ref, Refs
from budgetcheck.readers.terraform_plan.document import Entry, Json

_NAMING = (
    "arn",
    "id",
    "self_link",
    "invoke_arn",
    "qualified_arn",
    "execution_arn",
    "root_resource_id",
    "dns_name",
    "url",
    "uri",
)
_ADDRESSES = ("api_endpoint", "invoke_url", "function_url", "domain_name")
"""Attributes whose host alone names the resource as well."""
_SHORTEST = 3
_LONGEST = 4_096
_MOST_TEXTS = 500
_FUNCTION_PARTS = 7
"""`arn:aws:lambda:region:account:function:name`; what follows is a version or alias."""


class Identities:
    """The instances of one document by what names them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._values: dict[str, Json] = {}
        self._named: dict[str, list[Ref]] = {}
        for entry in entries:
            self._values[entry.address] = entry.values
            for attribute, name in _names(entry.values):
                self._named.setdefault(name, []).append(Ref(address=entry.address, attribute=attribute))

    def of(self, plain: object) -> Refs:
        """The resources whose ARN, id or address stands in a value."""
        found = (ref for text in _texts(plain) for ref in self._in_text(text))
        return tuple(dict.fromkeys(found))

    def _in_text(self, text: str) -> Iterator[Ref]:
        exact = self._named.get(text)
        for part in (text,) if exact else _parts(text):
            yield from self._named.get(part, ())

    def may_be(self, ref: Ref, plain: object) -> bool:
        """Whether a value may come from that attribute of a resource: not where both are known and differ."""
        source = self._values.get(ref.address, {}).get(ref.attribute)
        if plain is None or not isinstance(source, str) or not source:
            return True
        return any(source in text for text in _texts(plain))


def _names(values: Json) -> Iterator[tuple[str, str]]:
    for attribute in (*_NAMING, *_ADDRESSES):
        value = values.get(attribute)
        if isinstance(value, str) and _SHORTEST <= len(value) <= _LONGEST:
            yield attribute, value
            if attribute in _ADDRESSES and (host := _host(value)):
                yield attribute, host


def _texts(plain: object) -> Iterator[str]:
    """All texts in a value, as far as it is worth looking."""
    pending, left = [plain], _MOST_TEXTS
    while pending and left:
        one = pending.pop()
        left -= 1
        if isinstance(one, str):
            if len(one) <= _LONGEST:
                yield one
        elif isinstance(one, list):
            pending.extend(one[:left])
        elif isinstance(one, dict):
            pending.extend(list(one.values())[:left])


def _parts(text: str) -> Iterator[str]:
    """The parts of a longer name that may be names of their own: `integrations/abc`, the host of a URL."""
    if host := _host(text):
        yield host
    for part in (text, *text.split("/")):
        yield part
        if ":function:" in part:
            yield ":".join(part.split(":")[:_FUNCTION_PARTS])


def _host(text: str) -> str:
    if not text.startswith(("http://", "https://", "wss://")):
        return ""
    try:
        return urlsplit(text).hostname or ""
    except ValueError:
        return ""

"""Request paths as listeners, routes and gateways write them."""

import re
from urllib.parse import urlsplit

from budgetcheck.model.topology import PathRule
from budgetcheck.readers.terraform.values import Scalar, Unknown, Value

MAYBE = PathRule(pattern="(not known)", prefix="/", opaque=True)
"""A condition that could not be worked out: requests may or may not match."""

_WILDCARD = re.compile(r"[*?]")
_PARAMETER = re.compile(r"\{([^}]*)\}")


def path_pattern(pattern: str) -> PathRule:
    """A path pattern of a listener rule or cache behaviour: `/chat*`, `/v1/*/items`, `/exact`."""
    wildcard = _WILDCARD.search(pattern)
    if wildcard is None:
        return PathRule(pattern=pattern, prefix=_rooted(pattern), exact=True)
    prefix = pattern[: wildcard.start()]
    only_end = wildcard.group() == "*" and wildcard.end() == len(pattern)
    return PathRule(pattern=pattern, prefix=_rooted(prefix), opaque=not only_end)


def gateway_path(path: str) -> PathRule:
    """A path of an API gateway: `/orders`, `/orders/{id}`, `/{proxy+}`."""
    path = _rooted(path)
    parameter = _PARAMETER.search(path)
    if parameter is None:
        return PathRule(pattern=path, prefix=path, exact=True)
    greedy = parameter.group(1).endswith("+") and parameter.end() == len(path)
    return PathRule(pattern=path, prefix=path[: parameter.start()], opaque=not greedy)


def _rooted(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def split_url(url: str) -> tuple[str, int]:
    """Host and port of an http URL; no host where it is none, port 0 where it is not written."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        return "", 0
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[\w.:-]+", host):
        return "", 0
    return host, port


def is_public(host: str) -> bool:
    """A host name in the public name space: certainly outside of these files where it is a literal."""
    return "." in host and not host.endswith((".local", ".internal")) and not host.replace(".", "").isdigit()


def public_domain(value: Value) -> str:
    """`*.example.com` for a name or URL of which only the end is known, where that is a public domain.

    Whatever the rest is, it is a name that somebody gave in the DNS: no container of these files.
    """
    if not isinstance(value, Unknown) or not value.pieces:
        return ""
    last = value.pieces[-1].value
    end = str(last.value).partition("/")[0] if isinstance(last, Scalar) else ""
    domain = end[end.find(".") :] if "." in end else ""
    return f"*{domain}" if is_public(domain.lstrip(".")) else ""

"""Where a pass goes: `http://app:8000/v1`, `unix:/run/app.sock|fcgi://localhost`, `balancer://pool`."""

import re
from dataclasses import dataclass

from budgetcheck.model.span import Span
from budgetcheck.model.topology import Target
from budgetcheck.readers.apache.lexing import is_filled_in

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(\[[^\]]*\]|[^/:?$%{<@]*)(?::(\d{0,5}))?(.*)", re.DOTALL)
_VARIABLE = re.compile(r"%\{[^}]*\}|\$\d|\$\{[^}]*\}|\{\{[^}]*\}\}|%\d")
_HOST = re.compile(r"[\w.-]{1,255}|\[[0-9A-Fa-f:.%]+\]")
_DEFAULT_PORTS = {
    "http": 80, "https": 443, "h2": 443, "h2c": 80, "ws": 80, "wss": 443, "fcgi": 8000, "ajp": 8009,
    "scgi": 4000, "uwsgi": 3031,
}  # fmt: skip
_SECURE = frozenset({"https", "wss", "h2"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """A target. `socket` is the path of a unix socket; `reason` says why it is not known."""

    scheme: str
    host: str = ""
    port: int = 0
    path: str = ""
    socket: str = ""
    reason: str = ""

    @property
    def is_balancer(self) -> bool:
        """A group of members, not a server."""
        return self.scheme == "balancer"

    @property
    def secure(self) -> bool:
        """The connection needs TLS."""
        return self.scheme in _SECURE

    @property
    def key(self) -> str:
        """What workers are compared by, without what stands behind the first variable."""
        return f"{self.scheme}://{self.host}:{self.port}{self.path or '/'}"

    def target(self, span: Span, group: str = "", *, strip: str = "", replace: str = "") -> Target:
        """The target of a hop."""
        if self.reason:
            return Target(group=group, span=span, reason=self.reason)
        if self.socket:
            return Target(socket=self.socket, group=group, span=span)
        return Target(
            host=self.host,
            port=self.port,
            group=group,
            span=span,
            strip=strip,
            replace=replace,
            external=self.secure and _is_public(self.host),
        )


def read_url(text: str) -> Url | None:
    """The parts of a target; None for what is no URL."""
    socket, bar, rest = text.partition("|")
    path = ""
    if bar and socket.lower().startswith("unix:"):
        path, text = re.sub(r"^//+", "/", socket[5:]), rest
    match = _URL.match(text)
    if match is None:
        return None
    scheme, host, port, uri = match[1].lower(), match[2], match[3] or "", match[4]
    if is_filled_in(path) or (not path and not host) or (uri[:1] in tuple("%{<@") and not port):
        return Url(scheme=scheme, path="", reason=f"the address comes from {_shown(path or host + uri)}")
    if path:
        return Url(scheme=scheme, host=host.lower(), path=_literal(uri), socket=path)
    if not _HOST.fullmatch(host) or (uri.startswith("${") and ":" not in text.removeprefix(f"{scheme}://")):
        return Url(scheme=scheme, reason=f"`{host[:60]}` is not a host name")
    known = bool(port) or ":" not in text.partition("://")[2].partition("/")[0]
    return Url(
        scheme=scheme,
        host=host.strip("[]").lower(),
        port=int(port or 0) or (_DEFAULT_PORTS.get(scheme, 0) if known else 0),
        path=_literal(uri),
    )


def _shown(text: str) -> str:
    """The variable that stands for it, as far as that can be shown."""
    found = _VARIABLE.search(text)
    return found[0][:40] if found else "a template"


def has_variable(text: str) -> bool:
    """A part of the request is put into the target: such a one has no worker of its own."""
    return bool(_VARIABLE.search(text))


def _literal(uri: str) -> str:
    found = _VARIABLE.search(uri)
    return uri[: found.start()] if found else uri.partition("?")[0]


def _is_public(host: str) -> bool:
    dotted = "." in host and not host.replace(".", "").isdigit() and ":" not in host
    internal = (
        ".local",
        ".internal",
        ".svc",
        ".localhost",
        ".localdomain",
        ".lan",
        ".test",
        ".cluster.local",
    )
    return dotted and not host.endswith(internal)

"""The `*_pass` directives: where a location sends requests, with variables and groups worked out.

https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from budgetcheck.model.bound import Bound, union
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Target
from budgetcheck.readers.nginx.context import Block, Placed
from budgetcheck.readers.nginx.patterns import REGULAR, Match, Pattern
from budgetcheck.readers.nginx.upstreams import Address, Upstream, address_count, is_public, read_address
from budgetcheck.readers.nginx.variables import Variables

_SCHEME = re.compile(r"(\w+|\$\w+|\$\{\w+\})://")
_SECURE = {"https", "grpcs", "suwsgi"}
_DEFAULT_PORTS = {"proxy": {"https": 443, "http": 80}, "grpc": {"grpcs": 443, "grpc": 80, "": 80}}
_VARIABLE = re.compile(r"\$(?!\{[A-Z][A-Z0-9_]*\})")
_CUT_PREFIX = re.compile(r"\^(/[\w/.~-]*)\((?:\.\*|\.\+)\)\$?")
_PUT_BEFORE = re.compile(r"(/[\w/.~-]*)\$1(?:\?.*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a pass may refer to: groups by lower-case name, variables, and known numbers of addresses."""

    upstreams: Mapping[str, Upstream]
    variables: Variables
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """What one pass comes to.

    Attributes:
        targets: every server it may send to.
        peers: how many addresses one request may be tried on.
        groups: the upstream groups among the possibilities.
        secure: the next connection needs TLS.
    """

    targets: tuple[Target, ...]
    peers: Bound
    groups: tuple[Upstream, ...] = ()
    secure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """The parts of a pass's argument; `uri` begins with `/`, or is empty where none is written."""

    scheme: str
    authority: str
    uri: str


def read_pass(
    placed: Placed, family: str, pattern: Pattern | None, location: Block, around: Surroundings
) -> Destination:
    """Where a pass sends requests.

    `pattern` is that of the location, None for a pass in `if` or `limit_except`, which take no URI.
    """
    written = placed.args[0] if placed.args else ""
    urls = [split_url(text) for text in around.variables.texts(written)]
    parts = [_read(url, family, placed.statement.span, around) for url in urls]
    strip, put = _path_change(written, urls[0].uri, pattern, location)
    targets = dict.fromkeys(
        replace(target, strip=strip, replace=put) if strip else target
        for part in parts
        for target in part.targets
    )
    peers = union(part.peers for part in parts)
    if not peers.exact and not peers.reason:
        peers = replace(peers, reason=f"`{written}` may stand for several groups")
    return Destination(
        targets=tuple(targets),
        peers=peers,
        groups=tuple(dict.fromkeys(group for part in parts for group in part.groups)),
        secure=any(part.secure for part in parts),
    )


def split_url(text: str) -> Url:
    """`http://host:80/uri`, `unix:/path`, `http://unix:/path:/uri`, `host:port`."""
    match = _SCHEME.match(text)
    scheme, rest = (match[1], text[match.end() :]) if match else ("", text)
    if rest.startswith("unix:"):
        path, _, uri = rest.removeprefix("unix:").partition(":")
        return Url(scheme=scheme, authority=f"unix:{path}", uri=uri)
    cut = re.search(r"[/?]", rest)
    if cut is None or not match:
        return Url(scheme=scheme, authority=rest, uri="")
    return Url(scheme=scheme, authority=rest[: cut.start()], uri=rest[cut.start() :])


def _read(url: Url, family: str, span: Span, around: Surroundings) -> Destination:
    secure = url.scheme in _SECURE
    group = around.upstreams.get(url.authority.lower())
    if group:
        targets = [_target(address, place, secure, group.name) for address, place in group.servers]
        if not targets:
            targets = [
                Target(group=group.name, span=group.span, reason=f"no server of `{group.name}` is known")
            ]
        return Destination(targets=tuple(targets), peers=group.peers, groups=(group,), secure=secure)
    address = read_address(url.authority, _DEFAULT_PORTS.get(family, {}).get(url.scheme, 0))
    return Destination(
        targets=(_target(address, span, secure, ""),),
        peers=address_count(address, around.counts),
        secure=secure,
    )


def _target(address: Address, span: Span, secure: bool, group: str) -> Target:
    return Target(
        host=address.host,
        port=address.port,
        socket=address.socket,
        group=group,
        span=span,
        external=secure and is_public(address.host),
        reason=address.reason,
    )


def _path_change(written: str, uri: str, pattern: Pattern | None, location: Block) -> tuple[str, str]:
    """The beginning of the path that is replaced, and by what; both empty where the path stays."""
    for placed in location.directives.get("rewrite", ()):
        regex, replacement, *flags = (*placed.args, "", "")[:3]
        cut, put = _CUT_PREFIX.fullmatch(regex), _PUT_BEFORE.fullmatch(replacement)
        if flags == ["break"] and cut and put:
            return cut[1], put[1]
    # with a variable of nginx in it, the URI replaces the whole path and cannot be followed
    whole = _VARIABLE.search(written) is not None
    if not uri.startswith("/") or whole or pattern is None or pattern.match in REGULAR | {Match.NAMED}:
        return "", ""
    return pattern.body, uri.partition("?")[0]

"""The `*_pass` directives: where a location sends requests, with variables and groups worked out.

https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from budgetcheck.model.bound import Bound, union
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Target
from budgetcheck.readers.nginx.context import Block
from budgetcheck.readers.nginx.expansion import Placed
from budgetcheck.readers.nginx.patterns import REGULAR, Match, Pattern
from budgetcheck.readers.nginx.upstreams import Upstream, address_count, is_public, make_target, read_address
from budgetcheck.readers.nginx.variables import Variables

_SCHEME = re.compile(r"(\w+|\$\w+|\$\{\w+\})://")
_PATH_BEGINS = re.compile(r"[/?]|\$\{?(?:request_uri|uri|document_uri|is_args|args|query_string|\d)\b")
_SECURE = {"https", "grpcs", "suwsgi"}
_DEFAULT_PORTS = {"proxy": {"https": 443, "http": 80}, "grpc": {"grpcs": 443, "grpc": 80, "": 80}}
_VARIABLE = re.compile(r"\$(?!\{[A-Z][A-Z0-9_]*\})")
_CUT_PREFIX = re.compile(r"\^(/[\w/.~-]*)\((?:\.\*|\.\+)\)\$?")
_PUT_BEFORE = re.compile(r"(/[\w/.~-]*)\$1(?:\?.*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the passes of one site may refer to: groups by lower-case name, maps, known address counts."""

    upstreams: Mapping[str, Upstream]
    maps: Mapping[str, tuple[str, ...]]
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
    placed: Placed, family: str, pattern: Pattern | None, chain: Sequence[Block], shared: Shared
) -> Destination:
    """Where a pass sends requests.

    `pattern` is that of the location, None for a pass in `if` or `limit_except`, which take no URI. `chain`
    are the blocks around, the location's first.
    """
    written = placed.args[0]
    texts = Variables(maps=shared.maps, scopes=chain).texts(written) if "$" in written else (written,)
    urls = [split_url(text) for text in texts]
    parts = [_read(url, family, placed.statement.span, shared) for url in urls]
    strip, put = _path_change(written, urls[0].uri, pattern, chain[0])
    if strip:
        parts = [_with_path_change(part, strip, put) for part in parts]
    return parts[0] if len(parts) == 1 else _any_of(parts, written)


def _any_of(parts: Sequence[Destination], written: str) -> Destination:
    peers = union(part.peers for part in parts)
    if not peers.exact:
        peers = replace(peers, reason=f"`{written}` may stand for several destinations")
    return Destination(
        targets=tuple(dict.fromkeys(target for part in parts for target in part.targets)),
        peers=peers,
        groups=tuple(dict.fromkeys(group for part in parts for group in part.groups)),
        secure=any(part.secure for part in parts),
    )


def _with_path_change(part: Destination, strip: str, put: str) -> Destination:
    targets = (replace(target, strip=strip, replace=put) for target in part.targets)
    return replace(part, targets=tuple(targets))


def split_url(text: str) -> Url:
    """`http://host:80/uri`, `unix:/path`, `http://unix:/path:/uri`, `host:port`."""
    # `unix:///run/app.sock`, as uWSGI's manual has it, is a path with slashes before it and no scheme.
    match = None if text.startswith("unix:") else _SCHEME.match(text)
    scheme, rest = (match[1], text[match.end() :]) if match else ("", text)
    if rest.startswith("unix:"):
        path, _, uri = rest.removeprefix("unix:").partition(":")
        return Url(scheme=scheme, authority=f"unix:{path}", uri=uri)
    cut = _PATH_BEGINS.search(rest)
    if not cut or not cut.start() or not match:
        return Url(scheme=scheme, authority=rest, uri="")
    return Url(scheme=scheme, authority=rest[: cut.start()], uri=rest[cut.start() :])


def _read(url: Url, family: str, span: Span, shared: Shared) -> Destination:
    secure = url.scheme in _SECURE
    group = shared.upstreams.get(url.authority.lower())
    if group:
        peers, targets = group.peers, group.targets
    else:
        address = read_address(url.authority, _DEFAULT_PORTS.get(family, {}).get(url.scheme, 0))
        peers, targets = address_count(address, shared.counts), (make_target(address, span),)
    if secure and any(is_public(target.host) for target in targets):
        targets = tuple(replace(target, external=is_public(target.host)) for target in targets)
    return Destination(targets=targets, peers=peers, groups=(group,) if group else (), secure=secure)


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

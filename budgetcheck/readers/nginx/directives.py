"""What nginx accepts where: the directives that are read, their contexts, and how many arguments they take.

Contexts and inheritance: https://nginx.org/en/docs/dirindex.html and the modules' pages it links to.
"""

from enum import Enum


class Kind(Enum):
    """The context a block of nginx configuration makes."""

    MAIN = "main"
    FRAGMENT = "fragment"
    """The top level of a file that some other file includes, which one is not known."""
    HTTP = "http"
    SERVER = "server"
    LOCATION = "location"
    IF = "if"
    LIMIT_EXCEPT = "limit_except"
    UPSTREAM = "upstream"
    STREAM = "stream"
    STREAM_SERVER = "stream server"
    MAP = "map"


FAMILIES = ("proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached")
PASSES = {f"{family}_pass": family for family in FAMILIES}
"""The directives that send a request on, and their family."""

DECISIVE = (
    "connect_timeout",
    "send_timeout",
    "read_timeout",
    "next_upstream",
    "next_upstream_tries",
    "next_upstream_timeout",
)
"""What decides how long a pass of a family may take, without its prefix."""

STREAM_DECISIVE = (
    "proxy_connect_timeout",
    "proxy_timeout",
    "proxy_next_upstream",
    "proxy_next_upstream_tries",
    "proxy_next_upstream_timeout",
)

_PER_FAMILY = (
    *DECISIVE,
    "buffering",
    "request_buffering",
    "ignore_client_abort",
    "cache",
    "cache_lock",
    "cache_lock_age",
    "cache_lock_timeout",
    "http_version",
    "intercept_errors",
    "socket_keepalive",
)
_CLIENT = (
    "auth_delay",
    "client_body_timeout",
    "keepalive_min_timeout",
    "keepalive_requests",
    "keepalive_time",
    "keepalive_timeout",
    "lingering_close",
    "lingering_time",
    "lingering_timeout",
    "reset_timedout_connection",
    "resolver_timeout",
    "send_timeout",
)
_STREAM = (
    *STREAM_DECISIVE,
    "preread_timeout",
    "proxy_protocol_timeout",
    "proxy_socket_keepalive",
    "resolver_timeout",
    "ssl_handshake_timeout",
)

_HTTP_SERVER = frozenset({Kind.HTTP, Kind.SERVER})
_HTTP_LOCATION = _HTTP_SERVER | {Kind.LOCATION}
_STREAM_LEVELS = frozenset({Kind.STREAM, Kind.STREAM_SERVER})

SETTINGS: dict[str, frozenset[Kind]] = {
    **{f"{family}_{name}": _HTTP_LOCATION for family in FAMILIES for name in _PER_FAMILY},
    **dict.fromkeys(_CLIENT, _HTTP_LOCATION),
    "client_header_timeout": _HTTP_SERVER,
    "worker_shutdown_timeout": frozenset({Kind.MAIN}),
}
"""Every directive that becomes a setting of the locations below it, and where http allows it."""

STREAM_SETTINGS = {
    **dict.fromkeys(_STREAM, _STREAM_LEVELS),
    "worker_shutdown_timeout": frozenset({Kind.MAIN}),
}
"""The same for the stream module, which has directives of the same names with other meanings."""

CONTEXTS: dict[str, frozenset[Kind]] = {
    **SETTINGS,
    **dict.fromkeys(PASSES, frozenset({Kind.LOCATION, Kind.IF})),
    "proxy_pass": frozenset({Kind.LOCATION, Kind.IF, Kind.LIMIT_EXCEPT}),
}
"""Where http allows each directive that is checked; nginx refuses the configuration otherwise."""

STREAM_CONTEXTS: dict[str, frozenset[Kind]] = {
    **STREAM_SETTINGS,
    "proxy_pass": frozenset({Kind.STREAM_SERVER}),
}
"""The same for the stream module."""

UPSTREAM_SETTINGS = ("keepalive", "keepalive_requests", "keepalive_time", "keepalive_timeout")
"""Directives of an `upstream` block; they become settings named `upstream.NAME`."""

ONE_OR_TWO = frozenset({"keepalive_timeout", "keepalive"})
"""Take a second argument that is not part of the value (the response header, `local`)."""

ANY_NUMBER = frozenset(f"{family}_next_upstream" for family in FAMILIES)
"""Take a list."""

OTHERS = frozenset({
    *PASSES,
    "auth_request",
    "error_page",
    "include",
    "internal",
    "limit_req",
    "limit_req_zone",
    "listen",
    "proxy_set_header",
    "recursive_error_pages",
    "return",
    "rewrite",
    "server",
    "server_name",
    "set",
    "try_files",
    "zone",
})  # fmt: skip
"""Directives that are read for where requests go."""

KEPT = frozenset({*SETTINGS, *STREAM_SETTINGS, *UPSTREAM_SETTINGS, *OTHERS})
"""All directives that the rest of the reader looks at; others are dropped early."""

BLOCKS: dict[Kind, dict[str, Kind]] = {
    Kind.MAIN: {"http": Kind.HTTP, "stream": Kind.STREAM},
    Kind.HTTP: {"server": Kind.SERVER, "upstream": Kind.UPSTREAM},
    Kind.STREAM: {"server": Kind.STREAM_SERVER, "upstream": Kind.UPSTREAM},
    Kind.SERVER: {"location": Kind.LOCATION, "if": Kind.IF},
    Kind.LOCATION: {"location": Kind.LOCATION, "if": Kind.IF, "limit_except": Kind.LIMIT_EXCEPT},
}
"""Which blocks may stand in which context."""
for _kind in (Kind.HTTP, Kind.STREAM):
    BLOCKS[_kind] |= dict.fromkeys(("map", "geo", "split_clients"), Kind.MAP)
BLOCKS[Kind.FRAGMENT] = {
    **BLOCKS[Kind.MAIN], **BLOCKS[Kind.HTTP], "location": Kind.LOCATION, "if": Kind.IF,
}  # fmt: skip

PLACED = frozenset(name for blocks in BLOCKS.values() for name in blocks)
"""Block directives that are an error where BLOCKS does not list them."""

MAIN_ONLY = frozenset({
    "daemon", "events", "http", "load_module", "mail", "pcre_jit", "pid", "stream", "user",
    "worker_processes", "worker_rlimit_nofile", "worker_shutdown_timeout",
})  # fmt: skip
"""A file with one of these at its top level is a main configuration file."""

FREE_KEYS = frozenset({"map", "geo", "types", "split_clients", "charset_map"})
"""Blocks whose entries begin with any word, so the word cannot be checked."""

STARTERS = frozenset({
    *(name for name in KEPT if "_" in name), "location", "include", "upstream", "add_header", "access_log",
    "error_log", "client_max_body_size", "ssl_certificate", "ssl_certificate_key",
})  # fmt: skip
"""Words that begin a statement when they begin a line: before them a `;` is missing."""

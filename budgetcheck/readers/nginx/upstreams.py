"""`upstream` blocks and addresses: which servers a pass may try, and how many addresses that makes.

nginx tries every address a name resolves to, backups included, a duplicate as often as it is listed.
https://nginx.org/en/docs/http/ngx_http_upstream_module.html
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from budgetcheck.model.bound import ONE, ZERO, Bound, exactly, one_of, unknown
from budgetcheck.model.settings import Problem, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Target
from budgetcheck.readers.nginx.context import Block
from budgetcheck.readers.nginx.directives import UPSTREAM_SETTINGS
from budgetcheck.readers.nginx.expansion import Placed
from budgetcheck.readers.nginx.in_force import make_setting
from budgetcheck.readers.nginx.templates import expression_in

_MOST_NAMES = 3
_HOST = re.compile(r"[\w.-]+|\[[0-9A-Fa-f:.%\w]+\]")
_HOST_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(.*))?", re.DOTALL)
_LOCAL_ENDINGS = (".local", ".internal", ".svc", ".localhost", ".localdomain", ".test", ".lan", ".home.arpa")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address of a `server` line or a pass. All of `host` and `socket` empty: not known, see `reason`."""

    host: str = ""
    port: int = 0
    socket: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Upstream:
    """A group of servers.

    Attributes:
        targets: one for every `server` line that is not `down`; one without an address if there is none.
        settings: its keep-alive settings, named `upstream.NAME`.
        peers: how many addresses a request may be tried on.
    """

    name: str
    span: Span
    targets: tuple[Target, ...]
    settings: tuple[Setting, ...]
    peers: Bound


def read_upstream(block: Block, counts: Mapping[str, int], problems: list[Problem]) -> Upstream:
    """The group an `upstream` block declares; `counts` says how many addresses a name has."""
    lines = [placed for placed in block.directives.get("server", ()) if "down" not in placed.args[1:]]
    servers = [(read_address(placed.args[0] if placed.args else "", 80), placed) for placed in lines]
    settings = tuple(
        make_setting(name, block, problems, "upstream.")
        for name in UPSTREAM_SETTINGS
        if name in block.directives
    )
    name = block.args[0] if block.args else ""
    targets = tuple(make_target(address, placed.statement.span, name) for address, placed in servers)
    nobody = Target(group=name, span=block.span, reason=f"no server of `{name}` is known to be in use")
    return Upstream(
        name=name,
        span=block.span,
        targets=targets or (nobody,),
        settings=settings,
        peers=_peers(block, servers, counts),
    )


def make_target(address: Address, span: Span, group: str = "") -> Target:
    """The target behind an address; `group` is the upstream group it belongs to."""
    return Target(
        host=address.host,
        port=address.port,
        socket=address.socket,
        group=group,
        span=span,
        reason=address.reason,
    )


def _peers(block: Block, servers: Sequence[tuple[Address, Placed]], counts: Mapping[str, int]) -> Bound:
    certain = [address for address, placed in servers if placed.branch in (None, block.branch)]
    if reason := _open_reason(block, len(certain) < len(servers)):
        return unknown(reason, low=max(1, len(certain)))
    return _sum([address for address, _ in servers], counts)


def _sum(addresses: Sequence[Address], counts: Mapping[str, int]) -> Bound:
    """How many addresses several servers have together, with one reason for all that is not known."""
    total = ZERO
    for address in addresses:
        total += address_count(address, counts)
    unknown_names = list(
        dict.fromkeys(
            address.host for address in addresses if address.host and not address_count(address, counts).exact
        )
    )
    if len(unknown_names) > 1:
        shown = ", ".join(f'"{name}"' for name in unknown_names[:_MOST_NAMES])
        more = ", ..." if len(unknown_names) > _MOST_NAMES else ""
        return replace(total, reason=f"the numbers of addresses of {shown}{more} are not known")
    return total


def _open_reason(block: Block, conditional: bool) -> str:
    """Why the `server` lines do not say how many servers there are; empty if they do."""
    if block.gaps:
        return block.gaps[0].reason.removesuffix(", and may set it")
    name = block.args[0] if block.args else ""
    if conditional:
        return f"the template decides how many servers `{name}` has"
    if "server" not in block.directives:
        return f"the servers of `{name}` are not in its block"
    return ""


def address_count(address: Address, counts: Mapping[str, int]) -> Bound:
    """How many addresses stand behind one address of the configuration."""
    if address.socket or is_ip(address.host):
        return ONE
    if address.host in counts:
        return exactly(counts[address.host])
    if address.host == "localhost":
        return one_of((1, 2), "`localhost` may have two addresses, 127.0.0.1 and ::1")
    if not address.host:
        return unknown(address.reason, low=1)
    return unknown(f'the number of addresses of "{address.host}" is not known', low=1)


def read_address(text: str, default_port: int) -> Address:
    """`host:port`, `[::1]:80` or `unix:/path`, where the port may be left out."""
    if text.startswith("unix:"):
        path = re.sub(r"^//+", "/", text.removeprefix("unix:"))
        variable = re.search(r"\$\w+", path)
        unknown_part = expression_in(path) or (variable[0] if variable else "")
        return Address(reason=_unknown_part(unknown_part)) if unknown_part else Address(socket=path)
    masked = text
    expressions = []
    while expression := expression_in(masked):
        expressions.append(expression)
        masked = masked.replace(expression, f"\x00{len(expressions) - 1}\x00")
    match = _HOST_PORT.fullmatch(masked)
    host, port_text = (match[1], match[2] or "") if match else (masked, "")
    port = int(port_text) if port_text.isascii() and port_text.isdigit() and len(port_text) < 6 else 0
    if match and match[2] is None:
        port = default_port
    if "\x00" in host or "$" in host or not host:
        shown = re.search(r"\$\w+", host)
        what = expressions[0] if expressions else shown[0] if shown else ""
        return Address(port=port, reason=_unknown_part(what) if what else "no address is written")
    if not _HOST.fullmatch(host):
        return Address(port=port, reason=f"`{host}` is not a host name")
    return Address(host=host.strip("[]").lower(), port=port)


def _unknown_part(expression: str) -> str:
    return f"the address comes from {expression}"


def is_ip(host: str) -> bool:
    """The host is an address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(host: str) -> bool:
    """The host is a name that looks like one of the public DNS: what it stands for is not in these files."""
    name = host.rstrip(".")
    dotted = "." in name and not is_ip(name)
    return dotted and not name.endswith(_LOCAL_ENDINGS) and ".svc." not in f"{name}."

"""A server as it is started, in the words of its facts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from budgetcheck.model.settings import Problem, Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.processes.options import Given
from budgetcheck.readers.processes.texts import Text, ports_of

UNSTATED = "server"
"""The component of a server without facts."""

_ADDRESS = re.compile(r"(?:[a-z+]+://)?(?:\[[^\]]*\]|[^:\[\]]*):?(\d*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Where a server listens.

    Attributes:
        ports, sockets: what is known of it.
        hidden: it listens somewhere that could not be worked out.
        stated: somebody said where.
    """

    ports: tuple[int, ...] = ()
    sockets: tuple[str, ...] = ()
    hidden: bool = False
    stated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server of a process.

    Attributes:
        component: the facts about it; `server` where there are none.
        program: what it is called (`puma`).
        span: where it is started.
        development: it is meant for development (reload on change, a debug server).
        files: configuration files that belong to it.
        worker: it takes work from a queue: nothing stands in front of it.
        version: where the files say it.
    """

    component: str
    program: str
    span: Span
    settings: tuple[Setting, ...] = ()
    traits: tuple[tuple[str, str], ...] = ()
    binding: Binding = field(default_factory=Binding)
    problems: tuple[Problem, ...] = ()
    development: bool = False
    files: tuple[str, ...] = ()
    worker: bool = False
    version: str = ""


def settings_of(given: Mapping[str, Given], names: Iterable[str]) -> tuple[Setting, ...]:
    """The settings among the given values, by name."""
    return tuple(given[name].setting(name) for name in sorted(names) if name in given)


def counts_of(given: Mapping[str, Given], names: Iterable[str]) -> tuple[Setting, ...]:
    """Numbers of workers and threads: none at all where one of them is given and not known."""
    written = [name for name in sorted(names) if name in given]
    if not all((given[name].text.known or "").isdigit() for name in written):
        return ()
    return settings_of(given, written)


def read_addresses(texts: Iterable[Text]) -> Binding:
    """Ports and sockets of addresses: `0.0.0.0:8000`, `[::]:80`, `unix:/run/app.sock`, `:8000`."""
    ports: set[int] = set()
    sockets: list[str] = []
    hidden = stated = False
    for text in texts:
        stated = True
        hidden = hidden or not text.choices
        for choice in text.choices:
            for address in choice.split(","):
                socket = _socket(address.strip())
                if socket:
                    sockets.append(socket)
                    continue
                match = _ADDRESS.fullmatch(address.strip().removeprefix("tcp://"))
                if match and match.group(1):
                    ports.add(int(match.group(1)))
                else:
                    hidden = hidden or not match
    usable = tuple(sorted(port for port in ports if 0 < port < 65536))
    return Binding(ports=usable, sockets=tuple(dict.fromkeys(sockets)), hidden=hidden, stated=stated)


def _socket(address: str) -> str:
    for prefix in ("unix://", "unix:"):
        if address.startswith(prefix):
            return address.removeprefix(prefix)
    return address if address.startswith("/") else ""


def port_binding(given: Mapping[str, Given], default: int, *, socket: str = "") -> Binding:
    """Where a server with separate host and port options listens."""
    if socket in given:
        path = given[socket].text.known
        return Binding(sockets=(path,) if path else (), hidden=not path, stated=True)
    if "port" not in given:
        return Binding(ports=(default,) if default else ())
    text = given["port"].text
    return Binding(ports=ports_of([text]), hidden=not text.choices, stated=True)

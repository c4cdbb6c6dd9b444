"""What one lab case says: a configuration, its backends, a request, and what came of it."""

from dataclasses import dataclass, field
from enum import Enum

from .backends import Behaviour, Hang
from .client import Request


class Claim(Enum):
    """Which number of budgetcheck a measurement is compared with, and how."""

    HANG = "hang"
    """Attempts are equal and the seconds are those of `hang`."""
    AT_MOST = "at most hang"
    """Another, quicker way through the same location: neither seconds nor attempts exceed `hang`."""
    STRICT = "strict"
    """Dead hosts: the seconds do not exceed the strict bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case of the lab.

    `http` and `stream` are what stands in these blocks of the file, `main` what stands before them. In them,
    and in `files`, `<listen>` is where nginx listens, `<1>`, `<2>` ... are the addresses of the backends,
    `<port 1>` their ports and `<resolver>` is a name server; nothing else is put in.

    Attributes:
        why: what the case is there to show.
        backends: in the order of their numbers; `same_port` puts them on one port of 127.0.0.1, 127.0.0.2 ...
        location: the location, as written, whose worst case the caller meets; empty for a stream server.
        seconds: until the response header, or until nginx closes the connection; None states nothing, neither
            of seconds nor of attempts nor of the status (generated cases).
        attempts: requests all backends see together; None where it depends on the machine.
        status: None for a connection that is closed without a response.
        files: more files beside nginx.conf, by name.
        deviates: why budgetcheck's number is known to be wrong; empty where it is right.
    """

    name: str
    why: str
    main: str = ""
    http: str = ""
    stream: str = ""
    backends: tuple[Behaviour, ...] = (Hang(),)
    same_port: bool = False
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    request: Request = field(default_factory=Request)
    location: str = "/"
    seconds: float | None
    attempts: int | None
    status: int | None = 504
    claim: Claim = Claim.HANG
    files: tuple[tuple[str, str], ...] = ()
    deviates: str = ""

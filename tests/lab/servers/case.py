"""What one case of the server lab says: the files of a server, and what is measured of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from budgetcheck.model.limits import Meaning

from .clocks import Running, Seen


class Claim(Enum):
    """Which number of budgetcheck a measurement is compared with."""

    LIMIT = "limit"
    """A limit of the server, by its setting and meaning."""
    HANG = "hang"
    """How long the server can keep its caller waiting: cut then, or never."""
    ABSENT = "no limit"
    """The server has no limit of that meaning: whatever it would end ends at once."""


Clock = Callable[[Running], Awaitable[Seen]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One measurement.

    Attributes:
        what: names it in the table.
        setting, meaning: the limit that is compared, or the one that ends the request.
        seconds: what the case states, and budgetcheck must predict; None for no end.
        early, late: how much sooner or later than `seconds` the component may act by its own account, because
            it looks at the clock only now and then; `why_late` says where that is written.
        status: of the answer, if one is due; 0 where the component may answer or just close.
        default: nobody wrote the number: the measurement is of the component's default.
    """

    what: str
    clock: Clock
    claim: Claim = Claim.LIMIT
    setting: str = ""
    meaning: Meaning | None = None
    seconds: float | None
    early: float = 0.0
    late: float = 0.0
    why_late: str = ""
    status: int | None = 0
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server and what is measured of it, one after the other.

    In `files`, `<address>`, `<host>` and `<port>` are where it listens; nothing else is put in. `start` is
    the file that is run. `needs` are Python modules and programs. `component` names its facts.
    """

    name: str
    why: str
    component: str
    needs: tuple[str, ...]
    start: str
    files: tuple[tuple[str, str], ...]
    checks: tuple[Check, ...]

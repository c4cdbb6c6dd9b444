"""Which limits of a request's way can have ended it as somebody saw it; ready for any renderer."""

from dataclasses import dataclass

from budgetcheck.model.answer import Answer
from budgetcheck.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the caller saw.

    Attributes:
        status: HTTP status; 0 for not said or no answer.
        after_ms: milliseconds after which it came; None for not said.
        server: the `Server` header, in lower case; empty for not said.
    """

    status: int = 0
    after_ms: int | None = None
    server: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One limit that can have fired, with what speaks for it; larger `score` is likelier.

    Attributes:
        component, title, setting: whose limit it is.
        fires_ms: when it fires after the request began.
        shows: what the caller sees when it does; `log` what to look for.
        reasons: what speaks for it and against it.
    """

    component: str
    title: str
    setting: str
    fires_ms: int
    shows: str
    log: str
    span: Span | None
    source: str
    route: str
    score: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """The suspects for one request, the likeliest first."""

    answer: Answer
    seen: Seen
    suspects: tuple[Suspect, ...] = ()

    @property
    def taken(self) -> bool:
        """Something in these files takes the request."""
        return bool(self.answer.serving)

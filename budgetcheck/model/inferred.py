"""An app document as it follows from code: what would be stated, and where each statement comes from."""

from dataclasses import dataclass

Literal = str | int | bool | None
"""A value to write: durations are texts with a unit; None is an explicit `null`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One key with its value; `parts` instead of a value for a mapping. `why` is where it comes from."""

    key: str
    value: Literal = None
    parts: tuple["Stated", ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCall:
    """One outbound call; `notes` say what could not be stated of it."""

    stated: tuple[Stated, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedBlock:
    """Calls at the same time (`parallel`), or repeated (`loop` with `most` rounds, None for no end)."""

    kind: str
    steps: tuple["StatedStep", ...]
    most: int | None = None
    why: str = ""


StatedStep = StatedCall | StatedBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRoute:
    """One route with its calls, in order."""

    stated: tuple[Stated, ...]
    steps: tuple[StatedStep, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedService:
    """One document: a service, its server, and its routes."""

    name: str
    environment: str = ""
    server: tuple[Stated, ...] = ()
    routes: tuple[StatedRoute, ...] = ()
    notes: tuple[str, ...] = ()

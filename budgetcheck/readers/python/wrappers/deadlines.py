"""Deadlines round a block or a call: asyncio, anyio, trio, async_timeout."""

from collections.abc import Mapping

from budgetcheck.model.settings import Setting
from budgetcheck.readers.python.values import Args, Wrapper, setting, unresolved
from budgetcheck.readers.python.wrappers.parts import in_seconds, is_none

DEADLINES: Mapping[str, tuple[str, int | None]] = {
    "asyncio.timeout": ("delay", 0),
    "asyncio.timeouts.timeout": ("delay", 0),
    "asyncio.wait_for": ("timeout", 1),
    "asyncio.tasks.wait_for": ("timeout", 1),
    "asyncio.wait": ("timeout", None),
    "asyncio.as_completed": ("timeout", None),
    "concurrent.futures.wait": ("timeout", 1),
    "concurrent.futures.as_completed": ("timeout", 1),
    "anyio.fail_after": ("delay", 0),
    "anyio.move_on_after": ("delay", 0),
    "async_timeout.timeout": ("delay", 0),
    "trio.fail_after": ("seconds", 0),
    "trio.move_on_after": ("seconds", 0),
}
"""Name of the argument and its position."""
MOMENTS = frozenset(
    {
        "asyncio.timeout_at",
        "asyncio.timeouts.timeout_at",
        "async_timeout.timeout_at",
        "trio.fail_at",
        "trio.move_on_at",
        "anyio.CancelScope",
        "trio.CancelScope",
    }
)
"""They take a time of the clock, which nobody can read off the code."""


def deadline(name: str, args: Args) -> Wrapper | None:
    """The deadline that a call of that name makes; None where it is None or not given."""
    if name in MOMENTS:
        moment = args.get("deadline", None if name.endswith("CancelScope") else 0) or args.get("when")
        if moment is None or is_none(moment):
            return None
        at = unresolved("it is a time of the clock", args.span, needs="write the seconds")
        return _made(args, setting("deadline", at))
    if name.startswith("concurrent."):
        return of_future(args, DEADLINES[name][1])
    keyword, position = DEADLINES[name]
    value = args.get(keyword, position)
    if is_none(value) or (value is None and not args.open):
        return None
    if value is None:
        return _made(args, setting("deadline", unresolved("it may be given by **", args.span)))
    return _made(args, setting("deadline", in_seconds(value)))


def of_future(args: Args, position: int | None = 0) -> Wrapper | None:
    """The deadline of waiting for futures and threads; None where it is None or not given."""
    value = args.get("timeout", position)
    if is_none(value) or (value is None and not args.open):
        return None
    hidden = unresolved("it may be given by **", args.span)
    limit = setting("timeout", in_seconds(value) if value is not None else hidden)
    return Wrapper(component="concurrent-futures", kind="deadline", span=args.span, settings=(limit,))


def _made(args: Args, limit: Setting) -> Wrapper:
    return Wrapper(component="asyncio", kind="deadline", span=args.span, settings=(limit,))

"""Retries that only follow some failures: whether the timeouts of the calls inside are among them."""

from collections.abc import Collection
from dataclasses import replace

from budgetcheck.model.settings import Known, OneOf, Setting, Unresolved, Value
from budgetcheck.readers.python.timeouts import covers_timeouts
from budgetcheck.readers.python.values import Caught, Wrapper

NOT_REPEATED = ("repeats_timeouts", "no")
"""Trait of what does not try again after a timeout."""
_REASON = "it is not known whether timeouts are among the failures that it tries again after"


def narrowed(wrapper: Wrapper, components: Collection[str]) -> Wrapper:
    """What a wrapper does round calls of these components.

    Where it leaves their timeouts out, a stalled call is not repeated; where that is not known, the number of
    attempts is one or the one that is written.
    """
    if not wrapper.caught:
        return wrapper
    covered = [_covers(one, components) for one in wrapper.caught]
    if True in covered:
        return wrapper
    if None in covered:
        return replace(wrapper, settings=(*_others(wrapper), _uncertain(wrapper)))
    return replace(wrapper, traits=(*wrapper.traits, NOT_REPEATED))


def _covers(caught: Caught, components: Collection[str]) -> bool | None:
    found = [covers_timeouts(name, components) if name else None for name in caught.names]
    among = True if True in found else None if None in found else False
    return among if among is None else among is not caught.but_these


def _others(wrapper: Wrapper) -> tuple[Setting, ...]:
    return tuple(one for one in wrapper.settings if one.name != wrapper.counts)


def _uncertain(wrapper: Wrapper) -> Setting:
    written = next((one for one in wrapper.settings if one.name == wrapper.counts), None)
    if written is None or written.value == Known(value=None):
        value: Value = Unresolved(reason=_REASON, needs="name exceptions of the library that is called")
        return Setting(name=wrapper.counts, value=value, spans=(wrapper.span,))
    if not isinstance(written.value, Known):
        return written
    return replace(written, value=OneOf(values=(1, written.value.value), reason=_REASON))

"""One of several values, where the files do not say which."""

from collections.abc import Sequence
from dataclasses import replace

from budgetcheck.model.settings import Known, Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.python.operators import either
from budgetcheck.readers.python.scopes import Several, Value
from budgetcheck.readers.python.values import Args, Instance, Items, Made, Named, Plain, PyValue, unresolved

_MOST = 12


def merged(found: Sequence[Value | None], reason: str, span: Span | None) -> Value | None:
    """One of several values. Where some are objects, what is no object is left out.

    Plain values become a set of possible ones; things of one kind one thing with such sets; different objects
    stay apart (`Several`).
    """
    flat = [one for value in found for one in (value.values if isinstance(value, Several) else (value,))]
    distinct = _distinct([value for value in flat if value is not None])
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    objects = [value for value in distinct if not isinstance(value, Plain)]
    if not objects:
        plain = [value for value in distinct if isinstance(value, Plain)]
        return either(plain, reason, span or plain[0].spans[0])
    joined: list[Value] = []
    for value in objects:
        for number, other in enumerate(joined):
            both = _joined(other, value, reason)
            if both is not None:
                joined[number] = both
                break
        else:
            joined.append(value)
    return joined[0] if len(joined) == 1 else Several(tuple(joined[:_MOST]))


def _distinct(values: Sequence[Value]) -> list[Value]:
    """Each value once, by what it is; the places of the first count."""
    kept: list[Value] = []
    for value in values:
        if not any(value == other for other in kept):
            kept.append(value)
    return kept


def _joined(left: Value, right: Value, reason: str) -> Value | None:
    """Two things as one of the same kind; None where they differ in more than plain values."""
    if isinstance(left, Instance) and isinstance(right, Instance):
        return _one_client(left, right, reason)
    if isinstance(left, Made) and isinstance(right, Made) and left.callee == right.callee:
        args = _one_args(left.args, right.args, reason)
        return None if args is None else replace(left, args=args, spans=_both(left.spans, right.spans))
    if isinstance(left, Items) and isinstance(right, Items) and len(left.items) == len(right.items):
        items = [_one_plain(a, b, reason) for a, b in zip(left.items, right.items, strict=True)]
        known = tuple(item for item in items if item is not None)
        return (
            replace(left, items=known, spans=_both(left.spans, right.spans))
            if len(known) == len(items)
            else None
        )
    return None


def _one_client(left: Instance, right: Instance, reason: str) -> Instance | None:
    """Two clients that differ only in the values of their settings, and where they are made."""
    same = replace(right, settings=left.settings, spans=left.spans, args=left.args, maker=left.maker)
    if same != left:
        return None
    others = {setting.name: setting for setting in right.settings}
    if set(others) != {setting.name for setting in left.settings}:
        return None
    settings = tuple(_one_setting(one, others[one.name], reason) for one in left.settings)
    args = _one_args(left.args, right.args, reason) if left.args and right.args else None
    return replace(left, settings=settings, args=args, spans=_both(left.spans, right.spans))


def _one_setting(left: Setting, right: Setting, reason: str) -> Setting:
    if left.value == right.value:
        return left
    plain = [Plain(value=one.value, spans=one.spans) for one in (left, right)]
    both = either(plain, reason, left.spans[0])
    assert isinstance(both, Plain)
    return replace(left, value=both.value, spans=both.spans)


def _one_args(left: Args, right: Args, reason: str) -> Args | None:
    if len(left.positional) != len(right.positional) or left.open != right.open:
        return None
    named = dict(right.keywords)
    if set(named) != {name for name, _ in left.keywords}:
        return None
    positional = [_one_plain(a, b, reason) for a, b in zip(left.positional, right.positional, strict=True)]
    keywords = [(name, _one_plain(value, named[name], reason)) for name, value in left.keywords]
    if None in positional or any(value is None for _, value in keywords):
        return None
    return replace(
        left,
        positional=tuple(value for value in positional if value is not None),
        keywords=tuple((name, value) for name, value in keywords if value is not None),
    )


def _one_plain(left: PyValue, right: PyValue, reason: str) -> PyValue | None:
    if left == right or _same(left, right):
        return left
    if isinstance(left, Plain) and isinstance(right, Plain):
        return either((left, right), reason, left.spans[0] if left.spans else right.spans[0])
    joined = _joined(left, right, reason)
    if isinstance(joined, Made | Items):
        return joined
    return unresolved(reason, *_both(left.spans, right.spans))


def _same(left: PyValue, right: PyValue) -> bool:
    if isinstance(left, Plain) and isinstance(right, Plain):
        return isinstance(left.value, Known) and left.value == right.value
    return isinstance(left, Named) and isinstance(right, Named) and left.name == right.name


def _both(left: tuple[Span, ...], right: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple(dict.fromkeys((*left, *right)))

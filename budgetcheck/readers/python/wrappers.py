"""What decorators, contexts and calls put round work: retries of several libraries, and deadlines.

tenacity: https://tenacity.readthedocs.io, backoff: https://github.com/litl/backoff, stamina:
https://stamina.hynek.me. A filter on exceptions that may leave timeouts out makes the number of attempts
uncertain: one, or as many as are written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from budgetcheck.model.settings import Known, OneOf, Setting, Unresolved
from budgetcheck.model.span import Span
from budgetcheck.readers.python.calls import seconds
from budgetcheck.readers.python.values import (
    Args,
    Items,
    Made,
    Named,
    Plain,
    PyValue,
    Wrapper,
    setting,
)

IMPORTS = ("tenacity", "backoff", "stamina", "asyncio", "anyio", "async_timeout", "retry", "retrying")
"""Packages that a file must name for one of these to occur."""

_TENACITY = frozenset({"tenacity.retry", "tenacity.Retrying", "tenacity.AsyncRetrying"})
_DEADLINES: Mapping[str, tuple[str, int]] = {
    "asyncio.timeout": ("delay", 0),
    "asyncio.timeouts.timeout": ("delay", 0),
    "asyncio.wait_for": ("timeout", 1),
    "asyncio.tasks.wait_for": ("timeout", 1),
    "asyncio.wait": ("timeout", 9),
    "anyio.fail_after": ("delay", 0),
    "anyio.move_on_after": ("delay", 0),
    "async_timeout.timeout": ("delay", 0),
    "trio.fail_after": ("seconds", 0),
    "trio.move_on_after": ("seconds", 0),
}
_TIMEOUTS = (
    "timeout",
    "exception",
    "connectionerror",
    "requestexception",
    "httperror",
    "oserror",
    "transporterror",
)
"""Parts of names of exceptions that timeouts belong to, or that they are derived from."""
_NOT_TIMEOUTS = ("ratelimit", "valueerror", "keyerror", "jsondecode", "statuserror", "validation")


def wrap(name: str, args: Args) -> Wrapper | None:
    """The wrapper that calling something of that full name makes; None where it makes none."""
    if name in _TENACITY:
        return _tenacity(args)
    if name in _DEADLINES:
        return _deadline(name, args)
    maker = _OTHERS.get(name)
    return maker(args) if maker is not None else None


def _deadline(name: str, args: Args) -> Wrapper | None:
    keyword, position = _DEADLINES[name]
    value = args.get(keyword, position)
    if value is None or (isinstance(value, Plain) and value.value == Known(value=None)):
        return None
    if isinstance(value, Made) and value.callee.endswith("timedelta"):
        value = seconds(value)
    return Wrapper(
        component="asyncio", kind="deadline", span=args.span, settings=(setting("deadline", value),)
    )


@dataclass(slots=True)
class _Tries:
    """What is known of the stop and wait conditions of a retry."""

    settings: dict[str, Setting]

    def least(self, name: str, value: PyValue) -> None:
        """One more bound of the same kind: the smaller one holds."""
        found = setting(name, value)
        known = self.settings.get(name)
        if known is None or _number(found) < _number(known):
            self.settings[name] = found

    def open(self, name: str, span: Span, why: str) -> None:
        """A part that could not be followed."""
        value = Unresolved(reason=why, needs="write it with numbers")
        self.settings[name] = Setting(name=name, value=value, spans=(span,))


def _number(one: Setting) -> float:
    value = one.value.value if isinstance(one.value, Known) else None
    return float(value) if isinstance(value, int | float) else float("inf")


def _tenacity(args: Args) -> Wrapper:
    tries = _Tries({})
    stop, wait = args.get("stop", 1), args.get("wait", 2)
    if stop is not None:
        _stop(stop, tries, args.span)
    elif args.open:
        tries.open("stop_after_attempt", args.span, "it may be given by **")
    if wait is not None:
        _wait(wait, tries)
    _filtered(args.get("retry", 3), "stop_after_attempt", tries)
    return Wrapper(
        component="tenacity",
        kind="retry",
        span=args.span,
        settings=tuple(tries.settings[name] for name in sorted(tries.settings)),
        version_of="tenacity",
    )


def _stop(value: PyValue, tries: _Tries, span: Span) -> None:
    """`stop_after_attempt(3) | stop_after_delay(10)`: whichever comes first. `&`: both must hold."""
    name = value.callee.rpartition(".")[2] if isinstance(value, Made) else ""
    args = value.args if isinstance(value, Made) else Args(span=span)
    match name:
        case "or_" | "stop_any":
            for part in args.positional:
                _stop(part, tries, span)
        case "stop_after_attempt":
            tries.least(name, args.get("max_attempt_number", 0) or _missing(args.span))
        case "stop_after_delay" | "stop_before_delay":
            tries.least(name, _seconds(args.get("max_delay", 0) or _missing(args.span)))
        case _ if isinstance(value, Named) and value.name.endswith("stop_never"):
            return
        case _:
            tries.open("stop_after_attempt", span, "this stop condition is not followed")


def _wait(value: PyValue, tries: _Tries) -> None:
    """Upper bounds of the pauses: first, factor, most, jitter, least."""
    name = value.callee.rpartition(".")[2] if isinstance(value, Made) else ""
    args = value.args if isinstance(value, Made) else None
    span = value.spans[0] if value.spans else Span(file="")
    if args is None:
        tries.open("backoff.first", span, "this wait is not followed")
        return
    match name:
        case "wait_none":
            return
        case "add" | "wait_combine":
            _added(args, tries, span)
        case "wait_fixed":
            tries.settings["backoff.first"] = _pause("backoff.first", args.get("wait", 0), args)
            tries.settings["backoff.factor"] = _constant("backoff.factor", 1, args)
        case "wait_random":
            tries.settings["backoff.first"] = _pause("backoff.first", args.get("max", 1), args, 1)
            tries.settings["backoff.factor"] = _constant("backoff.factor", 1, args)
        case "wait_exponential" | "wait_random_exponential" | "wait_full_jitter":
            _exponential(args, tries)
        case "wait_exponential_jitter":
            tries.settings["backoff.first"] = _pause("backoff.first", args.get("initial", 0), args, 1)
            tries.settings["backoff.most"] = _pause("backoff.most", args.get("max", 1), args, 4_611_686_018)
            tries.settings["backoff.factor"] = _pause("backoff.factor", args.get("exp_base", 2), args, 2)
            tries.settings["backoff.jitter"] = _pause("backoff.jitter", args.get("jitter", 3), args, 1)
        case _:
            tries.open("backoff.first", span, f"{name or 'this wait'} is not followed")


def _exponential(args: Args, tries: _Tries) -> None:
    """clamp(multiplier x exp_base^(k-1), min, max)."""
    tries.settings["backoff.first"] = _pause("backoff.first", args.get("multiplier", 0), args, 1)
    for part, name, position in (("most", "max", 1), ("factor", "exp_base", 2), ("least", "min", 3)):
        given = args.get(name, position)
        if given is not None:
            tries.settings[f"backoff.{part}"] = _pause(f"backoff.{part}", given, args)


def _added(args: Args, tries: _Tries, span: Span) -> None:
    """`wait_fixed(3) + wait_random(0, 2)`: a random part is jitter on top of the other."""
    parts = [part for part in args.positional if isinstance(part, Made)]
    names = [part.callee.rpartition(".")[2] for part in parts]
    several = sum(name != "wait_random" for name in names) > 1
    both_fixed = names.count("wait_fixed") == 1 and len(parts) == 2
    if len(parts) != len(args.positional) or (several and not both_fixed):
        tries.open("backoff.first", span, "this sum of waits is not followed")
        return
    jitter: Setting | None = None
    for part, name in zip(parts, names, strict=True):
        if name == "wait_random" or (
            name == "wait_fixed" and len(set(names)) > 1 and "wait_random" not in names
        ):
            value = part.args.get("max", 1) if name == "wait_random" else part.args.get("wait", 0)
            jitter = _pause("backoff.jitter", value, part.args, 1)
        else:
            _wait(part, tries)
    if jitter is not None:
        tries.settings["backoff.jitter"] = jitter


def _pause(name: str, value: PyValue | None, args: Args, default: float | None = None) -> Setting:
    if value is None:
        return _constant(name, default, args) if default is not None else setting(name, _missing(args.span))
    return setting(name, _seconds(value))


def _constant(name: str, value: float, args: Args) -> Setting:
    return Setting(name=name, value=Known(value=value), spans=(args.span,))


def _seconds(value: PyValue) -> PyValue:
    return seconds(value) if isinstance(value, Made) and value.callee.endswith("timedelta") else value


def _missing(span: Span) -> Plain:
    return Plain(value=Unresolved(reason="its argument is missing", needs="write it"), spans=(span,))


def _filtered(kept: PyValue | None, name: str, tries: _Tries) -> None:
    """A filter on exceptions: where it leaves timeouts out, a stalled call is not repeated."""
    covers = _covers_timeouts(kept)
    if covers is True:
        return
    written = tries.settings.get(name)
    span = kept.spans[0] if kept is not None and kept.spans else Span(file="")
    if covers is False:
        spans = written.spans if written is not None else (span,)
        tries.settings[name] = Setting(name=name, value=Known(value=1), spans=spans)
    elif written is not None and isinstance(written.value, Known):
        reason = "it is not known whether timeouts are among the failures that are repeated"
        value = OneOf(values=(1, written.value.value), reason=reason)
        tries.settings[name] = Setting(name=name, value=value, spans=written.spans)


def _covers_timeouts(kept: PyValue | None) -> bool | None:
    """Whether a filter lets timeouts through to a further attempt; None where that is not known."""
    if kept is None:
        return True
    if not isinstance(kept, Made):
        return None
    kind = kept.callee.rpartition(".")[2]
    match kind:
        case "or_" | "retry_any":
            found = [_covers_timeouts(part) for part in kept.args.positional]
            return True if True in found else None if None in found else False
        case "retry_if_exception_type":
            given = kept.args.get("exception_types", 0)
            return True if given is None else _among(given)
        case "retry_if_not_exception_type":
            given = kept.args.get("exception_types", 0)
            excluded = _among(given) if given is not None else False
            return not excluded if excluded is not None else None
        case "retry_if_result" | "retry_if_not_result":
            return False
        case _:
            return None


def _among(value: PyValue) -> bool | None:
    """Whether timeouts are among the exceptions named."""
    if isinstance(value, Items):
        found = [_among(item) for item in value.items]
        return True if True in found else None if None in found else False
    if not isinstance(value, Named):
        return None
    name = value.name.rpartition(".")[2].lower()
    if any(word in name for word in _NOT_TIMEOUTS):
        return False
    return True if any(word in name for word in _TIMEOUTS) else None


def _backoff(args: Args) -> Wrapper:
    """`@backoff.on_exception(backoff.expo, Error, max_tries=3, max_time=60)`."""
    tries = _Tries({})
    for name in ("max_tries", "max_time"):
        given = args.get(name)
        if given is not None:
            tries.least(name, given)
    generator = args.get("wait_gen", 0)
    kind = generator.name.rpartition(".")[2] if isinstance(generator, Named) else ""
    if kind == "constant":
        tries.settings["backoff.first"] = _pause("backoff.first", args.get("interval"), args, 1)
        tries.settings["backoff.factor"] = _constant("backoff.factor", 1, args)
    elif kind == "expo":
        tries.settings["backoff.first"] = _pause("backoff.first", args.get("factor"), args, 1)
        base, most = args.get("base"), args.get("max_value")
        if base is not None:
            tries.settings["backoff.factor"] = setting("backoff.factor", base)
        if most is not None:
            tries.settings["backoff.most"] = setting("backoff.most", most)
    else:
        tries.open("backoff.first", args.span, "this way of waiting is not followed")
    if _among_or_all(args.get("exception", 1)) is False:
        tries.settings["max_tries"] = _constant("max_tries", 1, args)
    return _wrapper("backoff", args, tries)


def _among_or_all(value: PyValue | None) -> bool | None:
    return True if value is None else _among(value)


def _stamina(args: Args) -> Wrapper:
    """`@stamina.retry(on=Error, attempts=10, timeout=45.0)`."""
    tries = _Tries({})
    for name in ("attempts", "timeout"):
        given = args.get(name)
        if given is not None:
            tries.settings[name] = setting(name, _seconds(given))
    parts = (
        ("wait_initial", "first"),
        ("wait_max", "most"),
        ("wait_jitter", "jitter"),
        ("wait_exp_base", "factor"),
    )
    for name, part in parts:
        given = args.get(name)
        if given is not None:
            tries.settings[f"backoff.{part}"] = setting(f"backoff.{part}", _seconds(given))
    if _among_or_all(args.get("on", 0)) is False:
        tries.settings["attempts"] = _constant("attempts", 1, args)
    return _wrapper("stamina", args, tries)


def _wrapper(component: str, args: Args, tries: _Tries) -> Wrapper:
    return Wrapper(
        component=component,
        kind="retry",
        span=args.span,
        settings=tuple(tries.settings[name] for name in sorted(tries.settings)),
        version_of=component,
    )


_OTHERS: Mapping[str, Callable[[Args], Wrapper]] = {
    "backoff.on_exception": _backoff,
    "stamina.retry": _stamina,
    "stamina.retry_context": _stamina,
}

"""Retries of other libraries.

backoff: https://github.com/litl/backoff, stamina: https://stamina.hynek.me, retry and its forks:
https://github.com/invl/retry, retrying: https://github.com/groodt/retrying, google.api_core:
https://googleapis.dev/python/google-api-core/latest/retry.html.
"""

from budgetcheck.readers.python.values import Args, Caught, PyValue, Wrapper
from budgetcheck.readers.python.wrappers.parts import (
    NOTHING_KNOWN,
    Parts,
    args_of,
    caught_by,
    is_none,
    last_of,
    named,
    number_of,
)

_NO_EXCEPTION = (Caught(names=()),)


def backoff_on_exception(args: Args) -> Wrapper:
    """`@backoff.on_exception(backoff.expo, Error, max_tries=3, max_time=60)`."""
    exception = args.get("exception", 1)
    caught = (caught_by(exception) if exception is not None else NOTHING_KNOWN,)
    if args.get("giveup") is not None:
        caught = (NOTHING_KNOWN,)
    return _backoff(args, caught)


def backoff_on_predicate(args: Args) -> Wrapper:
    """`@backoff.on_predicate(...)`: asks again as long as the result is of no use; exceptions end it."""
    return _backoff(args, _NO_EXCEPTION)


def _backoff(args: Args, caught: tuple[Caught, ...]) -> Wrapper:
    parts = Parts(span=args.span)
    for name in ("max_tries", "max_time"):
        given = args.get(name)
        if given is not None and not is_none(given):
            parts.give(name, given)
        elif args.open and given is None:
            parts.unread(name, "it may be given by **")
    _backoff_pauses(args, parts)
    _backoff_jitter(args, parts)
    return parts.wrapper("backoff", "max_tries", caught)


def _backoff_pauses(args: Args, parts: Parts) -> None:
    kind = named(args.get("wait_gen", 0)).rpartition(".")[2]
    if kind == "constant":
        parts.give("backoff.first", args.get("interval") or 1)
        parts.give("backoff.factor", 1)
    elif kind == "expo":
        for part, name in (("first", "factor"), ("factor", "base"), ("most", "max_value")):
            given = args.get(name)
            parts.give(f"backoff.{part}", None if is_none(given) else given)
    else:
        parts.unread("backoff.first", "this way of waiting is not followed")


def _backoff_jitter(args: Args, parts: Parts) -> None:
    """Left out, each pause is drawn from 0 on."""
    jitter = args.get("jitter")
    kind = named(jitter).rpartition(".")[2]
    if jitter is None or kind == "full_jitter":
        return
    if is_none(jitter) or kind == "random_jitter":
        parts.traits["jitter"] = "none"
        parts.give("backoff.jitter", 1 if kind else None)
        return
    parts.unread("backoff.first", "this jitter is not followed")


def stamina(args: Args) -> Wrapper:
    """`@stamina.retry(on=Error, attempts=10, timeout=45.0)`."""
    parts = Parts(span=args.span)
    names = (
        ("attempts", "attempts"),
        ("timeout", "timeout"),
        ("wait_initial", "backoff.first"),
        ("wait_max", "backoff.most"),
        ("wait_jitter", "backoff.jitter"),
        ("wait_exp_base", "backoff.factor"),
    )
    for position, (name, part) in enumerate(names, start=1):
        parts.give(part, args.get(name, position))
    if args.open:
        for name in ("attempts", "timeout"):
            if name not in parts.settings:
                parts.unread(name, "it may be given by **")
    kinds = args.get("on", 0)
    return parts.wrapper("stamina", "attempts", (NOTHING_KNOWN,) if kinds is None else (caught_by(kinds),))


def retry(args: Args) -> Wrapper:
    """`@retry(Error, tries=3, delay=1, backoff=2, max_delay=10)` of the packages retry and retry2."""
    parts = Parts(span=args.span)
    tries = args.get("tries", 1)
    number = number_of(tries)
    parts.give("tries", None if number is not None and number < 0 else tries)
    parts.give("backoff.first", args.get("delay", 2))
    parts.give("backoff.most", None if is_none(args.get("max_delay", 3)) else args.get("max_delay", 3))
    parts.give("backoff.factor", args.get("backoff", 4))
    jitter = args.get("jitter", 5)
    if jitter is not None and number_of(jitter) != 0:
        parts.unread("backoff.first", "pauses that grow by an addition are not followed")
    if args.open:
        for name in ("tries", "backoff.first"):
            if name not in parts.settings:
                parts.unread(name, "it may be given by **")
    kinds = args.get("exceptions", 0)
    return parts.wrapper("retry", "tries", () if kinds is None else (caught_by(kinds),))


def retrying(args: Args) -> Wrapper:
    """`@retry(stop_max_attempt_number=3, wait_fixed=2000)` of the package retrying: in milliseconds."""
    parts = Parts(span=args.span)
    parts.give("stop_max_attempt_number", args.get("stop_max_attempt_number"))
    parts.give("stop_max_delay", args.get("stop_max_delay"))
    _retrying_pauses(args, parts)
    if args.open and "stop_max_attempt_number" not in parts.settings:
        parts.unread("stop_max_attempt_number", "it may be given by **")
    filtered = args.get("retry_on_exception") is not None
    return parts.wrapper("retrying", "stop_max_attempt_number", (NOTHING_KNOWN,) if filtered else ())


def _retrying_pauses(args: Args, parts: Parts) -> None:
    """Of several kinds the longest holds, which is not followed."""
    kinds = {name.split("_")[1] for name, _ in args.keywords if name.startswith("wait_")}
    if not kinds and not args.open:
        return
    if kinds == {"fixed"}:
        parts.scaled("backoff.first", args.get("wait_fixed"), 0.001)
        parts.give("backoff.factor", 1)
    elif kinds == {"random"}:
        longest = args.get("wait_random_max")
        if longest is None:
            parts.give("backoff.first", 1)
        else:
            parts.scaled("backoff.first", longest, 0.001)
        parts.give("backoff.factor", 1)
        parts.traits["jitter"] = "full"
    elif kinds == {"exponential"}:
        multiplier = args.get("wait_exponential_multiplier")
        if multiplier is None:
            parts.give("backoff.first", 0.002)
        else:
            parts.scaled("backoff.first", multiplier, 0.002)
        parts.scaled("backoff.most", args.get("wait_exponential_max"), 0.001)
    else:
        parts.unread("backoff.first", "these waits are not followed")


def google(args: Args) -> Wrapper:
    """`@google.api_core.retry.Retry(timeout=60)`: by default it does not repeat a call that timed out."""
    parts = Parts(span=args.span)
    parts.give("timeout", args.get("deadline") or args.get("timeout", 4))
    for name, part, position in (
        ("initial", "first", 1),
        ("maximum", "most", 2),
        ("multiplier", "factor", 3),
    ):
        parts.give(f"backoff.{part}", args.get(name, position))
    if args.open and "timeout" not in parts.settings:
        parts.unread("timeout", "it may be given by **")
    return parts.wrapper("google-api-core", "attempts", _of_predicate(args.get("predicate", 0)))


def _of_predicate(predicate: PyValue | None) -> tuple[Caught, ...]:
    if predicate is None or last_of(predicate) == "if_transient_error":
        return _NO_EXCEPTION
    if last_of(predicate) != "if_exception_type":
        return (NOTHING_KNOWN,)
    kinds = args_of(predicate, predicate.spans[0]).positional
    return tuple(caught_by(kind) for kind in kinds) or _NO_EXCEPTION

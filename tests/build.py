"""Hand-made hops and routes, so that tests of arithmetic, linking and rules need no files."""

from itertools import pairwise

from budgetcheck.model.bound import ONE, Bound, exactly
from budgetcheck.model.limits import NO_BACKOFF, Backoff, Count, Limit, Meaning, Origin, Repeats, RetryPolicy
from budgetcheck.model.span import Span
from budgetcheck.model.topology import CallWork, Evidence, Front, Hop, Layer, Link, Route, Sequence


def limit(
    seconds: float | Bound | None,
    meaning: Meaning = Meaning.HEADER_TOTAL_BODY_IDLE,
    *,
    setting: str = "read_timeout",
    origin: Origin = Origin.WRITTEN,
    cap: float | None = None,
) -> Limit:
    """A limit in seconds; None is no limit."""
    if isinstance(seconds, Bound):
        bound = seconds
    else:
        bound = exactly(None if seconds is None else int(seconds * 1_000))
    written = origin in (Origin.WRITTEN, Origin.INHERITED)
    return Limit(
        meaning=meaning,
        bound=bound,
        setting=setting,
        origin=origin,
        spans=(Span(file="conf", line=1, text=setting),) if written else (),
        source="" if written else f"default {setting}",
        cap=None if cap is None else int(cap * 1_000),
    )


def retries(
    attempts: int | Bound = 1,
    *,
    unsafe: int | Bound | None = None,
    backoff: Backoff = NO_BACKOFF,
    repeats: tuple[Repeats, ...] = (Repeats.TIMEOUT, Repeats.CONNECT),
    written: bool = False,
) -> RetryPolicy:
    """A retry policy by its number of attempts."""
    bound = attempts if isinstance(attempts, Bound) else exactly(attempts)
    other = bound if unsafe is None else unsafe if isinstance(unsafe, Bound) else exactly(unsafe)
    origin = Origin.WRITTEN if written else Origin.DEFAULT
    count = Count(bound=bound, setting="attempts", origin=origin, source="default attempts")
    return RetryPolicy(
        attempts=bound,
        attempts_unsafe=other,
        connects=bound,
        count=None if bound == ONE else count,
        backoff=backoff,
        repeats=frozenset(repeats),
    )


def hop(
    address: str,
    layer: Layer = Layer.PROXY,
    *limits: Limit,
    retry: RetryPolicy | None = None,
    component: str = "",
    front: Front | None = None,
    **more: object,
) -> Hop:
    """A hop named by its address."""
    return Hop(
        address=address,
        component=component or address.partition(":")[0],
        title=address,
        layer=layer,
        span=Span(file=f"{address.partition(':')[0]}.conf", line=1),
        limits=limits,
        retry=retry or RetryPolicy(),
        front=front or Front(),
        **more,  # type: ignore[arg-type]
    )


def call(address: str, seconds: float | Bound | None, **more: object) -> Hop:
    """An outbound call with one read timeout."""
    return hop(address, Layer.CALL, limit(seconds, Meaning.IDLE, setting="timeout.read"), **more)  # type: ignore[arg-type]


def handler(address: str, *calls: Hop, deadline: float | None = None) -> Hop:
    """A handler that makes the calls one after the other."""
    limits = () if deadline is None else (limit(deadline, Meaning.TOTAL, setting="deadline"),)
    work = Sequence(parts=tuple(CallWork(address=made.address) for made in calls))
    return hop(address, Layer.HANDLER, *limits, component="app", work=work)


def route(
    *hops: Hop,
    methods: tuple[str, ...] = ("POST",),
    evidence: Evidence = Evidence.ADDRESS,
    streaming: bool = False,
    name: str = "example.com/",
) -> Route:
    """A route through the hops, outermost first; calls come last."""
    chain = [found for found in hops if found.layer is not Layer.CALL]
    calls = [found for found in hops if found.layer is Layer.CALL]
    links = [
        Link(outer=outer.address, inner=inner.address, evidence=evidence) for outer, inner in pairwise(chain)
    ]
    links += [Link(outer=chain[-1].address, inner=made.address, evidence=Evidence.DECLARED) for made in calls]
    return Route(
        name=name,
        host="example.com",
        path="/",
        methods=methods,
        hops=hops,
        links=tuple(links),
        streaming=streaming,
    )

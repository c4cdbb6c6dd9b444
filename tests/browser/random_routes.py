"""Routes drawn at random: proxies with passes, a handler with nested work, wrappers and calls.

Plain `random` with a seed, since strategies would take most of a second for one such route.
"""

from itertools import pairwise
from random import Random

from budgetcheck.model.bound import Bound, exactly, one_of, unknown
from budgetcheck.model.limits import Backoff, Gate, Limit, Meaning, Origin, Repeats, RetryPolicy
from budgetcheck.model.span import Span
from budgetcheck.model.topology import (
    CallWork,
    Choice,
    Evidence,
    Hop,
    Layer,
    Link,
    Loop,
    Parallel,
    Route,
    Sequence,
    Work,
    Wrapped,
)

HERE = Span(file="f")
_MILLISECONDS = (0, 1, 500, 3_000, 4_000, 20_000, 30_000, 61_500)
_OUTER = (Layer.PROXY, Layer.PROXY, Layer.BALANCER, Layer.PLATFORM, Layer.SERVER, Layer.QUEUE)
_PROXY_TRAITS = (
    (),
    (),
    (("intercept_errors", "on"),),
    (("fallbacks", "idempotent"),),
    (("load_balancer_type", "network"),),
)
_WRAPPER_TRAITS = (
    (),
    (),
    (("kind", "loop"), ("steps_per_round", "2"), ("steps_beside", "1")),
    (("enforced", "no"),),
)


def drawn(seed: int) -> tuple[Route, dict[str, Hop]]:
    """A route, and the hops of extra passes by address."""
    return _Drawing(Random(seed)).route()


class _Drawing:
    def __init__(self, random: Random) -> None:
        self.pick = random.choice
        self.number = random.randint

    def route(self) -> tuple[Route, dict[str, Hop]]:
        passes = {
            "p0": self.hop("p0", Layer.PROXY, passes_after=("p1",)),
            "p1": self.hop("p1", Layer.PROXY, traits=(("location", self.pick(("@f", "/f"))),)),
        }
        chain = [self.outer(f"h{place}") for place in range(self.number(1, 3))]
        work = None if self.number(0, 4) == 0 else self.work(3)
        chain.append(self.hop("app", Layer.HANDLER, work=work))
        calls = [
            self.hop(f"c{place}", Layer.CALL, traits=self.pick(((), (("method", "GET"),))))
            for place in range(2)
        ]
        wrappers = [
            self.hop(f"w{place}", Layer.WRAPPER, traits=self.pick(_WRAPPER_TRAITS)) for place in range(2)
        ]
        route = Route(
            name="r",
            host="",
            path="",
            methods=self.pick(((), ("GET",), ("POST",), ("GET", "POST"))),
            hops=(*chain, *calls),
            links=tuple(
                Link(outer=a.address, inner=b.address, evidence=Evidence.ADDRESS) for a, b in pairwise(chain)
            ),
            streaming=self.number(0, 3) == 0,
            wrappers=tuple(wrappers),
        )
        return route, passes

    def outer(self, address: str) -> Hop:
        before, after = self.pick(((), (), ("p0",))), self.pick(((), (), ("p1",), ("p1", "gone")))
        return self.hop(
            address,
            self.pick(_OUTER),
            passes_before=before,
            passes_after=after,
            traits=self.pick(_PROXY_TRAITS),
        )

    def hop(self, address: str, layer: Layer, **more: object) -> Hop:
        return Hop(
            address=address,
            component="c",
            title=address,
            layer=layer,
            span=HERE,
            limits=tuple(self.limit() for _ in range(self.number(0, 3))),
            retry=self.retry(),
            **more,
        )

    def limit(self) -> Limit:
        return Limit(
            meaning=self.pick([meaning for meaning in Meaning if meaning is not Meaning.HEALTH]),
            bound=self.time(),
            setting="s",
            origin=Origin.WRITTEN,
            cap=self.pick((None, None, 25_000)),
            of_answer=self.number(0, 4) > 0,
            gate=self.pick(list(Gate)),
        )

    def retry(self) -> RetryPolicy:
        return RetryPolicy(
            attempts=self.count(),
            attempts_unsafe=self.count(),
            answered=self.pick((None, self.count())),
            answered_unsafe=self.pick((None, self.count())),
            backoff=self.backoff(),
            repeats=frozenset(one for one in Repeats if self.number(0, 1)),
        )

    def time(self) -> Bound:
        low = self.pick(_MILLISECONDS)
        return self.pick(
            (
                exactly(low),
                exactly(low),
                exactly(low),
                exactly(None),
                one_of((low, self.pick((*_MILLISECONDS, None)), self.pick(_MILLISECONDS))),
                unknown("?", low=low),
                unknown("?", low=low, high=low + self.pick(_MILLISECONDS)),
            )
        )

    def count(self) -> Bound:
        few = exactly(self.number(1, 5))
        odd = (
            exactly(None),
            one_of((1, 3)),
            Bound(low=1, high=4, reason="?"),
            Bound(low=1, high=None, reason="?"),
        )
        return self.pick((few, few, few, *odd))

    def backoff(self) -> Backoff:
        return Backoff(
            first=self.pick((0, 500, 1_000)),
            factor=self.pick((1_000, 1_500, 2_000)),
            most=self.pick((1_000, 8_000)),
            jitter=self.pick((0, 250)),
            least=self.pick((0, 100)),
            skip_first=self.number(0, 1) == 1,
            cap_jitter=self.number(0, 1) == 1,
            random=self.number(0, 1) == 1,
            unknown=self.pick(("", "", "", "nobody knows")),
        )

    def work(self, depth: int) -> Work:
        if depth == 0 or self.number(0, 2) == 0:
            return CallWork(address=self.pick(("c0", "c1", "gone")))
        kind = self.number(0, 4)
        if kind == 0:
            return Loop(times=self.count(), body=self.work(depth - 1), span=HERE)
        if kind == 1:
            return Wrapped(address=self.pick(("w0", "w1", "gone")), body=self.work(depth - 1))
        parts = tuple(self.work(depth - 1) for _ in range(self.number(0, 3)))
        return self.pick((Sequence, Parallel, Choice))(parts=parts)

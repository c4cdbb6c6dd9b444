"""The layers on the way to a call that try again, outermost first: what several rules about retries share."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from budgetcheck.assess import Assessment
from budgetcheck.costs import Maker
from budgetcheck.model.bound import ONE
from budgetcheck.model.findings import End
from budgetcheck.model.limits import Count
from budgetcheck.model.topology import Hop, Layer, MethodClass, method_classes
from budgetcheck.rules.arithmetic import retry_layers


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """One hop or wrapper that may try `attempts` times, at least, and the number that says so."""

    hop: Hop
    attempts: int
    count: Count | None

    @property
    def written(self) -> bool:
        """Somebody wrote the number, or put the wrapper there."""
        return self.hop.layer is Layer.WRAPPER or (self.count is not None and self.count.written)

    @property
    def end(self) -> End:
        """This layer as an end of a finding."""
        span = self.count.spans[0] if self.count and self.count.spans else self.hop.span
        return End(
            address=self.hop.address,
            component=self.hop.component,
            setting=self.count.setting if self.count else "attempts",
            value_ms=None,
            span=span,
            written=self.written,
        )


def makers_of(assessment: Assessment, methods: MethodClass) -> Iterator[Maker]:
    """The calls of a route with what stands round them."""
    for call in assessment.route.calls:
        yield from assessment.costs[methods][call.address].makers


def retrying(assessment: Assessment, maker: Maker, methods: MethodClass) -> tuple[Retrying, ...]:
    """Everything between the caller and the call's dependency that may try again, outermost first.

    A proxy counts only where it may really send the request again: an answer in time ends its attempts.
    """
    chain = [
        (hop, assessment.costs[methods][hop.address].worst.attempts)
        for hop in assessment.route.chain
        if hop.layer in (Layer.BALANCER, Layer.PROXY) and hop.retry.attempts != ONE
    ]
    around = [(layer, layer.retry.attempts) for layer in retry_layers(maker)]
    own = [(maker.hop, maker.hop.retry.attempts)]
    return tuple(
        Retrying(hop=hop, attempts=attempts.low, count=hop.retry.count)
        for hop, attempts in (*chain, *around, *own)
        if attempts.low is not None and attempts.low > 1
    )


def factor(layers: tuple[Retrying, ...]) -> int:
    """Requests that the last dependency may see for one of the caller's."""
    return prod(layer.attempts for layer in layers)


def first_class(assessment: Assessment) -> MethodClass:
    """The method class a rule about retries looks at: that of the route, the unsafe one if it has both."""
    return method_classes(assessment.route.methods)[-1]

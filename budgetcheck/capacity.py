"""What a stall does to the workers of a server: each request holds one for as long as it may take.

Only where somebody wrote how many there are. On an event loop a request that waits holds nothing, unless its
calls block the loop.
"""

from budgetcheck.assess import Assessment
from budgetcheck.model.bound import Bound
from budgetcheck.model.report import Capacity
from budgetcheck.model.topology import Hop, Layer, method_classes
from budgetcheck.rules.blocking_call_in_async import blocks_the_loop


def capacity(assessment: Assessment) -> Capacity | None:
    """The capacity of the server on a route; None where its workers or the time are not known."""
    for hop in assessment.route.chain:
        if hop.layer is Layer.SERVER and hop.slots is not None:
            held = _held(assessment, hop, event_loop=hop.slots.event_loop)
            known = held is not None and held.exact and held.value != 0
            if held is None or not known or (held.unlimited and not _is_seen(assessment)):
                return None
            return Capacity(server=hop.address, slots=hop.slots, held_ms=held.value)
    return None


def _is_seen(assessment: Assessment) -> bool:
    """What the handler does is known: of a server alone nobody knows whether its requests end."""
    handler = assessment.route.handler
    return handler is not None and handler.work is not None


def _held(assessment: Assessment, server: Hop, *, event_loop: bool) -> Bound | None:
    """How long one request may hold a worker; on an event loop one blocking call."""
    costs = [assessment.costs[methods] for methods in method_classes(assessment.route.methods)]
    blocking = [call.address for call in assessment.route.calls if blocks_the_loop(call)]
    if event_loop and not blocking:
        return None
    looked_at = blocking if event_loop else [server.address]
    found = [cost[address].worst.hang for cost in costs for address in looked_at]
    return max(found, key=lambda bound: (bound.low is None, bound.low or 0))

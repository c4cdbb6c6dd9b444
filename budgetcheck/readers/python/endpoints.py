"""From an endpoint to the declaration of a handler, with the work it does."""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace

from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import Front
from budgetcheck.readers.python.declare import Declared
from budgetcheck.readers.python.flow import UNSEEN, Flow, Followed
from budgetcheck.readers.python.handlers.base import Endpoint
from budgetcheck.readers.python.handlers.paths import route_path
from budgetcheck.readers.python.heartbeats import heartbeat
from budgetcheck.readers.python.reach import Callee
from budgetcheck.readers.python.work import NOTHING, calls_in, in_order

_MOST_NOTES = 5
_STREAMS = frozenset(
    {
        "StreamingResponse",
        "EventSourceResponse",
        "StreamingHttpResponse",
        "stream_with_context",
        "StreamResponse",
        "WebSocketResponse",
        "Stream",
        "ServerSentEvent",
    }
)
"""Answers that are sent piece by piece, by the last part of their names."""


def handlers(endpoints: Iterable[Endpoint], flow: Flow) -> list[Declaration]:
    """One declaration for each endpoint; a function that answers several routes may have several."""
    declared: dict[str, Declaration] = {}
    for endpoint in endpoints:
        made = _handler(endpoint, flow)
        known = declared.get(made.address)
        if known is not None and known.front.methods == made.front.methods:
            paths = tuple(dict.fromkeys((*known.front.paths, *made.front.paths)))
            traits = tuple(dict.fromkeys((*known.traits, *made.traits)))
            declared[made.address] = replace(known, front=replace(known.front, paths=paths), traits=traits)
            continue
        address, number = made.address, 1
        while address in declared:
            number += 1
            address = f"{made.address}#{number}"
        declared[address] = replace(made, address=address)
    return list(declared.values())


def _handler(endpoint: Endpoint, flow: Flow) -> Declaration:
    found = _followed(endpoint, flow)
    callee = endpoint.callee
    traits = [("framework", endpoint.framework)] if endpoint.framework else []
    traits += endpoint.traits
    traits += [("async", "yes")] if endpoint.on_loop else []
    traits += [("application", application) for application in endpoint.applications]
    notes = sorted(found.notes - {UNSEEN})
    traits += [("unfollowed", "; ".join(notes[:_MOST_NOTES]))] if notes else []
    streaming = endpoint.streaming or _streams(callee.node)
    beat = heartbeat(callee, flow.reach) if streaming else None
    return Declaration(
        component=endpoint.component,
        address=f"python:{callee.owner}",
        title=_title(endpoint),
        span=endpoint.span,
        settings=(*endpoint.settings, *((beat,) if beat else ())),
        traits=tuple(traits),
        front=Front(
            paths=tuple(route_path(path) for path in endpoint.paths),
            methods=tuple(sorted(set(endpoint.methods))),
            entry=endpoint.entry,
            streaming=streaming,
        ),
        # No call was seen, and not everything it does is known: how long it waits is not known either.
        work=None if UNSEEN in found.notes and not any(calls_in(found.work)) else found.work,
    )


def _title(endpoint: Endpoint) -> str:
    name = endpoint.callee.owner.partition(":")[2]
    if not endpoint.paths:
        return name
    method = f"{endpoint.methods[0]} " if len(endpoint.methods) == 1 else ""
    return f"{method}{endpoint.paths[0]}"


def _followed(endpoint: Endpoint, flow: Flow) -> Followed:
    """What runs before the endpoint, then the endpoint, with its middleware round both."""
    parts = [
        flow.follow(callee, on_loop=endpoint.loop and callee.is_async, ends_at_yield=True)
        for callee in endpoint.before
    ]
    parts.append(flow.follow(endpoint.callee, on_loop=endpoint.on_loop))
    found = _joined(parts)
    for callee in endpoint.around:
        found = flow.around(callee, found, on_loop=endpoint.loop)
    return found


def _joined(parts: Sequence[Followed]) -> Followed:
    return Followed(
        work=in_order(*(part.work for part in parts)),
        notes=frozenset(note for part in parts for note in part.notes),
    )


def outermost(callees: Iterable[Callee], flow: Flow) -> list[Declaration]:
    """Functions that call out and that no other one goes through: what there is without any handler."""
    seen = {callee.owner: callee for callee in callees}
    trial = Flow(flow.reach, Declared(version=flow.declared.version))
    followed = {
        owner: (callee, trial.follow(callee, on_loop=callee.is_async)) for owner, callee in seen.items()
    }
    endpoints = [
        Endpoint(
            callee=callee,
            framework="",
            span=flow.reach.span(callee.node, callee.scope),
            on_loop=callee.is_async,
            loop=callee.is_async,
        )
        for owner, (callee, found) in followed.items()
        if found.work != NOTHING and owner not in trial.inner
    ]
    return handlers(endpoints, flow)


def _streams(node: ast.AST) -> bool:
    """The function makes an answer that is sent piece by piece."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            name = ast.unparse(call.func).rpartition(".")[2]
            if name in _STREAMS:
                return True
    return False

"""From what was read in code to the app document that states the same: `budgetcheck init --infer`.

What the document cannot say (pauses of retries in code, values nobody knows) becomes a note at its place:
nothing is stated that was not found.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from budgetcheck.costs import rounds
from budgetcheck.garbage import collector_paused
from budgetcheck.inferred_settings import Trial, call_settings, server_settings, why
from budgetcheck.link import link
from budgetcheck.model.bound import Bound
from budgetcheck.model.duration import literal_duration, show_duration
from budgetcheck.model.inferred import (
    Stated,
    StatedBlock,
    StatedCall,
    StatedRoute,
    StatedService,
    StatedStep,
)
from budgetcheck.model.limits import Meaning
from budgetcheck.model.topology import CallWork, Choice, Hop, Layer, Loop, Parallel, Route, Work, Wrapped
from budgetcheck.model.topology import Sequence as InOrder
from budgetcheck.run import Prepared, Progress, RunSettings, prepare
from budgetcheck.series import pauses

_CODE = "python:"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DEPENDENCY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")
_PATH = re.compile(r"/[!-~]{0,500}")
_NOBODY = "app"


@collector_paused()
def infer(
    paths: Sequence[Path],
    *,
    cwd: Path,
    settings: RunSettings | None = None,
    progress: Progress | None = None,
) -> tuple[StatedService, ...]:
    """The services found in code, one for each server that runs some of it. Raises UsageError as `run` does.

    Empty where no code was found that answers requests or calls anything.
    """
    tell = progress or (lambda _: None)
    prepared = prepare(paths, cwd=cwd, settings=settings or RunSettings(), tell=tell)
    tell("inferring the document")
    environment = prepared.names[0]
    hops = prepared.resolved(environment).hops
    _, routes = link(hops, prepared.options, environment)
    trial = Trial(today=prepared.today, overrides=prepared.overrides)
    by_server = _by_server(hops, routes)
    names = _names([server for server, _ in by_server], prepared)
    return tuple(
        _Inferring(hops={hop.address: hop for hop in hops}, trial=trial).service(name, server, handlers)
        for name, (server, handlers) in zip(names, by_server, strict=True)
    )


def _by_server(hops: Sequence[Hop], routes: Sequence[Route]) -> list[tuple[Hop | None, list[Hop]]]:
    """Handlers of code by the server in front of them; None where none is known."""
    found: dict[str, tuple[Hop | None, list[Hop]]] = {}
    for handler in hops:
        if handler.layer is not Layer.HANDLER or not handler.address.startswith(_CODE):
            continue
        server = _in_front(handler, routes)
        _, handlers = found.setdefault(server.address if server else "", (server, []))
        handlers.append(handler)
    return [found[address] for address in sorted(found)]


def _in_front(handler: Hop, routes: Sequence[Route]) -> Hop | None:
    for route in routes:
        chain = route.chain
        if len(chain) > 1 and chain[-1].address == handler.address:
            outer = chain[-2]
            if outer.layer in (Layer.SERVER, Layer.PLATFORM):
                return outer
    return None


def _names(servers: Sequence[Hop | None], prepared: Prepared) -> list[str]:
    """A name for each service: the one others call its server by, else that of the folder."""
    folder = prepared.found.config_start.name
    names: list[str] = []
    for server in servers:
        known = server.front.names if server else ()
        name = next((one for one in (*known, folder) if _NAME.fullmatch(one)), _NOBODY)
        while name in names:
            name = f"{name}-{len(names) + 1}"
        names.append(name)
    return names


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inferring:
    """States one service."""

    hops: Mapping[str, Hop]
    trial: Trial

    def service(self, name: str, server: Hop | None, handlers: Sequence[Hop]) -> StatedService:
        """The document of one server's handlers."""
        routed = [handler for handler in handlers if handler.front.paths]
        left = [handler for handler in handlers if not handler.front.paths]
        routes = [route for handler in routed for route in self._routes(handler)]
        notes: list[str] = []
        if not routed:
            notes = ["No routes were found: each function that calls out is stated as one."]
            routes = [self._function(handler) for handler in left]
        elif left:
            notes = [f"Left out, since no request reaches it: {one.title}" for one in left]
        distinct = {route.stated: route for route in routes}
        return StatedService(
            name=name,
            server=server_settings(server) if server else (),
            routes=tuple(distinct.values()),
            notes=tuple(notes),
        )

    def _routes(self, handler: Hop) -> Iterator[StatedRoute]:
        for rule in handler.front.paths:
            path = rule.pattern if _PATH.fullmatch(rule.pattern) else rule.prefix or "/"
            yield self._route(handler, path)

    def _function(self, handler: Hop) -> StatedRoute:
        return self._route(handler, f"/{handler.address.rpartition(':')[2]}")

    def _route(self, handler: Hop, path: str) -> StatedRoute:
        stated = [Stated(key="path", value=path, why=handler.span.place)]
        if handler.front.methods:
            stated.append(Stated(key="methods", value=f"[{', '.join(handler.front.methods)}]"))
        host = next(iter(handler.front.hosts), "")
        stated += [Stated(key="host", value=host)] if host else []
        stated += [Stated(key="streaming", value=True)] if handler.front.streaming else []
        work = handler.work
        notes = [f"Not followed: {text}" for name, text in handler.traits if name == "unfollowed"]
        deadline = handler.limit(Meaning.TOTAL)
        if deadline is None and isinstance(work, Wrapped) and (whole := self._deadline(work)):
            deadline_ms, place = whole
            stated.append(Stated(key="deadline", value=literal_duration(deadline_ms), why=place))
            work = work.body
        steps = () if work is None else tuple(self._steps(work))
        return StatedRoute(stated=tuple(stated), steps=steps, notes=tuple(notes))

    def _deadline(self, work: Wrapped) -> tuple[int, str] | None:
        """Milliseconds and place of a deadline that really ends what it stands round; else None."""
        wrapper = self.hops.get(work.address)
        if wrapper is None or wrapper.trait("kind") != "deadline" or wrapper.trait("enforced") == "no":
            return None
        limit = wrapper.limit(Meaning.TOTAL)
        if limit is None or limit.bound.value is None:
            return None
        return limit.bound.value, why(limit.spans, limit.source)

    def _steps(self, work: Work) -> Iterator[StatedStep]:
        match work:
            case InOrder(parts=parts):
                for part in parts:
                    yield from self._steps(part)
            case CallWork(address=address):
                if address in self.hops:
                    yield self._call(self.hops[address])
            case Parallel(parts=parts):
                yield StatedBlock(kind="parallel", steps=tuple(self._together(parts)), why="at the same time")
            case Choice(parts=parts):
                text = "one of these, whichever way the code takes: the longest counts"
                yield StatedBlock(kind="parallel", steps=tuple(self._together(parts)), why=text)
            case Loop(times=times, body=body, span=span):
                yield self._loop(times, body, span.place)
            case Wrapped(body=body):
                yield from self._wrapped(work, body)

    def _together(self, parts: Sequence[Work]) -> Iterator[StatedStep]:
        """Each part as one step."""
        for part in parts:
            steps = tuple(self._steps(part))
            if len(steps) == 1:
                yield steps[0]
            elif steps:
                yield StatedBlock(kind="loop", most=1, steps=steps, why="one after the other")

    def _loop(self, times: Bound, body: Work, place: str) -> StatedStep:
        steps = tuple(self._steps(body))
        if times.exact:
            return StatedBlock(kind="loop", most=times.value, steps=steps, why=place)
        most = max(times.low or 0, 1)
        text = f"{place}; how often is not known ({times.reason}): state the most"
        return StatedBlock(kind="loop", most=most, steps=steps, why=text)

    def _wrapped(self, work: Wrapped, body: Work) -> Iterator[StatedStep]:
        wrapper = self.hops.get(work.address)
        steps = tuple(self._steps(body))
        if wrapper is None or not steps:
            yield from steps
            return
        if wrapper.trait("kind") == "loop":
            count = wrapper.retry.count
            place = wrapper.span.place if count is None else why(count.spans, count.source)
            yield self._loop(rounds(wrapper), body, place)
            return
        if wrapper.trait("kind") == "retry" and wrapper.retry.attempts.value != 1:
            yield self._repeated(wrapper, body)
            return
        whole = self._deadline(work)
        match steps:
            case (StatedCall(stated=stated) as call,) if whole is not None:
                limit = Stated(key="deadline", value=literal_duration(whole[0]), why=whole[1])
                yield replace(call, stated=(*stated, limit))
            case _:
                text = (
                    f"a deadline at {wrapper.span.place} ends all of these together: it cannot be stated here"
                )
                yield StatedBlock(kind="loop", most=1, steps=steps, why=text if whole else "")

    def _repeated(self, wrapper: Hop, body: Work) -> StatedStep:
        """Retries in code: rounds of a loop, whose pauses the document cannot state."""
        made = wrapper.retry.attempts
        found = self._loop(made, body, f"tried again by {wrapper.component}, {wrapper.span.place}")
        between = pauses(wrapper.retry.backoff, made.value - 1) if made.value else 0
        if isinstance(found, StatedBlock) and between:
            text = f"{found.why}; {show_duration(between)} of pauses come on top"
            return replace(found, why=text)
        return found

    def _call(self, hop: Hop) -> StatedCall:
        target = hop.targets[0].host if hop.targets else ""
        name = target if _DEPENDENCY.fullmatch(target) else hop.component
        stated, notes = call_settings(hop, self.trial)
        head = (
            Stated(key="to", value=name, why=hop.span.place),
            Stated(key="client", value=hop.component),
            *((Stated(key="version", value=hop.version),) if hop.version else ()),
        )
        return StatedCall(stated=(*head, *stated), notes=notes)

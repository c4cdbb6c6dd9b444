"""Which way one concrete request takes: the hop that serves it and why, and its chains with all limits.

nginx chooses servers and locations by rules of its own, which its reader knows; everything else is found by
walking the links with that one request in hand.
"""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from budgetcheck.assess import assess
from budgetcheck.check import route_report
from budgetcheck.garbage import collector_paused
from budgetcheck.link import Matching, link, trace
from budgetcheck.model.answer import Answer, Asked, Serving
from budgetcheck.model.report import RouteReport
from budgetcheck.model.topology import Hop, Layer, PathRule, Route
from budgetcheck.paths import host_matches, takes
from budgetcheck.run import Prepared, Progress, RunSettings, prepare

if TYPE_CHECKING:
    from budgetcheck.readers.nginx import Located

_NGINX = "nginx"
_BY_OTHERS = frozenset({"aws_lambda_function", "aws_db_proxy", "aws_db_parameter_group"})
"""Without a URL of their own: what sends them requests is a hop too, or not in these files."""
_NEAREST = 5
_MOST_COMPARED = 5_000  # names looked at for resemblance: each comparison costs some tens of microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """One environment: its hops and links, all routes, and the ways of the request among them."""

    hops: dict[str, Hop]
    matching: Matching
    routes: tuple[Route, ...]
    ways: tuple[Route, ...]

    def report(self, way: Route) -> RouteReport:
        """A way with its verdict, under the name its route has in the report where there is just one."""
        same = [known.name for known in self.routes if known.hops == way.hops]
        return route_report(assess(replace(way, name=same[0]) if len(same) == 1 else way, self.hops))

    def ends_early(self, way: Route) -> bool:
        """The last hop passes other requests on, and not this one."""
        return bool(self.matching.edges.get(way.chain[-1].address))


@collector_paused()
def route(
    asked: Asked,
    paths: Sequence[Path],
    *,
    cwd: Path,
    settings: RunSettings | None = None,
    progress: Progress | None = None,
) -> Answer:
    """The way of one request through everything below the paths. Raises UsageError as `run` does."""
    tell = progress or (lambda _: None)
    prepared = prepare(paths, cwd=cwd, settings=settings or RunSettings(), tell=tell)
    tell("looking for the request's way")
    grounds = [_ground(prepared, name, asked) for name in prepared.names]
    if named := tuple(_named(asked.name, grounds)):
        return Answer(asked=asked, by_name=True, serving=named)
    located = _located(prepared, asked)
    meant = [one for one in located if one.meant or not asked.host]
    serving = _likeliest([*_nginx(meant, grounds, asked), *_others(located, grounds, asked)])
    if serving:
        return Answer(asked=asked, serving=serving)
    return Answer(
        asked=asked,
        remark=next((_fallback(one) for one in located if one not in meant), ""),
        nearest=_nearest(asked, (known for ground in grounds for known in ground.routes)),
    )


def _ground(prepared: Prepared, environment: str, asked: Asked) -> _Ground:
    hops = prepared.resolved(environment).hops
    matching, routes = link(hops, prepared.options, environment)
    return _Ground(
        hops={hop.address: hop for hop in hops},
        matching=matching,
        routes=routes,
        ways=trace(hops, matching, asked, environment),
    )


def _named(name: str, grounds: Sequence[_Ground]) -> Iterator[Serving]:
    """The routes that reports call so."""
    for ground in grounds:
        for known in ground.routes:
            if name and known.name == name:
                first = known.chain[0]
                yield Serving(
                    component=first.component,
                    address=first.address,
                    span=first.span,
                    way=("the outermost hop of the route of that name",),
                    routes=(route_report(assess(known, ground.hops)),),
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A hop that may serve the request; `named` where something on its way names the host."""

    serving: Serving
    named: bool


def _likeliest(candidates: Sequence[_Candidate]) -> tuple[Serving, ...]:
    """Those that name the host, else all; those that pass the request on come first."""
    named = [one.serving for one in candidates if one.named] or [one.serving for one in candidates]
    return tuple(sorted(named, key=lambda serving: not serving.routes))


def _located(prepared: Prepared, asked: Asked) -> "tuple[Located, ...]":
    """What nginx's own rules say; nothing where there is no nginx."""
    sources = prepared.found.claimed_by(_NGINX)
    if not sources:
        return ()
    from budgetcheck.readers.nginx import locate

    try:
        found = locate(sources, prepared.context, asked.host, asked.path, asked.port)
        # The port is that of the outermost hop: what ends TLS in front of nginx reaches it on another one.
        return found or locate(sources, prepared.context, asked.host, asked.path)
    except Exception:  # noqa: BLE001 - as when reading: hostile input; the report of a check names the crash
        return ()


def _fallback(one: "Located") -> str:
    return (
        f"No nginx server here has that name: nginx would use `{one.server}`, the first one of its port, "
        "unless a file that is not here has a default server."
    )


def _nginx(located: "Sequence[Located]", grounds: Sequence[_Ground], asked: Asked) -> Iterator[_Candidate]:
    """The locations that the request meets first; one behind another nginx is part of that one's chain."""
    ways = [way for ground in grounds for way in ground.ways]
    behind = {hop.address for way in ways for hop in _nginx_hops(way)[1:]}
    behind -= {hop.address for way in ways for hop in _nginx_hops(way)[:1]}
    seen = set()
    for one in located:
        key = (one.address, one.span)
        if key in seen or one.address in behind:
            continue
        seen.add(key)
        serving = Serving(
            component=_NGINX,
            server=one.server,
            ports=one.ports,
            location=one.location,
            address=one.address,
            span=one.span,
            way=tuple(dict.fromkeys((*_steps(one, asked), *_dead_ends(one.address, grounds)))),
            redirects=one.redirects,
            unsure=one.unsure,
            routes=tuple(report for ground in grounds for report in _through(one.address, ground)),
        )
        yield _Candidate(serving=serving, named=one.named)


def _steps(one: "Located", asked: Asked) -> Iterator[str]:
    if asked.port and one.ports and asked.port not in one.ports:
        yield f"no server listens on port {asked.port}: whatever does passes the request on to this one"
    if asked.host:
        yield one.reason
    yield from one.way


def _dead_ends(address: str, grounds: Sequence[_Ground]) -> Iterator[str]:
    """Hops further inside that know where other requests go, and not this one."""
    for ground in grounds:
        for way in ground.ways:
            if any(hop.address == address for hop in way.chain) and ground.ends_early(way):
                yield f"nothing behind {way.chain[-1].title} takes the path, as far as these files say"


def _through(address: str, ground: _Ground) -> Iterator[RouteReport]:
    """The ways that meet this location first; all routes through it where the walk finds none.

    The walk knows less of nginx than its reader: of default servers and internal redirects, for example.
    """
    if not address:
        return
    ways = [way for way in ground.ways if [hop.address for hop in _nginx_hops(way)[:1]] == [address]]
    routes = [known for known in ground.routes if any(hop.address == address for hop in known.hops)]
    yield from map(ground.report, ways or routes)


def _nginx_hops(way: Route) -> list[Hop]:
    return [hop for hop in way.chain if hop.component == _NGINX]


def _others(located: "Sequence[Located]", grounds: Sequence[_Ground], asked: Asked) -> Iterator[_Candidate]:
    """Hops that take the request without an nginx in front, one for each place where its way is chosen."""
    found: dict[str, _Candidate] = {}
    for ground in grounds:
        for way in ground.ways:
            if located and _nginx_hops(way):
                continue
            reasons = tuple(dict.fromkeys(_reasons(way, ground, asked)))
            if not reasons and (ground.ends_early(way) or not _faces_callers(way)):
                continue
            hop, pattern = _deciding(way, asked)
            serving = Serving(
                component=hop.component,
                location=pattern,
                address=hop.address,
                span=hop.span,
                way=reasons or ("nothing in these files says which requests it takes",),
                routes=(ground.report(way),),
            )
            known = found.get(hop.address)
            if known is not None:
                serving = replace(known.serving, routes=(*known.serving.routes, *serving.routes))
            found[hop.address] = _Candidate(serving=serving, named=_names(way, ground, asked))
    yield from found.values()


def _faces_callers(way: Route) -> bool:
    """Requests come to it from outside: not to a queue, nor to a function that nothing here calls."""
    first = way.chain[0]
    return first.layer is not Layer.QUEUE and first.component not in _BY_OTHERS and not first.works_from_queue


def _deciding(way: Route, asked: Asked) -> tuple[Hop, str]:
    """The innermost hop with a path rule that takes the request, and the rule; else the outermost hop."""
    for hop in reversed(way.chain):
        pattern = _path_of(hop.front.paths, asked)
        if pattern:
            return hop, pattern
    return way.chain[0], ""


def _reasons(way: Route, ground: _Ground, asked: Asked) -> Iterator[str]:
    """What lets the request through, from the outside in."""
    first = way.chain[0]
    if condition := _condition(first.front.hosts, first.front.paths, asked):
        yield f"{first.title} takes {condition}"
    for outer, inner in pairwise(way.chain):
        for edge in ground.matching.edges.get(outer.address, ()):
            if edge.link.inner == inner.address and (
                condition := _condition(edge.target.hosts, edge.target.paths, asked)
            ):
                yield f"{outer.title} sends {condition} to {inner.title}"
        if condition := _condition(inner.front.hosts, inner.front.paths, asked):
            yield f"{inner.title} takes {condition}"


def _condition(hosts: Sequence[str], paths: Sequence[PathRule], asked: Asked) -> str:
    """The host and the path rule of a hop that mean the request, in words; empty where none does."""
    path, host = _path_of(paths, asked), _host_of(hosts, asked)
    return " of ".join(f"`{text}`" for text in (path, host) if text)


def _path_of(paths: Sequence[PathRule], asked: Asked) -> str:
    return next((rule.pattern for rule in paths if takes(rule, asked.path)), "")


def _host_of(hosts: Sequence[str], asked: Asked) -> str:
    return next((host for host in hosts if asked.host and host_matches(host, asked.host)), "")


def _names(way: Route, ground: _Ground, asked: Asked) -> bool:
    """Some hop or rule on the way is meant for the host."""
    targets = [
        edge.target.hosts
        for outer, inner in pairwise(way.chain)
        for edge in ground.matching.edges.get(outer.address, ())
        if edge.link.inner == inner.address
    ]
    return any(_host_of(hosts, asked) for hosts in (*targets, *(hop.front.hosts for hop in way.chain)))


def _nearest(asked: Asked, routes: Iterable[Route]) -> tuple[str, ...]:
    """Names of routes that resemble the request: on the same host where it is known here."""
    known = list(routes)
    same_host = [one for one in known if asked.host and one.host == asked.host]
    names = sorted({one.name for one in same_host or known})[:_MOST_COMPARED]
    wanted = f"{asked.host}{asked.path}"
    return tuple(difflib.get_close_matches(wanted[:200], names, n=_NEAREST, cutoff=0.3) or names[:_NEAREST])

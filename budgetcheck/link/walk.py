"""Every way from an outermost hop to the innermost one, with the hosts, paths and methods that take it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck.costs import calls_of, wrappers_of
from budgetcheck.link.index import is_presumed, unit
from budgetcheck.link.match import Edge, Matching
from budgetcheck.link.processes import in_its_container, of_any_container
from budgetcheck.model.answer import Asked
from budgetcheck.model.topology import Evidence, Hop, Layer, Link, PathRule, Route, Target
from budgetcheck.paths import (
    ANY_PATH,
    Rules,
    common_hosts,
    common_path,
    examples,
    host_matches,
    restore,
    takes,
    translate,
)

PLACEHOLDER = "server"
"""Component of an application server whose kind nobody stated: it joins, but limits nothing known."""

_MOST_HOPS = 20  # a declared link may close a circle


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """A choice made on the way: the rule taken among its siblings, and how the path changed before it."""

    siblings: Rules
    rule: PathRule
    strip: str = ""
    replace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trail:
    """Where a walk is: the hops so far and the requests that get here, as this hop sees them."""

    hops: tuple[Hop, ...]
    links: tuple[Link, ...]
    hosts: tuple[str, ...]
    path: PathRule
    methods: tuple[str, ...]
    levels: tuple[_Level, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """Path rules by which one hop sends requests on: for any host, and for some hosts only."""

    always: Rules
    rules: tuple[tuple[tuple[str, ...], tuple[PathRule, ...]], ...]
    by_host: bool

    @classmethod
    def by(cls, edges: Sequence[Edge]) -> "_Sent":
        """Each rule once, though a rule may lead to thousands of locations."""
        rules = dict.fromkeys((edge.target.hosts, edge.target.paths or (ANY_PATH,)) for edge in edges)
        return cls(
            always=Rules(rule for hosts, paths in rules if not hosts for rule in paths),
            rules=tuple(rules),
            by_host=any(hosts for hosts, _ in rules),
        )

    def rivals(self, target: Target, hosts: tuple[str, ...]) -> Rules:
        """The rules that see every request for these hosts, with those of the target itself."""
        if not self.by_host:
            return self.always
        own = (target.hosts, target.paths or (ANY_PATH,))
        seen = [rule for rule in self.rules if rule == own or _covers(rule[0], hosts)]
        return Rules(path for _, paths in seen for path in paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What a walk moves over: hops and edges by address, and the path rules that compete for requests.

    `concrete` where the way of one request is asked for: each hop then sends it to one place.
    """

    hops: Mapping[str, Hop]
    edges: Mapping[str, tuple[Edge, ...]]
    siblings: Mapping[tuple[str, ...], Rules]
    concrete: bool
    _sent: dict[str, "_Sent"] = field(default_factory=dict)

    def sent(self, hop: Hop) -> "_Sent":
        """The rules by which a hop sends requests on."""
        if hop.address not in self._sent:
            self._sent[hop.address] = _Sent.by(self.edges.get(hop.address, ()))
        return self._sent[hop.address]

    def rivals(self, hop: Hop) -> Rules:
        """The path rules of all hops that serve the same hosts and ports in the same process."""
        return self.siblings[_server_key(hop)]


def walk(
    hops: Sequence[Hop], matching: Matching, environment: str, asked: Asked | None = None
) -> tuple[Route, ...]:
    """All routes. A hop without neighbours makes a route of its own.

    With `asked` only the ways of that one request: each ends where nothing further takes it.
    """
    linked = matching.linked
    chain = [
        hop
        for hop in hops
        if hop.layer not in (Layer.CALL, Layer.WRAPPER) and (hop.address in linked or not is_presumed(hop))
    ]
    # What a proxy answers by itself takes requests from its neighbours and leads nowhere.
    begins = [hop for hop in chain if hop.trait("answers") != "itself"]
    entries = [hop for hop in begins if hop.address not in linked] or begins
    calls = [hop for hop in hops if hop.layer is Layer.CALL and matching.edges.get(hop.address)]
    clients = [_as_client(hop) for hop in calls] if asked is None else []
    entries += clients
    ground = _Ground(
        hops={hop.address: hop for hop in hops},
        edges=matching.edges,
        siblings=_sibling_rules([*chain, *clients]),
        concrete=asked is not None,
    )
    routes = [
        _route(trail, ground.hops, environment)
        for entry in entries
        for start in _starts(entry, ground, asked)
        for trail in _continue(start, ground)
    ]
    return tuple(
        sorted(_distinct_names(_distinct(routes)), key=lambda route: (route.name, route.environment))
    )


def _as_client(call: Hop) -> Hop:
    return replace(of_any_container(call), layer=Layer.CLIENT, front=replace(call.front, entry=True))


def _starts(entry: Hop, ground: _Ground, asked: Asked | None) -> Iterator[_Trail]:
    for path in entry.front.paths or (ANY_PATH,):
        level = _Level(siblings=ground.rivals(entry), rule=path)
        trail = _Trail(
            hops=(entry,),
            links=(),
            hosts=entry.front.hosts,
            path=path,
            methods=entry.front.methods,
            levels=(level,) if entry.front.paths else (),
        )
        narrowed = trail if asked is None else _narrowed(trail, asked)
        if narrowed is not None:
            yield narrowed


def _narrowed(trail: _Trail, asked: Asked) -> _Trail | None:
    """The trail for one request alone; None where the hop does not take it."""
    hosts = common_hosts((asked.host,) if asked.host else (), trail.hosts)
    methods = _common_methods((asked.method,) if asked.method else (), trail.methods)
    wanted = PathRule(pattern=asked.path, prefix=asked.path, exact=True)
    path = common_path(trail.path, wanted)
    if hosts is None or methods is None or path is None or not _consistent(trail.levels, path):
        return None
    return replace(trail, hosts=hosts, methods=methods, path=path)


def _continue(trail: _Trail, ground: _Ground) -> Iterator[_Trail]:
    """The trail to every innermost hop it can reach; the trail itself where it reaches none."""
    hop = trail.hops[-1]
    edges = ground.edges.get(hop.address, ())
    if ground.concrete:
        edges = _for_host(edges, trail)
    found = False
    if len(trail.hops) < _MOST_HOPS:
        for edge in edges:
            inner = ground.hops[edge.link.inner]
            if inner in trail.hops:
                continue
            for step in _steps(trail, edge, ground):
                found = True
                yield from _continue(step, ground)
    if not found:
        yield trail


def _for_host(edges: Sequence[Edge], trail: _Trail) -> tuple[Edge, ...]:
    """A rule that names the host beats the default action, which then never sees the request."""
    named = trail.hosts and any(
        edge.target.hosts
        and common_hosts(trail.hosts, edge.target.hosts)
        and any(takes(rule, trail.path.prefix) for rule in edge.target.paths or (ANY_PATH,))
        for edge in edges
    )
    return tuple(edge for edge in edges if edge.target.hosts or edge.target.paths or not named)


def _steps(trail: _Trail, edge: Edge, ground: _Ground) -> Iterator[_Trail]:
    """The trail one hop further, once for every path rule of the inner hop that requests can meet."""
    target, inner = edge.target, ground.hops[edge.link.inner]
    hosts = common_hosts(trail.hosts, target.hosts)
    hosts = None if hosts is None else _inner_hosts(hosts, inner)
    methods = _common_methods(trail.methods, inner.front.methods)
    if hosts is None or methods is None:
        return
    rules_out = ground.sent(trail.hops[-1]).rivals(target, hosts)
    rules_in = ground.rivals(inner)
    # The user's word stands, also where the paths of the two sides seem to have nothing in common.
    declared = edge.link.evidence is Evidence.DECLARED and not ground.concrete
    for outgoing in target.paths or (ANY_PATH,):
        sent = common_path(trail.path, outgoing) or (outgoing if declared else None)
        arriving = translate(sent, target.strip, target.replace) if sent else None
        for rule in inner.front.paths or (ANY_PATH,):
            path = common_path(arriving, rule) if arriving else None
            path = path or (rule if declared else None)
            if path is None:
                continue
            levels = (
                *trail.levels,
                _Level(siblings=rules_out, rule=outgoing),
                _Level(siblings=rules_in, rule=rule, strip=target.strip, replace=target.replace),
            )
            if declared or _consistent(levels, path):
                yield _Trail(
                    hops=(*trail.hops, inner),
                    links=(*trail.links, edge.link),
                    hosts=hosts,
                    path=path,
                    methods=methods,
                    levels=levels,
                )


def _inner_hosts(hosts: tuple[str, ...], inner: Hop) -> tuple[str, ...] | None:
    # An application server answers whatever host its proxy sends; its own host list narrows nothing.
    return hosts if inner.layer in (Layer.SERVER, Layer.PLATFORM) else common_hosts(hosts, inner.front.hosts)


def _covers(hosts: Sequence[str], wanted: Sequence[str]) -> bool:
    """A rule for `hosts` sees every request for the wanted ones; none wanted are all that there may be."""
    return not hosts or (
        bool(wanted) and all(any(host_matches(host, one) for host in hosts) for one in wanted)
    )


def _common_methods(outer: tuple[str, ...], inner: tuple[str, ...]) -> tuple[str, ...] | None:
    if not outer or not inner:
        return outer or inner
    return tuple(method for method in outer if method in inner) or None


def _sibling_rules(chain: Sequence[Hop]) -> dict[tuple[str, ...], Rules]:
    rules: dict[tuple[str, ...], list[PathRule]] = {}
    for hop in chain:
        rules.setdefault(_server_key(hop), []).extend(hop.front.paths)
    return {key: Rules(found) for key, found in rules.items()}


def _server_key(hop: Hop) -> tuple[str, ...]:
    """Same process, hosts and ports. A handler competes with the others of its service."""
    is_handler = hop.layer is Layer.HANDLER
    service = hop.trait("application") or hop.address.split("/", 1)[0]
    process = f"handlers of {service}" if is_handler else unit(hop)
    return (process, *hop.front.hosts, *map(str, hop.front.ports))


def _consistent(levels: Sequence[_Level], path: PathRule) -> bool:
    """Every choice outward still holds for the narrower path: no sibling takes it away."""
    for level in reversed(levels):
        concrete = examples(path) or (() if path.opaque else (path.prefix,))
        if not concrete:
            return True  # a pattern is no concrete path: nothing can be ruled out
        if not any(level.siblings.chosen(one) in (level.rule, None) for one in concrete):
            return False
        path = restore(path, level.strip, level.replace)
    return True


def _route(trail: _Trail, by_address: Mapping[str, Hop], environment: str) -> Route:
    hops, links = _without_placeholder(trail)
    handler = hops[-1]
    calls = [by_address[a] for a in dict.fromkeys(calls_of(handler.work)) if a in by_address]
    wrappers = [by_address[a] for a in wrappers_of(handler.work) if a in by_address]
    inside = in_its_container([handler, *calls, *wrappers], trail.hops, environment)
    calls, wrappers = list(inside[1 : len(calls) + 1]), list(inside[len(calls) + 1 :])
    hops = (*hops[:-1], inside[0])
    path = trail.path
    for level in reversed(trail.levels):
        path = restore(path, level.strip, level.replace)
    host = _best_host(trail.hosts)
    return Route(
        name=_name(host, path, trail),
        host=host,
        path="" if handler.works_from_queue else path.pattern,
        methods=trail.methods,
        hops=(*hops, *calls),
        links=(*links, *(_call_link(handler, call) for call in calls)),
        environment=environment,
        streaming=any(hop.front.streaming for hop in hops),
        wrappers=tuple(wrappers),
    )


def _call_link(handler: Hop, call: Hop) -> Link:
    return Link(
        outer=handler.address,
        inner=call.address,
        evidence=Evidence.DECLARED if call.address.startswith("app:") else Evidence.REFERENCE,
        spans=(call.span,),
        why="call of the handler",
    )


def _without_placeholder(trail: _Trail) -> tuple[tuple[Hop, ...], tuple[Link, ...]]:
    """Leaves out a server of unknown kind that stands between two hops; its links become one."""
    hops, links = list(trail.hops), list(trail.links)
    for index, hop in enumerate(hops[1:-1], start=1):
        if hop.component == PLACEHOLDER:
            before, after = links[index - 1], links[index]
            evidence = min((before.evidence, after.evidence))
            links[index - 1 : index + 1] = [replace(before, inner=after.inner, evidence=evidence)]
            del hops[index]
            break
    if len(hops) > 1 and hops[0].component == PLACEHOLDER:
        return tuple(hops[1:]), tuple(links[1:])
    return tuple(hops), tuple(links)


def _best_host(hosts: Sequence[str]) -> str:
    """The host to show: a plain name before a pattern."""
    named = [host for host in hosts if host not in ("_", "")]
    return next((host for host in named if not host.startswith(("~", "*", "."))), named[0] if named else "")


def _name(host: str, path: PathRule, trail: _Trail) -> str:
    entry = trail.hops[0]
    if not host and not entry.front.paths and path == ANY_PATH:
        return entry.title
    method = f"{trail.methods[0]} " if not host and len(trail.methods) == 1 else ""
    joint = "" if path.pattern.startswith("/") or not host else "/"
    return f"{method}{host}{joint}{path.pattern}"


def _distinct(routes: Sequence[Route]) -> list[Route]:
    """The same way once: a listener's default action and its rules may lead to the same place."""
    seen: dict[tuple[object, ...], Route] = {}
    for route in routes:
        ways = (tuple(hop.address for hop in route.hops), route.host, route.path, route.methods)
        seen.setdefault(ways, route)
    return list(seen.values())


def _distinct_names(routes: Sequence[Route]) -> Iterator[Route]:
    """Routes of different systems may share a path: the outermost hop then tells them apart."""
    by_name: dict[str, list[Route]] = {}
    for route in routes:
        by_name.setdefault(route.name, []).append(route)
    for name, same in by_name.items():
        if len(same) == 1:
            yield same[0]
            continue
        seen: dict[str, int] = {}
        methods = {route.methods for route in same}
        entries = {route.hops[0].address: route.hops[0].title for route in same}
        one_title = len(set(entries.values())) == 1
        for route in same:
            method = "/".join(route.methods)
            label = f"{name} [{method}]" if method and len(methods) > 1 else name
            if len(entries) > 1:
                label = _told_apart(label, route, one_title=one_title)
            seen[label] = seen.get(label, 0) + 1
            yield replace(route, name=label if seen[label] == 1 else f"{label} ({seen[label]})")


def _told_apart(label: str, route: Route, *, one_title: bool) -> str:
    """By the title of the outermost hop; by its address where several have that title (two root modules)."""
    entry = route.hops[0]
    if not one_title:
        return f"{label} via {entry.title}"
    address = entry.address.partition(":")[2]
    return address if label == entry.title else f"{label} via {address}"

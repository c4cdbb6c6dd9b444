"""Which hop sends requests to which: declared links, references, addresses, and the only candidate."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from pathlib import PurePosixPath

from budgetcheck.link.images import is_other_image, is_same_image
from budgetcheck.link.index import INTERNAL_SUFFIXES, Index, is_presumed, unit, written_names
from budgetcheck.model.options import DeclaredLink
from budgetcheck.model.topology import Evidence, Hop, Layer, Link, Target
from budgetcheck.paths import common_hosts
from budgetcheck.wildcards import fits


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A link together with the target it came from; a declared link has a target without conditions."""

    link: Link
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """All edges by outer address; hops with several possible neighbours; declared links that fit no hop."""

    edges: Mapping[str, tuple[Edge, ...]] = field(default_factory=dict)
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unused: tuple[DeclaredLink, ...] = ()

    @property
    def linked(self) -> frozenset[str]:
        """Addresses that some hop sends requests to."""
        return frozenset(edge.link.inner for edges in self.edges.values() for edge in edges)


# Who may stand directly behind whom when only an address, or being the only one, says so.
_BEHIND = {
    Layer.BALANCER: (Layer.PROXY, Layer.SERVER, Layer.PLATFORM),
    Layer.PROXY: (Layer.SERVER, Layer.PROXY, Layer.PLATFORM, Layer.BALANCER),
    Layer.PLATFORM: (Layer.SERVER, Layer.PROXY),
    Layer.QUEUE: (Layer.BALANCER, Layer.PROXY, Layer.SERVER, Layer.PLATFORM),
}
# Guesses need more: a proxy is not put behind another proxy because it is the only one.
_BEHIND_AS_ONLY = {
    Layer.BALANCER: (Layer.PROXY, Layer.SERVER),
    Layer.PROXY: (Layer.SERVER,),
    Layer.PLATFORM: (Layer.SERVER,),
}
_ORDER = (Layer.SERVER, Layer.PROXY, Layer.PLATFORM, Layer.BALANCER, Layer.QUEUE)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})
_HOST_OF_CONTAINERS = frozenset({"host.docker.internal", "172.17.0.1", "gateway.docker.internal"})


def match(hops: Sequence[Hop], declared: Sequence[DeclaredLink]) -> Matching:
    """Finds the edges, inner layers first, so that what stands behind a proxy is no candidate for others."""
    return _Matcher(hops, declared).run()


class _Matcher:
    """The state of one matching run: edges grow while outer layers are added."""

    def __init__(self, hops: Sequence[Hop], declared: Sequence[DeclaredLink]) -> None:
        self.hops = [hop for hop in hops if hop.layer not in (Layer.CALL, Layer.WRAPPER)]
        self.by_address = {hop.address: hop for hop in self.hops}
        self.calls = [
            hop for hop in hops if hop.layer is Layer.CALL and any(one.group for one in hop.targets)
        ]
        self.declared = declared
        self.edges: dict[str, list[Edge]] = defaultdict(list)
        self.ambiguous: dict[str, tuple[str, ...]] = {}
        self.guessed: set[str] = set()  # outer addresses whose candidates nothing but their layer names
        self.reached: dict[str, set[str]] = defaultdict(set)  # inner address -> units that reach it
        self.known: set[tuple[object, ...]] = set()  # what makes an edge, of all that there are
        self.on_port: dict[tuple[object, ...], list[Hop]] = {}
        self.listed: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.index = Index(self.hops)

    def run(self) -> Matching:
        used = {link for link in self.declared if self._declare(link)}
        for layer in _ORDER:
            outers = [hop for hop in self.hops if hop.layer is layer]
            for hop in outers:
                self._by_evidence(hop)
            self._only_candidates(outers)
        for call in self.calls:
            self._by_call(call)
        self._withdraw_reached()
        return Matching(
            edges={address: tuple(edges) for address, edges in sorted(self.edges.items())},
            ambiguous=dict(sorted(self.ambiguous.items())),
            unused=tuple(link for link in self.declared if link not in used),
        )

    def _withdraw_reached(self) -> None:
        """What an outer layer was found to lead to afterwards is no candidate for a guess."""
        for address in self.guessed:
            listed = tuple(inner for inner in self.ambiguous.pop(address) if not self.reached[inner])
            if listed:
                self.ambiguous[address] = self.listed.setdefault(listed, listed)

    def _declare(self, declared: DeclaredLink) -> bool:
        outers = [hop for hop in self.hops if fits(hop.address, declared.outer)]
        inners = [hop for hop in self.hops if fits(hop.address, declared.inner)]
        for outer in outers:
            for inner in inners:
                # A handler is reached through its server, whose limits must not be skipped.
                reached = self._server_of(inner) or inner
                paths = inner.front.paths if reached is not inner else ()
                target = Target(address=reached.address, paths=paths, span=declared.span)
                self._add(outer, reached, target, Evidence.DECLARED, "declared in the configuration")
        return bool(outers and inners)

    def _server_of(self, hop: Hop) -> Hop | None:
        if hop.layer is not Layer.HANDLER:
            return None
        return next((one for one in self.hops if any(t.address == hop.address for t in one.targets)), None)

    def _declared(self, hop: Hop) -> bool:
        return any(edge.link.evidence is Evidence.DECLARED for edge in self.edges[hop.address])

    def _by_call(self, call: Hop) -> None:
        """A call that names a function of a platform, where one of these files has that name."""
        for target in call.targets:
            named = [
                hop for hop in self.hops if hop.layer is Layer.PLATFORM and target.group in hop.front.names
            ]
            if target.group and len(named) == 1:
                self._add(call, named[0], target, Evidence.ADDRESS, "name")

    def _by_evidence(self, hop: Hop) -> None:
        if self._declared(hop):
            return  # the user's word replaces what the files suggest
        for target in _targets(hop):
            if target.address:
                inner = self.by_address.get(target.address)
                if inner is not None:
                    self._add(hop, inner, target, Evidence.REFERENCE, "reference")
                continue
            self._by_address(hop, target)

    def _by_address(self, hop: Hop, target: Target) -> None:
        for found, why in self.index.named(target, unit(hop)):
            fitting = self._fitting(hop, target, found)
            if fitting:
                self._add_unit(hop, fitting, target, why)
                return
        if _is_local(target):
            self._by_port(hop, target)

    def _by_port(self, hop: Hop, target: Target) -> None:
        if self._published(hop, target):
            return
        found = self._listening(hop, target)
        written = [inner for inner in found if target.port in inner.front.ports]
        if len({unit(inner) for inner in written}) == 1:
            found = written  # a port somebody wrote beats a default that several share
        units = {unit(inner) for inner in found}
        if len(units) == 1:
            # A name that nobody here bears may mean another system, and a container whose image is not known,
            # or says nothing in common with these files, another program: a port alone is no address.
            named = bool(target.host) and not _is_numeric(target.host)
            foreign = target.container and not any(is_same_image(target.image, one) for one in found)
            evidence = Evidence.ONLY_CANDIDATE if named or foreign else Evidence.ADDRESS
            self._add_unit(hop, found, target, f"port {target.port}", evidence)
        elif units:
            self._several(hop, found)

    def _published(self, hop: Hop, target: Target) -> bool:
        """Links to the container that a port of the host leads into, where the target is on that host."""
        outside = target.host in _HOST_OF_CONTAINERS or (
            target.host in _LOOPBACK and not hop.trait("container")
        )
        inners = self.index.published.elsewhere(target.port, unit(hop)) if outside and target.port else ()
        found = self._fitting(hop, target, inners)
        if found:
            self._add_unit(hop, found, target, f"published port {target.port}")
        return bool(found)

    def _listening(self, hop: Hop, target: Target) -> list[Hop]:
        """Fitting hops on the target's port: the same for all hops of one server."""
        host = bool(target.host)
        key = (hop.layer, unit(hop), hop.front.hosts, target.hosts, host, target.port, target.image)
        if key not in self.on_port:
            inners = self.index.ports.elsewhere(target.port, unit(hop))
            fitting = self._fitting(hop, target, inners)
            self.on_port[key] = [inner for inner in fitting if not is_other_image(target.image, inner)]
        return self.on_port[key]

    def _only_candidates(self, outers: Sequence[Hop]) -> None:
        """Links what is left where outer and inner are each other's only candidates."""
        wishes: dict[str, list[tuple[Hop, Target]]] = defaultdict(list)
        wished: dict[str, list[Hop]] = defaultdict(list)
        for hop in outers:
            if self.edges[hop.address] or hop.address in self.ambiguous:
                continue
            for target in _targets(hop):
                if target.address or not _is_local(target):
                    continue
                candidates = self._only_fitting(hop, target)
                units = sorted({unit(inner) for inner in candidates})
                if len(units) == 1:
                    wishes[units[0]].append((hop, target))
                    wished[units[0]] = candidates
                elif units:
                    self._guess(hop, candidates)
        for name, wishing in wishes.items():
            if len({(unit(hop), _identity(target)) for hop, target in wishing}) == 1:
                for hop, target in wishing:
                    for inner in wished[name]:
                        self._add(hop, inner, target, Evidence.ONLY_CANDIDATE, "the only candidate")
            else:
                for hop, _ in wishing:
                    self._guess(hop, wished[name])

    def _taken(self, inner: Hop) -> bool:
        """Already reached from another process, or from this one by an address: a guess adds nothing."""
        return bool(self.reached[inner.address])

    def _only_fitting(self, hop: Hop, target: Target) -> list[Hop]:
        layers = _BEHIND_AS_ONLY.get(hop.layer, ())
        if hop.layer is Layer.PLATFORM and hop.targets:
            layers = _BEHIND_AS_ONLY[Layer.BALANCER]  # a container with a port may hold a proxy
        inners = [inner for layer in layers for inner in self.index.layers.get(layer, ())]
        free = [
            inner
            for inner in inners
            # What stands at an edge is behind nothing.
            if not (self._taken(inner) or is_presumed(inner) or inner.front.entry)
            and not is_other_image(target.image, inner)
        ]
        return self._fitting(hop, target, free)

    def _fitting(self, hop: Hop, target: Target, inners: Iterable[Hop]) -> list[Hop]:
        allowed = _BEHIND.get(hop.layer, ())
        return [
            inner
            for inner in inners
            if inner.layer in allowed
            and unit(inner) != unit(hop)
            and inner.trait("internal") != "yes"  # only nginx itself gets there
            and not _contradicts(hop, target, inner)
        ]

    def _guess(self, hop: Hop, candidates: Iterable[Hop]) -> None:
        self.guessed.add(hop.address)
        self._several(hop, candidates)

    def _several(self, hop: Hop, candidates: Iterable[Hop]) -> None:
        found = {*self.ambiguous.get(hop.address, ()), *(inner.address for inner in candidates)}
        listed = tuple(sorted(found))
        # Thousands of locations may have the same candidates: one list serves them all.
        self.ambiguous[hop.address] = self.listed.setdefault(listed, listed)

    def _add_unit(
        self,
        hop: Hop,
        inners: Sequence[Hop],
        target: Target,
        why: str,
        evidence: Evidence = Evidence.ADDRESS,
    ) -> None:
        """All hops of the one unit found; several units by the same name are ambiguous."""
        inners = _nearest(hop, _in_front(inners))
        if len({unit(inner) for inner in inners}) > 1:
            self._several(hop, inners)
            return
        for inner in inners:
            self._add(hop, inner, target, evidence, why)

    def _add(self, outer: Hop, inner: Hop, target: Target, evidence: Evidence, why: str) -> None:
        spans = (target.span, inner.span)
        link = Link(outer=outer.address, inner=inner.address, evidence=evidence, spans=spans, why=why)
        same = (link.outer, link.inner, target.hosts, target.paths)
        if same not in self.known:
            self.known.add(same)
            self.edges[outer.address].append(Edge(link=link, target=target))
            self.reached[inner.address].add(unit(outer))


def _is_numeric(host: str) -> bool:
    """An IP address, or a name that always means this machine."""
    return host in _LOOPBACK or host in _HOST_OF_CONTAINERS or host.replace(".", "").isdigit() or ":" in host


def _targets(hop: Hop) -> tuple[Target, ...]:
    """What the hop declares; a platform runs what has its own name, wherever that is declared."""
    if hop.targets or hop.layer is not Layer.PLATFORM:
        return tuple(target for target in hop.targets if not target.external)
    names = hop.front.names or ("",)
    return tuple(Target(group=name, span=hop.span) for name in names)


def _in_front(inners: Sequence[Hop]) -> Sequence[Hop]:
    """Of several hops by one name those that send to the others: what the name leads to stands in front."""
    if len({unit(inner) for inner in inners}) < 2:  # the locations of one nginx, which may be thousands
        return inners
    behind = {
        inner.address
        for inner in inners
        for other in inners
        if other is not inner and any(_leads_to(target, inner) for target in other.targets)
    }
    return [inner for inner in inners if inner.address not in behind] or inners


def _nearest(outer: Hop, inners: Sequence[Hop]) -> Sequence[Hop]:
    """Of several units with one name those declared in the innermost folder round the outer hop's file.

    A name means the service of one's own compose project, whatever other projects of the repository call so.
    """
    here = PurePosixPath(outer.span.file).parent
    around = [inner for inner in inners if here.is_relative_to(PurePosixPath(inner.span.file).parent)]
    if not around or len({unit(inner) for inner in inners}) == 1:
        return inners
    deepest = max(len(PurePosixPath(inner.span.file).parts) for inner in around)
    return [inner for inner in around if len(PurePosixPath(inner.span.file).parts) == deepest]


def _leads_to(target: Target, hop: Hop) -> bool:
    names = {name.lower() for name in hop.front.names}
    return target.address == hop.address or bool(names & set(written_names(target)))


def _identity(target: Target) -> tuple[object, ...]:
    """What makes two targets the same place; listener rules to one target group are one."""
    return (target.group,) if target.group else (target.host, target.port, target.socket)


def _contradicts(outer: Hop, target: Target, inner: Hop) -> bool:
    """The files say that this target is not that hop."""
    if (
        common_hosts(target.hosts or outer.front.hosts, inner.front.hosts) is None
        and inner.layer is not Layer.SERVER
    ):
        return True
    # Between containers a port is the port; a load balancer's may be mapped on the way.
    same_network = target.container or (outer.layer is Layer.PROXY and bool(target.host))
    known = inner.front.ports
    if target.host in _LOOPBACK or target.host in _HOST_OF_CONTAINERS:
        known += inner.front.published
    return bool(same_network and target.port and inner.front.ports and target.port not in known)


def _is_local(target: Target) -> bool:
    """The target can be something in these files: no host, a bare or internal name, a private address."""
    return _is_internal(target.host.strip("[]"))


@lru_cache(maxsize=4_096)
def _is_internal(host: str) -> bool:
    if not host or not set(".:") & set(host) or host.lower().endswith(INTERNAL_SUFFIXES):
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return False

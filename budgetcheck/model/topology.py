"""Hops, how they are reached, what they call, and the routes that requests take through them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from budgetcheck.model.bound import ONE, Bound
from budgetcheck.model.limits import SINGLE_ATTEMPT, Limit, Meaning, RetryPolicy
from budgetcheck.model.span import Span


class MethodClass(Enum):
    """Whether a proxy may send the request again on its own."""

    IDEMPOTENT = "idempotent"
    NON_IDEMPOTENT = "non_idempotent"


UNSAFE_METHODS = frozenset({"POST", "PATCH", "LOCK"})


def method_classes(methods: tuple[str, ...]) -> tuple[MethodClass, ...]:
    """The classes a route's methods fall into; both where the methods are not known."""
    upper = {method.upper() for method in methods}
    found = []
    if not upper or upper - UNSAFE_METHODS:
        found.append(MethodClass.IDEMPOTENT)
    if not upper or upper & UNSAFE_METHODS:
        found.append(MethodClass.NON_IDEMPOTENT)
    return tuple(found)


class Layer(Enum):
    """The role of a hop; decides how it passes on its caller's wait."""

    BALANCER = "balancer"
    """Edge, load balancer, gateway: faces callers, forwards."""
    PROXY = "proxy"
    """Reverse proxy: forwards, may try several upstreams."""
    PLATFORM = "platform"
    """Runs the application and ends its requests (Lambda, Cloud Run)."""
    SERVER = "server"
    """Application server process (gunicorn, uvicorn)."""
    HANDLER = "handler"
    """The application's own code for one route."""
    QUEUE = "queue"
    """Hands out messages or calls to a consumer: queue, subscription, scheduler."""
    CALL = "call"
    """An outbound call with everything wrapped round it."""
    CLIENT = "client"
    """An outbound call as what stands in front of something in these files: the beginning of a route."""
    WRAPPER = "wrapper"
    """What stands round calls in code: a retry decorator, a deadline. On no route by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRule:
    """Which request paths are meant.

    Attributes:
        pattern: as written (`/api/`, `~ \\.php$`, `/v1/*`).
        prefix: literal path that every matching path starts with.
        exact: only `prefix` itself matches.
        opaque: a regular expression or wildcard: paths under `prefix` may or may not match.
    """

    pattern: str
    prefix: str
    exact: bool = False
    opaque: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What reaches a hop, and under which names it can be addressed.

    Attributes:
        hosts: host names it answers (`*.example.com` allowed); empty for any.
        paths: paths it answers; empty for any.
        methods: HTTP methods; empty for unknown.
        names: names others use for it (service, container, function, upstream group).
        ports: ports it is said to listen on. `default_ports`: where it listens unless told otherwise.
        sockets: unix sockets it listens on.
        published: ports of the host it runs on that lead to it.
        entry: stands at the edge by nature: nothing in the files is missed in front of it.
        streaming: the response is a stream.
    """

    hosts: tuple[str, ...] = ()
    paths: tuple[PathRule, ...] = ()
    methods: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    default_ports: tuple[int, ...] = ()
    sockets: tuple[str, ...] = ()
    published: tuple[int, ...] = ()
    entry: bool = False
    streaming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a hop sends requests.

    Exactly one of `address`, `host` and `socket` is the point of it; all empty means that the target is
    not known, with `reason` saying why.

    Attributes:
        address: of another declaration, through a reference in the same language.
        host: name or IP address; `port` 0 if not written.
        socket: path of a unix socket.
        group: name of the upstream group, target group or service it was written as.
        hosts, paths: only requests for these go there (a listener rule); empty for all.
        strip, replace: the part of the path that is replaced on the way (`proxy_pass http://app/`).
        span: where the target is written.
        external: certainly outside these files (a public https host).
        reason: why the target could not be resolved.
        container: it is a container, and `port` is its own: nothing is mapped on the way.
        image: the image of that container, where it is known; without tag.
    """

    address: str = ""
    host: str = ""
    port: int = 0
    socket: str = ""
    group: str = ""
    hosts: tuple[str, ...] = ()
    paths: tuple[PathRule, ...] = ()
    strip: str = ""
    replace: str = ""
    span: Span
    external: bool = False
    reason: str = ""
    container: bool = False
    image: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWork:
    """One outbound call, by the address of its hop."""

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """Work done one after the other."""

    parts: tuple["Work", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel:
    """Work done at the same time."""

    parts: tuple["Work", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Work repeated at most `times`; `span` is where that number stands."""

    times: Bound
    body: "Work"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several pieces of work, and nothing says which: branches of a condition."""

    parts: tuple["Work", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    """Work inside a wrapper (`Layer.WRAPPER`), by the address of that wrapper's hop.

    The wrapper's limits and retries say what happens to the work: it is repeated after it has failed, cut by
    a deadline, or, where the wrapper has the trait `kind` `loop`, done as often as the wrapper's count says.
    """

    address: str
    body: "Work"


Work = CallWork | Sequence | Parallel | Loop | Choice | Wrapped


def pieces(work: Work) -> Iterator[Work]:
    """A piece of work and all that it is made of, in order, each once: what is called twice is shared."""
    stack, seen = [work], set[int]()
    while stack:
        piece = stack.pop()
        if id(piece) in seen:
            continue
        seen.add(id(piece))
        yield piece
        match piece:
            case Sequence(parts=parts) | Parallel(parts=parts) | Choice(parts=parts):
                stack += reversed(parts)
            case Loop(body=body) | Wrapped(body=body):
                stack.append(body)
            case CallWork():
                pass


_BY_COMPONENT = (Layer.PROXY, Layer.CALL, Layer.CLIENT, Layer.SERVER)
_FUNCTIONS = ("lambda", "functions-framework")
"""Frameworks of functions that a platform runs one piece of code for, with a time limit of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """How many requests one instance of a server works on at the same time, where somebody wrote it.

    Attributes:
        count: workers, times their threads.
        text: the same in words (`4 workers x 2 threads`).
        spans: where the numbers stand, workers first.
        event_loop: a worker goes on with other requests while one waits, unless a call blocks it.
    """

    count: int
    text: str
    spans: tuple[Span, ...] = ()
    event_loop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One place where a request waits.

    Attributes:
        address, component, title, span: as in its declaration.
        layer: its role.
        limits: every limit in force, unwritten defaults too.
        retry: how often it tries.
        front, targets, work: as in its declaration.
        tls: the next connection needs a TLS handshake, which counts the connect limit again.
        peers: how many addresses a request may be tried on.
        passes_before, passes_after: as in its declaration.
        work_goes_on: it does not notice that its caller has left (ASGI handlers).
        version: where known.
        traits: as in its declaration, for reports.
        slots: of a server, how many requests it works on at the same time; None where that is not known.
    """

    address: str
    component: str
    title: str
    layer: Layer
    span: Span
    limits: tuple[Limit, ...] = ()
    retry: RetryPolicy = SINGLE_ATTEMPT
    front: Front = field(default_factory=Front)
    targets: tuple[Target, ...] = ()
    work: Work | None = None
    tls: bool = False
    peers: Bound = ONE
    passes_before: tuple[str, ...] = ()
    passes_after: tuple[str, ...] = ()
    work_goes_on: bool = False
    version: str = ""
    traits: tuple[tuple[str, str], ...] = ()
    slots: Slots | None = None

    def trait(self, name: str) -> str:
        """The value of a trait, empty where the hop does not have it."""
        return dict(self.traits).get(name, "")

    @property
    def places(self) -> Iterator[Span]:
        """Everywhere that it is written: itself, what it sends to, its numbers."""
        yield self.span
        yield from (target.span for target in self.targets)
        yield from (span for limit in self.limits for span in limit.spans)
        yield from self.retry.count.spans if self.retry.count is not None else ()

    @property
    def left_to_server(self) -> bool:
        """A handler that takes what its server allows: nothing else ends it, and its calls do not tell.

        They are not known, or it is a function of a platform that makes none: how long it works is what the
        limit of the function was chosen for.
        """
        ends = any(one.meaning is not Meaning.HEARTBEAT for one in self.limits)
        if self.layer is not Layer.HANDLER or ends:
            return False
        return self.work is None or (self.work == Sequence() and self.is_function)

    @property
    def is_function(self) -> bool:
        """A handler that is all its platform runs: it ends with the time that the platform gives it."""
        return self.layer is Layer.HANDLER and self.trait("framework") in _FUNCTIONS

    @property
    def works_from_queue(self) -> bool:
        """Code that takes its work from a queue by itself: no request is sent to it or to what it runs in."""
        return self.layer is Layer.HANDLER and self.front.entry

    @property
    def title_short(self) -> str:
        """What a sentence calls it: the component for proxies and clients, its own name for the rest."""
        return self.title if self.layer not in _BY_COMPONENT else self.component

    def limit(self, *meanings: Meaning) -> Limit | None:
        """The first limit of one of these meanings, in the order given; None where there is none."""
        for meaning in meanings:
            for limit in self.limits:
                if limit.meaning is meaning:
                    return limit
        return None


class Evidence(IntEnum):
    """How sure a link is; larger is surer."""

    ASSUMED = 1
    ONLY_CANDIDATE = 2
    ADDRESS = 3
    REFERENCE = 4
    DECLARED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The outer hop sends requests to the inner one; addresses of both, and what shows it."""

    outer: str
    inner: str
    evidence: Evidence
    spans: tuple[Span, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way of requests through the hops, outermost first.

    `links[i]` joins `hops[i]` and `hops[i + 1]` of the chain down to the handler; the calls behind a
    handler follow it in order and are joined to it. `wrappers` stand round these calls: they are no hops of
    their own.
    """

    name: str
    host: str
    path: str
    methods: tuple[str, ...]
    hops: tuple[Hop, ...]
    links: tuple[Link, ...]
    environment: str = ""
    streaming: bool = False
    wrappers: tuple[Hop, ...] = ()

    @property
    def handler(self) -> Hop | None:
        """The application code that answers, where it is known."""
        return next((hop for hop in self.hops if hop.layer is Layer.HANDLER), None)

    @property
    def chain(self) -> tuple[Hop, ...]:
        """The hops that stand in front of one another, without the handler's outbound calls."""
        return tuple(hop for hop in self.hops if hop.layer is not Layer.CALL)

    @property
    def calls(self) -> tuple[Hop, ...]:
        """The outbound calls, in order."""
        return tuple(hop for hop in self.hops if hop.layer is Layer.CALL)

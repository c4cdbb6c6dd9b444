"""Workers and balancers: what stands behind a target, and with which times.

A worker belongs to the longest beginning of the URL that something defined (`ProxyPass`, `<Proxy>`,
`ProxySet`). Of two `ProxyPass` to one worker the parameters of the first count, those of the second are
ignored (measured); `ProxySet` always counts. https://httpd.apache.org/docs/2.4/mod/mod_proxy.html#workers
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from budgetcheck.model.span import Span
from budgetcheck.readers.apache.expansion import Statement
from budgetcheck.readers.apache.urls import Url, has_variable, read_url

Parameters = Mapping[str, "Parameter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A `key=value`, where it stands, and where what is filled in comes from."""

    value: str
    span: Span
    steps: tuple[Span, ...] = ()


@dataclass(slots=True, kw_only=True, eq=False)
class Worker:
    """One server that requests are sent to, or a member of a balancer."""

    url: Url
    span: Span
    parameters: dict[str, Parameter] = field(default_factory=dict)
    conditional: bool = False


@dataclass(slots=True, kw_only=True)
class Balancer:
    """A group of members. `defined`: somebody says who they are."""

    name: str
    span: Span
    parameters: dict[str, Parameter] = field(default_factory=dict)
    members: list[Worker] = field(default_factory=list)

    @property
    def in_use(self) -> list[Worker]:
        """The members that a request may be tried on: spare ones too, switched off ones not."""
        return [one for one in self.members if not _is_off(one)]


_Place = tuple[str, str, int]


@dataclass(slots=True)
class Workers:
    """All workers and balancers of a server; `base` are those of the main server, which come before."""

    base: "Workers | None" = None
    balancers: dict[str, Balancer] = field(default_factory=dict)
    ignored: list[tuple[Statement, Parameter, str, Worker]] = field(default_factory=list)
    _by_place: dict[_Place, list[Worker]] = field(default_factory=dict)

    def find(self, url: Url) -> Worker | None:
        """The worker with the longest URL that the given one begins with."""
        own = [one for one in self._by_place.get(_place(url), ()) if _is_prefix(one.url, url)]
        inherited = self.base.find(url) if self.base else None
        found = [*own, *([inherited] if inherited else [])]
        return max(found, key=lambda one: len(one.url.key), default=None)

    def balancer(self, url: Url) -> Balancer | None:
        """The balancer of a target."""
        found = self.balancers.get(url.host)
        return found or (self.base.balancer(url) if self.base else None)

    def add(self, statements: Iterable[Statement]) -> None:
        """Takes over what statements define, in their order, sections included."""
        for one in statements:
            self._define(one)
            if one.body is not None and one.name != "proxy":
                self.add(one.body)

    def _define(self, one: Statement) -> None:
        if one.name == "proxy" and one.args:
            self._section(one)
        elif one.name == "proxyset" and len(one.args) > 1:
            self._set(one, one.args[0], one.args[1:])
        elif one.name == "balancermember" and len(one.args) > 1 and "=" not in one.args[1]:
            self._member(one, one.args[0], one.args[1:])
        elif one.name == "proxypass" and (found := pass_of(one)) is not None:
            self._passed(one, *found)

    def _section(self, section: Statement) -> None:
        url = section.args[0]
        if "*" in url:
            return
        self._set(section, url, section.args[1:])
        for one in section.body or ():
            if one.name == "balancermember" and one.args:
                self._member(one, url, one.args)
            elif one.name == "proxyset" and one.args:
                words = one.args if "=" in one.args[0] and "://" not in one.args[0] else one.args[1:]
                self._set(one, url, words)

    def _set(self, one: Statement, text: str, words: Sequence[str]) -> None:
        url = read_url(text)
        if url is None:
            return
        if url.is_balancer:
            self._group(url, one).parameters.update(parameters(one, words))
            return
        known = self.find(url)
        if known is None or known not in self._by_place.get(_place(known.url), ()):
            # What a virtual host sets of a worker of the main server counts in that virtual host.
            worker = Worker(
                url=known.url if known else url,
                span=one.node.span,
                parameters=dict(known.parameters) if known else {},
            )
            self._add(worker)
        else:
            worker = known
        worker.parameters.update(parameters(one, words))

    def _add(self, worker: Worker) -> None:
        self._by_place.setdefault(_place(worker.url), []).append(worker)

    def _member(self, one: Statement, group: str, words: Sequence[str]) -> None:
        balancer, url = read_url(group), read_url(words[0])
        if balancer is None or url is None or not balancer.is_balancer:
            return
        self._group(balancer, one).members.append(
            Worker(
                url=url,
                span=one.node.span,
                parameters=dict(parameters(one, words[1:])),
                conditional=bool(one.when),
            )
        )

    def _passed(self, one: Statement, text: str, words: Sequence[str]) -> None:
        url = read_url(text)
        if url is None or has_variable(text):
            return
        given = parameters(one, words)
        if url.is_balancer:
            self._group(url, one).parameters.update(given)
            return
        shared = self.find(url)
        if shared is None:
            self._add(Worker(url=url, span=one.node.span, parameters=dict(given)))
            return
        for name, parameter in given.items():
            known = shared.parameters.get(name)
            if known is None or known.value != parameter.value:
                self.ignored.append((one, parameter, name, shared))

    def _group(self, url: Url, one: Statement) -> Balancer:
        if url.host not in self.balancers:
            known = self.base.balancer(url) if self.base else None
            self.balancers[url.host] = Balancer(
                name=url.host,
                span=known.span if known else one.node.span,
                parameters=dict(known.parameters) if known else {},
                members=list(known.members) if known else [],
            )
        return self.balancers[url.host]


def pass_of(one: Statement) -> tuple[str, tuple[str, ...]] | None:
    """The target of a `ProxyPass` or `ProxyPassMatch` and its parameters; None where it has none.

    In a <Location> the path is left out.
    """
    words = list(one.args)
    at = next((index for index, word in enumerate(words[:2]) if word == "!" or "://" in word), None)
    if at is None:
        return None
    return words[at], tuple(words[at + 1 :])


def parameters(one: Statement, words: Sequence[str]) -> Parameters:
    """The `key=value` among some words, keys in lower case."""
    found: dict[str, Parameter] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            span = Span(
                file=one.node.file, line=one.node.line, text=key if one.steps else f"{key}={value}"[:120]
            )
            found[key.lower()] = Parameter(value=value, span=span, steps=one.steps)
    return found


def _place(url: Url) -> _Place:
    """What two URLs must have in common: a target behind a socket has a name and no port."""
    named = bool(url.socket) or url.scheme == "fcgi"
    return (url.scheme, url.host, 0 if named else url.port)


def _is_prefix(worker: Url, url: Url) -> bool:
    if worker.reason or url.reason:
        return False
    if worker.socket and url.socket and worker.socket != url.socket:
        return False
    known, asked = worker.key, url.key
    if worker.socket or url.socket:  # the name behind the bar alone is compared, without a port
        known, asked = (_without_port(one) for one in (worker, url))
    return asked.startswith(known) or f"{asked}/".startswith(known)


def _without_port(url: Url) -> str:
    """Scheme, name and path: a target behind a socket has no port."""
    return f"{url.scheme}://{url.host}{url.path or '/'}"


def _is_off(worker: Worker) -> bool:
    """`status=+D` or `status=D`: switched off; `S` stopped."""
    status = worker.parameters.get("status")
    return (
        status is not None
        and not status.value.startswith("-")
        and bool(set("DS") & set(status.value.upper()))
    )

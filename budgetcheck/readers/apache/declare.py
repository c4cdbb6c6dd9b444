"""From the rules of a server to declarations: settings, targets, and what each is called."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from budgetcheck.model.bound import ONE
from budgetcheck.model.settings import Declaration, Known, OneOf, Problem, ProblemKind, Setting
from budgetcheck.model.topology import Front, Target
from budgetcheck.readers.apache.packaging import UNKNOWN
from budgetcheck.readers.apache.passes import Pass, passes_of
from budgetcheck.readers.apache.servers import Server
from budgetcheck.readers.apache.settings import Settings
from budgetcheck.readers.apache.urls import Url, has_variable, read_url
from budgetcheck.readers.apache.workers import Balancer, Worker, Workers, parameters

COMPONENT = "apache"
_TIMES = frozenset({"timeout", "connectiontimeout"})
_UPGRADING = frozenset({"ws", "wss"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A declaration before it has an address: the parts of that, and the rest."""

    label: str
    path: str
    port: int
    file: str
    declaration: Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class _Destination:
    """Where a rule sends requests, and the times that stand there."""

    targets: tuple[Target, ...]
    settings: tuple[Setting, ...] = ()
    traits: tuple[tuple[str, str], ...] = ()


def draft_all(
    server: Server, base: Workers | None, packaging: str, problems: list[Problem]
) -> Iterator[Draft]:
    """One draft for each rule that some request can reach. `base` are the workers of the main server."""
    workers = Workers(base)
    workers.add(server.statements)
    found = passes_of(server)
    settings = Settings(problems, unknown_main_file=packaging == UNKNOWN)
    for one in found.live:
        yield _draft(server, one, workers, settings, packaging)
    problems += _without_effect(workers)
    problems += (_never_asked(one, winner) for one, winner in found.dead if _says_times(one))


def finish(drafts: Sequence[Draft]) -> Iterator[Declaration]:
    """The declarations, each with an address of its own: by the port, else the file, else a number."""
    drafts = _once(drafts)
    plain = Counter((one.label, one.path) for one in drafts)
    by_port = Counter((one.label, one.port, one.path) for one in drafts)
    seen: Counter[str] = Counter()
    for one in drafts:
        label = one.label
        if plain[one.label, one.path] > 1:
            label += f":{one.port}" if one.port else ""
            if by_port[one.label, one.port, one.path] > 1:
                label += f" [{one.file}]"
        slash = "" if one.path.startswith("/") else "/"
        name = f"{label}{slash}{one.path}"
        seen[name] += 1
        number = f" #{seen[name]}" if seen[name] > 1 else ""
        yield replace(
            one.declaration,
            address=f"apache:{name}{number}",
            title=f"{label}{'' if one.path.startswith('/') else ' '}{one.path}{number}",
        )


def _once(drafts: Sequence[Draft]) -> list[Draft]:
    """What several configurations include alike is one."""
    seen: dict[tuple[object, ...], Draft] = {}
    for one in drafts:
        values = tuple((setting.name, setting.value) for setting in one.declaration.settings)
        rest = replace(one.declaration, settings=())
        seen.setdefault((one.label, one.path, one.port, values, rest), one)
    return list(seen.values())


def _draft(server: Server, one: Pass, workers: Workers, settings: Settings, packaging: str) -> Draft:
    where = _local(one) if one.excludes else _destination(one, workers, settings)
    of_server = server.main if one.inherited and server.main and server.main.own("proxytimeout") else server
    span = one.statement.node.span
    path = one.rule.pattern
    return Draft(
        label=next(iter(one.hosts), server.label),
        path=path,
        port=server.ports[0] if server.ports else 0,
        file=server.section.node.file if server.section else span.file,
        declaration=Declaration(
            component=COMPONENT,
            address="",
            title="",
            span=span,
            settings=(*where.settings, *settings.of_server(of_server, one.statement)),
            traits=(
                ("packaging", packaging),
                ("server_name", " ".join(server.names)),
                ("location", path),
                *where.traits,
            ),
            front=Front(hosts=one.hosts or server.hosts, paths=(one.rule,), ports=server.ports),
            targets=where.targets,
            peers=ONE,
        ),
    )


def _local(one: Pass) -> _Destination:
    """Requests that httpd answers by itself: none of its times for servers behind it count."""
    target = Target(span=one.statement.node.span, external=True)
    return _Destination(
        targets=(target,), traits=(("family", "none"), ("internal", "yes"), ("answers", "itself"))
    )


def _destination(one: Pass, workers: Workers, settings: Settings) -> _Destination:
    span = one.statement.node.span
    url = read_url(one.target)
    if url is None:
        reason = (
            "the target is filled in" if "$" in one.target or "{" in one.target else "the target is no URL"
        )
        return _Destination(targets=(Target(span=span, reason=reason),), traits=(("family", "http"),))
    strip, put = (one.strip, url.path) if one.strip and url.scheme != "fcgi" else ("", "")
    if url.is_balancer:
        balancer = workers.balancer(url)
        if balancer is None or not balancer.members:
            reason = f"the members of balancer://{url.host} are not in these files"
            targets = (Target(group=url.host, span=span, reason=reason),)
            return _Destination(targets=targets, traits=(("family", "http"),))
        return _balanced(balancer, settings, strip, put)
    own = workers.find(url)
    if own and own.url.socket and not url.socket and own.url.path in ("", "/"):
        url = replace(url, socket=own.url.socket)  # the name alone stands for the worker's socket (measured)
    traits = [("family", _family(url)), ("pooled", "yes" if _is_pooled(one, url, own) else "no")]
    if url.secure:
        traits.append(("tls", "yes"))
    if url.scheme in _UPGRADING or (own and "upgrade" in own.parameters):
        traits.append(("upgrade", "yes"))
    return _Destination(
        targets=(url.target(span, strip=strip, replace=put),),
        settings=(*_ignored_or_not(one, settings), *settings.of_worker(own)),
        traits=tuple(traits),
    )


def _ignored_or_not(one: Pass, settings: Settings) -> Iterator[Setting]:
    """Parameters of a target with `$1`: documented since 2.4.47, without effect in 2.4.71 (measured)."""
    if not (one.kind == "match" and has_variable(one.target)):
        return
    given = parameters(one.statement, one.parameters)
    for name in sorted(_TIMES & given.keys()):
        found = settings.parameter(name, given[name])
        if isinstance(found.value, Known):
            reason = "whether it counts for a target with $1 depends on the version"
            yield replace(found, value=OneOf(values=(found.value.value, None), reason=reason))


def _balanced(balancer: Balancer, settings: Settings, strip: str, put: str) -> _Destination:
    members = balancer.in_use or balancer.members
    targets = tuple(
        replace(
            one.url.target(one.span, balancer.name),
            strip=strip,
            replace=(one.url.path.rstrip("/") + put) if strip else "",
        )
        for one in members
    )
    found = [*settings.of_members(members), _attempts(balancer, members, settings)]
    waits = balancer.parameters.get("timeout")
    if waits is not None:
        found.append(settings.parameter("timeout", waits, "balancer.timeout"))
    traits = [("family", _family(members[0].url)), ("balancer", "yes"), ("pooled", "yes")]
    if any(one.url.secure for one in members):
        traits.append(("tls", "yes"))
    return _Destination(targets=targets, settings=tuple(found), traits=tuple(traits))


def _attempts(balancer: Balancer, members: Sequence[Worker], settings: Settings) -> Setting:
    """`maxattempts`, without which every member is tried once."""
    written = balancer.parameters.get("maxattempts")
    if written is not None:
        return settings.parameter("maxattempts", written)
    value = Known(value=str(len(members) - 1))
    if any(one.conditional for one in members):
        certain = sum(not one.conditional for one in members)
        counts = tuple(str(count - 1) for count in range(max(certain, 1), len(members) + 1))
        return Setting(
            name="maxattempts",
            value=OneOf(values=counts, reason="some members count only under a condition"),
            spans=(balancer.span,),
            label="members less one",
        )
    return Setting(name="maxattempts", value=value, spans=(balancer.span,), label="members less one")


def _family(url: Url) -> str:
    return {"https": "http", "ws": "ws", "wss": "ws", "h2": "http", "h2c": "http"}.get(url.scheme, url.scheme)


def _is_pooled(one: Pass, url: Url, worker: Worker | None) -> bool:
    """Connections to the server are kept for further requests: by default only of HTTP with a worker."""
    if worker is None:
        return False
    disabled = worker.parameters.get("disablereuse")
    enabled = worker.parameters.get("enablereuse")
    if disabled is not None:
        return disabled.value.lower() != "on"
    if enabled is not None:
        return enabled.value.lower() == "on"
    return _family(url) == "http" and one.kind != "rewrite"


def _without_effect(workers: Workers) -> Iterator[Problem]:
    """Times of a second `ProxyPass` to one worker, and of a balancer where those of members are meant."""
    for statement, parameter, name, shared in workers.ignored:
        if name in _TIMES:
            yield Problem(
                span=parameter.span,
                text=f"{name}={parameter.value[:20]} does not count: the server behind "
                f"`{' '.join(statement.args[:2])[:80]}` has the parameters of {shared.span.place}",
                fix="write it there, or in a ProxySet for the URL",
                kind=ProblemKind.INEFFECTIVE,
                component=COMPONENT,
                setting=name,
            )


def _says_times(one: Pass) -> bool:
    return any(word.partition("=")[0].lower() in _TIMES for word in one.parameters)


def _never_asked(one: Pass, winner: Pass) -> Problem:
    """A rule with times that no request reaches."""
    before = winner.statement.node
    place = "" if before.file != one.statement.node.file else f" in line {before.line}"
    return Problem(
        span=one.statement.node.span,
        text=f"no request reaches this rule: `{before.written} {winner.rule.pattern}`{place} takes them, so "
        "its times do not count",
        fix="put it before that one; of <Location> sections the last one counts",
        kind=ProblemKind.INEFFECTIVE,
        component=COMPONENT,
        setting="timeout",
    )

"""Which requests a server passes on: `ProxyPass` and its relatives, in the order that httpd asks them.

Rewriting comes first, then the <Location> sections from the last to the first, then the `ProxyPass` lines in
order, those of the main server before those of the virtual host (measured). The first that fits decides, so a
later one whose path begins with that of an earlier one is never asked.
https://httpd.apache.org/docs/2.4/mod/mod_proxy.html#proxypass
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck.model.topology import PathRule
from budgetcheck.readers.apache.expansion import Statement
from budgetcheck.readers.apache.lexing import is_filled_in
from budgetcheck.readers.apache.servers import Server
from budgetcheck.readers.apache.workers import pass_of
from budgetcheck.readers.nginx.patterns import literal_prefix

EXCLUDED = "!"
_REST = re.compile(r"\^?(/[\w/.~-]*)?(?:\(?\.\*\)?|\(\.\+\)|\(/\.\*\)|\(/?\.\*\))?\$?")
_PROXIES = re.compile(r"(?:^|[\[,])\s*(?:P|proxy)\s*(?=[\],])", re.IGNORECASE)
_UPGRADE = re.compile(r"upgrade|websocket", re.IGNORECASE)
_HOST = re.compile(r"\^?((?:[\w-]|\\\.)+)\$?")
_SECTIONS = frozenset({"location", "locationmatch", "directory", "directorymatch", "files", "filesmatch"})
_PLAIN_PATH = re.compile(r"/[\w/~-]*")
_DEEPEST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One rule by which requests are passed on.

    Attributes:
        rule: which paths it takes; None for all that reach it.
        target: as written; `!` where requests are served by httpd itself.
        strip: the part of the path that the target's path replaces; empty where the path stays.
        hosts: only requests for these; empty for all.
        conditional: something else is asked for as well, so it takes no request away from the others.
        kind: `pass`, `match`, `rewrite` or `handler`.
        inherited: it stands in the main server of a virtual host.
    """

    rule: PathRule
    target: str
    statement: Statement
    kind: str
    parameters: tuple[str, ...] = ()
    strip: str = ""
    hosts: tuple[str, ...] = ()
    conditional: bool = False
    inherited: bool = False

    @property
    def excludes(self) -> bool:
        """Requests stay here."""
        return self.target == EXCLUDED

    @property
    def covers_all(self) -> bool:
        """It takes every request below its path."""
        return not (self.conditional or self.rule.opaque or self.rule.exact or self.hosts)


@dataclass(slots=True)
class Passes:
    """The rules of a server that some request can reach, in order, and those that none can."""

    live: list[Pass] = field(default_factory=list)
    dead: list[tuple[Pass, Pass]] = field(default_factory=list)


def passes_of(server: Server) -> Passes:
    """The rules of a server with those that it inherits."""
    base = server.main.statements if server.main and _inherits(server) else ()
    own = server.statements
    rewrites = [*_rewrites(own)]
    locations = [*_inherited(_located(base)), *_located(own)]
    lines = [*_inherited(_lines(base)), *_lines(own)]
    main = server.main.statements if server.main else ()
    handlers = [*_inherited(_handlers(main)), *_handlers(own)]
    found = Passes()
    winners: dict[str, Pass] = {}
    for one in (*rewrites, *reversed(locations), *lines):
        winner = next((winners[path] for path in _above(one.rule.prefix) if path in winners), None)
        if winner is None:
            found.live.append(one)
            if one.covers_all:
                winners[one.rule.prefix] = one
        else:
            found.dead.append((one, winner))
    if "/" not in winners or winners["/"].excludes:  # what is passed on never gets a handler
        found.live += handlers
    taken = {one.rule.prefix for one in found.live if not one.excludes}
    # An exception is of interest where some rule would take its requests.
    found.live = [
        one for one in found.live if not one.excludes or not taken.isdisjoint(_above(one.rule.prefix))
    ]
    return found


def _above(path: str) -> Iterator[str]:
    """The paths that a path lies below: `/api/x` below `/api/`, `/api` and `/`, not below `/ap`."""
    yield path
    for cut in (match.start() for match in re.finditer("/", path)):
        yield path[: cut + 1]
        if cut:
            yield path[:cut]


def _inherits(server: Server) -> bool:
    written, _ = server.in_force("proxypassinherit")
    return not written or written[-1].args[0].lower() != "off"


def _inherited(found: Iterator[Pass]) -> Iterator[Pass]:
    return (replace(one, inherited=True) for one in found)


def _lines(statements: Sequence[Statement]) -> Iterator[Pass]:
    """`ProxyPass /path URL` and `ProxyPassMatch REGEX URL` outside of sections."""
    for one in statements:
        if one.name not in ("proxypass", "proxypassmatch") or len(one.args) < 2:
            continue
        found = pass_of(one)
        if found is None or "://" in one.args[0] or one.args[0] == EXCLUDED:
            continue
        target, words = found
        match = one.name == "proxypassmatch"
        yield Pass(
            rule=_regex_rule(one.args[0]) if match else _path_rule(one.args[0]),
            target=target,
            statement=one,
            kind="match" if match else "pass",
            parameters=words,
            strip="" if match else one.args[0],
            conditional=bool(one.when),
        )


def _located(statements: Sequence[Statement], depth: int = 0) -> Iterator[Pass]:
    """`ProxyPass URL` in a <Location>, where the path is that of the section."""
    for section in statements:
        if section.body is None or section.name not in ("location", "locationmatch") or not section.args:
            continue
        # Nothing but the last one of a section counts.
        inner = [one for one in section.body if one.name in ("proxypass", "proxypassmatch") and one.args]
        for one in inner[-1:]:
            found = pass_of(one)
            if found is None:
                continue
            # `ProxyPass` takes even the pattern of a <LocationMatch> for the beginning of a path (measured).
            regex = _is_regex(section) and not _PLAIN_PATH.fullmatch(section.args[-1])
            match = one.name == "proxypassmatch" or regex
            yield Pass(
                rule=_regex_rule(section.args[-1]) if regex else _path_rule(section.args[-1]),
                target=found[0],
                statement=one,
                kind="match" if match else "pass",
                parameters=found[1],
                strip="" if match else section.args[-1],
                conditional=bool(one.when or section.when),
            )
        if depth < _DEEPEST:
            yield from _located(section.body, depth + 1)


def _is_regex(section: Statement) -> bool:
    return section.name.endswith("match") or section.args[0] == "~"


def _rewrites(statements: Sequence[Statement], rule: PathRule | None = None) -> Iterator[Pass]:
    """`RewriteRule REGEX URL [P]`, with the conditions before it."""
    conditions: list[Statement] = []
    for one in statements:
        if one.name == "rewritecond":
            conditions.append(one)
        elif one.name == "rewriterule":
            if len(one.args) > 2 and _PROXIES.search(one.args[2]) and "://" in one.args[1]:
                found = _rewrite(one, conditions, rule)
                if found is not None:
                    yield found
            conditions = []
        elif one.body is not None and one.name in _SECTIONS and one.args:
            within = PathRule(pattern="/", prefix="/") if _is_regex(one) else _section_rule(one)
            yield from _rewrites(one.body, within)


def _rewrite(one: Statement, conditions: Sequence[Statement], within: PathRule | None) -> Pass | None:
    hosts: list[str] = []
    path, other = "", bool(one.when) or one.args[0].startswith("!")
    for condition in conditions:
        test, pattern = condition.args[0] if condition.args else "", "".join(condition.args[1:2])
        if _UPGRADE.search(test) and _UPGRADE.search(pattern):
            return None  # the conversation that follows an upgrade has no answer to wait for
        if (
            test == "%{HTTP_HOST}"
            and (named := _HOST.fullmatch(pattern))
            and "OR" not in "".join(condition.args[2:])
        ):
            hosts.append(named[1].replace("\\", "").lower())
        elif test == "%{REQUEST_URI}" and pattern.startswith("^/") and not path:
            path = pattern
        else:
            other = True
    regex = path or one.args[0]
    if within is not None:  # the path is compared without what the section already asked for
        rule = within if within.opaque or not path else _regex_rule(path)
        other = other or not _takes_all(one.args[0])
    else:
        rule = _regex_rule(regex if regex.startswith("^/") or not regex.startswith("^") else f"^/{regex[1:]}")
        other = other or (bool(path) and not _takes_all(one.args[0]))
    return Pass(
        rule=replace(rule, opaque=True, pattern=regex) if other else rule,
        target=one.args[1],
        statement=one,
        kind="rewrite",
        hosts=tuple(hosts),
        conditional=other,
    )


def _takes_all(regex: str) -> bool:
    found = _REST.fullmatch(regex)
    return found is not None and (found[1] or "/") == "/"


def _handlers(
    statements: Sequence[Statement], rule: PathRule | None = None, depth: int = 0
) -> Iterator[Pass]:
    """`SetHandler "proxy:URL"`, for whatever the sections around it mean."""
    for one in statements:
        if one.name == "sethandler" and one.args and one.args[0].lower().startswith("proxy:"):
            yield Pass(
                rule=rule or PathRule(pattern="/", prefix="/"),
                target=one.args[0][6:],
                statement=one,
                kind="handler",
                conditional=bool(one.when),
            )
        elif one.body is not None and one.name in _SECTIONS and one.args and depth < _DEEPEST:
            inner = _handlers(one.body, _narrower(rule, _section_rule(one)), depth + 1)
            yield from (replace(found, conditional=True) for found in inner) if one.when else inner


def _section_rule(section: Statement) -> PathRule:
    """The paths of a section; of files their names, wherever they lie."""
    regex = section.args[-1] if _is_regex(section) else ""
    if section.name.startswith("directory"):
        return PathRule(pattern="/", prefix="/")
    if section.name.startswith("files"):
        name = regex or f"/{section.args[0].replace('*', '[^/]*')}$"
        return PathRule(pattern=f"~ {name}", prefix="/", opaque=True)
    return _regex_rule(regex) if regex else _path_rule(section.args[0])


def _narrower(outer: PathRule | None, inner: PathRule) -> PathRule:
    if outer is None or outer.prefix == "/" or inner.prefix.startswith(outer.prefix):
        return inner if outer is None or not outer.opaque or inner.opaque else outer
    return outer if inner.prefix == "/" and not outer.opaque else inner


def _path_rule(path: str) -> PathRule:
    if is_filled_in(path) or any(sign in path for sign in "*?["):
        prefix = re.split(r"[$*?\[{<%@]", path, maxsplit=1)[0]
        return PathRule(pattern=path, prefix=prefix or "/", opaque=True)
    return PathRule(pattern=path, prefix=path if path.startswith("/") else f"/{path}")


def _regex_rule(regex: str) -> PathRule:
    """The paths of a regular expression; a plain beginning where it means nothing else."""
    plain = _REST.fullmatch(regex)
    if plain is not None and (regex.startswith("^") or not plain[1]):
        prefix = plain[1] or "/"
        bare = regex.lstrip("^").rstrip("$") == plain[1]
        if not (bare and regex.endswith("$")):
            return PathRule(pattern=prefix, prefix=prefix)
        return PathRule(pattern=prefix, prefix=prefix, exact=True)
    return PathRule(pattern=f"~ {regex}", prefix=literal_prefix(regex), opaque=True)

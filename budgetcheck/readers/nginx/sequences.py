"""Passes before and after the main one, and the ways into a location besides its own path.

`auth_request` runs a whole pass first, `error_page` a whole pass afterwards; `try_files` and the like lead
requests for other paths into a location.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from budgetcheck.model.settings import Known
from budgetcheck.model.topology import PathRule
from budgetcheck.readers.nginx.context import Block
from budgetcheck.readers.nginx.expansion import Placed
from budgetcheck.readers.nginx.patterns import Match
from budgetcheck.readers.nginx.places import Place
from budgetcheck.readers.nginx.routing import all_locations, choose_location, internal_target
from budgetcheck.readers.nginx.servers import Location, Server

_SILENCE = "504"
"""Made by nginx itself when an upstream stays silent; 502 is for connections that fail at once."""
_MISSING = frozenset({"403", "404", "405", "418"})
"""Statuses that sites use to hand requests for no file over to the application."""
_MOST_STEPS = 10
_MOST_LOOKED_AT = 2_000_000
_WHOLE = PathRule(pattern="/", prefix="/")


@dataclass(slots=True)
class ServerFlow:
    """What leads where within one server. `places` are all its places."""

    server: Server
    places: Sequence[Place]
    _by_location: dict[Location, Place] = field(default_factory=dict)
    _targets: dict[str, Location | None] = field(default_factory=dict)
    _entrances: dict[Location, list[PathRule]] = field(default_factory=dict)
    _written: set[str] = field(default_factory=set)
    _looked_at: int = 0
    _auth_targets: set[int] | None = None

    def __post_init__(self) -> None:
        self._by_location = {place.location: place for place in self.places if place.location}
        for place in self.places:
            for block in place.chain:
                self._written.update(block.directives)
        if self.places:
            self._find_entrances()

    def entrances(self, place: Place) -> tuple[PathRule, ...]:
        """Paths of other locations whose requests end in this one."""
        rules = self._entrances.get(place.location) if place.location else None
        if not rules:
            return ()
        return (_WHOLE,) if _WHOLE in rules else tuple(dict.fromkeys(rules))

    def internal(self, place: Place) -> bool:
        """No path from outside leads here."""
        if place.pattern is None or self.entrances(place):
            return False
        return place.pattern.match is Match.NAMED or "internal" in place.block.directives

    def handed_over(self, location: Location) -> Place | None:
        """The place that a location without a pass hands its requests over to, where there is one."""
        return next((self._by_location[target] for target in self._reached_from(location)), None)

    def before(self, place: Place) -> tuple[Place, ...]:
        """The place that `auth_request` asks first, if it passes on."""
        if "auth_request" not in self._written:
            return ()
        written = place.nearest("auth_request")
        uri = written[0].args[0] if written and written[0].args else "off"
        target = None if uri == "off" else self._place(uri)
        return (target,) if target and target is not place else ()

    def after(self, place: Place) -> tuple[Place, ...]:
        """The places that run when the pass here has failed, one after the other.

        One only, unless `recursive_error_pages` is on: nginx ignores `error_page` inside an error page.
        """
        if "error_page" not in self._written:
            return ()
        found: list[Place] = []
        current = place
        # A sub-request of auth_request follows its own error pages (measured), other internal ones do not.
        inside = self.internal(place) and id(place) not in self._asked()
        while len(found) < _MOST_STEPS:
            if inside and not _is_on(current.nearest("recursive_error_pages")):
                break
            target = self._fallback(current)
            if target is None or (inside and target in (place, *found)):
                break
            found.append(target)
            current, inside = target, True
        return tuple(found)

    def _asked(self) -> set[int]:
        """The places that `auth_request` of some place asks."""
        if self._auth_targets is None:
            self._auth_targets = {id(target) for place in self.places for target in self.before(place)}
        return self._auth_targets

    def _fallback(self, place: Place) -> Place | None:
        pages = [page for placed in place.nearest("error_page") if (page := _error_page(placed))]
        wanted = [_SILENCE]
        if self.before(place):
            wanted.append("500")  # the failure of an auth_request pass
        for status in wanted:
            for statuses, uri in pages:
                if status in statuses:
                    return self._place(uri)
        setting = place.in_force.get(f"{place.family}_intercept_errors")
        if setting and setting.value == Known(value="on"):
            return next((target for _, uri in pages if (target := self._place(uri))), None)
        return None

    def _place(self, uri: str) -> Place | None:
        location = self._target(uri)
        return self._by_location.get(location) if location else None

    def _target(self, uri: str) -> Location | None:
        """Where an internal redirect goes; not known beyond more look-ups than any real server needs."""
        if uri not in self._targets:
            self._looked_at += len(self.server.locations)
            too_many = self._looked_at > _MOST_LOOKED_AT
            self._targets[uri] = None if too_many else internal_target(self.server, uri)
        return self._targets[uri]

    def _find_entrances(self) -> None:
        for location in all_locations(self.server):
            rules = location.pattern.rules
            if rules and location not in self._by_location:
                for target in self._reached_from(location):
                    self._entrances.setdefault(target, []).extend(rules)
        uris = (*_sent_on(self.server.block), *_missing_pages(self.server.block))
        if uris and choose_location(self.server.locations, "/").location is None:
            for target in self._reached(uris):
                self._entrances.setdefault(target, []).append(_WHOLE)

    def _reached_from(self, location: Location) -> list[Location]:
        """The places that a location without a pass hands requests over to."""
        own_pages = "error_page" in location.block.directives
        pages = _missing_pages(location.block if own_pages else self.server.block)
        return self._reached((*_sent_on(location.block), *pages))

    def _reached(self, uris: Sequence[str]) -> list[Location]:
        """The places that internal redirects lead to, directly or through locations without a pass."""
        found: list[Location] = []
        seen: set[Location] = set()
        waiting = deque(uris)
        while waiting and self._looked_at < _MOST_LOOKED_AT:
            self._looked_at += 1
            target = self._target(waiting.popleft())
            if target is None or target in seen:
                continue
            seen.add(target)
            if target in self._by_location:
                found.append(target)
            else:  # its own error pages do not count: the request may already be for one
                waiting += _sent_on(target.block)
        return found


def _sent_on(block: Block) -> list[str]:
    """Where requests leave the block for another location: no such file, or rewritten."""
    uris = [placed.args[-1] for placed in block.directives.get("try_files", ()) if placed.args]
    uris += [
        placed.args[1]
        for placed in block.directives.get("rewrite", ())
        if len(placed.args) > 1 and placed.args[2:3] in ((), ("last",))
    ]
    return uris


def _missing_pages(block: Block) -> Iterator[str]:
    for placed in block.directives.get("error_page", ()):
        page = _error_page(placed)
        if page and not _MISSING.isdisjoint(page[0]):
            yield page[1]


def _error_page(placed: Placed) -> tuple[frozenset[str], str] | None:
    """The statuses and the URI of an `error_page`."""
    if len(placed.args) < 2:
        return None
    return frozenset(arg for arg in placed.args[:-1] if arg.isdigit()), placed.args[-1]


def _is_on(written: Sequence[Placed]) -> bool:
    return bool(written) and written[0].args == ("on",)

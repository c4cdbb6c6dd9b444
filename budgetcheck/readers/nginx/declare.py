"""Places to declarations: the format-neutral form that the rest of budgetcheck reads."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from budgetcheck.model.bound import union
from budgetcheck.model.settings import Declaration, Known, OneOf, Setting, Unresolved
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.nginx.addresses import Address
from budgetcheck.readers.nginx.delays import delay_setting
from budgetcheck.readers.nginx.passes import Destination, Shared, read_pass
from budgetcheck.readers.nginx.places import STREAM, Place, Site
from budgetcheck.readers.nginx.sequences import ServerFlow

_WEBSOCKET = re.compile(r"(?:^|[/._-])(?:wss?|websockets?|cable|signalr)(?:$|[/._-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """A place with all that can be said of it before the others have addresses."""

    place: Place
    settings: tuple[Setting, ...]
    destinations: tuple[Destination, ...]
    before: tuple[Place, ...]
    after: tuple[Place, ...]
    paths: tuple[PathRule, ...]
    internal: bool

    @property
    def targets(self) -> tuple[Target, ...]:
        """Where all its passes send requests."""
        if len(self.destinations) == 1:
            return self.destinations[0].targets
        found = (target for destination in self.destinations for target in destination.targets)
        return tuple(dict.fromkeys(found))

    def same_as(self, other: "Draft") -> bool:
        """Both are one location of one file, which two configurations include with the same effect."""
        mine, others = self.place, other.place
        return (
            mine.site is not others.site
            and mine.server.names == others.server.names
            and self.settings == other.settings
            and self.targets == other.targets
            and self.paths == other.paths
        )


def draft(site: Site, shared: Shared) -> Iterator[list[Draft]]:
    """The drafts of a site, server by server; servers without a pass are left out."""
    by_server: dict[int, list[Place]] = {}
    for place in site.places:
        by_server.setdefault(id(place.server), []).append(place)
    for places in by_server.values():
        flow = ServerFlow(places[0].server, places)
        yield [_draft(place, flow, shared) for place in places]


def _draft(place: Place, flow: ServerFlow, shared: Shared) -> Draft:
    destinations = tuple(
        read_pass(one.placed, one.family, place.pattern if one.direct else None, place.chain, shared)
        for one in place.passes
    )
    internal = flow.internal(place)
    hidden = "internal" in place.block.directives or place.pattern is None
    own = () if hidden or place.pattern is None else place.pattern.rules
    return Draft(
        place=place,
        settings=(
            *place.in_force.settings(place.family),
            *_upstream_settings(destinations),
            *delay_setting(place),
        ),
        destinations=destinations,
        before=flow.before(place) if place.location else (),
        after=flow.after(place) if place.location else (),
        paths=_joined(own, flow.entrances(place)),
        internal=internal,
    )


def _joined(own: Sequence[PathRule], more: Sequence[PathRule]) -> tuple[PathRule, ...]:
    """Its own paths and those that are handed over to it, as far as its own do not cover them."""
    covered = tuple(rule.prefix for rule in own if not (rule.exact or rule.opaque))
    return tuple(dict.fromkeys((*own, *(rule for rule in more if not rule.prefix.startswith(covered)))))


def _upstream_settings(destinations: Sequence[Destination]) -> Iterator[Setting]:
    """The keep-alive settings of the groups; where several groups differ, all their values."""
    groups = list(dict.fromkeys(group for destination in destinations for group in destination.groups))
    if len(groups) == 1:
        yield from groups[0].settings
        return
    by_name: dict[str, list[Setting]] = {}
    for group in groups:
        for setting in group.settings:
            by_name.setdefault(setting.name, []).append(setting)
    for name, found in by_name.items():
        values = {setting.value for setting in found}
        if len(found) == len(groups) and len(values) == 1:
            yield found[0]
            continue
        spans = tuple(span for setting in found for span in setting.spans)
        known = tuple(dict.fromkeys(value.value for one in found if isinstance(value := one.value, Known)))
        reason = "the groups this location may use differ in it"
        if len(found) == len(groups) and len(known) == len(values):
            yield Setting(name=name, value=OneOf(values=known, reason=reason), spans=spans)
        else:
            needs = "the same value in all groups"
            yield Setting(name=name, value=Unresolved(reason=reason, needs=needs), spans=spans)


def finish(draft: Draft, addresses: Mapping[Place, Address], version: str) -> Declaration:
    """The declaration of a draft."""
    place, server = draft.place, draft.place.server
    address = addresses[place]
    return Declaration(
        component="nginx",
        address=address.id,
        title=address.title,
        span=place.block.span,
        settings=draft.settings,
        traits=_traits(draft),
        front=Front(
            hosts=server.hosts,
            paths=draft.paths,
            ports=server.ports,
            sockets=server.sockets,
            streaming=_is_websocket(draft),
        ),
        targets=draft.targets,
        peers=union(destination.peers for destination in draft.destinations),
        passes_before=tuple(addresses[other].id for other in draft.before),
        passes_after=tuple(addresses[other].id for other in draft.after),
        version=version,
    )


def _is_websocket(draft: Draft) -> bool:
    """A path that is called after websockets, and asks for the upgrade whatever the caller asks for.

    The header alone says little: many write it for a whole site.
    """
    headers = [placed.args for placed in draft.place.nearest("proxy_set_header")]
    asks = any(
        len(args) == 2 and args[0].lower() == "connection" and args[1].strip("\"'").lower() == "upgrade"
        for args in headers
    )
    return asks and bool(draft.paths) and all(_WEBSOCKET.search(path.pattern) for path in draft.paths)


def _traits(draft: Draft) -> tuple[tuple[str, str], ...]:
    place = draft.place
    traits = [
        ("family", place.passes[0].family),
        ("kind", STREAM if place.server.stream else "http"),
        ("server_name", " ".join(place.server.names)),
        ("location", "" if place.server.stream else place.text),
    ]
    if any(destination.secure for destination in draft.destinations):
        traits.append(("tls", "yes"))
    if draft.internal:
        traits.append(("internal", "yes"))
    if any(placed.args[:1] == ("Upgrade",) for placed in place.nearest("proxy_set_header")):
        traits.append(("upgrade", "yes"))
    return tuple(traits)

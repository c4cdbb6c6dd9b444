"""Addresses of places: stable, unique, and without lines, so that fingerprints survive edits."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from budgetcheck.readers.nginx.places import Place
from budgetcheck.readers.nginx.servers import Server


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Address:
    """How a place is called: as an identity, and for people."""

    id: str
    title: str


def name_places(servers: Sequence[Sequence[Place]]) -> dict[Place, Address]:
    """Addresses of all places, given server by server.

    `nginx:SERVER/LOCATION`; where two servers would share one, `:PORT` tells them apart, else ` [file]`.
    """
    texts = [_location_texts(places) for places in servers]
    labels = _labels(servers, texts)
    return {
        place: _address(label, text)
        for label, places, named in zip(labels, servers, texts, strict=True)
        for place, text in zip(places, named, strict=True)
    }


def _address(server: str, location: str) -> Address:
    slashed = location.startswith("/")
    return Address(
        id=f"nginx:{server}{'' if slashed else '/'}{location}",
        title=f"{server}{'' if slashed else ' '}{location}",
    )


def _location_texts(places: Sequence[Place]) -> list[str]:
    """One text per place of a server; nested namesakes get their outer location put before."""
    often = Counter(place.text for place in places)
    return _numbered(
        [
            f"{outer} {place.text}" if often[place.text] > 1 and (outer := _outer(place)) else place.text
            for place in places
        ]
    )


def _outer(place: Place) -> str:
    around = place.chain[1]
    return " ".join(around.args) if around.kind is place.block.kind else ""


def _numbered(texts: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    numbered = []
    for text in texts:
        seen[text] = seen.get(text, 0) + 1
        numbered.append(text if seen[text] == 1 else f"{text} #{seen[text]}")
    return numbered


def _labels(servers: Sequence[Sequence[Place]], texts: Sequence[Sequence[str]]) -> list[str]:
    labels = [places[0].server.label for places in servers]
    by_label: dict[str, list[int]] = {}
    for number, label in enumerate(labels):
        by_label.setdefault(label, []).append(number)
    for label, numbers in by_label.items():
        named = [text for number in numbers for text in texts[number]]
        if len(set(named)) < len(named):
            told_apart = _tell_apart(label, [servers[number][0] for number in numbers])
            for number, distinct in zip(numbers, told_apart, strict=True):
                labels[number] = distinct
    return labels


def _tell_apart(label: str, places: Sequence[Place]) -> list[str]:
    """Labels of servers that have the same one, by the first means that makes them all different."""
    means: tuple[Callable[[Place], str], ...] = (
        lambda place: _port(place.server),
        lambda place: f" [{place.server.block.span.file or place.site.file}]",
        lambda place: f" [{place.site.file}]",
        lambda place: f"{_port(place.server)} [{place.server.block.span.file or place.site.file}]",
    )
    for suffix in means:
        labels = [label + suffix(place) for place in places]
        if len(set(labels)) == len(labels):
            return labels
    return _numbered(labels)


def _port(server: Server) -> str:
    return f":{server.ports[0]}" if server.ports and not server.stream else ""

"""What the fragments of one nginx configuration may refer to in one another."""

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from budgetcheck.readers.nginx.passes import Shared
from budgetcheck.readers.nginx.places import Site
from budgetcheck.readers.nginx.upstreams import Upstream

_Definition = TypeVar("_Definition")


class Neighbours:
    """What fragments see of one another: the parts of one server lie in several files.

    A name that a fragment does not define is looked for in its own folder first, then among all fragments,
    where it must be defined only once.
    """

    def __init__(self, sites: Sequence[Site], counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._folders: dict[str, _Names] = {}
        self._all = _Names()
        for site in sites:
            if site.standalone:
                self._folders.setdefault(site.folder, _Names()).add(site)
                self._all.add(site)

    def of(self, site: Site) -> Shared:
        """What the passes of a site may refer to."""
        if not site.standalone:
            return Shared(upstreams=site.upstreams, maps=site.maps, counts=self._counts)
        folder = self._folders[site.folder]
        return Shared(
            upstreams=ChainMap(site.upstreams, folder.upstreams, self._all.upstreams),
            maps=ChainMap(site.maps, folder.maps, self._all.maps),
            counts=self._counts,
        )


@dataclass(slots=True)
class _Names:
    """Groups and variables that several fragments define; those defined twice are left out."""

    upstreams: dict[str, Upstream] = field(default_factory=dict)
    maps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _defined: set[tuple[str, str]] = field(default_factory=set)

    def add(self, site: Site) -> None:
        """Takes in the names one fragment defines."""
        self._add("upstream", self.upstreams, site.upstreams)
        self._add("variable", self.maps, site.maps)

    def _add(self, kind: str, known: dict[str, _Definition], defined: Mapping[str, _Definition]) -> None:
        for name, definition in defined.items():
            if (kind, name) in self._defined:
                known.pop(name, None)
            else:
                known[name] = definition
            self._defined.add((kind, name))

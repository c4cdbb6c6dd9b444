"""Joins hops to routes: which hop sends requests to which, with evidence, and the ways through them."""

from collections.abc import Sequence

from budgetcheck.link.match import Matching, match
from budgetcheck.link.walk import walk
from budgetcheck.model.answer import Asked
from budgetcheck.model.options import Options
from budgetcheck.model.topology import Hop, Route

__all__ = ["Matching", "link", "match", "trace"]


def link(hops: Sequence[Hop], options: Options, environment: str = "") -> tuple[Matching, tuple[Route, ...]]:
    """Links of one environment and every route through them, sorted by name.

    No cartesian guesses: where several neighbours are possible the hop stays unlinked and the matching
    lists the candidates.
    """
    ordered = sorted(hops, key=lambda hop: hop.address)
    matching = match(ordered, options.links)
    return matching, walk(ordered, matching, environment)


def trace(hops: Sequence[Hop], matching: Matching, asked: Asked, environment: str = "") -> tuple[Route, ...]:
    """The ways that one request may take through hops that `link` has matched, sorted by name."""
    return walk(sorted(hops, key=lambda hop: hop.address), matching, environment, asked)

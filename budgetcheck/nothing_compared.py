"""Why a comparison of two states holds no budget against another: silence would be taken for a proof."""

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath
from types import MappingProxyType

from budgetcheck.model.difference import NothingCompared
from budgetcheck.model.report import Report

_MOST_KINDS = 4
_UNREAD = MappingProxyType(
    {
        ".gotmpl": "Go templates",
        ".jsonnet": "Jsonnet",
        ".libsonnet": "Jsonnet",
        ".cue": "CUE",
        ".dhall": "Dhall",
        ".pkl": "Pkl",
        ".bicep": "Bicep",
        ".pp": "Puppet",
        ".erb": "ERB templates",
        ".j2": "Jinja templates",
        ".go": "Go",
        ".java": "Java",
        ".kt": "Kotlin",
        ".scala": "Scala",
        ".cs": "C#",
        ".rb": "Ruby",
        ".php": "PHP",
        ".js": "JavaScript",
        ".mjs": "JavaScript",
        ".ts": "TypeScript",
        ".tsx": "TypeScript",
        ".rs": "Rust",
        ".ex": "Elixir",
        ".exs": "Elixir",
    }
)
"""What limits are written in too, and no reader knows."""

_OF_HELMFILE = (".yaml.gotmpl", ".yml.gotmpl")


def nothing_compared(before: Report, after: Report, unread: Iterable[str] = ()) -> NothingCompared | None:
    """The reason; None where at least one pair of numbers was compared, in either state.

    `unread` are the kinds of files that may say more and are not read, as `unread_kinds` names them.
    """
    if before.joints.checked or after.joints.checked:
        return None
    kinds = list(unread)
    beside = f"; not read: {', '.join(kinds)}" if kinds else ""
    if not before.recognised and not after.recognised:
        return NothingCompared(kind="nothing-recognised", text=f"no file of a known format is here{beside}")
    pairs = max(before.joints.cannot_tell, after.joints.cannot_tell)
    if pairs:
        text = f"no two neighbours both have a certain number (pairs of neighbours: {pairs})"
        return NothingCompared(kind="no-certain-number", text=text)
    hops = {part.hop.address for item in after.routes for part in item.hops}
    text = f"no route has both its ends in these files (hops without a known neighbour: {len(hops)}){beside}"
    return NothingCompared(kind="no-neighbours", text=text)


def unread_kinds(names: Iterable[str]) -> tuple[str, ...]:
    """The kinds of files that no reader knows, by how many there are: `Go templates (12 files)`."""
    found = Counter(
        _UNREAD[suffix]
        for name in names
        if (suffix := PurePosixPath(name).suffix.lower()) in _UNREAD and not name.endswith(_OF_HELMFILE)
    )
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return tuple(f"{kind} ({count} file{'s' if count != 1 else ''})" for kind, count in ranked[:_MOST_KINDS])

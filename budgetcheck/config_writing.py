"""Writes into `budgetcheck.yaml`: a link more in the file as it is, or a first file from what a run found."""

import json
import re
from collections.abc import Iterable, Sequence

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.model.report import OpenEnd, Report, UnresolvedItem
from budgetcheck.wildcards import fits

NAME = "budgetcheck.yaml"

_TOP = re.compile(r"^[A-Za-z_]\w*\s*:", re.MULTILINE)
_LINKS = re.compile(r"^links[ \t]*:[ \t]*(?P<rest>[^\n]*)$", re.MULTILINE)
_MOST = 12

_HEAD = """\
# What budgetcheck cannot know from your files. Every key is optional; `budgetcheck schema config` prints the
# JSON Schema of this file.

# Slack below which a route that fits is reported as thin: a share, a duration, or the larger of both.
# headroom: {percent: 5, floor: 1s}
"""
_TAIL = """
# What the team asks of its routes beyond that they fit.
# policy:
#   must_prove: ["api.example.com/*"]
#   max_total: 60s

# Findings that are known and accepted, each with its reason.
# ignore:
#   - {rule: BC103, paths: [infra/*], reason: "measured, see OPS-1", until: 2027-03-01}

# Lowest severity that makes the run fail.
# fail_on: error
"""


class LinkError(Exception):
    """The link cannot be written; the message says why."""


def with_link(text: str, outer: str, inner: str) -> str:
    """The configuration with one more link; everything else stays as it is. Raises LinkError."""
    entry = f"  - {{outer: {_quoted(outer)}, inner: {_quoted(inner)}}}\n"
    if entry.strip() in {line.strip() for line in text.splitlines()}:
        raise LinkError("the link is there already")
    match = _LINKS.search(text)
    if match is None:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}links:\n{entry}"
    rest = match["rest"].partition("#")[0].strip()
    if rest == "[]":
        return f"{text[: match.start()]}links:\n{entry}{text[match.end() + 1 :]}"
    if rest:
        raise LinkError(f"links are written in one line; add {entry.strip()[2:]} to them yourself")
    following = _TOP.search(text, match.end())
    end = following.start() if following else len(text)
    block = text[match.end() + 1 : end]
    kept = block.rstrip("\n")
    # A comment above the next key belongs to that key.
    lines = kept.split("\n")
    while lines and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    body = "\n".join(lines)
    after = block[len(body) :].lstrip("\n")
    entry = _like(body, entry)
    gap = "\n" if after or following else ""
    return (
        f"{text[: match.end() + 1]}{body}\n{entry}{gap}{after}{text[end:]}"
        if body
        else (f"{text[: match.end() + 1]}{entry}{gap}{after}{text[end:]}")
    )


def first_configuration(report: Report, environments: Sequence[EnvironmentOptions]) -> str:
    """A commented configuration with what this run could not know."""
    parts = [
        _HEAD,
        _environments(environments),
        _links(report.open_ends),
        _unresolved(report.unresolved),
        _TAIL,
    ]
    return "".join(part for part in parts if part)


def known_addresses(report: Report) -> list[str]:
    """Addresses that a link may name."""
    return sorted({hop.hop.address for route in report.routes for hop in route.hops})


def names_a_hop(pattern: str, addresses: Iterable[str]) -> bool:
    """The pattern means at least one hop."""
    return any(fits(address, pattern) for address in addresses)


def _like(body: str, entry: str) -> str:
    """The entry with the indentation of the others."""
    for line in body.split("\n"):
        stripped = line.lstrip(" ")
        if stripped.startswith("- "):
            return " " * (len(line) - len(stripped)) + entry.lstrip()
    return entry


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _environments(environments: Sequence[EnvironmentOptions]) -> str:
    if not environments:
        return ""
    why = "\n# Environments that were found by file names; there is one verdict for each.\n"
    lines = [why, "environments:\n"]
    for one in environments:
        files = [f"var_files: [{', '.join(map(_quoted, one.var_files))}]"] if one.var_files else []
        files += [f"env_files: [{', '.join(map(_quoted, one.env_files))}]"] if one.env_files else []
        lines.append(f"  {one.name}: {{{', '.join(files)}}}\n" if files else f"  {one.name}:\n")
    return "".join(lines)


def _links(ends: Sequence[OpenEnd]) -> str:
    """Open ends with candidates: one line each to choose from."""
    found = [end for end in ends if end.candidates]
    if not found:
        return ""
    lines = ["\n# Neighbours that could be several hops: keep the line that is right.\n", "# links:\n"]
    for end in found[:_MOST]:
        for other in end.candidates[:3]:
            outer, inner = (end.hop.address, other) if end.side == "inner" else (other, end.hop.address)
            lines.append(f"#   - {{outer: {_quoted(outer)}, inner: {_quoted(inner)}}}\n")
    if len(found) > _MOST:
        lines.append(f"#   {len(found) - _MOST} more: `budgetcheck` lists them\n")
    return "".join(lines)


def _unresolved(items: Sequence[UnresolvedItem]) -> str:
    if not items:
        return ""
    lines = ["\n# Values that could not be worked out, and what would supply them:\n"]
    lines += [f"#   {item.setting} ({item.span.place}): {item.needs}\n" for item in items[:_MOST]]
    if len(items) > _MOST:
        lines.append(f"#   {len(items) - _MOST} more: `budgetcheck` lists them\n")
    return "".join(lines)

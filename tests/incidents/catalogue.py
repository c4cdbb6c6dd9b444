"""Real public incidents: small files of our own before and after the fix, and what must be said of them.

`INC-NNN/incident.toml`:

    id = "INC-007"
    url = "https://github.com/..."       # the public thread: numbers and formats are from there
    title = "one sentence"
    formats = ["nginx.conf", "uwsgi.ini"]
    why = "what is special"              # optional
    missed = "why the fault is not seen" # optional: the case is expected to fail
    alarm = "what is false after it"     # optional: the same for the state after the fix
    before = [{ rule = "BC103", outer = "nginx", inner = "uwsgi" }]   # empty: the files prove no fault
    left = []                            # what the real fix left behind, a tie for example

An empty `outer` or `inner` is a finding without that end. Notes count where they are listed. Of the state
after the fix only what `left` lists may be reported at warning level or above, and no pair of `before`.
`UNREAD` lists the incidents whose faulty side is written in a format that budgetcheck does not read.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_KEYS = {"id", "url", "title", "formats", "why", "missed", "alarm", "before", "left"}

UNREAD: Mapping[str, str] = {
    "INC-013": "JavaScript (which routes of NestJS stream)",
    "INC-015": "llama-index (its limit of 300 s is a default in another repository)",
    "INC-026": "Ansible (arithmetic in Jinja, and OpenShift's route)",
    "INC-030": "controller flags (--annotations-prefix of an old ingress-nginx)",
    "INC-033": "convox.yml",
    "INC-035": "Gantry (a platform's own YAML)",
    "INC-056": "JavaScript (the limit of an LLM client)",
    "INC-058": "Azure (functions behind Front Door, whose calls are in Kotlin)",
    "INC-066": "AWS CDK",
    "INC-074": "up.json (apex/up)",
    "INC-091": "PHP (a queue of jobs in Laravel)",
    "INC-104": "database.yml (rack-timeout would be read, the query's limit is not)",
    "INC-107": "PasteDeploy (settings of SQLAlchemy in an ini file)",
    "INC-130": "JavaScript (AbortSignal in a browser)",
    "INC-131": "JavaScript (a client and the API it calls)",
    "INC-132": "JavaScript (a server and its fetch)",
    "INC-133": "generated (a Python program writes Traefik's configuration)",
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Pair:
    """A rule and the components at both ends; empty for an end that the finding does not have."""

    rule: str
    outer: str
    inner: str

    def __str__(self) -> str:
        return f"{self.rule} {self.outer or '-'} over {self.inner or '-'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident and the folder its files are in."""

    id: str
    url: str
    title: str
    folder: Path
    formats: tuple[str, ...]
    before: tuple[Pair, ...]
    left: tuple[Pair, ...]
    missed: str = ""
    alarm: str = ""


def incidents() -> list[Incident]:
    """All incidents with files, by number."""
    return [_incident(path) for path in sorted(FOLDER.glob("INC-*/incident.toml"))]


def _incident(path: Path) -> Incident:
    known = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(known) <= _KEYS, f"{path}: unknown keys {sorted(set(known) - _KEYS)}"
    return Incident(
        id=known["id"],
        url=known["url"],
        title=known["title"],
        folder=path.parent,
        formats=tuple(known["formats"]),
        before=tuple(Pair(**pair) for pair in known["before"]),
        left=tuple(Pair(**pair) for pair in known["left"]),
        missed=known.get("missed", ""),
        alarm=known.get("alarm", ""),
    )


def reported(report: Mapping[str, Any], *, notes: bool) -> list[Pair]:
    """The pairs of a JSON report; without notes only those at warning level and above."""
    return [_pair(finding) for finding in report["findings"] if notes or finding["severity"] != "note"]


def levels(report: Mapping[str, Any]) -> dict[Pair, str]:
    """The severity of every reported pair; the highest where it is reported several times."""
    found: dict[Pair, str] = {}
    for severity in ("note", "warning", "error"):
        for finding in report["findings"]:
            if finding["severity"] == severity:
                found[_pair(finding)] = severity
    return found


def not_found(incident: Incident, before: Mapping[str, Any]) -> list[Pair]:
    """The faults of the incident that the report on the files before the fix does not name."""
    found = reported(before, notes=True)
    return [pair for pair in incident.before if pair not in found]


def false_alarms(incident: Incident, after: Mapping[str, Any]) -> list[Pair]:
    """What the report on the fixed files says and should not."""
    return sorted({pair for pair in _unwanted(incident, after) if pair not in incident.left})


def _unwanted(incident: Incident, after: Mapping[str, Any]) -> Iterator[Pair]:
    yield from reported(after, notes=False)
    yield from (pair for pair in reported(after, notes=True) if pair in incident.before)


def _pair(finding: Mapping[str, Any]) -> Pair:
    return Pair(rule=finding["rule"], outer=_component(finding["outer"]), inner=_component(finding["inner"]))


def _component(end: Mapping[str, Any] | None) -> str:
    return str(end["component"]) if end else ""

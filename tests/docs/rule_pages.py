"""docs/rules/: a page for each rule, made of its manual page and of a fixture, which is really run."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from expectations import ROOT, arguments, load_expected
from prose import code, fenced, page, table, text
from sandbox import sandbox

from budgetcheck.rules import RULES
from budgetcheck.rules.base import Rule

FIXTURES = ROOT / "tests" / "rules"
_MOST_LINES = 45  # of one input file on a page
_LANGUAGES = {
    ".conf": "nginx",
    ".tf": "hcl",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".py": "python",
    ".toml": "toml",
}
_GROUPS = {
    "BC1": "Budgets: what an inner hop may need against what the outer one grants",
    "BC2": "Settings that are not what they look like",
    "BC3": "Retries",
    "BC4": "Connections and shutdown",
    "BC5": "Queues and workers",
    "BC6": "Work that cannot be stopped",
    "BC8": "Policies, off until the configuration asks for them",
    "BC9": "What could not be read, resolved or linked",
}


def pages() -> dict[str, str]:
    """Name of the file in docs/rules/ -> its text."""
    return {"README.md": index(), **{f"{rule.code}.md": rule_page(rule) for rule in RULES}}


def index() -> str:
    """All rules by what they are about."""
    parts = []
    for group, title in _GROUPS.items():
        rows = [
            (f"[{rule.code}]({rule.code}.md)", rule.name, rule.severity.label, text(rule.summary))
            for rule in RULES
            if rule.code.startswith(group)
        ]
        parts += [f"## {title}", table(("code", "name", "severity", "what it finds"), rows)]
    return page(
        "# Rules",
        "Every page has a real run on a small system that has the fault, and names the near misses that are\n"
        "fine. `budgetcheck explain CODE` prints the same text in a terminal.",
        *parts,
    )


def rule_page(rule: Rule) -> str:
    """The page of one rule."""
    folder = FIXTURES / rule.name
    bad = min(folder.glob("bad-*"))
    *manual, references = _manual(rule)
    severity = f"Severity: **{rule.severity.label}**. {text(rule.summary[0].upper() + rule.summary[1:])}."
    return page(
        f"# {rule.code} {rule.name}",
        severity,
        *manual,
        "## A real run",
        _why(bad),
        *_files(bad),
        _run(bad),
        "## Near misses that are fine",
        "\n".join(f"- {code(good.name)}: {_why(good)}" for good in sorted(folder.glob("good-*"))),
        references,
        f"The systems are in [`tests/rules/{rule.name}`](../../tests/rules/{rule.name}). "
        "To accept a finding, see [suppressions](../suppressions.md). [All rules](README.md).",
    )


def _manual(rule: Rule) -> Iterator[str]:
    """The sections of the manual page, the references last."""
    _, *sections = filter(str.strip, re.split(r"^(?=\S)", rule.manual.strip(), flags=re.MULTILINE))
    for section in sections:
        heading, _, body = section.partition("\n")
        listed = "\n".join(f"- <{line.strip()}>" for line in body.splitlines() if line.strip())
        yield f"## {heading.strip()}\n\n{listed if heading.strip() == 'References' else _body(body)}"


def _body(body: str) -> str:
    """Paragraphs; one that starts with a comment sign is the file it shows."""
    paragraphs = re.split(r"\n\s*\n", body.strip("\n"))
    return "\n\n".join(_paragraph(one) for one in paragraphs if one.strip())


def _paragraph(paragraph: str) -> str:
    lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
    if not lines[0].startswith("# "):
        return text(" ".join(lines))
    shown = [line for line in lines if line.startswith("# ") or line.endswith((";", "{", "}"))]
    rest = text(" ".join(lines[len(shown) :]))
    return "\n\n".join(part for part in (fenced("\n".join(shown)), rest) if part)


def _why(case: Path) -> str:
    return text(load_expected(case)["why"])


def _files(case: Path) -> Iterator[str]:
    """The inputs, each under its name; a long one is cut."""
    for path in sorted(case.rglob("*")):
        if not path.is_file() or path.name == "expected.toml" or "__pycache__" in path.parts:
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
        if not lines:
            continue
        cut = [*lines[:_MOST_LINES], "..."] if len(lines) > _MOST_LINES else lines
        yield code(path.relative_to(case).as_posix())
        yield fenced("\n".join(cut), _LANGUAGES.get(path.suffix, ""))


def _run(case: Path) -> str:
    words = ["budgetcheck", "--quiet", *arguments(case)]
    with sandbox(case) as copy:
        return fenced(copy.shown(shlex.join(words)), "console")

"""Writes README.md's generated regions, docs/ and the published schemas again: `make docs`.

A region stands between `<!-- name:start -->` and `<!-- name:end -->`. The tests compare the
files with what this module makes, so what the documents show is what the tool does.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "docs"))

from expectations import ROOT
from prose import table, text
from written import documents, strays

README = ROOT / "README.md"

_REGION = re.compile(r"(<!-- (?P<name>\w+):start -->\n).*?(<!-- (?P=name):end -->)", re.DOTALL)


def rules() -> str:
    """The table of all rules, each with its page."""
    from budgetcheck.rules import RULES

    rows = [
        (f"[{rule.code}](docs/rules/{rule.code}.md)", rule.name, rule.severity.label, text(rule.summary))
        for rule in RULES
    ]
    return table(("code", "name", "severity", "what it finds"), rows)


def inputs() -> str:
    """How many components are known, and where they are listed."""
    from budgetcheck.facts import component_names, load

    known = [load(name) for name in component_names()]
    facts = [fact for one in known for fact in (*one.limits, *one.attempts, *one.unsupported)]
    proofs = [fact.evidence.proof.value for fact in facts]
    return (
        f"[{len(known)} components](docs/components/README.md) are known by {len(proofs)} facts, each with "
        f"its source: {proofs.count('lab')} measured in our lab,\n{proofs.count('vendor')} documented by the "
        f"maker, {proofs.count('inferred')} inferred (and never the ground of an error)."
    )


def formats() -> str:
    """The table of all forms of the report."""
    from budgetcheck.render import SUMMARIES

    return table(("format", "what it is"), [(f"`{name}`", summary) for name, summary in SUMMARIES.items()])


REGIONS: Mapping[str, Callable[[], str]] = {"formats": formats, "inputs": inputs, "rules": rules}


def refreshed(document: str) -> str:
    """The README with every region made anew. Raises KeyError for a region nobody makes."""
    return _REGION.sub(lambda match: f"{match[1]}{REGIONS[match['name']]()}\n{match[3]}", document)


def schemas() -> dict[Path, str]:
    """The published schemas and what they should hold."""
    from budgetcheck.cli import SCHEMAS

    made = {}
    for name, target in SCHEMAS.items():
        module, _, function = target.partition(":")
        schema = getattr(import_module(module), function)()
        made[ROOT / "schemas" / f"{name}.schema.json"] = (
            json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        )
    return made


def main() -> None:
    """Writes what has changed, removes what is left over, and names both."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        os.environ.pop(name, None)
    wanted = {README: refreshed(README.read_text(encoding="utf-8")), **schemas(), **documents()}
    for path, content in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")  # noqa: T201 - this is its output
    for path in strays(wanted):
        path.unlink()
        print(f"removed {path.relative_to(ROOT)}")  # noqa: T201


if __name__ == "__main__":
    main()

"""Writes the generated regions of README.md and the published schemas again: `make docs`.

A region stands between `<!-- name:start -->` and `<!-- name:end -->`. The tests compare the
files with what this module makes, so what the README shows is what the tool does.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import chdir
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from expectations import ROOT, run_cli

README = ROOT / "README.md"
DEMO = ("samples/llm-assistant/infra", "samples/llm-assistant/app.yaml")

_REGION = re.compile(r"(<!-- (?P<name>\w+):start -->\n).*?(<!-- (?P=name):end -->)", re.DOTALL)


def demo() -> str:
    """The main job on the demonstration, as a reader sees it in a terminal without colours."""
    with chdir(ROOT):
        run = run_cli(*DEMO)
    return (
        f"```console\n$ budgetcheck {' '.join(DEMO)}\n{run.stdout.rstrip()}\n$ echo $?\n{run.exit_code}\n```"
    )


def rules() -> str:
    """The table of all rules."""
    from budgetcheck.rules import RULES

    rows = [f"| {rule.code} | {rule.name} | {rule.severity.label} | {rule.summary} |" for rule in RULES]
    return "\n".join(("| code | name | severity | what it finds |", "| --- | --- | --- | --- |", *rows))


def inputs() -> str:
    """The formats that are read, and the components that are known in them."""
    from budgetcheck.facts import component_names, load
    from budgetcheck.readers import READERS

    titles = ", ".join(load(name).title for name in component_names())
    formats = ", ".join(reader.title for reader in READERS)
    return f"Formats: {formats}.\n\nComponents: {titles}."


def formats() -> str:
    """The table of all forms of the report."""
    from budgetcheck.render import SUMMARIES

    rows = [f"| `{name}` | {summary} |" for name, summary in SUMMARIES.items()]
    return "\n".join(("| format | what it is |", "| --- | --- |", *rows))


REGIONS: Mapping[str, Callable[[], str]] = {
    "demo": demo,
    "formats": formats,
    "inputs": inputs,
    "rules": rules,
}


def refreshed(text: str) -> str:
    """The README with every region made anew. Raises KeyError for a region nobody makes."""
    return _REGION.sub(lambda match: f"{match[1]}{REGIONS[match['name']]()}\n{match[3]}", text)


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
    """Writes what has changed and names it."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        os.environ.pop(name, None)
    wanted = {README: refreshed(README.read_text(encoding="utf-8")), **schemas()}
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")  # noqa: T201 - this is its output


if __name__ == "__main__":
    main()

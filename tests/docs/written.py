"""Everything that `make docs` writes below docs/: path -> text."""

from collections.abc import Mapping
from pathlib import Path

import command_page
import component_pages
import document_pages
import rule_pages
from expectations import ROOT
from pictures import pictures
from runs import with_runs

DOCS = ROOT / "docs"
WHOLE = ("rules", "components", "images")
"""Folders that hold nothing else."""
WITH_RUNS = ("first-five-minutes.md", "suppressions.md")
"""Documents written by hand, with real runs in them."""


def documents() -> dict[Path, str]:
    """Every generated document and picture."""
    made = {DOCS / "rules" / name: text for name, text in rule_pages.pages().items()}
    made |= {DOCS / "components" / name: text for name, text in component_pages.pages().items()}
    made |= {DOCS / "images" / name: text for name, text in pictures().items()}
    made |= {DOCS / name: text for name, text in (document_pages.pages() | command_page.pages()).items()}
    return made | {DOCS / name: with_runs((DOCS / name).read_text(encoding="utf-8")) for name in WITH_RUNS}


def strays(wanted: Mapping[Path, str]) -> list[Path]:
    """Files in the generated folders that nothing makes any more."""
    files = (path for name in WHOLE for path in sorted((DOCS / name).rglob("*")) if path.is_file())
    return [path for path in files if path not in wanted]

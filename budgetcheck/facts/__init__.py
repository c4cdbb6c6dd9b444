"""What components do by default: one TOML file each beside this module, and how to look facts up.

The files are data with a published schema (`schemas/facts.schema.json`); a new component is one file. No
arithmetic and no rule lives here.
"""

from budgetcheck.facts.errors import FactsError
from budgetcheck.facts.fact import (
    AttemptsFact,
    Component,
    Evidence,
    Grammar,
    LimitFact,
    Proof,
    Symptom,
    UnsupportedFact,
    Zero,
)
from budgetcheck.facts.loader import component_names, find, load, load_file, override
from budgetcheck.facts.select import RECHECK_DAYS, attempts_for, limits_for, stale, unsupported_for

__all__ = [
    "RECHECK_DAYS",
    "AttemptsFact",
    "Component",
    "Evidence",
    "FactsError",
    "Grammar",
    "LimitFact",
    "Proof",
    "Symptom",
    "UnsupportedFact",
    "Zero",
    "attempts_for",
    "component_names",
    "find",
    "limits_for",
    "load",
    "load_file",
    "override",
    "stale",
    "unsupported_for",
]

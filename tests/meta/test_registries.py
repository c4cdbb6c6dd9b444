"""The explicit tables are complete and every string in them resolves: what mypy cannot see."""

import inspect
import pkgutil
from pathlib import Path

import pytest

import budgetcheck.facts
import budgetcheck.render
import budgetcheck.rules
from budgetcheck import render
from budgetcheck.facts import component_names, load
from budgetcheck.readers import READERS
from budgetcheck.readers.base import Reader
from budgetcheck.render import FORMATS
from budgetcheck.rules import RULES


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_reader_resolves_to_a_function_of_files_and_context(reader: Reader) -> None:
    assert len(inspect.signature(reader.load()).parameters) == 2


def test_reader_names_are_unique() -> None:
    names = [reader.name for reader in READERS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_resolves_to_a_function_of_report_and_options(name: str) -> None:
    assert list(inspect.signature(render.load(name)).parameters) == ["report", "options"]


@pytest.mark.parametrize("name", component_names())
def test_every_facts_file_loads(name: str) -> None:
    assert load(name).name == name


def test_rule_codes_and_names_are_unique_and_the_codes_ascend() -> None:
    codes = [rule.code for rule in RULES]
    names = [rule.name for rule in RULES]
    assert codes == sorted(set(codes))
    assert len(set(names)) == len(names)


def test_every_rule_module_is_in_the_table() -> None:
    """A module is named after its rule, so a forgotten line in the table shows here."""
    folder = Path(budgetcheck.rules.__file__).parent
    public = {name for _, name, _ in pkgutil.iter_modules([str(folder)]) if not name.startswith("_")}
    named = {rule.name.replace("-", "_") for rule in RULES}
    assert named <= public
    helpers = public - named
    for module in helpers:
        text = (folder / f"{module}.py").read_text(encoding="utf-8")
        assert "RuleInfo(" not in text, f"{module} declares a rule that is not in RULES"

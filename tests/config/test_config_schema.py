"""The published schema of the configuration: current, valid, and of one mind with the loader."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from budgetcheck.config import ConfigError, config_schema, load_config
from budgetcheck.tree import Tree

FILE = Path(__file__).parents[2] / "schemas" / "budgetcheck.schema.json"


def test_the_published_schema_is_current() -> None:
    """After a change: `budgetcheck schema budgetcheck > schemas/budgetcheck.schema.json`."""
    assert json.loads(FILE.read_text(encoding="utf-8")) == config_schema()


def test_it_is_a_draft_07_schema() -> None:
    Draft7Validator.check_schema(config_schema())


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("headroom: 5%", True),
        ("headroom: 2s", True),
        ("headroom: {percent: 5, floor: 1s}", True),
        ("severity: {BC101: note}", True),
        ("environments: {prod: }", True),
        ("ignore: [{rule: BC101, reason: x}]", True),
        ("headroom: 5", False),
        ("headroom: {percent: 101}", False),
        ("severity: {BC1: note}", False),
        ("severity: {BC101: off}", False),
        ("environments: {a b: }", False),
        ("ignore: [{rule: BC101}]", False),
        ("nginx: {addresses: {a: 0}}", False),
        ("foo: 1", False),
    ],
)
def test_schema_and_loader_agree(tmp_path: Path, text: str, valid: bool) -> None:
    root = tmp_path.resolve()
    (root / "budgetcheck.yaml").write_text(text, encoding="utf-8")
    assert Draft7Validator(config_schema()).is_valid(yaml.safe_load(text)) is valid
    try:
        load_config(Tree(root=root, base=root), root, root)
    except ConfigError:
        assert not valid
    else:
        assert valid

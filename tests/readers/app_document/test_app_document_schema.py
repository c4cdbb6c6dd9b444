"""The published schema of the app document: current, valid, and of one mind with the reader."""

import json
from pathlib import Path

import pytest
import yaml
from app_files import read_app, route
from jsonschema import Draft7Validator

from budgetcheck.readers.app_schema import app_schema

FILE = Path(__file__).parents[3] / "schemas" / "app.schema.json"


def test_the_published_schema_is_current() -> None:
    """After a change: `budgetcheck schema app > schemas/app.schema.json`."""
    assert json.loads(FILE.read_text(encoding="utf-8")) == app_schema()


def test_it_is_a_draft_07_schema() -> None:
    Draft7Validator.check_schema(app_schema())


def test_every_property_is_described() -> None:
    schema = app_schema()
    for name, definition in {"": schema, **schema["definitions"]}.items():
        for key, entry in definition["properties"].items():
            assert entry.get("description") or "$ref" in entry, f"{name}.{key}"


@pytest.mark.parametrize(
    ("call", "valid"),
    [
        ("{to: a, client: openai, timeout: 5s}", True),
        ("{to: a, client: openai, timeout: {connect: 5s}}", True),
        ("{to: a, client: openai, timeout: null}", True),
        ("{to: a, client: psycopg, statement_timeout: 5s}", True),
        ("{parallel: [{to: a, client: openai}]}", True),
        ("{loop: {max: 2, calls: [{to: a, client: openai}]}}", True),
        ("{to: a, client: openai, timeout: 5}", False),
        ("{to: a, client: openai, timeout: {conect: 5s}}", False),
        ("{to: a, client: openai, attempts: 0}", False),
        ("{to: 'https://a/', client: openai}", False),
        ("{client: openai}", False),
        ("{loop: {max: 2}}", False),
    ],
)
def test_schema_and_reader_agree(tmp_path: Path, call: str, valid: bool) -> None:
    text = route(call)
    assert Draft7Validator(app_schema()).is_valid(yaml.safe_load(text)) is valid
    assert (read_app(tmp_path, text).problems == ()) is valid

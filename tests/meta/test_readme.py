"""Generated text is what the tool makes now; `make docs` writes it again."""

import json
import re

import pytest
import regenerate
from expectations import ROOT
from jsonschema import Draft7Validator, Draft202012Validator

README = regenerate.README.read_text(encoding="utf-8")


def test_readme_regions_are_up_to_date() -> None:
    assert regenerate.refreshed(README) == README, "run `make docs`"


def test_every_region_is_in_the_readme_and_not_empty() -> None:
    for name in regenerate.REGIONS:
        found = re.search(rf"<!-- {name}:start -->\n(.+)\n<!-- {name}:end -->", README, re.DOTALL)
        assert found, name
        assert found[1].strip(), name


@pytest.mark.parametrize("path", regenerate.schemas(), ids=lambda path: path.name)
def test_published_schema_is_up_to_date_and_valid(path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == regenerate.schemas()[path], "run `make docs`"
    schema = json.loads(text)
    validator = Draft7Validator if "draft-07" in schema.get("$schema", "") else Draft202012Validator
    validator.check_schema(schema)


def test_contributing_names_files_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for path in re.findall(r"`((?:budgetcheck|tests|schemas)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path


def test_the_readme_stays_short() -> None:
    """Whatever is long has a page of its own in docs/."""
    assert len(README.splitlines()) <= 200

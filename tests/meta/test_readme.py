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


def test_links_in_the_documents_lead_to_files() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (ROOT / target).exists(), f"{name} links to {target}"


def test_contributing_names_files_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for path in re.findall(r"`((?:budgetcheck|tests|schemas)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path


def test_examples_in_the_readme_are_valid_documents(tmp_path, cli) -> None:
    app, config = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "app.yaml").write_text(app, encoding="utf-8")
    (tmp_path / "budgetcheck.yaml").write_text(config, encoding="utf-8")
    for name in re.findall(r"var_files: \[(.+?)\]", config):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "docker" / "nginx").mkdir(parents=True)
    run = cli(tmp_path, "--format", "json")
    assert run.exit_code in (0, 3), run.stderr
    assert [finding["message"] for finding in run.report["findings"] if finding["rule"] == "BC901"] == []

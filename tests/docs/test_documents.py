"""docs/ is what `make docs` makes now, its links lead somewhere, and the tool accepts what it shows."""

import re
import textwrap
from pathlib import Path
from urllib.parse import unquote

import document_pages
import pytest
import written
import yaml
from expectations import ROOT, run_cli
from prose import anchor

from budgetcheck.cli import main
from budgetcheck.facts import component_names
from budgetcheck.readers.python.handlers import FRAMEWORKS
from budgetcheck.render import FORMATS
from budgetcheck.rules import RULES

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "samples" / "README.md"],
    key=lambda path: path.as_posix(),
)
TEXTS = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
# Pages of rules show inputs with faults.
SHOWN = {path: text for path, text in TEXTS.items() if path.parent.name != "rules"}
FENCE = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$", re.DOTALL | re.MULTILINE)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(text: str, language: str) -> list[str]:
    return [found[2] for found in FENCE.findall(text) if found[1] == language]


def without_blocks(text: str) -> str:
    return re.sub(r"`[^`\n]+`", "", FENCE.sub("", text))


def test_generated_documents_and_pictures_are_up_to_date() -> None:
    wanted = written.documents()
    old = [
        name_of(path) for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text
    ]
    assert old == [], "run `make docs`"
    assert [name_of(path) for path in written.strays(wanted)] == [], "run `make docs`"


def test_every_rule_and_every_component_has_a_page() -> None:
    assert {path.stem for path in (ROOT / "docs/rules").glob("BC*.md")} == {rule.code for rule in RULES}
    pages = {path.stem for path in (ROOT / "docs/components").glob("*.md")} - {"README"}
    assert pages == set(component_names())


def test_every_component_is_in_the_index_once() -> None:
    index = TEXTS[ROOT / "docs" / "components" / "README.md"]
    listed = re.findall(r"^\| \[[^\]]+\]\(([\w-]+)\.md\) \|", index, re.MULTILINE)
    assert sorted(listed) == sorted(component_names())


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_to_files_and_headings(path: Path) -> None:
    text = TEXTS[path]
    plain = without_blocks(text.replace("`](", "]("))
    targets = re.findall(r"\]\(([^)\s]+)\)", plain) + re.findall(r"(?:src|srcset)=\"([^\"]+)\"", plain)
    for target in targets:
        if target.startswith(("https://", "http://")):
            continue
        file, _, heading = unquote(target).partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        assert there.is_relative_to(ROOT), target
        if heading:
            found = re.findall(r"^#+ (.+)$", FENCE.sub("", there.read_text(encoding="utf-8")), re.MULTILINE)
            assert heading in {anchor(one) for one in found}, target


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_codes_and_commands_that_are_named_exist(path: Path) -> None:
    text = TEXTS[path]
    codes = {rule.code for rule in RULES}
    assert set(re.findall(r"\bBC\d{3}\b", text)) <= codes
    commands = set(re.findall(r"`budgetcheck ([a-z-]+)[ `]", text))
    assert commands <= set(main.subcommands)


@pytest.mark.parametrize("path", SHOWN, ids=name_of)
def test_options_in_examples_exist(path: Path) -> None:
    known = {
        option
        for command in (main, *main.subcommands.values())
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    } | {"--help", "-h"}
    lines = [line for block in blocks(SHOWN[path], "console") for line in block.splitlines()]
    ours = [line for line in lines if re.match(r"\$ (?:.*\| )?budgetcheck ", line)]
    used = {
        word for line in ours for word in re.findall(r"(?<=\s)--?[a-z][a-z-]*", line.partition(" | jq")[0])
    }
    assert used <= known


def test_every_key_of_the_configuration_has_an_example() -> None:
    assert list(document_pages.CONFIGURATION) == list(document_pages.config_schema()["properties"])


def yaml_blocks() -> list[tuple[str, str]]:
    """Name of the document and number of the block, with its text; those that are for us."""
    found = []
    for path, text in SHOWN.items():
        for number, block in enumerate(blocks(text, "yaml")):
            if not re.search(r"^(on|jobs|include|repos|hooks):|^- uses:", block, re.MULTILINE):
                found.append((f"{name_of(path)}-{number}", block))
    return found


@pytest.mark.parametrize(
    "block", [text for _, text in yaml_blocks()], ids=[name for name, _ in yaml_blocks()]
)
def test_yaml_is_accepted_by_the_tool(block: str, tmp_path: Path, cli) -> None:
    """Every block is a configuration or an app document, and the tool takes it without complaint."""
    keys = set(yaml.safe_load(block))
    is_app = bool(keys & {"service", "routes"})
    (tmp_path / ("app.yaml" if is_app else "budgetcheck.yaml")).write_text(block, encoding="utf-8")
    for name in re.findall(r"_files: \[(.+?)\]", block):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    if "bindings" in keys:  # is of use to a known hop only
        (tmp_path / "app.yaml").write_text(document_pages.APP, encoding="utf-8")
        (tmp_path / "settings.yaml").write_text("llm: {timeout: 30}\n", encoding="utf-8")
    (tmp_path / "docker" / "nginx").mkdir(parents=True)
    run = cli(tmp_path, "--format", "json")
    assert run.exit_code in (0, 1, 3), run.stderr
    assert [one["message"] for one in run.report["findings"] if one["rule"] == "BC901"] == []


def test_steps_of_workflows_give_the_action_inputs_that_it_has() -> None:
    known = set(yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"])
    found = 0
    for path, text in SHOWN.items():
        for block in blocks(text, "yaml"):
            for step in re.findall(r"uses: OWNER/budgetcheck@REF.*\n((?: +.*\n?)*)", block):
                found += 1
                given = yaml.safe_load(textwrap.dedent(step)).get("with", {}) if "with:" in step else {}
                assert set(given) <= known, name_of(path)
    assert found >= 3


@pytest.mark.parametrize("block", blocks(TEXTS[ROOT / "docs" / "json.md"], "console"))
def test_the_paths_of_jq_are_in_the_report(block: str) -> None:
    schema = run_cli("schema", "report").report
    names = set(re.findall(r"\"(\w+)\":", str(schema).replace("'", '"')))
    asked = set(re.findall(r"\.([a-z_]+)", re.sub(r"--format json \.", "", block)))
    assert asked <= names


def test_the_changelog_names_every_command_and_every_format() -> None:
    text = TEXTS[ROOT / "CHANGELOG.md"]
    assert [name for name in main.subcommands if f"`budgetcheck {name}" not in text] == []
    assert [name for name in FORMATS if not re.search(rf"\b{name}\b", text, re.IGNORECASE)] == []


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_every_framework_whose_handlers_are_found_is_named(name: str) -> None:
    text = TEXTS[ROOT / name].casefold()
    frameworks = {framework.name for framework in FRAMEWORKS} - {"functions"}
    assert {framework for framework in frameworks if framework not in text} == set()


def test_no_document_names_a_machine_or_a_registry() -> None:
    for path, text in TEXTS.items():
        assert not re.search(r"/home/|/root/|/tmp/", text), name_of(path)

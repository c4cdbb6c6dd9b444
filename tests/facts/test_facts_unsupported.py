"""Settings that a component refuses or ignores: the tables of facts files, and how they are shown."""

import tomllib
from pathlib import Path

import jsonschema
import pytest
from facts_documents import SCHEMA, as_json

from budgetcheck.facts import Component, FactsError, load_file, override, unsupported_for
from budgetcheck.facts.show import describe

HEAD = 'title = "Some proxy"\nlayer = "proxy"\n[[unsupported]]\n'
GOOD = {
    "setting": '"patience"',
    "when": '{ kind = "old" }',
    "rejected": "true",
    "accepted": '"30s"',
    "text": '"is refused by old proxies"',
    "fix": '"Leave it out."',
    "source": '"https://example.com/docs"',
    "checked": "2026-11-25",
    "proof": '"vendor"',
}


def text(**changes: str | None) -> str:
    return HEAD + "".join(f"{key} = {value}\n" for key, value in (GOOD | changes).items() if value)


def loaded(folder: Path, content: str) -> Component:
    path = folder / "some_proxy.toml"
    path.write_text(content, encoding="utf-8")
    return load_file(path)


def test_a_good_table(tmp_path: Path) -> None:
    (fact,) = loaded(tmp_path, text()).unsupported
    assert (fact.setting, fact.rejected, fact.accepted, fact.unit) == ("patience", True, 30_000, "s")
    jsonschema.Draft7Validator(SCHEMA).validate(as_json(tomllib.loads(text())))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"setting": None}, "key setting: is missing", id="no setting"),
        pytest.param({"text": None}, "key text: is missing", id="no reason"),
        pytest.param({"fix": None}, "key fix: is missing", id="nothing to do instead"),
        pytest.param({"source": None}, "key source: is missing", id="no source"),
        pytest.param({"note": '"x"'}, "key note: is not known here", id="unknown key"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, changes: dict[str, str | None], message: str) -> None:
    with pytest.raises(FactsError, match=message):
        loaded(tmp_path, text(**changes))
    assert not jsonschema.Draft7Validator(SCHEMA).is_valid(as_json(tomllib.loads(text(**changes))))


@pytest.mark.parametrize(
    ("changes", "traits", "version", "found"),
    [
        pytest.param({}, {"kind": "old"}, "", 1, id="the condition holds"),
        pytest.param({}, {"kind": "new"}, "", 0, id="it does not"),
        pytest.param({"versions": '"<2"'}, {"kind": "old"}, "1.4", 1, id="of that version"),
        pytest.param({"versions": '"<2"'}, {"kind": "old"}, "2.0", 0, id="of another version"),
        pytest.param(
            {"versions": '"<2"'}, {"kind": "old"}, "", 0, id="nothing is claimed of an unknown version"
        ),
    ],
)
def test_where_a_setting_is_unsupported(
    tmp_path: Path, changes: dict[str, str], traits: dict[str, str], version: str, found: int
) -> None:
    assert len(unsupported_for(loaded(tmp_path, text(**changes)), traits, version)) == found


def test_the_users_own_facts_replace_shipped_ones_on_the_same_setting() -> None:
    own = tomllib.loads(text(setting='"timeout_sec"')[len(HEAD) - len("[[unsupported]]\n") :])
    found = override("google_compute_backend_service", own, "budgetcheck.yaml:1")
    assert [fact.text for fact in found.unsupported] == ["is refused by old proxies"]
    assert found.limits, "everything else stays"


def test_it_is_shown_with_its_conditions_and_source(tmp_path: Path) -> None:
    shown = describe(loaded(tmp_path, text()))
    for piece in (
        "patience",
        "rejected",
        "where kind is old",
        "30 s passes, without effect",
        "https://example.com/docs",
    ):
        assert piece in shown

"""A wrong facts file is refused with the file, the table, the key and what to write; the schema agrees."""

import json
import re
import tomllib

import jsonschema
import pytest
from facts_documents import SCHEMA, as_json

from budgetcheck.facts import FactsError, find, load, load_file, override

GOOD_LIMIT = {
    "setting": '"patience"',
    "meaning": '"TOTAL"',
    "unit": '"s"',
    "default": '"30s"',
    "range": '["1s", "60s"]',
    "source": '"https://example.com/docs"',
    "checked": "2026-11-25",
    "proof": '"vendor"',
}
GOOD_ATTEMPTS = {
    "setting": '"tries"',
    "default": "2",
    "repeats": '["timeout"]',
    "source": '"https://example.com/docs"',
    "checked": "2026-11-25",
    "proof": '"vendor"',
}
HEAD = 'title = "Some proxy"\nlayer = "proxy"\n'


def table(name, good, **changes):
    """A table with some keys changed; None leaves a key out."""
    values = good | changes
    return f"[[{name}]]\n" + "".join(f"{key} = {value}\n" for key, value in values.items() if value)


def limit(**changes):
    return table("limit", GOOD_LIMIT, **changes)


def attempts(**changes):
    return table("attempts", GOOD_ATTEMPTS, **changes)


@pytest.fixture
def write(tmp_path):
    def write_file(text):
        path = tmp_path / "some_proxy.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def schema_accepts(text):
    document = as_json(tomllib.loads(text))
    return jsonschema.Draft7Validator(SCHEMA).is_valid(document)


def test_the_good_file_is_good(write):
    text = HEAD + limit() + attempts()
    assert load_file(write(text)).name == "some_proxy"
    assert schema_accepts(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('layer = "proxy"\n', "key title: is missing", id="no title"),
        pytest.param(HEAD.replace("proxy", "firewall"), "write one of balancer, proxy", id="unknown layer"),
        pytest.param(HEAD + 'colour = "red"\n', "key colour: is not known here", id="unknown top-level key"),
        pytest.param(HEAD + limit(source=None), "key source: is missing", id="no source"),
        pytest.param(
            HEAD + limit(source='"http://example.com"'), "is not an https address", id="source without TLS"
        ),
        pytest.param(HEAD + limit(checked=None), "key checked: is missing", id="no date"),
        pytest.param(HEAD + limit(checked='"last week"'), "is not a date", id="date in words"),
        pytest.param(HEAD + limit(proof=None), "key proof: is missing", id="no proof tier"),
        pytest.param(HEAD + limit(proof='"rumour"'), "write one of lab, vendor", id="unknown proof tier"),
        pytest.param(HEAD + limit(setting=None), "limit 1, key setting: is missing", id="no setting"),
        pytest.param(
            HEAD + limit(meaning='"MAYBE"'), "write one of TOTAL, PER_ATTEMPT", id="unknown meaning"
        ),
        pytest.param(HEAD + limit(unit='"parsec"'), "write one of ms, s", id="unknown unit"),
        pytest.param(HEAD + limit(default='"30"'), "write a number with a unit", id="duration without unit"),
        pytest.param(HEAD + limit(default="30"), "write it in quotes", id="duration as a number"),
        pytest.param(HEAD + limit(range='["1s"]'), "the lowest and the highest", id="range with one end"),
        pytest.param(HEAD + limit(retries="true"), "key retries: is not known here", id="key of attempts"),
        pytest.param(HEAD + limit(versions='"1.x"'), "is not a version range", id="not a version range"),
        pytest.param(HEAD + limit(cap_soft="true"), "cap", id="soft cap without a cap"),
        pytest.param(HEAD + limit(cap='"60s"', cap_soft="true"), "say which quota", id="soft cap, no quota"),
        pytest.param(HEAD + limit(fixed="true", default=None), "has a value", id="fixed without a value"),
        pytest.param(HEAD + limit(when="{ family = [] }"), "names no value", id="condition without a value"),
        pytest.param(
            HEAD + limit(symptom="{ text = 'x', status = 42 }"),
            "is not an HTTP status",
            id="impossible status",
        ),
        pytest.param(HEAD + limit(symptom="{ status = 504 }"), "key text: is missing", id="wordless symptom"),
        pytest.param(HEAD + attempts(repeats=None), "key repeats: is missing", id="no repeats"),
        pytest.param(HEAD + attempts(repeats='["always"]'), "write one of connect", id="unknown failure"),
        pytest.param(HEAD + attempts(default="0"), "so 0 is none", id="no attempt at all"),
        pytest.param(HEAD + attempts(default="-1"), "whole number of 0 or more", id="negative count"),
        pytest.param(
            HEAD + attempts(backoff="{ factor = 2.0 }"), "key first: is missing", id="pauses of what"
        ),
        pytest.param(HEAD + 'limit = "none"\n', "write [[limit]]", id="limit is no table"),
    ],
)
def test_refused_by_loader_and_schema(write, text, message):
    with pytest.raises(FactsError) as caught:
        load_file(write(text))
    assert str(caught.value).startswith("some_proxy.toml")
    assert message in str(caught.value)
    assert not schema_accepts(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(HEAD + limit(default='"61s"'), "lies above the range", id="default above the range"),
        pytest.param(HEAD + limit(default='"1ms"'), "lies below the range", id="default below the range"),
        pytest.param(HEAD + limit(cap='"20s"'), "more than the cap", id="default above the cap"),
        pytest.param(HEAD + limit(floor='"40s"'), "less than the floor", id="default below the floor"),
        pytest.param(HEAD + limit(range='["60s", "1s"]'), "60s is more than 1s", id="range upside down"),
        pytest.param(HEAD + limit(versions='">2,<1"'), "no version lies in", id="empty version range"),
        pytest.param(HEAD + limit(checked="2026-11-25T10:00:00"), "is not a date", id="date with a time"),
        pytest.param(HEAD + attempts(default="5", most="3"), "more than most", id="default above most"),
        pytest.param(
            HEAD + limit() + limit(), "limit 2 (patience), key setting: repeats", id="twice the same"
        ),
        pytest.param(
            HEAD + limit(when='{ family = ["a", "b"] }') + limit(when='{ family = "b" }'),
            "repeats limit 1",
            id="conditions that share a value",
        ),
        pytest.param(
            HEAD + limit(versions='"<=2"') + limit(versions='">=2"'),
            "repeats limit 1",
            id="versions that share a version",
        ),
        pytest.param(HEAD + attempts() + attempts(), "attempts 2 (tries)", id="twice the same attempts"),
    ],
)
def test_refused_by_the_loader_alone(write, text, message):
    """What a schema cannot express: relations between values."""
    with pytest.raises(FactsError, match=re.escape(message)):
        load_file(write(text))


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(limit(when='{ family = "b" }'), id="another value of the trait"),
        pytest.param(limit(when='{ family = "!a" }'), id="every other value of the trait"),
        pytest.param(limit(when='{ family = "a" }', versions='">=2"'), id="later versions"),
    ],
)
def test_variants_that_exclude_one_another_are_welcome(write, second):
    first = limit(when='{ family = "a" }', versions='"<2"')
    assert len(load_file(write(HEAD + first + second)).limits) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"title = ", "is not TOML", id="broken syntax"),
        pytest.param(b"\xff\xfe", "is not UTF-8", id="another encoding"),
    ],
)
def test_unreadable_files(tmp_path, content, message):
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(FactsError, match=f"^broken.toml: {message}"):
        load_file(path)


def test_a_missing_file_is_named_without_its_folder(tmp_path):
    with pytest.raises(FactsError, match=r"^nowhere\.toml: cannot be read"):
        load_file(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("name", ["no_such_component", "../facts/nginx", "", "nginx.toml"])
def test_unknown_components(name):
    assert find(name) is None
    with pytest.raises(FactsError, match="no such component"):
        load(name)


OWN = {
    "limit": [
        {
            "setting": "idle_timeout",
            "meaning": "IDLE",
            "unit": "s",
            "default": "120s",
            "source": "https://example.com/our-platform",
            "checked": "2026-11-25",
            "proof": "vendor",
        }
    ]
}


class TestOverride:
    def test_a_users_fact_replaces_the_shipped_one_and_keeps_the_rest(self):
        own = override("aws_lb", OWN, "budgetcheck.yaml:3")
        shipped = load("aws_lb")
        assert own.title == shipped.title
        assert [fact.default.value for fact in own.limits if fact.setting == "idle_timeout"] == [120_000]
        assert {fact.setting for fact in own.limits} == {fact.setting for fact in shipped.limits}
        assert own.entry

    def test_a_component_of_the_users_own_must_say_what_it_is(self):
        with pytest.raises(FactsError, match=r"^budgetcheck.yaml:3, key title: is missing"):
            override("our_gateway", OWN, "budgetcheck.yaml:3")

    def test_the_shipped_component_stays_as_it_is(self):
        before = json.dumps([fact.setting for fact in load("aws_lb").limits])
        override("aws_lb", OWN, "budgetcheck.yaml:3")
        assert json.dumps([fact.setting for fact in load("aws_lb").limits]) == before

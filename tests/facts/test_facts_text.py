"""The text of `budgetcheck components`."""

import pytest

from budgetcheck.facts import component_names, load
from budgetcheck.facts.show import MEASURES, ROLES, describe, listing
from budgetcheck.model.limits import Meaning
from budgetcheck.model.topology import Layer


def test_nginx(snapshot):
    assert describe(load("nginx")) == snapshot


def test_openai(snapshot):
    assert describe(load("openai")) == snapshot


def test_listing_names_every_component_once():
    lines = listing().splitlines()
    assert [line.split()[0] for line in lines] == ["COMPONENT", *component_names()]


@pytest.mark.parametrize("name", component_names())
def test_every_fact_is_shown_with_its_source(name):
    component = load(name)
    text = describe(component)
    assert text.startswith(f"{name}: {component.title}")
    for fact in (*component.limits, *component.attempts):
        assert fact.setting in text
        assert f"{fact.evidence.source} (checked {fact.evidence.checked}, " in text
    assert all(line == line.rstrip() for line in text.splitlines())


def test_every_meaning_and_role_has_words():
    assert set(MEASURES) == set(Meaning)
    assert set(ROLES) == set(Layer)

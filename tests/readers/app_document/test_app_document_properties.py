"""Whatever stands in a file, the reader answers; and the order of keys and files means nothing."""

import random
from pathlib import Path

import pytest
import yaml
from app_files import read_files
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetcheck.model.settings import Declaration, Reading

TOP_KEYS = ["service", "routes", "server", "path", "calls", "methods", "kind", "bind", "threads"]
CALL_KEYS = [
    "to",
    "client",
    "timeout",
    "deadline",
    "connect",
    "attempts",
    "version",
    "parallel",
    "loop",
    "max",
]
KEYS = st.sampled_from([*TOP_KEYS, *CALL_KEYS, "<<", "?"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(),
    st.sampled_from(["30s", "openai", "gunicorn", "/x", "1m30s", "psycopg"]),
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)
DURATIONS = st.sampled_from(["30s", "500ms", "1m30s", None])
CALLS = st.fixed_dictionaries(
    {"to": st.sampled_from(["a", "b"]), "client": st.sampled_from(["openai", "httpx"])},
    optional={"timeout": DURATIONS, "deadline": DURATIONS, "retries": st.integers(0, 3)},
)
STEPS = st.recursive(
    CALLS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2).map(lambda steps: {"parallel": steps})
        | st.lists(inner, min_size=1, max_size=2).map(lambda steps: {"loop": {"max": 2, "calls": steps}})
    ),
    max_leaves=4,
)
ROUTES = st.fixed_dictionaries(
    {"path": st.sampled_from(["/a", "/b/{id}", "/c"])},
    optional={"methods": st.just(["GET"]), "deadline": DURATIONS, "calls": st.lists(STEPS, max_size=2)},
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "service": st.just("shop"),
        "routes": st.lists(ROUTES, max_size=2, unique_by=lambda route: str(route["path"])),
    },
    optional={
        "server": st.fixed_dictionaries({"kind": st.just("gunicorn")}, optional={"timeout": DURATIONS})
    },
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("apps")


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_answered(folder: Path, data: bytes) -> None:
    check(read_files(folder, {"app.yaml": data}))


@given(st.text(alphabet=" \n:-[]{}&*!|>'\"#%@?,a1s<", max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_punctuation_is_answered(folder: Path, text: str) -> None:
    check(read_files(folder, {"app.yaml": f"service: a\n{text}"}))


@given(TREES)
@settings(max_examples=300, deadline=None)
def test_any_tree_is_answered(folder: Path, tree: object) -> None:
    check(read_files(folder, {"app.yaml": yaml.safe_dump(tree)}))
    check(
        read_files(
            folder, {"app.yaml": yaml.safe_dump({"service": "a", "routes": [{"path": "/", "calls": [tree]}]})}
        )
    )


@given(DOCUMENTS, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_keys_means_nothing(
    folder: Path, document: dict[str, object], chance: random.Random
) -> None:
    first = read_files(folder, {"app.yaml": yaml.safe_dump(document)})
    second = read_files(folder, {"app.yaml": yaml.safe_dump(shuffled(document, chance), sort_keys=False)})
    assert first.problems == ()
    assert [meaning(d) for d in first.declarations] == [meaning(d) for d in second.declarations]


@given(st.permutations(["a.yaml", "b.yaml", "c.yaml"]))
@settings(max_examples=6, deadline=None)
def test_the_order_of_files_means_nothing(folder: Path, names: list[str]) -> None:
    contents = {
        "a.yaml": "service: a\nroutes: [{path: /x}]\n",
        "b.yaml": "service: b\nroutes: [{path: /x, foo: 1}]\n",
        "c.yaml": "service: a\nroutes: []\n",
    }
    expected = read_files(folder, contents)
    assert read_files(folder, {name: contents[name] for name in names}) == expected


def check(reading: Reading) -> None:
    """The answer is whole: something was declared or something is wrong, each with its place."""
    assert reading.declarations or reading.problems
    for problem in reading.problems:
        assert problem.span.file == "app.yaml"
        assert problem.text
    addresses = [declaration.address for declaration in reading.declarations]
    assert len(addresses) == len(set(addresses))


def shuffled(value: object, chance: random.Random) -> object:
    if isinstance(value, dict):
        items = [(key, shuffled(child, chance)) for key, child in value.items()]
        chance.shuffle(items)
        return dict(items)
    return [shuffled(child, chance) for child in value] if isinstance(value, list) else value


def meaning(declaration: Declaration) -> tuple[object, ...]:
    """Everything of a declaration but places."""
    named = [(setting.name, setting.value) for setting in declaration.settings]
    work = repr(declaration.work).split("Span(")[0]
    return (declaration.address, declaration.component, declaration.traits, named, declaration.front, work)

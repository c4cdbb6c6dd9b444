"""vercel.json: limits of functions, and rewrites to other origins."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.model.options import Options
from budgetcheck.model.settings import Declaration, Known, Reading, Unresolved
from budgetcheck.model.topology import PathRule
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import is_vercel
from budgetcheck.readers.vercel import path_of, read
from budgetcheck.tree import SourceFile, Tree


def reading(folder: Path, text: str, name: str = "vercel.json") -> Reading:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    base = folder.resolve()
    source = SourceFile(name=name, path=base / name)
    return read([source], ReadContext(tree=Tree(root=base, base=base), options=Options()))


def only(result: Reading) -> Declaration:
    (found,) = result.declarations
    return found


def function(folder: Path, glob: str, *rewrites: tuple[str, str]) -> Declaration:
    document = {
        "functions": {glob: {"maxDuration": 30}},
        "rewrites": [{"source": source, "destination": to} for source, to in rewrites],
    }
    return only(reading(folder, json.dumps(document)))


def test_the_limit_of_a_function_with_its_place(tmp_path: Path) -> None:
    text = '{\n\t"functions": {\n\t\t"api/chat.ts": {\n\t\t\t"maxDuration": 60\n\t\t}\n\t}\n}\n'
    result = reading(tmp_path, text)
    found = only(result)
    assert (found.component, found.address) == ("vercel_function", "vercel:api/chat.ts")
    setting = found.setting("maxDuration")
    assert setting is not None
    assert setting.value == Known(value=60)
    assert [(span.place, span.text) for span in setting.spans] == [("vercel.json:4", "maxDuration: 60")]
    assert result.recognised == ("vercel.json",)


def test_a_project_in_a_folder_has_it_in_its_names(tmp_path: Path) -> None:
    text = json.dumps({"functions": {"api/a.py": {"maxDuration": 5}}})
    assert only(reading(tmp_path, text, "apps/web/vercel.json")).address == "vercel:apps/web/api/a.py"


@pytest.mark.parametrize(
    ("glob", "prefix", "exact", "opaque"),
    [
        pytest.param("api/chat.ts", "/api/chat", True, False, id="a file"),
        pytest.param("api/index.py", "/api", True, False, id="an index"),
        pytest.param("api/**/*.ts", "/api/", False, False, id="everything below"),
        pytest.param("api/*.py", "/api/", False, True, id="some below"),
        pytest.param("api/users/[id].ts", "/api/users/", False, True, id="a parameter"),
        pytest.param("src/app/api/chat/route.ts", "/api/chat", True, False, id="a route of Next.js"),
        pytest.param("app/(site)/blog/page.tsx", "/blog", True, False, id="a group is no part of the path"),
        pytest.param("app/page.tsx", "/", True, False, id="the first page"),
        pytest.param("app/**/*", "/", False, False, id="all of an app"),
        pytest.param("pages/api/[...all].js", "/api/", False, False, id="a catch-all"),
        pytest.param("server/index.js", "/", False, True, id="a convention that is not known"),
    ],
)
def test_files_answer_paths(tmp_path: Path, glob: str, prefix: str, exact: bool, opaque: bool) -> None:
    (path,) = function(tmp_path, glob).front.paths
    assert (path.prefix, path.exact, path.opaque) == (prefix, exact, opaque), path


def test_a_rewrite_within_the_project_leads_to_the_function(tmp_path: Path) -> None:
    found = function(tmp_path, "api/index.py", ("/(.*)", "/api/index"), ("/docs", "/static/docs.html"))
    assert [path.pattern for path in found.front.paths] == ["/api", "/(.*)"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("60", Known(value=60), id="number"),
        pytest.param('"60s"', Known(value="60s"), id="text, which Vercel refuses"),
        pytest.param("null", Known(value=None), id="null"),
    ],
)
def test_values_are_handed_on_as_they_are(tmp_path: Path, value: str, expected: Known) -> None:
    found = only(reading(tmp_path, f'{{"functions": {{"api/a.ts": {{"maxDuration": {value}}}}}}}'))
    assert found.settings[0].value == expected


@pytest.mark.parametrize(
    "value", ['"max"', "[60]", "{}"], ids=["as long as the plan allows", "list", "object"]
)
def test_values_that_are_no_number_stay_unknown(tmp_path: Path, value: str) -> None:
    found = only(reading(tmp_path, f'{{"functions": {{"api/a.ts": {{"maxDuration": {value}}}}}}}'))
    assert isinstance(found.settings[0].value, Unresolved)


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        pytest.param(
            "rewrites",
            {"source": "/api/:path*", "destination": "https://api.example.com/v1/:path*"},
            id="rewrite",
        ),
        pytest.param(
            "routes",
            {"src": "/api/(.*)", "dest": "https://api.example.com/v1/$1"},
            id="route of the older kind",
        ),
    ],
)
def test_a_rewrite_to_another_origin_is_a_hop(tmp_path: Path, key: str, rule: dict[str, str]) -> None:
    found = only(reading(tmp_path, json.dumps({key: [rule]})))
    (target,) = found.targets
    assert found.component == "vercel"
    assert [(path.prefix, path.opaque) for path in found.front.paths] == [("/api/", False)]
    assert (target.host, target.port, target.strip, target.replace) == ("api.example.com", 0, "/api/", "/v1/")
    assert not target.external, "it may be a host of the other files"


def test_rewrites_by_phase(tmp_path: Path) -> None:
    rules = {"beforeFiles": [{"source": "/a", "destination": "https://b.example.com:8443/c"}]}
    (target,) = only(reading(tmp_path, json.dumps({"rewrites": rules}))).targets
    assert (target.host, target.port, target.replace) == ("b.example.com", 8443, "/c")


@pytest.mark.parametrize(
    "destination",
    [
        "/index.html",
        "mailto:x@example.com",
        "https://",
        "https://[broken",
        "https://:host/x",
        "//example.com",
    ],
)
def test_destinations_that_are_no_other_origin(tmp_path: Path, destination: str) -> None:
    text = json.dumps({"rewrites": [{"source": "/a", "destination": destination}]})
    assert reading(tmp_path, text).declarations == ()


def test_the_same_source_twice_is_one_hop(tmp_path: Path) -> None:
    rule = {"source": "/a", "destination": "https://b.example.com/"}
    text = json.dumps({"rewrites": [{**rule, "has": [{"type": "header", "key": "x"}]}, rule]})
    assert len(reading(tmp_path, text).declarations) == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"functions": 1', "nonsense", '{"a": [1, }'], ids=lambda text: text or "empty"
)
def test_what_is_no_such_document_is_a_problem(tmp_path: Path, text: str) -> None:
    result = reading(tmp_path, text)
    assert result.declarations == ()
    assert [problem.span.file for problem in result.problems] == ["vercel.json"]


@pytest.mark.parametrize(
    "text",
    [
        '{"functions": []}',
        '{"functions": {"a": 1}, "rewrites": {}, "routes": "x"}',
        '{"rewrites": [1, {"source": []}]}',
    ],
)
def test_other_shapes_are_passed_over(tmp_path: Path, text: str) -> None:
    result = reading(tmp_path, text)
    assert result.problems == ()
    assert [one.settings for one in result.declarations] in ([], [()])


def test_only_the_file_of_that_name_is_claimed() -> None:
    names = ("vercel.json", "apps/web/vercel.json", "package.json", "vercel.json.bak")
    claimed = [name for name in names if is_vercel(SourceFile(name=name, path=Path(name)))]
    assert claimed == ["vercel.json", "apps/web/vercel.json"]


@given(st.text(alphabet=":/(.*)[]{}?abc^$\\", max_size=40))
def test_any_source_is_some_path(source: str) -> None:
    path = path_of(source)
    assert isinstance(path, PathRule)
    assert path.exact or path.prefix.startswith("/")

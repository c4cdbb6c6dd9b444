"""What a configuration says, wherever it stands."""

from pathlib import Path

import pytest

from budgetcheck.config import load_config
from budgetcheck.model.findings import Severity
from budgetcheck.model.options import (
    Binding,
    DeclaredLink,
    EnvironmentOptions,
    Headroom,
    Ignore,
    NginxOptions,
    Options,
    UserFact,
)
from budgetcheck.model.span import Span
from budgetcheck.tree import Tree

FULL = """\
headroom: {percent: 10, floor: 500ms}
environments:
  staging:
  prod: {var_files: [envs/prod.tfvars], env_files: [.env.prod], workspace: prod}
links:
  - {outer: "terraform:aws_lb.api", inner: "nginx:*"}
bindings:
  - {file: settings.yaml, key: llm.timeout, hop: "app:shop/x#openai", setting: timeout, unit: ms}
components:
  our-gateway: {title: ours, layer: proxy}
nginx: {root: docker, version: 1.10, addresses: {app: 3}}
severity: {BC103: note, BC101: warning}
ignore:
  - {rule: BC101, paths: [legacy/*], routes: [/old], reason: gone in spring, until: 2027-03-01}
fail_on: never
"""
FILES = ("envs/prod.tfvars", ".env.prod", "settings.yaml", "docker/etc/nginx/nginx.conf")


def project(folder: Path, **files: str) -> Tree:
    """A repository with the files that the configurations name; keys are paths with __ for /."""
    root = folder.resolve()
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Tree(root=root, base=root)


def test_every_key(tmp_path: Path) -> None:
    tree = project(tmp_path, **{"budgetcheck.yaml": FULL})
    options, name = load_config(tree, tree.root, tree.root)
    assert name == "budgetcheck.yaml"

    def span(line: int, column: int) -> Span:
        return Span(file="budgetcheck.yaml", line=line, column=column)

    assert options == Options(
        headroom=Headroom(percent=10, floor_ms=500),
        environments=(
            EnvironmentOptions(
                name="prod",
                var_files=("envs/prod.tfvars",),
                env_files=(".env.prod",),
                workspace="prod",
                declared=True,
            ),
            EnvironmentOptions(name="staging", declared=True),
        ),
        links=(DeclaredLink(outer="terraform:aws_lb.api", inner="nginx:*", span=span(6, 5)),),
        bindings=(
            Binding(
                file="settings.yaml",
                key="llm.timeout",
                hop="app:shop/x#openai",
                setting="timeout",
                unit="ms",
                span=span(8, 5),
            ),
        ),
        components=(
            UserFact(
                component="our-gateway", table=(("layer", "proxy"), ("title", "ours")), span=span(10, 3)
            ),
        ),
        nginx=NginxOptions(root="docker", version="1.10", addresses=(("app", 3),)),
        severity=(("BC101", Severity.WARNING), ("BC103", Severity.NOTE)),
        ignore=(
            Ignore(
                rule="BC101",
                reason="gone in spring",
                span=span(14, 5),
                paths=("legacy/*",),
                routes=("/old",),
                until="2027-03-01",
            ),
        ),
        fail_on=None,
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("5%", Headroom(percent=5, floor_ms=0), id="a-share-alone-has-no-floor"),
        pytest.param("2s", Headroom(percent=0, floor_ms=2_000), id="a-duration-alone-has-no-share"),
        pytest.param("{percent: 8}", Headroom(percent=8, floor_ms=1_000), id="the-rest-keeps-its-default"),
        pytest.param("{floor: 3s}", Headroom(percent=5, floor_ms=3_000), id="the-other-rest-too"),
        pytest.param("0%", Headroom(percent=0, floor_ms=0), id="none"),
    ],
)
def test_headroom(tmp_path: Path, written: str, expected: Headroom) -> None:
    tree = project(tmp_path, **{"budgetcheck.yaml": f"headroom: {written}\n"})
    assert load_config(tree, tree.root, tree.root)[0].headroom == expected


def test_pyproject_says_the_same(tmp_path: Path) -> None:
    text = """\
[project]
name = "shop"

[tool.budgetcheck]
fail_on = "warning"

[tool.budgetcheck.environments.prod]
var_files = ["envs/prod.tfvars"]

[[tool.budgetcheck.ignore]]
rule = "BC101"
reason = "first"

[[tool.budgetcheck.ignore]]
rule = "BC102"
reason = "second"
until = 2027-03-01
"""
    tree = project(tmp_path, **{"pyproject.toml": text})
    options, name = load_config(tree, tree.root, tree.root)
    assert name == "pyproject.toml"
    assert options.fail_on is Severity.WARNING
    assert options.environments[0].var_files == ("envs/prod.tfvars",)
    assert [(entry.rule, entry.until, entry.span.line) for entry in options.ignore] == [
        ("BC101", "", 10),
        ("BC102", "2027-03-01", 14),
    ]


NOTE = "fail_on: note\n"
WARNING = "fail_on: warning\n"


def loaded(tree: Tree, start: str, stop: str = ".", explicit: Path | None = None) -> str:
    return load_config(tree, tree.root / start, tree.root / stop, explicit)[1]


def test_the_nearest_configuration_holds(tmp_path: Path) -> None:
    tree = project(
        tmp_path, **{"budgetcheck.yaml": NOTE, "infra__budgetcheck.yml": WARNING, "infra__aws__x": ""}
    )
    assert loaded(tree, "infra/aws") == "infra/budgetcheck.yml"
    assert loaded(tree, "docker") == "budgetcheck.yaml"


def test_the_search_ends_at_the_repository(tmp_path: Path) -> None:
    tree = project(tmp_path, **{"budgetcheck.yaml": NOTE, "repo__infra__x": ""})
    assert loaded(tree, "repo/infra", stop="repo") == ""


def test_where_the_stop_is_not_above_only_the_start_is_searched(tmp_path: Path) -> None:
    tree = project(tmp_path, **{"budgetcheck.yaml": NOTE, "repo__x": "", "other__x": ""})
    assert loaded(tree, "repo", stop="other") == ""


def test_a_pyproject_without_our_table_is_passed_over(tmp_path: Path) -> None:
    tree = project(tmp_path, **{"budgetcheck.yaml": NOTE, "app__pyproject.toml": "[tool.black]\n"})
    assert loaded(tree, "app") == "budgetcheck.yaml"


def test_a_broken_pyproject_without_our_table_is_not_our_business(tmp_path: Path) -> None:
    tree = project(tmp_path, **{"pyproject.toml": "[tool.black\n"})
    assert loaded(tree, ".") == ""


def test_an_explicit_file_is_used_wherever_it_lies(tmp_path: Path) -> None:
    tree = project(tmp_path / "repo", **{"budgetcheck.yaml": NOTE})
    other = tmp_path / "shared.yaml"
    other.write_text("environments: {prod: {var_files: [envs/prod.tfvars]}}\n", encoding="utf-8")
    options, name = load_config(tree, tree.root, tree.root, other)
    assert name == "../shared.yaml"
    assert options.environments[0].var_files == ("envs/prod.tfvars",), "relative to the root"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    text = "environments: {prod: {var_files: [../envs/prod.tfvars]}}\n"
    tree = project(tmp_path, **{"ci__budgetcheck.yaml": text})
    options, _ = load_config(tree, tree.root / "ci", tree.root)
    assert options.environments[0].var_files == ("envs/prod.tfvars",)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_an_empty_file_is_a_configuration_that_changes_nothing(tmp_path: Path, text: str) -> None:
    tree = project(tmp_path, **{"budgetcheck.yaml": text})
    assert load_config(tree, tree.root, tree.root) == (Options(), "budgetcheck.yaml")

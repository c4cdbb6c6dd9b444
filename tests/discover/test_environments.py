"""Environments: declared ones, and those that files are named after."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.discover import canonical_environment, environments, same_environment
from budgetcheck.environments import FileKind, environment_file
from budgetcheck.model.options import EnvironmentOptions, Options
from budgetcheck.tree import SourceFile, Tree

TREE = Tree(root=Path("/repo"), base=Path("/repo/infra"))


def files(*names: str) -> list[SourceFile]:
    """Files of a repository, printed relative to its folder `infra`."""
    return [SourceFile(name=TREE.name(TREE.root / name), path=TREE.root / name) for name in names]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("prod.tfvars", "prod", id="variables-by-stem"),
        pytest.param("infra/prod.tfvars.json", "prod", id="variables-as-json"),
        pytest.param("env/staging.tfvars", "staging", id="env-folder"),
        pytest.param("envs/prod/main.tfvars", "prod", id="generic-stem-takes-the-folder"),
        pytest.param("environments/prod/terraform.tfvars", "prod", id="generic-terraform-in-an-environment"),
        pytest.param("vars/eu/main.tfvars", "eu", id="vars-folder"),
        pytest.param("envs/prod/network.tfvars", "prod", id="a-part-of-an-environment"),
        pytest.param("envs/eu-west-1/prod.tfvars", "prod", id="an-environment-in-a-region"),
        pytest.param("terraform.tfvars", None, id="read-in-every-environment"),
        pytest.param("prod.auto.tfvars", None, id="read-always"),
        pytest.param("envs/common.tfvars", None, id="shared-by-all"),
        pytest.param("example.tfvars", None, id="an-example"),
        pytest.param(".env.prod", "prod", id="env-file"),
        pytest.param(".env.example", None, id="env-example"),
        pytest.param(".env.production.local", None, id="env-of-one-person"),
        pytest.param(".env", None, id="env-without-name"),
        pytest.param("env/prod.env", "prod", id="env-file-by-stem"),
        pytest.param("redis.env", None, id="env-file-of-a-service"),
        pytest.param("chart/values-prod.yaml", "prod", id="helm-values"),
        pytest.param("chart/values.staging.yml", "staging", id="helm-values-with-dot"),
        pytest.param("chart/values.yaml", None, id="helm-values-of-all"),
        pytest.param("k8s/overlays/dev/kustomization.yaml", "dev", id="kustomize-overlay"),
        pytest.param("k8s/base/kustomization.yaml", None, id="kustomize-base"),
        pytest.param("envs/prod.yaml", "prod", id="settings-of-an-environment"),
        pytest.param("env/settings.yaml", None, id="settings"),
        pytest.param("main.tf", None, id="sources"),
    ],
)
def test_environment_file(name: str, expected: str | None) -> None:
    found = environment_file(name)
    assert (found[0] if found else None) == expected


def test_terraform_tfvars_beside_sources_belongs_to_no_environment() -> None:
    found = environments(files("envs/prod/main.tf", "envs/prod/terraform.tfvars"), Options(), TREE)
    assert found == ()


def test_paths_are_relative_to_the_root() -> None:
    found = environments(files("infra/envs/prod.tfvars", ".env.prod"), Options(), TREE)
    assert found == (
        EnvironmentOptions(name="prod", var_files=("infra/envs/prod.tfvars",), env_files=(".env.prod",)),
    )


def test_spellings_are_one_environment_under_the_most_frequent_name() -> None:
    found = environments(
        files("a/production.tfvars", "b/production.tfvars", "envs/prod.tfvars"), Options(), TREE
    )
    assert [(e.name, len(e.var_files)) for e in found] == [("production", 3)]


def test_folders_with_the_same_parts_are_the_environments() -> None:
    """No environment is called chat, also where it has files in only one of the folders."""
    names = ("production/chat", "production/common", "staging/chat", "staging/search", "eu/prod", "us/prod")
    found = environments(files(*(f"vars/{name}.tfvars" for name in names)), Options(), TREE)
    assert {one.name: len(one.var_files) for one in found} == {"prod": 4, "staging": 2}


def test_a_declared_environment_keeps_its_name_and_its_files() -> None:
    declared = EnvironmentOptions(name="live", var_files=("x.tfvars",), declared=True)
    prod = EnvironmentOptions(name="production", var_files=("y.tfvars",), declared=True)
    found = environments(
        files("prod.tfvars", ".env.prod", "qa.tfvars"), Options(environments=(prod, declared)), TREE
    )
    assert found == (
        declared,
        EnvironmentOptions(
            name="production", var_files=("y.tfvars",), env_files=(".env.prod",), declared=True
        ),
        EnvironmentOptions(name="qa", var_files=("qa.tfvars",)),
    )


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("prod", "production", True),
        ("Production", "PROD", True),
        ("staging", "stage", True),
        ("development", "dev", True),
        ("testing", "test", True),
        ("prod", "preprod", False),
        ("eu-prod", "prod", False),
    ],
)
def test_same_environment(left: str, right: str, same: bool) -> None:
    assert same_environment(left, right) is same


@given(st.permutations(["prod.tfvars", "production.tfvars", "dev.tfvars", ".env.stage", "staging.tfvars"]))
def test_the_order_of_files_means_nothing(names: list[str]) -> None:
    assert environments(files(*names), Options(), TREE) == environments(
        files(*sorted(names)), Options(), TREE
    )


@given(st.text(max_size=12))
def test_one_spelling_is_its_own_spelling(name: str) -> None:
    assert canonical_environment(canonical_environment(name)) == canonical_environment(name)


@given(
    st.lists(st.sampled_from(["env", "envs", "prod", "x", "..", ".env", "main"]), max_size=4),
    st.text(max_size=8),
)
def test_any_name_is_answered(folders: list[str], stem: str) -> None:
    for suffix in (".tfvars", ".yaml", ".env", ".tfvars.json"):
        found = environment_file("/".join([*folders, f"{stem}{suffix}"]))
        assert found is None or isinstance(found[1], FileKind)

"""Layers point inward only, and nothing heavy is loaded before it is needed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from expectations import ROOT, SAMPLES

PARSERS = {"crossplane", "hcl2", "lark", "tree_sitter", "tree_sitter_hcl", "yaml", "pydantic", "rich"}


def loaded_by(code: str) -> set[str]:
    """Top-level modules that are loaded after `code` has run in a process of its own."""
    program = f"import sys\n{code}\nprint('modules:', *{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    return set(done.stdout.rpartition("modules:")[2].split())


def run_in_process(*arguments: str) -> str:
    return (
        "from click.testing import CliRunner\n"
        "from budgetcheck.cli import main\n"
        f"CliRunner().invoke(main, {list(arguments)!r})"
    )


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_starting_loads_no_parser(option: str) -> None:
    assert not PARSERS & loaded_by(run_in_process(option))


@pytest.mark.parametrize(
    ("path", "never"),
    [
        pytest.param(
            SAMPLES / "shop" / "nginx", PARSERS - {"crossplane"}, id="nginx only: no Terraform, no YAML"
        ),
        pytest.param(
            SAMPLES / "api-gateway-lambda",
            PARSERS - {"hcl2", "lark", "tree_sitter", "tree_sitter_hcl"},
            id="Terraform only: no nginx, no YAML",
        ),
        pytest.param(
            SAMPLES / "unlinked" / "services" / "billing.yaml",
            PARSERS - {"yaml", "pydantic"},
            id="app document only: no nginx, no Terraform",
        ),
    ],
)
def test_a_parser_is_loaded_only_for_its_own_files(path: Path, never: set[str], tmp_path: Path) -> None:
    alone = tmp_path / path.name  # away from this repository's own pyproject.toml
    copy = shutil.copytree if path.is_dir() else shutil.copy
    copy(path, alone)
    assert not never & loaded_by(run_in_process("--format", "json", str(alone)))


def test_layers_are_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

"""The source distribution holds what its own tests read: a look at its list, nothing is built."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from expectations import ROOT

CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
INCLUDED = {
    name.strip("/") for name in CONFIGURATION["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
}
ALWAYS = {"pyproject.toml"}
"""What the build adds by itself."""
_LOCAL = re.compile(r"\.(?:ci|git|gitignore|.+_cache|hypothesis|venv)$|build$|dist$|.+\.egg-info$")


def read_by_tests() -> Iterator[tuple[Path, str]]:
    """File and first part of each path below the root that a test or a measurement names."""
    for folder in ("tests", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name in re.findall(r"\bROOT / \"([^\"/]+)", path.read_text(encoding="utf-8")):
                yield path, name


def test_every_included_path_exists() -> None:
    assert [name for name in INCLUDED if not (ROOT / name).exists()] == []


def test_what_tests_read_is_included() -> None:
    missing = {name: path.name for path, name in read_by_tests() if name not in INCLUDED | ALWAYS}
    assert missing == {}


def test_nothing_of_the_root_is_forgotten() -> None:
    """Only what belongs to a checkout or is made in it stays out."""
    names = {path.name for path in ROOT.iterdir()}
    assert {name for name in names - INCLUDED - ALWAYS if not _LOCAL.fullmatch(name)} == set()


def test_the_command_that_the_readme_tells_to_test_with_runs_everything() -> None:
    assert "$ make test " in (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^test: lint types layers unit$", makefile, re.MULTILINE)

"""Versions from lock files: every format, the nearest folder, and what is not a version."""

from pathlib import Path

import pytest

from budgetcheck.readers.python.versions import Versions
from budgetcheck.tree import Tree

UV = """version = 1

[[package]]
name = "httpx"
version = "0.28.1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "openai"
version = "1.109.1"
dependencies = [
    { name = "httpx" },
]
"""
PIPFILE_LOCK = '{"default": {\n  "openai": {\n    "version": "==1.109.1"\n  }\n}, "develop": {}}\n'
PYPROJECT = """[project]
name = "app"
dependencies = [
    "httpx>=0.27",
    "openai[realtime]==1.109.1",
]
"""
POETRY = """[tool.poetry.dependencies]
python = "^3.11"
openai = "1.109.1"
httpx = { version = "^0.28" }
"""
CONDA = """dependencies:
  - python=3.11
  - conda-forge::numpy=2.1
  - pip:
      - openai==1.109.1
"""
PYLOCK = '[[packages]]\nname = "openai"\nversion = "1.109.1"\n'

SAYS = [
    pytest.param({"uv.lock": UV}, "uv.lock:10", id="uv"),
    pytest.param({"poetry.lock": UV}, "poetry.lock:10", id="poetry"),
    pytest.param({"pdm.lock": UV}, "pdm.lock:10", id="pdm"),
    pytest.param({"pylock.toml": PYLOCK}, "pylock.toml:3", id="pylock"),
    pytest.param({"pylock.prod.toml": PYLOCK}, "pylock.prod.toml:3", id="a pylock with a name"),
    pytest.param({"Pipfile.lock": PIPFILE_LOCK}, "Pipfile.lock:2", id="Pipfile"),
    pytest.param({"requirements.txt": "httpx\nOpenAI==1.109.1  # why\n"}, "requirements.txt:2", id="a pin"),
    pytest.param(
        {"requirements.txt": "openai[realtime]==1.109.1 ; python_version >= '3.9' \\\n    --hash=sha256:0\n"},
        "requirements.txt:1",
        id="extras, a marker and hashes",
    ),
    pytest.param(
        {"requirements-prod.txt": "openai===1.109.1\n"},
        "requirements-prod.txt:1",
        id="another name of the file",
    ),
    pytest.param(
        {"requirements/base.txt": "openai==1.109.1\n"}, "requirements/base.txt:1", id="a folder of them"
    ),
    pytest.param(
        {"requirements.txt": "-r deps/all.txt\n", "deps/all.txt": "openai==1.109.1\n"},
        "deps/all.txt:1",
        id="one file includes another",
    ),
    pytest.param(
        {"requirements.txt": "openai\n", "constraints.txt": "openai==1.109.1\n"},
        "constraints.txt:1",
        id="constraints pin what requirements name",
    ),
    pytest.param({"pyproject.toml": PYPROJECT}, "pyproject.toml:5", id="a project that pins"),
    pytest.param({"pyproject.toml": POETRY}, "pyproject.toml:3", id="a bare version is exact to poetry"),
    pytest.param({"environment.yml": CONDA}, "environment.yml:5", id="conda"),
]


def versions(root: Path, files: dict[str, str]) -> Versions:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Versions(Tree(root=root, base=root))


@pytest.mark.parametrize(("files", "place"), SAYS)
def test_a_lock_file_says_the_version(tmp_path: Path, files: dict[str, str], place: str) -> None:
    found = versions(tmp_path, files).of("openai", near="app/llm.py")
    assert found is not None
    assert (found.text, found.span.place) == ("1.109.1", place)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        pytest.param({"requirements.txt": "openai>=1.0\n"}, "gives a range for openai", id="a range"),
        pytest.param({"requirements.txt": "openai==1.*\n"}, "gives a range for openai", id="a prefix"),
        pytest.param({"requirements.txt": "openai~=1.109.1\n"}, "gives a range for openai", id="compatible"),
        pytest.param({"pyproject.toml": POETRY.replace('"1.109', '"^1.109')}, "gives a range", id="a caret"),
        pytest.param({"environment.yml": "dependencies:\n  - openai=1.109\n"}, "", id="conda: any 1.109"),
        pytest.param({"requirements.txt": "openai-agents==0.1.0\n"}, "", id="another package"),
        pytest.param(
            {"uv.lock": UV, "requirements.txt": "openai==1.0.0\n"},
            "said differently: 1.0.0 (requirements.txt:1) and 1.109.1 (uv.lock:10)",
            id="two files that disagree",
        ),
        pytest.param(
            {"uv.lock": UV + '\n[[package]]\nname = "openai"\nversion = "2.0.0"\n'},
            "said differently",
            id="two versions for two platforms",
        ),
    ],
)
def test_what_is_no_single_version_is_none(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    known = versions(tmp_path, files)
    assert known.of("openai", near="llm.py") is None
    assert known("openai", "llm.py") == ""
    assert reason in known.why_not("openai", near="llm.py")


def test_the_nearest_folder_that_says_one_wins(tmp_path: Path) -> None:
    files = {
        "uv.lock": UV,
        "services/old/requirements.txt": "openai==0.28.0\n",
        "services/new/pyproject.toml": '[project]\nname = "new"\ndependencies = ["openai>=1"]\n',
    }
    known = versions(tmp_path, files)
    assert known("openai", "services/old/app/llm.py") == "0.28.0"
    assert known("openai", "services/new/app/llm.py") == "1.109.1"
    assert known("httpx", "services/old/app/llm.py") == "0.28.1"


def test_names_are_compared_as_packages_are(tmp_path: Path) -> None:
    known = versions(tmp_path, {"requirements.txt": "langchain_openai==0.3.1\n"})
    assert known("langchain-openai", "llm.py") == "0.3.1"
    assert known("Langchain.OpenAI", "llm.py") == "0.3.1"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        pytest.param("pyproject.toml", "[project\n", "is not TOML", id="broken TOML"),
        pytest.param("Pipfile.lock", "{", "is not JSON", id="broken JSON"),
        pytest.param("uv.lock", f"{UV}\n<<<<<<< HEAD\n", "a merge that was not finished", id="a merge"),
    ],
)
def test_a_broken_file_is_said_and_decides_nothing(tmp_path: Path, name: str, text: str, said: str) -> None:
    known = versions(tmp_path, {name: text})
    assert known.of("openai", near="llm.py") is None
    (problem,) = known.problems
    assert said in problem.text
    assert problem.span.file == name


def test_nothing_outside_the_root_is_opened(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("openai==1.0.0\n")
    root = tmp_path / "repository"
    root.mkdir()
    (root / "requirements.txt").write_text("-r ../requirements.txt\n-r ../../../etc/passwd\n")
    (root / "poetry.lock").symlink_to(tmp_path / "requirements.txt")
    known = Versions(Tree(root=root, base=root))
    assert known.of("openai", near="llm.py") is None
    assert known.problems == []

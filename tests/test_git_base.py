"""What stands in the way of reading a commit is said with what helps; what can be read is read."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from expectations import Run, run_cli

from budgetcheck.git_base import base_tree

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

NGINX = "server { listen 80; server_name a.example.com; location / { proxy_pass http://app:8000; } }\n"


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")
    command = ["git", *settings, *arguments]
    return subprocess.check_output(
        command, cwd=folder, env=environment, text=True, stderr=subprocess.DEVNULL
    ).strip()


def commit(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "--allow-empty", "-m", "change")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two commits on `main`; the working directory is in it."""
    folder = tmp_path / "repository"
    (folder / "infra").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, nginx__conf=NGINX)
    (folder / "infra" / "notes.txt").write_text("x\n")
    commit(folder)
    monkeypatch.chdir(folder)
    return folder


def refused(*arguments: str) -> str:
    """What a run that could not begin says, in one line."""
    run: Run = run_cli(*arguments)
    assert run.exit_code == 2
    assert run.stdout == ""
    (line,) = run.stderr.splitlines()
    return line.removeprefix("budgetcheck: ")


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("nosuch", "git knows no commit 'nosuch'; where it is a branch of the remote, run {} nosuch`"),
        ("origin/a", "git knows no commit 'origin/a'; where it is a branch of the remote, run {} a`"),
        ("HEAD~9", "git knows no commit 'HEAD~9'"),
        ("0123456789", "git knows no commit '0123456789'"),
        ("HEAD:nginx.conf", "git knows no commit 'HEAD:nginx.conf'"),
        ("main^{tree}", "git knows no commit 'main^{tree}'"),
        ("main..main", "git knows no commit 'main..main'; write the names of two commits as two arguments"),
        ("infra", "git knows no commit 'infra'; it is a directory: name a commit, or two directories"),
        ("-x", "'-x' is no name of a commit"),
        ("--output=x", "'--output=x' is no name of a commit"),
        ("", "'' is no name of a commit"),
        ("$(touch x)\n", "git knows no commit '$(touch x)\\n'"),
        ("\x1b[31m", "git knows no commit '\\x1b[31m'"),
    ],
)  # fmt: skip
def test_no_commit_of_that_name(ref: str, says: str) -> None:
    says = says.format("`git fetch origin") if "{}" in says else says
    assert refused("diff", "--no-config", "--", ref) == says
    assert refused(".", f"--base={ref}", "--no-config") == says


@pytest.mark.usefixtures("repository")
def test_second_directory_that_is_missing() -> None:
    assert refused("diff", "infra/", "nosuch/") == "no such directory: nosuch"


@pytest.mark.parametrize("arguments", [("diff", "HEAD"), (".", "--base", "HEAD")])
def test_no_repository(arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert refused(*arguments) == "this is no repository of git: run it in a clone, or name two directories"


@pytest.mark.usefixtures("repository")
def test_no_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused("diff", "HEAD") == "git is not installed"


def cloned(repository: Path, *options: str) -> Path:
    place = repository.parent / "clone"
    git(repository, "clone", "-q", *options, f"file://{repository}", str(place))
    return place


def test_shallow_clone(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both what is older than the clone, and where two branches part."""
    git(repository, "checkout", "-q", "-b", "feature", "HEAD~1")
    commit(repository, feature__txt="x")
    clone = cloned(repository, "--depth", "1", "--no-single-branch")
    monkeypatch.chdir(clone)
    says = refused("diff", "HEAD~1")
    assert says.startswith("this clone is shallow and does not hold 'HEAD~1': write `fetch-depth: 0`")
    assert "GIT_DEPTH: 0" in says
    assert "git fetch --unshallow" in says
    assert refused("diff", "origin/main...").startswith(
        "this clone is shallow and does not hold the commit that 'origin/main' and 'HEAD' have in common: "
    )
    git(clone, "fetch", "-q", "--unshallow")
    assert run_cli("diff", "origin/main...", "--no-config").exit_code == 0


def test_branches_without_a_common_commit(repository: Path) -> None:
    git(repository, "checkout", "-q", "--orphan", "other")
    commit(repository)
    says = "git knows no commit that 'main' and 'HEAD' have in common"
    assert refused("diff", "main...") == says


def test_partial_clone(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched in passing: the network of a linter is nobody's business."""
    for setting in ("allowFilter", "allowAnySHA1InWant"):
        git(repository, "config", f"uploadpack.{setting}", "true")
    commit(repository, nginx__conf=f"{NGINX}# changed\n")
    monkeypatch.chdir(cloned(repository, "--filter=blob:none"))
    says = "nginx.conf of that commit is not in this clone, which is a partial one:"
    for _ in range(2):
        assert refused("diff", "HEAD~1") == f"{says} run `git fetch --refetch --no-filter`"


def test_picture_that_a_partial_clone_lacks_is_no_hindrance(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    commit(repository, logo__png="p" * 5_000)
    commit(repository, logo__png="q" * 6_000)
    monkeypatch.chdir(cloned(repository, "--filter=blob:limit=4k"))
    assert run_cli("diff", "HEAD~1", "--no-config").stderr == ""


def test_data_that_a_partial_clone_lacks_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    commit(repository, fixtures__json="1" * 5_000)
    commit(repository, fixtures__json="2" * 6_000)
    monkeypatch.chdir(cloned(repository, "--filter=blob:limit=4k"))
    run = run_cli("diff", "HEAD~1", "--no-config")
    assert run.stderr == (
        "budgetcheck: not compared: fixtures.json of that commit is not in this clone, which is a partial"
        " one: run `git fetch --refetch --no-filter`\n"
    )


def test_program_that_a_partial_clone_lacks_is_told(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An executable without a suffix, such as an emulator, is configuration of nobody."""
    git(repository, "config", "uploadpack.allowFilter", "true")
    program = repository / "emulator"
    program.write_text("1" * 5_000)
    program.chmod(0o755)
    commit(repository)
    program.write_text("2" * 6_000)
    commit(repository)
    monkeypatch.chdir(cloned(repository, "--filter=blob:limit=4k"))
    run = run_cli("diff", "HEAD~1", "--no-config")
    assert run.exit_code == 0
    assert run.stderr.startswith("budgetcheck: not compared: emulator of that commit is not in this clone")


def test_large_dockerfile_that_a_partial_clone_lacks_is_refused(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no suffix either, but readers open it."""
    git(repository, "config", "uploadpack.allowFilter", "true")
    commit(repository, Dockerfile="#" * 5_000)
    commit(repository, Dockerfile="#" * 6_000)
    monkeypatch.chdir(cloned(repository, "--filter=blob:limit=4k"))
    assert refused("diff", "HEAD~1").startswith("Dockerfile of that commit is not in this clone")


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


def test_pointer_of_large_file_storage(repository: Path) -> None:
    """Its content where it was fetched; else it is said that a file was not compared."""
    data = f"{NGINX}# large\n".encode()
    digest = hashlib.sha256(data).hexdigest()
    commit(repository, nginx__conf=POINTER.format(digest, len(data)))
    run = run_cli("diff", "HEAD", "--no-config")
    assert run.stderr == (
        "budgetcheck: not compared: nginx.conf is only a pointer of Git LFS in that commit:"
        " run `git lfs fetch` for it\n"
    )
    place = repository / ".git" / "lfs" / "objects" / digest[:2] / digest[2:4]
    place.mkdir(parents=True)
    (place / digest).write_bytes(data)
    with base_tree(repository, "HEAD") as base:
        assert (base.root / "nginx.conf").read_bytes() == data
        assert not base.left_out


def test_submodule(repository: Path) -> None:
    """Its files as the commit has them; without its folder none; without its commit a word about it."""
    library = repository.parent / "library"
    library.mkdir()
    git(library, "init", "-q", "-b", "main")
    commit(library, site__conf=NGINX)
    git(repository, "submodule", "add", "-q", str(library), "library")
    commit(repository)
    (repository / "library" / "site.conf").write_text("changed\n")
    with base_tree(repository, "HEAD") as base:
        assert (base.root / "library" / "site.conf").read_text() == NGINX
        assert not base.left_out
    shutil.move(repository / "library", repository.parent / "away")
    with base_tree(repository, "HEAD") as base:
        assert list((base.root / "library").iterdir()) == []
    git(library.parent, "init", "-q", str(repository / "library"))
    assert run_cli("diff", "HEAD", "--no-config").stderr == (
        "budgetcheck: not compared: library: the commit of this submodule is not in this clone:"
        " run `git fetch` in its folder\n"
    )

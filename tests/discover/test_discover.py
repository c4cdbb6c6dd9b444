"""From paths to source files: roots, names, claims, what is passed over and what is refused."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetcheck import discover as module
from budgetcheck.discover import Discovery, discover
from budgetcheck.tree import MAX_BYTES, UnreadableFileError

NGINX = "server {\n  proxy_read_timeout 30s;\n}\n"
APP = "service: a\nroutes: []\n"
ROOT_USER = os.geteuid() == 0


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Writes files (`{"infra/nginx.conf": text}`) and returns the folder they are below."""

    def write(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path.resolve()

    return write


def sources(found: Discovery) -> list[str]:
    """`reader file`, in the order given."""
    return [f"{reader} {file.name}" for reader, file in found.sources]


def problems(found: Discovery) -> list[str]:
    """`file: text`."""
    return [f"{problem.span.file}: {problem.text}" for problem in found.problems]


def test_each_file_goes_to_one_reader_in_the_order_of_the_table(make: Callable[..., Path]) -> None:
    folder = make(
        {"app.yaml": APP, "b.tf": "", "a.tf": "", "web/site.conf": NGINX, "notes.md": "x", "x.yaml": "a: 1"}
    )
    found = discover([folder], folder)
    assert sources(found) == [
        "nginx web/site.conf",
        "terraform a.tf",
        "terraform b.tf",
        "app-document app.yaml",
    ]
    assert found.problems == ()
    assert [file.name for file in found.claimed_by("terraform")] == ["a.tf", "b.tf"]
    assert found.claimed_by("nginx")[0].head == NGINX


def test_no_path_means_the_working_directory(make: Callable[..., Path]) -> None:
    folder = make({"a.tf": ""})
    assert sources(discover([], folder)) == ["terraform a.tf"]


def test_the_order_of_paths_means_nothing(make: Callable[..., Path]) -> None:
    folder = make({"x/a.tf": "", "y/b.tf": "", "c.tf": ""})
    paths = [Path("x"), Path("y"), Path("c.tf"), Path("x/a.tf")]
    assert discover(paths, folder) == discover(paths[::-1], folder)
    assert len(discover(paths, folder).sources) == 3


# Roots and names


def test_the_root_is_the_repository(make: Callable[..., Path]) -> None:
    folder = make({"repo/.git/HEAD": "", "repo/infra/aws/a.tf": "", "repo/infra/b.tf": ""})
    found = discover([Path("repo/infra/aws")], folder)
    assert found.tree.root == folder / "repo"
    assert found.tree.base == folder
    assert found.config_start == folder / "repo/infra/aws"
    assert sources(found) == ["terraform repo/infra/aws/a.tf"]


def test_a_worktree_is_a_repository_too(make: Callable[..., Path]) -> None:
    folder = make({"repo/.git": "gitdir: elsewhere", "repo/infra/a.tf": ""})
    assert discover([folder / "repo/infra/a.tf"], folder).tree.root == folder / "repo"


def test_without_a_repository_the_given_directory_is_the_root(make: Callable[..., Path]) -> None:
    folder = make({"x/infra/a.tf": ""})
    assert discover([folder / "x"], folder).tree.root == folder / "x"
    assert discover([folder / "x/infra/a.tf"], folder).tree.root == folder / "x/infra"


def test_names_are_relative_to_the_inputs_where_the_working_directory_does_not_hold_them(
    make: Callable[..., Path],
) -> None:
    folder = make({"x/infra/a.tf": "", "x/app/app.yaml": APP, "elsewhere/y": ""})
    found = discover([folder / "x/infra", folder / "x/app"], folder / "elsewhere")
    assert sources(found) == ["terraform infra/a.tf", "app-document app/app.yaml"]
    assert found.config_start == folder / "x"


def test_of_two_repositories_nothing_beside_them_is_opened(make: Callable[..., Path]) -> None:
    folder = make({"a/.git/HEAD": "", "a/a.tf": "", "b/.git/HEAD": "", "b/b.tf": "", "secret.tf": ""})
    found = discover([Path("a"), Path("b")], folder)
    assert found.tree.root == folder
    assert sources(found) == ["terraform a/a.tf", "terraform b/b.tf"]
    assert found.tree.read_text(folder / "b/b.tf") == ""
    with pytest.raises(UnreadableFileError, match="outside the repository"):
        found.tree.read_text(folder / "secret.tf")


# What is passed over


def test_folders_of_tools_are_passed_over(make: Callable[..., Path]) -> None:
    names = [".git", "node_modules", ".venv", "venv", ".terraform", "__pycache__", ".cache"]
    folder = make({**{f"{name}/a.tf": "" for name in names}, ".ebextensions/nginx/x.conf": NGINX})
    assert sources(discover([folder], folder)) == ["beanstalk .ebextensions/nginx/x.conf"]


def test_the_module_manifest_goes_along(make: Callable[..., Path]) -> None:
    folder = make({"a.tf": "", ".terraform/modules/modules.json": "{}", ".terraform/modules/x/main.tf": ""})
    found = discover([folder], folder)
    assert [file.name for file in found.companions] == [".terraform/modules/modules.json"]
    assert [file.name for file in found.files] == [".terraform/modules/modules.json", "a.tf"]


@pytest.mark.parametrize("given", ["node_modules/x/nginx.conf", "node_modules/x", ".venv"])
def test_what_is_given_by_name_is_looked_at(make: Callable[..., Path], given: str) -> None:
    folder = make({"node_modules/x/nginx.conf": NGINX, ".venv/nginx.conf": NGINX})
    assert len(discover([folder / given], folder).sources) == 1


def test_large_and_binary_files_in_directories_are_no_news(make: Callable[..., Path]) -> None:
    folder = make({"data": b"\0" * 10, "big.yaml": b"a" * (MAX_BYTES + 1)})
    found = discover([folder], folder)
    assert (found.sources, found.problems) == ((), ())


def test_but_a_file_that_is_ours_by_its_name_is(make: Callable[..., Path]) -> None:
    folder = make({"nginx.conf": b"\0" * 10})
    assert problems(discover([folder], folder)) == ["nginx.conf: is a binary file"]


def test_a_walk_ends(make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    folder = make({f"{n}.tf": "" for n in range(5)})
    assert "the rest is not looked at" in problems(discover([folder], folder))[0]


# What is refused


def test_missing_paths_are_named_as_written(make: Callable[..., Path]) -> None:
    folder = make({"a.tf": ""})
    found = discover([Path("nope/x.tf"), Path("a.tf"), Path("a\0b")], folder)
    assert found.missing == ("nope/x.tf", "a\0b")
    assert sources(found) == ["terraform a.tf"]
    assert discover([Path("nope")], folder).config_start == folder


@pytest.mark.parametrize(
    ("name", "content", "text", "fix"),
    [
        ("values.yaml", "a: 1", "is an ordinary settings file", "bindings"),
        ("settings.toml", "", "is an ordinary settings file", "bindings"),
        ("app.yaml", "runtime: python312\nservice: x\n", "Google App Engine", "app document"),
        ("README.md", "x", "is of no kind that is understood", "nginx, Terraform"),
        ("logo.png", b"\0PNG", "is a binary file", ""),
        ("big.yaml", b"a" * (MAX_BYTES + 1), "is larger than 8 MiB", ""),
    ],
)
def test_given_files_nobody_reads(
    make: Callable[..., Path], name: str, content: str | bytes, text: str, fix: str
) -> None:
    folder = make({name: content})
    (problem,) = discover([Path(name)], folder).problems
    assert problem.span.file == name
    assert text in problem.text
    assert fix in problem.fix


@pytest.mark.parametrize("name", ["budgetcheck.yaml", "pyproject.toml", ".env.prod", "values-prod.yaml"])
def test_given_files_that_have_another_use(make: Callable[..., Path], name: str) -> None:
    folder = make({name: ""})
    assert discover([Path(name)], folder).problems == ()


def test_a_pipe_is_refused_when_given_and_passed_over_otherwise(make: Callable[..., Path]) -> None:
    folder = make({"a.tf": ""})
    os.mkfifo(folder / "nginx.conf")
    assert problems(discover([folder / "nginx.conf"], folder)) == ["nginx.conf: is not a regular file"]
    assert problems(discover([folder], folder)) == []


@pytest.mark.skipif(ROOT_USER, reason="root may read everything")
def test_permissions(make: Callable[..., Path]) -> None:
    folder = make({"locked/a.tf": "", "nginx.conf": NGINX, "b.tf": ""})
    (folder / "locked").chmod(0)
    (folder / "nginx.conf").chmod(0)
    try:
        found = discover([folder], folder)
    finally:
        (folder / "locked").chmod(0o755)
    assert problems(found) == [
        "locked: the directory cannot be read: permission denied",
        "nginx.conf: cannot be opened: permission denied",
    ]
    assert sources(found) == ["terraform b.tf"]


def test_a_directory_that_cannot_be_read_does_not_end_the_walk(
    make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make({"locked/a.tf": "", "open/b.tf": ""})
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = discover([folder], folder)
    assert problems(found) == ["locked: the directory cannot be read: permission denied"]
    assert sources(found) == ["terraform open/b.tf"]


def test_a_path_in_a_closed_directory_is_not_called_missing(
    make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make({"locked/a.tf": "", "b.tf": ""})
    stat = Path.stat

    def refuse(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if "locked" in path.parts:
            raise PermissionError(13, "Permission denied")
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", refuse)
    found = discover([Path("locked/a.tf"), Path("b.tf")], folder)
    assert found.missing == ()
    assert problems(found) == ["locked/a.tf: cannot be looked at: permission denied"]
    assert sources(found) == ["terraform b.tf"]


# Links


def test_links_inside_are_followed_once(make: Callable[..., Path]) -> None:
    folder = make({"real/a.tf": "", "real/deep/b.tf": ""})
    (folder / "all").symlink_to(folder / "real")
    (folder / "real/deep/up").symlink_to(folder)
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "again.tf").symlink_to(folder / "real/a.tf")
    assert sources(discover([folder], folder)) == ["terraform real/a.tf", "terraform real/deep/b.tf"]


def test_a_link_is_followed_where_its_target_is_not_among_the_inputs(make: Callable[..., Path]) -> None:
    folder = make({".git/HEAD": "", "shared/a.tf": "", "infra/b.tf": ""})
    (folder / "infra/common").symlink_to(folder / "shared")
    found = discover([Path("infra")], folder)
    assert sources(found) == ["terraform infra/b.tf", "terraform infra/common/a.tf"]


def test_links_that_leave_the_root_are_not_followed(make: Callable[..., Path]) -> None:
    folder = make({"outside/a.tf": "", "outside/nginx.conf": NGINX, "repo/.git/HEAD": ""})
    (folder / "repo/out").symlink_to(folder / "outside")
    (folder / "repo/nginx.conf").symlink_to(folder / "outside/nginx.conf")
    (folder / "repo/data.yaml").symlink_to(folder / "outside/a.tf")
    found = discover([Path("repo")], folder)
    assert found.sources == ()
    assert problems(found) == ["repo/nginx.conf: lies outside the repository and is not opened"]


def test_a_given_link_keeps_its_name(make: Callable[..., Path]) -> None:
    folder = make({"releases/7/a.tf": ""})
    (folder / "current").symlink_to(folder / "releases/7")
    assert sources(discover([Path("current")], folder)) == ["terraform current/a.tf"]


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arena").resolve()


@given(
    st.sampled_from(["nginx.conf", "app.yaml", "x.tf", "x.yaml", "Dockerfile", ".env.prod", "a.bin"]),
    st.binary(max_size=120),
)
@settings(max_examples=100, deadline=None)
def test_any_content_is_answered(arena: Path, name: str, content: bytes) -> None:
    (arena / name).write_bytes(content)
    found = discover([arena / name], arena)
    assert len(found.sources) + len(found.companions) + len(found.problems) >= 1
    (arena / name).unlink()


def test_a_name_that_is_no_text_is_printable(make: Callable[..., Path]) -> None:
    folder = make({"a.tf": ""})
    with open(os.fsencode(str(folder)) + b"/\xff.tf", "wb"):  # noqa: PTH123 - a path of bytes
        pass
    for _, file in discover([folder], folder).sources:
        file.name.encode("utf-8")


# Files that are not on disk


def virtual(folder: Path, name: str, content: bytes, *others: str) -> Discovery:
    """What is found with a file of that name given beside other paths."""
    paths = [Path(name), *map(Path, others)]
    return discover(paths, folder, {Path(name): content})


def test_a_virtual_file_is_claimed_and_read_like_any_other(make: Callable[..., Path]) -> None:
    folder = make({"x/a.tf": ""})
    found = virtual(folder, "stdin.conf", NGINX.encode(), "x")
    assert sources(found) == ["nginx stdin.conf", "terraform x/a.tf"]
    [file] = found.claimed_by("nginx")
    assert file.head == NGINX
    assert found.tree.read_text(file.path) == NGINX
    assert not (folder / "stdin.conf").exists()
    assert found.config_start == folder


def test_a_virtual_file_belongs_to_the_repository_of_its_folder(make: Callable[..., Path]) -> None:
    folder = make({"repo/.git/HEAD": "", "repo/web/x": ""})
    found = virtual(folder, "repo/web/nginx.conf", NGINX.encode())
    assert (found.tree.root, found.tree.base) == (folder / "repo", folder)
    assert found.config_start == folder / "repo/web"


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_virtual_file_hides_what_is_on_disk_at_its_place(make: Callable[..., Path], kind: str) -> None:
    folder = make({"real.conf": "server { listen 1; }"})
    if kind == "file":
        (folder / "real.conf").rename(folder / "nginx.conf")
    else:
        (folder / "nginx.conf").symlink_to("real.conf")
    found = virtual(folder, "nginx.conf", NGINX.encode(), ".")
    assert [file.head for file in found.files if file.name == "nginx.conf"] == [NGINX]


def test_a_virtual_file_is_bounded_like_any_other(make: Callable[..., Path]) -> None:
    folder = make({})
    assert problems(virtual(folder, "a.conf", b"#" * (MAX_BYTES + 1))) == ["a.conf: is larger than 8 MiB"]
    assert problems(virtual(folder, "a.conf", b"\0")) == ["a.conf: is a binary file"]


def test_only_the_given_path_is_virtual(make: Callable[..., Path]) -> None:
    folder = make({"a.tf": ""})
    found = discover([Path("a.tf"), Path("b.tf")], folder, {Path("c.tf"): b""})
    assert sources(found) == ["terraform a.tf"]
    assert found.missing == ("b.tf",)

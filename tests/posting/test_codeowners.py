"""GitHub's rules for CODEOWNERS, the documented examples first."""

import time
from pathlib import Path

import pytest

from budgetcheck.codeowners import Owners, load_owners, parse
from budgetcheck.tree import Tree

CASES = [
    ("everything", "* @org/all", "a/b.c", "@org/all"),
    ("last match wins", "* @org/all\n*.conf @org/web", "infra/nginx.conf", "@org/web"),
    ("an earlier, nearer pattern loses", "*.conf @org/web\n* @org/all", "infra/nginx.conf", "@org/all"),
    ("a suffix at any depth", "*.tf @org/infra", "a/b/c/main.tf", "@org/infra"),
    ("a folder at the root, all below it", "/infra/ @org/infra", "infra/a/b.tf", "@org/infra"),
    ("a folder at the root only", "/infra/ @org/infra", "x/infra/b.tf", ""),
    ("a folder anywhere", "infra/ @org/infra", "x/infra/b.tf", "@org/infra"),
    ("a folder's pattern is no file", "infra/ @org/infra", "infra", ""),
    ("files directly in a folder", "docs/* a@example.com", "docs/getting.md", "a@example.com"),
    ("but not deeper ones", "docs/* a@example.com", "docs/build/x.md", ""),
    ("a slash within anchors", "docs/a @org/docs", "x/docs/a", ""),
    ("two stars in front", "**/logs @org/ops", "build/logs/x", "@org/ops"),
    ("two stars within", "/a/**/z.tf @org/z", "a/b/c/z.tf", "@org/z"),
    ("two stars stand for nothing too", "/a/**/z.tf @org/z", "a/z.tf", "@org/z"),
    ("no owners take ownership away", "/apps/ @org/a\n/apps/github", "apps/github/x", ""),
    ("several owners", "* @a @org/b c@example.com", "x", "@a @org/b c@example.com"),
    ("a comment behind", "*.js @js # why", "x.js", "@js"),
    ("a comment line", "# * @a", "x", ""),
    ("an escaped blank", r"/my\ files/ @a", "my files/x", "@a"),
    ("case counts", "/Infra/ @a", "infra/x", ""),
    ("no negation", "* @a\n!x @b", "x", "@a"),
    ("no ranges", "* @a\n[a-z] @b", "x", "@a"),
    ("a line with a wrong owner is skipped", "* @a\n* nobody", "x", "@a"),
    ("a section of another host is skipped", "[Infra] @x\n* @a", "x", "@a"),
    ("a question mark is one character", "a?.tf @a", "ab.tf", "@a"),
    ("nothing above the root", "* @a", "../x", ""),
]


@pytest.mark.parametrize(("text", "path", "owners"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_owner_of_a_path(text: str, path: str, owners: str) -> None:
    assert " ".join(parse(text).of(path)) == owners


def tree(root: Path) -> Tree:
    return Tree(root=root, base=root)


def test_first_place_counts(tmp_path: Path) -> None:
    for folder, owner in (("docs", "@docs"), (".", "@root"), (".github", "@hidden")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "CODEOWNERS").write_text(f"* {owner}\n")
        assert load_owners(tree(tmp_path)).of("x") == (owner,)


def test_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("* @secret\n")
    root = tmp_path / "root"
    root.mkdir()
    (root / "CODEOWNERS").symlink_to(tmp_path / "outside")
    assert load_owners(tree(root)) == Owners()


def test_none_without_a_file(tmp_path: Path) -> None:
    assert load_owners(tree(tmp_path)).table({"a": "a"}) == {}


def test_hostile_patterns_take_no_time() -> None:
    text = "\n".join(["*a" * 500 + "b @a", "**/" * 60 + "x @a"] * 50)
    started = time.process_time()
    assert parse(text).of("/".join(["a" * 200] * 20)) == ()
    assert time.process_time() - started < 10

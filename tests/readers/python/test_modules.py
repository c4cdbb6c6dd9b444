"""Modules of a project: which file an import means, and files that are no Python."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetcheck.readers.python.modules import Project
from budgetcheck.tree import SourceFile, Tree

from .evaluated import project, shown, value


def found(folder: Path, files: dict[str, str | bytes]) -> Project:
    return project(folder, files).project


def answers(files: list[str], importer: str, line: str, tmp_path: Path) -> str:
    """The file that gives the name `x`, or what it is outside."""
    texts = {name: f"x = {name!r}\n" for name in files}
    got = value(tmp_path, {**texts, importer: f"{line}\ny = x\n"}, "y", importer)
    return str(shown(got))


@pytest.mark.parametrize(
    ("files", "importer", "line", "expected"),
    [
        pytest.param(
            ["app/a.py", "app/__init__.py"], "app/m.py", "from app.a import x", "app/a.py", id="absolute"
        ),
        pytest.param(
            ["app/a.py", "app/__init__.py"], "app/m.py", "from .a import x", "app/a.py", id="relative"
        ),
        pytest.param(
            ["app/a.py", "app/b/__init__.py"], "app/b/m.py", "from ..a import x", "app/a.py", id="two up"
        ),
        pytest.param(["app/a.py"], "app/b/m.py", "from app.a import x", "app/a.py", id="no __init__.py"),
        pytest.param(["src/app/a.py"], "src/app/m.py", "from app.a import x", "src/app/a.py", id="src"),
        pytest.param(
            ["src/app/a.py"], "main.py", "from app.a import x", "src/app/a.py", id="src, from its parent"
        ),
        pytest.param(
            ["backend/app/a.py"], "backend/app/m.py", "from app.a import x", "backend/app/a.py", id="backend"
        ),
        pytest.param(
            ["a/shared/u.py", "b/shared/u.py"],
            "b/m.py",
            "from shared.u import x",
            "b/shared/u.py",
            id="the nearest",
        ),
        pytest.param(
            ["libs/common/src/common/u.py", "libs/common/src/common/__init__.py"],
            "services/api/app/m.py",
            "from common.u import x",
            "libs/common/src/common/u.py",
            id="a library of the repository",
        ),
        pytest.param(
            ["one/p/u.py", "two/p/u.py"], "three/m.py", "from p.u import x", "p.u.x", id="nobody knows which"
        ),
        pytest.param(
            ["other/util.py"], "app/m.py", "from util import x", "util.x", id="a script of somebody else"
        ),
        pytest.param(
            ["app/json.py"], "app/m.py", "from json import x", "json.x", id="the standard library goes first"
        ),
        pytest.param(
            ["app/lib.py"], "app/m.py", "from lib import x", "lib.x", id="a client library goes first"
        ),
        pytest.param(
            ["app/lib.py"], "app/m.py", "from .lib import x", "app/lib.py", id="but not where it is relative"
        ),
        pytest.param(
            ["p/__init__.py", "p/u.py"], "p/sub/m.py", "from u import x", "u.x", id="a package is no root"
        ),
        pytest.param(["p/u.py"], "p/m.py", "import p.u\nx = p.u.x", "p/u.py", id="dotted, no __init__.py"),
        pytest.param(["p/u.py"], "p/m.py", "import p.u as q\nx = q.x", "p/u.py", id="dotted with an alias"),
        pytest.param(["p/u.py"], "p/m.py", "from p import u\nx = u.x", "p/u.py", id="module of a namespace"),
        pytest.param(["p/q/u.py"], "m.py", "import p.q.u\nx = p.q.u.x", "p/q/u.py", id="deep namespace"),
    ],
)
def test_import_means(files: list[str], importer: str, line: str, expected: str, tmp_path: Path) -> None:
    assert answers(files, importer, line, tmp_path) == expected


def test_names_that_are_passed_on(tmp_path: Path) -> None:
    files = {
        "p/__init__.py": "from .a import x as y\nfrom .b import *\n",
        "p/a.py": "from .c import x\n",
        "p/b.py": "_hidden = 1\nz = 2\nfrom .c import w\n",
        "p/c.py": "x = 20\nw = 3\n",
        "m.py": "import p\nx = p.y + p.z + p.w\nh = p._hidden\n",
    }
    assert shown(value(tmp_path, files, "x", "m.py")) == 25
    assert value(tmp_path, files, "h", "m.py") is None


def test_only_what_is_asked_for_is_parsed(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.py": "import lib\n",
        "b.py": "this is no Python\n",
        "c.py": "from lib.x import y\n",
    }
    looking = found(tmp_path, files)
    assert [file.name for file in looking.importing(["lib"])] == ["a.py", "c.py"]
    assert not looking.problems
    assert looking.module("b.py") is None
    assert looking.module("b.py") is None
    assert [(one.span.place, bool(one.fix)) for one in looking.problems] == [("b.py:1", True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("import lib", True, id="plain"),
        pytest.param("import os, lib as l", True, id="among others"),
        pytest.param("import os; import lib", True, id="after a semicolon"),
        pytest.param("def f():\n\tfrom lib.sub import a", True, id="inside a function"),
        pytest.param("try:\n    import lib\nexcept ImportError: pass", True, id="in try"),
        pytest.param("\ufefffrom lib import a", True, id="after a byte order mark"),
        pytest.param("import library", False, id="a longer name"),
        pytest.param("# import lib", False, id="a comment"),
        pytest.param("from os import lib_path", False, id="part of a name"),
        pytest.param("x = 'lib'", False, id="a text"),
    ],
)
def test_files_that_import_a_package(text: str, expected: bool, tmp_path: Path) -> None:
    assert bool(found(tmp_path, {"a.py": text}).importing(["lib"])) is expected


def test_package_with_a_dot(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.py": "from google import genai\n",
        "b.py": "from google.cloud import x\n",
    }
    assert [file.name for file in found(tmp_path, files).importing(["google.genai"])] == ["a.py"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("x = 'ü'".encode(), "ü", id="UTF-8"),
        pytest.param(b"\xef\xbb\xbfx = 1", 1, id="byte order mark"),
        pytest.param("# -*- coding: latin-1 -*-\nx = 'ü'".encode("latin-1"), "ü", id="another encoding"),
        pytest.param(b"# coding: no-such-thing\nx = 1", 1, id="an encoding that does not exist"),
        pytest.param(b"x = 1\r\ny = 2\r\n", 1, id="line ends of Windows"),
        pytest.param(b"x = '\\d'\n", "\\d", id="an escape that is none"),
    ],
)
def test_encodings(content: bytes, expected: object, tmp_path: Path) -> None:
    assert shown(value(tmp_path, {"main.py": content})) == expected  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        pytest.param(b"x = (", "main.py:1", id="unfinished"),
        pytest.param(b"y = 1\nprint 'x'", "main.py:2", id="Python 2"),
        pytest.param(b"x = {{ cookiecutter.name }}\n{% if %}", "main.py:2", id="a template"),
        pytest.param(b"x = '\0'" + b"\0" * 9, "main.py", id="binary"),
        pytest.param(b"y = 1\n" + b"(" * 5_000 + b")" * 5_000, "main.py:2", id="parentheses"),
        pytest.param(b"x = " + b"-" * 50_000 + b"1", "main.py:1", id="signs"),
        pytest.param(b"x = " + b"[" * 150 + b"]" * 150 + b" + 1" * 400, "main.py:1", id="deep and long"),
        pytest.param(b"if a:\n    x\n" + b"elif a:\n    x\n" * 3_000, "main.py:1", id="many branches"),
        pytest.param(b"x = 1\n" * 400_000, "main.py", id="too long"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_place(content: bytes, place: str, tmp_path: Path) -> None:
    looking = found(tmp_path, {"main.py": content})
    assert looking.module("main.py") is None
    (problem,) = looking.problems
    assert problem.span.place == place


def test_nothing_outside_the_root_is_opened(tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text("x = 1")
    inner = tmp_path / "in"
    inner.mkdir()
    (inner / "link.py").symlink_to(tmp_path / "outside.py")
    tree = Tree(root=inner.resolve(), base=inner.resolve())
    looking = Project(tree, [SourceFile(name="link.py", path=inner / "link.py")])
    assert not looking.importing(["x"])
    assert looking.module("link.py") is None
    assert len(looking.problems) == 1


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="replace")))
def test_any_content_is_read_or_is_a_problem(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    looking = found(folder, {"main.py": content})
    looking.importing(["lib"])
    assert (looking.module("main.py") is None) is bool(looking.problems)


@given(
    contents=st.lists(st.text(alphabet="ab\n", max_size=6), max_size=6),
    words=st.lists(st.text(alphabet="ab", min_size=1, max_size=3), max_size=3),
)
def test_files_that_mention_a_word(
    tmp_path_factory: pytest.TempPathFactory, contents: list[str], words: list[str]
) -> None:
    """Also where a word would begin in one file and end in the next."""
    files: dict[str, str | bytes] = {f"m{number}.py": text for number, text in enumerate(contents)}
    looking = found(tmp_path_factory.mktemp("words"), files)
    expected = [name for name, text in files.items() if any(word in str(text) for word in words)]
    assert [file.name for file in looking.mentioning(words)] == expected


def test_files_beyond_what_is_kept_are_looked_through_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budgetcheck.readers.python.contents._MOST_KEPT", 12)
    looking = found(tmp_path, {"a.py": "import a\n", "b.py": "import lib\n", "c.py": "import lib\n"})
    assert [file.name for file in looking.mentioning(["lib"])] == ["b.py", "c.py"]
    assert [file.name for file in looking.importing(["lib"])] == ["b.py", "c.py"]

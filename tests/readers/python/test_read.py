"""The reader as a whole: which files it takes, what it says without handlers, and input that is no Python."""

from pathlib import Path

import pytest

from budgetcheck.readers.claims import is_python
from budgetcheck.tree import SourceFile

from .code_files import CLIENTS, handlers, read_project, shown

NAMES = {
    "app/main.py": True,
    "tests/test_main.py": False,
    "app/test_main.py": False,
    "app/main_test.py": False,
    "shop/migrations/0001_initial.py": False,
    "vendor/lib/client.py": False,
    "app/service_pb2_grpc.py": False,
    "conftest.py": False,
    "_integration-test/checks/ca-test.py": False,
    "contest/main.py": True,
    "app/contest.py": True,
    "app/latest.py": True,
    "main.pyi": False,
}


@pytest.mark.parametrize(("name", "taken"), NAMES.items())
def test_which_files_are_read(name: str, taken: bool, tmp_path: Path) -> None:
    assert is_python(SourceFile(name=name, path=tmp_path / name)) is taken


def test_a_file_that_is_given_by_name_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    assert is_python(SourceFile(name="tests/test_main.py", path=tmp_path, given=True))


def test_folders_above_the_given_one_do_not_count(tmp_path: Path) -> None:
    assert is_python(SourceFile(name="tests/app/main.py", path=tmp_path, below="app/main.py"))


def test_without_handlers_the_outermost_functions_are_shown(tmp_path: Path) -> None:
    code = CLIENTS + "async def chat():\n    await ask()\n    fetch()\n\ndef idle():\n    return 1\n"
    found = handlers(read_project(tmp_path, {"main.py": code}))
    assert {name: shown(one.work) for name, one in found.items()} == {"main.py:chat": "(openai ; requests)"}
    assert found["main.py:chat"].front.paths == ()


def test_calls_that_no_handler_makes_are_left_out(tmp_path: Path) -> None:
    code = (
        CLIENTS + "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\nasync def f():\n    fetch()\n"
    )
    reading = read_project(tmp_path, {"main.py": code})
    assert {one.component for one in reading.declarations} == {"python", "requests"}


def test_files_without_anything_of_interest_give_nothing(tmp_path: Path) -> None:
    reading = read_project(tmp_path, {"main.py": "import os\nprint(os.name)\n"})
    assert (reading.declarations, reading.problems, reading.recognised) == ((), (), ())


BROKEN = {
    "no Python": "import fastapi\ndef f(:\n",
    "Python 2": "import requests\nprint 'x'\n",
    "a NUL character": "import requests\n\0\n",
    "deep nesting": "import requests\nx = " + "(" * 2_000 + ")" * 2_000 + "\n",
    "a long chain": "import requests\nx = requests" + ".get('u')" * 3_000 + "\n",
    "a long sum": "import requests\nx = " + " + ".join(["1"] * 20_000) + "\n",
    "an import of itself": "import main\nimport requests\nfrom main import *\ndef f():\n"
    "    main.f()\n    requests.get('u')\n",
    "names in a circle": "import requests\na = b\nb = a\ndef f():\n"
    "    return a.get(requests.get('u', timeout=b))\n",
    "a class that is its own base": "import requests\nclass A(A):\n    x = A\ndef f():\n    A().x.y()\n"
    "    requests.get('u')\n",
    "decorated by itself": "import requests\n@f\ndef f():\n    requests.get('u')\n",
    "functions that call one another": (
        "import requests\ndef f():\n    g()\n    requests.get('u')\ndef g():\n    f()\n    f()\n"
    ),
}


@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in BROKEN.items()])
def test_odd_input_is_survived(code: str, tmp_path: Path) -> None:
    good = CLIENTS + "async def chat():\n    await ask()\n"
    reading = read_project(tmp_path, {"main.py": code, "good.py": good})
    assert "good.py:chat" in handlers(reading)
    assert all(problem.span.file == "main.py" for problem in reading.problems)


def test_a_problem_of_syntax_has_a_place(tmp_path: Path) -> None:
    (problem,) = read_project(tmp_path, {"main.py": "import requests\ndef f(:\n    pass\n"}).problems
    assert (problem.span.file, problem.span.line) == ("main.py", 2)
    assert problem.fix


def test_many_branches_do_not_multiply(tmp_path: Path) -> None:
    levels = "".join(
        f"def f{number}(x):\n    if x:\n        f{number + 1}(1)\n    else:\n        f{number + 1}(x)\n"
        f"    f{number + 1}(2)\n"
        for number in range(14)
    )
    code = f"import requests\n{levels}def f14(x):\n    requests.get('u')\n"
    (found,) = handlers(read_project(tmp_path, {"main.py": code})).values()
    assert "calls" in found.trait("unfollowed")


def test_the_same_reading_each_time(tmp_path: Path) -> None:
    code = CLIENTS + "async def a():\n    await ask()\nasync def b():\n    fetch()\n"
    assert read_project(tmp_path, {"main.py": code}) == read_project(tmp_path, {"main.py": code})


def test_files_of_a_newer_python_are_one_problem(tmp_path: Path) -> None:
    """A service written for the next Python is told so once, with the names of the files."""
    texts = {f"app/part{n}.py": "import httpx\nhttpx.get(f'{a !}')\n" for n in range(3)}
    found = read_project(tmp_path, texts)
    (problem,) = found.problems
    assert problem.span.file == "app/part0.py"
    assert problem.text.endswith("(and 2 more of these files: app/part1.py, app/part2.py)")

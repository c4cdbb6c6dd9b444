"""What the statements and expressions of a function do, in which order; calls are `openai` and `requests`."""

from pathlib import Path

import pytest

from .code_files import CLIENTS, handlers, read_project, work_of


def of(body: str, *, head: str = "async def f(xs, a=None, b=None):") -> str:
    lines = body.strip("\n").splitlines()
    return head + "\n" + "".join(f"    {line}\n" for line in lines)


IN_ORDER = {
    "one after the other": ("await ask()\nfetch()", "(openai ; requests)"),
    "arguments come before the call": ("await ask(fetch())", "(requests ; openai)"),
    "a receiver comes before its method": ("fetch().json()\nawait ask()", "(requests ; openai)"),
    "both sides of `or` may be asked": ("return fetch() or fetch()", "(requests ; requests)"),
    "a conditional expression is one of two": ("return await ask() if a else fetch()", "(openai | requests)"),
    "inside texts": ("return f'{fetch()}'", "requests"),
    "a walrus": ("if (r := fetch()):\n    await ask()", "(requests ; openai)"),
    "a coroutine that nobody awaits does nothing": ("ask()\nfetch()", "requests"),
}
BRANCHES = {
    "either branch": ("if a:\n    await ask()\nelse:\n    fetch()", "(openai | requests)"),
    "a branch that returns takes nothing of the rest": (
        "if a:\n    return await ask()\nfetch()",
        "(requests | openai)",
    ),
    "a guard that returns early is never the longest way": ("if a:\n    return None\nfetch()", "requests"),
    "an early return after a call that all ways make": (
        "fetch()\nif a:\n    return 1\nawait ask()",
        "(requests ; openai)",
    ),
    "an early return deep inside": (
        "if a:\n    if b:\n        return await ask()\n    fetch()\nfetch()",
        "((requests ; requests) | openai)",
    ),
    "what stands behind a return never runs": ("return await ask()\nfetch()", "openai"),
    "cases of a match": (
        "match a:\n    case 1:\n        await ask()\n    case _:\n        fetch()",
        "(openai | requests)",
    ),
}
FAILURES = {
    "a fallback after a failure adds up": (
        "try:\n    await ask()\nexcept Exception:\n    fetch()",
        "(openai ; requests)",
    ),
    "a handler without calls adds nothing": ("try:\n    fetch()\nexcept Exception:\n    pass", "requests"),
    "handlers exclude one another": (
        "try:\n    fetch()\nexcept OSError:\n    await ask()\nexcept ValueError:\n    fetch()",
        "((requests ; openai) | (requests ; requests))",
    ),
    "else follows success only": (
        "try:\n    fetch()\nexcept OSError:\n    return None\nelse:\n    await ask()",
        "(requests ; openai)",
    ),
    "finally comes after everything": (
        "try:\n    return await ask()\nfinally:\n    fetch()",
        "(openai ; requests)",
    ),
    "a fallback that returns takes nothing of the rest": (
        "try:\n    fetch()\nexcept OSError:\n    return await ask()\nfetch()\nfetch()",
        "((requests ; requests ; requests) | (requests ; openai))",
    ),
}
LOOPS = {
    "an unknown number of rounds": ("for x in xs:\n    fetch(x)", "1..*requests"),
    "as many as there are": ("for x in ('a', 'b', 'c'):\n    fetch(x)", "3*requests"),
    "a range": ("for x in range(1, 5):\n    fetch(x)", "4*requests"),
    "enumerate changes nothing": ("for i, x in enumerate(['a', 'b']):\n    fetch(x)", "2*requests"),
    "loops multiply": ("for x in range(2):\n    for y in range(3):\n        fetch()", "2*3*requests"),
    "a comprehension": ("return [fetch(x) for x in xs]", "1..*requests"),
    "awaits in a comprehension come one after the other": (
        "return [await ask(x) for x in range(3)]",
        "3*openai",
    ),
    "what gives the things comes once": ("for x in fetch():\n    await ask(x)", "(requests ; 1..*openai)"),
    "a way that leaves the loop is taken once": (
        "for x in xs:\n    if x:\n        return await ask()",
        "openai",
    ),
    "rounds before the one that leaves": (
        "for x in range(3):\n    fetch()\n    if x:\n        return await ask()",
        "(3*requests | (2*requests ; requests ; openai))",
    ),
    "polling has no known number of rounds": (
        "while a != 'done':\n    await asyncio.sleep(1)\n    a = fetch()",
        "1..*requests",
    ),
    "nothing comes after an endless loop without a break": (
        "while True:\n    fetch()\nawait ask()",
        "1..*requests",
    ),
    "an empty collection": ("for x in ():\n    fetch()", ""),
}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(*case, id=name)
        for table in (IN_ORDER, BRANCHES, FAILURES, LOOPS)
        for name, case in table.items()
    ],
)
def test_a_body_does(body: str, expected: str, tmp_path: Path) -> None:
    assert work_of(tmp_path, of(body)) == expected


TOGETHER = {
    "gather": (
        "await asyncio.gather(ask(), ask(), asyncio.to_thread(fetch))",
        "(openai || openai || requests)",
    ),
    "gather of a list": ("await asyncio.gather(*[ask(x) for x in range(3)])", "(openai || openai || openai)"),
    "gather of an unknown number takes as long as one": (
        "await asyncio.gather(*(ask(x) for x in xs))",
        "openai",
    ),
    "a task group": (
        (
            "async with asyncio.TaskGroup() as group:\n"
            "    group.create_task(ask())\n    group.create_task(ask())\nfetch()"
        ),
        "((openai || openai) ; requests)",
    ),
    "work beside a task": (
        "task = asyncio.create_task(ask())\nfetch()\nawait task",
        "(requests || openai)",
    ),
    "work before a task is no part of it": (
        "fetch()\ntask = asyncio.create_task(ask())\nfetch()\nawait task",
        "(requests ; (requests || openai))",
    ),
    "tasks in a list": (
        "tasks = [asyncio.create_task(ask(x)) for x in xs]\nawait asyncio.gather(*tasks)",
        "openai",
    ),
    "tasks that are appended": (
        (
            "tasks = []\nfor x in xs:\n"
            "    tasks.append(asyncio.create_task(ask(x)))\n"
            "await asyncio.gather(*tasks)"
        ),
        "openai",
    ),
    "wait_for stands round its coroutine": ("await asyncio.wait_for(ask(), timeout=3)", "asyncio[openai]"),
    "a thread pool with submit": (
        (
            "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor() as pool:\n"
            "    first = pool.submit(fetch, 'a')\n    second = pool.submit(fetch, 'b')"
        ),
        "(requests || requests)",
    ),
    "a coroutine kept in a variable runs when it is awaited": (
        "later = ask()\nfetch()\nawait later",
        "(requests ; openai)",
    ),
}


@pytest.mark.parametrize(
    ("body", "expected"), [pytest.param(*case, id=name) for name, case in TOGETHER.items()]
)
def test_at_the_same_time(body: str, expected: str, tmp_path: Path) -> None:
    assert work_of(tmp_path, of(body)) == expected


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("asyncio.create_task(ask())\nfetch()", id="a task that nobody keeps"),
        pytest.param("task = asyncio.create_task(ask())\nfetch()", id="a task that is kept and not awaited"),
        pytest.param(
            "tasks = set()\ntask = asyncio.create_task(ask())\ntasks.add(task)\n"
            "task.add_done_callback(tasks.discard)\nfetch()",
            id="a task that is only kept alive",
        ),
    ],
)
def test_what_runs_in_the_background_is_said_and_not_counted(body: str, tmp_path: Path) -> None:
    found = handlers(read_project(tmp_path, {"main.py": CLIENTS + of(body)}))["main.py:f"]
    assert "is not waited for" in found.trait("unfollowed")
    assert work_of(tmp_path, of(body)) == "requests"


FUNCTIONS = {
    "a lambda that is called elsewhere does nothing here": ("g = lambda: fetch()\nawait ask()", "openai"),
    "a nested function runs when it is called": (
        "def inner():\n    return fetch()\nawait ask()\ninner()",
        "(openai ; requests)",
    ),
    "a function given to a thread": ("await asyncio.to_thread(fetch, 'u')", "requests"),
    "an executor of the loop": (
        "loop = asyncio.get_running_loop()\nawait loop.run_in_executor(None, fetch, 'u')",
        "requests",
    ),
    "a lambda given to a thread": ("await asyncio.to_thread(lambda: fetch())", "requests"),
    "partial": (
        "from functools import partial\nawait asyncio.to_thread(partial(fetch, 'u'))",
        "requests",
    ),
    "a function that only calls itself ends somewhere": ("return await again(3)", "openai"),
}
AGAIN = """
async def again(n):
    await ask()
    return await again(n - 1)
"""


@pytest.mark.parametrize(
    ("body", "expected"), [pytest.param(*case, id=name) for name, case in FUNCTIONS.items()]
)
def test_functions_of_the_project(body: str, expected: str, tmp_path: Path) -> None:
    assert work_of(tmp_path, AGAIN + of(body)) == expected


def test_methods_and_other_modules(tmp_path: Path) -> None:
    files = {
        "app/clients.py": (
            "import requests\n\n\nclass Catalogue:\n    def __init__(self, timeout):\n"
            "        self.timeout = timeout\n\n    def get(self, path):\n"
            "        return requests.get(path, timeout=self.timeout)\n"
        ),
        "app/__init__.py": "",
        "main.py": (
            "from app.clients import Catalogue\nimport requests\n\ncatalogue = Catalogue(7)\n\n\n"
            "def f():\n    return catalogue.get('x')\n"
        ),
    }
    reading = read_project(tmp_path, files)
    assert list(handlers(reading)) == ["main.py:f"]
    (call,) = (one for one in reading.declarations if one.component == "requests")
    assert call.address == "python:app/clients.py:Catalogue.get#requests"
    assert [one.value.value for one in call.settings if one.name.startswith("timeout")]  # type: ignore[union-attr]


PLACES = {
    "in a coroutine": ("fetch()", "async def f():", "yes"),
    "in a thread": ("await asyncio.to_thread(fetch)", "async def f():", ""),
    "in a plain function": ("fetch()", "def f():", ""),
    "in a helper of a coroutine": ("helper()", "async def f():", "yes"),
    "in a pool of threads": (
        "loop = asyncio.get_running_loop()\nawait loop.run_in_executor(None, helper)",
        "async def f():",
        "",
    ),
}


@pytest.mark.parametrize(
    ("body", "head", "expected"), [pytest.param(*case, id=name) for name, case in PLACES.items()]
)
def test_where_a_call_runs(body: str, head: str, expected: str, tmp_path: Path) -> None:
    code = CLIENTS + "def helper():\n    return fetch()\n\n" + of(body, head=head)
    reading = read_project(tmp_path, {"main.py": code})
    found = {one.trait("on_event_loop") for one in reading.declarations if one.component == "requests"}
    work = handlers(reading)["main.py:f"].work
    assert work is not None
    assert expected in found


DEADLINES = {
    "a blocking call on the loop cannot be cut": ("async with asyncio.timeout(5):\n    fetch()", "no"),
    "an awaited call can": ("async with asyncio.timeout(5):\n    await ask()", ""),
    "one blocking call is enough": ("async with asyncio.timeout(5):\n    await ask()\n    fetch()", "no"),
    "the waiting for a thread can": (
        "async with asyncio.timeout(5):\n    await asyncio.to_thread(fetch)",
        "",
    ),
    "wait_for as well": ("await asyncio.wait_for(asyncio.to_thread(fetch), 5)", ""),
}


@pytest.mark.parametrize(
    ("body", "enforced"), [pytest.param(*case, id=name) for name, case in DEADLINES.items()]
)
def test_which_deadlines_can_cut_their_body(body: str, enforced: str, tmp_path: Path) -> None:
    reading = read_project(tmp_path, {"main.py": CLIENTS + of(body)})
    (deadline,) = (one for one in reading.declarations if one.component == "asyncio")
    assert deadline.trait("enforced") == enforced
    assert [setting.value.value for setting in deadline.settings] == [5]  # type: ignore[union-attr]

"""Functions that run in threads and pools: what of them is waited for, beside what, and how many at a time."""

from pathlib import Path

import pytest

from .code_files import CLIENTS, handlers, read_project, shown, values
from .test_flow import of

HEAD = """
import concurrent.futures, functools, multiprocessing, threading
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
import anyio, anyio.to_thread
from asgiref.sync import async_to_sync, sync_to_async
from channels.db import database_sync_to_async
from starlette.concurrency import run_in_threadpool

shared = ThreadPoolExecutor(max_workers=4)
loop = asyncio.get_event_loop()

class Call:
    def __init__(self, url, timeout):
        self.url = url
        self.timeout = timeout

    def make(self):
        return requests.get(self.url, timeout=self.timeout)

class Traced(ThreadPoolExecutor):
    def __init__(self, tracer, *args, **kwargs):
        self.tracer = tracer
        super().__init__(*args, **kwargs)

    def submit(self, function, *args):
        return super().submit(lambda: self.traced(function, args))

class Jobs:
    def submit(self, function, *args):
        return shared.submit(function, *args)

def started():
    return shared.submit(fetch)

def kept():
    one = shared.submit(fetch)
    return one

@sync_to_async
def decorated():
    return fetch()
"""
CALLS = "calls = [Call('a', timeout=4), Call('b', timeout=6)]\n"
WITH = "with ThreadPoolExecutor(max_workers=2) as pool:\n    "
TURNS = "((requests || requests) ; (requests || requests) ; (requests || requests))"

WAITED_FOR = {
    "a result": ("return shared.submit(fetch).result()", "requests"),
    "a result that is kept first": (
        "later = shared.submit(fetch)\nawait ask()\nlater.result()",
        "(openai || requests)",
    ),
    "one result before the next call": (
        WITH + "a = pool.submit(fetch).result()\n    b = pool.submit(fetch).result()",
        "(requests ; requests)",
    ),
    "the end of the executor": (WITH + "pool.submit(fetch)\n    await ask()", "(openai || requests)"),
    "the end of an executor of the project": (
        "with Traced('t', max_workers=2) as pool:\n    pool.submit(fetch)\n    await ask()",
        "(openai || requests)",
    ),
    "a pool of the project": (
        "jobs = Jobs()\none = jobs.submit(fetch)\nawait ask()\none.result()",
        "(openai || requests)",
    ),
    "shutdown": (
        "pool = ThreadPoolExecutor()\npool.submit(fetch)\nawait ask()\npool.shutdown()",
        "(openai || requests)",
    ),
    "wait": ("a = shared.submit(fetch)\nb = shared.submit(fetch)\nwait([a, b])", "(requests || requests)"),
    "as_completed": (
        "some = [shared.submit(fetch, x) for x in range(3)]\nfor one in as_completed(some):\n    one.result()",
        "(requests || requests || requests)",
    ),
    "futures as keys": (
        "some = {shared.submit(fetch, x): x for x in range(2)}\nfor one in as_completed(some):\n    one.result()",
        "(requests || requests)",
    ),
    "results one by one": (
        "some = [shared.submit(fetch, x) for x in range(2)]\nreturn [one.result() for one in some]",
        "(requests || requests)",
    ),
    "results of futures that were collected": (
        (
            "some = []\nfor x in range(3):\n    one = shared.submit(fetch, x)\n    some.append(one)\n"
            "for one in some:\n    one.result()"
        ),
        "(requests || requests || requests)",
    ),
    "a thread that is joined": (
        "one = threading.Thread(target=fetch, args=('u',))\none.start()\nawait ask()\none.join()",
        "(openai || requests)",
    ),
    "threads that are joined": (
        (
            "some = [threading.Thread(target=fetch) for x in range(2)]\nfor one in some:\n    one.start()\n"
            "for one in some:\n    one.join()"
        ),
        "(requests || requests)",
    ),
    "a future of the event loop": (
        "one = loop.run_in_executor(None, fetch)\nawait ask()\nawait one",
        "(openai || requests)",
    ),
    "a pool of processes": (
        "with multiprocessing.Pool(2) as pool:\n    return pool.map(fetch, range(2))",
        "(requests || requests)",
    ),
    "apply_async and get": (
        "pool = multiprocessing.Pool(2)\nreturn pool.apply_async(fetch, ('u',)).get()",
        "requests",
    ),
    "map that is gone through": (
        "for one in shared.map(fetch, range(2)):\n    pass",
        "(requests || requests)",
    ),
    "map that is kept and gone through": (
        "some = shared.map(fetch, range(2))\nawait ask()\nreturn list(some)",
        "(openai || (requests || requests))",
    ),
}
NOT_WAITED_FOR = {
    "submit alone": "shared.submit(fetch)\nawait ask()",
    "a future that is kept": "one = shared.submit(fetch)\nawait ask()",
    "a future with a callback": "one = shared.submit(fetch)\none.add_done_callback(print)\nawait ask()",
    "shutdown that does not wait": (
        "pool = ThreadPoolExecutor()\npool.submit(fetch)\nawait ask()\npool.shutdown(wait=False)"
    ),
    "a thread": "threading.Thread(target=fetch, daemon=True).start()\nawait ask()",
    "a thread that is kept": "one = threading.Thread(target=fetch)\none.start()\nawait ask()",
    "map that nobody goes through": "shared.map(fetch, range(2))\nawait ask()",
    "a function of the event loop": "loop.run_in_executor(None, fetch)\nawait ask()",
    "a queue of jobs that is no pool": "jobs.submit(fetch)\nawait ask()",
    "a future that a helper hands out": "started()\nawait ask()",
    "one that it has kept": "kept()\nawait ask()",
}
NEVER_RUN = {
    "a coroutine that nobody awaits": "asyncio.to_thread(fetch)\nawait ask()",
    "a function that is only wrapped": "later = sync_to_async(fetch)\nawait ask()",
    "a thread that is not started": "one = threading.Thread(target=fetch)\nawait ask()\none.join()",
}
FUNCTIONS = {
    "a method": ("one = Call('u', timeout=9)\nawait asyncio.to_thread(one.make)", 9),
    "a method of an object on the way": ("await run_in_threadpool(Call('u', timeout=9).make)", 9),
    "a lambda": ("one = Call('u', timeout=9)\nshared.submit(lambda: one.make()).result()", 9),
    "partial": (
        "one = Call('u', timeout=9)\nawait loop.run_in_executor(None, functools.partial(one.make))",
        9,
    ),
    "partial of a library in a variable": (
        "one = functools.partial(requests.get, 'u', timeout=9)\nawait asyncio.to_thread(one)",
        9,
    ),
    "a function of a library": ("await anyio.to_thread.run_sync(requests.get, 'u', None, 9)", "?"),
    "a function of a library by name": ("shared.submit(requests.get, 'u', timeout=9).result()", 9),
    "sync_to_async": ("await sync_to_async(requests.get)('u', timeout=9)", 9),
    "a thread's arguments": (
        "one = threading.Thread(target=requests.get, args=('u',), kwargs={'timeout': 9})\none.start()\none.join()",
        9,
    ),
    "one of a list of objects that are alike": (
        "some = [Call(name, timeout=9) for name in ('a', 'b')]\nfor one in some:\n    shared.submit(one.make).result()",
        9,
    ),
}


def work_and_note(folder: Path, body: str) -> tuple[str, str]:
    found = handlers(read_project(folder, {"main.py": CLIENTS + HEAD + of(body)}))["main.py:f"]
    return shown(found.work), found.trait("unfollowed")


@pytest.mark.parametrize(
    ("body", "expected"), [pytest.param(*case, id=name) for name, case in WAITED_FOR.items()]
)
def test_what_is_waited_for_counts(body: str, expected: str, tmp_path: Path) -> None:
    assert work_and_note(tmp_path, body) == (expected, "")


@pytest.mark.parametrize("body", [pytest.param(case, id=name) for name, case in NOT_WAITED_FOR.items()])
def test_what_nobody_waits_for_is_said_and_not_counted(body: str, tmp_path: Path) -> None:
    assert work_and_note(tmp_path, body) == ("openai", "fetch is not waited for")


@pytest.mark.parametrize("body", [pytest.param(case, id=name) for name, case in NEVER_RUN.items()])
def test_what_never_runs_is_nothing(body: str, tmp_path: Path) -> None:
    work, _ = work_and_note(tmp_path, body)
    assert work == "openai"


@pytest.mark.parametrize(
    ("body", "timeout"), [pytest.param(*case, id=name) for name, case in FUNCTIONS.items()]
)
def test_the_numbers_of_what_runs_in_a_thread(body: str, timeout: object, tmp_path: Path) -> None:
    reading = read_project(tmp_path, {"main.py": CLIENTS + HEAD + of(body)})
    work, used = handlers(reading)["main.py:f"].work, {}
    for one in reading.declarations:
        if one.component == "requests" and one.address.partition("#")[0] != "python:main.py:fetch":
            used[one.trait("on_event_loop")] = values(one).get("timeout", "?")
    assert "requests" in shown(work)
    assert used == {"": timeout}


TURNS_TAKEN = {
    "as many as there are threads": (
        WITH + "[pool.submit(fetch, x) for x in range(2)]",
        "(requests || requests)",
    ),
    "three times as many": (WITH + "[pool.submit(fetch, x) for x in range(6)]", TURNS),
    "in a loop": (WITH + "for x in range(6):\n        pool.submit(fetch, x)", TURNS),
    "map": (WITH + "return list(pool.map(fetch, range(6)))", TURNS),
    "one thread": (
        "with ThreadPoolExecutor(1) as pool:\n    pool.submit(fetch)\n    pool.submit(requests.post, 'u', timeout=2)",
        "(requests ; requests)",
    ),
    "an executor of the project": (
        "with Traced('t', max_workers=2) as pool:\n    list(pool.map(fetch, range(6)))",
        TURNS,
    ),
    "few, in a pool without a number": (
        "with ThreadPoolExecutor() as pool:\n    list(pool.map(fetch, range(2)))",
        "(requests || requests)",
    ),
}
UNKNOWN_TURNS = {
    "how many calls there are": (WITH + "list(pool.map(fetch, xs))", "how many calls"),
    "how many threads there are": (
        "with ThreadPoolExecutor() as pool:\n    list(pool.map(fetch, range(9)))",
        "how many threads",
    ),
    "in which order different calls run": (
        CALLS + WITH + "pool.submit(fetch)\n    for one in calls:\n        pool.submit(one.make)",
        "more calls than it has threads",
    ),
}


@pytest.mark.parametrize(
    ("body", "expected"), [pytest.param(*case, id=name) for name, case in TURNS_TAKEN.items()]
)
def test_a_pool_runs_no_more_than_its_threads(body: str, expected: str, tmp_path: Path) -> None:
    assert work_and_note(tmp_path, body) == (expected, "")


@pytest.mark.parametrize(
    ("body", "note"), [pytest.param(*case, id=name) for name, case in UNKNOWN_TURNS.items()]
)
def test_turns_that_are_not_known_are_said_and_not_counted(body: str, note: str, tmp_path: Path) -> None:
    work, said = work_and_note(tmp_path, body)
    assert note in said
    assert ";" not in work
    assert "*" not in work


CUT = {
    "result": ("shared.submit(fetch).result(timeout=1)", "concurrent-futures[requests]"),
    "result by position": ("one = shared.submit(fetch)\none.result(1)", "concurrent-futures[requests]"),
    "no limit at all": ("shared.submit(fetch).result(timeout=None)", "requests"),
    "wait": (
        "some = [shared.submit(fetch) for x in range(2)]\nwait(some, 2)",
        "concurrent-futures[(requests || requests)]",
    ),
    "as_completed": (
        "some = [shared.submit(fetch) for x in range(2)]\nfor one in as_completed(some, timeout=2):\n    one.result()",
        "concurrent-futures[(requests || requests)]",
    ),
    "join": (
        "one = threading.Thread(target=fetch)\none.start()\none.join(2)",
        "concurrent-futures[requests]",
    ),
    "map": (
        "return list(shared.map(fetch, range(2), timeout=2))",
        "concurrent-futures[(requests || requests)]",
    ),
    "wait_for of a task": (
        "one = asyncio.create_task(ask())\nawait asyncio.wait_for(one, 5)",
        "asyncio[openai]",
    ),
    "the executor waits for the thread all the same": (
        WITH + "return pool.submit(fetch).result(timeout=1)",
        "requests",
    ),
    "one after the other where each may end in time": (
        (
            "some = [shared.submit(fetch) for x in range(2)]\nfor one in some:\n    try:\n"
            "        one.result(timeout=1)\n    except TimeoutError:\n        pass"
        ),
        "1..*concurrent-futures[(requests || requests)]",
    ),
}


@pytest.mark.parametrize(("body", "expected"), [pytest.param(*case, id=name) for name, case in CUT.items()])
def test_a_limit_of_waiting_ends_the_wait_and_not_the_work(body: str, expected: str, tmp_path: Path) -> None:
    assert work_and_note(tmp_path, body)[0] == expected


EACH = {
    "in order": ("for one in calls:\n    one.make()", "(requests ; requests)"),
    "in order, in a comprehension": ("return [one.make() for one in calls]", "(requests ; requests)"),
    "at the same time": (WITH + "[pool.submit(one.make) for one in calls]", "(requests || requests)"),
    "by map": (WITH + "list(pool.map(lambda one: one.make(), calls))", "(requests || requests)"),
    "gathered": (
        "await asyncio.gather(*[asyncio.to_thread(one.make) for one in calls])",
        "(requests || requests)",
    ),
    "taken out of pairs": (
        "for name, one in (('x', calls[0]), ('y', calls[1])):\n    one.make()",
        "(requests ; requests)",
    ),
    "the first that answers": (
        "for one in calls:\n    if one.make():\n        return 1",
        "2*(requests | requests)",
    ),
}


@pytest.mark.parametrize(("body", "expected"), [pytest.param(*case, id=name) for name, case in EACH.items()])
def test_each_of_some_objects_has_its_own_numbers(body: str, expected: str, tmp_path: Path) -> None:
    reading = read_project(tmp_path, {"main.py": CLIENTS + HEAD + of(CALLS + body)})
    made = [one for one in reading.declarations if one.address.startswith("python:main.py:Call.make#")]
    assert shown(handlers(reading)["main.py:f"].work) == expected
    assert sorted(values(one)["timeout"] for one in made) == [4, 6]  # type: ignore[type-var]


PLACES = {
    "sync_to_async": "await sync_to_async(fetch)()",
    "sync_to_async in a variable": "one = sync_to_async(fetch)\nawait one()",
    "a decorated function": "await decorated()",
    "database_sync_to_async": "await database_sync_to_async(fetch)()",
    "a thread of a task group": "async with anyio.create_task_group() as group:\n    group.start_soon(anyio.to_thread.run_sync, fetch)",
}


@pytest.mark.parametrize("body", [pytest.param(case, id=name) for name, case in PLACES.items()])
def test_what_runs_in_a_thread_is_counted_once_and_not_on_the_event_loop(body: str, tmp_path: Path) -> None:
    reading = read_project(tmp_path, {"main.py": CLIENTS + HEAD + of(body)})
    assert shown(handlers(reading)["main.py:f"].work) == "requests"
    assert {one.trait("on_event_loop") for one in reading.declarations if one.component == "requests"} == {""}


def test_a_coroutine_is_run_to_its_end_once(tmp_path: Path) -> None:
    body = of("return async_to_sync(ask)('x')", head="def f():")
    reading = read_project(tmp_path, {"main.py": CLIENTS + HEAD + body})
    assert shown(handlers(reading)["main.py:f"].work) == "openai"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("one = Service()\none.start()", id="kept"),
        pytest.param("Service().start()", id="on the way"),
        pytest.param("one = Service()\none.shutdown()", id="shutdown"),
        pytest.param("one = Service()\none.submit('x')", id="submit of text"),
    ],
)
def test_methods_of_the_project_that_are_called_like_those_of_threads(body: str, tmp_path: Path) -> None:
    service = "class Service:\n    def start(self):\n        fetch()\n\n"
    service += "    def submit(self, text):\n        fetch()\n\n    def shutdown(self):\n        fetch()\n\n"
    reading = read_project(tmp_path, {"main.py": CLIENTS + HEAD + service + of(body)})
    assert shown(handlers(reading)["main.py:f"].work) == "requests"


def test_a_list_that_grows_has_no_known_length(tmp_path: Path) -> None:
    body = "some = []\nfor x in xs:\n    some.append(x)\nfor x in some:\n    fetch(x)"
    assert work_and_note(tmp_path, body)[0] == "1..*requests"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(("shop/Dockerfile",), True, id="an application is started in its folder"),
        pytest.param((), False, id="a package is imported by its name"),
    ],
)
def test_modules_beside_one_in_a_folder_that_is_a_package(
    files: tuple[str, ...], found: bool, tmp_path: Path
) -> None:
    sources = {
        "shop/__init__.py": "",
        "shop/helper.py": "import requests\n\ndef call():\n    return requests.get('u', timeout=3)\n",
        "shop/main.py": "import requests\nfrom helper import call\n\ndef f():\n    requests.post('u', timeout=1)\n    return call()\n",
    }
    reading = read_project(tmp_path, {**dict.fromkeys(files, ""), **sources})
    work = handlers(reading)["shop/main.py:f"].work
    assert shown(work) == ("(requests ; requests)" if found else "requests")

"""Loops of the project that try again, as what stands round their calls: rounds, pauses, and what is none."""

from pathlib import Path

import pytest

from budgetcheck.model.settings import Declaration

from .code_files import CLIENTS, read_project, values, work_of


def loop(folder: Path, body: str, *, head: str = "async def f(xs=(), a=None):") -> Declaration | None:
    """The retry loop that is found in a function, if there is one."""
    lines = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
    reading = read_project(folder, {"main.py": f"{CLIENTS}\nLIMIT = 4\n\n{head}\n{lines}"})
    found = [one for one in reading.declarations if one.component == "retry-loop"]
    assert len(found) <= 1
    return found[0] if found else None


ROUNDS = {
    "a range": (
        "for attempt in range(3):\n    try:\n        return await ask()\n    except Exception:\n        pass",
        3,
    ),
    "a range that begins at one": (
        (
            "for attempt in range(1, LIMIT + 1):\n    try:\n"
            "        return await ask()\n    except Exception:\n        pass"
        ),
        4,
    ),
    "success breaks": (
        (
            "for attempt in range(LIMIT):\n    try:\n        r = await ask()\n        break\n"
            "    except Exception:\n        continue"
        ),
        4,
    ),
    "success returns in else": (
        (
            "for _ in range(2):\n    try:\n        r = await ask()\n    except Exception:\n        continue\n"
            "    else:\n        return r"
        ),
        2,
    ),
    "the last failure is raised": (
        (
            "for attempt in range(5):\n    try:\n        return await ask()\n    except Exception:\n"
            "        if attempt == 4:\n            raise"
        ),
        5,
    ),
    "while with a counter": (
        (
            "tries = 0\nwhile tries < LIMIT:\n    try:\n        return await ask()\n"
            "    except Exception:\n        tries += 1"
        ),
        4,
    ),
    "while counting down": (
        (
            "left = 3\nwhile left > 0:\n    try:\n        return await ask()\n"
            "    except Exception:\n        left -= 1"
        ),
        3,
    ),
    "counted before it is looked at": (
        (
            "tries = 0\nwhile True:\n    try:\n        return await ask()\n    except Exception:\n"
            "        tries += 1\n        if tries >= LIMIT:\n            raise"
        ),
        4,
    ),
    "counted after it is looked at": (
        (
            "tries = 0\nwhile True:\n    try:\n        return await ask()\n    except Exception:\n"
            "        if tries >= 3:\n            raise\n        tries += 1"
        ),
        4,
    ),
    "more than": (
        (
            "tries = 0\nwhile True:\n    try:\n        return await ask()\n    except Exception:\n"
            "        tries += 1\n        if tries > 3:\n            raise"
        ),
        4,
    ),
    "a flag": (
        (
            "done = False\ntries = 0\nwhile not done and tries < 3:\n    try:\n        await ask()\n"
            "        done = True\n    except Exception:\n        tries += 1"
        ),
        3,
    ),
    "no end": (
        (
            "while True:\n    try:\n        return await ask()\n"
            "    except Exception:\n        await asyncio.sleep(1)"
        ),
        None,
    ),
    "no end, and Ctrl+C is passed on": (
        (
            "while True:\n    try:\n        return await ask()\n    except KeyboardInterrupt:\n        raise\n"
            "    except Exception:\n        await asyncio.sleep(1)"
        ),
        None,
    ),
    "a flag that the last failure sets as well": (
        (
            "again = True\ntries = 1\nwhile again:\n    try:\n        await ask()\n        again = False\n"
            "    except Exception:\n        if tries == 5:\n            again = False\n        tries += 1"
        ),
        5,
    ),
    "a flag that some failures set": (
        (
            "again = True\nwhile again:\n    try:\n        await ask()\n        again = False\n"
            "    except Exception as error:\n        if gone(error):\n            again = False"
        ),
        "?",
    ),
    "a number that nobody knows": (
        "for attempt in range(a):\n    try:\n        return await ask()\n    except Exception:\n        pass",
        "?",
    ),
}


@pytest.mark.parametrize(
    ("body", "attempts"), [pytest.param(*case, id=name) for name, case in ROUNDS.items()]
)
def test_rounds(body: str, attempts: object, tmp_path: Path) -> None:
    found = loop(tmp_path, body)
    assert found is not None
    assert values(found)["attempts"] == attempts
    assert found.trait("kind") == "retry"


NO_RETRY = {
    "goes on after success": "for x in xs:\n    try:\n        await ask(x)\n    except Exception:\n"
    "        continue",
    "goes on after success, by number": (
        "for x in range(3):\n    try:\n        await ask(x)\n    except Exception:\n        pass"
    ),
    "one mirror after the other": (
        "for x in xs:\n    try:\n        return fetch(x)\n    except Exception:\n        continue"
    ),
    "raises what fails": "for x in range(3):\n    try:\n        return await ask()\n"
    "    except Exception:\n        raise",
    "polls": "while True:\n    r = fetch()\n    if r.done:\n        break\n    time.sleep(1)",
    "waits until somebody presses Ctrl+C": (
        "try:\n    while True:\n        try:\n            return await ask()\n        except Exception:\n"
        "            time.sleep(1)\nexcept KeyboardInterrupt:\n    print('cancelled')"
    ),
    "is left with Ctrl+C": (
        "while True:\n    try:\n        return await ask()\n    except KeyboardInterrupt:\n        break\n"
        "    except Exception:\n        pass"
    ),
    "every failure sets the flag": (
        "again = True\nwhile again:\n    try:\n        await ask()\n        again = False\n"
        "    except Exception:\n        again = False"
    ),
    "catches what no timeout is": (
        "for x in range(3):\n    try:\n        return await ask()\n    except ValueError:\n        pass"
    ),
    "catches answers only": (
        "import openai\nfor x in range(3):\n    try:\n        return await ask()\n"
        "    except openai.RateLimitError:\n        pass"
    ),
    "catches the timeout of another library": (
        "for x in range(3):\n    try:\n        return await ask()\n    except TimeoutError:\n        pass"
    ),
    "has no calls": "for x in range(3):\n    try:\n        return int(x)\n"
    "    except Exception:\n        pass",
}


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in NO_RETRY.items()])
def test_no_retry_of_timeouts(body: str, tmp_path: Path) -> None:
    assert loop(tmp_path, body) is None


CAUGHT = {
    "everything": ("", 3),
    "the base class of the SDK": (" openai.OpenAIError", 3),
    "its timeout": (" openai.APITimeoutError", 3),
    "one of several": (" (ValueError, openai.APIConnectionError)", 3),
    "an exception of the project may be one": (" Unavailable", (1, 3)),
}


@pytest.mark.parametrize(
    ("caught", "attempts"), [pytest.param(*case, id=name) for name, case in CAUGHT.items()]
)
def test_what_is_caught(caught: str, attempts: object, tmp_path: Path) -> None:
    body = (
        f"import openai\nfrom .errors import Unavailable\nfor x in range(3):\n    try:\n"
        f"        return await ask()\n    except{caught}:\n        pass"
    )
    found = loop(tmp_path, body)
    assert found is not None
    assert values(found)["attempts"] == attempts


def pause(sleep: str, *, before: str = "", after: str = "") -> str:
    return (
        f"{before}for attempt in range(5):\n    try:\n        return await ask()\n"
        f"    except Exception:\n        {sleep}{after}"
    )


PAUSES = {
    "the same each time": (pause("time.sleep(2)"), {"first": 2, "factor": 1}),
    "doubling": (pause("await asyncio.sleep(2 ** attempt)"), {"first": 1, "factor": 2}),
    "doubling from a base": (pause("await asyncio.sleep(0.5 * 2 ** attempt)"), {"first": 0.5, "factor": 2}),
    "doubling up to a cap": (
        pause("await asyncio.sleep(min(4, 2 ** attempt))"),
        {"first": 1, "factor": 2, "most": 4},
    ),
    "a variable that grows": (
        pause("await asyncio.sleep(delay)", before="delay = 1.5\n", after="\n        delay *= 2"),
        {"first": 1.5, "factor": 2},
    ),
    "a variable that grows up to a cap": (
        pause("time.sleep(delay)", before="delay = 1\n", after="\n        delay = min(delay * 3, 9)"),
        {"first": 1, "factor": 3, "most": 9},
    ),
    "the same jitter each time": (
        pause("time.sleep(2 ** attempt + random.uniform(0, 1))"),
        {"first": 1, "factor": 2, "jitter": 1},
    ),
    "full jitter counts as its upper end": (
        pause("time.sleep(random.uniform(0, 2 ** attempt))"),
        {"first": 1, "factor": 2},
    ),
    "not before the end": (
        pause("if attempt < 4:\n            time.sleep(3)"),
        {"first": 3, "factor": 1},
    ),
    "none": (pause("pass"), {}),
    "by what the server says": (pause("time.sleep(float(a.headers['Retry-After']))"), {"first": "?"}),
    "growing by a step": (pause("time.sleep(1 + attempt)"), {"first": "?"}),
}


@pytest.mark.parametrize(
    ("body", "expected"), [pytest.param(*case, id=name) for name, case in PAUSES.items()]
)
def test_pauses(body: str, expected: dict[str, object], tmp_path: Path) -> None:
    found = loop(tmp_path, body)
    assert found is not None
    given = {
        name.removeprefix("backoff."): value for name, value in values(found).items() if name != "attempts"
    }
    assert given == expected


WRAPPER = """
def again(times=2):
    def around(function):
        async def call(*args, **kwargs):
            for attempt in range(times):
                try:
                    return await function(*args, **kwargs)
                except Exception:
                    await asyncio.sleep(1)
        return call
    return around
"""


@pytest.mark.parametrize(("written", "attempts"), [("@again(times=6)", 6), ("@again()", 2)])
def test_a_decorator_of_the_project_that_tries_again(written: str, attempts: int, tmp_path: Path) -> None:
    code = (
        f"{WRAPPER}\n{written}\nasync def g():\n    return await ask()\n\n"
        "async def f():\n    return await g()\n"
    )
    reading = read_project(tmp_path, {"main.py": CLIENTS + code})
    (found,) = (one for one in reading.declarations if one.component == "retry-loop")
    assert values(found)["attempts"] == attempts
    assert work_of(tmp_path, code) == "retry-loop[openai]"


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [
        pytest.param(
            "@tenacity.retry(stop=tenacity.stop_after_attempt(3))", "tenacity[openai]", id="tenacity"
        ),
        pytest.param("@registered", "openai", id="one that only registers"),
        pytest.param("@tenacity.unknown", "openai", id="one that nobody knows"),
    ],
)
def test_decorators(decorator: str, expected: str, tmp_path: Path) -> None:
    code = (
        "def registered(function):\n    return function\n\n"
        f"{decorator}\nasync def f():\n    return await ask()\n"
    )
    assert work_of(tmp_path, code) == expected


def test_a_loop_over_attempts_of_tenacity(tmp_path: Path) -> None:
    code = (
        "async def f():\n"
        "    async for attempt in tenacity.AsyncRetrying(stop=tenacity.stop_after_attempt(4)):\n"
        "        with attempt:\n            await ask()\n"
    )
    assert work_of(tmp_path, code) == "tenacity[openai]"

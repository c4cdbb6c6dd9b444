"""How often a stream certainly sends something, as the code says; nothing where it only may."""

from pathlib import Path

import pytest

from .code_files import handlers, read_project, values

HEAD = (
    "import asyncio, queue\nfrom fastapi import FastAPI\nfrom fastapi.responses import StreamingResponse\n"
    "from sse_starlette.sse import EventSourceResponse\nBEAT = 20\napp = FastAPI()\n"
)
ROUTE = "@app.get('/events')\nasync def f():\n    return {}\n"
BODIES = {
    "a message, or none after a time": (
        (
            "message = await channel.get_message(timeout=60.0)\n        if message is None:\n"
            "            yield ': ping'\n        else:\n            yield message"
        ),
        60.0,
    ),
    "the other branch": (
        (
            "message = await channel.get_message(timeout=BEAT)\n        if message:\n"
            "            yield message\n        else:\n            yield ': ping'"
        ),
        20,
    ),
    "a wait that ends": (
        (
            "try:\n            item = await asyncio.wait_for(items.get(), timeout=15)\n            yield item\n"
            "        except asyncio.TimeoutError:\n            yield ': ping'"
        ),
        15,
    ),
    "its time by position": (
        (
            "try:\n            item = await asyncio.wait_for(items.get(), 15)\n            yield item\n"
            "        except TimeoutError:\n            yield ': ping'"
        ),
        15,
    ),
    "a queue of threads": (
        "try:\n            yield items.get(timeout=10)\n        except queue.Empty:\n            yield ': ping'",
        10,
    ),
    "sent and slept": ("yield 'state'\n        await asyncio.sleep(5)", 5),
    "sent only if there is something": (
        "if items:\n            yield items.pop()\n        await asyncio.sleep(5)",
        None,
    ),
    "nothing is sent after the time": (
        (
            "message = await channel.get_message(timeout=60)\n        if message is not None:\n"
            "            yield message"
        ),
        None,
    ),
    "the stream ends after the time": (
        (
            "try:\n            yield await asyncio.wait_for(items.get(), 15)\n"
            "        except asyncio.TimeoutError:\n            break"
        ),
        None,
    ),
    "two loops": (
        "yield 'a'\n        await asyncio.sleep(5)\n    while True:\n        yield 'b'\n        await asyncio.sleep(9)",
        None,
    ),
}


@pytest.mark.parametrize(
    ("body", "expected"), [pytest.param(*case, id=name) for name, case in BODIES.items()]
)
def test_what_a_generator_sends(body: str, expected: float | None, tmp_path: Path) -> None:
    events = f"async def events():\n    while True:\n        {body}\n"
    code = HEAD + events + ROUTE.format("StreamingResponse(events(), media_type='text/event-stream')")
    handler = handlers(read_project(tmp_path, {"main.py": code}))["main.py:f"]
    assert values(handler).get("heartbeat") == expected
    assert handler.front.streaming


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("", 15, id="the library sends a ping by itself"),
        pytest.param(", ping=40", 40, id="at another time"),
        pytest.param(", ping=None", 15, id="None is its default"),
        pytest.param(", ping=SETTING", "?", id="a time from outside"),
    ],
)
def test_the_ping_of_sse_starlette(given: str, expected: object, tmp_path: Path) -> None:
    code = (
        HEAD + "async def events():\n    yield 'x'\n" + ROUTE.format(f"EventSourceResponse(events(){given})")
    )
    handler = handlers(read_project(tmp_path, {"main.py": code}))["main.py:f"]
    assert values(handler) == {"heartbeat": expected}


def test_an_answer_that_is_no_stream_has_none(tmp_path: Path) -> None:
    handler = handlers(read_project(tmp_path, {"main.py": HEAD + ROUTE.format("{'a': 1}")}))["main.py:f"]
    assert values(handler) == {}

"""A call through one of several objects: each may be meant, and the work is a choice."""

from pathlib import Path

import pytest

from .code_files import work_of

PROVIDERS = """
class Base:
    async def complete(self):
        raise NotImplementedError

class First(Base):
    async def complete(self):
        return await ask()

class Second(Base):
    async def complete(self):
        return fetch()

class Nothing(Base):
    async def complete(self):
        return ""

def provider(name):
    if name == "first":
        return First()
    if name == "second":
        return Second()
    return Nothing()
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(
            "async def f(name):\n    await provider(name).complete()\n", "(openai | requests)", id="result"
        ),
        pytest.param(
            "chosen = First() if DEBUG else Second()\nasync def f():\n    await chosen.complete()\n",
            "(openai | requests)",
            id="module variable",
        ),
        pytest.param(
            "async def f(name):\n    c = client if name else requests.Session()\n    c.get('u')\n",
            "requests",
            id="one sends",
        ),
        pytest.param(
            "PROVIDERS = {'a': First}\nasync def f(name):\n    await PROVIDERS['a']().complete()\n",
            "",
            id="classes in a table",
        ),
    ],
)
def test_a_call_through_several(code: str, expected: str, tmp_path: Path) -> None:
    assert work_of(tmp_path, PROVIDERS + code) == expected

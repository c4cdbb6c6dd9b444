"""Clients and settings that are reached through classes, functions, frameworks and other modules."""

from pathlib import Path

import pytest

from .evaluated import places, project, shown, value

HEAD = "from lib import Client\n"
KNOWN = {"timeout": 20}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("import lib\nx = lib.Client(timeout=20)", id="module"),
        pytest.param("import lib as l\nx = l.Client(timeout=20)", id="alias"),
        pytest.param("from lib import Client as C\nx = C(timeout=20)", id="name with an alias"),
        pytest.param("def f():\n    from lib import Client as C\n    return C(timeout=20)\nx = f()", id="import in a function"),
        pytest.param("T = {'timeout': 20}\nx = Client(**T)", id="options"),
        pytest.param("x = Client(timeout=20) if elsewhere else None", id="or none"),
        pytest.param("x: Client | None = None\ndef start():\n    global x\n    x = Client(timeout=20)", id="made later"),
        pytest.param("x: Client\nx = Client(timeout=20)", id="declared before"),
        pytest.param("_c = None\ndef get():\n    global _c\n    if _c is None:\n        _c = Client(timeout=20)\n    return _c\nx = get()", id="made when first asked for"),
        pytest.param("from functools import lru_cache\n@lru_cache\ndef get():\n    return Client(timeout=20)\nx = get()", id="kept function"),
        pytest.param("async def get():\n    async with Client(timeout=20) as c:\n        yield c\nasync def f():\n    async with get() as c:\n        return c\nx = f()", id="generator"),
        pytest.param("from contextlib import AsyncExitStack\nasync def f():\n    async with AsyncExitStack() as s:\n        return await s.enter_async_context(Client(timeout=20))\nx = f()", id="exit stack"),
        pytest.param("class A:\n    def __init__(self):\n        self.c = Client(timeout=20)\nx = A().c", id="self"),
        pytest.param("class A:\n    c = Client(timeout=20)\nx = A().c", id="class variable"),
        pytest.param("class A:\n    def __init__(self, c=None):\n        self.c = c or Client(timeout=20)\nx = A().c", id="unless given"),
        pytest.param("class A:\n    def __init__(self, c):\n        self.c = c\nx = A(Client(timeout=20)).c", id="given"),
        pytest.param("class B:\n    def __init__(self, t):\n        self.c = Client(timeout=t)\nclass A(B):\n    def __init__(self, t):\n        super().__init__(t * 2)\nx = A(10).c", id="passed up"),
        pytest.param("class A:\n    _c = None\n    def __init__(self):\n        self._c = None\n    @property\n    def c(self):\n        if self._c is None:\n            self._c = Client(timeout=20)\n        return self._c\nx = A().c", id="made by a property"),
        pytest.param("class A:\n    async def setup(self):\n        self.c = Client(timeout=20)\nx = A().c", id="made by another method"),
        pytest.param("class A:\n    @classmethod\n    def make(cls, t):\n        return cls(t)\n    def __init__(self, t):\n        self.c = Client(timeout=t)\nx = A.make(20).c", id="class method"),
        pytest.param("class A:\n    @staticmethod\n    def make(t):\n        return Client(timeout=t)\nx = A.make(20)", id="static method"),
        pytest.param("class A:\n    def __enter__(self):\n        return Client(timeout=20)\ndef f():\n    with A() as c:\n        return c\nx = f()", id="context manager of the project"),
        pytest.param("class A:\n    def __init__(self):\n        self.c = Client(timeout=20)\n    def __enter__(self):\n        return self\ndef f():\n    with A() as a:\n        return a.c\nx = f()", id="context manager that gives itself"),
        pytest.param("class A:\n    def __call__(self):\n        return Client(timeout=20)\nx = A()()", id="callable object"),
        pytest.param("from functools import partial\ndef make(t):\n    return Client(timeout=t)\nx = partial(make, t=20)()", id="partial"),
        pytest.param("from typing import cast\nx = cast('Client', Client(timeout=20))", id="cast"),
        pytest.param("import copy\nx = copy.copy(Client(timeout=20))", id="copy"),
        pytest.param("import asyncio\nasync def f():\n    return Client(timeout=20)\nx = asyncio.run(f())", id="awaited"),
        pytest.param("x = Client(timeout=60).with_options(timeout=20)", id="derived"),
        pytest.param("def f():\n    c = Client(timeout=60)\n    c.mount(timeout=20)\n    return c\nx = f()", id="changed in place"),
        pytest.param("class A:\n    def __init__(self):\n        self.c = Client(timeout=60)\n        self.c.mount(timeout=20)\nx = A().c", id="changed in place, of self"),
        pytest.param("def f():\n    c = Client(timeout=60)\n    c.timeout = 20\n    return c\nx = f()", id="an attribute is set"),
        pytest.param("class A:\n    def __init__(self):\n        self.c = Client(timeout=60)\n        self.c.timeout = 20\nx = A().c", id="an attribute is set, of self"),
        pytest.param("from fastapi import Depends\ndef get():\n    return Client(timeout=20)\ndef f(c=Depends(get)):\n    return c\nx = f()", id="dependency"),
        pytest.param("from fastapi import Depends\nfrom typing import Annotated\ndef get():\n    return Client(timeout=20)\nD = Annotated[Client, Depends(get)]\ndef f(c: D):\n    return c\nx = f()", id="dependency of a type"),
        pytest.param("from fastapi import FastAPI\napp = FastAPI()\nasync def lifespan(app):\n    app.state.c = Client(timeout=20)\n    yield\ndef f(request):\n    return request.app.state.c\nx = f(elsewhere)", id="kept with the application"),
        pytest.param("CLIENTS = {'a': Client(timeout=20)}\nx = CLIENTS['a']", id="dictionary"),
        pytest.param("x = getattr(Client, 'x', None) or Client(timeout=20)", id="getattr"),
    ],
)  # fmt: skip
def test_client(tmp_path: Path, text: str) -> None:
    assert shown(value(tmp_path, HEAD + text)) == KNOWN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("x = Client(timeout=5) if elsewhere else Client(timeout=60)", {"timeout": (5, 60)}, id="two values"),
        pytest.param("class F:\n    pass\nx = F() if elsewhere else Client(timeout=5)", {"object of F", "{'timeout': 5}"}, id="a stand-in"),
        pytest.param("x = Client(timeout=5) if elsewhere else Client()", {"{'timeout': 5}", "{}"}, id="one of them without"),
        pytest.param("class A:\n    def __init__(self, t=600):\n        self.c = Client(timeout=t)\nx = A().c", {"timeout": 600}, id="default of the constructor"),
        pytest.param("class A:\n    def __init__(self, t=600):\n        self.c = Client(timeout=t)\ndef f(a: A):\n    return a.c\nx = f(elsewhere)", {"timeout": "? t is given by the caller"}, id="made nowhere"),
        pytest.param("class A:\n    def __init__(self, t=600):\n        self.c = Client(timeout=t)\ndef f(a: A):\n    return a.c\nx = f(elsewhere)\ny = A(t=20)", {"timeout": 20}, id="made in one place"),
        pytest.param("class A:\n    def __init__(self, t=600):\n        self.c = Client(timeout=t)\ndef f(a: A):\n    return a.c\nx = f(elsewhere)\ny = A(t=20)\nz = A()", {"timeout": (20, 600)}, id="made in two places"),
        pytest.param("class A:\n    def __init__(self):\n        self.c = Client(timeout=1)\n    def other(self):\n        self.c = Client(timeout=2)\nx = A().c", {"timeout": 1}, id="what the constructor says goes before"),
        pytest.param("x = Client(timeout=elsewhere)", {"timeout": "? this kind of value is not understood"}, id="of a module that is not there"),
    ],
)  # fmt: skip
def test_client_that_is_not_the_same_everywhere(tmp_path: Path, text: str, expected: object) -> None:
    head = HEAD if "elsewhere" not in text else f"{HEAD}from other import elsewhere\n"
    assert shown(value(tmp_path, head + text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("from enum import IntEnum\nclass T(IntEnum):\n    CHAT = 20\nx = T.CHAT", 20, id="enum"),
        pytest.param("from enum import Enum\nclass T(Enum):\n    CHAT = 20\nx = T.CHAT.value", 20, id="enum, value"),
        pytest.param("from enum import Enum\nclass T(Enum):\n    CHAT = 20\nx = T['CHAT'].value", 20, id="enum, by name"),
        pytest.param("from typing import NamedTuple\nclass T(NamedTuple):\n    a: int\n    b: int = 20\nx = T(1).b", 20, id="named tuple"),
        pytest.param("from types import SimpleNamespace\nT = SimpleNamespace(a=20)\nx = T.a", 20, id="namespace"),
        pytest.param("class T:\n    A = 10\n    B = A * 2\nx = T.B", 20, id="class variables of one another"),
        pytest.param("class B:\n    A = 20\nclass T(B):\n    pass\nx = T.A", 20, id="inherited"),
        pytest.param("class B:\n    A = 10\nclass T(B):\n    A = 20\nx = T().A", 20, id="overridden"),
        pytest.param("class T:\n    @property\n    def a(self):\n        return self.b * 2\n    b = 10\nx = T().a", 20, id="property"),
        pytest.param("class T:\n    def __init__(self):\n        self.a, self.b = 10, 20\nx = T().b", 20, id="unpacked"),
        pytest.param("class T:\n    def __init__(self):\n        self.a = 10\n        self.b = self.a * 2\nx = T().b", 20, id="one by another"),
        pytest.param("class T:\n    def __init__(self):\n        self.a = 10\n        self.a = self.a * 2\nx = T().a", 20, id="by itself"),
        pytest.param("class T:\n    def __init__(self, o):\n        self.o = o\nx = T({'t': 20}).o['t']", 20, id="options"),
        pytest.param("from datetime import timedelta\nx = timedelta(seconds=20).total_seconds()", 20, id="seconds"),
        pytest.param("from datetime import timedelta\nx = timedelta(milliseconds=1500).total_seconds()", 1.5, id="milliseconds"),
        pytest.param("from datetime import timedelta\nx = timedelta(0, 20).total_seconds()", 20, id="days and seconds"),
        pytest.param("import datetime as d\nT = d.timedelta(minutes=2)\nx = T.total_seconds()", 120, id="minutes"),
        pytest.param("x = f'{1 + 1}s'", "2s", id="text"),
        pytest.param("x = 'a' if 1 else 'b'", "a", id="decided"),
        pytest.param("x = (lambda a: a * 2)(10)", 20, id="lambda"),
        pytest.param("def f(n):\n    return n if n < 1 else f(n - 1)\nx = f(3)", "? n is given", id="recursion"),
    ],
)  # fmt: skip
def test_value(tmp_path: Path, text: str, expected: object) -> None:
    found = shown(value(tmp_path, text))
    if isinstance(expected, str) and expected.startswith("?"):
        assert found is None or str(found).startswith("?") or isinstance(found, tuple)
    else:
        assert found == expected


def test_several_flows_of_one_object(tmp_path: Path) -> None:
    """The settings of a service that another module makes, through two constructors."""
    files = {
        "app/__init__.py": "",
        "app/settings.py": "TIMEOUT = 4 * 5\n",
        "app/llm.py": (
            "from lib import Client\n\nclass LLM:\n    def __init__(self, timeout: float = 600) -> None:\n"
            "        self.client = Client(timeout=timeout)\n"
        ),
        "app/service.py": (
            "from app.llm import LLM\n\nclass Service:\n    def __init__(self, llm: LLM) -> None:\n        self.llm = llm\n"
        ),
        "app/main.py": (
            "from . import settings\nfrom .llm import LLM\nfrom .service import Service\n\n"
            "service = Service(LLM(timeout=settings.TIMEOUT))\nx = service.llm.client\n"
        ),
    }
    found = value(tmp_path, files, file="app/main.py")
    assert shown(found) == KNOWN


def test_way_to_the_literal(tmp_path: Path) -> None:
    files = {
        "config.py": "DEFAULT = 20\nTIMEOUT = DEFAULT\n",
        "main.py": "from config import TIMEOUT\ndef f(t):\n    return t\nx = f(t=TIMEOUT)\n",
    }
    assert places(value(tmp_path, files)) == [
        "main.py:4 f(t=TIMEOUT)",
        "main.py:3 t",
        "main.py:4 TIMEOUT",
        "config.py:2 DEFAULT",
        "config.py:1 20",
    ]


def test_texts_that_may_be_secrets_are_not_shown(tmp_path: Path) -> None:
    text = "import os\nx = int(os.getenv('LLM_TIMEOUT', '20')) or f('sk-live-0123456789', n='read')\n"
    (first, *_) = places(value(tmp_path, text))
    assert "sk-live" not in first
    assert "LLM_TIMEOUT" in first


def test_work_is_bounded(tmp_path: Path) -> None:
    """Functions that call one another twice each would take 2^40 steps."""
    lines = [f"def f{n}(a):\n    return f{n + 1}(a + 1) + f{n + 1}(a + 2)\n" for n in range(40)]
    text = "".join(lines) + "def f40(a):\n    return a\nx = f0(1)\n"
    found = value(tmp_path, text)
    assert found is None or str(shown(found)).startswith("?")


def test_hostile_names_and_circles(tmp_path: Path) -> None:
    text = (
        "class A(B):\n    def __init__(self):\n        self.a = self.b\n        self.b = self.a\n    def __enter__(self):\n"
        "        return self.__enter__()\nclass B(A):\n    pass\nfrom .main import *\nfrom main import x as y\n"
        "def g(c: 'g'):\n    return g(c)\nx = A().a or B().b or g(x) or y\nwith A() as z:\n    x = z.a\n"
    )
    looking = project(tmp_path, {"main.py": text, "__init__.py": "from .main import *\nfrom . import *\n"})
    module = looking.project.module("main.py")
    assert module is not None
    from budgetcheck.readers.python import names

    for name in "ABxyzg":
        names.of_module(looking, name, module)


def test_another_attribute_changes_nothing(tmp_path: Path) -> None:
    text = f"{HEAD}def f():\n    c = Client(timeout=60)\n    c.other = 20\n    return c\nx = f()"
    assert shown(value(tmp_path, text)) == {"timeout": 60}

"""FastAPI and Starlette: which functions answer which requests, on which application."""

from pathlib import Path

import pytest

from budgetcheck.model.settings import Declaration

from .code_files import CLIENTS, handlers, read_project, shown

HEAD = CLIENTS + "from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, WebSocket\n"


def routes(folder: Path, code: str, **files: str) -> dict[str, Declaration]:
    """Handlers of `main.py`, and of further modules, by function."""
    texts = {"main.py": HEAD + code} | {f"{name}.py": text for name, text in files.items()}
    return {address.partition(":")[2]: one for address, one in handlers(read_project(folder, texts)).items()}


def paths(declaration: Declaration) -> list[str]:
    return [rule.pattern for rule in declaration.front.paths]


def applications(declaration: Declaration) -> list[str]:
    return [value for name, value in declaration.traits if name == "application"]


REGISTERED = {
    "a decorator": ("app = FastAPI()\n@app.get('/a')\nasync def f(): ...", ["/a"], ("GET",)),
    "several methods": (
        "app = FastAPI()\n@app.api_route('/a', methods=['GET', 'POST'])\ndef f(): ...",
        ["/a"],
        ("GET", "POST"),
    ),
    "two paths": ("app = FastAPI()\n@app.get('/a')\n@app.get('/b')\ndef f(): ...", ["/a", "/b"], ("GET",)),
    "a router with a prefix": (
        (
            "app = FastAPI()\nr = APIRouter(prefix='/v1')\n@r.post('/a')\n"
            "async def f(): ...\napp.include_router(r)"
        ),
        ["/v1/a"],
        ("POST",),
    ),
    "prefixes of three levels": (
        (
            "app = FastAPI()\nr = APIRouter(prefix='/items')\ns = APIRouter()\n"
            "@r.get('/{id}')\ndef f(): ...\n"
            "s.include_router(r, prefix='/v1')\napp.include_router(s, prefix='/api')"
        ),
        ["/api/v1/items/{id}"],
        ("GET",),
    ),
    "a router under two prefixes": (
        (
            "app = FastAPI()\nr = APIRouter()\n@r.get('/a')\ndef f(): ...\n"
            "app.include_router(r, prefix='/v1')\napp.include_router(r, prefix='/v2')"
        ),
        ["/v1/a", "/v2/a"],
        ("GET",),
    ),
    "a prefix that is a constant": (
        (
            "PREFIX = '/v3'\napp = FastAPI()\nr = APIRouter(prefix=PREFIX)\n@r.get('/a')\ndef f(): ...\n"
            "app.include_router(r)"
        ),
        ["/v3/a"],
        ("GET",),
    ),
    "a prefix that nobody knows": (
        (
            "import os\napp = FastAPI()\nr = APIRouter()\n@r.get('/a')\ndef f(): ...\n"
            "app.include_router(r, prefix=os.environ['PREFIX'])"
        ),
        ["/*/a"],
        ("GET",),
    ),
    "a mounted application": (
        "app = FastAPI()\ninner = FastAPI()\n@inner.get('/a')\ndef f(): ...\napp.mount('/sub', inner)",
        ["/a", "/sub/a"],
        ("GET",),
    ),
    "added by a call": (
        "app = FastAPI()\nasync def f(): ...\napp.add_api_route('/a', f, methods=['PUT'])",
        ["/a"],
        ("PUT",),
    ),
    "a list of routes": (
        (
            "from starlette.applications import Starlette\nfrom starlette.routing import Mount, Route\n"
            "async def f(request): ...\n"
            "app = Starlette(routes=[Mount('/v1', routes=[Route('/a', f, methods=['GET'])])])"
        ),
        ["/v1/a"],
        ("GET",),
    ),
    "inside a factory": (
        "def create_app():\n    app = FastAPI()\n    @app.get('/a')\n    def f(): ...\n    return app",
        ["/a"],
        ("GET",),
    ),
    "registered by a function that is given the application": (
        (
            "def register(target):\n    target.include_router(r, prefix='/v1')\n"
            "r = APIRouter()\n@r.get('/a')\ndef f(): ...\napp = FastAPI()\nregister(app)"
        ),
        ["/v1/a"],
        ("GET",),
    ),
}


@pytest.mark.parametrize(
    ("code", "expected", "methods"), [pytest.param(*case, id=name) for name, case in REGISTERED.items()]
)
def test_paths_and_methods(code: str, expected: list[str], methods: tuple[str, ...], tmp_path: Path) -> None:
    found = routes(tmp_path, code)["f"]
    assert sorted(paths(found)) == expected
    assert found.front.methods == methods


def test_the_same_function_for_different_methods_is_two_handlers(tmp_path: Path) -> None:
    found = routes(tmp_path, "app = FastAPI()\n@app.get('/a')\n@app.post('/b')\ndef f(): ...")
    assert {(one.front.methods, tuple(paths(one))) for one in found.values()} == {
        (("GET",), ("/a",)),
        (("POST",), ("/b",)),
    }


def test_routers_of_other_modules(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/main.py": (
            "from fastapi import FastAPI\nfrom shop.api import router\n\ndef create():\n    app = FastAPI()\n"
            "    app.include_router(router, prefix='/api')\n    return app\n\napp = create()\n"
        ),
        "shop/api/__init__.py": (
            "from fastapi import APIRouter\nfrom . import items\nrouter = APIRouter()\n"
            "router.include_router(items.router, prefix='/items')\n"
        ),
        "shop/api/items.py": (
            "from fastapi import APIRouter\nrouter = APIRouter()\n\n"
            "@router.get('/{id}')\nasync def one(id: int): ...\n"
        ),
    }
    (found,) = handlers(read_project(tmp_path, files)).values()
    assert found.address == "python:shop/api/items.py:one"
    assert paths(found) == ["/api/items/{id}"]
    assert applications(found) == ["shop/main.py:app", "shop/main.py:create"]


NAMES = {
    "a variable": ("app = FastAPI()\n", ["main.py:app"]),
    "a factory": ("def make_app():\n    return app\napp = FastAPI()\n", ["main.py:app", "main.py:make_app"]),
    "something round it": (
        (
            "from starlette.middleware.cors import CORSMiddleware\n"
            "app = FastAPI()\nserved_app = CORSMiddleware(app)\n"
        ),
        ["main.py:app", "main.py:served_app"],
    ),
    "for a function of a platform": (
        "from mangum import Mangum\napp = FastAPI()\nhandler = Mangum(app)\n",
        ["main.py:app", "main.py:handler"],
    ),
}


@pytest.mark.parametrize(("code", "expected"), [pytest.param(*case, id=name) for name, case in NAMES.items()])
def test_names_of_the_application(code: str, expected: list[str], tmp_path: Path) -> None:
    found = routes(tmp_path, code + "@app.get('/a')\nasync def f(): ...")
    assert applications(found["f"]) == expected


BEFORE = {
    "a dependency": ("@app.get('/')\nasync def f(a=Depends(fetch)):\n    await ask()", "(requests ; openai)"),
    "by annotation": (
        (
            "from typing import Annotated\n@app.get('/')\n"
            "async def f(a: Annotated[str, Depends(fetch)]):\n    await ask()"
        ),
        "(requests ; openai)",
    ),
    "by an alias": (
        (
            "from typing import Annotated\nUser = Annotated[str, Depends(fetch)]\n"
            "@app.get('/')\nasync def f(user: User):\n    await ask()"
        ),
        "(requests ; openai)",
    ),
    "a dependency of a dependency": (
        (
            "def second(a=Depends(fetch)):\n    return fetch()\n@app.get('/')\n"
            "async def f(b=Depends(second)):\n    await ask()"
        ),
        "(requests ; requests ; openai)",
    ),
    "once where two need it": (
        (
            "def second(a=Depends(fetch)): ...\n"
            "@app.get('/')\nasync def f(a=Depends(fetch), b=Depends(second)):\n    await ask()"
        ),
        "(requests ; openai)",
    ),
    "of the decorator": (
        "@app.get('/', dependencies=[Depends(fetch)])\nasync def f():\n    await ask()",
        "(requests ; openai)",
    ),
    "of the router": (
        (
            "r = APIRouter(dependencies=[Depends(fetch)])\n@r.get('/')\nasync def f():\n    await ask()\n"
            "app.include_router(r)"
        ),
        "(requests ; openai)",
    ),
    "of including": (
        (
            "r = APIRouter()\n@r.get('/')\nasync def f():\n    await ask()\n"
            "app.include_router(r, dependencies=[Depends(fetch)])"
        ),
        "(requests ; openai)",
    ),
    "what comes after yield comes after the response": (
        (
            "async def session():\n    fetch()\n    try:\n        yield 1\n    finally:\n        fetch()\n"
            "@app.get('/')\nasync def f(a=Depends(session)):\n    await ask()"
        ),
        "(requests ; openai)",
    ),
    "middleware": (
        (
            "@app.middleware('http')\nasync def check(request, call_next):\n    fetch()\n"
            "    return await call_next(request)\n@app.get('/')\nasync def f():\n    await ask()"
        ),
        "(requests ; openai)",
    ),
    "background tasks come after the response": (
        (
            "@app.get('/')\nasync def f(tasks: BackgroundTasks):\n"
            "    tasks.add_task(fetch, 'u')\n    await ask()"
        ),
        "openai",
    ),
    "what a stream is made of": (
        (
            "from fastapi.responses import StreamingResponse\nasync def parts():\n    yield await ask()\n"
            "@app.get('/')\nasync def f():\n    fetch()\n    return StreamingResponse(parts())"
        ),
        "(requests ; openai)",
    ),
}


@pytest.mark.parametrize(
    ("code", "expected"), [pytest.param(*case, id=name) for name, case in BEFORE.items()]
)
def test_what_runs_before_and_after(code: str, expected: str, tmp_path: Path) -> None:
    assert shown(routes(tmp_path, "app = FastAPI()\n" + code)["f"].work) == expected


LOOP = {
    "a coroutine": ("async def f():\n    fetch()", "yes", "yes"),
    "a plain function runs in a thread": ("def f():\n    fetch()", "", ""),
    "a plain dependency too": ("async def f(a=Depends(fetch)): ...", "yes", ""),
}


@pytest.mark.parametrize(
    ("code", "itself", "call"), [pytest.param(*case, id=name) for name, case in LOOP.items()]
)
def test_where_it_runs(code: str, itself: str, call: str, tmp_path: Path) -> None:
    files = {"main.py": HEAD + "app = FastAPI()\n@app.get('/')\n" + code}
    reading = read_project(tmp_path, files)
    (sent,) = (one for one in reading.declarations if one.component == "requests")
    assert handlers(reading)["main.py:f"].trait("async") == itself
    assert sent.trait("on_event_loop") == call


STREAMS = {
    "a websocket": ("@app.websocket('/ws')\nasync def f(socket: WebSocket): ...", True),
    "events": (
        (
            "from sse_starlette.sse import EventSourceResponse\n@app.get('/')\nasync def f():\n"
            "    return EventSourceResponse(parts())"
        ),
        True,
    ),
    "a plain answer": ("@app.get('/')\nasync def f():\n    return 1", False),
}


@pytest.mark.parametrize(
    ("code", "streaming"), [pytest.param(*case, id=name) for name, case in STREAMS.items()]
)
def test_streaming(code: str, streaming: bool, tmp_path: Path) -> None:
    assert routes(tmp_path, "app = FastAPI()\n" + code)["f"].front.streaming is streaming


def test_a_decorator_of_something_else_registers_nothing(tmp_path: Path) -> None:
    code = (
        "class Cache:\n    def get(self, key): ...\ncache = Cache()\n"
        "@cache.get('/a')\nasync def f():\n    await ask()"
    )
    assert routes(tmp_path, code)["f"].front.paths == ()

"""Pyramid, Tornado, Falcon, Sanic and Litestar: which functions answer what.

The tables were compared with the routes that the frameworks' own application objects list.
"""

from pathlib import Path

import pytest

from budgetcheck.model.settings import Declaration

from .code_files import handlers, read_project, shown

Route = tuple[str, str, str]
"""Function, path, methods."""


def found(folder: Path, code: str = "", **package: str) -> dict[str, Declaration]:
    """Handlers by function, of main.py and of the modules of the package `shop` (`init` is that itself)."""
    texts = {f"shop/{'__init__' if name == 'init' else name}.py": text for name, text in package.items()}
    texts |= {"main.py": code} if code else {}
    return {address.partition(":")[2]: one for address, one in handlers(read_project(folder, texts)).items()}


def routes(declarations: dict[str, Declaration]) -> list[Route]:
    return sorted(
        (name.partition("#")[0], rule.pattern, " ".join(one.front.methods))
        for name, one in declarations.items()
        for rule in one.front.paths
    )


def applications(declaration: Declaration) -> list[str]:
    return [value for name, value in declaration.traits if name == "application"]


PYRAMID = {
    "a view of a route": (
        "config.add_route('job', '/jobs/{id}')",
        "@view_config(route_name='job', request_method='GET')\ndef f(request): ...",
        [("f", "/jobs/{id}", "GET")],
    ),
    "a pattern without a slash, with an expression, and with a rest": (
        "config.add_route('job', 'jobs/{id:\\\\d{1,3}}/*rest')",
        "@view_config(route_name='job')\ndef f(request): ...",
        [("f", "/jobs/{id}/{rest:path}", "")],
    ),
    "methods of the route": (
        "config.add_route('job', '/jobs', request_method=('GET', 'POST'))",
        "@view_config(route_name='job')\ndef f(request): ...",
        [("f", "/jobs", "GET POST")],
    ),
    "one function for two routes": (
        "config.add_route('a', '/a')\n    config.add_route('b', '/b')",
        "@view_config(route_name='a')\n@view_config(route_name='b')\ndef f(request): ...",
        [("f", "/a", ""), ("f", "/b", "")],
    ),
    "methods of a class with defaults": (
        "config.add_route('job', '/jobs')",
        (
            "@view_defaults(route_name='job')\nclass V:\n    def __init__(self, request): ...\n"
            "    @view_config(request_method='GET')\n    def listed(self): ...\n"
            "    @view_config(request_method='POST')\n    def made(self): ...\n    def helper(self): ..."
        ),
        [("V.listed", "/jobs", "GET"), ("V.made", "/jobs", "POST")],
    ),
    "a class that is called": (
        "config.add_route('job', '/jobs')",
        "@view_config(route_name='job')\nclass V:\n    def __call__(self): ...",
        [("V.__call__", "/jobs", "")],
    ),
    "added with an attribute": (
        "config.add_route('job', '/jobs')\n    config.add_view(V, attr='go', route_name='job')",
        "class V:\n    def go(self): ...\n    def other(self): ...",
        [("V.go", "/jobs", "")],
    ),
    "added by a dotted name": (
        "config.add_route('job', '/jobs')\n    config.add_view('shop.views.f', route_name='job')",
        "def f(request): ...\ndef g(request): ...",
        [("f", "/jobs", "")],
    ),
    "views of exceptions and of resources have no path": (
        "config.add_route('job', '/jobs')",
        (
            "@notfound_view_config()\ndef f(request): ...\n@exception_view_config(KeyError)\n"
            "def g(error, request): ...\n@view_config(context=KeyError)\ndef h(error, request): ..."
        ),
        [],
    ),
}


@pytest.mark.parametrize(
    ("configured", "views", "expected"), [pytest.param(*case, id=name) for name, case in PYRAMID.items()]
)
def test_pyramid(configured: str, views: str, expected: list[Route], tmp_path: Path) -> None:
    handler = found(
        tmp_path,
        init=(
            "from pyramid.config import Configurator\nfrom shop.views import *\n"
            f"def main(settings, **local):\n    config = Configurator()\n    {configured}\n"
            "    config.scan()\n    return config.make_wsgi_app()\n"
        ),
        views=(
            "from pyramid.view import exception_view_config, notfound_view_config, view_config, view_defaults\n"
            f"{views}\n"
        ),
    )
    assert routes(handler) == expected
    assert all(applications(one) == ["shop/__init__.py:main"] for one in handler.values())


MORE = "def more(config):\n    config.include('.routes', route_prefix='v1')\n"
INCLUDED = {
    "a package at hand": ("config.include('.routes', route_prefix='v1')", ["/v1/jobs"]),
    "by its full name": ("config.include('shop.routes', route_prefix='/v1/')", ["/v1/jobs"]),
    "without a prefix": ("config.include('.routes')", ["/jobs"]),
    "a function of this module": ("config.include(more, route_prefix='more')", ["/more/v1/jobs"]),
    "twice": (
        "config.include('.routes', route_prefix='a')\n    config.include('.routes', route_prefix='b')",
        ["/a/jobs", "/b/jobs"],
    ),
    "a prefix from outside": (
        "config.include('.routes', route_prefix=settings['prefix'])",
        ["/*/jobs"],
    ),
}


@pytest.mark.parametrize(
    ("included", "expected"), [pytest.param(*case, id=name) for name, case in INCLUDED.items()]
)
def test_prefixes_of_pyramid(included: str, expected: list[str], tmp_path: Path) -> None:
    handler = found(
        tmp_path,
        init=(
            "from pyramid.config import Configurator\n"
            f"{MORE if 'more' in included else ''}"
            f"def main(settings, **local):\n    config = Configurator()\n    {included}\n"
            "    return config.make_wsgi_app()\n"
        ),
        routes="def includeme(config):\n    config.add_route('job', '/jobs')\n",
        views=("from pyramid.view import view_config\n@view_config(route_name='job')\ndef f(request): ...\n"),
    )
    assert [path for _, path, _ in routes(handler)] == expected


def test_the_constructor_of_a_view_of_pyramid_runs_first(tmp_path: Path) -> None:
    handler = found(
        tmp_path,
        views=(
            "import requests\nfrom pyramid.view import view_config\nclass V:\n"
            "    def __init__(self, request):\n        requests.get('user')\n"
            "    @view_config(route_name='job')\n    def f(self):\n        return requests.post('u').text\n"
        ),
    )
    assert shown(handler["V.f"].work) == "(requests ; requests)"


TORNADO = {
    "a list": ("Application([(r'/jobs/(\\d+)', Jobs)])", [("Jobs.get", "/jobs/{group}", "GET")]),
    "named groups and options": (
        "Application([url(r'/jobs/(?P<id>[^/]+)$', Jobs, {'db': 1}, name='jobs')])",
        [("Jobs.get", "/jobs/{id}", "GET")],
    ),
    "lists that are added up": (
        "Application(COMMON + [(r'/x', Feed)])",
        [("Feed.on_message", "/x", "GET"), ("Jobs.get", "/jobs", "GET")],
    ),
    "a list in a list": ("Application([*COMMON])", [("Jobs.get", "/jobs", "GET")]),
    "an application of one's own": ("Shop()", [("Jobs.get", "/shop", "GET")]),
    "added to a host": (
        "Application().add_handlers(r'.*', COMMON)",
        [("Jobs.get", "/jobs", "GET")],
    ),
    "handlers of the framework are nobody's code": (
        "Application([(r'/static/(.*)', StaticFileHandler, {'path': '.'})])",
        [],
    ),
}


@pytest.mark.parametrize(
    ("made", "expected"), [pytest.param(*case, id=name) for name, case in TORNADO.items()]
)
def test_tornado(made: str, expected: list[Route], tmp_path: Path) -> None:
    own = (
        "class Shop(Application):\n    def __init__(self):\n        handlers = [(r'/shop', Jobs)]\n"
        "        super().__init__(handlers)\n"
    )
    handler = found(
        tmp_path,
        code=(
            "from tornado.web import Application, RequestHandler, StaticFileHandler, url\n"
            "from tornado.websocket import WebSocketHandler\n"
            "class Jobs(RequestHandler):\n    async def get(self): ...\n    def helper(self): ...\n"
            "class Unused(RequestHandler):\n    def get(self): ...\n"
            "class Feed(WebSocketHandler):\n    def on_message(self, message): ...\n"
            f"COMMON = [(r'/jobs', Jobs)]\n{own if made == 'Shop()' else ''}app = {made}\n"
        ),
    )
    assert routes(handler) == expected
    assert all(one.trait("async") == "yes" for one in handler.values())


def test_what_prepares_a_request_of_tornado_runs_first(tmp_path: Path) -> None:
    handler = found(
        tmp_path,
        code=(
            "import requests\nfrom tornado.web import Application, RequestHandler\n"
            "class Base(RequestHandler):\n    def prepare(self):\n        requests.get('user')\n"
            "class Jobs(Base):\n    def post(self):\n        requests.post('u')\n"
            "app = Application([(r'/jobs', Jobs)])\n"
        ),
    )
    assert shown(handler["Jobs.post"].work) == "(requests ; requests)"


FALCON = {
    "a resource": ("add_route('/jobs', Jobs())", [("Jobs.on_get", "/jobs", "GET")]),
    "an object made before": (
        "add_route('/jobs/{id:int}', JOBS, suffix='one')",
        [("Jobs.on_delete_one", "/jobs/{id:int}", "DELETE")],
    ),
    "a responder of a base": ("add_route('/more', More())", [("Jobs.on_get", "/more", "GET")]),
    "something that is no resource": ("add_route('/jobs', object())", []),
    "a sink has no method": ("add_sink(Jobs().on_get, '/all')", []),
}


@pytest.mark.parametrize(
    ("added", "expected"), [pytest.param(*case, id=name) for name, case in FALCON.items()]
)
def test_falcon(added: str, expected: list[Route], tmp_path: Path) -> None:
    handler = found(
        tmp_path,
        code=(
            "import falcon\nclass Jobs:\n    def on_get(self, req, resp): ...\n"
            "    def on_delete_one(self, req, resp, id): ...\n    def on_getaway(self): ...\n"
            "class More(Jobs): ...\nJOBS = Jobs()\n"
            f"def create():\n    app = falcon.App()\n    app.{added}\n    return app\napplication = create()\n"
        ),
    )
    assert routes(handler) == expected
    assert all("main.py:application" in applications(one) for one in handler.values())


@pytest.mark.parametrize(
    ("application", "responder", "on_loop"),
    [
        pytest.param("falcon.App()", "def on_get", "", id="a thread"),
        pytest.param("falcon.asgi.App()", "async def on_get", "yes", id="the event loop"),
    ],
)
def test_where_falcon_runs_responders(application: str, responder: str, on_loop: str, tmp_path: Path) -> None:
    code = (
        f"import falcon\nimport falcon.asgi\nclass Jobs:\n    {responder}(self, req, resp): ...\n"
        f"app = {application}\napp.add_route('/jobs', Jobs())\n"
    )
    assert (found(tmp_path, code)["Jobs.on_get"].trait("async") or "") == on_loop


SANIC = {
    "a decorator": (
        "@app.get('/jobs/<id:int>')\nasync def f(request, id): ...",
        [("f", "/jobs/<id:int>", "GET")],
    ),
    "methods": ("@app.route('/jobs', methods=['POST'])\ndef f(request): ...", [("f", "/jobs", "POST")]),
    "a blueprint with a version": (
        (
            "bp = Blueprint('b', url_prefix='/jobs', version=2)\n@bp.get('/')\nasync def f(request): ...\n"
            "app.blueprint(bp)"
        ),
        [("f", "/v2/jobs", "GET")],
    ),
    "a version of the route": (
        "@app.get('/jobs', version=1)\nasync def f(request): ...",
        [("f", "/v1/jobs", "GET")],
    ),
    "a group of blueprints": (
        (
            "bp = Blueprint('b', url_prefix='/jobs')\n@bp.delete('x')\nasync def f(request): ...\n"
            "app.blueprint(Blueprint.group(bp, url_prefix='/api'))"
        ),
        [("f", "/api/jobs/x", "DELETE")],
    ),
    "methods of a class": (
        (
            "class V(HTTPMethodView):\n    async def get(self, request): ...\n    def put(self, request): ...\n"
            "    def helper(self): ...\napp.add_route(V.as_view(), '/jobs')"
        ),
        [("V.get", "/jobs", "GET"), ("V.put", "/jobs", "PUT")],
    ),
    "added": (
        "async def f(request): ...\napp.add_route(f, '/jobs', methods=['PATCH'])",
        [("f", "/jobs", "PATCH")],
    ),
    "what listens or handles errors is no route": (
        (
            "@app.middleware('request')\nasync def f(request): ...\n@app.listener('before_server_start')\n"
            "async def g(app): ...\n@app.exception(KeyError)\nasync def h(request, error): ..."
        ),
        [],
    ),
}


@pytest.mark.parametrize(("code", "expected"), [pytest.param(*case, id=name) for name, case in SANIC.items()])
def test_sanic(code: str, expected: list[Route], tmp_path: Path) -> None:
    head = "from sanic import Blueprint, Sanic\nfrom sanic.views import HTTPMethodView\napp = Sanic('shop')\n"
    handler = found(tmp_path, code=head + code)
    assert routes(handler) == expected
    # A plain function runs on the loop as well.
    assert all(
        (one.trait("async"), applications(one)) == ("yes", ["main.py:app"]) for one in handler.values()
    )


LITESTAR = {
    "a handler": ("@get('/a')\nasync def f() -> str: ...", "[f]", [("f", "/api/a", "GET")]),
    "two paths": (
        "@get(['/a', '/b/{x:int}'])\nasync def f() -> str: ...",
        "[f]",
        [("f", "/api/a", "GET"), ("f", "/api/b/{x:int}", "GET")],
    ),
    "methods": (
        "@route('/a', http_method=[HttpMethod.GET, 'POST'])\nasync def f() -> str: ...",
        "[f]",
        [("f", "/api/a", "GET POST")],
    ),
    "a controller in a router": (
        (
            "class C(Controller):\n    path = '/jobs'\n    @get()\n    async def listed(self) -> str: ...\n"
            "    @post('/{id:int}')\n    async def made(self) -> None: ...\n    def helper(self) -> None: ...\n"
            "v1 = Router(path='/v1', route_handlers=[C])"
        ),
        "[v1]",
        [("C.listed", "/api/v1/jobs", "GET"), ("C.made", "/api/v1/jobs/{id:int}", "POST")],
    ),
    "lists in a list": (
        "@get('/a')\nasync def f() -> str: ...\n@get('/b')\nasync def g() -> str: ...\nLISTED = [f]",
        "[*LISTED, g]",
        [("f", "/api/a", "GET"), ("g", "/api/b", "GET")],
    ),
    "a handler that is listed nowhere": ("@get('/a')\nasync def f() -> str: ...", "[]", []),
}


@pytest.mark.parametrize(
    ("code", "listed", "expected"), [pytest.param(*case, id=name) for name, case in LITESTAR.items()]
)
def test_litestar(code: str, listed: str, expected: list[Route], tmp_path: Path) -> None:
    handler = found(
        tmp_path,
        code=(
            "from litestar import Controller, HttpMethod, Litestar, Router, get, post, route\n"
            f"{code}\napp = Litestar(route_handlers={listed}, path='/api')\n"
        ),
    )
    assert routes(handler) == expected
    assert all(applications(one) == ["main.py:app"] for one in handler.values())


@pytest.mark.parametrize(
    ("decorator", "function", "on_loop"),
    [
        pytest.param("@get('/a')", "async def", "yes", id="a coroutine"),
        pytest.param("@get('/a')", "def", "yes", id="a plain function runs on the loop"),
        pytest.param("@get('/a', sync_to_thread=True)", "def", "", id="a plain function in a thread"),
    ],
)
def test_where_litestar_runs_handlers(decorator: str, function: str, on_loop: str, tmp_path: Path) -> None:
    code = (
        f"from litestar import Litestar, get\n{decorator}\n{function} f() -> str: ...\n"
        "app = Litestar(route_handlers=[f])\n"
    )
    assert (found(tmp_path, code)["f"].trait("async") or "") == on_loop


STREAMING = {
    "Tornado": (
        "from tornado.web import Application\nfrom tornado.websocket import WebSocketHandler\n"
        "class Feed(WebSocketHandler):\n    def on_message(self, message): ...\n"
        "app = Application([(r'/feed', Feed)])"
    ),
    "Sanic": (
        "from sanic import Sanic\napp = Sanic('a')\n@app.websocket('/feed')\nasync def f(request, ws): ..."
    ),
    "Litestar": (
        "from litestar import Litestar, websocket\n@websocket('/feed')\nasync def f(socket) -> None: ...\n"
        "app = Litestar(route_handlers=[f])"
    ),
}


@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in STREAMING.items()])
def test_sockets_are_streams(code: str, tmp_path: Path) -> None:
    (handler,) = found(tmp_path, code).values()
    assert handler.front.streaming


def test_an_application_has_the_names_that_other_modules_give_it(tmp_path: Path) -> None:
    handler = found(
        tmp_path,
        app="import falcon\nfrom shop.jobs import Jobs\ndef create_app():\n    app = falcon.App()\n"
        "    app.add_route('/jobs', Jobs())\n    return app\n",
        jobs="class Jobs:\n    def on_get(self, req, resp): ...\n",
        code="from shop.app import create_app\n\napplication = create_app()\n",
    )
    assert "main.py:application" in applications(handler["Jobs.on_get"])

"""Flask, Django, aiohttp, Celery and functions of platforms: which functions answer what."""

from pathlib import Path

import pytest

from budgetcheck.model.settings import Declaration

from .code_files import handlers, read_project, shown, values


def found(folder: Path, **files: str) -> dict[str, Declaration]:
    """Handlers by function, of files named by module (`shop__urls` is shop/urls.py)."""
    texts = {f"{name.replace('__', '/')}.py": text for name, text in files.items()}
    return {address.partition(":")[2]: one for address, one in handlers(read_project(folder, texts)).items()}


def paths(declaration: Declaration) -> list[str]:
    return [rule.pattern for rule in declaration.front.paths]


def applications(declaration: Declaration) -> list[str]:
    return [value for name, value in declaration.traits if name == "application"]


FLASK = {
    "a decorator": ("app = Flask(__name__)\n@app.route('/a')\ndef f(): ...", ["/a"], ("GET",)),
    "methods": ("app = Flask(__name__)\n@app.route('/a', methods=['POST'])\ndef f(): ...", ["/a"], ("POST",)),
    "by method": (
        "app = Flask(__name__)\n@app.post('/a/<int:id>')\ndef f(id): ...",
        ["/a/<int:id>"],
        ("POST",),
    ),
    "a blueprint": (
        (
            "bp = Blueprint('b', __name__, url_prefix='/v1')\n@bp.get('/a')\ndef f(): ...\n"
            "app = Flask(__name__)\napp.register_blueprint(bp)"
        ),
        ["/v1/a"],
        ("GET",),
    ),
    "a prefix at registration stands in the place of the own one": (
        (
            "bp = Blueprint('b', __name__, url_prefix='/v1')\n@bp.get('/a')\ndef f(): ...\n"
            "app = Flask(__name__)\napp.register_blueprint(bp, url_prefix='/v2')"
        ),
        ["/v2/a"],
        ("GET",),
    ),
    "a factory with a helper": (
        (
            "bp = Blueprint('b', __name__)\n@bp.get('/a')\ndef f(): ...\n"
            "def add(app, blueprint, prefix):\n    app.register_blueprint(blueprint, url_prefix=prefix)\n"
            "def create_app():\n    app = Flask(__name__)\n    add(app, bp, '/v3')\n    return app"
        ),
        ["/v3/a"],
        ("GET",),
    ),
    "a helper that may be given no prefix": (
        (
            "bp = Blueprint('b', __name__, url_prefix='/v1')\n@bp.get('/a')\ndef f(): ...\n"
            "def add(app, blueprint, prefix=None):\n"
            "    app.register_blueprint(blueprint, url_prefix=prefix)\n"
            "app = Flask(__name__)\nadd(app, bp)"
        ),
        ["/v1/a"],
        ("GET",),
    ),
    "a rule": ("def f(): ...\napp = Flask(__name__)\napp.add_url_rule('/a', view_func=f)", ["/a"], ("GET",)),
}


@pytest.mark.parametrize(
    ("code", "expected", "methods"), [pytest.param(*case, id=name) for name, case in FLASK.items()]
)
def test_flask(code: str, expected: list[str], methods: tuple[str, ...], tmp_path: Path) -> None:
    handler = found(tmp_path, main=f"from flask import Blueprint, Flask\n{code}")["f"]
    assert (paths(handler), handler.front.methods) == (expected, methods)
    assert applications(handler)


def test_class_based_views_of_flask(tmp_path: Path) -> None:
    code = (
        "import requests\nfrom flask import Flask\n"
        "from flask.views import MethodView\napp = Flask(__name__)\n"
        "class Items(MethodView):\n    def get(self):\n"
        "        return requests.get('u')\n    def post(self): ...\n"
        "app.add_url_rule('/items', view_func=Items.as_view('items'))\n"
    )
    handler = found(tmp_path, main=code)
    assert {name: one.front.methods for name, one in handler.items()} == {
        "Items.get": ("GET",),
        "Items.post": ("POST",),
    }
    assert shown(handler["Items.get"].work) == "requests"


@pytest.mark.parametrize(
    "hook", ["@app.before_request\ndef check():", "app.before_request(lambda: check())\ndef check():"]
)
def test_hooks_of_flask_run_before(hook: str, tmp_path: Path) -> None:
    code = (
        "import requests\nfrom flask import Flask\napp = Flask(__name__)\n"
        f"{hook}\n    requests.get('auth')\n"
        "@app.route('/')\ndef f():\n    return requests.post('u').text\n"
    )
    assert shown(found(tmp_path, main=code)["f"].work) == "(requests ; requests)"


DJANGO = {
    "a function": ("path('a/', views.f)", "f", ["/a/"], ()),
    "with a parameter": ("path('a/<int:id>/', views.f)", "f", ["/a/<int:id>/"], ()),
    "a regular expression": ("re_path(r'^a/(?P<id>[0-9]+)/$', views.f)", "f", ["/a/{id}/"], ()),
    "an open regular expression": ("re_path(r'^a/', views.f)", "f", ["/a/*"], ()),
    "a class": ("path('a/', views.V.as_view())", "V.post", ["/a/"], ("POST",)),
    "limited by a decorator": ("path('a/', views.g)", "g", ["/a/"], ("POST",)),
    "of the REST framework": ("path('a/', views.h)", "h", ["/a/"], ("GET", "PUT")),
    "decorated in the list": ("path('a/', csrf_exempt(views.f))", "f", ["/a/"], ()),
    "included": ("path('shop/', include('shop.urls'))", "f", ["/shop/x/"], ()),
    "included in place": ("path('shop/', include(shop.urls))", "f", ["/shop/x/"], ()),
}
VIEWS = (
    "from django.views import View\nfrom django.views.decorators.http import require_POST\n"
    "from rest_framework.decorators import api_view\n"
    "def f(request, id=None): ...\n@require_POST\ndef g(request): ...\n"
    "@api_view(['GET', 'PUT'])\ndef h(request): ...\n"
    "class V(View):\n    def post(self, request): ...\n"
)


@pytest.mark.parametrize(
    ("route", "name", "expected", "methods"), [pytest.param(*case, id=name) for name, case in DJANGO.items()]
)
def test_django(route: str, name: str, expected: list[str], methods: tuple[str, ...], tmp_path: Path) -> None:
    handler = found(
        tmp_path,
        site__urls=(
            "from django.urls import include, path, re_path\nfrom site_views import views\nimport shop.urls\n"
            f"urlpatterns = [{route}]\n"
        ),
        site_views__views=VIEWS,
        site_views____init__="",
        shop____init__="",
        shop__urls="from django.urls import path\nfrom site_views.views import f\n"
        "urlpatterns = [path('x/', f)]\n",
        site__wsgi="from django.core.wsgi import get_wsgi_application\n"
        "application = get_wsgi_application()\n",
    )
    assert (paths(handler[name])[-1:], handler[name].front.methods) == (expected, methods)
    assert applications(handler[name]) == ["site/wsgi.py:application"]


def test_view_sets_of_the_rest_framework(tmp_path: Path) -> None:
    code = (
        "from django.urls import include, path\nfrom rest_framework.routers import DefaultRouter\n"
        "from rest_framework.viewsets import ModelViewSet\n"
        "class Items(ModelViewSet):\n    def list(self, request): ...\n"
        "    def retrieve(self, request, pk): ...\n"
        "router = DefaultRouter()\nrouter.register('items', Items)\n"
        "urlpatterns = [path('api/', include(router.urls))]\n"
    )
    handler = found(tmp_path, urls=code)
    assert {name: paths(one) for name, one in handler.items()} == {
        "Items.list": ["/api/items/"],
        "Items.retrieve": ["/api/items/{pk}/"],
    }


def test_aiohttp(tmp_path: Path) -> None:
    code = (
        "from aiohttp import web\nroutes = web.RouteTableDef()\n"
        "@routes.get('/a')\nasync def a(request): ...\n"
        "async def b(request): ...\nasync def c(request): ...\napp = web.Application()\n"
        "app.add_routes([web.post('/b', b)])\napp.router.add_get('/c', c)\n"
    )
    handler = found(tmp_path, main=code)
    assert {name: (paths(one), one.front.methods) for name, one in handler.items()} == {
        "a": (["/a"], ("GET",)),
        "b": (["/b"], ("POST",)),
        "c": (["/c"], ("GET",)),
    }
    assert applications(handler["a"]) == ["main.py:app"]
    assert handler["a"].trait("async") == "yes"


CELERY = {
    "of the task": (
        "@app.task(time_limit=30, soft_time_limit=20)",
        {"time_limit": 30, "soft_time_limit": 20},
    ),
    "of the application": ("@app.task", {"task_time_limit": 60}),
    "the task's own goes before": ("@app.task(time_limit=5)", {"time_limit": 5}),
    "a shared task": ("@shared_task(time_limit=7)", {"time_limit": 7}),
}


@pytest.mark.parametrize(
    ("decorator", "expected"), [pytest.param(*case, id=name) for name, case in CELERY.items()]
)
def test_tasks(decorator: str, expected: dict[str, object], tmp_path: Path) -> None:
    code = (
        "import requests\nfrom celery import Celery, shared_task\napp = Celery('shop', broker='redis://r')\n"
        f"app.conf.task_time_limit = 60\n{decorator}\ndef f():\n    requests.get('u')\n"
    )
    handler = found(tmp_path, tasks=code)["f"]
    assert handler.component == "celery"
    assert handler.front.paths == ()
    assert values(handler) == expected
    assert shown(handler.work) == "requests"


CONFIGURED = {
    "set": "app.conf.task_time_limit = 60",
    "updated": "app.conf.update(task_time_limit=60)",
    "updated by a table": "app.conf.update({'task_time_limit': 60})",
    "when it is made": "",
    "from a module": "app.config_from_object('celeryconfig')",
    "from Django": "app.config_from_object('django.conf:settings', namespace='CELERY')",
}


@pytest.mark.parametrize("line", [pytest.param(line, id=name) for name, line in CONFIGURED.items()])
def test_limits_of_an_application(line: str, tmp_path: Path) -> None:
    given = "" if line else ", task_time_limit=60"
    files = {
        "shop/worker.py": f"from celery import Celery\napp = Celery('shop'{given})\n{line}\n",
        "celeryconfig.py": "task_time_limit = 60\n",
        "shop/settings.py": "CELERY_TASK_TIME_LIMIT = 60\nOTHER = 3\n",
    }
    reading = read_project(tmp_path, files)
    (app,) = (one for one in reading.declarations if one.trait("kind") == "app")
    assert values(app) == {"task_time_limit": 60}


def test_the_visibility_timeout_of_a_broker(tmp_path: Path) -> None:
    code = (
        "from celery import Celery\napp = Celery('shop', broker='redis://localhost')\n"
        "app.conf.broker_transport_options = {'visibility_timeout': 1800}\n"
    )
    reading = read_project(tmp_path, {"worker.py": code})
    (app,) = (one for one in reading.declarations if one.trait("kind") == "app")
    assert values(app) == {"visibility_timeout": 1800}
    assert app.trait("broker") == "redis"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        pytest.param(
            "def lambda_handler(event, context):\n    requests.get('u')", "lambda_handler", id="lambda"
        ),
        pytest.param(
            "import functions_framework\n@functions_framework.http\n"
            "def serve(request):\n    requests.get('u')",
            "serve",
            id="cloud function",
        ),
    ],
)
def test_functions_of_platforms(code: str, name: str, tmp_path: Path) -> None:
    handler = found(tmp_path, main=f"import requests\n{code}\n")[name]
    assert applications(handler) == [f"main.py:{name}"]
    assert shown(handler.work) == "requests"


def test_a_function_called_handler_that_takes_something_else_is_none(tmp_path: Path) -> None:
    code = "import requests\ndef handler(signal, frame):\n    requests.get('u')\n"
    handler = found(tmp_path, main=code)["handler"]
    assert applications(handler) == []


SERVERS = {
    "an object": ("uvicorn.run(app, port=8080)", ["main.py:app"], (8080,)),
    "a text": ("uvicorn.run('main:app')", ["main:app"], ()),
    "a configuration": ("uvicorn.Server(uvicorn.Config(app, port=80))", ["main.py:app"], (80,)),
    "a port that nobody knows": ("uvicorn.run(app, port=int(input()))", ["main.py:app"], ()),
    "for development": ("uvicorn.run('main:app', reload=True)", None, ()),
}


@pytest.mark.parametrize(
    ("line", "loaded", "ports"), [pytest.param(*case, id=name) for name, case in SERVERS.items()]
)
def test_servers_that_code_starts(
    line: str, loaded: list[str] | None, ports: tuple[int, ...], tmp_path: Path
) -> None:
    code = f"import uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\nif __name__ == '__main__':\n    {line}\n"
    reading = read_project(tmp_path, {"main.py": code})
    servers = [one for one in reading.declarations if one.component == "uvicorn"]
    assert [applications(one) for one in servers] == ([] if loaded is None else [loaded])
    assert [one.front.ports for one in servers] == ([] if loaded is None else [ports])


def test_the_settings_of_a_server_that_code_starts(tmp_path: Path) -> None:
    code = "import uvicorn\nKEEP = 65\nuvicorn.run('main:app', timeout_keep_alive=KEEP, log_level='info')\n"
    (server,) = read_project(tmp_path, {"main.py": code}).declarations
    assert values(server) == {"timeout_keep_alive": 65}

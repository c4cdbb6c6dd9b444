"""What a change brings is told, what was there is not: moved, copied, renamed, one call more, one less."""

from dataclasses import replace
from pathlib import Path

import pytest
from expectations import ROOT

from budgetcheck.compare_runs import compare_directories
from budgetcheck.model.difference import Difference
from budgetcheck.model.findings import Severity
from budgetcheck.render.comment import render
from budgetcheck.render.comment_options import CommentOptions
from budgetcheck.run import RunSettings

SETTINGS = RunSettings(no_config=True)


def compared(folder: Path, before: dict[str, str], after: dict[str, str]) -> Difference:
    for state, files in (("before", before), ("after", after)):
        (folder / state).mkdir()
        for name, text in files.items():
            (folder / state / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / state / name).write_text(text)
    return compare_directories(folder / "before", folder / "after", settings=SETTINGS)


def told(found: Difference) -> list[tuple[str, str]]:
    """Rule and place of what is worth telling."""
    return [(one.rule, one.span.place) for one in found.new if one.severity > Severity.NOTE]


def nginx(host: str = "api.example.com", limit: str = "30s") -> str:
    name = f"    server_name {host};\n" if host else ""
    return (
        f"server {{\n    listen 80;\n{name}    location / {{\n"
        f"        proxy_pass http://app:8000;\n        proxy_read_timeout {limit};\n    }}\n}}\n"
    )


APP = """\
service: app
server: {kind: uvicorn}
routes:
  - {path: /answer, methods: [POST], calls: [{to: api.example.org, client: httpx, timeout: 40s}]}
"""


MOVES = [
    pytest.param({"nginx.conf": nginx()}, {"deploy/nginx.conf": nginx()}, [], 0, id="the file was moved"),
    pytest.param(
        {"nginx.conf": nginx()},
        {"deploy/nginx.conf": nginx(limit="20s")},
        [],
        0,
        id="the file was moved and the broken limit lowered: it was broken",
    ),
    pytest.param(
        {"nginx.conf": nginx()},
        {"nginx.conf": nginx(), "copy/nginx.conf": nginx()},
        [],
        0,
        id="a copy for the same host",
    ),
    pytest.param(
        {"nginx.conf": nginx()},
        {"nginx.conf": nginx(), "other/nginx.conf": nginx("www.example.com")},
        [("BC101", "other/nginx.conf:6")],
        0,
        id="a copy with another host is a new fault",
    ),
    pytest.param(
        {"nginx.conf": nginx("")},
        {"nginx.conf": nginx(""), "other/nginx.conf": nginx("")},
        [("BC101", "other/nginx.conf:5")],
        0,
        id="a copy without a host: nobody knows whether it serves the same",
    ),
    pytest.param(
        {"nginx.conf": nginx()},
        {"other/nginx.conf": nginx("www.example.com")},
        [("BC101", "other/nginx.conf:6")],
        1,
        id="another file with another route in place of the first",
    ),
]


@pytest.mark.parametrize(("before", "after", "new", "fixed"), MOVES)
def test_moved_and_copied_files(
    before: dict[str, str], after: dict[str, str], new: list[tuple[str, str]], fixed: int, tmp_path: Path
) -> None:
    app = {"app.yaml": APP}
    found = compared(tmp_path, before | app, after | app)
    assert told(found) == new
    assert len(found.fixed) == fixed


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      terminationGracePeriodSeconds: {grace}
      containers:
        - name: front
          image: {name}
          command: [gunicorn, "--timeout", "60", "main:app"]
          ports: [{{containerPort: 8000}}]
---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{selector: {{app: {name}}}, ports: [{{port: 80, targetPort: 8000}}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: {name}, annotations: {{nginx.ingress.kubernetes.io/proxy-read-timeout: "50"}}}}
spec:
  ingressClassName: nginx
  rules:
    - http:
        paths:
          - {{path: {path}, pathType: Prefix, backend: {{service: {{name: {name}, port: {{number: 80}}}}}}}}
"""


def deployment(name: str = "web", path: str = "/", grace: int = 5) -> str:
    return DEPLOYMENT.format(name=name, path=path, grace=grace)


def test_moved_manifest_without_a_host(tmp_path: Path) -> None:
    found = compared(
        tmp_path, {"kubernetes-manifests/web.yaml": deployment()}, {"src/web/k8s/web.yaml": deployment()}
    )
    assert "BC402" in {finding.rule for finding in found.unchanged}
    assert (found.new, found.fixed) == ((), ())


def test_copied_manifest_is_the_same_resource(tmp_path: Path) -> None:
    before = {"kubernetes-manifests/web.yaml": deployment()}
    found = compared(tmp_path, before, before | {"src/web/k8s/web.yaml": deployment()})
    assert found.new == ()


def test_copied_manifest_of_another_service_is_new(tmp_path: Path) -> None:
    before = {"web.yaml": deployment()}
    found = compared(tmp_path, before, before | {"shop.yaml": deployment("shop", "/shop")})
    assert ("BC402", "shop.yaml:9") in told(found)


def test_window_that_somebody_shortens_is_told(tmp_path: Path) -> None:
    """Kubernetes' own 30 s were nobody's decision, and a note; 5 s are."""
    written = "      terminationGracePeriodSeconds: 5\n"
    found = compared(tmp_path, {"web.yaml": deployment().replace(written, "")}, {"web.yaml": deployment()})
    assert ("BC402", "web.yaml:9") in told(found)


SLOW = "    requests.get('https://api.example.org/{name}', timeout={limit})\n"
ENDLESS = "    requests.get('https://api.example.org/{name}')\n"


def module(*handlers: str) -> str:
    """FastAPI handlers, each given with its calls."""
    return "import requests\nfrom fastapi import FastAPI\n\napp = FastAPI()\n" + "".join(handlers)


def handler(name: str, *calls: str, kind: str = "async def") -> str:
    return f"\n@app.get('/{name}')\n{kind} {name}():\n{''.join(calls)}    return 1\n"


A, B = SLOW.format(name="a", limit=5), SLOW.format(name="b", limit=7)
C = SLOW.format(name="c", limit=9)
CALLS = [
    pytest.param(
        module(handler("one", A)),
        module(handler("one", A, B)),
        [("BC601", "main.py:9", "GET /one", 1)],
        id="a second call of one handler",
    ),
    pytest.param(
        module(handler("one", A)),
        module(handler("one", B, A)),
        [("BC601", "main.py:8", "GET /one", 1)],
        id="a call before the one that was there",
    ),
    pytest.param(
        module(handler("one", A)),
        module(handler("zero", C, B), handler("one", A)),
        [("BC601", "main.py:8", "GET /zero", 2)],
        id="a handler before it",
    ),
    pytest.param(module(handler("one", A, B)), module(handler("one", B)), [], id="one call less"),
    pytest.param(
        module(handler("one", A)), module("\nCHUNK = 1\n", handler("one", A)), [], id="the line moved"
    ),
    pytest.param(
        module(handler("one", A)),
        module(handler("one", A).replace("def one", "def renamed")),
        [],
        id="the function was renamed",
    ),
    pytest.param(
        module(handler("one", A)),
        module(handler("one", A).replace("'/one'", "'/v2/one'")),
        [],
        id="the path was renamed, and the line stays",
    ),
    pytest.param(
        module(handler("one", A), handler("zero")),
        module(handler("one"), handler("zero", SLOW.format(name="z", limit=5))),
        [("BC601", "main.py:12", "GET /zero", 1)],
        id="the same fault for another request in place of the first",
    ),
    pytest.param(
        module(handler("one", A)),
        module(handler("one", SLOW.format(name="a", limit=20))),
        [],
        id="it blocks longer than it did",
    ),
]


LAST = module(handler("one"), handler("zero", SLOW.format(name="z", limit=5)))
"""The only one in which something is fixed."""


@pytest.mark.parametrize(("before", "after", "new"), CALLS)
def test_calls_that_block(
    before: str, after: str, new: list[tuple[str, str, str, int]], tmp_path: Path
) -> None:
    found = compared(tmp_path, {"main.py": before}, {"main.py": after})
    assert [(one.rule, one.span.place, one.first_route, len(one.parts)) for one in found.new] == new
    assert bool(found.fixed) == (after == LAST)


def test_added_call_is_told_without_the_old_ones(tmp_path: Path) -> None:
    found = compared(
        tmp_path,
        {"main.py": module(handler("one", A))},
        {"main.py": module(handler("one", A), handler("two", B))},
    )
    (finding,) = found.new
    assert finding.routes == ("GET /two",)
    assert "(2 such calls)" not in finding.message
    assert {step.span.line for step in finding.steps if step.span} == {11, 13}


def test_moved_module(tmp_path: Path) -> None:
    code = module(handler("one", A, B))
    found = compared(tmp_path, {"main.py": code}, {"service/main.py": code})
    assert (found.new, found.fixed) == ((), ())


def test_handler_that_moves_to_another_module(tmp_path: Path) -> None:
    """The module it came from stays, and the other one was there."""
    one, two = handler("one", A, B), handler("two", C)
    found = compared(
        tmp_path,
        {"a.py": module(one, two), "b.py": module()},
        {"a.py": module(two), "b.py": module(one)},
    )
    assert (found.new, found.fixed) == ((), ())


def test_same_call_of_another_handler_in_another_module_is_new(tmp_path: Path) -> None:
    one, two = handler("one", A), handler("two", A)
    found = compared(
        tmp_path, {"a.py": module(one), "b.py": module()}, {"a.py": module(), "b.py": module(two)}
    )
    assert told(found) == [("BC601", "b.py:8")]


@pytest.mark.parametrize("front", [{}, {"nginx.conf": nginx(limit="60s").replace("app:", "main:")}])
def test_second_call_without_end(front: dict[str, str], tmp_path: Path) -> None:
    """Both have no number of their own, so they are one finding; the second one is news all the same."""
    served = front | {
        "Dockerfile": 'FROM python\nCOPY main.py .\nCMD ["uvicorn", "main:app", "--port", "8000"]\n',
        "compose.yaml": "services: {main: {build: ., ports: ['8000:8000']}}\n",
    }
    one = handler("one", ENDLESS.format(name="a"), kind="def")
    two = handler("two", ENDLESS.format(name="b"), kind="def")
    found = compared(tmp_path, {"main.py": module(one)} | served, {"main.py": module(one, two)} | served)
    (finding,) = (one for one in found.new if one.rule == "BC104")
    assert finding.span.place == "main.py:13"
    assert "main.py:13" in render(found, CommentOptions())
    assert (
        "main.py:8" not in render(replace(found, new=(finding,)), CommentOptions()).partition("The chain")[0]
    )
    assert all("/two" in route for route in finding.routes)
    assert not found.fixed


REPORT = """\
import requests
from fastapi import FastAPI
app = FastAPI()
@app.get("/report")
def report():
    return requests.get("https://reports.example.net").text
"""
IMAGE = (
    'FROM python:3.12\nCOPY main.py .\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]\n'
)
COMPOSE = "services: {app: {build: .}}\n"


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        pytest.param("", [], id="a default: the call had no limit before, and that was told"),
        pytest.param(
            "        proxy_read_timeout 30s;\n", [("BC104", "nginx.conf:4")], id="a written limit breaks"
        ),
    ],
)
def test_a_proxy_comes_before_a_call_without_limit(
    limit: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    code = {"main.py": REPORT, "Dockerfile": IMAGE, "compose.yaml": COMPOSE}
    proxy = f"server {{\n    location / {{\n        proxy_pass http://app:8000;\n{limit}    }}\n}}\n"
    assert told(compared(tmp_path, code, {**code, "nginx.conf": proxy})) == expected


INVALID = 'worker_class = "gthread"\ntimeout = -5\n'


def test_fault_without_a_route_in_another_file_is_new(tmp_path: Path) -> None:
    """Nothing says that one process has to do with the other."""
    other = 'bind = "0.0.0.0:1"\nloglevel = "info"\npreload_app = True\nproc_name = "b"\ntimeout = -5\n'
    found = compared(tmp_path, {"a/gunicorn.conf.py": INVALID}, {"b/gunicorn.conf.py": other})
    assert told(found) == [("BC203", "b/gunicorn.conf.py:5")]
    assert len(found.fixed) == 1


SAMPLES = sorted(path for path in (ROOT / "samples").iterdir() if path.is_dir())


@pytest.mark.parametrize("samples", SAMPLES, ids=lambda path: path.name)
def test_nothing_is_new_where_nothing_changed(samples: Path) -> None:
    found = compare_directories(samples, samples, settings=SETTINGS)
    assert (found.new, found.fixed, found.settings, found.routes) == ((), (), (), ())
    about = [one for one in found.report.findings if not one.rule.startswith("BC9")]
    assert list(found.unchanged) == about


STORE = """\
import redis
from fastapi import FastAPI
app = FastAPI()
store = redis.Redis("cache")
@app.get("/b")
def second():
    return store.get("b")
"""
FIRST = '@app.get("/a")\ndef first():\n    return store.get("a")\n'


def test_one_more_call_of_a_store_is_no_news(tmp_path: Path) -> None:
    """The client was made without a limit, and stands as it stood."""
    later = STORE.replace('@app.get("/b")', FIRST + '@app.get("/b")') + "# end\n"
    pinned = {"requirements.txt": "redis==5.0.1\n"}
    found = compared(tmp_path, {"main.py": STORE, **pinned}, {"main.py": later, **pinned})
    assert told(found) == []
    assert [one.routes for one in found.unchanged if one.rule == "BC104"] == [("GET /a", "GET /b")]


def test_a_call_without_limit_that_is_joined_to_a_limit_that_stood_is_known(tmp_path: Path) -> None:
    """Of two applications one is gone, so it is clear now what the server runs: neither line is new."""
    code = {"one/main.py": REPORT, "Procfile": "web: gunicorn main:app --timeout 30\n"}
    other = REPORT.replace("/report", "/other").replace(".text", ".json()")
    found = compared(tmp_path, {**code, "two/main.py": other}, code)
    assert "gunicorn" in {end.component for one in found.unchanged if (end := one.outer)}
    assert told(found) == []


FUNCTION = """\
resource "aws_api_gateway_rest_api" "api" {
  name = "api"
}
resource "aws_api_gateway_integration" "answer" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_rest_api.api.root_resource_id
  http_method = "GET"
  type        = "AWS_PROXY"
  uri         = aws_lambda_function.answer.invoke_arn
}
resource "aws_lambda_function" "answer" {
  function_name = "answer"
  timeout       = 60
}
"""


def test_resources_that_became_a_module_are_known(tmp_path: Path) -> None:
    """The same request through the same limits, under other names in another file."""
    parts = FUNCTION.replace('"answer"', '"this"', 2).replace(
        "lambda_function.answer", "lambda_function.this"
    )
    module = {"main.tf": 'module "answer" {\n  source = "./endpoint"\n}\n', "endpoint/main.tf": parts}
    found = compared(tmp_path, {"main.tf": FUNCTION}, module)
    assert [one.rule for one in found.unchanged if one.severity > Severity.NOTE] == ["BC101"]
    assert told(found) == []


def test_a_further_route_through_numbers_that_were_broken_is_known(tmp_path: Path) -> None:
    """Every endpoint of the module has its 60 s, and API Gateway its 29 s: one more says nothing new."""
    parts = FUNCTION.replace('"answer"', '"this"', 2).replace(
        "lambda_function.answer", "lambda_function.this"
    )
    one = 'module "one" {\n  source = "./endpoint"\n}\n'
    before = {"main.tf": one, "endpoint/main.tf": parts}
    found = compared(tmp_path, before, {**before, "main.tf": one + one.replace("one", "two")})
    assert told(found) == []
    assert not found.fixed


SOCKET = """\
server {
    location / {
        proxy_pass http://unix:/run/web.sock;
        proxy_read_timeout 10s;
    }
}
"""
PROCESS = {"Procfile": "web: gunicorn main:app --config gunicorn.conf.py\n", "nginx.conf": SOCKET}


@pytest.mark.parametrize(
    ("proxy", "expected"),
    [
        pytest.param(SOCKET, [], id="no line of it is new"),
        pytest.param(SOCKET.replace("10s", "9s"), [("BC101", "nginx.conf:4")], id="its limit is new"),
    ],
)
def test_a_fault_that_can_be_seen_now_was_there(
    proxy: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    """Where the server listens is written now, so that nginx is known to lead to it."""
    before = {**PROCESS, "gunicorn.conf.py": "workers = 2\n"}
    after = {
        **PROCESS,
        "gunicorn.conf.py": 'workers = 2\nbind = "unix:/run/web.sock"\n',
        "nginx.conf": proxy,
    }
    found = compared(tmp_path, before, after)
    assert "BC101" in {one.rule for one in (*found.unchanged, *found.new)}
    assert told(found) == expected


def test_an_old_call_whose_server_is_gone_is_no_news(tmp_path: Path) -> None:
    """The deployment moved to another repository; the code and its requests are what they were."""
    served = {"main.py": REPORT, "Procfile": "web: gunicorn main:app --timeout 30\n"}
    found = compared(tmp_path, served, {"main.py": REPORT})
    assert "BC104" in {one.rule for one in found.unchanged}
    assert told(found) == []


VIEWS = """\
import requests
from fastapi import FastAPI
from helper import translated
app = FastAPI()
@app.get("/translate")
def translate():
    {body}
"""
CALL = 'requests.get("https://translate.example.net", params={"q": "a"})'
HELPER = "import requests\n\n\ndef translated():\n    {body}\n"


def test_a_call_without_limit_that_became_a_helper_is_known(tmp_path: Path) -> None:
    """The same request makes it, behind the same default of the server."""
    served = {"Procfile": "web: gunicorn main:app --timeout 30\n"}
    before = {
        "main.py": VIEWS.format(body=f"return {CALL}.json()"),
        "helper.py": HELPER.format(body="return 1"),
    }
    after = {
        "main.py": VIEWS.format(body="return translated()"),
        "helper.py": HELPER.format(body=f"answer = {CALL}\n    return answer.json()"),
    }
    found = compared(tmp_path, {**before, **served}, {**after, **served})
    assert [one.rule for one in found.unchanged if one.severity > Severity.NOTE] == ["BC104"]
    assert (told(found), found.fixed) == ([], ())


PROXY = """\
frontend web
    bind :80
    mode http
    timeout client 50s
    default_backend app
backend app
    mode http
    timeout connect 5s
    timeout server 50s
    server app app:8000
"""
UWSGI = "services:\n  app:\n    image: app\n    command: uwsgi --http-socket :8000 --module app{limit}\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("", " --harakiri 115", [], id="where there was no limit at all: better than it was"),
        pytest.param(" --harakiri 40", " --harakiri 115", ["BC101"], id="where it fitted"),
        pytest.param(" --harakiri 115", " --harakiri 115", [], id="as it was"),
    ],
)
def test_a_limit_that_is_too_long(before: str, after: str, expected: list[str], tmp_path: Path) -> None:
    states = [{"haproxy.cfg": PROXY, "compose.yaml": UWSGI.format(limit=limit)} for limit in (before, after)]
    assert [rule for rule, _ in told(compared(tmp_path, *states))] == expected


def test_a_proof_that_no_line_of_a_change_touches_is_not_lost(tmp_path: Path) -> None:
    """The handler made no call, and does something now that cannot be followed."""
    served = {"Procfile": "web: gunicorn main:app --timeout 30\n"}
    plain = VIEWS.format(body="return 1")
    before = {"main.py": plain, "helper.py": "def translated():\n    return 1\n"}
    after = {"main.py": plain.replace("return 1", "return unknown.thing()"), "helper.py": before["helper.py"]}
    assert not compared(tmp_path, {**before, **served}, {**after, **served}).lost


FETCH = 'requests.get("https://{name}.example.net"{limit})'


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("", ", timeout=15", [], id="a tie, where there was no limit at all"),
        pytest.param("", ", timeout=20", [], id="too long still, and better than it was"),
        pytest.param(", timeout=20", ", timeout=15", [], id="a tie, where it took too long"),
        pytest.param(", timeout=5", ", timeout=15", ["BC103"], id="a tie, where it fitted"),
        pytest.param(", timeout=20", ", timeout=40", ["BC101"], id="one of them is too long by itself now"),
    ],
)
def test_what_is_left_of_a_fault_is_no_news(
    before: str, after: str, expected: list[str], tmp_path: Path
) -> None:
    """Two calls one after the other, behind a server that grants 30 s."""
    states = []
    for limit in (before, after):
        calls = "; ".join(FETCH.format(name=name, limit=limit) for name in ("rates", "taxes"))
        states.append(
            {"main.py": VIEWS.format(body=calls), "Procfile": "web: uwsgi --harakiri 30 --module main:app\n"}
        )
    assert [rule for rule, _ in told(compared(tmp_path, *states))] == expected


@pytest.mark.parametrize(
    ("command", "lost"),
    [
        pytest.param("python manage.py runserver 0.0.0.0:8000", 0, id="no such server"),
        pytest.param("gunicorn main:app --timeout $WAIT", 1, id="its number is not known"),
    ],
)
def test_who_takes_the_server_away_lost_no_proof(command: str, lost: int, tmp_path: Path) -> None:
    states = [
        {
            "Procfile": f"web: {one}\n",
            "main.py": VIEWS.format(body=FETCH.format(name="rates", limit=", timeout=5")),
        }
        for one in ("gunicorn main:app --timeout 30", command)
    ]
    assert len(compared(tmp_path, *states).lost) == lost


def test_everything_of_one_server_is_not_everything_of_another(tmp_path: Path) -> None:
    """A Procfile's server that fitted, and a compose service that nothing is known of: no proof went lost."""
    before = {"Procfile": "web: gunicorn main:app\n", "app.json": '{"addons": []}'}
    assert not compared(tmp_path, before, {"compose.yaml": UWSGI.format(limit="")}).lost


IN_FRONT = "server {{\n    location / {{\n        proxy_pass http://unix:/run/web.sock;{limit}\n    }}\n}}\n"


@pytest.mark.parametrize(
    ("harakiri", "waits", "expected"),
    [
        pytest.param(" --harakiri 90", "", [], id="in the server: it ends the work"),
        pytest.param("", "\n        proxy_read_timeout 20s;", ["BC104"], id="in front of it"),
    ],
)
def test_a_limit_before_a_call_that_has_none(
    harakiri: str, waits: str, expected: list[str], tmp_path: Path
) -> None:
    """The call is as old as it was; a limit that somebody writes lets it go on behind it, or ends it."""
    states = [
        {
            "main.py": REPORT,
            "Procfile": f"web: uwsgi --http-socket /run/web.sock{limit} --module main:app\n",
            "nginx.conf": IN_FRONT.format(limit=proxied),
        }
        for limit, proxied in (("", ""), (harakiri, waits))
    ]
    assert [rule for rule, _ in told(compared(tmp_path, *states))] == expected


BEATING = "web: gunicorn main:app --worker-class gthread --timeout {beat}\n"


@pytest.mark.parametrize(
    ("beat", "expected"),
    [
        pytest.param("30", [], id="it stood there"),
        pytest.param("25", ["BC202"], id="somebody wrote it now"),
    ],
)
def test_a_heartbeat_taken_for_a_limit(beat: str, expected: list[str], tmp_path: Path) -> None:
    """A request outlasts it now whose time nobody knew before."""
    states = [
        {
            "main.py": VIEWS.format(body=FETCH.format(name="rates", limit=limit)),
            "helper.py": HELPER.format(body="return 1"),
            "Procfile": BEATING.format(beat=one),
        }
        for limit, one in ((", timeout=unknown()", "30"), (", timeout=40", beat))
    ]
    assert [rule for rule, _ in told(compared(tmp_path, *states))] == expected


CACHED = """\
import redis
from fastapi import FastAPI
app = FastAPI()
cache = redis.Redis(host="cache.example.net")
@app.get("/rates")
def rates():
    return cache.get("rates")
@app.get("/taxes")
def taxes():
    return cache.get("taxes")
"""


def test_the_client_of_a_store_is_as_old_as_it_was(tmp_path: Path) -> None:
    """Nothing limited its calls; the server that is told how to start now ends what takes 300 s."""
    before = {"main.py": CACHED, "requirements.txt": "redis==5.0\n"}
    after = before | {"Procfile": "web: uwsgi --harakiri 300 --module main:app\n"}
    found = compared(tmp_path, before, after)
    assert {one.rule for one in found.unchanged} == {"BC104"}
    assert told(found) == []

"""What a valid app document declares: its server, its handlers and their calls."""

from pathlib import Path

import pytest
from app_files import by_address, messages, read_app, read_files, route, server, values

from budgetcheck.model.bound import UNLIMITED, exactly
from budgetcheck.model.topology import CallWork, Loop, Parallel, PathRule, Sequence
from budgetcheck.readers.app_build import path_rule, worker_class

ASSISTANT = """\
service: assistant
environment: production
server: {kind: gunicorn, worker_class: uvicorn_worker.UvicornWorker, timeout: 30s, bind: "0.0.0.0:8000"}
routes:
  - path: /chat
    methods: [post]
    host: API.example.com
    streaming: true
    deadline: 25s
    calls:
      - {to: api.openai.com, client: openai, timeout: {connect: 5s, read: 20s}}
      - {to: postgres, client: psycopg, statement_timeout: 5s, pool_timeout: 2s}
"""


def test_the_server_faces_the_routes(tmp_path: Path) -> None:
    declared = by_address(read_app(tmp_path, ASSISTANT))["app:assistant"]
    assert declared.component == "gunicorn"
    assert declared.traits == (("worker_class", "uvicorn"),)
    assert declared.front.names == ("assistant",)
    assert declared.front.ports == (8000,)
    assert [target.address for target in declared.targets] == ["app:assistant/chat"]
    assert declared.targets[0].paths == (PathRule(pattern="/chat", prefix="/chat", exact=True),)
    assert values(declared) == {"timeout": "30s"}
    assert declared.environment == "production"


def test_the_handler_stands_behind_its_route(tmp_path: Path) -> None:
    handler = by_address(read_app(tmp_path, ASSISTANT))["app:assistant/chat"]
    assert handler.component == "app"
    assert handler.front.methods == ("POST",)
    assert handler.front.hosts == ("api.example.com",)
    assert handler.front.streaming
    assert values(handler) == {"deadline": "25s"}
    assert handler.work == Sequence(
        parts=(
            CallWork(address="app:assistant/chat#api.openai.com"),
            CallWork(address="app:assistant/chat#postgres"),
        )
    )


def test_calls_keep_the_settings_names_of_their_client(tmp_path: Path) -> None:
    declared = by_address(read_app(tmp_path, ASSISTANT))
    model, database = declared["app:assistant/chat#api.openai.com"], declared["app:assistant/chat#postgres"]
    assert (model.component, database.component) == ("openai", "psycopg")
    assert values(model) == {"timeout.connect": "5s", "timeout.read": "20s"}
    assert values(database) == {"pool_timeout": "2s", "statement_timeout": "5s"}


def test_settings_say_where_their_value_stands(tmp_path: Path) -> None:
    call = by_address(read_app(tmp_path, ASSISTANT))["app:assistant/chat#api.openai.com"]
    setting = call.setting("timeout.read")
    assert setting is not None
    span = setting.spans[0]
    assert (span.file, span.line, span.text) == ("app.yaml", 11, "read: 20s")
    assert ASSISTANT.splitlines()[span.line - 1][span.column - 1 :].startswith("20s")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        pytest.param("timeout: 20s", {"timeout": "20s"}, id="one-duration-for-all-phases"),
        pytest.param("timeout: null", {"timeout": None}, id="null-is-no-limit-and-not-absence"),
        pytest.param("max_retries: 0", {"max_retries": 0}, id="zero-retries-is-not-absence"),
        pytest.param("retries: 3", {"max_retries": 3}, id="retries-in-the-client's-own-word"),
        pytest.param("attempts: 3", {"max_retries": 2}, id="attempts-count-the-first-try"),
        pytest.param("attempts: null", {"max_retries": None}, id="no-end-of-tries"),
        pytest.param("deadline: 10s", {"deadline": "10s"}, id="a-total-round-the-call"),
        pytest.param("version: 1.10", {}, id="a-version-is-no-setting"),
        pytest.param("base_url: x", {}, id="known-settings-without-a-limit-are-passed-over"),
    ],
)
def test_call_settings(tmp_path: Path, call: str, expected: dict[str, object]) -> None:
    reading = read_app(tmp_path, route(f"{{to: a, client: openai, {call}}}"))
    assert values(by_address(reading)["app:shop/x#a"]) == expected
    assert reading.problems == ()


def test_a_version_keeps_its_last_zero(tmp_path: Path) -> None:
    reading = read_app(tmp_path, route("{to: a, client: openai, version: 1.10}"))
    assert by_address(reading)["app:shop/x#a"].version == "1.10"


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        pytest.param(
            "{kind: gunicorn, timeout: 30s, keepalive: 5s, graceful_timeout: 9s}",
            {"timeout": "30s", "keepalive": "5s", "graceful_timeout": "9s"},
            id="gunicorn-has-these-words-itself",
        ),
        pytest.param(
            "{kind: uvicorn, timeout_keep_alive: 65s}",
            {"timeout_keep_alive": "65s"},
            id="own-word-of-uvicorn",
        ),
        pytest.param("{kind: uvicorn, keepalive: 5s}", {"keepalive": "5s"}, id="alias-of-uvicorn"),
        pytest.param("{kind: gunicorn, timeout: null}", {"timeout": None}, id="null"),
    ],
)
def test_server_settings(tmp_path: Path, stated: str, expected: dict[str, object]) -> None:
    reading = read_app(tmp_path, server(stated))
    assert values(by_address(reading)["app:shop"]) == expected
    assert reading.problems == ()


def test_a_limit_the_server_cannot_have_is_said_and_the_rest_holds(tmp_path: Path) -> None:
    reading = read_app(tmp_path, server("{kind: uvicorn, timeout: 30s, keepalive: 5s}"))
    declared = by_address(reading)["app:shop"]
    assert (declared.component, values(declared)) == ("uvicorn", {"keepalive": "5s"})
    assert [p.text for p in reading.problems] == ["server.timeout: uvicorn has no such limit"]


def test_without_a_server_something_stands_in_front_of_the_routes(tmp_path: Path) -> None:
    declared = by_address(read_app(tmp_path, route()[:-1].replace("calls:", "calls: []")))
    assert declared["app:shop"].component == "server"
    assert [target.address for target in declared["app:shop"].targets] == ["app:shop/x"]


@pytest.mark.parametrize(
    ("bind", "ports", "sockets"),
    [
        ('"0.0.0.0:8000"', (8000,), ()),
        ('":9000"', (9000,), ()),
        ('"[::]:80"', (80,), ()),
        ("unix:/run/app.sock", (), ("/run/app.sock",)),
    ],
)
def test_bind(tmp_path: Path, bind: str, ports: tuple[int, ...], sockets: tuple[str, ...]) -> None:
    front = by_address(read_app(tmp_path, server(f"{{kind: uvicorn, bind: {bind}}}")))["app:shop"].front
    assert (front.ports, front.sockets) == (ports, sockets)


@pytest.mark.parametrize(
    ("written", "threads", "expected"),
    [
        ("", None, "sync"),
        ("", 4, "gthread"),
        ("sync", None, "sync"),
        ("gunicorn.workers.sync.SyncWorker", 1, "sync"),
        ("gunicorn.workers.gthread.ThreadWorker", None, "gthread"),
        ("uvicorn.workers.UvicornH11Worker", None, "uvicorn"),
        ("uvicorn_worker.UvicornWorker", 4, "uvicorn"),
        ("egg:gunicorn#gevent", None, "gevent"),
        ("gunicorn.workers.geventlet.EventletWorker", None, "eventlet"),
        ("tornado", None, "tornado"),
        ("my.own.Worker", None, "my.own.Worker"),
    ],
)
def test_worker_class(written: str, threads: int | None, expected: str) -> None:
    assert worker_class(written, threads) == expected


@pytest.mark.parametrize(
    ("pattern", "prefix", "exact"),
    [
        ("/chat", "/chat", True),
        ("/items/{id}", "/items/", False),
        ("/items/<int:id>/edit", "/items/", False),
        ("/items/:id", "/items/", False),
        ("/time/12:30", "/time/12:30", True),
        ("/files/*", "/files/", False),
        ("/re/(a|b)", "/re/", False),
    ],
)
def test_path_rule(pattern: str, prefix: str, exact: bool) -> None:
    assert path_rule(pattern) == PathRule(pattern=pattern, prefix=prefix, exact=exact, opaque=not exact)


def test_parallel_and_loop_nest(tmp_path: Path) -> None:
    call = "{to: a, client: httpx}"
    reading = read_app(
        tmp_path,
        route(
            f"parallel: [{call}, {{loop: {{max: 3, calls: [{call}]}}}}]",
            f"loop: {{max: null, calls: [{call}]}}",
        ),
    )
    work = by_address(reading)["app:shop/x"].work
    assert isinstance(work, Sequence)
    both, endless = work.parts
    assert isinstance(both, Parallel)
    assert isinstance(both.parts[1], Loop)
    assert both.parts[0] == CallWork(address="app:shop/x#a")
    assert both.parts[1].times == exactly(3)
    assert both.parts[1].span.text == "max: 3"
    assert both.parts[1].body == Sequence(parts=(CallWork(address="app:shop/x#a#2"),))
    assert isinstance(endless, Loop)
    assert endless.times == UNLIMITED
    assert endless.body == Sequence(parts=(CallWork(address="app:shop/x#a#3"),))


def test_no_calls_and_unknown_calls_differ(tmp_path: Path) -> None:
    text = "service: shop\nroutes:\n  - {path: /none, calls: []}\n  - {path: /unknown}\n"
    declared = by_address(read_app(tmp_path, text))
    assert declared["app:shop/none"].work == Sequence()
    assert declared["app:shop/unknown"].work is None


def test_routes_with_one_path_are_told_apart(tmp_path: Path) -> None:
    text = (
        "service: shop\nroutes:\n  - {path: /x, methods: [POST]}\n  - {path: /x, methods: [PUT, GET]}\n"
        "  - {path: /x, methods: [POST], host: b.example}\n  - {path: /y, methods: [POST]}\n"
    )
    assert set(by_address(read_app(tmp_path, text))) == {
        "app:shop", "app:shop/x [POST]", "app:shop/x [GET,PUT]", "app:shop/x [POST b.example]", "app:shop/y",
    }  # fmt: skip


def test_an_unknown_client_is_said_and_the_call_stays(tmp_path: Path) -> None:
    reading = read_app(tmp_path, route("{to: a, client: opnai, timeout: 3s, pool: 4}"))
    assert by_address(reading)["app:shop/x#a"].component == "opnai"
    (message,) = messages(reading)
    assert message.startswith("5:25 routes[0].calls[0].client: is not known (did you mean openai")


def test_every_document_of_a_file_is_a_service(tmp_path: Path) -> None:
    text = "service: a\nroutes: []\n---\nservice: b\nroutes: []\n---\n"
    reading = read_app(tmp_path, text)
    assert set(by_address(reading)) == {"app:a", "app:b"}
    assert reading.problems == ()


def test_one_service_in_two_environments(tmp_path: Path) -> None:
    text = "service: a\nenvironment: {}\nroutes: []\n"
    reading = read_files(tmp_path, {"b.yaml": text.format("prod"), "a.yaml": text.format("staging")})
    assert [d.environment for d in reading.declarations] == ["staging", "prod"]
    assert reading.environments == ("prod", "staging")
    assert reading.recognised == ("a.yaml", "b.yaml")


def test_aliases_and_merge_keys(tmp_path: Path) -> None:
    text = (
        "service: shop\nroutes:\n  - path: /a\n    calls: &calls\n"
        "      - &call {to: a, client: openai, timeout: 5s}\n"
        "      - {<<: *call, to: b, timeout: 6s}\n  - {path: /b, calls: *calls}\n"
    )
    declared = by_address(read_app(tmp_path, text))
    assert values(declared["app:shop/a#b"]) == {"timeout": "6s"}
    assert values(declared["app:shop/b#a"]) == {"timeout": "5s"}

"""What is wrong in an app document is said with its place, and the rest of the file goes on."""

from pathlib import Path

import pytest
from app_files import by_address, messages, read_app, read_files, route, server

from budgetcheck.model.settings import Known, Unresolved

LEFT_OUT = "; the route is left out"
CALLS = "; the calls of this route are taken as unknown"
REST = "; the other limits of this call are taken as unknown"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        pytest.param(
            "{to: a, client: openai, timeout: 30}",
            f"5:42 routes[0].calls[0].timeout: write a unit: 30s or 30ms{REST} | ",
            id="bare-number",
        ),
        pytest.param(
            '{to: a, client: openai, timeout: "30"}',
            f"5:42 routes[0].calls[0].timeout: write a unit: 30s or 30ms{REST} | ",
            id="bare-number-as-text",
        ),
        pytest.param(
            "{to: a, client: openai, timeout: soon}",
            f"5:42 routes[0].calls[0].timeout: is not a duration; write 30s, 1m30s or 500ms{REST} | ",
            id="no-duration-and-its-text-is-not-repeated",
        ),
        pytest.param(
            "{to: a, client: openai, deadline: -5s}",
            f"5:43 routes[0].calls[0].deadline: must not be negative{REST} | ",
            id="negative",
        ),
        pytest.param(
            "{to: a, client: openai, timeout: {conect: 5s}}",
            f"5:43 routes[0].calls[0].timeout.conect: is not a key here (did you mean connect?){REST} | ",
            id="misspelt-phase",
        ),
        pytest.param(
            "{to: a, client: psycopg, statment_timeout: 5s}",
            "5:34 routes[0].calls[0].statment_timeout: is no key here and no setting of psycopg "
            f"(did you mean statement_timeout?){REST} | ",
            id="misspelt-setting-of-the-client",
        ),
        pytest.param(
            "{to: a, client: psycopg, statement_timeout: 5000}",
            f"5:53 routes[0].calls[0].statement_timeout: write a unit: 5000s or 5000ms{REST} | ",
            id="bare-number-of-a-client-setting-whatever-its-own-unit",
        ),
        pytest.param(
            "{to: a, client: psycopg, timeout: 5s}",
            f"5:34 routes[0].calls[0].timeout: psycopg has no such limit{REST} "
            "| its settings are connect_timeout, pool_timeout, statement_timeout, "
            "timeout.connect, timeout.pool",
            id="limit-the-client-does-not-have",
        ),
        pytest.param(
            "{to: a, client: psycopg, attempts: 2}",
            f"5:34 routes[0].calls[0].attempts: psycopg has no such setting{REST} "
            "| write loop: {max: N, calls: [...]} around the call",
            id="client-that-does-not-try-again",
        ),
        pytest.param(
            "{to: a, client: openai, attempts: 0}",
            f"5:43 routes[0].calls[0].attempts: must be at least 1{REST} | ",
            id="no-attempt-at-all",
        ),
        pytest.param(
            "{to: a, client: openai, max_retries: two}",
            f"5:46 routes[0].calls[0].max_retries: must be a whole number{REST} | ",
            id="count-in-words",
        ),
        pytest.param(
            "{to: a}", f"5:9 routes[0].calls[0].client: is missing{CALLS} | ", id="call-without-client"
        ),
        pytest.param(
            "{to: a, client: nginx}",
            f"5:25 routes[0].calls[0].client: nginx is not a client{CALLS} | known here: ",
            id="proxy-as-client",
        ),
        pytest.param(
            "loop: {max: 0, calls: [{to: a, client: openai}]}",
            f"5:21 routes[0].calls[0].loop.max: must be at least 1{CALLS} | ",
            id="loop-that-never-runs",
        ),
        pytest.param(
            "5", f"5:9 routes[0].calls[0]: must be a mapping of keys to values{CALLS} | ", id="number"
        ),
    ],
)
def test_faults_in_a_call(tmp_path: Path, call: str, expected: str) -> None:
    reading = read_app(tmp_path, route(call))
    (message,) = messages(reading)
    assert message.partition(" | known here: ")[0] == expected.removesuffix(" | known here: ")
    declared = by_address(reading)
    if CALLS in expected:
        assert set(declared) == {"app:shop", "app:shop/x"}
        assert declared["app:shop/x"].work is None
    else:
        assert set(declared) == {"app:shop", "app:shop/x", "app:shop/x#a"}
        assert all(isinstance(s.value, Unresolved) for s in declared["app:shop/x#a"].settings)
        assert declared["app:shop/x#a"].settings


def test_what_is_right_in_a_call_with_a_fault_still_holds(tmp_path: Path) -> None:
    text = route(
        "{to: a, client: openai, timeout: {read: 5s}, max_retries: 1, tiemout: 3s}", "{to: b, client: openai}"
    )
    declared = by_address(read_app(tmp_path, text))
    settings = {s.name: s.value for s in declared["app:shop/x#a"].settings}
    assert settings["timeout.read"] == Known(value="5s")
    assert settings["max_retries"] == Known(value=1)
    assert isinstance(settings["timeout.connect"], Unresolved)
    assert declared["app:shop/x#b"].settings == ()


def test_one_count_in_two_words_is_unknown(tmp_path: Path) -> None:
    reading = read_app(tmp_path, route("{to: a, client: openai, retries: 1, attempts: 5}"))
    assert [p.text.partition(";")[0] for p in reading.problems] == [
        "routes[0].calls[0].retries: one of retries, attempts says it all",
        "routes[0].calls[0].attempts: one of retries, attempts says it all",
    ]
    setting = by_address(reading)["app:shop/x#a"].setting("max_retries")
    assert setting is not None
    assert isinstance(setting.value, Unresolved)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        pytest.param("{kind: nginx}", "2:16 server.kind: nginx is not an app server", id="proxy-as-server"),
        pytest.param(
            "{timeout: 5s}",
            "2:10 server.timeout: means something else on every server",
            id="limit-without-kind",
        ),
        pytest.param(
            "{kind: uvicorn, worker_class: x}",
            "2:25 server.worker_class: is a setting of gunicorn only",
            id="worker-class-of-another-server",
        ),
        pytest.param("{kind: uvicorn, port: 70000}", "2:31 server.port: must be at most 65535", id="port"),
        pytest.param(
            "{kind: uvicorn, bind: localhost}", "2:31 server.bind: must be host:port or unix:/path", id="bind"
        ),
    ],
)
def test_faults_in_the_server_make_it_unknown(tmp_path: Path, stated: str, expected: str) -> None:
    reading = read_app(tmp_path, server(stated))
    assert [m.partition(" |")[0] for m in messages(reading)] == [
        f"{expected}; the server is taken as unknown"
    ]
    assert by_address(reading)["app:shop"].component == "server"


def test_an_unknown_server_keeps_its_name(tmp_path: Path) -> None:
    reading = read_app(tmp_path, server("{kind: gunicorm, timeout: 5s}"))
    assert by_address(reading)["app:shop"].component == "gunicorm"
    assert "(did you mean gunicorn" in reading.problems[0].text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "1:0 is empty | state a service: and its routes:", id="empty"),
        pytest.param("# nothing\n", "1:0 is empty | state a service: and its routes:", id="only-a-comment"),
        pytest.param("[1]", "1:1 is not an app document | state a service: and its routes:", id="list"),
        pytest.param(
            "service: a\nroutes: [",
            "3:1 is not valid YAML: did not find expected node content | ",
            id="syntax",
        ),
        pytest.param(
            "service: &a [*a]\n",
            "1:14 refers to an anchor that is not defined before | ",
            id="alias-of-itself",
        ),
        pytest.param("a: " + "[" * 70, "1:67 is nested more than 64 levels deep | ", id="nesting"),
        pytest.param(b"service: caf\xe9\n", "1:0 is not UTF-8 text | save the file as UTF-8", id="latin-1"),
        pytest.param(b"service: \x00", "0:0 is a binary file | ", id="binary"),
        pytest.param(
            "service: a\nroutes:\n",
            "2:8 routes: must be a list ([] for none); the document is left out | ",
            id="null-routes",
        ),
        pytest.param(
            "service: a\nroutes: []\nenviroment: x\n",
            "3:1 enviroment: is not a key here (did you mean environment?); the document is left out | ",
            id="unknown-top-level-key",
        ),
        pytest.param("routes: []\n", "1:1 service: is missing; the document is left out | ", id="no-service"),
        pytest.param(
            "service: a\nservice: b\nroutes: []\n",
            "2:1 `service`: the key is written twice, first in line 1; the document is left out "
            "| keep one of them",
            id="duplicate-key",
        ),
    ],
)
def test_documents_that_cannot_be_used(tmp_path: Path, text: str | bytes, expected: str) -> None:
    reading = read_app(tmp_path, text)
    assert messages(reading) == [expected]
    assert reading.declarations == ()
    assert reading.recognised == ()


def test_aliases_that_stand_for_billions_are_refused_quickly(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    reading = read_app(tmp_path, "\n".join(["service: a", *lines, "routes: []"]))
    assert "stands for more than 20000 values" in reading.problems[0].text


def test_calls_nest_only_so_deep(tmp_path: Path) -> None:
    call = "{to: a, client: openai}"
    for _ in range(8):
        call = f"{{loop: {{max: 2, calls: [{call}]}}}}"
    reading = read_app(tmp_path, route(call))
    assert ["nest more than 8 levels deep" in problem.text for problem in reading.problems] == [True]


def test_other_routes_and_documents_go_on(tmp_path: Path) -> None:
    text = (
        "service: a\nroutes:\n  - {path: /bad, metods: [GET]}\n"
        "  - {path: /good, calls: [{to: x, client: nobody}]}\n"
        "---\nservice: [\n---\nservice: c\nroutes: [{path: /x}]\n"
    )
    reading = read_app(tmp_path, text)
    assert set(by_address(reading)) == {"app:a", "app:a/good", "app:a/good#x", "app:c", "app:c/x"}
    assert [m.partition(" |")[0] for m in messages(reading)] == [
        f"3:18 routes[0].metods: is not a key here (did you mean methods?){LEFT_OUT}",
        "4:43 routes[1].calls[0].client: is not known, so its defaults and limits are not either",
        "7:1 is not valid YAML: did not find expected node content",
    ]


def test_a_route_is_stated_once(tmp_path: Path) -> None:
    reading = read_app(tmp_path, "service: a\nroutes:\n  - {path: /x}\n  - {path: /x}\n")
    assert [m.partition(" |")[0] for m in messages(reading)] == [
        f"4:12 routes[1].path: is the same route as in line 3{LEFT_OUT}"
    ]
    assert set(by_address(reading)) == {"app:a", "app:a/x"}


def test_a_service_is_stated_once_per_environment(tmp_path: Path) -> None:
    text = "service: a\nroutes: []\n"
    reading = read_files(tmp_path, {"two.yaml": text + "environment: prod\n", "one.yaml": text})
    assert [(p.span.file, p.text) for p in reading.problems] == [
        ("two.yaml", "the service is stated in one.yaml:1 as well; this one is left out")
    ]
    assert len(reading.declarations) == 1


def test_no_value_of_the_file_is_repeated(tmp_path: Path) -> None:
    secret = "s3cr3t"
    text = (
        f"service: '{secret} x'\nenvironment: [{secret}]\n"
        f"server: {{kind: '{secret} x', timeout: {secret}}}\n"
        f"routes:\n  - path: '{secret}'\n    calls:\n"
        f"      - {{to: 'postgres://u:{secret}@db/x', client: psycopg, statement_timeout: {secret}}}\n"
        f"      - {{to: a, client: openai, timeout: '{secret}', api_key: {secret}, version: {secret}}}\n"
    )
    reading = read_app(tmp_path, text)
    assert len(reading.problems) == 7
    assert secret not in repr(reading)

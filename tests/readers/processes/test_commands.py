"""Command lines as people write them, and which server with which settings they start."""

import pytest
from process_files import one, run, values

STARTS = {
    "gunicorn app:app": "gunicorn",
    "/app/.venv/bin/gunicorn app:app": "gunicorn",
    "exec gunicorn app:app": "gunicorn",
    "python -m gunicorn app:app": "gunicorn",
    "python3.12 -u -m uvicorn app:app": "uvicorn",
    "poetry run gunicorn app:app": "gunicorn",
    "uv run --frozen --no-dev uvicorn app:app": "uvicorn",
    "pipenv run gunicorn app:app": "gunicorn",
    "conda run -n web gunicorn app:app": "gunicorn",
    "ddtrace-run gunicorn app:app": "gunicorn",
    "opentelemetry-instrument --traces_exporter=none gunicorn app:app": "gunicorn",
    "newrelic-admin run-program gunicorn app:app": "gunicorn",
    "env DEBUG=0 gunicorn app:app": "gunicorn",
    "gosu app:app gunicorn app:app": "gunicorn",
    "su-exec nobody gunicorn app:app": "gunicorn",
    "tini -- gunicorn app:app": "gunicorn",
    "nohup nice -n 5 gunicorn app:app": "gunicorn",
    "./wait-for-it.sh db:5432 -- gunicorn app:app": "gunicorn",
    "docker-entrypoint.sh gunicorn app:app": "gunicorn",
    'sh -c "python manage.py migrate && gunicorn app:app"': "gunicorn",
    "bash -lc 'cd /app; exec uvicorn app:app'": "uvicorn",
    "fastapi run app/main.py": "uvicorn",
    "hypercorn app:app": "hypercorn",
    "granian app:app": "granian",
    "waitress-serve app:app": "waitress",
    "uwsgi --http :8000": "uwsgi",
    "node server.js": "node",
    "npm run start:prod": "node",
    "next start": "node",
    "bundle exec puma -C config/puma.rb": "puma",
    "bundle exec unicorn_rails -c config/unicorn.rb": "unicorn",
    "bin/rails server -b 0.0.0.0": "server",
    "php-fpm8.3 -F": "php-fpm",
    "daphne -p 8001 app.asgi:application": "server",
}
NOTHING = {
    "celery -A worker beat": "only plans tasks",
    "celery -A app flower": "only watches",
    "celery -A app inspect ping": "ends by itself",
    "rq worker": "works through a queue",
    "python manage.py migrate": "ends by itself",
    "pip install gunicorn": "only installs it",
    "echo gunicorn app:app": "only prints it",
    "# gunicorn app:app": "a comment",
    "npm run build": "ends by itself",
    "rails db:migrate": "ends by itself",
    "which gunicorn": "only looks for it",
}


@pytest.mark.parametrize(("command", "component"), STARTS.items(), ids=list(STARTS))
def test_the_server_is_found_behind_its_wrappers(command: str, component: str) -> None:
    assert one(command).component == component


@pytest.mark.parametrize("command", NOTHING, ids=NOTHING.values())
def test_what_serves_no_requests_is_no_server(command: str) -> None:
    assert run(command) == ()


CELERY = {
    "celery -A app worker --time-limit 300 --soft-time-limit 270": (("300", "270"), ""),
    "celery --app=app worker --time-limit=300 --soft-time-limit=270 -c 4 -Q a,b": (("300", "270"), ""),
    "celery worker -A app --time-limit 300": (("300", None), ""),
    "python -m celery -A app worker -l info": ((None, None), ""),
    "celery multi start w1 -A app --time-limit=300": (("300", None), ""),
    "celery -A app worker -P gevent --time-limit 300": (("300", None), "gevent"),
    "celery -A app worker --pool=processes": ((None, None), "prefork"),
    "celery -A app worker -P $POOL": ((None, None), "unresolved"),
    "celery -A app worker --time-limit ${LIMIT:-90}": (("90", None), ""),
    "celery -A app worker --time-limit $LIMIT": (("?", None), ""),
    "celery -b redis://:secret@r -A app worker --soft-time-limit 5": ((None, "5"), ""),
}


@pytest.mark.parametrize(("command", "expected"), CELERY.items(), ids=list(CELERY))
def test_celery_workers(command: str, expected: tuple[tuple[str | None, str | None], str]) -> None:
    worker = one(command, CELERY_TASK_TIME_LIMIT="7")  # no setting of Celery unless code reads it
    found = values(worker)
    limits = (found.get("task_time_limit"), found.get("task_soft_time_limit"))
    assert (worker.component, worker.worker) == ("celery", True)
    assert (limits, dict(worker.traits).get("pool", "")) == expected
    assert "secret" not in repr(worker)


GUNICORN = {
    "-t 60": {"timeout": "60"},
    "-t60": {"timeout": "60"},
    "--timeout=60": {"timeout": "60"},
    "--timeout 60 --timeout 90": {"timeout": "90"},
    "--timeout 0": {"timeout": "0"},
    '--timeout "60"': {"timeout": "60"},
    "--timeout \\\n  60": {"timeout": "60"},
    "--keep-alive 75 --graceful-timeout 20": {"keepalive": "75", "graceful_timeout": "20"},
    "--timeout $T": {"timeout": "45"},
    "--timeout=${T}": {"timeout": "45"},
    "--timeout ${UNSET:-120}": {"timeout": "120"},
    "--timeout ${UNSET:-${T}}": {"timeout": "45"},
    "--timeout $UNSET": {"timeout": "?"},
    "--timeout $(nproc)": {"timeout": "?"},
    "$OPTIONS": {"timeout": "33", "keepalive": "5"},
    "": {},
}


@pytest.mark.parametrize(("options", "expected"), GUNICORN.items(), ids=list(GUNICORN))
def test_gunicorn_options(options: str, expected: dict[str, str]) -> None:
    server = one(f"gunicorn app:app {options} -w 4", T="45", OPTIONS="--timeout 33 --keep-alive 5")
    assert values(server) == {**expected, "workers": "4"}


WORKERS = {
    "": "sync",
    "--threads 1": "sync",
    "--threads 4": "gthread",
    "-k gthread": "gthread",
    "-k uvicorn.workers.UvicornWorker": "uvicorn",
    "--worker-class=uvicorn_worker.UvicornWorker --threads 4": "uvicorn",
    "-k gevent": "gevent",
    "-k $KIND": "unresolved",
    "--threads $COUNT": "unresolved",
    "-k $KIND --threads 2": "unresolved",
}


@pytest.mark.parametrize(("options", "kind"), WORKERS.items(), ids=list(WORKERS))
def test_the_worker_class_decides_what_the_timeout_means(options: str, kind: str) -> None:
    assert dict(one(f"gunicorn app:app {options}").traits)["worker_class"] == kind


class TestOrder:
    def test_the_command_line_wins_over_the_variable(self) -> None:
        server = one("gunicorn -t 60 app:app", GUNICORN_CMD_ARGS="--timeout 10 --keep-alive 9 -k gthread")
        assert values(server) == {"timeout": "60", "keepalive": "9"}
        assert dict(server.traits)["worker_class"] == "gthread"

    def test_a_variable_for_this_command_alone(self) -> None:
        assert values(one('GUNICORN_CMD_ARGS="-t 70" gunicorn app:app')) == {"timeout": "70"}

    def test_a_variable_that_is_not_exported_stays_in_the_shell(self) -> None:
        assert values(one('GUNICORN_CMD_ARGS="-t 70"\ngunicorn app:app')) == {}
        assert values(one('export GUNICORN_CMD_ARGS="-t 70"\ngunicorn app:app')) == {"timeout": "70"}

    def test_uvicorn_reads_its_variables(self) -> None:
        server = one(
            "uvicorn app:app --timeout-keep-alive 20",
            UVICORN_TIMEOUT_KEEP_ALIVE="7",
            UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN="9",
            UVICORN_PORT="9000",
        )
        assert values(server) == {"timeout_keep_alive": "20", "timeout_graceful_shutdown": "9"}
        assert server.binding.ports == (9000,)


LISTENING = {
    "gunicorn app:app": ((8000,), ()),
    "gunicorn -b :9000 app:app": ((9000,), ()),
    "gunicorn -b 0.0.0.0:9000 --bind [::]:9001 app:app": ((9000, 9001), ()),
    "gunicorn --bind unix:/run/app.sock app:app": ((), ("/run/app.sock",)),
    'gunicorn --bind "0.0.0.0:${PORT:-8080}" app:app': ((8080,), ()),
    "uvicorn app:app --host 0.0.0.0 --port 80": ((80,), ()),
    "uvicorn app:app --uds /tmp/app.sock": ((), ("/tmp/app.sock",)),
    "hypercorn -b unix:/tmp/h.sock app:app": ((), ("/tmp/h.sock",)),
    "granian --port 81 app:app": ((81,), ()),
    "waitress-serve --listen=*:8041 app:app": ((8041,), ()),
    "uwsgi --http-socket 0.0.0.0:82": ((82,), ()),
    "uwsgi --socket /tmp/u.sock": ((), ("/tmp/u.sock",)),
    "next start -p 3001": ((3001,), ()),
}


@pytest.mark.parametrize(("command", "places"), LISTENING.items(), ids=list(LISTENING))
def test_where_it_listens(command: str, places: tuple[tuple[int, ...], tuple[str, ...]]) -> None:
    binding = one(command).binding
    assert (binding.ports, binding.sockets, binding.hidden) == (*places, False)


def test_gunicorn_listens_where_the_platform_says() -> None:
    assert one("gunicorn app:app", PORT="5000").binding.ports == (5000,)


def test_a_port_that_is_not_known_is_no_default() -> None:
    binding = one("gunicorn -b 0.0.0.0:$PORT app:app").binding
    assert (binding.ports, binding.hidden) == ((), True)


OTHERS = {
    "hypercorn --keep-alive 30 --graceful-timeout 9 app:app": {
        "keep_alive_timeout": "30",
        "graceful_timeout": "9",
    },
    "granian --workers-kill-timeout 20 --http1-header-read-timeout 5000 app:app": {
        "workers_kill_timeout": "20",
        "http1_header_read_timeout": "5000",
    },
    "waitress-serve --channel-timeout=60 app:app": {"channel_timeout": "60"},
    "uwsgi --http :80 --harakiri 30 --http-timeout=90": {"harakiri": "30", "http-timeout": "90"},
    "uvicorn app:app --timeout-keep-alive=35": {"timeout_keep_alive": "35"},
    "next start --keepAliveTimeout 70000": {"keepAliveTimeout": "70000"},
    "node dist/server.js": {"keepAliveTimeout": "?"},
}


@pytest.mark.parametrize(("command", "expected"), OTHERS.items(), ids=list(OTHERS))
def test_settings_have_the_names_of_the_facts(command: str, expected: dict[str, str]) -> None:
    assert values(one(command)) == expected


class TestSeveral:
    def test_a_development_server_gives_way(self) -> None:
        script = 'if [ "$DEV" = 1 ]; then uvicorn a:a --reload; else gunicorn -t 60 a:a; fi'
        assert one(script).component == "gunicorn"

    def test_a_development_server_alone_stays(self) -> None:
        assert one("uvicorn a:a --reload --timeout-keep-alive 9").development

    def test_the_same_server_with_different_values(self) -> None:
        script = "if test -f /prod; then gunicorn -t 60 -b :80 a:a; else gunicorn -t 90 -b :80 a:a; fi"
        assert values(one(script)) == {"timeout": {"60", "90"}}

    def test_a_value_in_one_branch_only_is_that_value_or_the_default(self) -> None:
        script = "if test -f /prod; then gunicorn -t 60 -b :80 a:a; else gunicorn -b :80 a:a; fi"
        assert values(one(script)) == {"timeout": {"60", None}}

    def test_different_servers_in_one_place_are_of_no_known_kind(self) -> None:
        server = one('case "$KIND" in wsgi) gunicorn -b :80 a:a;; *) uvicorn --port 80 a:a;; esac')
        assert (server.component, values(server)) == ("server", {"kind": "?"})

    def test_servers_side_by_side_stay_two(self) -> None:
        found = run("gunicorn -b :8000 a:a & uvicorn b:b --port 8001")
        assert [(server.component, server.binding.ports) for server in found] == [
            ("gunicorn", (8000,)),
            ("uvicorn", (8001,)),
        ]

    def test_a_worker_beside_a_server_changes_nothing_about_it(self) -> None:
        found = run("gunicorn -b :8000 a:a & celery -A a worker & celery -A a worker -Q b --time-limit 9")
        assert [server.component for server in found] == ["gunicorn", "celery", "celery"]
        assert found[0] == one("gunicorn -b :8000 a:a ")

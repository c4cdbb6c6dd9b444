"""Procfiles, systemd units, supervisord, start scripts and gunicorn's own file."""

from pathlib import Path

import pytest
from process_files import only, path, read_files, servers, values, workers

from budgetcheck.model.settings import ProblemKind, Unresolved
from budgetcheck.readers.claims import is_nginx, is_process
from budgetcheck.readers.process_names import Kind, process_kind
from budgetcheck.tree import SourceFile


class TestProcfile:
    def test_each_process_that_serves(self, tmp_path: Path) -> None:
        text = "web: gunicorn -t 60 a:a\nworker: celery -A a worker\nadmin: uvicorn b:b\nrelease: migrate\n"
        found = servers(read_files(tmp_path, {"Procfile": text}))
        assert list(found) == ["procfile:Procfile:web", "procfile:Procfile:admin"]

    def test_variables_beside_it(self, tmp_path: Path) -> None:
        found = only(read_files(tmp_path, {"Procfile": "web: gunicorn -t $T a:a\n", ".env": "T=55\n"}))
        assert path(found, "timeout") == ["Procfile:1 -t $T", ".env:1 T=55"]


class TestSystemd:
    def test_unit(self, tmp_path: Path) -> None:
        text = (
            "[Unit]\nDescription=x\n[Service]\n"
            'Environment="T=65" "SECRET=x"\nEnvironmentFile=-/etc/default/shop.env\n'
            "WorkingDirectory=/srv/shop\n"
            "ExecStart=/srv/venv/bin/gunicorn --timeout ${T} \\\n"
            "    --keep-alive $K --bind unix:/run/shop.sock a:a\n"
            "TimeoutStopSec=90\n"
        )
        found = only(read_files(tmp_path, {"deploy/shop.service": text, "deploy/shop.env": "K=7\n"}))
        assert (found.address, found.front.sockets) == ("systemd:shop", ("/run/shop.sock",))
        assert values(found) == {"timeout": "65", "keepalive": "7", "TimeoutStopSec": "90"}
        assert path(found, "TimeoutStopSec") == ["deploy/shop.service:9 TimeoutStopSec=90"]

    def test_no_limit(self, tmp_path: Path) -> None:
        text = "[Service]\nExecStart=gunicorn a:a\nTimeoutStopSec=infinity\n"
        assert values(only(read_files(tmp_path, {"a.service": text}))) == {"TimeoutStopSec": "0"}

    @pytest.mark.parametrize(
        "text", ["", "[Service]\nExecStart=\n", "[Service]\nExecStart='a\n", "[Unit]\nX=1"]
    )
    def test_nothing_to_start(self, tmp_path: Path, text: str) -> None:
        assert not servers(read_files(tmp_path, {"a.service": text}))


class TestSupervisord:
    TEXT = (
        '[supervisord]\nenvironment=A="1",T="66"\n'
        "[program:web]\n"
        "command=gunicorn --timeout %(ENV_T)s ; the web server\n    --bind 127.0.0.1:8000\n    a:a\n"
        "stopwaitsecs = 40 ; long\n"
        "[program:jobs]\ncommand=celery worker\n"
        "[program:old]\nautostart=false\ncommand=uvicorn x:x\n"
    )

    def test_programs(self, tmp_path: Path) -> None:
        found = only(
            read_files(tmp_path, {"conf.d/supervisord.conf": self.TEXT.replace(" ; the web server", "")})
        )
        assert (found.address, found.front.ports) == ("supervisord:web", (8000,))
        assert values(found) == {"timeout": "66", "stopwaitsecs": "40"}

    def test_programs_of_one_name_keep_apart(self, tmp_path: Path) -> None:
        text = "[program:web]\ncommand=gunicorn a:a\n"
        found = servers(read_files(tmp_path, {"a/supervisord.conf": text, "b/supervisord.conf": text}))
        assert list(found) == ["supervisord:web", "supervisord:web#2"]


class TestScripts:
    def test_a_script_that_nothing_runs(self, tmp_path: Path) -> None:
        found = only(read_files(tmp_path, {"bin/start.sh": "#!/bin/bash\ngunicorn -t 60 a:a\n"}))
        assert (found.address, found.span.place, values(found)) == (
            "script:bin/start.sh",
            "bin/start.sh:2",
            {"timeout": "60"},
        )

    def test_a_script_that_another_runs(self, tmp_path: Path) -> None:
        files = {
            "run.sh": "#!/bin/sh\n. ./env.sh\nsh start.sh 90\n",
            "start.sh": "gunicorn -t $1 --keep-alive $K a:a\n",
        }
        files["env.sh"] = "export K=9\n"
        found = servers(read_files(tmp_path, files))
        assert values(found["script:run.sh"]) == {"timeout": "90", "keepalive": "9"}
        assert list(found) == ["script:run.sh"]

    def test_a_script_that_serves_nothing_is_not_recognised(self, tmp_path: Path) -> None:
        assert read_files(tmp_path, {"run.sh": "#!/bin/sh\necho done\n"}).recognised == ()


CONFIGURATIONS = {
    "literal": ("timeout = 120", {"timeout": "120"}),
    "arithmetic": ("timeout = 2 * 60", {"timeout": "120"}),
    "name": ("MINUTE = 60\ntimeout = MINUTE * 2", {"timeout": "120"}),
    "environment with a default": ("import os\ntimeout = int(os.environ.get('T', 90))", {"timeout": "90"}),
    "getenv": ("import os\ntimeout = int(os.getenv('T', '90'))", {"timeout": "90"}),
    "or": ("import os\ntimeout = int(os.getenv('T') or 90)", {"timeout": "90"}),
    "required variable": ("import os\ntimeout = int(os.environ['T'])", {"timeout": "?"}),
    "conditional": ("import x\ntimeout = 60 if x.debug else 90", {"timeout": {"60", "90"}}),
    "branches": (
        "import x\nif x.debug:\n    timeout = 60\nelse:\n    timeout = 90",
        {"timeout": {"60", "90"}},
    ),
    "one branch": ("import x\nif x.debug:\n    timeout = 60", {"timeout": "?"}),
    "the last counts": ("timeout = 1\ntimeout = 2", {"timeout": "2"}),
    "a call": ("timeout = compute()", {"timeout": "?"}),
    "annotated": ("timeout: int = 7", {"timeout": "7"}),
    "no Python": ("timeout = = 3", None),
    "other names": ("max_requests = 1000\nloglevel = 'info'", {}),
}


BINDS = {
    "bind = '0.0.0.0:9000'": ((9000,), ()),
    "bind = ['0.0.0.0:9000', 'unix:/run/a.sock']": ((9000,), ("/run/a.sock",)),
    "port = 9000\nbind = f'0.0.0.0:{port}'": ((9000,), ()),
    "bind = '0.0.0.0:' + str(9000)": ((9000,), ()),
    "bind = '{}:{}'.format('0.0.0.0', 9000)": ((9000,), ()),
    "bind = '0.0.0.0:%s' % 9000": ((9000,), ()),
}


class TestGunicornFile:
    @pytest.mark.parametrize(("text", "expected"), CONFIGURATIONS.values(), ids=list(CONFIGURATIONS))
    def test_values(self, tmp_path: Path, text: str, expected: dict[str, object] | None) -> None:
        found = servers(read_files(tmp_path, {"gunicorn.conf.py": text}))
        assert [values(made) for made in found.values()] == ([] if expected is None else [expected])

    @pytest.mark.parametrize(("text", "places"), BINDS.items(), ids=list(BINDS))
    def test_bind(self, tmp_path: Path, text: str, places: tuple[tuple[int, ...], tuple[str, ...]]) -> None:
        front = only(read_files(tmp_path, {"gunicorn.conf.py": text})).front
        assert (front.ports, front.sockets) == places

    def test_order_of_file_variable_and_command_line(self, tmp_path: Path) -> None:
        files = {
            "Procfile": "web: GUNICORN_CMD_ARGS='--keep-alive 2 -t 2' gunicorn -t 3 a:a\n",
            "gunicorn.conf.py": "timeout = 1\nkeepalive = 1\ngraceful_timeout = 1\nthreads = 2\n",
        }
        found = only(read_files(tmp_path, files))
        expected = {"timeout": "3", "keepalive": "2", "graceful_timeout": "1", "threads": "2"}
        assert values(found) == expected
        assert found.trait("worker_class") == "gthread"

    def test_a_file_that_is_missing_leaves_its_values_open(self, tmp_path: Path) -> None:
        found = only(read_files(tmp_path, {"Procfile": "web: gunicorn -c prod.py -t 3 a:a\n"}))
        assert values(found) == {"timeout": "3", "keepalive": "?", "graceful_timeout": "?"}
        assert found.trait("worker_class") == "unresolved"

    def test_variables_by_prefix(self, tmp_path: Path) -> None:
        config = (
            "import os\nfor k, v in os.environ.items():\n    if k.startswith('GUNICORN_'):\n"
            "        locals()[k.split('_', 1)[1].lower()] = v\n"
        )
        files = {"Procfile": "web: GUNICORN_TIMEOUT=77 gunicorn a:a\n", "gunicorn.conf.py": config}
        assert values(only(read_files(tmp_path, files))) == {"timeout": "77"}

    def test_a_name_that_gunicorn_does_not_know(self, tmp_path: Path) -> None:
        (problem,) = read_files(tmp_path, {"gunicorn.conf.py": "keep_alive = 60\n"}).problems
        assert (problem.kind, problem.span.line, problem.fix) == (
            ProblemKind.INEFFECTIVE,
            1,
            "Write keepalive = ...",
        )
        assert not read_files(tmp_path, {"gunicorn.conf.py": "keep_alive = keepalive = 60\n"}).problems


class TestOtherFiles:
    def test_uwsgi(self, tmp_path: Path) -> None:
        text = (
            "[uwsgi]\nhttp=:8000\nharakiri = $(H)\n; harakiri = 1\nhttp-timeout=90\n[other]\nharakiri = 2\n"
        )
        files = {"Procfile": "web: H=30 uwsgi --ini uwsgi.ini\n", "uwsgi.ini": text}
        found = only(read_files(tmp_path, files))
        assert values(found) == {"harakiri": "30", "http-timeout": "90"}
        assert (found.trait("router"), found.front.ports) == ("http", (8000,))

    @pytest.mark.parametrize(("variable", "expected"), [("LIMIT=45", {"harakiri": "45"}), ("X=1", {})])
    def test_conditions_of_uwsgi(self, tmp_path: Path, variable: str, expected: dict[str, str]) -> None:
        text = (
            "[uwsgi]\nif-env = LIMIT\nharakiri = %(_)\nendif =\nif-not-env = LIMIT\nprocesses = 2\nendif =\n"
        )
        files = {"Procfile": f"web: {variable} uwsgi uwsgi.ini\n", "uwsgi.ini": text}
        assert values(only(read_files(tmp_path, files))) == expected

    def test_a_token_that_a_script_replaces_in_a_file_of_uwsgi_is_not_known(self, tmp_path: Path) -> None:
        text = "[uwsgi]\nhttp=:8000\nharakiri = APP_HARAKIRI\n"
        found = only(read_files(tmp_path, {"Procfile": "web: uwsgi uwsgi.ini\n", "uwsgi.ini": text}))
        (setting,) = found.settings
        assert isinstance(setting.value, Unresolved)
        assert "APP_HARAKIRI is replaced" in setting.value.reason

    def test_hypercorn(self, tmp_path: Path) -> None:
        files = {
            "Procfile": "web: hypercorn -c h.toml a:a\n",
            "h.toml": 'bind = ["0.0.0.0:9000"]\nkeep_alive_timeout = 20\n',
        }
        found = only(read_files(tmp_path, files))
        assert (values(found), found.front.ports) == ({"keep_alive_timeout": "20"}, (9000,))
        assert path(found, "keep_alive_timeout") == ["h.toml:2 keep_alive_timeout = 20"]


NAMES = {
    "Dockerfile": Kind.DOCKERFILE,
    "Dockerfile.web": Kind.DOCKERFILE,
    "backend.Dockerfile": Kind.DOCKERFILE,
    "api.dockerfile": Kind.DOCKERFILE,
    "Containerfile": Kind.DOCKERFILE,
    "Dockerfile.dockerignore": None,
    "docker-compose.yml": Kind.COMPOSE,
    "docker-compose.prod.yaml": Kind.COMPOSE,
    "docker-compose-local.yml": Kind.COMPOSE,
    "compose.override.yml": Kind.COMPOSE,
    "composer.json": None,
    "Procfile": Kind.PROCFILE,
    "web@.service": Kind.SYSTEMD,
    "supervisord.conf": Kind.SUPERVISORD,
    "supervisor.conf": Kind.SUPERVISORD,
    "supervisord_web.ini": Kind.SUPERVISORD,
    "gunicorn.conf.py": Kind.GUNICORN,
    "gunicorn-config.py": Kind.GUNICORN,
    "docker_gunicorn_configuration.py": Kind.GUNICORN,
    "run_gunicorn.py": None,
    "docker-entrypoint-api.sh": Kind.SCRIPT,
    "entrypoint.sh": Kind.SCRIPT,
    "start.sh": Kind.SCRIPT,
    "run-server.sh": Kind.SCRIPT,
    "restart.sh": None,
    "install.sh": None,
    "nginx.conf": None,
}


@pytest.mark.parametrize(("name", "kind"), NAMES.items(), ids=list(NAMES))
def test_files_are_known_by_their_names(name: str, kind: Kind | None) -> None:
    assert process_kind(name.lower()) is kind


def test_a_supervisord_file_is_not_taken_for_nginx() -> None:
    file = SourceFile(
        name="docker/conf.d/web.conf", path=Path("x"), head="[program:web]\ncommand=gunicorn a:a\n"
    )
    assert is_process(file)
    nginx = SourceFile(name="conf.d/web.conf", path=Path("x"), head="server { listen 80; }\n")
    assert not is_process(nginx)
    assert is_nginx(nginx)


FREERADIUS = (
    "server default {\n    listen {\n        type = auth\n    }\n    authorize {\n        sql\n    }\n}\n"
)
SYSLOG = "source s_net {\n    tcp(port(514) max-connections(5000));\n};\n"
DNSMASQ = "server=/internal/10.0.0.2\ncache-size=1000\n"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        pytest.param("raddb/sites-enabled/default", FREERADIUS, False, id="FreeRADIUS"),
        pytest.param("syslog/conf.d/net.conf", SYSLOG, False, id="syslog-ng"),
        pytest.param("dns/conf.d/one.conf", DNSMASQ, False, id="dnsmasq"),
        pytest.param("sites-enabled/default", "listen 80;\nroot /srv;\n", True, id="a part of nginx"),
        pytest.param("snippets/tls.conf", "ssl_protocols TLSv1.3; # only\n", True, id="with a comment"),
        pytest.param("sites-enabled/default", "", True, id="where no text was looked at the name decides"),
        pytest.param("nginx/extra.conf", "proxy_read_timeout 5s\n", True, id="in a folder of its own"),
    ],
)
def test_folders_of_sites_are_not_only_those_of_nginx(name: str, head: str, expected: bool) -> None:
    assert is_nginx(SourceFile(name=name, path=Path("x"), head=head)) is expected


class TestAnyArguments:
    """Who runs an entrypoint without a command says what it is to do."""

    SCRIPT = (
        "#!/bin/bash\nWORK='celery -A a worker'\ncase $1 in\n"
        "api) exec gunicorn -t 60 a:a ;;\nwork) exec $WORK -Q one --time-limit 9;;\n"
        "other) exec $WORK -Q two --time-limit 9;;\n*) exit 1;;\nesac\n"
    )

    @pytest.mark.parametrize("image", [{}, {"Dockerfile": 'FROM x\nENTRYPOINT ["/app/entrypoint.sh"]\n'}])
    def test_every_branch_may_be_meant(self, tmp_path: Path, image: dict[str, str]) -> None:
        reading = read_files(tmp_path, {**image, "entrypoint.sh": self.SCRIPT})
        assert [values(one) for one in servers(reading).values()] == [{"timeout": "60"}]
        assert [values(one) for one in workers(reading).values()] == [{"task_time_limit": "9"}], (
            "one is enough"
        )

    def test_a_command_decides(self, tmp_path: Path) -> None:
        image = 'FROM x\nENTRYPOINT ["/app/entrypoint.sh"]\nCMD ["api"]\n'
        reading = read_files(tmp_path, {"Dockerfile": image, "entrypoint.sh": self.SCRIPT})
        assert (len(servers(reading)), len(workers(reading))) == (1, 0)


def test_a_procfile_for_ones_own_machine_is_not_deployed(tmp_path: Path) -> None:
    assert not servers(read_files(tmp_path, {"Procfile.dev": "web: bin/rails server\n"}))
    assert servers(read_files(tmp_path, {"Procfile.dev": "web: bin/rails server\n"}, given=True))


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        pytest.param("engines/shop/spec/dummy/config/puma.rb", False, id="what an engine is tried in"),
        pytest.param("apps/shop/config/puma.rb", True, id="an application"),
    ],
)
def test_the_dummy_application_of_an_engine_is_not_deployed(tmp_path: Path, file: str, counts: bool) -> None:
    assert bool(servers(read_files(tmp_path, {file: "port 3000\nworker_timeout 60\n"}))) is counts

"""Dockerfiles and compose projects: one server is one declaration, whatever files lead to it."""

from pathlib import Path

import pytest
from process_files import only, path, read_files, servers, values, workers

from budgetcheck.model.options import EnvironmentOptions

USES_T = "    command: sh -c 'gunicorn -t $$T a:a'\n"
BASE = "FROM python:3.12\nWORKDIR /app\n"


def compose(service: str, more: str = "") -> dict[str, str]:
    return {"compose.yaml": f"services:\n  web:\n{service}{more}"}


INSTRUCTIONS = {
    "exec form": ('CMD ["gunicorn", "-t", "60", "a:a"]', {"timeout": "60"}),
    "exec form over several lines": ('CMD ["gunicorn", \\\n  "-t", "60", \\\n  "a:a"]', {"timeout": "60"}),
    "shell form": ("CMD gunicorn -t 60 a:a", {"timeout": "60"}),
    "shell form with a variable": ("ENV T=45\nCMD gunicorn -t $T a:a", {"timeout": "45"}),
    "shell form with a default": ("CMD gunicorn -t ${T:-50} a:a", {"timeout": "50"}),
    "exec form has no shell": ('ENV T=45\nCMD ["gunicorn", "-t", "$T", "a:a"]', {"timeout": "$T"}),
    "old form of ENV": ("ENV T 45\nCMD gunicorn -t $T a:a", {"timeout": "45"}),
    "several in one ENV": ('ENV A=1 \\\n T="45"\nCMD gunicorn -t $T a:a', {"timeout": "45"}),
    "one in each line": ("ENV \\\n  # comment\n  A=1 \\\n  T=45\nCMD gunicorn -t $T a:a", {"timeout": "45"}),
    "an argument becomes a variable": ("ARG T=45\nENV X=$T\nCMD gunicorn -t $X a:a", {"timeout": "45"}),
    "an argument alone is gone at run time": ("ARG T=45\nCMD gunicorn -t ${T:-50} a:a", {"timeout": "50"}),
    "entrypoint with its arguments": ('ENTRYPOINT ["gunicorn", "a:a"]\nCMD ["-t", "60"]', {"timeout": "60"}),
    "shell entrypoint drops the command": ("ENTRYPOINT gunicorn a:a\nCMD -t 60", {}),
    "the last command counts": ("CMD gunicorn -t 1 a:a\nCMD gunicorn -t 2 a:a", {"timeout": "2"}),
    "comments and here-documents": (
        "RUN <<E\nCMD gunicorn -t 1 a:a\nE\n# CMD gunicorn -t 2 a:a\nCMD gunicorn -t 3 a:a",
        {"timeout": "3"},
    ),
    "a health check is none": ("HEALTHCHECK --timeout=9s CMD gunicorn -t 1 a:a\nCMD gunicorn a:a", {}),
}


SCRIPTS_OF_IMAGES = {
    "copied as it is": ("COPY . .", "entrypoint.sh", "./entrypoint.sh"),
    "copied elsewhere": ("COPY docker/entry.sh /usr/local/bin/start", "docker/entry.sh", "start"),
    "absolute path": ("COPY docker/entry.sh /start.sh", "docker/entry.sh", "/start.sh"),
    "into a folder": ("COPY bin/ /opt/bin/", "bin/serve.sh", "/opt/bin/serve.sh"),
    "several into a folder": ("COPY a.txt run.sh /opt/", "run.sh", "/opt/run.sh"),
    "folder in a variable": ("ENV DIR=back\nCOPY ${DIR}/ ./", "back/serve.sh", "./serve.sh"),
    "found by its end": ("ADD https://example.com/x /x", "scripts/serve.sh", "/app/scripts/serve.sh"),
}


class TestDockerfile:
    @pytest.mark.parametrize(("rest", "expected"), INSTRUCTIONS.values(), ids=list(INSTRUCTIONS))
    def test_command(self, tmp_path: Path, rest: str, expected: dict[str, object]) -> None:
        assert values(only(read_files(tmp_path, {"Dockerfile": BASE + rest}))) == expected

    def test_only_the_last_stage_counts(self, tmp_path: Path) -> None:
        text = f"{BASE}CMD gunicorn -t 1 a:a\nFROM python:3.12\nCMD uvicorn a:a --timeout-keep-alive 7\n"
        assert values(only(read_files(tmp_path, {"Dockerfile": text}))) == {"timeout_keep_alive": "7"}

    def test_a_stage_goes_on_from_another(self, tmp_path: Path) -> None:
        text = (
            "FROM python:3.12 AS base\nENV T=60\nCMD gunicorn -t $T a:a\n"
            "FROM node:20 AS assets\nCMD node x\nFROM base\n"
        )
        assert values(only(read_files(tmp_path, {"Dockerfile": text}))) == {"timeout": "60"}

    def test_an_entrypoint_drops_an_inherited_command(self, tmp_path: Path) -> None:
        text = 'FROM python:3.12 AS base\nCMD ["-t", "60"]\nFROM base\nENTRYPOINT ["gunicorn", "a:a"]\n'
        assert values(only(read_files(tmp_path, {"Dockerfile": text}))) == {}

    def test_exposed_port_of_a_server_that_says_none(self, tmp_path: Path) -> None:
        found = only(read_files(tmp_path, {"Dockerfile": f"{BASE}EXPOSE 5000/tcp\nCMD gunicorn a:a\n"}))
        assert (found.address, found.front.ports) == ("dockerfile:Dockerfile", (5000,))

    def test_bind_beats_expose(self, tmp_path: Path) -> None:
        found = only(read_files(tmp_path, {"Dockerfile": f"{BASE}EXPOSE 5000\nCMD gunicorn -b :80 a:a\n"}))
        assert found.front.ports == (80,)

    def test_version_of_node_from_the_base_image(self, tmp_path: Path) -> None:
        text = 'FROM node:20.11-alpine\nEXPOSE 3000\nCMD ["node", "server.js"]\n'
        code = "const server = app.listen(3000)\nserver.keepAliveTimeout = 65 * 1_000;\n"
        found = only(read_files(tmp_path, {"Dockerfile": text, "server.js": code}))
        assert (found.component, found.version, values(found)) == (
            "node",
            "20.11",
            {"keepAliveTimeout": "65000"},
        )

    def test_node_without_any_port_is_no_server(self, tmp_path: Path) -> None:
        assert not servers(read_files(tmp_path, {"Dockerfile": 'FROM node:20\nCMD ["node", "job.js"]\n'}))

    @pytest.mark.parametrize(
        ("copy", "name", "start"), SCRIPTS_OF_IMAGES.values(), ids=list(SCRIPTS_OF_IMAGES)
    )
    def test_entrypoint_script(self, tmp_path: Path, copy: str, name: str, start: str) -> None:
        dockerfile = f'{BASE}ENV T=70\n{copy}\nENTRYPOINT ["{start}"]\nCMD ["serve"]\n'
        if start == "start":
            dockerfile = dockerfile.replace('["start"]', '["/usr/local/bin/start"]')
        script = '#!/bin/sh\nif [ "$1" = serve ]; then exec gunicorn -t $T a:a; fi\nexec "$@"\n'
        found = only(read_files(tmp_path, {"Dockerfile": dockerfile, name: script}))
        assert (found.address, values(found)) == ("dockerfile:Dockerfile", {"timeout": "70"})
        assert path(found, "timeout") == [f"{name}:2 -t $T", "Dockerfile:3 T=70"]

    def test_context_above_the_dockerfile(self, tmp_path: Path) -> None:
        files = {
            "docker/Dockerfile": f"{BASE}COPY back/ ./\nCMD gunicorn a:a\n",
            "back/gunicorn.conf.py": "timeout = 9",
        }
        assert values(only(read_files(tmp_path, files))) == {"timeout": "9"}

    def test_supervisord_in_an_image(self, tmp_path: Path) -> None:
        files = {
            "Dockerfile": f"{BASE}COPY conf/web.conf /etc/supervisor/conf.d/\n"
            'CMD ["supervisord", "-c", "/etc/supervisor/supervisord.conf"]\n'
            "COPY conf/supervisord.conf /etc/supervisor/supervisord.conf\n",
            "conf/supervisord.conf": "[supervisord]\n[include]\nfiles=/etc/supervisor/conf.d/*.conf\n",
            "conf/web.conf": "[program:web]\ncommand=gunicorn -t 60 a:a\n[program:x]\ncommand=celery w\n",
        }
        assert values(only(read_files(tmp_path, files))) == {"timeout": "60"}


SERVICES = {
    "text": ("    command: gunicorn -t 60 a:a\n", {"timeout": "60"}),
    "list": ('    command: [gunicorn, -t, "60", a:a]\n', {"timeout": "60"}),
    "folded text": ("    command: >\n      gunicorn\n      --timeout 60\n      a:a\n", {"timeout": "60"}),
    "shell in text": ('    command: sh -c "migrate && gunicorn -t 60 a:a"\n', {"timeout": "60"}),
    "shell in a list": ('    command: [sh, -c, "migrate; gunicorn -t 60 a:a"]\n', {"timeout": "60"}),
    "shell in a block": (
        "    command:\n      - bash\n      - -c\n      - |\n        migrate\n        gunicorn -t 60 a:a\n",
        {"timeout": "60"},
    ),
    "entrypoint and command": (
        '    entrypoint: [gunicorn, a:a]\n    command: ["-t", "60"]\n',
        {"timeout": "60"},
    ),
    "variable of compose": ("    command: gunicorn -t ${T} a:a\n", {"timeout": "40"}),
    "default of compose": ("    command: gunicorn -t ${UNSET:-50} a:a\n", {"timeout": "50"}),
    "unset variable": ("    command: gunicorn -t ${UNSET} a:a\n", {"timeout": "?"}),
    "unset variable inside a shell": (
        '    command: sh -c "gunicorn --keep-alive 5 -t ${UNSET} a:a"\n',
        {"timeout": "?", "keepalive": "5"},
    ),
    "variable of the container": ("    environment: {T: 70}\n" + USES_T, {"timeout": "70"}),
    "no shell, no variable of the container": (
        "    environment: {T: 70}\n    command: gunicorn -t $$T a:a\n",
        {"timeout": "$T"},
    ),
    "variables as a list": ("    environment: [T=70, S]\n" + USES_T, {"timeout": "70"}),
    "variable taken from outside": ("    environment: [T]\n" + USES_T, {"timeout": "40"}),
    "file of variables": ("    env_file: web.env\n" + USES_T, {"timeout": "80"}),
    "files of variables": (
        "    env_file: [{path: web.env}, {path: gone.env, required: false}]\n" + USES_T,
        {"timeout": "80"},
    ),
    "environment beats the file": (
        "    env_file: web.env\n    environment: {T: 90}\n" + USES_T,
        {"timeout": "90"},
    ),
    "health check": ("    healthcheck: {test: curl, timeout: 5s}\n    command: gunicorn a:a\n", {}),
    "grace period": (
        "    stop_grace_period: 1m30s\n    command: gunicorn a:a\n",
        {"stop_grace_period": "1m30s"},
    ),
    "anchors": ("    <<: *common\n" + USES_T, {"timeout": "20"}),
}


class TestCompose:
    @pytest.mark.parametrize(("service", "expected"), SERVICES.values(), ids=list(SERVICES))
    def test_command(self, tmp_path: Path, service: str, expected: dict[str, object]) -> None:
        files = {
            "compose.yaml": "x-common: &common\n  environment: {T: 20}\nservices:\n  web:\n    image: x\n"
            + service,
            ".env": "T=40\nSECRET=hunter2\n",
            "web.env": "# comment\nexport T=80 # seconds\nTOKEN='hunter2'\n",
        }
        assert values(only(read_files(tmp_path, files))) == expected

    def test_through_image_and_script_it_is_one_server(self, tmp_path: Path) -> None:
        files = {
            **compose(
                "    build: {context: app, args: {V: 1}}\n    container_name: shop-web\n"
                "    environment: {T: 75}\n"
            ),
            "app/Dockerfile": f'{BASE}COPY . .\nENV T=10\nENTRYPOINT ["./entrypoint.sh"]\nCMD ["serve"]\n',
            "app/entrypoint.sh": "#!/bin/sh\nexec gunicorn -c gunicorn.conf.py a:a\n",
            "app/gunicorn.conf.py": "import os\ntimeout = int(os.environ['T'])\nbind = '0.0.0.0:9000'\n",
        }
        found = only(read_files(tmp_path, files))
        assert (found.address, found.title, values(found)) == ("compose:web", "web", {"timeout": "75"})
        assert (found.front.names, found.front.ports) == (("web", "shop-web"), (9000,))
        assert path(found, "timeout") == [
            "app/gunicorn.conf.py:2 timeout = int(os.environ['T'])",
            "compose.yaml:5 T=75",
        ]

    def test_names_and_ports(self, tmp_path: Path) -> None:
        service = (
            "    image: x\n    command: flask run\n    hostname: h\n    expose: [7000]\n"
            '    ports: ["127.0.0.1:80:8001/tcp", "${P:-81}:8002", {target: 8003, published: 83}, "8004"]\n'
            "    networks: {back: {aliases: [api, v1]}}\n"
        )
        found = only(read_files(tmp_path, compose(service)))
        assert found.front.names == ("web", "h", "api", "v1")
        assert found.front.ports == (7000, 8001, 8002, 8003, 8004)

    def test_target_stage(self, tmp_path: Path) -> None:
        files = {
            **compose("    build: {context: ., target: dev}\n"),
            "Dockerfile": "FROM python AS dev\nCMD gunicorn -t 1 a:a\nFROM python\nCMD gunicorn -t 2 a:a\n",
        }
        assert values(only(read_files(tmp_path, files))) == {"timeout": "1"}

    def test_extends_and_override(self, tmp_path: Path) -> None:
        files = {
            "common.yml": "services:\n  base:\n    image: x\n    environment: {T: 1, K: 5}\n"
            "    command: sh -c 'gunicorn -t $$T --keep-alive $$K a:a'\n",
            "docker-compose.yml": "services:\n  web:\n    extends: {file: common.yml, service: base}\n",
            "docker-compose.override.yml": "services:\n  web:\n    environment: {T: 2}\n",
        }
        found = only(read_files(tmp_path, files))
        assert values(found) == {"timeout": "2", "keepalive": "5"}
        assert found.address == "compose:web"

    def test_what_is_deployed_beats_the_local_override(self, tmp_path: Path) -> None:
        files = {
            "docker-compose.yml": "services:\n  web:\n    image: x\n    command: gunicorn -t 1 a:a\n",
            "docker-compose.override.yml": "services:\n  web:\n    command: gunicorn -t 2 a:a\n",
            "docker-compose.prod.yml": "services:\n  web:\n    command: gunicorn -t 3 a:a\n",
            "docker-compose.dev.yml": "services:\n  web:\n    command: gunicorn -t 4 a:a\n",
            "docker-compose.test.yml": "services:\n  web:\n    command: gunicorn -t 5 a:a\n",
            "docker-compose.gpu.yml": "services:\n  web:\n    command: gunicorn -t 6 a:a\n",
        }
        assert values(only(read_files(tmp_path, files))) == {"timeout": "3"}

    @pytest.mark.parametrize(
        "name", ["docker-compose.test.yml", "compose.example.yaml", "tests/compose.yaml"]
    )
    def test_files_for_tests_and_examples_only_when_given(self, tmp_path: Path, name: str) -> None:
        files = {name: "services:\n  web:\n    image: x\n    command: gunicorn a:a\n"}
        assert not servers(read_files(tmp_path, files))
        assert servers(read_files(tmp_path, files, given=True))

    def test_an_image_that_another_service_builds(self, tmp_path: Path) -> None:
        files = {
            "docker-compose.yml": "services:\n  web:\n    image: shop/web:${VERSION}\n",
            "docker-compose.build.yml": "services:\n  web:\n    image: shop/web:${VERSION}\n    build: .\n",
            "Dockerfile": f"{BASE}CMD gunicorn -t 60 a:a\n",
        }
        found = only(read_files(tmp_path, files))
        assert (found.address, values(found)) == ("compose:web", {"timeout": "60"})

    def test_tags_tell_images_apart(self, tmp_path: Path) -> None:
        files = {
            "docker-compose.yml": "services:\n  web:\n    image: shop:backend\n",
            "docker-compose.build.yml": "services:\n  site:\n    image: shop:frontend\n    build: .\n",
            "Dockerfile": f"{BASE}CMD gunicorn -t 60 a:a\n",
        }
        assert list(servers(read_files(tmp_path, files))) == ["compose:site"]

    def test_a_worker_does_not_hide_the_command_of_its_image(self, tmp_path: Path) -> None:
        files = {
            "compose.yaml": "services:\n  jobs:\n    build: .\n    command: celery -A a worker\n",
            "Dockerfile": f"{BASE}CMD gunicorn -t 60 a:a\n",
        }
        assert only(read_files(tmp_path, files)).address == "dockerfile:Dockerfile"

    def test_a_worker_is_declared_without_an_address(self, tmp_path: Path) -> None:
        files = compose(
            "    image: x\n    command: celery -A a worker --time-limit 60\n",
            "    stop_grace_period: 90s\n    ports: ['8000']\n",
        )
        (found,) = workers(read_files(tmp_path, files)).values()
        assert values(found) == {"task_time_limit": "60", "stop_grace_period": "90s"}
        assert (found.address, found.front.names, found.front.ports) == ("compose:web", (), ())

    def test_a_worker_in_the_image_of_a_server_is_no_second_server(self, tmp_path: Path) -> None:
        script = (
            "case $ROLE in\nweb) gunicorn -b :8000 a:a;;\nworker) celery -A a worker --time-limit 9;;\nesac\n"
        )
        files = {
            "Dockerfile": f'{BASE}COPY . .\nENTRYPOINT ["/app/entrypoint.sh"]\n',
            "entrypoint.sh": script,
        }
        reading = read_files(tmp_path, files)
        assert list(servers(reading)) == ["dockerfile:Dockerfile"]
        assert list(workers(reading)) == ["dockerfile:Dockerfile/celery-2"]

    def test_services_of_the_same_name_keep_apart(self, tmp_path: Path) -> None:
        files = {
            f"{folder}/compose.yaml": f"services:\n  web:\n    image: x\n    command: gunicorn -t {n} a:a\n"
            for n, folder in enumerate(("a", "b"), 1)
        }
        assert list(servers(read_files(tmp_path, files))) == ["compose:a/web", "compose:b/web"]

    def test_services_that_are_not_understood_can_only_be_named(self, tmp_path: Path) -> None:
        text = (
            "services:\n  api:\n    image: example/go\n  proxy:\n    image: nginx:1.27\n"
            "  jobs:\n    image: x\n    command: celery worker\n"
        )
        found = read_files(tmp_path, {"compose.yaml": text}).declarations
        assert [(d.address, d.component, d.trait("presumed")) for d in found] == [
            ("compose:api", "server", "yes"),
            ("compose:jobs", "celery", ""),
        ]

    def test_mounted_files_win(self, tmp_path: Path) -> None:
        files = {
            **compose("    build: .\n    volumes: ['./conf/g.py:/app/gunicorn.conf.py:ro']\n"),
            "Dockerfile": f"{BASE}COPY . .\nCMD gunicorn a:a\n",
            "gunicorn.conf.py": "timeout = 1\n",
            "conf/g.py": "timeout = 2\n",
        }
        assert values(servers(read_files(tmp_path, files))["compose:web"]) == {"timeout": "2"}

    def test_faults_of_yaml_are_reported_with_their_line(self, tmp_path: Path) -> None:
        (problem,) = read_files(tmp_path, {"compose.yaml": "services:\n  web: [\n"}).problems
        assert problem.span.file == "compose.yaml"

    @pytest.mark.parametrize(
        "text",
        [
            "services: []",
            "services: {web: null}",
            "services: {web: {build: [1], command: {a: 1}, ports: x}}",
            "services: {web: {extends: web, image: x}}",
            "services: {web: {extends: {}, environment: 5}}",
            "- a",
        ],
    )
    def test_odd_shapes_are_passed_over(self, tmp_path: Path, text: str) -> None:
        assert not servers(read_files(tmp_path, {"compose.yaml": text}))


FILES = {
    "compose.yaml": "services:\n  web:\n    image: x\n    command: gunicorn -t ${T:-30} a:a\n",
    ".env.prod": "T=60\n",
    ".env.staging": "T=90\n",
}


class TestEnvironments:
    def test_each_environment_has_its_value(self, tmp_path: Path) -> None:
        found = servers(read_files(tmp_path, FILES))
        assert {address: values(made) for address, made in found.items()} == {
            "compose:web@prod": {"timeout": "60"},
            "compose:web@staging": {"timeout": "90"},
        }

    def test_without_a_difference_there_is_one(self, tmp_path: Path) -> None:
        files = {**FILES, ".env.prod": "X=1\n", ".env.staging": "Y=1\n"}
        assert list(servers(read_files(tmp_path, files))) == ["compose:web"]

    def test_a_found_file_counts_only_beside_what_is_started(self, tmp_path: Path) -> None:
        files = {"compose.yaml": FILES["compose.yaml"], "frontend/.env.prod": "T=60\n"}
        assert list(servers(read_files(tmp_path, files))) == ["compose:web"]

    def test_a_declared_file_counts_anywhere(self, tmp_path: Path) -> None:
        files = {"compose.yaml": FILES["compose.yaml"], "deploy/live": "T=61\n"}
        declared = (EnvironmentOptions(name="live", env_files=("deploy/live",), declared=True),)
        found = servers(read_files(tmp_path, files, declared=declared))
        assert values(found["compose:web@live"]) == {"timeout": "61"}


def test_no_secret_leaves_the_reader(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "services:\n  web:\n    build: .\n    env_file: .env\n"
        "    environment: {KEY: s3cret-a, T: s3cret-b}\n"
        "    command: sh -c 'gunicorn --timeout $$T --keep-alive $$K --bind $$B a:a'\n",
        ".env": "K=s3cret-c\nB=s3cret-d\n",
        "Dockerfile": f"{BASE}ENV X=s3cret-e\nCMD gunicorn a:a\n",
    }
    reading = read_files(tmp_path, files)
    spans = [span for made in reading.declarations for setting in made.settings for span in setting.spans]
    assert spans
    assert "s3cret" not in repr(spans) + repr(reading.problems)

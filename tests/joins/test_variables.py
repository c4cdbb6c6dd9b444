"""A variable's value follows it from where it is set to the template of nginx that reads it."""

from pathlib import Path

import pytest
from joined_files import NGINX, compose, declaration, index, joined, prepared, proxy, value, way, web

TEMPLATE = "nginx/templates/default.conf.template"
PLACE = "nginx:_/"


def test_the_environment_of_a_compose_service(tmp_path: Path) -> None:
    files = {TEMPLATE: NGINX, "compose.yaml": compose(proxy("    environment: {WAIT: 75s}\n"), web())}
    found = declaration(tmp_path, files, PLACE)
    assert value(found, "proxy_read_timeout") == "75s"
    assert way(found, "proxy_read_timeout") == [f"{TEMPLATE}:5", "compose.yaml:5"]


@pytest.mark.parametrize(
    ("written", "files", "steps"),
    [
        ("    env_file: proxy.env\n", {"proxy.env": "# times\nWAIT=75s\n"}, ["proxy.env:2"]),
        ('    environment: ["WAIT=${PROXY_WAIT:-75s}"]\n', {}, ["compose.yaml:5"]),
        (
            '    environment: ["WAIT=${PROXY_WAIT:-20s}"]\n',
            {".env": "PROXY_WAIT=75s\n"},
            ["compose.yaml:5", ".env:1"],
        ),
        ("    environment: [WAIT]\n", {".env": "WAIT=75s\n"}, [".env:1"]),
    ],
    ids=["env_file", "default in the compose file", ".env beside the compose file", "name alone"],
)
def test_every_way_into_a_compose_service(
    tmp_path: Path, written: str, files: dict[str, str], steps: list[str]
) -> None:
    all_files = {TEMPLATE: NGINX, "compose.yaml": compose(proxy(written), web()), **files}
    found = declaration(tmp_path, all_files, PLACE)
    assert value(found, "proxy_read_timeout") == "75s"
    assert way(found, "proxy_read_timeout") == [f"{TEMPLATE}:5", *steps]


def test_an_env_of_the_image_counts_where_the_service_says_nothing(tmp_path: Path) -> None:
    dockerfile = "FROM nginx:1.27\nENV WAIT=75s\nCOPY templates/ /etc/nginx/templates/\n"
    files = {TEMPLATE: NGINX, "nginx/Dockerfile": dockerfile}
    found = declaration(tmp_path, files, PLACE)
    assert way(found, "proxy_read_timeout") == [f"{TEMPLATE}:5", "nginx/Dockerfile:2"]
    service = "  proxy:\n    build: ./nginx\n    environment: {WAIT: 20s}\n"
    found = declaration(tmp_path, {**files, "compose.yaml": compose(service)}, PLACE)
    assert value(found, "proxy_read_timeout") == "20s"


def test_containers_that_differ_leave_several_values_with_a_reason(tmp_path: Path) -> None:
    blue = proxy("    environment: {WAIT: 75s}\n", name="blue")
    green = proxy("    environment: {WAIT: 20s}\n", name="green")
    files = {TEMPLATE: NGINX, "compose.yaml": compose(blue, green)}
    assert value(declaration(tmp_path, files, PLACE), "proxy_read_timeout") == {"75s", "20s"}


def test_environments_have_values_of_their_own(tmp_path: Path) -> None:
    files = {
        TEMPLATE: NGINX,
        "compose.yaml": compose(proxy('    environment: ["WAIT=${WAIT}"]\n')),
        ".env.prod": "WAIT=75s\n",
        ".env.staging": "WAIT=20s\n",
    }
    assert value(declaration(tmp_path, files, PLACE, "prod"), "proxy_read_timeout") == "75s"
    assert value(declaration(tmp_path, files, PLACE, "staging"), "proxy_read_timeout") == "20s"


def test_a_variable_that_the_container_is_not_given_stays_unresolved(tmp_path: Path) -> None:
    """What an unrelated file sets is not taken: the container that reads the template is known."""
    files = {
        TEMPLATE: NGINX,
        "compose.yaml": compose(proxy(), web()),
        "web/.env": "WAIT=75s\n",
        ".env": "WAIT=9s\n",
    }
    assert value(declaration(tmp_path, files, PLACE), "proxy_read_timeout") == "unresolved"


def test_what_is_set_near_a_template_counts_where_no_container_is_known(tmp_path: Path) -> None:
    files = {TEMPLATE: NGINX, ".env": "WAIT=75s\n", "other/.env": "WAIT=9s\n"}
    assert value(declaration(tmp_path, files, PLACE), "proxy_read_timeout") == "75s"


def test_what_is_set_elsewhere_does_not(tmp_path: Path) -> None:
    files = {TEMPLATE: NGINX, "other/.env": "WAIT=9s\n", "other/compose.yaml": compose(web())}
    assert value(declaration(tmp_path, files, PLACE), "proxy_read_timeout") == "unresolved"


def test_examples_of_environment_files_are_no_values(tmp_path: Path) -> None:
    files = {TEMPLATE: NGINX, ".env.example": "WAIT=75s\n"}
    assert value(declaration(tmp_path, files, PLACE), "proxy_read_timeout") == "unresolved"


@pytest.mark.parametrize("held", ["hunter2-very-secret", "$(cat /run/secret)", "60s; deny all"])
def test_what_is_no_time_is_never_put_in_or_shown(tmp_path: Path, held: str) -> None:
    files = {TEMPLATE: NGINX, "compose.yaml": compose(proxy(f'    environment: {{WAIT: "{held}"}}\n'))}
    found = prepared(tmp_path, files).reading
    (one,) = [d for d in found.declarations if d.address == PLACE]
    assert value(one, "proxy_read_timeout") == "unresolved"
    assert held not in str(found)


def test_an_address_from_a_variable_leads_to_the_service(tmp_path: Path) -> None:
    template = NGINX.replace("web:8000", "${UPSTREAM}")
    given = '    environment: {WAIT: 75s, UPSTREAM: "web:8000"}\n'
    files = {TEMPLATE: template, "compose.yaml": compose(proxy(given), web())}
    assert joined(tmp_path, files).links[PLACE] == [("compose:web", "ADDRESS")]


def test_envsubst_by_hand_from_any_path_of_an_nginx_container(tmp_path: Path) -> None:
    mounted = proxy("    environment: {WAIT: 75s}\n", files="./site.conf.template:/tmp/site.conf.template")
    command = "    command: sh -c 'envsubst < /tmp/site.conf.template > /etc/nginx/conf.d/default.conf'\n"
    files = {"site.conf.template": NGINX, "compose.yaml": compose(mounted + command)}
    assert value(declaration(tmp_path, files, PLACE), "proxy_read_timeout") == "75s"


def test_variables_of_nginx_itself_are_left_alone(tmp_path: Path) -> None:
    template = NGINX.replace("http://web:8000", "http://$host")
    files = {TEMPLATE: template, "compose.yaml": compose(proxy("    environment: {WAIT: 75s, host: evil}\n"))}
    (target,) = declaration(tmp_path, files, PLACE).targets
    assert not target.host


MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: times}
data: {WAIT: 75s}
---
apiVersion: v1
kind: Secret
metadata: {name: hidden}
stringData: {TOKEN: topsecret, WAIT: 99s}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: nginx}
spec:
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec:
      containers:
        - name: nginx
          image: registry.example.com/gateway
          FROM
"""
IMAGE = {
    "gateway/Dockerfile": "FROM nginx:1.27\nCOPY t/ /etc/nginx/templates/\n",
    "gateway/t/default.conf.template": NGINX,
}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("envFrom: [{configMapRef: {name: times}}]", "75s"),
        ("env: [{name: WAIT, valueFrom: {configMapKeyRef: {name: times, key: WAIT}}}]", "75s"),
        ("env: [{name: WAIT, value: 75s}]", "75s"),
        ("envFrom: [{secretRef: {name: hidden}}]", "unresolved"),
        ("env: [{name: WAIT, valueFrom: {secretKeyRef: {name: hidden, key: WAIT}}}]", "unresolved"),
    ],
    ids=[
        "all of a ConfigMap",
        "one key of it",
        "a value",
        "all of a Secret",
        "one key of it, never its value",
    ],
)
def test_every_way_into_a_pod(tmp_path: Path, written: str, expected: str) -> None:
    files = {**IMAGE, "k8s.yaml": MANIFEST.replace("FROM", written)}
    assert value(declaration(tmp_path, files, PLACE), "proxy_read_timeout") == expected


def test_a_secret_is_only_known_to_have_a_key(tmp_path: Path) -> None:
    files = {"k8s.yaml": MANIFEST.replace("FROM", "envFrom: [{secretRef: {name: hidden}}]")}
    (runner,) = index(tmp_path, files).runners
    assert not runner.variables["TOKEN"].choices
    assert "topsecret" not in str(runner)


def test_a_python_file_sees_what_its_container_is_given(tmp_path: Path) -> None:
    service = "  web:\n    build: .\n    environment: {LLM_TIMEOUT: 20}\n"
    worker = "  worker:\n    build: .\n    environment: {LLM_TIMEOUT: 90}\n"
    files = {
        "Dockerfile": "FROM python:3.12\nENV RETRIES=3\nCOPY app /srv/app\n",
        "app/llm.py": "",
        "tools/x.py": "",
    }
    found = index(tmp_path, {**files, "compose.yaml": compose(service, worker)})
    variables = found.variables_of(tmp_path / "app/llm.py")
    assert set(variables["LLM_TIMEOUT"].choices) == {"20", "90"}
    assert variables["LLM_TIMEOUT"].reason
    assert variables["RETRIES"].known == "3"
    assert not found.variables_of(tmp_path / "tools/x.py")
    assert set(found.anywhere("LLM_TIMEOUT").choices) == {"20", "90"}  # type: ignore[union-attr]
    assert found.anywhere("ELSE") is None


def test_a_default_counts_in_the_container_that_is_not_given_the_variable(tmp_path: Path) -> None:
    """One of two deployments sets it: the code's default holds in the other, so both values are possible."""
    app = (
        "import os, requests\nfrom flask import Flask\napp = Flask(__name__)\n\n@app.get('/x')\ndef x():\n"
        "    return requests.get('http://a.example', timeout=int(os.getenv('WAIT', '4'))).text\n"
    )
    web = "  web:\n    build: .\n    environment: {WAIT: 15}\n"
    files = {"Dockerfile": "FROM python:3.12\nCOPY app /srv/app\n", "app/main.py": app}
    services = compose(web, "  second:\n    build: .\n")
    found = prepared(tmp_path, {**files, "compose.yaml": services}).reading.declarations
    call = next(one for one in found if one.component == "requests")
    assert value(call, "timeout") == {15, 4}

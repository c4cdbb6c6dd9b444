"""Times and files of compose projects that are easily taken for more than they are."""

from pathlib import Path

import pytest
from joined_files import NGINX, chain, compose, declaration, joined, prepared, proxy, value, web

SITE = NGINX.replace("${WAIT}", "45s")
CONF = "./nginx/default.conf:/etc/nginx/conf.d/default.conf"
STACK = {"nginx/default.conf": SITE}


def limits(folder: Path, services: tuple[str, ...]) -> list[tuple[str, list[tuple[str, object]]]]:
    files = {**STACK, "compose.yaml": compose(proxy(files=CONF), *services)}
    return [
        (hop.component, [(limit.setting, limit.bound) for limit in hop.limits])
        for route in joined(folder, files).routes
        for hop in route.hops
    ]


@pytest.mark.parametrize(
    "noise",
    [
        "    healthcheck: {test: [CMD, curl, localhost], timeout: 500s, interval: 500s, retries: 500}\n",
        "    deploy: {update_config: {delay: 500s, monitor: 500s}, restart_policy: {window: 500s}}\n",
        "    build: {context: ., args: {TIMEOUT: 500}}\n",
        "    environment: {DB_TIMEOUT: 500, COMPOSE_HTTP_TIMEOUT: 500}\n",
        "    logging: {options: {max-file: '500'}}\n",
        "    # stop_grace_period: 500s\n",
    ],
    ids=["health check", "deployment", "build argument", "variables nobody reads", "logs", "commented out"],
)
def test_no_limit_of_a_request(tmp_path: Path, noise: str) -> None:
    assert limits(tmp_path, (web(more=noise),)) == limits(tmp_path, (web(),))


def test_a_stale_file_beside_the_template_that_is_used(tmp_path: Path) -> None:
    files = {
        "nginx/default.conf": NGINX.replace("${WAIT}", "5s"),
        "nginx/default.conf.template": NGINX,
        "compose.yaml": compose(
            proxy(
                "    environment: {WAIT: 75s}\n",
                files="./nginx/default.conf.template:/etc/nginx/templates/default.conf.template",
            ),
            web(),
        ),
    }
    (route,) = joined(tmp_path, files).routes
    assert chain(route) == ["nginx", "gunicorn"]
    (found,) = [d for d in prepared(tmp_path, files).reading.declarations if d.component == "nginx"]
    assert value(found, "proxy_read_timeout") == "75s"


def test_two_files_that_are_both_used(tmp_path: Path) -> None:
    """Neither is stale where each has a container."""
    files = {
        "nginx/default.conf": NGINX.replace("${WAIT}", "5s"),
        "nginx/default.conf.template": NGINX,
        "compose.yaml": compose(
            proxy(files="./nginx/default.conf.template:/etc/nginx/templates/default.conf.template"),
            proxy(files=CONF, name="other"),
            web(),
        ),
    }
    assert len([one for one in joined(tmp_path, files).addresses if one.startswith("nginx:")]) == 2


def test_a_site_in_a_folder_of_nginx_is_not_its_configuration(tmp_path: Path) -> None:
    """The whole repository is served as files: another configuration in it is not this container's."""
    files = {
        **STACK,
        "legacy/nginx.conf": "server { server_name old.example.com; location / { proxy_pass http://web; } }",
        "compose.yaml": compose(
            f"  proxy:\n    image: nginx\n    volumes: ['.:/usr/share/nginx/html', '{CONF}']\n", web()
        ),
    }
    assert "proxy" not in declaration(tmp_path, files, "nginx:old.example.com/").front.names
    assert "proxy" in declaration(tmp_path, files, "nginx:_/").front.names


@pytest.mark.parametrize("name", ["compose.dev.yaml", "docker-compose.test.yml", "compose.local.yml"])
def test_files_for_work_and_tests_are_not_what_runs(tmp_path: Path, name: str) -> None:
    """Their times are not those of the template either."""
    other = compose(proxy("    environment: {WAIT: 9s}\n"), web("gunicorn x -b :8000 --timeout 900"))
    files = {
        "nginx/templates/default.conf.template": NGINX,
        "compose.yaml": compose(proxy("    environment: {WAIT: 75s}\n"), web()),
        name: other,
    }
    assert value(declaration(tmp_path, files, "nginx:_/"), "proxy_read_timeout") == "75s"


def test_an_override_completes_the_base(tmp_path: Path) -> None:
    override = "services:\n  proxy:\n    environment: {WAIT: 90s}\n"
    files = {
        "nginx/templates/default.conf.template": NGINX,
        "compose.yaml": compose(proxy("    environment: {WAIT: 75s}\n"), web()),
        "compose.override.yaml": override,
    }
    assert value(declaration(tmp_path, files, "nginx:_/"), "proxy_read_timeout") == "90s"


def test_a_service_that_extends_another_has_its_variables(tmp_path: Path) -> None:
    common = "services:\n  base:\n    environment: {WAIT: 75s}\n"
    extended = proxy("    extends: {file: common.yml, service: base}\n")
    files = {
        "nginx/templates/default.conf.template": NGINX,
        "compose.yaml": compose(extended, web()),
        "common.yml": common,
    }
    assert value(declaration(tmp_path, files, "nginx:_/"), "proxy_read_timeout") == "75s"


def test_a_proxy_behind_the_application_is_not_in_front_of_it(tmp_path: Path) -> None:
    """An egress proxy sends to a public host: the service that uses it is not behind it."""
    egress = "server { listen 3128; location / { proxy_pass https://api.openai.com; } }\n"
    files = {
        "egress/default.conf": egress,
        "compose.yaml": compose(
            proxy(name="egress", files="./egress/default.conf:/etc/nginx/conf.d/default.conf"), web()
        ),
    }
    assert not joined(tmp_path, files).links


def test_workers_are_behind_no_proxy(tmp_path: Path) -> None:
    worker = "  worker:\n    image: x\n    command: celery -A a worker --time-limit 900\n"
    files = {**STACK, "compose.yaml": compose(proxy(files=CONF), web(), worker)}
    assert all(
        inner != "compose:worker" for found in joined(tmp_path, files).links.values() for inner, _ in found
    )

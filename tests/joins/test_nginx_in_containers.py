"""nginx answers under the names of the container that has its configuration."""

from pathlib import Path

import pytest
from joined_files import chain, compose, declaration, joined, proxy, web

from budgetcheck.model.bound import ONE


def site(target: str, *, listen: int = 80, name: str = "_") -> str:
    return f"server {{ listen {listen}; server_name {name}; location / {{ proxy_pass {target}; }} }}\n"


GATEWAY = proxy(name="gateway", files="./gateway/default.conf:/etc/nginx/conf.d/default.conf")


def test_a_proxy_sends_to_another_one_by_the_name_of_its_service(tmp_path: Path) -> None:
    files = {
        "edge/default.conf": site("http://gateway:8080", name="edge.example.com"),
        "gateway/default.conf": site("http://web:8000", listen=8080),
        "compose.yaml": compose(
            proxy(name="edge", files="./edge/default.conf:/etc/nginx/conf.d/default.conf"), GATEWAY, web()
        ),
    }
    (route,) = joined(tmp_path, files).routes
    assert chain(route) == ["nginx", "nginx", "gunicorn"]
    assert {link.evidence.name for link in route.links} == {"ADDRESS"}


def test_two_proxies_in_one_folder_are_still_two(tmp_path: Path) -> None:
    files = {
        "nginx/edge.conf": site("http://gateway", name="edge.example.com"),
        "nginx/gateway.conf": site("http://web:8000"),
        "compose.yaml": compose(
            proxy(name="edge", files="./nginx/edge.conf:/etc/nginx/conf.d/default.conf"),
            proxy(name="gateway", files="./nginx/gateway.conf:/etc/nginx/conf.d/default.conf"),
            web(),
        ),
    }
    (route,) = joined(tmp_path, files).routes
    assert chain(route) == ["nginx", "nginx", "gunicorn"]


def test_a_wrong_port_is_no_way_to_a_proxy(tmp_path: Path) -> None:
    files = {
        "edge/default.conf": site("http://gateway:9090", name="edge.example.com"),
        "gateway/default.conf": site("http://web:8000", listen=8080),
        "compose.yaml": compose(
            proxy(name="edge", files="./edge/default.conf:/etc/nginx/conf.d/default.conf"), GATEWAY, web()
        ),
    }
    assert "nginx:edge.example.com/" not in joined(tmp_path, files).links


@pytest.mark.parametrize(
    ("ports", "linked"),
    [
        ('    ports: ["8081:8080"]\n', True),
        ('    ports: ["127.0.0.1:8081:8080"]\n', True),
        ('    ports: ["${PORT:-8081}:8080/tcp"]\n', True),
        ("    ports: [{target: 8080, published: 8081}]\n", True),
        ('    ports: ["8081:9999"]\n', False),
        ('    ports: ["8081:8080/udp"]\n', False),
        ('    ports: ["8080"]\n', False),
    ],
    ids=[
        "short",
        "with an address",
        "with a default",
        "long",
        "another port inside",
        "UDP",
        "of no host port",
    ],
)
def test_the_host_reaches_a_container_by_its_published_port(tmp_path: Path, ports: str, linked: bool) -> None:
    files = {
        "host/nginx.conf": site("http://127.0.0.1:8081", name="host.example.com"),
        "docker/gateway/default.conf": site("http://web:8000", listen=8080),
        "docker/compose.yaml": compose(GATEWAY + ports, web()),
    }
    expected = [("nginx:_/", "ADDRESS")] if linked else None
    assert joined(tmp_path, files).links.get("nginx:host.example.com/") == expected


def test_localhost_in_a_container_is_not_the_host(tmp_path: Path) -> None:
    files = {
        "gateway/default.conf": site("http://localhost:5000"),
        "compose.yaml": compose(GATEWAY, web(more='    ports: ["5000:8000"]\n')),
    }
    assert joined(tmp_path, files).links == {"nginx:_/": [("compose:web", "ONLY_CANDIDATE")]}


def test_the_app_behind_nginx_in_one_container(tmp_path: Path) -> None:
    """Both have the name of the service: who asks for it gets nginx, which leads to the app."""
    supervisor = (
        "[program:nginx]\ncommand=nginx\n[program:web]\ncommand=gunicorn a:b -b 127.0.0.1:9000 -t 20\n"
    )
    dockerfile = """\
FROM python:3.12
COPY inner.conf /etc/nginx/conf.d/default.conf
COPY supervisord.conf /etc/supervisord.conf
EXPOSE 80
CMD ["supervisord", "-c", "/etc/supervisord.conf"]
"""
    files = {
        "app/Dockerfile": dockerfile,
        "app/supervisord.conf": supervisor,
        "app/inner.conf": site("http://127.0.0.1:9000"),
        "edge/default.conf": site("http://app", name="edge.example.com"),
        "compose.yaml": compose(
            proxy(name="edge", files="./edge/default.conf:/etc/nginx/conf.d/default.conf"),
            "  app:\n    build: ./app\n",
        ),
    }
    (route,) = joined(tmp_path, files).routes
    assert chain(route) == ["nginx", "nginx", "gunicorn"]


@pytest.mark.parametrize(
    ("more", "exact"),
    [
        ("", True),
        ("    scale: 1\n", True),
        ("    deploy: {resources: {}}\n", True),
        ("    scale: 3\n", False),
        ("    deploy: {replicas: 2}\n", False),
        ('    deploy: {replicas: "${N}"}\n', False),
    ],
    ids=["nothing", "scale 1", "deploy without a number", "scale", "replicas", "a variable"],
)
def test_how_many_addresses_a_service_has(tmp_path: Path, more: str, exact: bool) -> None:
    files = {
        "gateway/default.conf": site("http://web:8000"),
        "compose.yaml": compose(GATEWAY, web(more=more)),
    }
    assert (declaration(tmp_path, files, "nginx:_/").peers == ONE) is exact


def test_a_name_that_a_project_scales_is_not_single_in_another(tmp_path: Path) -> None:
    files = {
        "a/gateway/default.conf": site("http://web:8000"),
        "a/compose.yaml": compose(GATEWAY, web()),
        "b/compose.yaml": compose(web(more="    scale: 3\n")),
    }
    assert declaration(tmp_path, files, "nginx:_/").peers != ONE

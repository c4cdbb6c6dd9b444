"""Traefik in front of compose services, as their labels say."""

from pathlib import Path

import pytest
from joined_files import chain, compose, declaration, joined, proxy, value, web

RULE = "traefik.http.routers.web.rule=Host(`shop.example.com`)"
PORT = "traefik.http.services.web.loadbalancer.server.port=8000"


def labels(*written: str) -> str:
    return "    labels:\n" + "".join(f'      - "{one}"\n' for one in written)


def traefik(*arguments: str, image: str = "traefik:v3.1.2", more: str = "") -> str:
    command = "    command:\n" + "".join(f"      - {one}\n" for one in arguments) if arguments else ""
    return f"  edge:\n    image: {image}\n{command}{more}"


def test_a_router_leads_to_its_service(tmp_path: Path) -> None:
    files = {"compose.yaml": compose(traefik(), web(more=labels(RULE, PORT)))}
    (route,) = joined(tmp_path, files).routes
    assert chain(route) == ["traefik", "gunicorn"]
    assert (route.host, route.links[0].evidence.name) == ("shop.example.com", "ADDRESS")


def test_labels_as_a_mapping_with_variables_and_a_path(tmp_path: Path) -> None:
    mapped = "    labels:\n      traefik.http.routers.${NAME}.rule: Host(`${DOMAIN}`) && PathPrefix(`/api`)\n"
    files = {"compose.yaml": compose(web(more=mapped)), ".env": "NAME=api\nDOMAIN=api.example.com\n"}
    found = declaration(tmp_path, files, "traefik:api")
    assert found.front.hosts == ("api.example.com",)
    assert [path.prefix for path in found.front.paths] == ["/api"]


def test_in_front_of_nginx_of_the_same_project(tmp_path: Path) -> None:
    site = "server { listen 80; location / { proxy_pass http://web:8000; } }\n"
    files = {
        "nginx/default.conf": site,
        "compose.yaml": compose(
            traefik(),
            proxy(
                labels(RULE.replace(".web.", ".proxy.")),
                files="./nginx/default.conf:/etc/nginx/conf.d/default.conf",
            ),
            web(),
        ),
    }
    (route,) = joined(tmp_path, files).routes
    assert chain(route) == ["traefik", "nginx", "gunicorn"]


@pytest.mark.parametrize(
    "written",
    [
        ("traefik.enable=false", RULE),
        ("traefik.enable=true",),
        (RULE, "traefik.http.routers.web.middlewares=https-redirect"),
        (
            RULE,
            "traefik.http.routers.web.middlewares=up",
            "traefik.http.middlewares.up.redirectscheme.scheme=https",
        ),
        (RULE, "traefik.http.routers.web.service=api@internal"),
    ],
    ids=["switched off", "without a rule", "named like a redirect", "a redirect", "the dashboard"],
)
def test_what_is_no_way_to_the_service(tmp_path: Path, written: tuple[str, ...]) -> None:
    files = {"compose.yaml": compose(traefik(), web(more=labels(*written)))}
    assert joined(tmp_path, files).addresses == ["compose:edge", "compose:web"]


def test_the_same_router_for_http_and_https_is_one(tmp_path: Path) -> None:
    secure = RULE.replace(".web.", ".web-secure.")
    files = {"compose.yaml": compose(traefik(), web(more=labels(RULE, secure, PORT)))}
    assert len(joined(tmp_path, files).routes) == 1


def test_times_in_its_arguments(tmp_path: Path) -> None:
    edge = traefik(
        "--entryPoints.web.address=:80",
        "--entrypoints.web.transport.respondingTimeouts.writeTimeout=45s",
        "--serversTransport.forwardingTimeouts.responseHeaderTimeout=20s",
    )
    found = declaration(tmp_path, {"compose.yaml": compose(edge, web(more=labels(RULE)))}, "traefik:web")
    assert value(found, "respondingTimeouts.writeTimeout") == "45s"
    assert value(found, "forwardingTimeouts.responseHeaderTimeout") == "20s"
    assert found.version == "3.1.2"


def test_times_in_its_file(tmp_path: Path) -> None:
    static = "entryPoints: {web: {transport: {respondingTimeouts: {writeTimeout: 45s}}}}\n"
    edge = traefik(more="    volumes: ['./traefik.yml:/etc/traefik/traefik.yml:ro']\n")
    files = {"traefik.yml": static, "compose.yaml": compose(edge, web(more=labels(RULE)))}
    assert value(declaration(tmp_path, files, "traefik:web"), "respondingTimeouts.writeTimeout") == "45s"


def test_the_times_are_those_of_the_routers_entry_point(tmp_path: Path) -> None:
    edge = traefik(
        "--entrypoints.web.transport.respondingTimeouts.writeTimeout=45s",
        "--entrypoints.long.transport.respondingTimeouts.writeTimeout=300s",
    )
    at_long = labels(RULE, "traefik.http.routers.web.entrypoints=long")
    found = declaration(tmp_path, {"compose.yaml": compose(edge, web(more=at_long))}, "traefik:web")
    assert value(found, "respondingTimeouts.writeTimeout") == "300s"
    found = declaration(tmp_path, {"compose.yaml": compose(edge, web(more=labels(RULE)))}, "traefik:web")
    assert found.setting("respondingTimeouts.writeTimeout") is None


def test_a_production_file_completes_the_base(tmp_path: Path) -> None:
    deployed = "services:\n  web:\n" + labels(RULE)
    files = {"compose.yml": compose(web()), "compose.deploy.yml": deployed}
    (route,) = joined(tmp_path, files).routes
    assert chain(route) == ["traefik", "gunicorn"]

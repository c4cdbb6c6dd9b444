"""Addresses: as the file writes them, unique, and the same from run to run."""

from pathlib import Path

import pytest
from nginx_files import addresses, declared, only_problem, reading, server, site

from budgetcheck.model.options import NginxOptions
from budgetcheck.model.settings import ProblemKind

PASS = "proxy_pass http://10.0.0.1;"


@pytest.mark.parametrize(
    ("names", "location", "address", "title"),
    [
        ("api.example.com www.x", "/v1/", "nginx:api.example.com/v1/", "api.example.com/v1/"),
        ("x", "~ \\.php$", "nginx:x/~ \\.php$", "x ~ \\.php$"),
        ("x", "= /ping", "nginx:x/= /ping", "x = /ping"),
        ("x", "=/ping", "nginx:x/=/ping", "x =/ping"),
        ("x", "@fallback", "nginx:x/@fallback", "x @fallback"),
        ("*.example.com", "/", "nginx:*.example.com/", "*.example.com/"),
        ("~^(?<n>.+)\\.x$", "/", "nginx:~^(?<n>.+)\\.x$/", "~^(?<n>.+)\\.x$/"),
        ("_", "/", "nginx:_/", "_/"),
        ('""', "/", "nginx:_/", "_/"),
    ],
)
def test_an_address_is_server_and_location_as_written(
    tmp_path: Path, names: str, location: str, address: str, title: str
) -> None:
    result = site(tmp_path, f"server {{ server_name {names}; location {location} {{ {PASS} }} }}")
    assert [(one.address, one.title) for one in result.declarations] == [(address, title)]


def test_a_server_without_a_name_is_called_underscore(tmp_path: Path) -> None:
    found = declared(site(tmp_path, f"server {{ location / {{ {PASS} }} }}"), "nginx:_/")
    assert found.front.hosts == ()
    assert found.front.ports == (80,)
    assert found.span.text == "location /"


def test_servers_of_one_name_are_told_apart_by_port_where_they_collide(tmp_path: Path) -> None:
    result = site(
        tmp_path,
        f"server {{ listen 80; server_name a; location / {{ {PASS} }} }}"
        f"server {{ listen 443 ssl; server_name a; location / {{ {PASS} }} location /x {{ {PASS} }} }}"
        f"server {{ listen 80; server_name b; location / {{ return 301; }} }}"
        f"server {{ listen 443; server_name b; location / {{ {PASS} }} }}",
    )
    assert addresses(result) == ["nginx:a:80/", "nginx:a:443/", "nginx:a:443/x", "nginx:b/"]


def test_servers_of_two_configurations_are_told_apart_by_file(tmp_path: Path) -> None:
    files = {
        f"{name}/nginx.conf": f"events {{}} http {{ server {{ location / {{ {PASS} }} }} }}" for name in "ab"
    }
    assert addresses(reading(tmp_path, files)) == ["nginx:_ [a/nginx.conf]/", "nginx:_ [b/nginx.conf]/"]


def test_what_two_configurations_include_alike_is_declared_once(tmp_path: Path) -> None:
    files = {
        "nginx.conf": "events {} http { include conf.d/a.conf; }",
        "nginx.dev.conf": "events {} http { include conf.d/a.conf; }",
        "conf.d/a.conf": f"server {{ server_name x; location / {{ {PASS} }} }}",
    }
    assert addresses(reading(tmp_path, files)) == ["nginx:x/"]
    files["nginx.dev.conf"] = "events {} http { proxy_read_timeout 1s; include conf.d/a.conf; }"
    assert addresses(reading(tmp_path, files)) == ["nginx:x [nginx.conf]/", "nginx:x [nginx.dev.conf]/"]


def test_nested_locations_of_one_pattern_carry_their_outer_one(tmp_path: Path) -> None:
    result = server(
        tmp_path,
        f"location /a/ {{ location ~ \\.php$ {{ {PASS} }} }}\n"
        f"location /b/ {{ location ~ \\.php$ {{ {PASS} }} }}",
    )
    assert addresses(result) == ["nginx:x/a/ ~ \\.php$", "nginx:x/b/ ~ \\.php$"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("/a", "/a"), ("/a", "^~ /a"), ("= /a", "=/a")],
    ids=["same", "final-prefix", "exact"],
)
def test_a_path_written_twice_is_invalid_and_still_has_an_address(
    tmp_path: Path, first: str, second: str
) -> None:
    result = server(tmp_path, f"location {first} {{ {PASS} }}\nlocation {second} {{ {PASS} }}")
    assert "written twice" in only_problem(result, ProblemKind.INVALID).text
    assert len(set(addresses(result))) == 2


@pytest.mark.parametrize("pattern", ["~ a", "@a"])
def test_nginx_accepts_other_locations_twice(tmp_path: Path, pattern: str) -> None:
    result = server(tmp_path, f"location {pattern} {{ {PASS} }} location {pattern} {{ {PASS} }}")
    assert not result.problems
    assert addresses(result) == [f"nginx:x/{pattern}", f"nginx:x/{pattern} #2"]


def test_a_snippet_included_in_two_servers_declares_its_locations_for_both(tmp_path: Path) -> None:
    files = {
        "nginx.conf": "http { server { server_name a; include l.conf; }\n"
        "server { server_name b; include l.conf; } }",
        "l.conf": f"location /x {{ {PASS} }}",
    }
    assert addresses(reading(tmp_path, files)) == ["nginx:a/x", "nginx:b/x"]


@pytest.mark.parametrize(
    ("listen", "ports", "sockets"),
    [
        pytest.param("", (80,), (), id="default"),
        pytest.param("listen 8080;", (8080,), (), id="port"),
        pytest.param("listen 80; listen [::]:80; listen 443 ssl;", (80, 443), (), id="several"),
        pytest.param("listen 127.0.0.1:8000 default_server;", (8000,), (), id="address-and-port"),
        pytest.param("listen 127.0.0.1; listen [::1];", (80,), (), id="address-only"),
        pytest.param("listen unix:/run/nginx.sock;", (), ("/run/nginx.sock",), id="socket"),
        pytest.param("listen 8000-8003;", (8000, 8001, 8002, 8003), (), id="range"),
        pytest.param("listen ${PORT};", (), (), id="environment"),
    ],
)
def test_where_a_server_listens(
    tmp_path: Path, listen: str, ports: tuple[int, ...], sockets: tuple[str, ...]
) -> None:
    front = declared(server(tmp_path, f"{listen} location / {{ {PASS} }}"), "nginx:x/").front
    assert (front.ports, front.sockets) == (ports, sockets)


@pytest.mark.parametrize(
    ("names", "hosts"),
    [
        ("a.example B.example", ("a.example", "b.example")),
        (".example.com", ("example.com", "*.example.com")),
        ("_", ()),
        ("~^(www\\.)?example\\.com$", ()),
        ("~^www\\d+\\.example\\.com$", ("*.example.com",)),
        ("~.*", ()),
        ("a.example ${HOST}", ("a.example",)),
    ],
)
def test_which_hosts_a_server_answers(tmp_path: Path, names: str, hosts: tuple[str, ...]) -> None:
    result = site(tmp_path, f"server {{ server_name {names}; location / {{ {PASS} }} }}")
    assert result.declarations[0].front.hosts == hosts


def test_a_fragment_of_locations_belongs_to_a_server_nobody_knows(tmp_path: Path) -> None:
    result = reading(
        tmp_path, {"proxy-confs/nginx-app.conf": f"proxy_read_timeout 9s; location /app {{ {PASS} }}"}
    )
    found = declared(result, "nginx:_/app")
    assert (found.front.hosts, found.front.ports) == ((), ())
    assert found.setting("proxy_read_timeout") is not None


def test_the_version_comes_from_the_options(tmp_path: Path) -> None:
    result = server(tmp_path, f"location / {{ {PASS} }}", NginxOptions(version="1.29.7"))
    assert declared(result, "nginx:x/").version == "1.29.7"

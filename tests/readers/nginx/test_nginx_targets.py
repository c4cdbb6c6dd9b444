"""Where a location sends requests, and how many addresses that makes."""

from pathlib import Path

import pytest
from nginx_files import declared, hosts, only_problem, reading, server, site

from budgetcheck.model.bound import Bound
from budgetcheck.model.options import NginxOptions
from budgetcheck.model.settings import ProblemKind, Reading
from budgetcheck.readers.nginx.passes import Url, split_url


def passing(folder: Path, statement: str, before: str = "", options: NginxOptions | None = None) -> Reading:
    text = f"{before} server {{ server_name x; location /api/ {{ {statement} }} }}"
    return site(folder, text, options or NginxOptions())


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param("proxy_pass http://app:8000;", "app:8000", id="host-and-port"),
        pytest.param("proxy_pass http://app;", "app:80", id="http-default"),
        pytest.param("proxy_pass https://app;", "app:443", id="https-default"),
        pytest.param("proxy_pass http://[::1]:81;", "::1:81", id="ipv6"),
        pytest.param("proxy_pass http://unix:/run/app.sock:/v1/;", "/run/app.sock", id="socket-with-uri"),
        pytest.param("fastcgi_pass unix:/run/php.sock;", "/run/php.sock", id="fastcgi-socket"),
        pytest.param("fastcgi_pass php:9000;", "php:9000", id="fastcgi"),
        pytest.param("uwsgi_pass uwsgi://app:3031;", "app:3031", id="uwsgi-with-scheme"),
        pytest.param("grpc_pass grpcs://app;", "app:443", id="grpcs"),
        pytest.param("grpc_pass app:50051;", "app:50051", id="grpc-without-scheme"),
        pytest.param("memcached_pass cache:11211;", "cache:11211", id="memcached"),
        pytest.param("proxy_pass http://app:8000$request_uri;", "app:8000", id="variable-path"),
        pytest.param("set $up app; proxy_pass http://$up:8000;", "app:8000", id="set"),
        pytest.param("set $a b; set $u $a:81; proxy_pass http://$u;", "b:81", id="set-of-set"),
    ],
)
def test_a_pass_names_one_target(tmp_path: Path, statement: str, expected: str) -> None:
    assert hosts(passing(tmp_path, statement), "nginx:x/api/") == [expected]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        pytest.param("proxy_pass http://$host;", "the address comes from $host", id="request"),
        pytest.param("proxy_pass http://$http_x_up:80;", "the address comes from $http_x_up", id="header"),
        pytest.param("proxy_pass $up;", "the address comes from $up", id="whole-url"),
        pytest.param("proxy_pass http://${APP}:80;", "the address comes from ${APP}", id="environment"),
        pytest.param("proxy_pass http://<host>:80;", "`<host>` is not a host name", id="placeholder"),
        pytest.param("set $a $b; set $b $a; proxy_pass http://$a;", "the address comes from $a", id="circle"),
    ],
)
def test_a_target_that_is_not_known_says_why(tmp_path: Path, statement: str, reason: str) -> None:
    found = declared(passing(tmp_path, statement), "nginx:x/api/")
    assert [(target.host, target.socket, target.reason) for target in found.targets] == [("", "", reason)]
    assert (found.peers.low, found.peers.high) == (1, None)


def test_a_group_gives_a_target_for_each_server_that_is_not_down(tmp_path: Path) -> None:
    group = (
        "upstream app {\nserver 10.0.0.1:8000;\nserver 10.0.0.2 down;\nserver unix:/run/a.sock backup;\n}\n"
    )
    result = passing(tmp_path, "proxy_pass http://APP;", group)
    found = declared(result, "nginx:x/api/")
    assert hosts(result, "nginx:x/api/") == ["10.0.0.1:8000", "/run/a.sock"]
    assert {target.group for target in found.targets} == {"app"}
    assert [target.span.line for target in found.targets] == [4, 6]
    assert found.peers == Bound(low=2, high=2)


@pytest.mark.parametrize(
    ("servers", "low", "high"),
    [
        pytest.param("server 10.0.0.1; server 10.0.0.1;", 2, 2, id="the-same-address-twice-counts-twice"),
        pytest.param("server 10.0.0.1; server [::1]:80; server unix:/a;", 3, 3, id="literal-addresses"),
        pytest.param("server 10.0.0.1; server app:80;", 2, None, id="a-name-has-an-unknown-number"),
        pytest.param("server localhost:80;", 1, 2, id="localhost-may-be-two"),
        pytest.param("server known:80; server 10.0.0.1;", 4, 4, id="a-number-that-was-given"),
        pytest.param("server 10.0.0.1 down;", 0, 0, id="all-down"),
        pytest.param("zone z 64k;", 1, None, id="servers-from-elsewhere"),
        pytest.param("server 10.0.0.1; include more.conf;", 1, None, id="a-missing-include"),
    ],
)
def test_how_many_addresses_a_group_has(tmp_path: Path, servers: str, low: int, high: int | None) -> None:
    options = NginxOptions(addresses=(("known", 3),))
    result = passing(tmp_path, "proxy_pass http://u;", f"upstream u {{ {servers} }}", options)
    peers = declared(result, "nginx:x/api/").peers
    assert (peers.low, peers.high) == (low, high)
    assert bool(peers.reason) is (low != high)


def test_a_map_makes_several_targets_and_the_widest_number_of_addresses(tmp_path: Path) -> None:
    before = (
        "upstream blue { server 10.0.0.1; server 10.0.0.2; } "
        "map $x $be { hostnames; default blue; ~^g 10.0.0.9:81; }"
    )
    result = passing(tmp_path, "proxy_pass http://$be;", before)
    found = declared(result, "nginx:x/api/")
    assert hosts(result, "nginx:x/api/") == ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.9:81"]
    assert (found.peers.low, found.peers.high, found.peers.choices) == (1, 2, (1, 2))
    assert "$be" in found.peers.reason


def test_a_set_under_a_condition_is_one_more_possibility(tmp_path: Path) -> None:
    result = passing(
        tmp_path, "set $b 10.0.0.1; if ($cookie_x) { set $b 10.0.0.2; } proxy_pass http://$b:80;"
    )
    assert hosts(result, "nginx:x/api/") == ["10.0.0.1:80", "10.0.0.2:80"]


def test_more_values_than_can_be_listed_leave_the_number_unknown(tmp_path: Path) -> None:
    entries = "".join(f"v{n} 10.0.0.{n};" for n in range(100))
    found = declared(passing(tmp_path, "proxy_pass http://$b;", f"map $x $b {{ {entries} }}"), "nginx:x/api/")
    assert found.peers.high is None
    assert any("$b" in target.reason for target in found.targets)


def test_passes_of_if_and_limit_except_are_further_targets(tmp_path: Path) -> None:
    result = passing(
        tmp_path,
        "proxy_pass http://10.0.0.1:1; if ($a) { proxy_pass http://10.0.0.2:2; }"
        " limit_except GET { proxy_pass http://10.0.0.3:3; }",
    )
    assert hosts(result, "nginx:x/api/") == ["10.0.0.1:1", "10.0.0.2:2", "10.0.0.3:3"]


@pytest.mark.parametrize(
    ("location", "statement", "strip", "put"),
    [
        pytest.param("/api/", "proxy_pass http://a:80/;", "/api/", "/", id="uri-replaces-the-prefix"),
        pytest.param("/api/", "proxy_pass http://a:80/v2;", "/api/", "/v2", id="uri-without-slash"),
        pytest.param("= /ping", "proxy_pass http://a:80/health?x=1;", "/ping", "/health", id="exact"),
        pytest.param("^~ /i/", "proxy_pass http://a:80/;", "/i/", "/", id="final-prefix"),
        pytest.param("/api/", "proxy_pass http://a:80;", "", "", id="no-uri"),
        pytest.param("/api/", "proxy_pass http://a:80/$uri;", "", "", id="variables-replace-everything"),
        pytest.param("~ ^/api/", "proxy_pass http://a:80;", "", "", id="regular-expression"),
        pytest.param(
            "/api/",
            "rewrite ^/api/(.*)$ /$1 break; proxy_pass http://a:80;",
            "/api/",
            "/",
            id="rewrite-break",
        ),
        pytest.param(
            "/api/", "rewrite ^/api/(.*)$ /$1 last; proxy_pass http://a:80;", "", "", id="rewrite-last-leaves"
        ),
    ],
)
def test_the_part_of_the_path_that_changes(
    tmp_path: Path, location: str, statement: str, strip: str, put: str
) -> None:
    result = server(tmp_path, f"location {location} {{ {statement} }}")
    target = result.declarations[0].targets[0]
    assert (target.strip, target.replace) == (strip, put)


@pytest.mark.parametrize(
    ("url", "external"),
    [
        ("https://api.example.com", True),
        ("http://api.example.com", False),
        ("https://10.0.0.1", False),
        ("https://app", False),
        ("https://app.local", False),
        ("https://app.default.svc.cluster.local", False),
        ("https://app.default.svc", False),
        ("https://db.internal", False),
    ],
)
def test_only_a_public_https_name_is_certainly_elsewhere(tmp_path: Path, url: str, external: bool) -> None:
    assert declared(passing(tmp_path, f"proxy_pass {url};"), "nginx:x/api/").targets[0].external is external


def test_traits_tell_family_kind_and_tls(tmp_path: Path) -> None:
    found = declared(passing(tmp_path, "grpc_pass grpcs://10.0.0.1:443;"), "nginx:x/api/")
    wanted = {"family": "grpc", "kind": "http", "tls": "yes", "server_name": "x", "location": "/api/"}
    assert dict(found.traits) == wanted


def test_a_pass_written_twice_is_invalid(tmp_path: Path) -> None:
    result = passing(tmp_path, "proxy_pass http://10.0.0.1; proxy_pass http://10.0.0.2;")
    assert "written twice" in only_problem(result, ProblemKind.INVALID).text
    assert hosts(result, "nginx:x/api/") == ["10.0.0.2:80"]


def test_of_two_families_in_a_location_the_last_one_takes_the_requests(tmp_path: Path) -> None:
    result = passing(tmp_path, "proxy_pass http://a; fastcgi_pass b:9000;")
    assert not result.problems
    assert hosts(result, "nginx:x/api/") == ["b:9000"]
    assert declared(result, "nginx:x/api/").trait("family") == "fastcgi"


def test_a_stream_server_is_a_declaration_of_its_own(tmp_path: Path) -> None:
    text = (
        "events {}\nstream { proxy_connect_timeout 2s;\n"
        "upstream db { server 10.0.0.1:5432; server 10.0.0.2:5432; }\n"
        "server { listen 5432; proxy_pass db; proxy_timeout 1h; } }"
    )
    result = reading(tmp_path, {"nginx.conf": text})
    found = declared(result, "nginx:stream:5432/")
    assert found.trait("kind") == "stream"
    assert found.front.ports == (5432,)
    assert found.peers.value == 2
    assert [setting.name for setting in found.settings] == ["proxy_connect_timeout", "proxy_timeout"]


def test_a_stream_fragment_is_told_from_an_http_one(tmp_path: Path) -> None:
    result = reading(tmp_path, {"conf.d/db.conf": "server { listen 5432; proxy_pass 10.0.0.1:5432; }"})
    assert not result.problems
    assert declared(result, "nginx:stream:5432/").trait("kind") == "stream"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://a:80/b?c", Url(scheme="http", authority="a:80", uri="/b?c")),
        ("http://unix:/run/a.sock:/b", Url(scheme="http", authority="unix:/run/a.sock", uri="/b")),
        ("unix:/run/a.sock", Url(scheme="", authority="unix:/run/a.sock", uri="")),
        ("$scheme://app$request_uri", Url(scheme="$scheme", authority="app", uri="$request_uri")),
        ("http://$1.example.com", Url(scheme="http", authority="$1.example.com", uri="")),
        ("", Url(scheme="", authority="", uri="")),
    ],
)
def test_urls_are_split(text: str, url: Url) -> None:
    assert split_url(text) == url

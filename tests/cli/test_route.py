"""`budgetcheck route`: which hop serves one request, why, and the chain of that request alone."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click import UsageError
from expectations import SAMPLES, Run

from budgetcheck.cli.route import read_request
from budgetcheck.model.answer import Asked
from budgetcheck.render.contract import report_schema

Cli = Callable[..., Run]

NGINX = """\
events {}
http {
  server {
    listen 80 default_server;
    return 444;
  }
  server {
    listen 80;
    server_name api.example.com *.api.example.com;
    proxy_read_timeout 20s;
    location / { proxy_pass http://10.0.0.1:8000; }
    location = /health { return 200; }
    location /v1/ { proxy_pass http://10.0.0.1:8000; proxy_read_timeout 30s; }
    location ^~ /static/ { proxy_pass http://10.0.0.9; proxy_read_timeout 5s; }
    location ~ \\.php$ { fastcgi_pass 10.0.0.2:9000; }
    location ~ ^/v1/jobs { proxy_pass http://10.0.0.3; proxy_read_timeout 90s; }
    location /files/ { try_files $uri @app; }
    location @app { proxy_pass http://10.0.0.4; proxy_read_timeout 40s; }
  }
  server {
    listen 8443 ssl;
    server_name api.example.com;
    location / { proxy_pass http://10.0.0.5; proxy_read_timeout 50s; }
  }
}
"""
APP = """\
service: app
server: {kind: uvicorn}
routes:
  - {path: /v1/chat, methods: [POST], calls: [{to: api.openai.com, client: openai, timeout: 10s}]}
  - {path: /v1/chat, methods: [GET], calls: []}
  - {path: "/v1/items/{id}", methods: [GET], calls: [{to: db, client: httpx, timeout: 1s}]}
"""
ALB = """\
resource "aws_lb" "edge" {
  idle_timeout = 61
}
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.edge.arn
  port = 443
  default_action {
    type = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}
resource "aws_lb_target_group" "web" {
  name = "web"
  target_type = "lambda"
}
resource "aws_lb_target_group" "api" {
  name = "api"
  target_type = "lambda"
}
resource "aws_lb_listener_rule" "api" {
  listener_arn = aws_lb_listener.https.arn
  action {
    type = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
  condition {
    host_header { values = ["api.example.com"] }
  }
  condition {
    path_pattern { values = ["/v1/*"] }
  }
}
resource "aws_lb_target_group_attachment" "web" {
  target_group_arn = aws_lb_target_group.web.arn
  target_id = aws_lambda_function.web.arn
}
resource "aws_lb_target_group_attachment" "api" {
  target_group_arn = aws_lb_target_group.api.arn
  target_id = aws_lambda_function.api.arn
}
resource "aws_lambda_function" "web" {
  timeout = 7
}
resource "aws_lambda_function" "api" {
  timeout = 8
}
"""


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Writes files by name."""
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def ask(cli: Cli, folder: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """The JSON answer."""
    run = cli(folder, "route", *arguments, "--format", "json")
    assert run.exit_code == code, run.stderr
    return json.loads(run.stdout)


def chains(answer: Mapping[str, Any]) -> list[list[str]]:
    """The ids of the hops of each route."""
    return [[hop["id"] for hop in route["hops"]] for route in answer["routes"]]


@pytest.mark.parametrize(
    ("request_", "location", "because"),
    [
        pytest.param("/health", "= /health", "is the path itself", id="exact"),
        pytest.param("/static/a.php", "^~ /static/", "longest prefix", id="no-regex-after-a-final-prefix"),
        pytest.param("/v1/chat", "/v1/", "longest prefix", id="longest-prefix"),
        pytest.param("/v1/jobs/1", "~ ^/v1/jobs", "first regular expression", id="a-regex-beats-prefixes"),
        pytest.param("/v1/jobs/a.php", "~ \\.php$", "first regular expression", id="regexes-in-order"),
        pytest.param("/v1//jobs/../chat?x=/health", "/v1/", "longest prefix", id="normalised-before"),
        pytest.param("/files/a", "/files/", "longest prefix", id="handed-over-to-a-named-one"),
        pytest.param("/V1/chat", "/", "longest prefix", id="case-matters"),
    ],
)
def test_nginx_chooses_the_location(
    cli: Cli, tmp_path: Path, request_: str, location: str, because: str
) -> None:
    write(tmp_path, {"nginx.conf": NGINX})
    answer = ask(cli, tmp_path, f"http://api.example.com{request_}")
    assert (answer["server"], answer["location"]) == ("api.example.com", location)
    assert because in " ".join(answer["way"])
    if location == "= /health":  # answered by nginx itself
        assert (answer["id"], answer["verdict"], answer["routes"]) == (None, None, [])
        return
    serving = "@app" if location == "/files/" else location
    joint = "" if serving.startswith("/") else "/"
    assert answer["id"] == f"nginx:api.example.com:80{joint}{serving}"
    assert (chains(answer), answer["verdict"]) == ([[answer["id"]]], "not-compared")


@pytest.mark.parametrize(
    ("host", "server", "reason", "lines"),
    [
        pytest.param(
            "http://api.example.com/", "api.example.com", "is a name of the server", {11}, id="port-80"
        ),
        pytest.param("API.example.com:8443/", "api.example.com", "is a name", {23}, id="port-8443"),
        pytest.param(
            "api.example.com/", "api.example.com", "is a name of the server", {11, 23}, id="every-port"
        ),
        pytest.param("eu.api.example.com:80/", "api.example.com", "is a name", {11}, id="wildcard"),
        pytest.param(
            "other.example.org:80/", "_", "the default server of its port", {3}, id="default-server"
        ),
        pytest.param(
            "https://api.example.com/", "api.example.com", "listens on port 443", {11, 23}, id="tls-outside"
        ),
    ],
)
def test_nginx_chooses_the_server(
    cli: Cli, tmp_path: Path, host: str, server: str, reason: str, lines: set[int]
) -> None:
    write(tmp_path, {"nginx.conf": NGINX})
    answer = ask(cli, tmp_path, host)
    assert answer["server"] == server
    assert reason in " ".join(answer["way"])
    assert {one["line"] for one in (answer, *answer["others"])} == lines


def test_the_first_server_of_a_port_is_not_meant_for_strangers(cli: Cli, tmp_path: Path) -> None:
    """nginx would use it, but another file may hold the default server: that is said, and no answer given."""
    write(
        tmp_path, {"nginx.conf": NGINX.replace(" default_server", "").replace("return 444", "server_name b")}
    )
    answer = ask(cli, tmp_path, "apo.example.com:80/v1/", code=3)
    assert (answer["server"], answer["routes"], answer["others"]) == (None, [], [])
    assert "nginx would use `b`, the first one of its port" in answer["remark"]
    assert "api.example.com/v1/" in answer["nearest"]


def test_a_missing_slash_is_a_redirect(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"nginx.conf": NGINX})
    assert ask(cli, tmp_path, "api.example.com:80/v1")["redirects"] is True
    assert "nginx answers 301" in cli(tmp_path, "route", "api.example.com:80/v1").stdout


def test_a_regular_expression_nobody_dares_to_evaluate_is_said(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"nginx.conf": NGINX.replace("\\.php$", "^/(a+)+$")})
    answer = ask(cli, tmp_path, "api.example.com:80/v1/chat")
    assert answer["unsure"] == ["~ ^/(a+)+$"]
    assert "`~ ^/(a+)+$` may match first" in cli(tmp_path, "route", "api.example.com:80/v1/chat").stdout


def test_the_chain_is_that_of_the_request_alone(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"nginx.conf": NGINX.replace("10.0.0.1", "app"), "app.yaml": APP})
    posted = ask(cli, tmp_path, "api.example.com:80/v1/chat", "--method", "post")
    assert [chain[0] for chain in chains(posted)] == ["nginx:api.example.com:80/v1/"]
    assert posted["routes"][0]["methods"] == ["POST"]
    assert posted["verdict"] == "exceeds"
    assert posted["slack_ms"] == 30_000 - 31_500
    fetched = ask(cli, tmp_path, "api.example.com:80/v1/items/7", "--method", "GET")
    assert fetched["verdict"] == "fits"
    assert len(fetched["routes"]) == 1
    assert len(ask(cli, tmp_path, "api.example.com:80/v1/chat")["routes"]) == 2


def test_nothing_behind_the_location_takes_the_path(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"nginx.conf": NGINX.replace("10.0.0.1", "app"), "app.yaml": APP})
    answer = ask(cli, tmp_path, "api.example.com:80/v1/unheard-of")
    assert answer["location"] == "/v1/"
    assert "nothing behind app (uvicorn) takes the path" in answer["way"][-1]


def test_a_location_behind_another_nginx_belongs_to_that_chain(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "edge").mkdir()
    (tmp_path / "inner").mkdir()
    server = "server {{ listen 80; server_name api.example.com; location / {{ proxy_pass http://{}; }} }}"
    for name, target in (("edge", "inner.internal"), ("inner", "10.0.0.1:9000")):
        http = f"events {{}}\nhttp {{ {server.format(target)} }}\n"
        (tmp_path / name / "nginx.conf").write_text(http)
    config = "links: [{outer: 'nginx:*edge/nginx.conf*', inner: 'nginx:*inner/nginx.conf*'}]"
    (tmp_path / "budgetcheck.yaml").write_text(config)
    answer = ask(cli, tmp_path, "api.example.com/x")
    assert (answer["path"], answer["others"]) == ("edge/nginx.conf", [])
    assert [len(chain) for chain in chains(answer)] == [2]


# Without nginx


def test_the_app_document_is_asked_by_path(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"app.yaml": APP})
    answer = ask(cli, tmp_path, "anything.example.com/v1/items/7")
    assert (answer["component"], answer["location"]) == ("app", "/v1/items/{id}")
    assert [route["name"] for route in answer["routes"]] == ["GET /v1/items/{id}"]
    assert ask(cli, tmp_path, "/v1/items/7/x", code=3)["nearest"] != []
    assert ask(cli, tmp_path, "/v1/items/7", "--method", "DELETE", code=3)["routes"] == []


@pytest.mark.parametrize(
    ("request_", "reached"),
    [
        pytest.param("api.example.com/v1/x", "terraform:aws_lambda_function.api", id="host-and-path"),
        pytest.param("www.example.com/v1/x", "terraform:aws_lambda_function.web", id="another-host"),
        pytest.param("api.example.com/v2/x", "terraform:aws_lambda_function.web", id="another-path"),
    ],
)
def test_listener_rules_choose(cli: Cli, tmp_path: Path, request_: str, reached: str) -> None:
    write(tmp_path, {"alb.tf": ALB})
    answer = ask(cli, tmp_path, request_)
    assert chains(answer) == [["terraform:aws_lb.edge", reached]]
    assert answer["others"] == []


@pytest.mark.parametrize(
    ("arguments", "hop"),
    [
        pytest.param(
            ["/orders", "--method", "POST"], "terraform:aws_api_gateway_integration.create_order", id="post"
        ),
        pytest.param(
            ["x.example.com/orders/report"], "terraform:aws_api_gateway_integration.report", id="get"
        ),
    ],
)
def test_gateway_routes_choose(cli: Cli, arguments: list[str], hop: str) -> None:
    answer = ask(cli, SAMPLES / "api-gateway-lambda", *arguments)
    assert [chain[0] for chain in chains(answer)] == [hop]
    assert answer["verdict"] in ("fits", "exceeds")


# Text, documents, usage


def test_text_tells_hop_reason_chain_verdict_and_slack(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"nginx.conf": NGINX.replace("10.0.0.1", "app"), "app.yaml": APP})
    run = cli(tmp_path, "route", "http://api.example.com/v1/chat", "--method", "POST")
    for piece in (
        "request POST api.example.com:80/v1/chat",
        "nginx server api.example.com on port 80, location /v1/  nginx.conf:13",
        "`/v1/` is the longest prefix",
        "route api.example.com/v1/chat",
        ": exceeds",
        "proxy_read_timeout",
        "1.5 s more than is granted",
    ):
        assert piece in run.stdout, run.stdout
    fits = cli(tmp_path, "route", "http://api.example.com/v1/items/1", "--method", "GET")
    assert "fits with 29 s to spare" in fits.stdout


def test_routes_are_those_of_the_report(cli: Cli) -> None:
    """Same objects, and same names and verdicts where a route of the report has the same hops."""
    folder = SAMPLES / "clean"
    report = {route["name"]: route for route in cli(folder, "--format", "json").report["routes"]}
    [route] = ask(cli, folder, "tickets.example.com/api/tickets", "--method", "GET")["routes"]
    assert set(route) == set(report_schema()["properties"]["routes"]["items"].get("properties", route))
    assert report[route["name"]]["hops"] == route["hops"]
    assert report[route["name"]]["verdict"] == route["verdict"]


def test_standard_input_configuration_and_environments_are_those_of_a_check(cli: Cli, tmp_path: Path) -> None:
    named = ["--stdin-filename", "edge.conf", "--nginx-version", "1.29.7", "--no-config"]
    run = cli(tmp_path, "route", "http://api.example.com/v1/x", "-", *named, stdin=NGINX.encode())
    assert "edge.conf:13" in run.stdout
    run = cli(SAMPLES / "environments", "route", "/x", "--environment", "nowhere")
    assert (run.exit_code, run.stdout) == (2, "")
    assert "no such environment: nowhere" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param([], "Missing argument 'HOST/PATH'", id="no-request"),
        pytest.param(["ftp://a/b"], "ftp:// is no scheme of a request", id="scheme"),
        pytest.param(["https:///x"], "names no host", id="no-host"),
        pytest.param(["a.example.com:port/x"], "the request is no URL", id="port"),
        pytest.param(["[::1/x"], "the request is no URL", id="bracket"),
        pytest.param(["a.example.com/", "--method", "G E T"], "is not a method", id="method"),
        pytest.param(["a.example.com/", "missing"], "no such file or directory: missing", id="missing-path"),
        pytest.param(["a/", "--config", "a.yaml", "--no-config"], "exclude one another", id="contradiction"),
    ],
)
def test_wrong_usage_is_one_line(cli: Cli, tmp_path: Path, arguments: list[str], says: str) -> None:
    run = cli(tmp_path, "route", *arguments)
    assert (run.exit_code, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert says in run.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.example.com", Asked(host="a.example.com")),
        ("A.Example.com./X?y#z", Asked(host="a.example.com", path="/X")),
        ("https://a/b", Asked(host="a", path="/b", port=443)),
        ("HTTP://a:8080/b", Asked(host="a", path="/b", port=8080)),
        ("a:81/%41%20", Asked(host="a", path="/A ", port=81)),
        ("[::1]:80/x", Asked(host="::1", path="/x", port=80)),
        ("/x", Asked(path="/x")),
        ("user:secret@a/x", Asked(host="a", path="/x")),
        ("POST a/x", Asked(host="a", path="/x", method="POST")),
        ("module.edge.aws_lb.this[0]", Asked(path="")),
    ],
)
def test_a_request_is_read(text: str, expected: Asked) -> None:
    assert read_request(text) == expected


@pytest.mark.parametrize("text", ["", "://", "http://", "a:99999/x"])
def test_no_request_is_read(text: str) -> None:
    with pytest.raises(UsageError):
        read_request(text)


def test_hostile_names_do_no_harm(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"nginx.conf": NGINX})
    run = cli(tmp_path, "route", "a\x1b[2J.example.com/##[error]%0a::error::x")
    assert "\x1b" not in run.stdout
    assert "##[error]" not in run.stdout
    assert "\n::" not in run.stdout

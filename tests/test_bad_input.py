"""Input that cannot be read: a clear message, the right exit code, no traceback, and the rest still checked.

Each case puts a fault beside a system that is readable and itself in order (or, where noted, at fault), so
"the rest is still checked" can be seen in the report.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from expectations import Run, strings

Cli = Callable[..., Run]

NGINX = """server {
    listen 80;
    server_name api.example.com;

    location / {
        proxy_pass http://app:8000;
        proxy_read_timeout 30s;
    }
}
"""

APP = """service: app
server: {kind: uvicorn}
routes:
  - path: /answer
    methods: [POST]
    calls:
      - {to: rates.example.net, client: httpx, timeout: {connect: 2s, read: 15s}}
"""

GATEWAY = """resource "aws_apigatewayv2_integration" "orders" {
  api_id           = aws_apigatewayv2_api.orders.id
  integration_type = "AWS_PROXY"
  integration_uri  = aws_lambda_function.orders.invoke_arn
}

resource "aws_apigatewayv2_api" "orders" {
  name          = "orders"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_route" "orders" {
  api_id    = aws_apigatewayv2_api.orders.id
  route_key = "POST /orders"
  target    = "integrations/${aws_apigatewayv2_integration.orders.id}"
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  timeout       = 45
}
"""


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A readable system that fits: nginx 30 s over an application that needs 15 s."""
    return write(tmp_path, {"nginx.conf": NGINX, "app.yaml": APP})


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def report_of(cli: Cli, folder: Path, *paths: str) -> dict[str, Any]:
    """The JSON report; the same run as text must not crash either."""
    text = cli(folder, *paths)
    assert not text.crashed, text
    run = cli(folder, "--format", "json", *paths)
    assert not run.crashed, run
    assert run.exit_code == text.exit_code
    return {**run.report, "exit": run.exit_code}


def unreadable(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (finding["severity"], finding["path"], "\n".join(strings(finding)))
        for finding in report["findings"]
        if finding["rule"] == "BC901"
    ]


def verdict(report: dict[str, Any], path: str) -> str:
    return next(route["verdict"] for route in report["routes"] if route["path"] == path)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        pytest.param(
            "broken.conf",
            "server {\n    location / {\n        proxy_pass http://x:1;\n    }\n",
            "never closed",
            id="nginx: a brace is missing at the end",
        ),
        pytest.param(
            "broken.conf",
            "server {\n    location / {\n        proxy_pass http://x:1;\n    }\n}\n}\n",
            "}",
            id="nginx: a brace too many",
        ),
        pytest.param(
            "broken.tf", 'resource "aws_lb" "x" {\n  idle_timeout = \n}\n', "", id="terraform: no expression"
        ),
        pytest.param(
            "broken.tf", 'resource "aws_lb" "x" {\n  name = "x\n', "", id="terraform: a quote is never closed"
        ),
        pytest.param(
            "bad.yaml",
            "service: x\nroutes:\n  - path: /a\n   methods: [GET]\n",
            "",
            id="app document: indentation",
        ),
        pytest.param("bad.yaml", "service: x\nroutes: 12\n", "routes", id="app document: routes is no list"),
        pytest.param(
            "bad.yaml",
            "service: x\nroutes:\n  - {path: /a, deadline: 25}\n",
            "25s",
            id="app document: a number without a unit; says what to write",
        ),
        pytest.param(
            "bad.yaml",
            "service: x\nroutes:\n  - {path: /a, strming: true}\n",
            "streaming",
            id="app document: an unknown key; says which was meant",
        ),
    ],
)
def test_a_broken_file_is_a_warning_and_the_rest_is_checked(
    system: Path, cli: Cli, name: str, text: str, says: str
) -> None:
    write(system, {name: text})
    report = report_of(cli, system)
    found = unreadable(report)
    assert {(severity, path) for severity, path, _ in found} == {("warning", name)}
    assert says in " ".join(message for *_, message in found)
    assert all(finding["line"] for finding in report["findings"] if finding["rule"] == "BC901")
    assert verdict(report, "/answer") == "fits"
    assert report["exit"] == 0


def test_a_missing_semicolon_is_an_invalid_value_that_says_so(system: Path, cli: Cli) -> None:
    """The parser takes what follows for more arguments, so the file as such is readable."""
    text = "server {\n  location / {\n    proxy_read_timeout 5s\n    proxy_pass http://x:1;\n  }\n}\n"
    report = report_of(cli, write(system, {"broken.conf": text}))
    (error,) = [finding for finding in report["findings"] if finding["severity"] == "error"]
    assert (error["rule"], error["path"], error["line"]) == ("BC203", "broken.conf", 3)
    assert "`;`" in "\n".join(strings(error))
    assert verdict(report, "/answer") == "fits"
    assert report["exit"] == 1


def test_a_broken_block_does_not_hide_its_neighbours_in_the_file(tmp_path: Path, cli: Cli) -> None:
    broken = 'resource "aws_s3_bucket" "logs" {\n  bucket = [1, 2\n}\n\n'
    report = report_of(cli, write(tmp_path, {"main.tf": broken + GATEWAY}))
    assert [path for _, path, _ in unreadable(report)] == ["main.tf"]
    assert [f["rule"] for f in report["findings"] if f["severity"] == "error"] == ["BC101"]
    assert report["exit"] == 1


def test_fail_on_warning_makes_an_unreadable_file_fail_the_run(system: Path, cli: Cli) -> None:
    write(system, {"bad.yaml": "service: x\nroutes: 12\n"})
    assert cli(system, "--fail-on", "warning", ".").exit_code == 1


def test_an_empty_directory_is_not_green(tmp_path: Path, cli: Cli) -> None:
    run = cli(tmp_path)
    assert run.exit_code == 3
    assert "nginx" in run.stdout  # says what it would have understood
    assert cli(tmp_path, "--format", "json").exit_code == 3
    assert cli(tmp_path, "--allow-unchecked").exit_code == 0


def test_files_of_other_kinds_only_are_not_green(tmp_path: Path, cli: Cli) -> None:
    write(tmp_path, {"README.md": "# nothing\n", "values.yaml": "replicas: 3\n", "src/main.c": "int main;\n"})
    report = report_of(cli, tmp_path)
    assert report["exit"] == 3
    assert report["findings"] == []


def test_a_path_that_does_not_exist_is_a_usage_error(system: Path, cli: Cli) -> None:
    run = cli(system, "nginx.conf", "infar")
    assert run.exit_code == 2
    assert "infar" in run.stderr
    assert run.stdout == ""


def test_an_unknown_option_is_a_usage_error(system: Path, cli: Cli) -> None:
    run = cli(system, "--fromat", "json")
    assert run.exit_code == 2
    assert "--fromat" in run.stderr
    assert run.stdout == ""


def test_a_binary_file_with_a_good_name_is_named(system: Path, cli: Cli) -> None:
    (system / "conf.d").mkdir()
    (system / "conf.d" / "old.conf").write_bytes(b"server {\0\1\2\xff\xfe" * 40)
    report = report_of(cli, system)
    assert [(severity, path) for severity, path, _ in unreadable(report)] == [("warning", "conf.d/old.conf")]
    assert "binary" in unreadable(report)[0][2]
    assert verdict(report, "/answer") == "fits"


def test_a_binary_file_named_as_argument_is_named(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "main.tf").write_bytes(b"\x7fELF\0\0\0" * 20)
    report = report_of(cli, tmp_path, "main.tf")
    assert [path for _, path, _ in unreadable(report)] == ["main.tf"]
    assert report["exit"] == 3  # nothing was recognised


def test_latin_1_crlf_and_a_byte_order_mark_are_no_obstacle(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "nginx.conf").write_bytes(b"# f\xfcr alle\r\n" + NGINX.replace("\n", "\r\n").encode())
    (tmp_path / "app.yaml").write_bytes(b"\xef\xbb\xbf" + APP.encode())
    report = report_of(cli, tmp_path)
    assert report["findings"] == []
    assert verdict(report, "/answer") == "fits"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_does_not_hang_the_run(system: Path, cli: Cli) -> None:
    os.mkfifo(system / "stuck.conf")
    os.mkfifo(system / "stuck.tf")
    assert verdict(report_of(cli, system), "/answer") == "fits"


def test_links_that_loop_or_leave_the_root_are_not_followed(
    system: Path, cli: Cli, tmp_path_factory: Any
) -> None:
    outside = write(
        tmp_path_factory.mktemp("outside"), {"secret.conf": "server { proxy_read_timeout 1s; }\n"}
    )
    (system / "again").symlink_to(system, target_is_directory=True)
    (system / "self.conf").symlink_to(system / "self.conf")
    (system / "leak.conf").symlink_to(outside / "secret.conf")
    report = report_of(cli, system)
    assert verdict(report, "/answer") == "fits"
    assert "secret" not in str(report)
    assert len([route for route in report["routes"] if route["path"] == "/answer"]) == 1


def test_an_include_of_a_file_outside_is_not_opened(tmp_path: Path, cli: Cli, tmp_path_factory: Any) -> None:
    outside = write(
        tmp_path_factory.mktemp("outside"), {"own.conf": "location /leak { proxy_pass http://leaked:1; }\n"}
    )
    included = NGINX.replace("    location /", f"    include {outside}/own.conf;\n    location /", 1)
    report = report_of(cli, write(tmp_path, {"nginx.conf": included, "app.yaml": APP}))
    assert "leak" not in str(report)
    assert verdict(report, "/answer") == "fits"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder every user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in folder.rglob("*"):
            path.chmod(0o755)


@pytest.fixture
def ordinary_user(cli: Cli) -> Iterator[Cli]:
    """The command line as somebody for whom permissions count: root may read everything."""
    if os.geteuid() != 0:
        yield cli
        return

    def run(folder: Path, *arguments: str) -> Run:
        cli(folder, *arguments)  # loads every module while that is certainly allowed
        os.seteuid(65_534)
        try:
            return cli(folder, *arguments)
        finally:
            os.seteuid(0)

    yield run


def test_a_directory_without_permission_is_named_and_the_rest_is_checked(
    open_folder: Path, ordinary_user: Cli
) -> None:
    write(open_folder, {"nginx.conf": NGINX, "app.yaml": APP, "closed/other.conf": NGINX})
    for path in open_folder.rglob("*"):
        path.chmod(0o755)
    (open_folder / "closed").chmod(0)
    report = report_of(ordinary_user, open_folder)
    assert [(severity, path) for severity, path, _ in unreadable(report)] == [("warning", "closed")]
    assert "permission" in unreadable(report)[0][2].lower()
    assert verdict(report, "/answer") == "fits"


def test_a_file_without_permission_is_named_and_the_rest_is_checked(
    open_folder: Path, ordinary_user: Cli
) -> None:
    write(open_folder, {"nginx.conf": NGINX, "app.yaml": APP, "closed.tf": GATEWAY})
    (open_folder / "closed.tf").chmod(0)
    report = report_of(ordinary_user, open_folder)
    assert [(severity, path) for severity, path, _ in unreadable(report)] == [("warning", "closed.tf")]
    assert verdict(report, "/answer") == "fits"

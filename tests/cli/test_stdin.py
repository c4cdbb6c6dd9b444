"""Standard input as one of the files: `-`, under a name that says what it is."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from expectations import ROOT, Run

from budgetcheck.tree import MAX_BYTES

Cli = Callable[..., Run]

NGINX = b"""\
events {}
http {
  server {
    server_name a.example.com;
    location / { proxy_pass http://10.0.0.1:8000; proxy_read_timeout 30s; }
  }
}
"""
DUMP = (
    b"# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp { include /etc/nginx/conf.d/*.conf; }\n"
    b"# configuration file /etc/nginx/conf.d/a.conf:\n"
    b"server {\n  server_name a.example.com;\n"
    b"  location /v1/ { proxy_pass http://10.0.0.1; proxy_read_timeout 7s; }\n}\n"
)
APP = b"""\
service: a
server: {kind: uvicorn}
routes:
  - path: /chat
    calls: [{to: api.openai.com, client: openai, timeout: 45s, max_retries: 0}]
"""
TERRAFORM = b'resource "aws_lb" "a" {\n  idle_timeout = 45\n}\n'


def limits(run: Run) -> dict[str, tuple[int | None, str | None, int | None]]:
    """Setting -> value and place, of everything that somebody wrote."""
    return {
        limit["setting"]: (limit["value_ms"], limit["path"], limit["line"])
        for route in run.report["routes"]
        for hop in route["hops"]
        for limit in hop["limits"]
        if limit["origin"] in ("written", "inherited")
    }


@pytest.mark.parametrize(
    ("content", "name", "setting", "expected"),
    [
        pytest.param(NGINX, None, "proxy_read_timeout", (30_000, "stdin.conf", 5), id="nginx-needs-no-name"),
        pytest.param(DUMP, None, "proxy_read_timeout", (7_000, "stdin.conf", 7), id="so-does-a-dump"),
        pytest.param(
            NGINX, "sites/a", "proxy_read_timeout", (30_000, "sites/a", 5), id="a-folder-in-the-name"
        ),
        pytest.param(TERRAFORM, "main.tf", "idle_timeout", (45_000, "main.tf", 2), id="terraform"),
        pytest.param(APP, "app.yaml", "timeout.read", (45_000, "app.yaml", 5), id="app-document"),
    ],
)
def test_it_is_read_and_reported_under_its_name(
    cli: Cli, tmp_path: Path, content: bytes, name: str | None, setting: str, expected: tuple[int, str, int]
) -> None:
    named = ["--stdin-filename", name] if name else []
    run = cli(tmp_path, "-", *named, "--format", "json", "--allow-unchecked", stdin=content)
    assert run.exit_code == 0, run.stdout + run.stderr
    assert limits(run)[setting] == expected
    assert list(tmp_path.iterdir()) == []


def test_it_stands_beside_other_paths(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_bytes(APP)
    run = cli(tmp_path, "app.yaml", "-", "--format", "json", stdin=NGINX)
    [finding] = [found for found in run.report["findings"] if found["rule"] == "BC101"]
    assert (finding["outer"]["path"], finding["inner"]["path"]) == ("stdin.conf", "app.yaml")
    assert run.exit_code == 1


def test_its_includes_are_looked_for_where_its_name_lies(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "limits.inc").write_text("proxy_read_timeout 9s;\n")
    content = NGINX.replace(b"proxy_read_timeout 30s;", b"include limits.inc;")
    name = ["--stdin-filename", "web/nginx.conf"]
    run = cli(tmp_path, "-", *name, "--format", "json", "--allow-unchecked", stdin=content)
    assert limits(run)["proxy_read_timeout"] == (9_000, "web/limits.inc", 1)


def test_a_file_includes_it(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_bytes(NGINX.replace(b"proxy_read_timeout 30s;", b"include limits.inc;"))
    name = ["--stdin-filename", "limits.inc"]
    run = cli(tmp_path, "nginx.conf", "-", *name, "--format", "json", stdin=b"proxy_read_timeout 8s;\n")
    assert limits(run)["proxy_read_timeout"] == (8_000, "limits.inc", 1)


@pytest.mark.parametrize("link", [False, True], ids=["file", "link"])
def test_it_takes_the_place_of_a_file_of_that_name(cli: Cli, tmp_path: Path, link: bool) -> None:
    """As when an editor checks a buffer that has not been saved."""
    saved = tmp_path / ("elsewhere.txt" if link else "nginx.conf")
    saved.write_bytes(NGINX.replace(b"30s", b"31s"))
    if link:
        (tmp_path / "nginx.conf").symlink_to(saved)
    run = cli(tmp_path, ".", "-", "--stdin-filename", "nginx.conf", "--format", "json", stdin=NGINX)
    assert limits(run)["proxy_read_timeout"] == (30_000, "nginx.conf", 5)
    assert len(run.report["routes"]) == 1


def test_terraform_finds_it_beside_the_files_of_its_directory(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text('variable "idle" {\n  default = 70\n}\n')
    content = TERRAFORM.replace(b"45", b"var.idle")
    run = cli(tmp_path, ".", "-", "--stdin-filename", "lb.tf", "--format", "json", stdin=content)
    assert limits(run)["idle_timeout"] == (70_000, "lb.tf", 2)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"#" * (MAX_BYTES + 1), "is larger than 8 MiB", id="too-large"),
        pytest.param(b"events {}\0", "is a binary file", id="binary"),
        pytest.param(b"", "is of no kind that is understood", id="empty"),
        pytest.param(b"hello\n", "is of no kind that is understood", id="something-else"),
    ],
)
def test_what_cannot_be_read_is_a_finding(cli: Cli, tmp_path: Path, content: bytes, says: str) -> None:
    run = cli(tmp_path, "-", "--format", "json", stdin=content)
    assert run.exit_code == 3
    assert [(found["rule"], found["path"]) for found in run.report["findings"]] == [("BC901", "stdin.conf")]
    assert says in run.report["findings"][0]["message"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param([".", "--stdin-filename", "a.conf"], "give the path - as well", id="name-without-input"),
        pytest.param(["-", "--stdin-filename", ""], "is not the name of a file", id="empty-name"),
        pytest.param(["-", "--stdin-filename", "web/.."], "is not the name of a file", id="a-directory"),
    ],
)
def test_wrong_usage(cli: Cli, tmp_path: Path, arguments: list[str], says: str) -> None:
    run = cli(tmp_path, *arguments, stdin=NGINX)
    assert (run.exit_code, run.stdout) == (2, "")
    assert says in run.stderr


def test_a_file_called_like_it_is_written_with_its_directory(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "-").write_bytes(NGINX)
    run = cli(tmp_path, "./-", "--format", "json", "--allow-unchecked", stdin=b"never read")
    assert limits(run)["proxy_read_timeout"] == (30_000, "-", 5)


def test_a_closed_standard_input_is_a_failure() -> None:
    command = [sys.executable, "-m", "budgetcheck", "-"]
    code = f"import os; os.close(0); os.execv({sys.executable!r}, {command!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (2, b"budgetcheck: there is no standard input\n")


def test_a_writer_without_end_is_cut_off() -> None:
    """Only as much is read as a file may have: the writer then finds the pipe closed."""
    yes = subprocess.Popen(["yes", "# x"], stdout=subprocess.PIPE)
    with yes:
        done = subprocess.run(
            [sys.executable, "-m", "budgetcheck", "-"],
            stdin=yes.stdout,
            capture_output=True,
            cwd=ROOT,
            check=False,
        )
        assert yes.stdout is not None
        yes.stdout.close()
        assert yes.wait(timeout=30) != 0
    assert done.returncode == 3
    assert b"is larger than 8 MiB" in done.stdout

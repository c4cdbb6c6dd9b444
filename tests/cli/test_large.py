"""Large configurations: the work grows with their size, not with its square."""

import gc
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from expectations import Run

from budgetcheck.garbage import collector_paused

Cli = Callable[..., Run]

LOCATIONS = 1_200
SECONDS = 25
"""Of processor time; each case takes 1 to 5, and took more than 60 where something was quadratic."""

ALB = """\
resource "aws_lb" "edge" {
  idle_timeout = 20
}
resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.edge.arn
  port = 80
  default_action {
    type = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}
resource "aws_lb_target_group" "web" {
  port = 80
}
"""
APP = """\
service: app
server: {kind: uvicorn}
routes:
""" + "".join(
    f"  - {{path: /p{number}/x, methods: [POST], calls: [{{to: a.test, client: openai, timeout: 10s}}]}}\n"
    for number in range(50)
)


def nginx(
    servers: Sequence[Iterable[str]],
    target: str,
    *,
    names: bool = True,
    settings: str = "proxy_read_timeout {}s;",
) -> str:
    """A configuration with a server for each list of location patterns."""
    lines = ["events {}", "http {"]
    for number, patterns in enumerate(servers):
        lines.append(f"server {{ listen 80; {f'server_name s{number}.example.com;' if names else ''}")
        lines += [
            f"location {pattern} {{ proxy_pass {target}; {settings.format(20 + index % 40)} }}"
            for index, pattern in enumerate(patterns)
        ]
        lines.append("}")
    return "\n".join([*lines, "}"])


def prefixes(count: int) -> list[str]:
    return [f"/p{number}/" for number in range(count)]


ONE_SERVER = [prefixes(LOCATIONS)]
MANY_SERVERS = [prefixes(50) for _ in range(LOCATIONS // 50)]
REGEXES = [[f"~ ^/p{number}/[a-z]+$" for number in range(LOCATIONS)]]
CASES = {
    "nginx-alone": {"nginx.conf": nginx(MANY_SERVERS, "http://10.0.0.1:8080")},
    "behind-a-balancer-it-outlives": {"nginx.conf": nginx(MANY_SERVERS, "http://10.0.0.1:8080"), "a.tf": ALB},
    "one-server-before-an-application": {"nginx.conf": nginx(ONE_SERVER, "http://app:8000"), "app.yaml": APP},
    "regular-expressions": {"nginx.conf": nginx(REGEXES, "http://app:8000"), "app.yaml": APP},
    "several-nginx-on-the-port-of-the-target": {
        f"{name}/nginx.conf": nginx([prefixes(LOCATIONS // 3)], "http://10.0.0.1", names=False)
        for name in ("a", "b", "c")
    },
    "servers-without-names": {"nginx.conf": nginx([["/"]] * LOCATIONS, "http://10.0.0.1:8080", names=False)},
    "a-wrong-value-everywhere": {
        "nginx.conf": nginx(ONE_SERVER, "http://10.0.0.1:8080", settings="proxy_read_timeout {}.5s;")
    },
}


@pytest.mark.parametrize("files", CASES.values(), ids=CASES)
def test_the_work_is_not_quadratic(cli: Cli, tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    started = time.process_time()
    run = cli(tmp_path, "--format", "json")
    assert time.process_time() - started < SECONDS
    assert not run.crashed
    assert len(run.report["routes"]) >= LOCATIONS


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), collector_paused():
        1 / 0  # noqa: B018 - the error is the point
    assert gc.isenabled()

"""Kept connections: a real 502 of a keep-alive inversion, and what budgetcheck says of the same files."""

import asyncio
from pathlib import Path

import pytest

from budgetcheck.model.report import Report

from .backends import CutsReused
from .case import Case
from .cases.texts import server
from .client import Reply, Request, call
from .measure import operating
from .predict import check
from .process import Nginx

pytestmark = pytest.mark.lab

_GET, _POST = Request(path="/answer"), Request(method="POST", path="/answer", body=b"x")
_REUSE = 'proxy_http_version 1.1; proxy_set_header Connection "";'


def _case(of_group: str, directives: str, keeps: str, version: str) -> Case:
    """nginx in front of one application server that keeps idle connections for so long."""
    app = (
        f"service: app\nserver: {{kind: uvicorn, keepalive: {keeps}, port: <port 1>}}\n"
        "routes: [{path: /answer, methods: [GET, POST], deadline: 5s}]\n"
    )
    return Case(
        name="keep-alive",
        why="a server that closes an idle connection just when nginx uses it again",
        http=f"upstream app {{ server <1>; {of_group} }}\n"
        + server(f"location / {{ proxy_pass http://app; {directives} }}"),
        backends=(CutsReused(),),
        files=(("app.yaml", app), ("budgetcheck.yaml", f"nginx: {{version: {version}}}\n")),
        seconds=0.0,
        attempts=None,
        status=200,
    )


def _run(
    nginx: Nginx, folder: Path, case: Case, *requests: Request, at_once: int = 1
) -> tuple[list[int | None], int, Report]:
    """Statuses of requests one after the other, what the backend saw, and budgetcheck's report.

    The first of them is sent `at_once` times, to have so many connections kept.
    """

    async def scene() -> tuple[list[int | None], int, Report]:
        async with operating(nginx, case, folder / "scene") as stage:

            async def ask(request: Request) -> Reply:
                return await call(stage.host, stage.port, request)

            first = await asyncio.gather(*[ask(requests[0]) for _ in range(at_once)])
            replies = [first[0], *[await ask(request) for request in requests[1:]]]
            seen = sum(backend.requests for backend in stage.backends)
            return [reply.status for reply in replies], seen, check(stage.folder)

    return asyncio.run(scene())


def _inversions(report: Report) -> list[tuple[str, str, int | None, int | None]]:
    return [
        (finding.outer.setting, finding.inner.setting, finding.budget_ms, finding.needed_ms)
        for finding in report.findings
        if finding.rule == "BC401" and finding.outer and finding.inner
    ]


def test_a_post_on_a_connection_that_is_being_closed_gets_502(nginx: Nginx, tmp_path: Path) -> None:
    case = _case("keepalive 4;", _REUSE, "5s", nginx.version)
    statuses, seen, report = _run(nginx, tmp_path, case, _GET, _POST)
    assert statuses == [200, 502]
    assert seen == 2
    assert _inversions(report) == [("upstream.keepalive_timeout", "timeout_keep_alive", 60_000, 5_000)]


def test_a_get_is_sent_again_on_a_new_connection(nginx: Nginx, tmp_path: Path) -> None:
    """That is why inversions show as rare 502s of POST only."""
    case = _case("keepalive 4;", _REUSE, "5s", nginx.version)
    statuses, seen, _ = _run(nginx, tmp_path, case, _GET, _GET)
    assert statuses == [200, 200]
    assert seen == 3


def test_next_upstream_off_gives_502_for_a_get_too(nginx: Nginx, tmp_path: Path) -> None:
    case = _case("keepalive 4;", f"{_REUSE} proxy_next_upstream off;", "5s", nginx.version)
    statuses, _, report = _run(nginx, tmp_path, case, _GET, _GET)
    assert statuses == [200, 502]
    assert _inversions(report)


def test_a_server_that_keeps_connections_longer_is_in_order(nginx: Nginx, tmp_path: Path) -> None:
    case = _case("keepalive 4;", _REUSE, "75s", nginx.version)
    _, _, report = _run(nginx, tmp_path, case, _GET)
    assert _inversions(report) == []


def test_without_keepalive_nothing_is_reused(nginx: Nginx, tmp_path: Path) -> None:
    """Until 1.29.7 an upstream block keeps no connections unless it says so."""
    if _number(nginx.version) >= (1, 29, 7):
        pytest.skip("this nginx keeps connections by default")
    case = _case("", _REUSE, "5s", nginx.version)
    statuses, seen, report = _run(nginx, tmp_path, case, _GET, _POST)
    assert (statuses, seen) == ([200, 200], 2)
    assert _inversions(report) == []


def test_keepalive_without_http_1_1_reuses_nothing(nginx: Nginx, tmp_path: Path) -> None:
    """Until 1.29.7 nginx speaks HTTP/1.0 to upstreams, unless told otherwise, and closes each connection."""
    if _number(nginx.version) >= (1, 29, 7):
        pytest.skip("this nginx speaks HTTP/1.1 by default")
    case = _case("keepalive 4;", "", "5s", nginx.version)
    statuses, seen, report = _run(nginx, tmp_path, case, _GET, _POST)
    assert (statuses, seen) == ([200, 200], 2)
    assert _inversions(report) == []


def test_the_default_by_version(nginx: Nginx, tmp_path: Path) -> None:
    """The same files for nginx 1.29.7: connections are kept by default, and the inversion is there."""
    case = _case("", "", "5s", "1.29.7")
    _, _, report = _run(nginx, tmp_path, case, _GET)
    assert _inversions(report) == [("upstream.keepalive_timeout", "timeout_keep_alive", 60_000, 5_000)]


def test_stale_connections_come_on_top_of_the_tries(nginx: Nginx, tmp_path: Path) -> None:
    """Four kept connections that are all dead on reuse: a GET tries each, also with `tries 1`."""
    case = _case("keepalive 4;", f"{_REUSE} proxy_next_upstream_tries 1;", "5s", nginx.version)
    statuses, seen, _ = _run(nginx, tmp_path, case, _GET, _GET, at_once=4)
    assert statuses == [200, 200]
    assert seen == 4 + 4 + 1


def test_no_group_no_reuse(nginx: Nginx, tmp_path: Path) -> None:
    case = Case(
        name="keep-alive",
        why="an address in proxy_pass is never kept",
        http=server(f"location / {{ proxy_pass http://<1>; {_REUSE} }}"),
        backends=(CutsReused(),),
        seconds=0.0,
        attempts=2,
        status=200,
    )
    statuses, seen, _ = _run(nginx, tmp_path, case, _GET, _POST)
    assert (statuses, seen) == ([200, 200], 2)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))

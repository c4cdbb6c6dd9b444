"""Each case is one virtual host of one httpd: its caller waits as long as budgetcheck says at worst."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from budgetcheck.model.bound import Bound
from budgetcheck.model.topology import MethodClass
from budgetcheck.run import run

from ..conftest import missing
from ..nginx.agreement import allowed
from ..nginx.backends import Behaviour, BlackHole, DripBody, DripHeader, Hang, start
from ..nginx.client import Reply, Request, call
from ..nginx.process import free_address

pytestmark = pytest.mark.lab

_UP_S = 10.0
_PATIENCE_S = 4.0
_MODULES = Path("/usr/lib/apache2/modules")
_LOADED = (
    "mpm_event", "authz_core", "proxy", "proxy_http", "proxy_fcgi", "proxy_balancer", "lbmethod_byrequests",
    "slotmem_shm", "rewrite",
)  # fmt: skip
_MAIN = ("Timeout 2", "KeepAliveTimeout 1")
"""What the main server writes and virtual hosts inherit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One virtual host of httpd.

    Attributes:
        why: what it shows.
        behaviour: of its first server; `more` of the others.
        lines: of the virtual host; `{0}`, `{1}`, ... are the addresses of the servers.
        seconds: what the case states, budgetcheck must predict and the caller must wait.
        attempts: requests that the servers see together.
        strict: a dead host. `seconds` go into connecting alone, and the strict bound is this many seconds, as
            the last try may succeed and be followed by silence.
    """

    why: str
    behaviour: Behaviour
    more: tuple[Behaviour, ...] = ()
    lines: tuple[str, ...]
    seconds: float
    status: int
    attempts: int = 1
    method: str = "GET"
    path: str = "/"
    strict: float | None = None


_POOL = ("<Proxy balancer://{name}>", "BalancerMember http://{0}", "BalancerMember http://{1}")
_DEAD = (
    "<Proxy balancer://{name}>",
    "BalancerMember http://{0} connectiontimeout=500ms",
    "BalancerMember http://{1} connectiontimeout=500ms",
)
CASES = {
    "proxy-timeout": Case(
        why="a server that says nothing",
        behaviour=Hang(),
        lines=("ProxyTimeout 1", "ProxyPass / http://{0}/"),
        seconds=1.0,
        status=502,
    ),
    "timeout-of-the-main-server": Case(
        why="a virtual host without a time of its own has that of the main server",
        behaviour=Hang(),
        lines=("ProxyPass / http://{0}/",),
        seconds=2.0,
        status=502,
    ),
    "timeout-of-the-worker": Case(
        why="`timeout=` goes before `ProxyTimeout`",
        behaviour=Hang(),
        lines=("ProxyTimeout 3", "ProxyPass / http://{0}/ timeout=1"),
        seconds=1.0,
        status=502,
    ),
    "a-unit-is-not-looked-at": Case(
        why="`2ms` are two seconds",
        behaviour=Hang(),
        lines=("ProxyPass / http://{0}/ timeout=2ms",),
        seconds=2.0,
        status=502,
    ),
    "the-one-above-counts": Case(
        why="a `ProxyTimeout` below the pass does not change what its worker took over",
        behaviour=Hang(),
        lines=("ProxyTimeout 1", "ProxyPass / http://{0}/", "ProxyTimeout 3"),
        seconds=1.0,
        status=502,
    ),
    "one-worker-for-two-passes": Case(
        why="the second `ProxyPass` to a server has the parameters of the first",
        behaviour=Hang(),
        lines=("ProxyPass /a http://{0}/ timeout=1", "ProxyPass / http://{0}/x/ timeout=3"),
        path="/z",
        seconds=1.0,
        status=502,
    ),
    "the-last-location-counts": Case(
        why="of two <Location> sections the later one has the request, though its path is shorter",
        behaviour=Hang(),
        lines=(
            "<Location /a>",
            "ProxyPass http://{0}/a timeout=1",
            "</Location>",
            "<Location />",
            "ProxyPass http://{0}/other timeout=2",
            "</Location>",
        ),
        path="/a",
        seconds=2.0,
        status=502,
    ),
    "a-rewritten-request": Case(
        why="a rule with [P] has the times of the worker that somebody else defined",
        behaviour=Hang(),
        lines=(
            "ProxyTimeout 3",
            "<Proxy http://{0}/>",
            "ProxySet timeout=1",
            "</Proxy>",
            "RewriteEngine On",
            "RewriteRule ^/(.*)$ http://{0}/$1 [P]",
        ),
        seconds=1.0,
        status=502,
    ),
    "fastcgi-by-a-handler": Case(
        why="`SetHandler` with FastCGI: 504 instead of 502",
        behaviour=Hang(),
        lines=("ProxyTimeout 1", "<Location />", 'SetHandler "proxy:fcgi://{0}"', "</Location>"),
        seconds=1.0,
        status=504,
    ),
    "nobody-accepts": Case(
        why="connecting has a time of its own, with a unit that counts",
        behaviour=BlackHole(),
        lines=("ProxyPass / http://{0}/ connectiontimeout=700ms",),
        seconds=0.7,
        strict=2.7,
        status=503,
        attempts=0,
    ),
    "nobody-accepts-and-no-time-for-it": Case(
        why="connecting may last as long as reading",
        behaviour=BlackHole(),
        lines=("ProxyPass / http://{0}/ timeout=1",),
        seconds=1.0,
        strict=2.0,
        status=503,
        attempts=0,
    ),
    "a-silent-member": Case(
        why="a request that was sent is not sent to the next member",
        behaviour=Hang(),
        more=(Hang(),),
        lines=(*_POOL, "</Proxy>", "ProxyPass / balancer://{name}/"),
        seconds=2.0,
        status=502,
    ),
    "a-time-of-the-balancer": Case(
        why="`timeout=` of a balancer is no limit of the answer",
        behaviour=Hang(),
        more=(Hang(),),
        lines=(*_POOL, "</Proxy>", "ProxyPass / balancer://{name}/ timeout=1"),
        seconds=2.0,
        status=502,
        method="POST",
    ),
    "two-dead-members": Case(
        why="connecting is tried once with each member",
        behaviour=BlackHole(),
        more=(BlackHole(),),
        lines=(*_DEAD, "</Proxy>", "ProxyPass / balancer://{name}/"),
        seconds=1.0,
        strict=3.0,
        status=503,
        attempts=0,
    ),
    "as-often-as-is-written": Case(
        why="`maxattempts` counts what follows the first try, and goes on with the same members",
        behaviour=BlackHole(),
        more=(BlackHole(),),
        lines=(*_DEAD, "ProxySet maxattempts=3", "</Proxy>", "ProxyPass / balancer://{name}/"),
        seconds=2.0,
        strict=4.0,
        status=503,
        attempts=0,
    ),
}
"""Of the first answer; what does not end the wait is below."""
MEASURED = {
    ("timeout", "IDLE"),
    ("connectiontimeout", "CONNECT"),
    ("KeepAliveTimeout", "KEEPALIVE"),
}
"""Limits that the cases measure, with their meanings."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the caller saw, and how many requests the servers did."""

    reply: Reply
    attempts: int


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("apache")


@pytest.fixture(scope="module")
def measured(folder: Path) -> dict[str, Measured]:
    if shutil.which("apache2") is None:
        missing("Apache httpd is not installed (Debian: apache2)")
    return asyncio.run(_measure(folder))


@pytest.mark.parametrize("name", CASES)
def test_prediction_and_measurement_agree(name: str, measured: dict[str, Measured], folder: Path) -> None:
    case, seen = CASES[name], measured[name]
    hang, strict = _predicted(folder, name, case.method)
    assert (hang if case.strict is None else strict) == (case.strict or case.seconds), case.why
    assert (seen.reply.status, seen.attempts) == (case.status, case.attempts), case.why
    assert abs(seen.reply.header - case.seconds) <= allowed(case.seconds), case.why


def test_what_is_not_cut(measured: dict[str, Measured]) -> None:
    """A header and a body that drip: the limit is between two reads."""
    assert (
        measured["a-header-that-drips"].reply.status is None
    )  # still waited for, with 1 s of `ProxyTimeout`
    body = measured["a-body-that-drips"].reply
    assert body.status == 200
    assert len(body.body) == 8
    assert body.end > 1.9


def test_what_stays_here(measured: dict[str, Measured]) -> None:
    """`ProxyPass /path !` before the general rule keeps requests from it."""
    assert measured["an-exception"].reply.status == 404
    assert measured["an-exception"].attempts == 0


def test_an_idle_connection_is_closed(measured: dict[str, Measured]) -> None:
    """After `KeepAliveTimeout`, counted from the end of the answer."""
    idle = measured["an-idle-connection"].reply
    assert idle.status == 404
    assert abs(idle.end - idle.header - 1.0) <= allowed(1.0)


_KEPT_OPEN = Request(raw=b"GET /kept HTTP/1.1\r\nHost: lab\r\n\r\n")
_BESIDE: dict[str, tuple[Behaviour, tuple[str, ...], Request]] = {
    "a-header-that-drips": (
        DripHeader(gap=0.3),
        ("ProxyTimeout 1", "ProxyPass / http://{0}/"),
        Request(),
    ),
    "a-body-that-drips": (
        DripBody(gap=0.3, count=8),
        ("ProxyTimeout 1", "ProxyPass / http://{0}/"),
        Request(),
    ),
    "an-exception": (
        Hang(),
        ("ProxyPass /kept !", "ProxyPass / http://{0}/"),
        Request(path="/kept/x"),
    ),
    "an-idle-connection": (Hang(), ("ProxyPass /kept !", "ProxyPass / http://{0}/"), _KEPT_OPEN),
}


async def _measure(folder: Path) -> dict[str, Measured]:
    hosts = {name: (case.lines, (case.behaviour, *case.more)) for name, case in CASES.items()}
    hosts |= {name: (lines, (behaviour,)) for name, (behaviour, lines, _) in _BESIDE.items()}
    requests = {name: Request(method=case.method, path=case.path) for name, case in CASES.items()}
    requests |= {name: request for name, (_, _, request) in _BESIDE.items()}
    servers = {name: [await start(one) for one in behind] for name, (_, behind) in hosts.items()}
    addresses = {name: free_address() for name in hosts}
    text = [*_main_file(folder), *_MAIN]
    for name, (lines, _) in hosts.items():
        address = "{}:{}".format(*addresses[name])
        named = [f"{one.host}:{one.port}" for one in servers[name]]
        text += [f"Listen {address}", f"<VirtualHost {address}>", f"    ServerName {name}"]
        text += [f"    {line.format(*named, name=name)}" for line in lines]
        text.append("</VirtualHost>")
    (folder / "httpd.conf").write_text("\n".join([*text, ""]))
    with _running(folder / "httpd.conf"):
        replies = await asyncio.gather(*(_called(addresses[name], requests[name]) for name in hosts))
    for backend in (one for found in servers.values() for one in found):
        await backend.stop()
    return {
        name: Measured(reply, sum(one.requests for one in servers[name]))
        for name, reply in zip(hosts, replies, strict=True)
    }


async def _called(address: tuple[str, int], request: Request) -> Reply:
    try:
        return await asyncio.wait_for(call(*address, request), _PATIENCE_S)
    except TimeoutError:
        return Reply(status=None, header=_PATIENCE_S, end=_PATIENCE_S)


def _main_file(folder: Path) -> Iterator[str]:
    yield f"ServerRoot {folder}"
    yield f"DefaultRuntimeDir {folder}"
    yield f"PidFile {folder / 'httpd.pid'}"
    yield f"ErrorLog {folder / 'error.log'}"
    yield "ServerName lab"
    if os.geteuid() == 0:  # httpd refuses to serve as root
        yield from ("User www-data", "Group www-data")
    for module in _LOADED:
        yield f"LoadModule {module}_module {_MODULES / f'mod_{module}.so'}"


@contextmanager
def _running(file: Path) -> Iterator[None]:
    checked = subprocess.run(["apache2", "-t", "-f", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(["apache2", "-DFOREGROUND", "-f", str(file)], stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.6)
        yield
    finally:
        process.terminate()
        process.wait(timeout=_UP_S)


def _predicted(folder: Path, name: str, method: str) -> tuple[float | None, float | None]:
    """Seconds: the worst case, and the strict one."""
    methods = MethodClass.NON_IDEMPOTENT if method == "POST" else MethodClass.IDEMPOTENT
    (worst,) = {
        shown.worst_case[methods]
        for route in run([folder], cwd=folder).routes
        for shown in route.hops
        if shown.hop.address.startswith(f"apache:{name}/")
    }
    return _seconds(worst.hang), _seconds(worst.strict)


def _seconds(bound: Bound) -> float | None:
    assert bound.exact
    return None if bound.low is None else bound.low / 1000

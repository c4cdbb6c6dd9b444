"""The choice of locations and servers held against a running nginx, where one is installed."""

import http.client
import os
import random
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from nginx_files import located

_NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(_NGINX is None, reason="nginx is not installed")

_SEGMENTS = ("a", "b", "ab", "x")
_REGEXES = (r"\.css$", r"\.PHP$", r"\.php$", "^/a", "^/b/", "x", "/ab/?", "^/a/(b|x)")


class _Locations:
    """A random tree of locations, each of which answers with its own number."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.lines: list[str] = []
        self._level("/", 0)

    def path(self) -> str:
        segments = (self._random.choice(_SEGMENTS) for _ in range(self._random.randint(0, 3)))
        return "/" + "/".join(segments) + self._random.choice(("", "/", ".css", ".php"))

    def _level(self, prefix: str, depth: int) -> None:
        written = set()
        for _ in range(self._random.randint(1, 5)):
            modifier = self._random.choice(("", "", "^~", "=", "~", "~*"))
            pattern = self._random.choice(_REGEXES) if "~" in modifier[:1] else self._below(prefix)
            kind = modifier if modifier in ("=", "~", "~*") else ""
            if (kind, pattern) in written:  # nginx refuses it
                continue
            written.add((kind, pattern))
            self.lines.append(f"location {modifier} {pattern} {{ return 200 {len(self.lines)};")
            # a nested prefix must lie inside its outer location, so only prefixes nest
            if depth < 2 and modifier in ("", "^~") and self._random.random() < 0.5:
                self._level(pattern, depth + 1)
            self.lines[-1] += " }"

    def _below(self, prefix: str) -> str:
        return prefix.rstrip("/") + self.path() if prefix != "/" else self.path()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(folder: Path, servers: str, port: int) -> Iterator[None]:
    main = "daemon off; master_process off; pid p; error_log e; events {}\n"
    (folder / "nginx.conf").write_text(f"{main} http {{ access_log off;\n{servers}\n}}")
    command = [str(_NGINX), "-p", str(folder), "-e", "e", "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


def _ask(port: int, host: str, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("seed", range(12))
def test_locations_are_chosen_as_nginx_does(tmp_path: Path, seed: int) -> None:
    locations = _Locations(seed)
    port = _free_port()
    text = f"server {{ listen {port}; server_name x;\n" + "\n".join(locations.lines) + "\n}"
    paths = sorted({locations.path() for _ in range(60)})
    wrong = []
    with _running(tmp_path, text, port):
        for path in paths:
            status, body = _ask(port, "x", path)
            (found,) = located(tmp_path / "files", {"conf.d/a.conf": text}, f"x{path}", port=port)
            chosen = str(found.span.line - 2) if found.location else ""
            if chosen != (body if status == 200 else ""):
                wrong.append((path, status, body, found.location, found.way))
    assert not wrong


_NAMES = (
    "default.test", "a.test www.a.test", "*.test", "*.deep.test", "b.*", "www.b.*", "~^c\\d+\\.example$",
    ".dot.example", "~example$",
)  # fmt: skip
_HOSTS = (
    "default.test", "a.test", "A.TEST.", "z.test", "b.test", "x.deep.test", "y.x.deep.test", "deep.test",
    "b.example", "www.b.example", "c12.example", "cx.example", "dot.example", "sub.dot.example",
    "unknown.org",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_servers_are_chosen_as_nginx_does(tmp_path: Path, seed: int) -> None:
    names = random.Random(seed).sample(_NAMES, len(_NAMES))
    port = _free_port()
    default = seed % 2 * " default_server"
    text = "\n".join(
        f"server {{ listen {port}{default * (number == 3)}; server_name {name}; return 200 {number}; }}"
        for number, name in enumerate(names)
    )
    with _running(tmp_path, text, port):
        answers = {host: _ask(port, host, "/")[1] for host in _HOSTS}
    chosen = {
        host: str(
            located(tmp_path / "files", {"conf.d/a.conf": text}, f"{host}/", port=port)[0].span.line - 1
        )
        for host in _HOSTS
    }
    assert chosen == answers


def test_the_generator_makes_what_nginx_accepts() -> None:
    text = "\n".join(line for seed in range(12) for line in _Locations(seed).lines)
    assert {"~", "~*", "^~", "="} <= set(re.findall(r"location (\S+) ", text))

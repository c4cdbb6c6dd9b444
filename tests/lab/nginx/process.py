"""Starting and stopping one nginx of a case, in a directory of its own."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_START = 10.0
_STOP = 5.0
_POLL = 0.01
_TEMP_PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nginx:
    """The installed nginx: its program, its version and the line that loads the stream module.

    `stream` is None where that module is not installed.
    """

    program: str
    version: str
    stream: str | None


@cache
def installed() -> Nginx | None:
    """The nginx of this machine; None where there is none."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        return None
    shown = subprocess.run([program, "-V"], capture_output=True, text=True, check=True).stderr
    version = re.search(r"nginx/([\d.]+)", shown)
    return Nginx(program=program, version=version[1] if version else "", stream=_stream_module(shown))


def _stream_module(build: str) -> str | None:
    if re.search(r"--with-stream(\s|$)", build):
        return ""
    folder = re.search(r"--modules-path=(\S+)", build)
    module = Path(folder[1]) / "ngx_stream_module.so" if folder else None
    return f"load_module {module};\n" if module and module.exists() else None


def configuration(nginx: Nginx, main: str, http: str, stream: str) -> str:
    """A whole nginx.conf around what a case puts into its blocks."""
    head = (nginx.stream or "") if stream else ""
    if os.getuid() == 0:
        head += "user root;\n"  # the workers must reach files below a directory that only its owner enters
    head += "daemon off;\nworker_processes 1;\npid nginx.pid;\nerror_log error.log notice;\n"
    head += "events { worker_connections 256; }\n"
    paths = "".join(f"    {name}_temp_path {name}_temp;\n" for name in _TEMP_PATHS)
    parts = [head, main]
    if http:
        parts.append(f"http {{\n    access_log off;\n{paths}{http}\n}}\n")
    if stream:
        parts.append(f"stream {{\n{stream}\n}}\n")
    return "".join(parts)


async def start(nginx: Nginx, folder: Path) -> subprocess.Popen[bytes]:
    """Starts nginx on `nginx.conf` in the folder; it listens when this returns."""
    command = [nginx.program, "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"]
    with (folder / "output.log").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    pid = folder / "nginx.pid"  # written after the listening sockets are open
    for _ in range(int(_START / _POLL)):
        if pid.exists():
            return process
        if process.poll() is not None:
            break
        await asyncio.sleep(_POLL)
    process.kill()
    process.wait()
    said = (folder / "output.log").read_text() + (folder / "error.log").read_text()
    raise RuntimeError(f"nginx did not start in {folder.name}: {said}")


async def stop(process: subprocess.Popen[bytes]) -> None:
    """Stops it at once; running requests are cut."""
    process.terminate()
    for _ in range(int(_STOP / _POLL)):
        if process.poll() is not None:
            return
        await asyncio.sleep(_POLL)
    process.kill()
    process.wait()


_HOST = f"127.0.1.{1 + os.getpid() % 250}"
_given: set[int] = set()


def free_address() -> tuple[str, int]:
    """An address for nginx to listen on.

    Each process of a parallel run has a loopback address of its own, and no port is given twice, so nobody
    takes it between now and nginx's start.
    """
    while True:
        with socket.socket() as probe:
            probe.bind((_HOST, 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return _HOST, port

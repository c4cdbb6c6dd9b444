"""A real PostgreSQL in a directory of its own, on loopback, without a password."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from ..nginx.process import free_address

_START = 20.0


@cache
def programs() -> Path | None:
    """Where `initdb` and `postgres` are; None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    somewhere = shutil.which("initdb")
    return Path(somewhere).resolve().parent if somewhere else None


@contextmanager
def postgres() -> Iterator[tuple[str, int]]:
    """Runs a server and gives its address. It must be installed."""
    bin_folder = programs()
    assert bin_folder is not None
    with tempfile.TemporaryDirectory(prefix="postgres-lab-") as place:
        data = Path(place) / "data"
        owner = _owner()
        if owner is not None:  # PostgreSQL does not run as root
            os.chown(place, owner.pw_uid, owner.pw_gid)
        host, port = free_address()
        common = {"user": owner.pw_name if owner else None, "cwd": place, "capture_output": True}
        command = [str(bin_folder / "initdb"), "-D", str(data), "-A", "trust", "-U", "lab", "-N"]
        subprocess.run(command, check=True, **common)  # type: ignore[call-overload]
        server = subprocess.Popen(
            [str(bin_folder / "postgres"), "-D", str(data), "-h", host, "-p", str(port), "-k", place, "-F"],
            user=owner.pw_name if owner else None,
            cwd=place,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(bin_folder, host, port)
            yield host, port
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: sessions are cut
            server.wait()


def _owner() -> pwd.struct_passwd | None:
    return pwd.getpwnam("postgres") if os.getuid() == 0 else None


def _wait(bin_folder: Path, host: str, port: int) -> None:
    ends = time.monotonic() + _START
    while time.monotonic() < ends:
        ready = [str(bin_folder / "pg_isready"), "-q", "-h", host, "-p", str(port)]
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")

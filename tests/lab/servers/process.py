"""Starting and stopping one application server, from the file that says how it is started."""

import asyncio
import contextlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import yaml

from ..nginx.client import Request, call

_START = 25.0
_STOP = 5.0
_POLL = 0.1
_BIN = Path(sys.executable).parent
_PATH = f"{_BIN}{os.pathsep}{os.environ.get('PATH', '')}"
_PROGRAMS = {"uwsgi": "uWSGI (PyPI: uwsgi)", "node": "Node.js (Debian: nodejs)"}


@cache
def lacking(needs: tuple[str, ...]) -> str:
    """What is not installed of these Python modules and programs, as a sentence; empty where all is there."""
    for name in needs:
        if name in _PROGRAMS and shutil.which(name, path=_PATH) is None:
            return f"{_PROGRAMS[name]} is not installed"
        if name not in _PROGRAMS and importlib.util.find_spec(name) is None:
            return f"{name.replace('_', '-')} is not installed (PyPI; the extra `lab`)"
    return ""


@cache
def version(name: str) -> str:
    """The version of a Python distribution or of one of the programs; it must be installed."""
    if name not in _PROGRAMS:
        return metadata.version(name)
    program = shutil.which(name, path=_PATH) or name
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return shown.strip().removeprefix("v")


async def start(
    folder: Path, file: str, address: tuple[str, int], *, path: str = "/"
) -> subprocess.Popen[bytes]:
    """Runs what the file says; the server answers at `path` when this returns."""
    command, variables = _command(folder, file)
    environment = os.environ | {"PATH": _PATH, "PYTHONDONTWRITEBYTECODE": "1"} | variables
    with (folder / "output.log").open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    for _ in range(int(_START / _POLL)):
        if process.poll() is not None:
            break
        if await _answers(address, path):
            return process
        await asyncio.sleep(_POLL)
    await stop(process)
    raise RuntimeError(f"{shlex.join(command)} does not answer: {(folder / 'output.log').read_text()}")


async def stop(process: subprocess.Popen[bytes]) -> None:
    """Kills it and all its workers, which are in a session of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for _ in range(int(_STOP / _POLL)):
        if process.poll() is not None:
            return
        await asyncio.sleep(_POLL)


async def _answers(address: tuple[str, int], path: str) -> bool:
    try:
        return (await call(*address, Request(path=path))).status == 200
    except OSError:
        return False


def _command(folder: Path, file: str) -> tuple[list[str], dict[str, str]]:
    """The command of the only process, and the variables it sees, as the runner of such a file takes them."""
    text = (folder / file).read_text()
    if file == "Procfile":
        return ["sh", "-c", f"exec {text.partition(':')[2].strip()}"], {}
    if file == "start.sh":
        return ["sh", file], {}
    if file == "Dockerfile":
        exec_form = re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)
        variables = dict(re.findall(r"^ENV (\w+)=(\S+)$", text, re.MULTILINE))
        return json.loads(exec_form[1] if exec_form else "[]"), variables
    (service,) = yaml.safe_load(text)["services"].values()
    command = service["command"]
    words = shlex.split(command) if isinstance(command, str) else command
    return words, {name: str(value) for name, value in service.get("environment", {}).items()}

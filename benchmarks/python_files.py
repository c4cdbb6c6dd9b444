"""How long a large Python service takes: 5,000 files, 1 million lines, one file in five using a known client.

Whole processes, cold (no cache of budgetcheck exists). Seconds are of the wall clock, with processor time
beside it.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PACKAGES, DOMAIN = 500, 8
"""Packages, and files of each that compute only; two further files of each call out and answer requests."""
LINES = 200
MOST_SECONDS, MOST_MEGABYTES = 8.0, 250

CLIENT = '''\
"""What package {n} asks of others."""

import httpx
import requests

from settings import settings
from domain.package{n}.model0 import Model0

SESSION = requests.Session()
TIMEOUT = {seconds}


class Gateway:
    """Asks the {n}th partner."""

    def __init__(self, base: str = "https://api{n}.example.com", timeout: float = TIMEOUT) -> None:
        self.base = base
        self.client = httpx.AsyncClient(base_url=base, timeout=httpx.Timeout(timeout, connect=2.0))

    async def fetch(self, name: str) -> Model0:
        for attempt in range(3):
            try:
                answer = await self.client.get(f"/things/{{name}}")
                return Model0(name, answer.json())
            except httpx.TimeoutException:
                if attempt == 2:
                    raise
        raise RuntimeError(name)

    def send(self, model: Model0) -> None:
        SESSION.post(f"{{self.base}}/things", json=model.plain(), timeout=settings.partner_timeout)


gateway = Gateway()
'''

ROUTES = '''\
"""The routes of package {n}."""

from fastapi import APIRouter

from domain.package{n}.model1 import Model1
from gateways.gateway{n} import gateway

router = APIRouter(prefix="/package{n}")


@router.get("/things/{{name}}")
async def read_thing(name: str):
    thing = await gateway.fetch(name)
    return Model1(name, thing.values).plain()


@router.post("/things/{{name}}")
def write_thing(name: str):
    gateway.send(Model1(name, {{}}))
    return {{"sent": name}}
'''

METHOD = '''\
    def compute{m}(self, factor: int = {m}) -> dict[str, int]:
        """Works something out."""
        found: dict[str, int] = {{}}
        for key, value in self.values.items():
            if value > factor and key.startswith("a"):
                found[key] = value * factor + len(key)
            elif key in found:
                found[key] -= factor
        return {{key: self.weigh(value) for key, value in found.items() if value}}

'''


def main() -> int:
    """Measures, prints a table, and fails if a promise is broken."""
    with tempfile.TemporaryDirectory() as folder:
        files, lines = write(Path(folder))
        show("files and lines", f"{files} files", f"{lines} lines")
        seconds, megabytes = measure(Path(folder))
    return 0 if seconds <= MOST_SECONDS and megabytes <= MOST_MEGABYTES else 1


def write(folder: Path) -> tuple[int, int]:
    """Writes the service; gives its files and lines."""
    texts = {"settings.py": SETTINGS, "main.py": application()}
    for n in range(PACKAGES):
        texts[f"gateways/gateway{n}.py"] = filled(CLIENT.format(n=n, seconds=5 + n % 20), n)
        texts[f"routes/routes{n}.py"] = filled(ROUTES.format(n=n), n)
        for m in range(DOMAIN):
            texts[f"domain/package{n}/model{m}.py"] = filled("", m)
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return len(texts), sum(text.count("\n") for text in texts.values())


SETTINGS = """\
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    partner_timeout: float = 4.0


settings = Settings()
"""


def application() -> str:
    """The application with all routers."""
    lines = ["from fastapi import FastAPI", ""]
    lines += [f"from routes import routes{n}" for n in range(PACKAGES)]
    lines += ["", "app = FastAPI()"]
    lines += [f"app.include_router(routes{n}.router)" for n in range(PACKAGES)]
    return "\n".join([*lines, ""])


def filled(head: str, n: int) -> str:
    """A file of about `LINES` lines: its own part, then a class that computes."""
    body = [f"\n\nclass Model{n}:\n", "    def __init__(self, name, values):\n"]
    body += ["        self.name, self.values = name, values\n\n", "    def plain(self):\n"]
    body += [
        "        return dict(self.values)\n\n",
        "    def weigh(self, value):\n",
        "        return value * 2\n\n",
    ]
    missing = LINES - head.count("\n") - len(body)
    body += [METHOD.format(m=m) for m in range(max(0, missing // METHOD.count("\n")))]
    return head + "".join(body)


def measure(folder: Path) -> tuple[float, int]:
    """Prints and returns seconds and the peak in megabytes of the whole process."""
    command = [sys.executable, "-m", "budgetcheck", str(folder), "--format", "json", "--output", "/dev/null"]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=False)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    megabytes = after.ru_maxrss // 1024
    show("whole process", f"{seconds:.2f} s", f"at most {MOST_SECONDS:g} s; {taken:.2f} s of the processors")
    show("peak memory", f"{megabytes} MB", f"at most {MOST_MEGABYTES} MB")
    return seconds, megabytes


def show(what: str, value: str, remark: str) -> None:
    """One line of the table."""
    print(f"{what:<32} {value:>12}   {remark}")  # noqa: T201 - a table for a terminal


if __name__ == "__main__":
    sys.exit(main())

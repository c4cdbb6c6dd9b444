"""The sample `llm-assistant` as a running system: its nginx.conf, its client, a model that never answers.

Every number is read from the sample's files or from the report on them. Only times are scaled, in a copy; the
SDK's own pauses between retries are what they are.
"""

import re
import shutil
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from budgetcheck.model.findings import Finding
from budgetcheck.model.limits import Meaning
from budgetcheck.model.report import Report
from budgetcheck.model.topology import Hop, Layer
from budgetcheck.run import RunSettings, run

SAMPLE = Path(__file__).parents[3] / "samples" / "llm-assistant"

_TIMES = re.compile(
    r"(?P<key>proxy_read_timeout\s+|\b(?:connect|read|timeout|keepalive|graceful_timeout): )(?P<s>\d+)s"
)

APPLICATION = """\
import asyncio, json, time
import httpx
from fastapi import FastAPI
from openai import AsyncOpenAI

SETTINGS = json.load(open("settings.json"))
client = AsyncOpenAI(
    base_url=SETTINGS["model"],
    api_key="x",
    timeout=httpx.Timeout(SETTINGS["read"], connect=SETTINGS["connect"]),
    max_retries=SETTINGS["retries"],
)
app = FastAPI()


@app.get("/healthz")
async def healthz():
    return "ok"


@app.post("/chat")
async def chat():
    started = time.time()
    try:
        async with asyncio.timeout(SETTINGS["deadline"]):
            await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hello"}])
    finally:
        with open("handler.json", "w") as file:
            json.dump({"started": started, "ended": time.time()}, file)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The limits of the sample as budgetcheck reads them: of the client, and of the handler round it."""

    client: Hop
    handler: Hop

    def seconds(self, setting: str) -> float:
        """A limit of the client in seconds."""
        limit = next(limit for limit in self.client.limits if limit.setting == setting)
        assert limit.bound.value is not None
        return limit.bound.value / 1_000

    def settings(self, model: int) -> dict[str, str | float | None]:
        """What the application is started with; `model` is the port of the model."""
        deadline = self.handler.limit(Meaning.TOTAL)
        attempts = self.client.retry.attempts.value
        assert attempts is not None
        return {
            "model": f"http://127.0.0.1:{model}",
            "read": self.seconds("timeout.read"),
            "connect": self.seconds("timeout.connect"),
            "retries": attempts - 1,
            "deadline": (deadline.bound.value or 0) / 1_000 if deadline else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What budgetcheck says of the scaled sample."""

    finding: Finding
    system: System


def scaled(folder: Path, scale: Decimal) -> Path:
    """A copy of the sample with every written time multiplied by `scale`."""
    copy = folder / "llm-assistant"
    shutil.copytree(SAMPLE, copy)
    for file in (copy / "app.yaml", copy / "infra" / "nginx" / "nginx.conf"):
        text = _TIMES.sub(lambda found: _scaled(found, scale), file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
    return copy


def _scaled(found: re.Match[str], scale: Decimal) -> str:
    return f"{found['key']}{int(Decimal(found['s']) * scale * 1_000)}ms"


def check(copy: Path) -> Report:
    """The report on a copy of the sample."""
    return run([copy / "infra", copy / "app.yaml"], cwd=copy, settings=RunSettings())


def system(report: Report) -> System:
    """The client and the handler of the only route."""
    (route,) = report.routes
    (client,) = [part.hop for part in route.hops if part.hop.layer is Layer.CALL]
    assert route.route.handler is not None
    return System(client=client, handler=route.route.handler)


def predict(copy: Path) -> Predicted:
    """The one error of the sample and the client that it is about."""
    report = check(copy)
    (finding,) = [one for one in report.findings if one.rule == "BC102"]
    found = system(report)
    assert finding.inner is not None
    assert finding.inner.address == found.client.address
    return Predicted(finding=finding, system=found)


def nginx_of(copy: Path, listen: str, application: str) -> str:
    """The sample's own http block, with the addresses of this machine."""
    text = (copy / "infra" / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    block = text[text.index("http {") + len("http {") : text.rindex("}")]
    block = re.sub(r"\binclude\s+/etc/nginx/mime\.types;", "", block)
    block = re.sub(r"\blisten\s+80;", f"listen {listen};", block)
    return block.replace("http://assistant:8000", f"http://{application}")

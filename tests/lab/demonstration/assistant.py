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
from budgetcheck.model.topology import Hop
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
)
app = FastAPI()


@app.get("/healthz")
async def healthz():
    return "ok"


@app.post("/chat")
async def chat():
    started = time.time()
    try:
        await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hello"}])
    finally:
        with open("handler.json", "w") as file:
            json.dump({"started": started, "ended": time.time()}, file)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What budgetcheck says of the scaled sample."""

    finding: Finding
    client: Hop

    def seconds(self, setting: str) -> float:
        """A limit of the client in seconds."""
        limit = next(limit for limit in self.client.limits if limit.setting == setting)
        assert limit.bound.value is not None
        return limit.bound.value / 1_000


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


def predict(copy: Path) -> Predicted:
    """The one error of the sample and the client that it is about."""
    report = run([copy / "infra", copy / "app.yaml"], cwd=copy, settings=RunSettings())
    (finding,) = [one for one in report.findings if one.rule == "BC102"]
    hops = {part.hop.address: part.hop for route in report.routes for part in route.hops}
    assert finding.inner is not None
    client = hops[finding.inner.address]
    assert client.limit(Meaning.IDLE) is not None
    return Predicted(finding=finding, client=client)


def nginx_of(copy: Path, listen: str, application: str) -> str:
    """The sample's own http block, with the addresses of this machine."""
    text = (copy / "infra" / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    block = text[text.index("http {") + len("http {") : text.rindex("}")]
    block = re.sub(r"\binclude\s+/etc/nginx/mime\.types;", "", block)
    block = re.sub(r"\blisten\s+80;", f"listen {listen};", block)
    return block.replace("http://assistant:8000", f"http://{application}")

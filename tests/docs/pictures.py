"""docs/images/: pictures of real runs."""

from collections.abc import Iterator
from dataclasses import dataclass

from expectations import ROOT
from sandbox import sandbox
from svg import DARK, LIGHT
from terminal import terminal
from timeline import Timeline, timeline
from waterfall import waterfall

from budgetcheck.run import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """A picture of one route of a sample."""

    name: str
    sample: str
    route: str
    heading: str


WATERFALLS = (
    Waterfall(
        name="waterfall",
        sample="llm-assistant",
        route="assistant.example.com/chat",
        heading="POST /chat, while api.openai.com stays silent",
    ),
    Waterfall(
        name="waterfall-fixed",
        sample="llm-assistant-fixed",
        route="assistant.example.com/chat",
        heading="The same after the repair: two attempts of 12 s, a deadline of 27 s",
    ),
    Waterfall(
        name="waterfall-agent",
        sample="agent-service",
        route="POST /v1/chat",
        heading="POST /v1/chat, while its two services stay silent",
    ),
)


def pictures() -> dict[str, str]:
    """Name of the file in docs/images/ -> its text."""
    return {"run.svg": _run(), **dict(_waterfalls())}


def drawn(sample: str, route: str) -> Timeline:
    """The timeline of a route of a sample. Raises StopIteration where there is no such route."""
    folder = ROOT / "samples" / sample
    report = run([folder], cwd=folder)
    return timeline(next(item for item in report.routes if item.route.name == route))


def _waterfalls() -> Iterator[tuple[str, str]]:
    for one in WATERFALLS:
        lanes = drawn(one.sample, one.route)
        for suffix, colours in (("light", LIGHT), ("dark", DARK)):
            yield f"{one.name}-{suffix}.svg", waterfall(lanes, one.heading, colours)


def _run() -> str:
    command = "budgetcheck --quiet infra app.yaml"
    with sandbox(ROOT / "samples" / "llm-assistant") as copy:
        printed = copy.run(f"{command} --color always").stdout
    return terminal(command, printed, "budgetcheck on samples/llm-assistant")

"""The graphs of the lab: their text is run as it is, and read as it is by budgetcheck."""

from dataclasses import dataclass

_HEAD = """import os
from typing import Annotated, Literal, TypedDict

import httpx
import requests
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from langgraph.prebuilt import create_react_agent
from langgraph.types import Command, RetryPolicy
from openai import AsyncOpenAI

TARGET = os.environ["TARGET"]


class State(TypedDict):
    x: int


"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One graph.

    Attributes:
        name: a file name. `why`: why the case exists.
        code: what follows the common imports; `call` runs it.
        silent: the server never answers, and times are real; otherwise it answers in a twentieth of what the
            code allows.
        outcome: how the run ends.
        spread: seconds by which jitter may shorten the pauses.
        counts: requests are compared.
    """

    name: str
    why: str
    code: str
    silent: bool = False
    outcome: str = "answered"
    spread: float = 0.0
    counts: bool = True

    @property
    def text(self) -> str:
        """The whole file."""
        return _HEAD + self.code


def _node(name: str, seconds: int = 1) -> str:
    return (
        f"of_{name} = httpx.AsyncClient(timeout={seconds}.0)\n\n\n"
        f"async def {name}(state):\n"
        f'    await of_{name}.get(f"{{TARGET}}/{seconds}")\n\n\n'
    )


def _graph(nodes: str, edges: str, *, more: str = "", run: str = "{}") -> str:
    """`nodes` as `a3 b`: names and seconds; `edges` as `^a ab b$`."""
    names = [(part[0], int(part[1:] or 1)) for part in nodes.split()]
    ends = {"^": "START", "$": "END"}
    lines = ["builder = StateGraph(State)"]
    lines += [f'builder.add_node("{name}", {name})' for name, _ in names]
    for start, end in edges.split():
        lines.append(f"builder.add_edge({ends.get(start, repr(start))}, {ends.get(end, repr(end))})")
    return (
        "".join(_node(name, seconds) for name, seconds in names)
        + more.partition("---")[0]
        + "\n".join(lines)
        + "\n"
        + more.partition("---")[2]
        + "\ngraph = builder.compile()\n\n\n"
        + f'async def call():\n    await graph.ainvoke({{"x": 1}}, {run})\n'
    )


def _decision(source: str, *targets: str) -> str:
    listed = ", ".join(f'"{target}"' for target in targets)
    return (
        f"def after_{source}(state) -> Literal[{listed}]:\n"
        f'    return "{targets[0]}"\n\n\n---builder.add_conditional_edges("{source}", after_{source})\n'
    )


_LIMIT = "GraphRecursionError"
_SLOW = (
    Case(name="straight", why="one node after the other", code=_graph("a b2 c", "^a ab bc c$")),
    Case(
        name="slowest",
        why="a step ends with its slowest node: 3 + 3, though no way is longer than 4",
        code=_graph("a3 b c d3", "^a ^b ac bd c$ d$"),
    ),
    Case(
        name="twice",
        why="a node that two branches of different length reach runs twice",
        code=_graph("a b c2 d", "^a ^b ac bd dc c$"),
    ),
    Case(
        name="join",
        why="a node that waits for all runs once",
        code=_graph("a b c2 d", "^a ^b bd c$", more='---builder.add_edge(["a", "d"], "c")\n'),
    ),
    Case(
        name="decision",
        why="the longer of two branches",
        code=_graph("a b3 c d", "^a bd cd d$", more=_decision("a", "b", "c")),
    ),
    Case(
        name="react",
        why="two steps a round, and the last one is the model's",
        code=_graph("a t2", "^a ta", more=_decision("a", "t", "__end__"), run='{"recursion_limit": 7}'),
        outcome=_LIMIT,
    ),
    Case(
        name="react-even",
        why="the limit falls after the tools",
        code=_graph("a t2", "^a ta", more=_decision("a", "t", "__end__"), run='{"recursion_limit": 6}'),
        outcome=_LIMIT,
    ),
    Case(
        name="way-in",
        why="the way in counts against the limit",
        code=_graph("p3 a t", "^p pa ta", more=_decision("a", "t", "__end__"), run='{"recursion_limit": 6}'),
        outcome=_LIMIT,
    ),
    Case(
        name="three-in-a-round",
        why="a round that the limit cuts",
        code=_graph("a b2 c", "^a ab bc", more=_decision("c", "a", "__end__"), run='{"recursion_limit": 8}'),
        outcome=_LIMIT,
    ),
    Case(
        name="itself",
        why="a node that repeats itself",
        code=_graph("a", "^a", more=_decision("a", "a", "__end__"), run='{"recursion_limit": 5}'),
        outcome=_LIMIT,
    ),
    Case(
        name="supervisor",
        why="of three workers the slowest",
        code=_graph(
            "s x y3 z",
            "^s xs ys zs",
            more=_decision("s", "y", "x", "z", "__end__"),
            run='{"recursion_limit": 6}',
        ),
        outcome=_LIMIT,
    ),
    Case(
        name="at-once-in-a-round",
        why="three nodes at once are one step of the limit",
        code=_graph(
            "a b c2 d",
            "^a ab ac ad ba",
            more=_decision("d", "a", "__end__"),
            run='{"recursion_limit": 5}',
        ),
        outcome=_LIMIT,
        counts=False,
    ),
    Case(
        name="subgraph",
        why="a graph as a node of another one",
        code="".join(_node(name) for name in "abc")
        + """inner = StateGraph(State).add_sequence([a, b]).add_edge(START, "a").compile()
builder = StateGraph(State)
builder.add_node("c", c)
builder.add_node("inner", inner)
builder.add_edge(START, "c")
builder.add_edge("c", "inner")
graph = builder.compile()


async def call():
    await graph.ainvoke({"x": 1})
""",
    ),
    Case(
        name="command",
        why="a node that says where to go",
        code=_node("a")
        + _node("b", 2)
        + """async def chief(state) -> Command[Literal["a", "b"]]:
    return Command(goto="b")


builder = StateGraph(State)
builder.add_node("chief", chief)
builder.add_node("a", a)
builder.add_node("b", b)
builder.add_edge(START, "chief")
graph = builder.compile()


async def call():
    await graph.ainvoke({"x": 1})
""",
    ),
    Case(
        name="prebuilt",
        why="a ReAct agent made whole, whose model always asks for a tool",
        code="""def look(what: str) -> str:
    \"\"\"Looks it up.\"\"\"
    requests.get(f"{TARGET}/2", timeout=2.0)
    return "nothing"


model = ChatOpenAI(model="m", base_url=f"{TARGET}/1", api_key="x", timeout=1.0, max_retries=0)
graph = create_react_agent(model, [look])


def call():
    graph.invoke({"messages": [("user", "hello")]}, {"recursion_limit": 5})
""",
        outcome=_LIMIT,
    ),
)
_SILENT = (
    Case(
        name="attempts",
        why="each attempt has the node's timeout, and its error is tried again",
        code="""client = httpx.AsyncClient(timeout=5.0)


async def a(state):
    await client.get(f"{TARGET}/hang")


policy = RetryPolicy(max_attempts=3, initial_interval=0.2, jitter=False)
graph = StateGraph(State).add_node(a, timeout=0.4, retry_policy=policy).add_edge(START, "a").compile()


async def call():
    await graph.ainvoke({"x": 1})
""",
        silent=True,
        outcome="NodeTimeoutError",
    ),
    Case(
        name="multiplied",
        why="the attempts of the node and those of the client multiply",
        code="""client = AsyncOpenAI(base_url=f"{TARGET}/hang", api_key="x", timeout=0.2, max_retries=1)


async def a(state):
    await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])


policy = RetryPolicy(max_attempts=2, initial_interval=0.1, jitter=False)
graph = StateGraph(State).add_node(a, retry_policy=policy).add_edge(START, "a").compile()


async def call():
    await graph.ainvoke({"x": 1})
""",
        silent=True,
        outcome="APITimeoutError",
        spread=0.25,
    ),
    Case(
        name="left-alone",
        why="a timeout of requests is an OSError, which the default policy does not try again after",
        code="""def a(state):
    requests.get(f"{TARGET}/hang", timeout=0.5)


graph = StateGraph(State).add_node(a, retry_policy=RetryPolicy()).add_edge(START, "a").compile()


def call():
    graph.invoke({"x": 1})
""",
        silent=True,
        outcome="ReadTimeout",
    ),
    Case(
        name="step-timeout",
        why="one deadline for all that runs in a step",
        code="""client = httpx.AsyncClient(timeout=5.0)


async def a(state):
    await client.get(f"{TARGET}/hang")


graph = StateGraph(State).add_node(a).add_edge(START, "a").compile()
graph.step_timeout = 0.6


async def call():
    await graph.ainvoke({"x": 1})
""",
        silent=True,
        outcome="TimeoutError",
    ),
    Case(
        name="jitter",
        why="up to a second is added to each pause",
        code="""client = httpx.AsyncClient(timeout=0.2)


async def a(state):
    await client.get(f"{TARGET}/hang")


policy = RetryPolicy(max_attempts=2, initial_interval=0.1)
graph = StateGraph(State).add_node(a, retry_policy=policy).add_edge(START, "a").compile()


async def call():
    await graph.ainvoke({"x": 1})
""",
        silent=True,
        outcome="ReadTimeout",
        spread=1.0,
    ),
)
CASES = (*_SLOW, *_SILENT)

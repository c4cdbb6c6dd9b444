"""LangGraph graphs in code: how they may be built, and what running them does at most."""

from pathlib import Path

import pytest

from budgetcheck.model.settings import Known, Unresolved

from .graph_code import read

NODES = """
client = AsyncOpenAI(timeout=10, max_retries=0)

async def agent(state):
    await client.chat.completions.create(model="m", messages=[])

async def tools(state):
    async with httpx.AsyncClient() as web:
        await web.get("https://api.example.com")

async def check(state):
    await client.chat.completions.create(model="m", messages=[])

async def handler():
    return await graph.ainvoke({"x": 1})
"""
REACT = """
def route(state) -> Literal["tools", "__end__"]:
    return "tools"

builder = StateGraph(S)
builder.add_node("agent", agent)
builder.add_node("tools", tools)
builder.add_edge(START, "agent")
builder.add_conditional_edges("agent", route)
builder.add_edge("tools", "agent")
graph = builder.compile()
"""
ROUNDS = "([loop 2/1: agent tools] agent|[loop 2/0: agent tools])"

BUILT = [
    pytest.param(REACT, ROUNDS, id="on a variable of the module"),
    pytest.param(
        """
graph = (
    StateGraph(S)
    .add_node(agent)
    .add_node(tools)
    .add_edge(START, "agent")
    .add_edge("agent", "tools")
    .add_edge("tools", END)
    .compile()
)
""",
        "agent tools",
        id="in a chain, nodes by their functions' names",
    ),
    pytest.param(
        """
def build():
    b = StateGraph(S)
    b.add_sequence([agent, ("look", tools)])
    b.set_entry_point("agent")
    b.set_finish_point("look")
    return b

graph = build().compile(checkpointer=None)
""",
        "agent tools",
        id="by a function that returns the builder",
    ),
    pytest.param(
        """
def build():
    b = StateGraph(S)
    wire(b)
    return b.compile()

def wire(it):
    it.add_node("agent", agent)
    it.add_edge(START, "agent")
    it.add_edge("agent", END)

graph = build()
""",
        "agent",
        id="by a function that is given the builder",
    ),
    pytest.param(
        """
class Flow:
    def __init__(self):
        self.b = StateGraph(S)
        self._nodes()
        self.graph = self.b.compile()

    def _nodes(self):
        self.b.add_node("agent", self.ask)
        self.b.add_edge(START, "agent")

    async def ask(self, state):
        await client.chat.completions.create(model="m", messages=[])

graph = Flow().graph
""",
        "Flow.ask",
        id="in the methods of a class",
    ),
    pytest.param(
        """
b = StateGraph(S)
b.add_node("agent", agent)
b.add_node("tools", tools)
b.add_node("check", check)
b.add_edge(START, "agent")
b.add_edge(START, "tools")
b.add_edge(["agent", "tools"], "check")
graph = b.compile()
""",
        "agent&tools check",
        id="two at once that a third waits for",
    ),
    pytest.param(
        """
b = StateGraph(S)
b.add_node("agent", agent)
b.add_node("tools", tools)
b.add_node("check", check)
b.set_conditional_entry_point(lambda state: "agent" if state["x"] else "tools", ["agent", "tools"])
b.add_edge("agent", "check")
b.add_edge("tools", "check")
graph = b.compile()
""",
        "(agent|tools) check",
        id="a decision at the start",
    ),
    pytest.param(
        """
b = StateGraph(S)
b.add_node("agent", agent)
b.add_node("tools", ToolNode([search, fetch]))
b.add_edge(START, "agent")
b.add_conditional_edges("agent", tools_condition)
b.add_edge("tools", "agent")

@tool
async def search(q: str) -> str:
    async with httpx.AsyncClient() as web:
        await web.get("https://api.example.com")

@tool
def fetch(q: str) -> str:
    requests.get("https://api.example.com", timeout=3)

graph = b.compile()
""",
        "([loop 2/1: agent search&fetch] agent|[loop 2/0: agent search&fetch])",
        id="a node of tools, which run at once",
    ),
    pytest.param(
        """
@tool
async def search(q: str) -> str:
    async with httpx.AsyncClient() as web:
        await web.get("https://api.example.com")

graph = create_react_agent(ChatOpenAI(model="m", timeout=9), [search])
""",
        "([loop 2/1: handler search] handler|[loop 2/0: handler search])",
        id="a ReAct agent made whole",
    ),
    pytest.param(
        """
graph = create_react_agent("openai:gpt-4o", tools=[])
""",
        "handler",
        id="a ReAct agent without tools, its model by name",
    ),
    pytest.param(
        """
inner = StateGraph(S).add_node(tools).add_edge(START, "tools").compile()
b = StateGraph(S)
b.add_node("agent", agent)
b.add_node("inner", inner)
b.add_edge(START, "agent")
b.add_edge("agent", "inner")
graph = b.compile()
""",
        "agent tools",
        id="a graph as a node",
    ),
    pytest.param(
        """
async def planner(state) -> Command[Literal["agent", "tools"]]:
    return Command(goto="agent" if state["x"] else "tools", update={})

b = StateGraph(S)
b.add_node("planner", planner)
b.add_node("agent", agent)
b.add_node("tools", tools)
b.add_edge(START, "planner")
graph = b.compile()
""",
        "(agent|tools)",
        id="a node that says where to go",
    ),
    pytest.param(
        """
def fan(state):
    return [Send("agent", {"x": one}) for one in state["many"]]

b = StateGraph(S)
b.add_node("agent", agent)
b.add_node("check", check)
b.add_conditional_edges(START, fan, ["agent"])
b.add_edge("agent", "check")
graph = b.compile()
""",
        "agent check",
        id="as many at once as there are things",
    ),
    pytest.param(
        """
async def route(state):
    answer = await client.chat.completions.create(model="m", messages=[])
    if answer:
        return "tools"
    return END

b = StateGraph(S)
b.add_node("agent", agent)
b.add_node("tools", tools)
b.add_edge(START, "agent")
b.add_conditional_edges("agent", route)
graph = b.compile()
""",
        "agent route tools",
        id="a decision that asks a model takes its time as well",
    ),
]


@pytest.mark.parametrize(("code", "expected"), BUILT)
def test_a_graph_does_at_most(tmp_path: Path, code: str, expected: str) -> None:
    found = read(tmp_path, NODES + code)
    assert found.shown == expected
    assert not found.notes


def test_tools_that_a_node_runs_itself(tmp_path: Path) -> None:
    code = (
        "@tool\ndef look(q: str) -> str:\n    requests.get('https://api.example.com', timeout=3)\n"
        "TOOLS = [look]\nrunner = ToolNode(TOOLS)\n"
        "def node(state):\n    return runner.invoke(state)\n"
        'graph = StateGraph(S).add_node(node).add_edge(START, "node").compile()\n'
        "def handler():\n    graph.invoke({})\n"
    )
    assert read(tmp_path, code).shown == "look"


def test_a_graph_of_another_module(tmp_path: Path) -> None:
    code = "from flows import graph\nasync def handler():\n    async for part in graph.astream({}): pass\n"
    flows = "from app import *\n" + NODES.replace("async def handler", "async def other") + REACT
    found = read(tmp_path, code, flows="from langgraph.graph import *\n" + flows)
    assert found.shown == ROUNDS


@pytest.mark.parametrize(
    ("invoked", "value"),
    [
        pytest.param('graph.ainvoke({}, config={"recursion_limit": 12})', Known(value=12), id="in place"),
        pytest.param('graph.ainvoke({}, {"recursion_limit": LIMIT})', Known(value=8), id="a constant"),
        pytest.param(
            'graph.with_config({"recursion_limit": 6}).ainvoke({})', Known(value=6), id="with_config"
        ),
        pytest.param("graph.with_config(recursion_limit=6).ainvoke({})", Known(value=6), id="by keyword"),
        pytest.param('graph.ainvoke({}, {"configurable": {"thread_id": "1"}})', None, id="another setting"),
        pytest.param("graph.ainvoke({})", None, id="not said"),
    ],
)
def test_the_limit_of_steps(tmp_path: Path, invoked: str, value: Known | None) -> None:
    code = NODES.replace('graph.ainvoke({"x": 1})', invoked) + REACT + "LIMIT = 8\n"
    setting = read(tmp_path, code).declared("@langgraph").setting("recursion_limit")
    assert (None if setting is None else setting.value) == value


def test_a_configuration_that_is_not_known_may_hold_a_limit(tmp_path: Path) -> None:
    code = NODES.replace("handler()", "handler(config)").replace('{"x": 1}', "{}, config=config") + REACT
    setting = read(tmp_path, code).declared("@langgraph").setting("recursion_limit")
    assert setting is not None
    assert isinstance(setting.value, Unresolved)


POLICIES = [
    pytest.param(
        '"agent", agent, retry_policy=RetryPolicy(max_attempts=5, jitter=False)',
        "[retry: agent]",
        {"max_attempts": 5, "jitter": 0},
        id="retries",
    ),
    pytest.param(
        '"agent", agent, retry=[RetryPolicy(initial_interval=1.0)], timeout=2.5',
        "[retry: [timeout: agent]]",
        {"initial_interval": 1.0, "timeout": 2.5},
        id="every attempt has its own timeout",
    ),
    pytest.param(
        '"agent", agent, timeout=timedelta(minutes=1)', "[timeout: agent]", {"timeout": 60}, id="a timedelta"
    ),
    pytest.param(
        '"agent", agent, timeout=TimeoutPolicy(run_timeout=7, idle_timeout=3)',
        "[timeout: agent]",
        {"timeout": 7},
        id="a policy's run_timeout",
    ),
    pytest.param(
        '"agent", agent, timeout=TimeoutPolicy(idle_timeout=3)', "agent", {}, id="idle time bounds nothing"
    ),
    pytest.param('"agent", agent, timeout=None, retry_policy=None', "agent", {}, id="explicitly none"),
]


@pytest.mark.parametrize(("given", "expected", "settings"), POLICIES)
def test_what_stands_round_a_node(
    tmp_path: Path, given: str, expected: str, settings: dict[str, object]
) -> None:
    code = f'{NODES}\ngraph = StateGraph(S).add_node({given}).add_edge(START, "agent").compile()\n'
    found = read(tmp_path, code)
    assert found.shown == expected
    declared = found.flow.declared.declarations.values()
    written = {one.name: one.value for each in declared if "@" in each.address for one in each.settings}
    assert written == {name: Known(value=value) for name, value in settings.items()}


@pytest.mark.parametrize(
    ("body", "retry", "repeats"),
    [
        pytest.param("requests.get(URL, timeout=3)", "RetryPolicy()", "no", id="requests: an OSError"),
        pytest.param("httpx.get(URL)", "RetryPolicy()", "yes", id="httpx"),
        pytest.param(
            "requests.get(URL, timeout=3)",
            "RetryPolicy(retry_on=requests.exceptions.Timeout)",
            "yes",
            id="requests, and told to",
        ),
        pytest.param("httpx.get(URL)", "RetryPolicy(retry_on=ValueError)", "no", id="told something else"),
        pytest.param(
            "httpx.get(URL)\n    requests.get(URL)", "RetryPolicy()", "yes", id="one of two is enough"
        ),
    ],
)
def test_which_timeouts_are_tried_again(tmp_path: Path, body: str, retry: str, repeats: str) -> None:
    code = (
        f'URL = "https://api.example.com"\ndef node(state):\n    {body}\n'
        f'graph = StateGraph(S).add_node(node, retry_policy={retry}).add_edge(START, "node").compile()\n'
        "def handler():\n    graph.invoke({})\n"
    )
    assert read(tmp_path, code).declared("@langgraph-retry").trait("repeats_timeouts") == repeats


def test_a_sync_node_with_a_timeout_is_refused(tmp_path: Path) -> None:
    code = (
        'def node(state):\n    requests.get("https://api.example.com", timeout=3)\n'
        'graph = StateGraph(S).add_node(node, timeout=5).add_edge(START, "node").compile()\n'
        "async def handler():\n    await graph.ainvoke({})\n"
    )
    (problem,) = read(tmp_path, code).flow.declared.problems
    assert problem.kind.name == "INVALID"
    assert "no coroutine" in problem.text


def test_defaults_for_all_nodes_and_a_timeout_of_each_step(tmp_path: Path) -> None:
    code = NODES + (
        "b = StateGraph(S)\nb.set_node_defaults(retry_policy=RetryPolicy(max_attempts=2))\n"
        'b.add_node("agent", agent)\nb.add_node("tools", tools, retry_policy=RetryPolicy(max_attempts=4))\n'
        'b.add_edge(START, "agent")\nb.add_edge(START, "tools")\n'
        "graph = b.compile()\ngraph.step_timeout = 30\n"
    )
    assert read(tmp_path, code).shown == "[timeout: [retry: agent]&[retry: tools]]"


def test_sync_nodes_of_an_async_run_block_a_thread_and_not_the_loop(tmp_path: Path) -> None:
    code = (
        'def node(state):\n    requests.get("https://api.example.com", timeout=3)\n'
        'graph = StateGraph(S).add_node(node).add_edge(START, "node").compile()\n'
        "async def handler():\n    await graph.ainvoke({})\n"
    )
    assert read(tmp_path, code).declared("#requests").trait("on_event_loop") == ""
    blocking = code.replace("await graph.ainvoke", "graph.invoke")
    assert read(tmp_path, blocking).declared("#requests").trait("on_event_loop") == "yes"


UNKNOWN = [
    pytest.param(
        "def route(state):\n    return state['next']\n"
        'b = StateGraph(S)\nb.add_node("agent", agent)\nb.add_node("tools", tools)\n'
        'b.add_edge(START, "agent")\nb.add_conditional_edges("agent", route)\ngraph = b.compile()\n',
        "agent [0.. x (agent|tools)]",
        "where a node goes next is not known",
        id="a decision that only the program knows",
    ),
    pytest.param(
        "b = StateGraph(S)\nfor name, node in TABLE:\n    b.add_node(name, node)\n"
        'b.add_node("agent", agent)\n'
        'b.add_edge(START, "agent")\ngraph = b.compile()\n',
        "[0.. x agent]",
        "where a node goes next is not known",
        id="nodes that are not all known",
    ),
]


@pytest.mark.parametrize(("code", "expected", "note"), UNKNOWN)
def test_what_is_not_known_is_no_number(tmp_path: Path, code: str, expected: str, note: str) -> None:
    found = read(tmp_path, NODES + code)
    assert found.shown == expected
    assert any(note in one for one in found.notes)


FUNCTIONS = [
    pytest.param("await one(); await two()", "one two", id="one after the other"),
    pytest.param("await asyncio.gather(one(), two())", "one&two", id="at once"),
]


@pytest.mark.parametrize(("body", "expected"), FUNCTIONS)
def test_tasks_run_beside_their_caller(tmp_path: Path, body: str, expected: str) -> None:
    code = f"""
import asyncio
from langgraph.func import entrypoint, task

web = httpx.AsyncClient(timeout=3)

@task
async def one():
    await web.get("https://api.example.com")

@task
async def two():
    await web.get("https://api.example.com")

@entrypoint()
async def workflow(inputs):
    {body}

async def handler():
    await workflow.ainvoke({{}})
"""
    assert read(tmp_path, code).shown == expected


def test_tasks_and_entrypoints_have_policies(tmp_path: Path) -> None:
    code = """
from langgraph.func import entrypoint, task

@task(retry_policy=RetryPolicy(max_attempts=4))
def one():
    httpx.get("https://api.example.com")

@entrypoint(timeout=20)
async def workflow(inputs):
    one().result()

async def handler():
    await workflow.ainvoke({})
"""
    found = read(tmp_path, code)
    assert found.shown == "[timeout: [retry: one]]"
    assert found.declared("#httpx").trait("on_event_loop") == ""


EXECUTORS = [
    pytest.param("", "[loop: handler look]", None, id="fifteen rounds unless told otherwise"),
    pytest.param(", max_iterations=3", "[loop: handler look]", 3, id="told"),
    pytest.param(", max_iterations=None", "[None x handler look]", None, id="without an end"),
    pytest.param(", max_execution_time=20", "[langchain: [loop: handler look]]", None, id="a deadline"),
]


@pytest.mark.parametrize(("more", "expected", "rounds"), EXECUTORS)
def test_an_agent_executor_goes_round(tmp_path: Path, more: str, expected: str, rounds: int | None) -> None:
    code = f"""
from langchain.agents import AgentExecutor, create_tool_calling_agent

@tool
def look(q: str) -> str:
    requests.get("https://api.example.com", timeout=3)

llm = ChatOpenAI(timeout=9)
agent = create_tool_calling_agent(llm, [look], None)
executor = AgentExecutor(agent=agent, tools=[look]{more})

async def handler():
    await executor.ainvoke({{}})
"""
    found = read(tmp_path, code)
    assert found.shown == expected
    written = [
        one.value
        for each in found.flow.declared.declarations.values()
        for one in each.settings
        if one.name == "max_iterations"
    ]
    assert written == ([] if rounds is None else [Known(value=rounds)])


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param("", "([loop 2/1: handler look] handler|[loop 2/0: handler look])", id="as a graph"),
        pytest.param(
            ", middleware=[ModelCallLimitMiddleware(run_limit=4)]",
            "[4 x handler look]",
            id="calls are limited",
        ),
        pytest.param(", middleware=[Summary()]", "[1.. x handler look]", id="middleware nobody knows"),
    ],
)
def test_an_agent_of_langchain(tmp_path: Path, more: str, expected: str) -> None:
    code = f"""
from langchain.agents import create_agent
from langchain.agents.middleware import ModelCallLimitMiddleware

def look(q: str) -> str:
    requests.get("https://api.example.com", timeout=3)

agent = create_agent(ChatOpenAI(timeout=9), tools=[look]{more})

async def handler():
    await agent.ainvoke({{}})
"""
    assert read(tmp_path, code).shown == expected

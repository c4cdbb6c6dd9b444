"""The agent: plan, look something up, answer."""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph

from app.llm import complete
from app.tools import search


class State(TypedDict):
    question: str
    query: str
    found: list[str]
    answer: str


async def plan(state: State) -> dict[str, str]:
    return {"query": await complete(f"What should be looked up for: {state['question']}")}


async def look_up(state: State) -> dict[str, list[str]]:
    return {"found": await search(state["query"])}


async def answer(state: State) -> dict[str, str]:
    context = "\n".join(state["found"])
    return {"answer": await complete(f"{context}\n\n{state['question']}")}


builder = StateGraph(State)
builder.add_node("plan", plan)
builder.add_node("look_up", look_up)
builder.add_node("answer", answer)
builder.add_edge(START, "plan")
builder.add_edge("plan", "look_up")
builder.add_edge("look_up", "answer")
builder.add_edge("answer", END)
agent = builder.compile()

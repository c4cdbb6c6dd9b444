"""The service."""

import asyncio

from fastapi import APIRouter, FastAPI

from app.agent import agent
from app.llm import batch_client, complete
from app.tools import search

app = FastAPI()
router = APIRouter(prefix="/v1")


@router.post("/chat")
async def chat(question: str) -> dict[str, str]:
    state = await agent.ainvoke({"question": question})
    return {"answer": state["answer"]}


@router.post("/report")
async def report(topic: str) -> dict[str, str]:
    async with asyncio.timeout(30):
        answer = batch_client.chat.completions.create(
            model="gpt-4.1", messages=[{"role": "user", "content": topic}]
        )
    return {"report": answer.choices[0].message.content or ""}


@router.post("/summary")
async def summary(text: str) -> dict[str, str]:
    async with asyncio.timeout(50):
        first = await complete(f"Summarise: {text}")
        return {"summary": await complete(f"Shorten: {first}")}


@router.get("/search")
async def find(query: str) -> list[str]:
    return await search(query)


app.include_router(router)

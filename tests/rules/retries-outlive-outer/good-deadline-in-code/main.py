from fastapi import FastAPI
import asyncio

import httpx
from openai import AsyncOpenAI

app = FastAPI()
client = AsyncOpenAI(timeout=httpx.Timeout(20.0, connect=5.0))


@app.post("/chat")
async def chat():
    async with asyncio.timeout(28):
        return await client.chat.completions.create(model="m", messages=[])

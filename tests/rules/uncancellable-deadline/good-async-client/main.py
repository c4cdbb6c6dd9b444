from fastapi import FastAPI
import asyncio

from openai import AsyncOpenAI

app = FastAPI()
client = AsyncOpenAI(timeout=20)


@app.post("/chat")
async def chat():
    async with asyncio.timeout(25):
        await client.chat.completions.create(model="m", messages=[])

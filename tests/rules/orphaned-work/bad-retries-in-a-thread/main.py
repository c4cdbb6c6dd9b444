from fastapi import FastAPI
import asyncio

from openai import OpenAI

app = FastAPI()
client = OpenAI(timeout=5)


def ask():
    client.chat.completions.create(model="m", messages=[])


@app.post("/chat")
async def chat():
    async with asyncio.timeout(10):
        await asyncio.to_thread(ask)

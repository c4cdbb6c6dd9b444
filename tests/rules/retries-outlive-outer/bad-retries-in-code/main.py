from fastapi import FastAPI
import httpx
from openai import AsyncOpenAI

app = FastAPI()
client = AsyncOpenAI(timeout=httpx.Timeout(20.0, connect=5.0))


@app.post("/chat")
async def chat():
    return await client.chat.completions.create(model="m", messages=[])

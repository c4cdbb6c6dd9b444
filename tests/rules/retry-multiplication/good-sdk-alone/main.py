from fastapi import FastAPI
from openai import AsyncOpenAI

app = FastAPI()
client = AsyncOpenAI(timeout=5)


@app.post("/chat")
async def chat():
    for question in ("a", "b"):
        await client.chat.completions.create(model="m", messages=[])

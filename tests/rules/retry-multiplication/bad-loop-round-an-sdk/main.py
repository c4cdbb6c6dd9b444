from fastapi import FastAPI
from openai import AsyncOpenAI, OpenAIError

app = FastAPI()
client = AsyncOpenAI(timeout=5, max_retries=1)


@app.post("/chat")
async def chat():
    for attempt in range(2):
        try:
            return await client.chat.completions.create(model="m", messages=[])
        except OpenAIError:
            continue

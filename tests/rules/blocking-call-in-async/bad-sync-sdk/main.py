from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI(timeout=5, max_retries=0)


@app.post("/chat")
async def chat():
    client.chat.completions.create(model="m", messages=[])

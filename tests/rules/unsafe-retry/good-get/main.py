from fastapi import FastAPI
import httpx
from tenacity import retry, stop_after_attempt

app = FastAPI()


@retry(stop=stop_after_attempt(2))
async def look():
    async with httpx.AsyncClient() as client:
        await client.get("https://payments.example.com/charges", timeout=5)


@app.post("/chat")
async def chat():
    await look()

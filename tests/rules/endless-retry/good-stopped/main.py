from fastapi import FastAPI
import httpx
from tenacity import retry, stop_after_attempt

app = FastAPI()


@retry(stop=stop_after_attempt(3))
async def look():
    async with httpx.AsyncClient() as client:
        await client.get("https://api.example.org", timeout=5)


@app.get("/chat")
async def chat():
    await look()

from fastapi import FastAPI
import asyncio

import httpx
from tenacity import retry

app = FastAPI()


@retry
async def look():
    async with httpx.AsyncClient() as client:
        await client.get("https://api.example.org", timeout=5)


@app.get("/chat")
async def chat():
    async with asyncio.timeout(25):
        await look()

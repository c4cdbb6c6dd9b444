from fastapi import FastAPI
import asyncio

import httpx

app = FastAPI()


@app.get("/chat")
async def chat():
    async with httpx.AsyncClient(timeout=40) as client:
        await asyncio.gather(client.get("https://a.example.org"), client.get("https://b.example.org"))

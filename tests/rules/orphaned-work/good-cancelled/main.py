from fastapi import FastAPI
import asyncio

import httpx

app = FastAPI()


@app.get("/chat")
async def chat():
    async with httpx.AsyncClient(timeout=40) as client:
        await asyncio.wait_for(client.get("https://api.example.org"), 5)

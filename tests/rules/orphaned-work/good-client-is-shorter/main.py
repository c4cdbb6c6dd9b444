from fastapi import FastAPI
import asyncio

import requests

app = FastAPI()


@app.get("/chat")
async def chat():
    return await asyncio.wait_for(asyncio.to_thread(requests.get, "https://api.example.org", timeout=5), 10)

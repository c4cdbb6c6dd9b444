from fastapi import FastAPI
import asyncio

import requests

app = FastAPI()


async def fetch():
    return requests.get("https://api.example.org", timeout=20)


@app.get("/chat")
async def chat():
    return await asyncio.wait_for(fetch(), timeout=5)

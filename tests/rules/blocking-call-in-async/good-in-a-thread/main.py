from fastapi import FastAPI
import asyncio

import requests

app = FastAPI()


def fetch():
    return requests.get("https://api.example.org", timeout=5)


@app.get("/chat")
async def chat():
    return await asyncio.to_thread(fetch)

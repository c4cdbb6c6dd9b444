import asyncio

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()
client = httpx.AsyncClient(timeout=20.0)


async def events(queue: asyncio.Queue):
    while True:
        try:
            yield await asyncio.wait_for(queue.get(), timeout=0.5)
        except asyncio.TimeoutError:
            yield ": still here\n\n"


@app.get("/events")
async def stream():
    answer = await client.get("https://events.example.com/next")
    queue = asyncio.Queue()
    queue.put_nowait(answer.text)
    return StreamingResponse(events(queue), media_type="text/event-stream")

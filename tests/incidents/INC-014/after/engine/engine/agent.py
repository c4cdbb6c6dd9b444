from collections.abc import AsyncIterator

import redis.asyncio as redis
from fastapi import APIRouter
from fastapi.responses import StreamingResponse

router = APIRouter()
broker = redis.from_url("redis://broker:6379/0", decode_responses=True)


async def events(run: str) -> AsyncIterator[str]:
    channel = broker.pubsub()
    await channel.subscribe(f"run:{run}")
    while True:
        message = await channel.get_message(ignore_subscribe_messages=True, timeout=60.0)
        if message is None:
            yield "event: heartbeat\ndata: {}\n\n"
        else:
            yield message["data"]


@router.post("/chat")
async def chat(run: str) -> StreamingResponse:
    return StreamingResponse(events(run), media_type="text/event-stream")

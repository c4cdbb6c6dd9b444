from fastapi import FastAPI
from sse_starlette.sse import EventSourceResponse

app = FastAPI()


async def events():
    async for event in subscribed():
        yield {"data": event}


@app.get("/events")
async def stream():
    return EventSourceResponse(events())

from fastapi import FastAPI
import httpx

app = FastAPI()


@app.get("/chat")
async def chat(fresh: bool):
    async with httpx.AsyncClient(timeout=40) as client:
        if fresh:
            return await client.get("https://a.example.org")
        return await client.get("https://b.example.org")

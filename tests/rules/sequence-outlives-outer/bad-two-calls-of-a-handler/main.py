from fastapi import FastAPI
import httpx

app = FastAPI()


@app.get("/chat")
async def chat():
    async with httpx.AsyncClient(timeout=40) as client:
        await client.get("https://a.example.org")
        await client.get("https://b.example.org")

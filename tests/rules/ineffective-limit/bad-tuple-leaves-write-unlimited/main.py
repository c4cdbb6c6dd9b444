from fastapi import FastAPI
import httpx

app = FastAPI()


@app.get("/chat")
async def chat():
    async with httpx.AsyncClient(timeout=(5, 20)) as client:
        await client.get("https://a.example.org")

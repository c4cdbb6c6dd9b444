from fastapi import FastAPI
import httpx

app = FastAPI()


@app.get("/chat")
async def chat():
    while True:
        try:
            async with httpx.AsyncClient() as client:
                return await client.get("https://api.example.org", timeout=5)
        except httpx.HTTPError:
            continue

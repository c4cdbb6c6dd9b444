import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/report")
async def report():
    return requests.get("https://reports.example.net", timeout=40).json()

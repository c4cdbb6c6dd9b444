from fastapi import FastAPI
import requests
from config import settings

app = FastAPI()


@app.get("/chat")
def chat():
    return requests.get("https://api.example.org", timeout=settings.timeout)

from fastapi import FastAPI
from helper import fetch

app = FastAPI()


@app.get("/chat")
async def chat():
    return fetch()

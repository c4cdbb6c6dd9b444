from fastapi import FastAPI
import requests

app = FastAPI()


@app.get("/chat")
def chat():
    return requests.get("https://api.example.org")

from fastapi import FastAPI
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

app = FastAPI()
session = requests.Session()
session.mount("https://", HTTPAdapter(max_retries=Retry(total=2, allowed_methods=None)))


@app.post("/chat")
def chat():
    session.post("https://mail.example.com/send", json={}, timeout=5)

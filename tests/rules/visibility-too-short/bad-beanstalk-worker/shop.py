import requests
from flask import Flask

app = Flask(__name__)


@app.post("/")
def report() -> str:
    return requests.get("https://api.partner.example/report", timeout=90).text

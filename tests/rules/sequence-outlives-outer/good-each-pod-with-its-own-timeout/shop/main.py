import os

import requests
from flask import Flask

app = Flask(__name__)
TIMEOUT = int(os.getenv("BACKEND_TIMEOUT", "4"))


@app.get("/pages")
def pages():
    requests.get("https://a.example.org", timeout=TIMEOUT)
    requests.get("https://b.example.org", timeout=TIMEOUT)
    return requests.get("https://c.example.org", timeout=TIMEOUT).text

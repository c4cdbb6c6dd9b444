import threading

import requests
from fastapi import FastAPI

app = FastAPI()


def fetch(number):
    return requests.get(f"https://pages.example.org/{number}", timeout=3)


@app.get("/pages")
def pages():
    page = fetch(1)
    threading.Thread(target=fetch, args=(2,)).start()
    return page.status_code

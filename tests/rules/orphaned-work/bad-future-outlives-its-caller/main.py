from concurrent.futures import ThreadPoolExecutor

import requests
from fastapi import FastAPI

app = FastAPI()
POOL = ThreadPoolExecutor(max_workers=8)


def fetch(number):
    return requests.get(f"https://pages.example.org/{number}", timeout=40)


@app.get("/pages")
def pages():
    return POOL.submit(fetch, 1).result(timeout=5).status_code

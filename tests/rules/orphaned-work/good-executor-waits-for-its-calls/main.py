from concurrent.futures import ThreadPoolExecutor

import requests
from fastapi import FastAPI

app = FastAPI()


def fetch(number):
    return requests.get(f"https://pages.example.org/{number}", timeout=40)


@app.get("/pages")
def pages():
    with ThreadPoolExecutor() as pool:
        return pool.submit(fetch, 1).result(timeout=5).status_code

from concurrent.futures import ThreadPoolExecutor

import requests
from fastapi import FastAPI

app = FastAPI()


def fetch(number):
    return requests.get(f"https://pages.example.org/{number}", timeout=3)


@app.get("/pages")
def pages():
    with ThreadPoolExecutor(max_workers=2) as pool:
        return [one.status_code for one in pool.map(fetch, range(6))]

from concurrent.futures import ThreadPoolExecutor

import requests
from fastapi import FastAPI

app = FastAPI()


def fetch(number):
    return requests.get(f"https://pages.example.org/{number}", timeout=3)


@app.get("/pages")
def pages():
    with ThreadPoolExecutor(max_workers=6) as pool:
        futures = [pool.submit(fetch, number) for number in range(6)]
    return [future.result().status_code for future in futures]

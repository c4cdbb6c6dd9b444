from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI

from partners import partners

app = FastAPI()


@app.get("/home")
def home():
    with ThreadPoolExecutor(max_workers=2) as executor:
        return [future.result() for future in [executor.submit(one.make) for one in partners()]]

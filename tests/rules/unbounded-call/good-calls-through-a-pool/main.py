from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI

from calls import Call

app = FastAPI()


@app.get("/home")
def home():
    calls = [Call(f"https://{name}.example.org", timeout=4) for name in ("balance", "history")]
    with ThreadPoolExecutor(max_workers=2) as executor:
        return [future.result() for future in [executor.submit(call.make) for call in calls]]

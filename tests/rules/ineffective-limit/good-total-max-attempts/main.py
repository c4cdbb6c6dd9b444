from fastapi import FastAPI
import boto3
from botocore.config import Config

app = FastAPI()
client = boto3.client("sqs", config=Config(read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"}))


@app.get("/chat")
def chat():
    client.list_queues()

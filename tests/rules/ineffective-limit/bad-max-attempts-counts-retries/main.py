from fastapi import FastAPI
import boto3
from botocore.config import Config

app = FastAPI()
client = boto3.client("sqs", config=Config(read_timeout=5, retries={"max_attempts": 1, "mode": "standard"}))


@app.get("/chat")
def chat():
    client.list_queues()

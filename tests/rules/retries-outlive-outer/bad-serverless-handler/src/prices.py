import os

from openai import OpenAI

client = OpenAI(timeout=float(os.environ["PRICES_SECONDS"]))


def handler(event, _context):
    return client.responses.create(model="gpt-5", input=event["body"]).output_text

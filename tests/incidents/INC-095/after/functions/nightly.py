import json
import os

import boto3
from botocore.config import Config

SETTINGS = Config(region_name="eu-central-1", read_timeout=360, retries={"max_attempts": 0})
functions = boto3.client("lambda", config=SETTINGS)


def handler(event, _context):
    answer = functions.invoke(
        FunctionName=os.environ["REPORT_FUNCTION"],
        InvocationType="RequestResponse",
        Payload=json.dumps({"day": event["day"]}),
    )
    return json.load(answer["Payload"])

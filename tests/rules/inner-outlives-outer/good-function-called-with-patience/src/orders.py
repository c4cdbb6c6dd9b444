import json
import os

import boto3
from botocore.config import Config

functions = boto3.client("lambda", config=Config(read_timeout=330, retries={"total_max_attempts": 1}))


def handler(event, _context):
    answer = functions.invoke(FunctionName=os.environ["RENDER_FUNCTION_ARN"], Payload=json.dumps(event))
    return json.load(answer["Payload"])

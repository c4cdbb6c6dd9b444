import json
import os

import boto3

functions = boto3.client("lambda")


def handler(event, _context):
    answer = functions.invoke(FunctionName=os.environ["RENDER_FUNCTION_ARN"], Payload=json.dumps(event))
    return json.load(answer["Payload"])

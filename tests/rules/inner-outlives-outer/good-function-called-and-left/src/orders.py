import json
import os

import boto3

functions = boto3.client("lambda")


def handler(event, _context):
    functions.invoke(
        FunctionName=os.environ["RENDER_FUNCTION_ARN"],
        InvocationType="Event",
        Payload=json.dumps(event),
    )
    return {"accepted": True}

import boto3
from botocore.config import Config

sns = boto3.client("sns", config=Config(read_timeout=20, retries={"total_max_attempts": 3}))


def handler(event, context):
    return sns.publish(TopicArn=event["topic"], Message="done")

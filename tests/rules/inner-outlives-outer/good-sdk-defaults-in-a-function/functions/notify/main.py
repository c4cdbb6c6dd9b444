import boto3

sns = boto3.client("sns")


def handler(event, context):
    return sns.publish(TopicArn=event["topic"], Message="done")

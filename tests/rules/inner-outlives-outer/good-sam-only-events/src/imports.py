def handler(event, _context):
    return [record["body"] for record in event["Records"]]

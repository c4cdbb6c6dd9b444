def handler(event, _context):
    return {"statusCode": 200, "body": sum(row["price"] for row in event["rows"])}

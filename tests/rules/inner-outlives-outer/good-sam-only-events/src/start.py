def handler(_event, _context):
    return {"statusCode": 202}

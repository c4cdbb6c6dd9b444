def handler(event, _context):
    return {"day": event["day"], "rows": 0}

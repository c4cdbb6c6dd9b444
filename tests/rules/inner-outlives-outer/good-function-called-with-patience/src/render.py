from pages import drawn


def handler(event, _context):
    return {"pages": [drawn(page) for page in event["pages"]]}

from client.connection import http_post


def create_request(source, target):
    body = f"<request><source project='{source}'/><target project='{target}'/></request>"
    return http_post("/request?cmd=create", body)

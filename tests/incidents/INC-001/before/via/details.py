import requests


def content_type(url):
    with requests.get(url, stream=True, allow_redirects=True, timeout=10) as response:
        return response.headers.get("Content-Type")

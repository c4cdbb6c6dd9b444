import requests


def handler(url, _context):
    return requests.get(url, timeout=5).json()

import requests


def fetch():
    return requests.get("https://api.example.org", timeout=5)

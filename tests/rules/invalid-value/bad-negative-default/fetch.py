import requests


def fetch(url: str, timeout: float = -1) -> str:
    if url:
        return requests.get(url, timeout=timeout).text
    return ""


def report() -> str:
    return fetch("https://reports.example.com")

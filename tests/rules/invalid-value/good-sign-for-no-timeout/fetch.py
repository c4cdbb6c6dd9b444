import requests


def fetch(url: str, timeout: float = -1, patience: float = 0) -> str:
    if timeout > -1:
        return requests.get(url, timeout=timeout).text
    if url and patience != 0:
        return requests.get(url, timeout=patience).text
    return requests.get(url, timeout=5).text


def report() -> str:
    return fetch("https://reports.example.com")

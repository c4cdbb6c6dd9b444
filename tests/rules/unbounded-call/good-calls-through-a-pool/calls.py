import requests


class Call:
    def __init__(self, url, timeout):
        self.url = url
        self.timeout = timeout

    def make(self):
        return requests.get(self.url, timeout=self.timeout).json()

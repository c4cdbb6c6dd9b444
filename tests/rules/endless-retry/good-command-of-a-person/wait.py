import time

import requests


def wait(url):
    while True:
        try:
            return requests.get(url, timeout=5)
        except requests.RequestException:
            time.sleep(10)


if __name__ == "__main__":
    wait("https://new.example.net/ping")

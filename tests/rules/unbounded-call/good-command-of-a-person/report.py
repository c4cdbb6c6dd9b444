import sys

import requests


def fetch(month):
    return requests.get("https://reports.example.net/" + month).json()


if __name__ == "__main__":
    print(fetch(sys.argv[1]))

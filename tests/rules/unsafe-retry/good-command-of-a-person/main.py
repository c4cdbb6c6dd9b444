import click
import requests
from tenacity import retry, stop_after_attempt


@retry(stop=stop_after_attempt(3))
def remove(name):
    requests.post("https://users.example.com/remove", json={"name": name}, timeout=5)


@click.command()
@click.argument("name")
def controller(name):
    remove(name)


if __name__ == "__main__":
    controller()

"""Classes of the project that build on a client: what they do not change is the client's."""

from pathlib import Path

import pytest

from .code_files import handlers, read_project, shown, values

CASES = {
    "nothing of its own": ("class C(httpx.Client): ...", "C(timeout=7)", {"timeout": 7}),
    "its constructor passes it on": (
        "class C(httpx.Client):\n    def __init__(self, wait):\n        super().__init__(timeout=wait)",
        "C(7)",
        {"timeout": 7},
    ),
    "methods of its own go through the client's": (
        "class C(httpx.Client):\n    def orders(self):\n        return self.get('/orders')",
        "C(timeout=7)",
        {"timeout": 7},
    ),
    "a method that everything goes through": (
        "class C(httpx.Client):\n    def request(self, *a, **k):\n        return super().request(*a, **k)",
        "C(timeout=7)",
        {"timeout": "?"},
    ),
}


@pytest.mark.parametrize(
    ("klass", "made", "expected"), [pytest.param(*case, id=name) for name, case in CASES.items()]
)
def test_a_subclass_of_a_client(klass: str, made: str, expected: dict[str, object], tmp_path: Path) -> None:
    code = (
        f"import httpx\nfrom flask import Flask\n{klass}\nclient = {made}\napp = Flask('a')\n"
        "@app.get('/x')\ndef f():\n    return client.post('https://api.example.org')\n"
    )
    reading = read_project(tmp_path, {"main.py": code})
    (sent,) = [one for one in reading.declarations if one.component == "httpx"]
    assert shown(handlers(reading)["main.py:f"].work) == "httpx"
    assert values(sent) == expected

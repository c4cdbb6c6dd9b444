"""The same code in several containers: on a route the values of its own container count."""

from pathlib import Path

import pytest
from joined_files import joined

from budgetcheck.assess import assess
from budgetcheck.model.topology import MethodClass

CODE = """
import os
import requests
from flask import Flask

app = Flask(__name__)
TIMEOUT = int(os.getenv("BACKEND_TIMEOUT", "4"))
PAUSE = int(os.getenv("OTHER_TIMEOUT", "1"))


@app.get("/pages")
def pages():
    requests.get("https://a.example.org", timeout=TIMEOUT)
    requests.get("https://b.example.org", timeout=TIMEOUT)
    return requests.get("https://c.example.org", timeout=TIMEOUT * 2 + PAUSE).text
"""
DOCKERFILE = """
FROM python:3.12
WORKDIR /app
COPY . .
CMD ["gunicorn", "main:app", "--bind", "0.0.0.0:8000"]
"""


def pod(name: str, variables: str = "") -> str:
    return f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
        - name: web
          image: registry.example.com/shop
          ports: [{{containerPort: 8000}}]
          env: [{variables}]
"""


def variable(name: str, value: int) -> str:
    return f'{{name: {name}, value: "{value}"}}'


def needs(folder: Path, files: dict[str, str], environment: str = "") -> dict[str, tuple[int | None, ...]]:
    """Seconds that each route may take at its outermost hop, by the address of that hop."""
    found: dict[str, tuple[int | None, ...]] = {}
    for route in joined(
        folder, {"shop/main.py": CODE, "shop/Dockerfile": DOCKERFILE, **files}, environment
    ).routes:
        if route.handler is None:
            continue
        worst = assess(route).costs[MethodClass.IDEMPOTENT][route.handler.address].worst
        seconds = worst.hang.choices or (worst.hang.low,)
        found[route.hops[0].address] = tuple(None if one is None else one // 1_000 for one in seconds)
    return found


def test_each_pod_has_its_own_value(tmp_path: Path) -> None:
    files = {"k8s/slow.yaml": pod("slow", variable("BACKEND_TIMEOUT", 15)), "k8s/fast.yaml": pod("fast")}
    found = needs(tmp_path, files)
    assert {address.split("/")[2].split("@")[0]: seconds for address, seconds in found.items()} == {
        "slow": (61,),
        "fast": (17,),
    }


def test_variables_of_one_pod_go_together(tmp_path: Path) -> None:
    slow = ", ".join((variable("BACKEND_TIMEOUT", 15), variable("OTHER_TIMEOUT", 9)))
    files = {"k8s/slow.yaml": pod("slow", slow), "k8s/fast.yaml": pod("fast", variable("OTHER_TIMEOUT", 2))}
    assert sorted(needs(tmp_path, files).values()) == [(18,), (69,)]


def test_environments_choose_theirs(tmp_path: Path) -> None:
    overlay = "resources: [web.yaml]\n"
    files = {
        "k8s/overlays/prod/web.yaml": pod("web", variable("BACKEND_TIMEOUT", 15)),
        "k8s/overlays/prod/kustomization.yaml": overlay,
        "k8s/overlays/dev/web.yaml": pod("web", variable("BACKEND_TIMEOUT", 2)),
        "k8s/overlays/dev/kustomization.yaml": overlay,
    }
    assert set(needs(tmp_path, files, "prod").values()) == {(61,)}
    assert set(needs(tmp_path, files, "dev").values()) == {(9,)}


def test_where_no_container_is_on_the_way_all_values_count_together(tmp_path: Path) -> None:
    compose = """
services:
  one: {build: shop, environment: {BACKEND_TIMEOUT: "15"}, command: python -c pass}
  two: {build: shop, command: python -c pass}
"""
    found = needs(
        tmp_path, {"compose.yaml": compose, "shop/Dockerfile": "FROM python:3.12\nWORKDIR /app\nCOPY . .\n"}
    )
    assert set(found.values()) == {(17, 61)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("shop", (61,), id="called as the folder of the code"),
        pytest.param("payments", (17,), id="of something else"),
    ],
)
def test_a_container_of_unknown_content(name: str, expected: tuple[int, ...], tmp_path: Path) -> None:
    manifest = pod(name, variable("BACKEND_TIMEOUT", 15)).replace("example.com/shop", f"example.com/{name}")
    files = {"k8s/web.yaml": manifest, "shop/Dockerfile": "", "shop/Procfile": "web: gunicorn main:app\n"}
    assert set(needs(tmp_path, files).values()) == {expected}

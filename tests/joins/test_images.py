"""An image that something starts is one server, and a script that nothing starts is none."""

from pathlib import Path

import pytest
from joined_files import chain, compose, joined

from budgetcheck.readers.image_builds import ImageBuild, built_as, image_builds, plain_name
from budgetcheck.tree import SourceFile

DOCKERFILE = (
    'FROM python:3.12\nCOPY . /app\nCMD ["gunicorn", "a:b", "-b", "0.0.0.0:8000", "--timeout", "90"]\n'
)
MANIFEST = """\
apiVersion: v1
kind: Service
metadata: {name: api}
spec: {selector: {app: api}, ports: [{port: 80, targetPort: 8000}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers: [{name: main, image: "registry.example.com/shop/api:7", ports: [{containerPort: 8000}]}]
"""
POD = ["kubernetes-pod", "gunicorn"]


@pytest.mark.parametrize(
    "build",
    [
        {
            ".github/workflows/build.yml": "jobs:\n  x:\n    steps:\n      - run: docker build -t registry.example.com/shop/api:$SHA backend\n"
        },
        {
            ".github/workflows/build.yml": "jobs:\n  x:\n    steps:\n      - uses: docker/build-push-action@v6\n"
            "        with:\n          context: ./backend\n          tags: ${{ env.REGISTRY }}/shop/api:${{ github.sha }}\n"
        },
        {
            "Makefile": "image:\n\tdocker build --tag $(REGISTRY)/shop/api:latest \\\n\t  -f backend/Dockerfile .\n"
        },
        {
            "skaffold.yaml": "apiVersion: skaffold/v4beta6\nkind: Config\nbuild:\n  artifacts:\n"
            "    - image: shop/api\n      context: backend\n"
        },
    ],
    ids=["docker build in a workflow", "the action of GitHub", "Makefile", "Skaffold"],
)
def test_an_image_that_ci_builds_is_the_one_of_the_pod_and_no_route_of_its_own(
    tmp_path: Path, build: dict[str, str]
) -> None:
    files = {"backend/Dockerfile": DOCKERFILE, "k8s/api.yaml": MANIFEST, **build}
    assert [chain(route) for route in joined(tmp_path, files).routes] == [POD]


def test_an_image_that_nobody_is_seen_to_build_stays_apart(tmp_path: Path) -> None:
    files = {"backend/Dockerfile": DOCKERFILE, "k8s/api.yaml": MANIFEST}
    assert "dockerfile:backend/Dockerfile" in joined(tmp_path, files).addresses


def test_an_image_of_a_service_and_of_a_pod_is_declared_by_both_alone(tmp_path: Path) -> None:
    files = {
        "api/Dockerfile": DOCKERFILE,
        "k8s/api.yaml": MANIFEST,
        "compose.yaml": compose("  api:\n    build: ./api\n    command: flask run\n"),
    }
    assert not [one for one in joined(tmp_path, files).addresses if one.startswith("dockerfile:")]


def test_an_image_whose_users_run_something_else_still_counts(tmp_path: Path) -> None:
    """A worker uses the image: that its own command serves is said by nobody else."""
    worker = "  worker:\n    build: ./api\n    command: celery -A a worker\n"
    files = {"api/Dockerfile": DOCKERFILE, "compose.yaml": compose(worker)}
    assert "dockerfile:api/Dockerfile" in joined(tmp_path, files).addresses


@pytest.mark.parametrize(
    ("files", "stays"),
    [
        ({}, True),
        ({"Dockerfile": DOCKERFILE}, False),
        ({"Dockerfile": DOCKERFILE.replace("CMD", "COPY start.sh /start.sh\nCMD")}, True),
        ({"compose.yaml": compose("  web:\n    image: x\n    command: uvicorn a:b\n")}, False),
        ({"other/Dockerfile": DOCKERFILE, "scripts/x.py": ""}, True),
        ({"Dockerfile": DOCKERFILE, "deploy.service": "[Service]\nExecStart=/srv/bin/start.sh\n"}, True),
    ],
    ids=["alone", "an image serves", "the image has it", "a service serves", "elsewhere", "a unit starts it"],
)
def test_a_start_script(tmp_path: Path, files: dict[str, str], stays: bool) -> None:
    script = {"bin/start.sh": "#!/bin/sh\nexec gunicorn a:b --timeout 500\n"}
    found = joined(tmp_path, {**script, **files}).addresses
    assert any("start.sh" in one or one.startswith("systemd:") for one in found) is stays


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("registry.example.com:5000/shop/api:1", "registry.example.com:5000/shop/api"),
        ("$REGISTRY/shop/api:$TAG", "shop/api"),
        ("ghcr.io/$x/api", "api"),
        ("api@sha256:00ff", "api"),
        ("$IMAGE", ""),
        ("", ""),
    ],
)
def test_plain_names(image: str, name: str) -> None:
    assert plain_name(image) == name


def test_the_most_exact_build_is_meant(tmp_path: Path) -> None:
    builds = [ImageBuild(image="api", dockerfile="a"), ImageBuild(image="shop/api", dockerfile="b")]
    assert built_as("registry.example.com/shop/api:1", builds) == "b"
    assert built_as("registry.example.com/blog/api:1", builds) == "a"
    assert built_as("registry.example.com/blog/web:1", builds) == ""


@pytest.mark.parametrize(
    "command", ["docker build -t x ../outside", "docker build .", "docker build -t x -", ""]
)
def test_builds_that_say_nothing(tmp_path: Path, command: str) -> None:
    file = SourceFile(name="build.sh", path=tmp_path / "build.sh", head=command)
    assert not [one for one in image_builds([file]) if one.dockerfile.startswith("..") or not one.image]

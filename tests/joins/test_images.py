"""An image that something starts is one server, and a script that nothing starts is none."""

from pathlib import Path

import pytest
from joined_files import chain, compose, joined

from budgetcheck.readers.image_builds import ImageBuild, builds_in, built_as, composed_in
from budgetcheck.readers.image_names import plain_name
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
INGRESS = """\
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: api}
spec:
  rules:
    - host: api.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}
"""
POD = ["kubernetes-pod", "gunicorn"]


WORKFLOW = ".github/workflows/build.yml"
STEPS = "jobs:\n  x:\n    steps:\n"
RUN = "      - run: docker build -t registry.example.com/shop/api:$SHA backend\n"
ACTION = """\
      - uses: docker/build-push-action@v6
        with:
          context: ./backend
          tags: ${{ env.REGISTRY }}/shop/api:${{ github.sha }}
"""
MAKE = "image:\n\tdocker build --tag $(REGISTRY)/shop/api:1 \\\n\t  -f backend/Dockerfile .\n"
SKAFFOLD = """\
apiVersion: skaffold/v4beta6
kind: Config
build:
  artifacts:
    - image: shop/api
      context: backend
"""


@pytest.mark.parametrize(
    "build",
    [{WORKFLOW: STEPS + RUN}, {WORKFLOW: STEPS + ACTION}, {"Makefile": MAKE}, {"skaffold.yaml": SKAFFOLD}],
    ids=["docker build in a workflow", "the action of GitHub", "Makefile", "Skaffold"],
)
def test_an_image_that_ci_builds_is_the_one_of_the_pod_and_no_route_of_its_own(
    tmp_path: Path, build: dict[str, str]
) -> None:
    files = {"backend/Dockerfile": DOCKERFILE, "k8s/api.yaml": MANIFEST, **build}
    assert [chain(route) for route in joined(tmp_path, files).routes] == [POD]


def test_an_image_that_ci_builds_is_the_one_of_a_service(tmp_path: Path) -> None:
    build = "jobs:\n  x:\n    steps:\n      - run: docker build -t shop/api -f backend/Dockerfile .\n"
    files = {
        "backend/Dockerfile": DOCKERFILE,
        ".github/workflows/build.yml": build,
        "compose.yaml": compose("  api:\n    image: shop/api:latest\n"),
    }
    assert joined(tmp_path, files).addresses == ["compose:api"]


def test_an_image_that_compose_builds_is_the_one_of_the_pod_with_its_own_environment(tmp_path: Path) -> None:
    ready = DOCKERFILE.replace(', "--timeout", "90"', "") + "ENV GUNICORN_CMD_ARGS=--timeout=20\n"
    given = "name: main, env: [{name: GUNICORN_CMD_ARGS, value: --timeout=45}]"
    files = {
        "backend/Dockerfile": ready,
        "k8s/api.yaml": MANIFEST.replace("name: main", given) + INGRESS,
        "local/compose.yaml": compose(
            "  api:\n    image: registry.example.com/shop/api:dev\n    build: ../backend\n"
        ),
    }
    found = joined(tmp_path, files)
    (route,) = [one for one in found.routes if one.host == "api.example.com"]
    assert chain(route) == ["kubernetes-ingress", *POD]
    assert route.links[-1].evidence.name == "ADDRESS"
    assert route.chain[-1].limits[0].bound.value == 45_000


@pytest.mark.parametrize(
    ("service", "dockerfile"),
    [
        ("image: shop/api:1, build: .", "local/Dockerfile"),
        ("image: shop/api:1, build: {context: .., dockerfile: api.Dockerfile}", "api.Dockerfile"),
        ("image: shop/api:1, build: {dockerfile: api.Dockerfile}", "local/api.Dockerfile"),
        ("image: shop/api:1, build: {context: ., target: dev}", None),
        ("image: shop/api:1, build: {dockerfile_inline: FROM x}", None),
        ("image: shop/api:1, build: https://github.com/example/shop.git", None),
        ("image: shop/api:1, build: $FOLDER", None),
        ("image: $IMAGE, build: .", None),
        ("image: shop/api:1", None),
        ("build: .", None),
    ],
)
def test_what_compose_builds(tmp_path: Path, service: str, dockerfile: str | None) -> None:
    head = compose(f"  api: {{{service}}}\n")
    file = SourceFile(name="local/compose.yaml", path=tmp_path / "local" / "compose.yaml", head=head)
    found = [Path(one.dockerfile).relative_to(tmp_path).as_posix() for one in composed_in([file])]
    assert found == ([dockerfile] if dockerfile else [])


def test_where_a_script_builds_an_image_compose_is_not_asked(tmp_path: Path) -> None:
    files = {
        "backend/Dockerfile": DOCKERFILE,
        "local/Dockerfile": DOCKERFILE.replace("90", "20"),
        "k8s/api.yaml": MANIFEST,
        "compose.yaml": compose("  api: {image: registry.example.com/shop/api, build: local}\n"),
        WORKFLOW: STEPS + RUN,
    }
    pods = [one for one in joined(tmp_path, files).routes if chain(one) == POD]
    assert [one.chain[-1].limits[0].bound.value for one in pods] == [90_000]


@pytest.mark.parametrize(
    "text", ["services:", "services: [", "services: {a: }", "services: {a: {build: []}}", "services: 1"]
)
def test_odd_compose_files_build_nothing(tmp_path: Path, text: str) -> None:
    file = SourceFile(name="compose.yaml", path=tmp_path / "compose.yaml", head=text)
    assert list(composed_in([file])) == []


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


def test_the_most_exact_build_is_meant() -> None:
    builds = [ImageBuild(image="api", dockerfile="a"), ImageBuild(image="shop/api", dockerfile="b")]
    assert built_as("registry.example.com/shop/api:1", builds) == builds[1]
    assert built_as("registry.example.com/blog/api:1", builds) == builds[0]
    assert built_as("registry.example.com/blog/web:1", builds) is None


@pytest.mark.parametrize(
    "command", ["docker build -t x ../outside", "docker build .", "docker build -t x -", ""]
)
def test_builds_that_say_nothing(tmp_path: Path, command: str) -> None:
    file = SourceFile(name="build.sh", path=tmp_path / "build.sh", head=command)
    assert not [one for one in builds_in([file]) if one.dockerfile.startswith("..") or not one.image]


class TestTheOnlyDockerfile:
    """An image by a name of one's own may be the only one that is built here: a guess, and no more."""

    def test_is_a_guess(self, tmp_path: Path) -> None:
        (route,) = joined(tmp_path, {"Dockerfile": DOCKERFILE, "k8s/api.yaml": MANIFEST + INGRESS}).routes
        assert chain(route) == ["kubernetes-ingress", "kubernetes-pod", "gunicorn"]
        assert route.links[-1].evidence.name == "ONLY_CANDIDATE"

    @pytest.mark.parametrize("image", ["postgres:16", "docker.io/library/redis", "bitnami/redis:7"])
    def test_not_for_images_of_others(self, tmp_path: Path, image: str) -> None:
        manifest = (MANIFEST + INGRESS).replace("registry.example.com/shop/api:7", image)
        found = joined(tmp_path, {"Dockerfile": DOCKERFILE, "k8s/api.yaml": manifest})
        assert "dockerfile:Dockerfile" not in [inner for one in found.links.values() for inner, _ in one]

    def test_not_where_there_are_two(self, tmp_path: Path) -> None:
        files = {"x/Dockerfile": DOCKERFILE, "y/Dockerfile": DOCKERFILE, "k8s/api.yaml": MANIFEST + INGRESS}
        found = joined(tmp_path, files)
        assert not [
            one for links in found.links.values() for one, _ in links if one.startswith("dockerfile:")
        ]

    def test_two_workloads_that_may_be_it_leave_it_open(self, tmp_path: Path) -> None:
        other = MANIFEST.replace("api", "blog")
        files = {
            "Dockerfile": DOCKERFILE,
            "k8s/api.yaml": MANIFEST + "---\n" + other + INGRESS + INGRESS.replace("api", "blog"),
        }
        found = joined(tmp_path, files)
        assert not [
            one for links in found.links.values() for one, _ in links if one.startswith("dockerfile:")
        ]

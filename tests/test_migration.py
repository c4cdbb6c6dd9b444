"""Two directories: what nginx served is served by an Ingress. Host, path and method find a route again."""

from pathlib import Path

import pytest
from expectations import run_cli

from budgetcheck.compare_runs import compare_directories
from budgetcheck.model.difference import Difference, RouteChange
from budgetcheck.model.report import Verdict
from budgetcheck.render.comment import render as render_comment
from budgetcheck.render.comment import worth_a_comment
from budgetcheck.render.comment_options import CommentOptions
from budgetcheck.run import RunSettings

APP = """\
service: assistant
server: {kind: uvicorn}
routes:
  - {path: /assistant, methods: [POST], calls: [{to: api.example.org, client: httpx, timeout: 40s}]}
  - {path: /catalogue, methods: [GET], calls: [{to: db.example.org, client: httpx, timeout: 10s}]}
"""
NGINX = """\
server {
    listen 443 ssl;
    server_name shop.example.com;
    location /assistant { proxy_pass http://assistant:8000; proxy_read_timeout 60s; }
    location /catalogue { proxy_pass http://assistant:8000; proxy_read_timeout 15s; }
}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
  annotations:
    nginx.ingress.kubernetes.io/proxy-read-timeout: "{limit}"
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: {path}
            pathType: Prefix
            backend:
              service: {{name: {service}, port: {{number: 8000}}}}
---
"""
WORKLOAD = """\
apiVersion: v1
kind: Service
metadata: {name: assistant}
spec:
  selector: {app: assistant}
  ports: [{port: 8000, targetPort: 8000}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: assistant}
spec:
  template:
    metadata: {labels: {app: assistant}}
    spec:
      containers:
        - {name: assistant, image: assistant, ports: [{containerPort: 8000}]}
"""


def ingress(path: str, limit: str, service: str = "assistant") -> str:
    return INGRESS.format(name=path.strip("/"), path=path, limit=limit, service=service)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "nginx.conf").write_text(NGINX)
    (folder / "app.yaml").write_text(APP)
    return folder


def migrated(old: Path, *ingresses: str) -> Difference:
    new = old.parent / "new"
    (new / "k8s").mkdir(parents=True)
    (new / "k8s" / "shop.yaml").write_text("".join(ingresses) + WORKLOAD)
    (new / "app.yaml").write_text(APP)
    return compare_directories(old, new, settings=RunSettings(no_config=True))


def by_name(found: Difference) -> dict[str, RouteChange]:
    return {route.name: route for route in found.routes}


def test_routes_are_found_again_behind_the_ingress(old: Path) -> None:
    found = migrated(old, ingress("/assistant", "30"), ingress("/catalogue", "30"))
    routes = {name: (route.before_ms, route.after_ms) for name, route in by_name(found).items()}
    assert routes == {
        "shop.example.com/assistant": (20_000, -10_000),
        "shop.example.com/catalogue": (5_000, 20_000),
    }
    assert [(one.rule, one.routes) for one in found.new if one.severity.label == "error"] == [
        ("BC101", ("shop.example.com/assistant",))
    ]
    assert not found.lost


def test_command_names_the_routes_and_fails(old: Path) -> None:
    migrated(old, ingress("/assistant", "30"), ingress("/catalogue", "30"))
    run = run_cli("diff", f"{old}/", f"{old.parent / 'new'}/", "--no-config")
    assert run.exit_code == 1
    assert "shop.example.com/assistant: slack 20 s -> -10 s" in run.stdout


def test_number_that_nobody_knows_yet_is_a_lost_proof(old: Path) -> None:
    found = migrated(old, ingress("/assistant", "${READ_TIMEOUT}"), ingress("/catalogue", "30"))
    (lost,) = found.lost
    assert (lost.name, lost.before, lost.after) == (
        "shop.example.com/assistant",
        Verdict.FITS,
        Verdict.CANNOT_TELL,
    )
    assert not [one for one in found.new if one.severity.label == "error"], "nothing is proven to be wrong"


def test_backend_that_leads_nowhere_is_a_lost_proof(old: Path) -> None:
    """Nobody knows the methods of the new route any more; it is the old one all the same."""
    found = migrated(old, ingress("/assistant", "60", service="helper"), ingress("/catalogue", "15"))
    assert [route.name for route in found.lost] == ["shop.example.com/assistant"]
    # It begins no comment, but what is printed tells of it.
    assert not worth_a_comment(found)
    assert (
        render_comment(found, CommentOptions())
        .strip()
        .endswith("1 lost proof: `shop.example.com/assistant`: slack 20 s -> not compared")
    )


def test_slash_at_the_end_is_no_other_route(old: Path) -> None:
    found = migrated(old, ingress("/assistant", "60"), ingress("/catalogue/", "15"))
    assert "shop.example.com/catalogue" not in by_name(found)
    assert by_name(found)["shop.example.com/catalogue/"].before is Verdict.FITS


def test_path_that_is_no_longer_served_is_not_there(old: Path) -> None:
    """What was taken away on purpose is no lost proof."""
    found = migrated(old, ingress("/assistant", "60"))
    assert by_name(found)["shop.example.com/catalogue"].after is None
    assert not found.lost

"""Which findings of a change are news: none that was moved, copied or regrouped, and nothing new is hidden."""

from pathlib import Path

import pytest

from budgetcheck.compare_runs import compare_directories
from budgetcheck.model.difference import Difference
from budgetcheck.run import RunSettings

Files = dict[str, str]

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      terminationGracePeriodSeconds: {grace}
      containers:
        - name: {name}
          image: {name}
          command: [gunicorn, "main:app", --timeout, "30"]
          ports: [{{containerPort: 8000}}]
---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec:
  selector: {{app: {name}}}
  ports: [{{port: 80, targetPort: 8000}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: {name}}}
spec:
  ingressClassName: nginx
  rules:
    - host: {host}
      http:
        paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: {name}, port: {{number: 80}}}}}}}}]
"""
WEB = DEPLOYMENT.format(name="web", grace=5, host="web.example.com")
APP = """\
import requests
from fastapi import FastAPI
app = FastAPI()
@app.get("/a")
async def first():
    return requests.get("https://one.example.net", timeout=3).text
"""
SECOND = """\
@app.get("/b")
async def second():
    return requests.get("https://two.example.net", timeout=3).text
"""


def changed(tmp_path: Path, before: Files, after: Files) -> Difference:
    for state, files in (("old", before), ("new", after)):
        for name, text in files.items():
            path = tmp_path / state / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return compare_directories(tmp_path / "old", tmp_path / "new", settings=RunSettings(no_config=True))


def news(found: Difference) -> list[tuple[str, str]]:
    return [(finding.rule, finding.span.place) for finding in found.new if finding.severity > 1]


@pytest.mark.parametrize(
    "after",
    [
        pytest.param({"deploy/web.yaml": WEB}, id="moved"),
        pytest.param({"k8s/web.yaml": "# by the platform team\n" + WEB}, id="another line"),
        pytest.param({"k8s/web.yaml": WEB, "extras/web.yaml": WEB}, id="copied"),
    ],
)
def test_the_same_manifest_elsewhere_is_no_news(after: Files, tmp_path: Path) -> None:
    found = changed(tmp_path, {"k8s/web.yaml": WEB}, after)
    assert "BC402" in {finding.rule for finding in found.unchanged}
    assert news(found) == []
    assert not found.fixed


@pytest.mark.parametrize(
    ("after", "place"),
    [
        pytest.param(
            {
                "k8s/web.yaml": WEB,
                "k8s/api.yaml": DEPLOYMENT.format(name="api", grace=5, host="api.example.com"),
            },
            "k8s/api.yaml:9",
            id="another host",
        ),
        pytest.param(
            {"k8s/web.yaml": WEB.replace(": 5\n", ": 3\n")}, None, id="the old fault with less time"
        ),
        pytest.param(
            {"k8s/web.yaml": WEB, "k8s/next.yaml": WEB.replace(": 5\n", ": 4\n")},
            "k8s/next.yaml:9",
            id="a copy with another number",
        ),
    ],
)
def test_what_a_caller_can_notice_is_news(after: Files, place: str | None, tmp_path: Path) -> None:
    found = changed(tmp_path, {"k8s/web.yaml": WEB}, after)
    assert news(found) == ([("BC402", place)] if place else [])


def test_code_that_moved_is_no_news(tmp_path: Path) -> None:
    found = changed(tmp_path, {"main.py": APP + SECOND}, {"service/main.py": APP + SECOND})
    assert {finding.rule for finding in found.unchanged} >= {"BC601"}
    assert news(found) == []


def test_one_call_fewer_is_no_news(tmp_path: Path) -> None:
    found = changed(tmp_path, {"main.py": APP + SECOND}, {"main.py": APP})
    assert news(found) == []


def test_of_a_list_that_grew_only_the_growth_is_told(tmp_path: Path) -> None:
    """A new call in a handler that blocked already: its place leads, and what was there is a number."""
    longer = APP.replace("    return", '    requests.post("https://log.example.net", timeout=3)\n    return')
    found = changed(tmp_path, {"main.py": APP}, {"main.py": longer})
    assert news(found) == [("BC601", "main.py:6")]
    [finding] = [finding for finding in found.new if finding.rule == "BC601"]
    assert finding.message == "log.example.net (requests) blocks; 1 more of its kind was there before"
    assert [step.span.line for step in finding.steps if step.span and step.text.endswith(" blocks")] == [6]


def test_the_same_words_in_another_handler_are_news(tmp_path: Path) -> None:
    again = SECOND.replace("two", "one")
    found = changed(tmp_path, {"main.py": APP}, {"main.py": APP + again})
    assert news(found) == [("BC601", "main.py:9")]


def test_a_fault_that_is_repaired_here_and_made_there_is_news(tmp_path: Path) -> None:
    """The numbers are the same, the request is another."""
    other = WEB.replace("web", "api")
    fixed = WEB.replace(": 5\n", ": 60\n")
    found = changed(tmp_path, {"k8s/web.yaml": WEB}, {"k8s/web.yaml": fixed, "k8s/api.yaml": other})
    assert news(found) == [("BC402", "k8s/api.yaml:9")]
    assert [finding.rule for finding in found.fixed if finding.severity > 1] == ["BC402"]

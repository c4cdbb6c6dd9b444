"""Linkerd between one service and the next: annotations, routes and ServiceProfiles."""

from pathlib import Path

import pytest
from kubernetes_files import chain, declared, deployment, ingress, known, reading, routes, service

from budgetcheck.model.limits import Meaning

TIMEOUT = 'timeout.linkerd.io/request: "10s"'


def http_route(
    api: str = "policy.linkerd.io/v1beta3", notes: str = "", rule: str = "timeouts: {request: 7s}"
) -> str:
    return f"""---
apiVersion: {api}
kind: HTTPRoute
metadata: {{name: shop-slow, annotations: {{{notes}}}}}
spec:
  parentRefs: [{{name: shop, kind: Service, group: core, port: 80}}]
  rules:
    - matches: [{{path: {{value: /slow}}}}]
      backendRefs: [{{name: shop, port: 80}}]
      {rule}
"""


def profile(timeout: str = "timeout: 25s") -> str:
    return f"""---
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: {{name: shop.default.svc.cluster.local}}
spec:
  routes:
    - name: slow
      condition: {{method: GET, pathRegex: /slow/.*}}
      isRetryable: true
      {timeout}
"""


def test_annotations_of_a_service(tmp_path: Path) -> None:
    (found,) = routes(reading(tmp_path, {"k8s.yaml": service(annotations=TIMEOUT) + deployment()}))
    assert chain(found) == ["linkerd", "kubernetes-pod", "gunicorn"]
    limit = found.hops[0].limit(Meaning.TOTAL)
    assert limit is not None
    assert limit.bound.value == 10_000


def test_an_ingress_sends_to_the_pods_and_has_none_of_it(tmp_path: Path) -> None:
    found = routes(reading(tmp_path, {"k8s.yaml": ingress() + service(annotations=TIMEOUT) + deployment()}))
    (by_ingress,) = [one for one in found if one.host]
    assert chain(by_ingress) == ["ingress-nginx", "kubernetes-pod", "gunicorn"]


def test_a_service_without_any_annotation_has_no_such_hop(tmp_path: Path) -> None:
    found = reading(
        tmp_path, {"k8s.yaml": service(annotations='linkerd.io/inject: "enabled"') + deployment()}
    )
    assert not [d for d in found.declarations if d.component == "linkerd"]


@pytest.mark.parametrize(
    ("notes", "attempts"),
    [
        ("", 1),
        ('retry.linkerd.io/http: "5xx"', 2),
        ('retry.linkerd.io/http: "5xx", retry.linkerd.io/limit: "3"', 4),
        ('retry.linkerd.io/http: "5xx", retry.linkerd.io/limit: "3", retry.linkerd.io/timeout: "2s"', 4),
    ],
    ids=[
        "no retries",
        "one by default",
        "a limit",
        "attempts with a time of their own are repeated after it",
    ],
)
def test_retries(tmp_path: Path, notes: str, attempts: int) -> None:
    joined = ", ".join(one for one in (TIMEOUT, notes) if one)
    (found,) = routes(reading(tmp_path, {"k8s.yaml": service(annotations=joined) + deployment()}))
    assert found.hops[0].retry.attempts.value == attempts


def test_a_route_of_the_mesh(tmp_path: Path) -> None:
    found = routes(reading(tmp_path, {"k8s.yaml": http_route() + service() + deployment()}))
    (slow,) = [one for one in found if one.path == "/slow"]
    assert chain(slow) == ["linkerd", "kubernetes-pod", "gunicorn"]
    assert slow.hops[0].limits[0].bound.value == 7_000


def test_timeouts_of_a_route_replace_all_of_the_service(tmp_path: Path) -> None:
    """A response timeout on the route leaves no request timeout from the Service; its retries stay."""
    text = http_route(notes='timeout.linkerd.io/response: "3s"', rule="timeouts: {}")
    on_service = TIMEOUT + ', retry.linkerd.io/limit: "2"'
    result = reading(tmp_path, {"k8s.yaml": text + service(annotations=on_service)})
    (found,) = [d for d in result.declarations if "HTTPRoute" in d.address]
    assert {one.name for one in found.settings} == {"timeout.linkerd.io/response", "retry.linkerd.io/limit"}


def test_a_route_of_a_gateway_is_not_the_meshs(tmp_path: Path) -> None:
    text = http_route(api="gateway.networking.k8s.io/v1").replace("kind: Service", "kind: Gateway")
    assert declared(reading(tmp_path, {"k8s.yaml": text + service()}), "gateway-api")


def test_a_service_profile_replaces_annotations(tmp_path: Path) -> None:
    result = reading(tmp_path, {"k8s.yaml": profile() + service(annotations=TIMEOUT) + deployment()})
    assert known(declared(result, "linkerd"), "route.timeout") == "25s"


def test_a_profile_without_a_timeout_has_ten_seconds(tmp_path: Path) -> None:
    (found,) = routes(reading(tmp_path, {"k8s.yaml": profile("") + service() + deployment()}))
    limit = found.hops[0].limit(Meaning.TOTAL)
    assert limit is not None
    assert limit.bound.value == 10_000
    assert found.methods == ("GET",)

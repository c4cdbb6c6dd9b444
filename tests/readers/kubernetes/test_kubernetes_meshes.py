"""Gateway API, Istio and Knative."""

from pathlib import Path

import pytest
from kubernetes_files import chain, container, declared, deployment, known, reading, routes, service

from budgetcheck.budget import worst_case
from budgetcheck.model.topology import MethodClass
from budgetcheck.resolve import resolve

HTTP_ROUTE = """---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  hostnames: [shop.example.com]
  rules:
    - matches: [{path: {type: PathPrefix, value: /api}}]
      timeouts: {request: 10s, backendRequest: 2s}
      retry: {attempts: 2}
      backendRefs: [{name: shop, port: 80}]
"""


def test_a_rule_of_an_http_route(tmp_path: Path) -> None:
    result = reading(tmp_path, {"k8s.yaml": HTTP_ROUTE + service() + deployment()})
    (route,) = routes(result)
    assert chain(route) == ["gateway-api", "kubernetes-pod", "gunicorn"]
    worst = worst_case(route.hops[0], None, MethodClass.IDEMPOTENT)
    assert (worst.hang.value, worst.attempts.value) == (6_000, 3)


def test_a_gateway_of_google_has_its_own_time_and_policy(tmp_path: Path) -> None:
    more = """---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec: {gatewayClassName: gke-l7-global-external-managed}
---
apiVersion: networking.gke.io/v1
kind: GCPBackendPolicy
metadata: {name: shop}
spec: {default: {timeoutSec: 90}, targetRef: {group: "", kind: Service, name: shop}}
"""
    found = declared(
        reading(tmp_path, {"k8s.yaml": HTTP_ROUTE + more + service() + deployment()}), "gke-ingress"
    )
    assert known(found, "timeoutSec") == 90


def virtual_service(rule: str) -> str:
    return f"""---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: shop}}
spec:
  hosts: [shop.example.com]
  gateways: [edge]
  http:
    - {rule}
      route: [{{destination: {{host: shop.default.svc.cluster.local, port: {{number: 80}}}}}}]
"""


@pytest.mark.parametrize(
    ("rule", "hang"),
    [
        ("timeout: 20s", 20_000),
        ("retries: {attempts: 3, perTryTimeout: 2s, retryOn: '5xx'}", 8_175),
        ("retries: {attempts: 3, perTryTimeout: 2s}", 2_000),
        ("retries: {attempts: 0, perTryTimeout: 2s, retryOn: '5xx'}", 2_000),
        ("retries: {attempts: 3, perTryTimeout: 2s, retryOn: 'gateway-error'}\n      timeout: 5s", 5_000),
    ],
    ids=["total", "n retries", "the default repeats no timeout", "switched off", "total cuts retries"],
)
def test_times_and_retries_of_istio(tmp_path: Path, rule: str, hang: int) -> None:
    result = reading(tmp_path, {"k8s.yaml": virtual_service(rule) + service() + deployment()})
    (route,) = routes(result)
    assert chain(route) == ["istio", "kubernetes-pod", "gunicorn"]
    worst = worst_case(route.hops[0], None, MethodClass.IDEMPOTENT)
    assert worst.hang.value == hang


def test_a_destination_rule_sets_the_connections(tmp_path: Path) -> None:
    rule = """---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: shop}
spec:
  host: shop
  trafficPolicy: {connectionPool: {tcp: {connectTimeout: 3s}, http: {idleTimeout: 90s}}}
"""
    found = declared(
        reading(tmp_path, {"k8s.yaml": virtual_service("timeout: 20s") + rule + service()}), "istio"
    )
    assert known(found, "connectionPool.tcp.connectTimeout") == "3s"
    assert known(found, "connectionPool.http.idleTimeout") == "90s"


def test_a_knative_service_ends_requests_of_its_container(tmp_path: Path) -> None:
    manifest = f"""
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {{name: shop}}
spec:
  template:
    spec:
      timeoutSeconds: 120
      containers: [{container()}]
"""
    (route,) = routes(reading(tmp_path, {"k8s.yaml": manifest}))
    assert chain(route) == ["knative", "gunicorn"]
    (hop, _) = resolve(reading(tmp_path, {"k8s.yaml": manifest}).declarations).hops
    assert worst_case(hop, None, MethodClass.IDEMPOTENT).hang.value == 120_000

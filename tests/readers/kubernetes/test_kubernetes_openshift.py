"""OpenShift: Routes with their annotation, DeploymentConfigs, and templates with parameters."""

from pathlib import Path

import pytest
from kubernetes_files import declared, known, reading, unresolved, way

ROUTE = """\
apiVersion: route.openshift.io/v1
kind: Route
metadata:
  name: orders
  annotations: {{{annotations}}}
spec:
  host: {host}
  to: {{kind: Service, name: orders}}
  port: {{targetPort: {port}}}
"""
SERVED = """\
---
apiVersion: v1
kind: Service
metadata: {name: orders}
spec:
  selector: {app: orders}
  ports: [{name: web, port: 80, targetPort: 8000}, {name: admin, port: 81, targetPort: 9000}]
---
apiVersion: apps.openshift.io/v1
kind: DeploymentConfig
metadata: {name: orders}
spec:
  selector: {app: orders}
  template:
    metadata: {labels: {app: orders}}
    spec:
      containers:
        - {name: web, image: orders, command: [gunicorn, "a:b", -t, "90"], ports: [{containerPort: 8000}]}
        - {name: admin, image: admin, ports: [{containerPort: 9000}]}
"""


def route(annotations: str = "", host: str = "orders.example.com", port: str = "web") -> str:
    return ROUTE.format(annotations=annotations, host=host, port=port)


@pytest.mark.parametrize("port", ["web", "8000", "80"])
def test_a_route_leads_through_its_service_to_the_pods(port: str, tmp_path: Path) -> None:
    """A Route names the port of the Service, by name or number, or that of the pods."""
    hop = declared(reading(tmp_path, {"a.yaml": route(port=port) + SERVED}), "openshift-route")
    assert hop.front.hosts == ("orders.example.com",)
    assert [target.address for target in hop.targets] == ["kubernetes:default/DeploymentConfig/orders/web"]


def test_its_annotation_is_its_time(tmp_path: Path) -> None:
    text = route("haproxy.router.openshift.io/timeout: 2m")
    hop = declared(reading(tmp_path, {"a.yaml": text + SERVED}), "openshift-route")
    assert known(hop, "timeout") == "2m"


def test_without_an_annotation_nothing_is_written(tmp_path: Path) -> None:
    assert not declared(reading(tmp_path, {"a.yaml": route() + SERVED}), "openshift-route").settings


def test_routes_of_other_projects_are_none(tmp_path: Path) -> None:
    """Knative has Routes too."""
    text = route().replace("route.openshift.io/v1", "serving.knative.dev/v1")
    found = reading(tmp_path, {"a.yaml": text + SERVED})
    assert not [one for one in found.declarations if one.component == "openshift-route"]


TEMPLATE = """\
apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: orders}
parameters:
  - name: WAIT
    value: 90s
  - name: HOST
    required: true
objects:
  - apiVersion: route.openshift.io/v1
    kind: Route
    metadata:
      name: orders
      annotations: {haproxy.router.openshift.io/timeout: "${WAIT}"}
    spec:
      host: ${HOST}
      to: {kind: Service, name: orders}
"""


def test_parameters_of_a_template_are_filled_in(tmp_path: Path) -> None:
    hop = declared(reading(tmp_path, {"a.yaml": TEMPLATE}), "openshift-route")
    assert known(hop, "timeout") == "90s"
    assert way(hop, "timeout") == ["a.yaml:14", "a.yaml:6"]
    assert hop.front.hosts == (), "a parameter without a default is no name"


def test_a_parameter_without_a_default_is_not_known(tmp_path: Path) -> None:
    hop = declared(reading(tmp_path, {"a.yaml": TEMPLATE.replace("    value: 90s\n", "")}), "openshift-route")
    assert unresolved(hop, "timeout") == "it is filled in by another tool"

"""Which controller serves an Ingress, and what it reads."""

from pathlib import Path

import pytest
from kubernetes_files import deployment, ingress, known, reading, service, unresolved

from budgetcheck.budget import worst_case
from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration, ProblemKind, Reading
from budgetcheck.model.topology import MethodClass
from budgetcheck.resolve import resolve

READ = "nginx.ingress.kubernetes.io/proxy-read-timeout"


def front(result: Reading) -> Declaration:
    (found,) = [one for one in result.declarations if "/Ingress/" in one.address]
    return found


def ingress_class(controller: str) -> str:
    return f"""---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {{name: edge}}
spec: {{controller: {controller}}}
"""


@pytest.mark.parametrize(
    ("klass", "annotations", "more", "component"),
    [
        ("nginx", "", "", "ingress-nginx"),
        ("nginx-internal", "", "", "ingress-nginx"),
        ("nginx", 'nginx.org/proxy-read-timeout: "90s"', "", "nginx-ingress"),
        ("alb", "", "", "aws_lb"),
        ("gce", "", "", "gke-ingress"),
        ("traefik", "", "", "traefik"),
        ("edge", "", "", "kubernetes-ingress"),
        ("edge", "", ingress_class("k8s.io/ingress-nginx"), "ingress-nginx"),
        ("edge", "", ingress_class("nginx.org/ingress-controller"), "nginx-ingress"),
        ("edge", "", ingress_class("example.com/own"), "kubernetes-ingress"),
        ("", f'{READ}: "90"', "", "ingress-nginx"),
        ("", "kubernetes.io/ingress.class: gce", "", "gke-ingress"),
        ("", "kubernetes.io/ingress.global-static-ip-name: shop", "", "gke-ingress"),
        ("", f'{READ}: "90", alb.ingress.kubernetes.io/scheme: internal', "", "kubernetes-ingress"),
        ("haproxy", f'{READ}: "90"', "", "kubernetes-ingress"),
    ],
)
def test_class_and_annotations_say_which_controller(
    tmp_path: Path, klass: str, annotations: str, more: str, component: str
) -> None:
    result = reading(tmp_path, {"k8s.yaml": ingress(annotations, klass=klass) + more})
    assert front(result).component == component


def test_the_defaults_of_ingress_nginx_make_the_known_worst_case(tmp_path: Path) -> None:
    """Three tries of 5 s to connect and 60 s to read for GET; POST is sent once."""
    (hop,) = resolve([front(reading(tmp_path, {"k8s.yaml": ingress()}))]).hops
    assert worst_case(hop, None, MethodClass.IDEMPOTENT).strict.value == 195_000
    assert worst_case(hop, None, MethodClass.NON_IDEMPOTENT).strict.value == 75_000


@pytest.mark.parametrize(
    ("conditions", "get", "post"),
    [("off", 60_000, 60_000), ("error", 60_000, 60_000), ("error timeout non_idempotent", 180_000, 180_000)],
)
def test_next_upstream_decides_what_is_tried_again(
    tmp_path: Path, conditions: str, get: int, post: int
) -> None:
    annotation = f'nginx.ingress.kubernetes.io/proxy-next-upstream: "{conditions}"'
    (hop,) = resolve([front(reading(tmp_path, {"k8s.yaml": ingress(annotation)}))]).hops
    assert worst_case(hop, None, MethodClass.IDEMPOTENT).hang.value == get
    assert worst_case(hop, None, MethodClass.NON_IDEMPOTENT).hang.value == post


@pytest.mark.parametrize("value", ["60s", "1m", "1.5", "", " 60"])
def test_what_atoi_refuses_is_invalid_and_leaves_the_default(tmp_path: Path, value: str) -> None:
    result = reading(tmp_path, {"k8s.yaml": ingress(f'{READ}: "{value}"')})
    assert front(result).setting("proxy-read-timeout") is None
    (problem,) = result.problems
    assert (problem.kind, problem.span.line) == (ProblemKind.INVALID, 6)


@pytest.mark.parametrize("value", ["$(WAIT)", "${WAIT}", "__WAIT__", "<wait>"])
def test_a_placeholder_is_not_invalid_but_unknown(tmp_path: Path, value: str) -> None:
    result = reading(tmp_path, {"k8s.yaml": ingress(f'{READ}: "{value}"')})
    assert result.problems == ()
    assert "another tool" in unresolved(front(result), "proxy-read-timeout")


def test_the_controllers_config_map_counts_where_no_annotation_does(tmp_path: Path) -> None:
    config = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller}
data: {proxy-read-timeout: "300", proxy-connect-timeout: "9", worker-shutdown-timeout: 60s}
"""
    found = front(reading(tmp_path, {"k8s.yaml": config + ingress(f'{READ}: "90"')}))
    assert (known(found, "proxy-read-timeout"), known(found, "proxy-connect-timeout")) == ("90", "9")
    inherited = found.setting("proxy-connect-timeout")
    assert inherited is not None
    assert inherited.origin is Origin.INHERITED


def test_attributes_of_the_aws_controller_are_pairs(tmp_path: Path) -> None:
    annotations = (
        "alb.ingress.kubernetes.io/load-balancer-attributes: "
        '"routing.http2.enabled=true,idle_timeout.timeout_seconds=120", '
        "alb.ingress.kubernetes.io/target-group-attributes: deregistration_delay.timeout_seconds=20"
    )
    found = front(reading(tmp_path, {"k8s.yaml": ingress(annotations, klass="alb")}))
    assert (known(found, "idle_timeout"), known(found, "deregistration_delay")) == ("120", "20")


def test_a_service_names_its_backend_config(tmp_path: Path) -> None:
    config = """---
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {name: slow}
spec: {timeoutSec: 300, connectionDraining: {drainingTimeoutSec: 60}}
"""
    named = service(annotations="""cloud.google.com/backend-config: '{"default": "slow"}'""")
    found = front(reading(tmp_path, {"k8s.yaml": config + named + deployment() + ingress(klass="gce")}))
    assert (known(found, "timeoutSec"), known(found, "drainingTimeoutSec")) == (300, 60)


@pytest.mark.parametrize(
    ("spec", "attempts"), [("  replicas: 3\n", 3), ("  replicas: 1\n", 1)], ids=["three pods", "one pod"]
)
def test_the_controller_of_nginx_inc_tries_each_pod_once(tmp_path: Path, spec: str, attempts: int) -> None:
    manifest = ingress('nginx.org/proxy-read-timeout: "20s"') + service() + deployment(spec=spec)
    found = front(reading(tmp_path, {"k8s.yaml": manifest}))
    (hop,) = resolve([found]).hops
    assert hop.retry.attempts.value == attempts


def test_paths_of_all_kinds(tmp_path: Path) -> None:
    manifest = (
        ingress("nginx.ingress.kubernetes.io/rewrite-target: /$2", path="/api(/|$)(.*)")
        + service()
        + deployment()
    )
    found = front(reading(tmp_path, {"k8s.yaml": manifest}))
    (rule,) = found.front.paths
    assert (rule.prefix, rule.opaque) == ("/api", True)
    assert (found.targets[0].strip, found.targets[0].replace) == ("/api/", "/")


def test_old_versions_of_the_api_and_a_default_backend(tmp_path: Path) -> None:
    old = """
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: shop, annotations: {kubernetes.io/ingress.class: nginx}}
spec:
  backend: {serviceName: shop, servicePort: http}
"""
    result = reading(tmp_path, {"k8s.yaml": old + service() + deployment()})
    assert front(result).address == "kubernetes:default/Ingress/shop/*/"
    assert front(result).targets[0].address == "kubernetes:default/Deployment/shop/web"

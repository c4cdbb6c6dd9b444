"""Services of type LoadBalancer on AWS: which balancer is made of them, and what stands behind it."""

from pathlib import Path

import pytest
from kubernetes_files import chain, container, declared, deployment, ingress, known, reading, routes

from budgetcheck.budget import effective
from budgetcheck.model.limits import Meaning, Origin
from budgetcheck.model.settings import ProblemKind
from budgetcheck.resolve import resolve

AWS = "service.beta.kubernetes.io/aws-load-balancer-"


def balancer(
    *annotations: str, name: str = "shop", of: str = "LoadBalancer", app: str = "shop", more: str = ""
) -> str:
    noted = ", ".join(f"{AWS}{one}" for one in annotations)
    return f"""---
apiVersion: v1
kind: Service
metadata: {{name: {name}, annotations: {{{noted}}}}}
spec:
  type: {of}
{more}  selector: {{{app if ":" in app else f"app: {app}"}}}
  ports: [{{name: http, port: 80, targetPort: 8000}}, {{name: https, port: 443, targetPort: 8000}}]
"""


def test_a_classic_balancer_stands_in_front_of_the_pods(tmp_path: Path) -> None:
    text = balancer('connection-idle-timeout: "300"', "backend-protocol: http") + deployment()
    result = reading(tmp_path, {"k8s.yaml": text})
    found = declared(result, "aws_elb")
    assert known(found, "idle_timeout") == "300"
    assert found.trait("mode") == ""
    assert [chain(route) for route in routes(result)] == [["aws_elb", "kubernetes-pod", "gunicorn"]]


def test_a_tcp_listener_passes_connections_on(tmp_path: Path) -> None:
    result = reading(tmp_path, {"k8s.yaml": balancer("type: elb") + deployment()})
    (hop,) = [hop for hop in resolve(result.declarations).hops if hop.component == "aws_elb"]
    idle = hop.limit(Meaning.IDLE)
    assert hop.trait("mode") == "tcp"
    assert idle is not None
    assert effective(idle).value == 60_000


@pytest.mark.parametrize(
    ("annotations", "more"),
    [
        (("type: nlb",), ""),
        (("type: external", "nlb-target-type: ip"), ""),
        (("scheme: internet-facing",), ""),
        (("target-group-attributes: deregistration_delay.timeout_seconds=20",), ""),
        ((), "  loadBalancerClass: service.k8s.aws/nlb\n"),
        (('connection-idle-timeout: "60"',), "  loadBalancerClass: eks.amazonaws.com/nlb\n"),
    ],
)
def test_a_network_balancer_has_an_idle_timeout_of_350_s(
    tmp_path: Path, annotations: tuple[str, ...], more: str
) -> None:
    result = reading(tmp_path, {"k8s.yaml": balancer(*annotations, more=more) + deployment()})
    (hop,) = [hop for hop in resolve(result.declarations).hops if hop.component == "aws_lb"]
    idle = hop.limit(Meaning.IDLE)
    assert idle is not None
    assert effective(idle).value == 350_000
    assert idle.origin is Origin.DEFAULT


def test_where_nothing_tells_which_one_it_is_either_time_is_possible(tmp_path: Path) -> None:
    result = reading(tmp_path, {"k8s.yaml": balancer('internal: "true"') + deployment()})
    (hop,) = [hop for hop in resolve(result.declarations).hops if hop.component == "aws_elb"]
    idle = hop.limit(Meaning.IDLE)
    assert idle is not None
    assert (idle.bound.low, idle.bound.high) == (60_000, 350_000)
    assert not idle.written


def test_attributes_of_a_network_balancer(tmp_path: Path) -> None:
    same = [f'"{AWS}listener-attributes.TCP-{port}": tcp.idle_timeout.seconds=600' for port in (80, 443)]
    text = balancer("type: external", "target-group-attributes: deregistration_delay.timeout_seconds=20")
    whole = text.replace("annotations: {", f"annotations: {{{', '.join(same)}, ")
    found = declared(reading(tmp_path, {"k8s.yaml": whole + deployment()}), "aws_lb")
    assert known(found, "tcp_idle_timeout_seconds") == "600"
    assert known(found, "deregistration_delay") == "20"
    part = text.replace("annotations: {", f"annotations: {{{same[0]}, ")
    found = declared(reading(tmp_path, {"k8s.yaml": part + deployment()}), "aws_lb")
    (hop,) = resolve([found]).hops
    idle = hop.limit(Meaning.IDLE)
    assert idle is not None
    assert (idle.bound.low, idle.bound.high) == (350_000, 600_000)


def test_a_time_for_classic_balancers_has_no_effect_on_a_network_balancer(tmp_path: Path) -> None:
    text = balancer("type: nlb", 'connection-idle-timeout: "60"') + deployment()
    (problem,) = reading(tmp_path, {"k8s.yaml": text}).problems
    assert problem.kind is ProblemKind.INEFFECTIVE
    assert problem.span.text == f"{AWS}connection-idle-timeout: 60"
    assert reading(tmp_path / "elb", {"k8s.yaml": text.replace("nlb", "elb")}).problems == ()


@pytest.mark.parametrize("text", [balancer(), balancer("type: nlb", of="ClusterIP")])
def test_without_a_sign_of_aws_or_without_a_balancer_there_is_none(tmp_path: Path, text: str) -> None:
    found = reading(tmp_path, {"k8s.yaml": text + deployment()}).declarations
    assert not [one for one in found if one.component in ("aws_lb", "aws_elb")]


def test_a_service_without_a_balancer_declares_no_pod(tmp_path: Path) -> None:
    unknown = deployment(container(""))
    assert reading(tmp_path, {"k8s.yaml": balancer(of="ClusterIP") + unknown}).declarations == ()
    found = reading(tmp_path / "elb", {"k8s.yaml": balancer("type: elb") + unknown}).declarations
    assert {one.component for one in found} == {"aws_elb", "kubernetes-pod", "server"}


def test_the_balancer_of_the_controller_stands_in_front_of_its_ingresses(tmp_path: Path) -> None:
    controller = balancer("backend-protocol: http", name="edge", app="app.kubernetes.io/name: ingress-nginx")
    shop = balancer(of="ClusterIP") + deployment()
    other = ingress(name="own", klass="traefik").replace("name: own, port", "name: shop, port")
    result = reading(tmp_path, {"edge.yaml": controller, "shop.yaml": ingress() + shop + other})
    assert sorted(chain(route)[:2] for route in routes(result)) == [
        ["aws_elb", "ingress-nginx"],
        ["traefik", "kubernetes-pod"],
    ]


RELEASE = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: {name}}}
spec:
  chart: {{spec: {{chart: ingress-nginx}}}}
  values:
    controller:
      ingressClassResource: {{name: {klass}}}
      service:
        annotations:
          service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout: "{seconds}"
"""


def test_a_release_of_the_controller_has_a_balancer_for_its_own_class(tmp_path: Path) -> None:
    files = {
        "a.yaml": RELEASE.format(name="a", klass="nginx", seconds=90),
        "b.yaml": RELEASE.format(name="b", klass="inside", seconds=200),
        "shop.yaml": ingress() + balancer(of="ClusterIP") + deployment(),
    }
    result = reading(tmp_path, files)
    (route,) = [route for route in routes(result) if len(route.hops) > 1]
    assert chain(route)[:2] == ["aws_elb", "ingress-nginx"]
    idle = route.hops[0].limit(Meaning.IDLE)
    assert idle is not None
    assert effective(idle).value == 90_000


def test_values_of_the_controllers_chart(tmp_path: Path) -> None:
    values = f"""
controller:
  service:
    annotations:
      {AWS}connection-idle-timeout: "120"
    internal:
      enabled: true
      annotations:
        {AWS}internal: "true"
"""
    shop = ingress() + balancer(of="ClusterIP") + deployment()
    result = reading(tmp_path, {"ingress-nginx/values.yaml": values, "shop.yaml": shop})
    found = [one for one in result.declarations if one.component == "aws_elb"]
    assert [one.title for one in found] == [
        "balancer of ingress-nginx-controller",
        "balancer of ingress-nginx-controller-internal",
    ]
    assert {chain(route)[1] for route in routes(result) if chain(route)[0] == "aws_elb"} == {"ingress-nginx"}


def test_a_chart_that_depends_on_the_controllers_gives_it_values(tmp_path: Path) -> None:
    files = {
        "edge/Chart.yaml": "name: edge\nversion: 1.0.0\n"
        "dependencies: [{name: ingress-nginx, version: 4.0.0, repository: https://charts.example.com}]\n",
        "edge/values.yaml": "ingress-nginx:\n  controller:\n    service:\n      annotations:\n"
        f'        {AWS}connection-idle-timeout: "120"\n',
        "shop.yaml": ingress() + balancer(of="ClusterIP") + deployment(),
    }
    result = reading(tmp_path, files)
    assert {chain(route)[0] for route in routes(result)} == {"aws_elb"}

"""Times in manifests that are no times of requests, and routes that are easy to get wrong."""

from pathlib import Path

import pytest
from kubernetes_files import chain, container, declared, deployment, ingress, reading, routes, service

STACK = ingress() + service() + deployment()


def job(kind: str, spec: str) -> str:
    return f"---\napiVersion: batch/v1\nkind: {kind}\nmetadata: {{name: job}}\nspec:\n{spec}"


POD = "template: {spec: {restartPolicy: Never, containers: [" + container() + "]}}"
PROBE = "{httpGet: {path: /, port: 8000}, timeoutSeconds: 500, periodSeconds: 500, failureThreshold: 500}"


def limits(folder: Path, text: str) -> list[tuple[str, list[tuple[str, object]]]]:
    """Every limit on every route."""
    return [
        (hop.component, [(limit.setting, limit.bound) for limit in hop.limits])
        for route in routes(reading(folder, {"k8s.yaml": text}))
        for hop in route.hops
    ]


@pytest.mark.parametrize(
    "noisy",
    [
        STACK.replace("port-8000}]", f"port-8000}}], livenessProbe: {PROBE}, readinessProbe: {PROBE}"),
        STACK.replace("port-8000}]", f"port-8000}}], startupProbe: {PROBE}"),
        ingress() + service() + deployment(spec="  progressDeadlineSeconds: 5\n  minReadySeconds: 500\n"),
        STACK + job("Job", f"  backoffLimit: 9\n  activeDeadlineSeconds: 5\n  {POD}\n"),
        STACK
        + job(
            "CronJob",
            f"  startingDeadlineSeconds: 5\n  schedule: '* * * * *'\n  jobTemplate: {{spec: {{{POD}}}}}\n",
        ),
        STACK + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: times}\ndata: {TIMEOUT: '500'}\n",
        STACK + "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: shop}\n"
        "spec: {behavior: {scaleDown: {stabilizationWindowSeconds: 500}}}\n",
        STACK.replace("  rules:", "  # nginx.ingress.kubernetes.io/proxy-read-timeout: '5'\n  rules:", 1),
        ingress('nginx.ingress.kubernetes.io/session-cookie-max-age: "5"') + service() + deployment(),
        STACK + "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: shop}\nspec: {}\n",
    ],
    ids=[
        "liveness and readiness probes",
        "startup probe",
        "time for a rollout",
        "a job that is tried again",
        "a job on a schedule",
        "a ConfigMap that nobody reads",
        "the autoscaler's window",
        "an annotation that is commented out",
        "the age of a cookie",
        "a budget of disruptions",
    ],
)
def test_no_limit_of_a_request(tmp_path: Path, noisy: str) -> None:
    assert noisy != STACK
    assert limits(tmp_path, noisy) == limits(tmp_path, STACK)


def test_the_default_backend_takes_what_no_rule_takes(tmp_path: Path) -> None:
    other = service("other") + deployment(container(name="other"), name="other")
    default = ingress(path="/api").replace(
        "  rules:", "  defaultBackend: {service: {name: other, port: {number: 80}}}\n  rules:", 1
    )
    found = routes(reading(tmp_path, {"k8s.yaml": default + service() + deployment() + other}))
    assert {(one.host, one.path): one.hops[1].title for one in found} == {
        ("shop.example.com", "/api"): "shop",
        ("", "/"): "other",
    }


def test_a_canary_is_no_second_way(tmp_path: Path) -> None:
    canary = ingress(
        'nginx.ingress.kubernetes.io/canary: "true", nginx.ingress.kubernetes.io/proxy-read-timeout: "5"',
        name="shop",
    ).replace("  name: shop", "  name: canary", 1)
    found = routes(reading(tmp_path, {"k8s.yaml": STACK + canary}))
    assert len(found) == 1


def test_sidecars_are_not_what_a_service_sends_to(tmp_path: Path) -> None:
    """A log shipper without a port stands beside the server; init containers start nothing that stays."""
    side = '{name: logs, image: "fluentbit:3", command: ["gunicorn", "x", "--timeout", "500"]}'
    pod = "      initContainers: [{name: migrate, image: x, command: [gunicorn, x, --timeout, '900']}]\n"
    found = [
        one
        for one in routes(
            reading(tmp_path, {"k8s.yaml": ingress() + service() + deployment(side, container(), pod=pod)})
        )
        if one.host
    ]
    assert [chain(one) for one in found] == [["ingress-nginx", "kubernetes-pod", "gunicorn"]]
    assert found[0].hops[-1].limits[0].bound.value == 45_000


def test_quoted_numbers_and_units_of_an_annotation(tmp_path: Path) -> None:
    """The controller reads whole seconds: it passes over `90s`, which is reported, and goes on with 60."""
    result = reading(
        tmp_path, {"k8s.yaml": ingress('nginx.ingress.kubernetes.io/proxy-read-timeout: "90s"') + service()}
    )
    assert declared(result, "ingress-nginx").setting("proxy-read-timeout") is None
    assert len(result.problems) == 1

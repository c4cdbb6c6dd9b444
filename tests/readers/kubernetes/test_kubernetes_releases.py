"""Values of the controller's chart and of one's own charts, wherever a release gives them."""

from pathlib import Path

import pytest
from kubernetes_files import declared, ingress, known, reading, service, unresolved, way

STACK = {"k8s.yaml": ingress() + service()}
UMBRELLA = "ingress-nginx:\n  controller:\n    config:\n      proxy-read-timeout: 90\n"
CONFIG = "controller:\n  config:\n    proxy-read-timeout: {}\n"


def flux(values: str, chart: str = "ingress-nginx") -> str:
    indented = "".join(f"    {line}\n" for line in values.splitlines())
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: release, namespace: ingress}}
spec:
  chart: {{spec: {{chart: {chart}, sourceRef: {{kind: HelmRepository, name: x}}}}}}
  values:
{indented}"""


def argo(helm: str, source: str = "chart: ingress-nginx") -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: release}}
spec:
  source:
    {source}
    helm:
{helm}"""


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ({"ingress-nginx/values.yaml": CONFIG.format("90")}, 3),
        (
            {"umbrella/values.yaml": UMBRELLA},
            4,
        ),
        ({"flux/release.yaml": flux(CONFIG.format('"90"'))}, 9),
        (
            {
                "argo/app.yaml": argo(
                    "      values: |\n        " + CONFIG.format("90").replace("\n", "\n        ")
                )
            },
            11,
        ),
        (
            {"argo/app.yaml": argo("      valuesObject: {controller: {config: {proxy-read-timeout: 90}}}\n")},
            8,
        ),
        (
            {
                "argo/app.yaml": argo(
                    "      parameters:\n        - {name: controller.config.proxy-read-timeout, value: '90'}\n"
                )
            },
            9,
        ),
    ],
    ids=["values file", "values of a chart round it", "Flux", "Argo text", "Argo object", "Argo parameter"],
)
def test_the_controllers_configuration(tmp_path: Path, file: dict[str, str], line: int) -> None:
    found = declared(reading(tmp_path, {**STACK, **file}), "ingress-nginx")
    assert str(known(found, "proxy-read-timeout")) == "90"
    assert way(found, "proxy-read-timeout") == [f"{next(iter(file))}:{line}"]


@pytest.mark.parametrize(
    "file",
    [
        {"flux/release.yaml": flux(CONFIG.format("90"), chart="some-api")},
        {"argo/app.yaml": argo("      values: ''\n")},
        {"app/values.yaml": "controller:\n  config:\n    log-level: info\n"},
        {"traefik/values.yaml": "controller:\n  settings:\n    proxy-read-timeout: 90\n"},
    ],
    ids=["another chart", "no values", "other keys", "not the configuration"],
)
def test_what_is_not_its_configuration(tmp_path: Path, file: dict[str, str]) -> None:
    assert (
        declared(reading(tmp_path, {**STACK, **file}), "ingress-nginx").setting("proxy-read-timeout") is None
    )


def test_annotations_beat_it(tmp_path: Path) -> None:
    files = {
        "k8s.yaml": ingress('nginx.ingress.kubernetes.io/proxy-read-timeout: "30"') + service(),
        "ingress-nginx/values.yaml": CONFIG.format("90"),
    }
    assert known(declared(reading(tmp_path, files), "ingress-nginx"), "proxy-read-timeout") == "30"


def test_of_two_controllers_that_differ_none_is_taken_nor_the_default(tmp_path: Path) -> None:
    files = {
        "a/ingress-nginx/values.yaml": CONFIG.format("90"),
        "b/ingress-nginx/values.yaml": CONFIG.format("20"),
    }
    found = declared(reading(tmp_path, {**STACK, **files}), "ingress-nginx")
    assert "several" in unresolved(found, "proxy-read-timeout")
    assert found.setting("proxy-send-timeout") is None


CHART = {
    "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "charts/shop/values.yaml": "wait: 30\n",
    "charts/shop/templates/ingress.yaml": ingress(
        "nginx.ingress.kubernetes.io/proxy-read-timeout: {{ .Values.wait | quote }}"
    )
    + service(),
}


def test_a_chart_has_its_own_values_without_a_release(tmp_path: Path) -> None:
    assert known(declared(reading(tmp_path, CHART), "ingress-nginx"), "proxy-read-timeout") == 30


@pytest.mark.parametrize(
    "release",
    [
        flux("wait: 75", chart="./charts/shop"),
        argo("      values: |\n        wait: 75\n", source="path: charts/shop"),
        argo("      valueFiles: [values-live.yaml]\n", source="path: charts/shop"),
    ],
    ids=["Flux", "Argo", "Argo with a file"],
)
def test_values_of_a_release_go_over_those_of_the_chart(tmp_path: Path, release: str) -> None:
    files = {**CHART, "deploy/release.yaml": release, "charts/shop/values-live.yaml": "wait: 75\n"}
    found = declared(reading(tmp_path, files), "ingress-nginx")
    assert str(known(found, "proxy-read-timeout")) == "75"


def test_a_release_of_another_chart_changes_nothing(tmp_path: Path) -> None:
    files = {**CHART, "deploy/release.yaml": flux("wait: 75", chart="./charts/blog")}
    assert known(declared(reading(tmp_path, files), "ingress-nginx"), "proxy-read-timeout") == 30


def test_the_controller_serves_the_ingresses_of_charts(tmp_path: Path) -> None:
    chart = {**CHART, "charts/shop/templates/ingress.yaml": ingress() + service()}
    files = {**chart, "ingress-nginx/values.yaml": CONFIG.format("90")}
    assert known(declared(reading(tmp_path, files), "ingress-nginx"), "proxy-read-timeout") == 90


def test_releases_in_folders_of_environments(tmp_path: Path) -> None:
    files = {
        **CHART,
        "clusters/prod/shop.yaml": flux("wait: 75", chart="./charts/shop"),
        "clusters/dev/shop.yaml": flux("wait: 20", chart="./charts/shop"),
    }
    result = reading(tmp_path, files)
    assert str(known(declared(result, "ingress-nginx", "prod"), "proxy-read-timeout")) == "75"
    assert str(known(declared(result, "ingress-nginx", "dev"), "proxy-read-timeout")) == "20"

"""Charts as helmfile puts them out: values of each environment, literal or picked; the unknown stays so."""

from pathlib import Path

import pytest
from kubernetes_files import declared, known, reading, unresolved, way
from test_kubernetes_charts import FILES

HELMFILE = """\
environments:
  dev: {values: [env/dev.yaml]}
  production: {values: [env/production.yaml, {timeout: 90}]}
---
releases:
  - name: shop
    namespace: shops
    chart: ./chart
    values:
      - shop.yaml.gotmpl
"""
VALUES = """\
timeout: {{ .Values.timeout }}
grace: {{ if eq .Environment.Name "production" }} 100 {{ else }} 40 {{ end }}
image:
  repository: {{ requiredEnv "REGISTRY" }}/shop
"""
TREE = FILES | {
    "helmfile.yaml.gotmpl": HELMFILE,
    "shop.yaml.gotmpl": VALUES,
    "env/dev.yaml": "timeout: 20\n",
    "env/production.yaml": "timeout: 80\n",
}


@pytest.mark.parametrize(("environment", "timeout", "grace"), [("dev", 20, 40), ("production", 90, 100)])
def test_each_environment_has_its_values(environment: str, timeout: int, grace: int, tmp_path: Path) -> None:
    result = reading(tmp_path, TREE)
    server = declared(result, "gunicorn", environment)
    pod = declared(result, "kubernetes-pod", environment)
    assert str(known(server, "timeout")) == str(timeout)
    assert str(known(pod, "terminationGracePeriodSeconds")) == str(grace)
    assert {one.environment for one in result.declarations} == {"dev", "production"}
    assert {"helmfile.yaml.gotmpl", "shop.yaml.gotmpl"} <= set(result.recognised)
    assert not result.problems


def test_a_value_keeps_its_way(tmp_path: Path) -> None:
    server = declared(reading(tmp_path, TREE), "gunicorn", "dev")
    assert way(server, "timeout") == [
        "chart/templates/deployment.yaml:21",
        "shop.yaml.gotmpl:1",
        "env/dev.yaml:1",
    ]


@pytest.mark.parametrize("expression", ['requiredEnv "WAIT"', 'env "WAIT"', "exec"])
def test_what_whoever_runs_it_gives_is_not_known(expression: str, tmp_path: Path) -> None:
    """Neither a number of the chart nor one of the environment takes its place."""
    changed = {"shop.yaml.gotmpl": f"timeout: {{{{ {expression} }}}}\n"}
    assert unresolved(declared(reading(tmp_path, TREE | changed), "gunicorn", "dev"), "timeout")


REFUSED = [
    pytest.param({"shop.yaml.gotmpl": '{{ if env "A" }}timeout: 5{{ end }}\n'}, id="an unknown condition"),
    pytest.param({"env/dev.yaml": None}, id="values of the environment that are not here"),
    pytest.param({"shop.yaml.gotmpl": None}, id="values of the release that are not here"),
    pytest.param({"shop.yaml.gotmpl": "a: [\n"}, id="no YAML"),
    pytest.param(
        {"helmfile.yaml.gotmpl": HELMFILE.replace("dev: {", "dev: {secrets: [s.yaml], ")},
        id="values that may be secrets",
    ),
]


@pytest.mark.parametrize("changed", REFUSED)
def test_release_without_certain_values_is_not_read(changed: dict[str, str | None], tmp_path: Path) -> None:
    """The chart's own values are not those that are deployed."""
    files = {name: text for name, text in (TREE | changed).items() if text is not None}
    result = reading(tmp_path, files)
    assert [one for one in result.declarations if one.environment in ("", "dev")] == []
    assert result.problems


@pytest.mark.parametrize(
    "line", ["installed: false", 'installed: {{ eq .Environment.Name "other" }}', "condition: shop.enabled"]
)
def test_release_that_is_switched_off(line: str, tmp_path: Path) -> None:
    changed = {"helmfile.yaml.gotmpl": HELMFILE.replace("namespace: shops", line)}
    assert not reading(tmp_path, TREE | changed).declarations


def test_values_that_may_be_missing(tmp_path: Path) -> None:
    """helmfile is told to go on without them."""
    lenient = HELMFILE.replace("dev: {", "dev: {missingFileHandler: Warn, ")
    files = TREE | {"helmfile.yaml.gotmpl": lenient, "shop.yaml.gotmpl": "grace: 12\n"}
    del files["env/dev.yaml"]
    result = reading(tmp_path, files)
    assert str(known(declared(result, "gunicorn", "dev"), "timeout")) == "50"
    assert not result.problems


def test_plain_helmfile_without_environments(tmp_path: Path) -> None:
    helmfile = (
        "releases:\n- name: shop\n  chart: chart\n  values: [{timeout: 33}]\n"
        "  set: [{name: grace, value: 44}]\n"
    )
    result = reading(tmp_path, FILES | {"helmfile.yaml": helmfile})
    assert str(known(declared(result, "gunicorn"), "timeout")) == "33"
    assert str(known(declared(result, "kubernetes-pod"), "terminationGracePeriodSeconds")) == "44"


def test_controller_of_a_chart_that_lies_elsewhere(tmp_path: Path) -> None:
    helmfile = (
        f"{HELMFILE}  - name: nginx\n    chart: ingress-nginx/ingress-nginx\n    values: [nginx.yaml]\n"
    )
    nginx = 'controller:\n  config:\n    proxy-connect-timeout: "7"\n'
    result = reading(tmp_path, TREE | {"helmfile.yaml.gotmpl": helmfile, "nginx.yaml": nginx})
    assert str(known(declared(result, "ingress-nginx", "dev"), "proxy-connect-timeout")) == "7"


@pytest.mark.parametrize("place", ["../../secret.yaml", "/etc/passwd", r"a\0b", "{{ .x }}"])
def test_names_of_files_that_lead_nowhere(place: str, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("timeout: 1\n")
    inner = tmp_path / "a" / "b"
    helmfile = HELMFILE.replace("- shop.yaml.gotmpl", f'- "{place}"')
    result = reading(inner, TREE | {"helmfile.yaml.gotmpl": helmfile})
    assert not result.declarations

"""Bases, overlays and patches, put together without running anything."""

from pathlib import Path

import pytest
from kubernetes_files import (
    container,
    declared,
    deployment,
    ingress,
    known,
    reading,
    routes,
    service,
    unresolved,
    way,
)

BASE = {
    "base/kustomization.yaml": "resources: [all.yaml]\n",
    "base/all.yaml": ingress('nginx.ingress.kubernetes.io/proxy-read-timeout: "60"')
    + service()
    + deployment(),
}
READ = "nginx.ingress.kubernetes.io/proxy-read-timeout"


def overlay(text: str, name: str = "prod", **files: str) -> dict[str, str]:
    found = {f"overlays/{name}/kustomization.yaml": f"resources: [../../base]\n{text}"}
    return {**BASE, **found, **{f"overlays/{name}/{key}.yaml": body for key, body in files.items()}}


STRATEGIC = f"""
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations: {{{READ}: "300"}}
"""
JSON_PATCH = f"""
- op: replace
  path: /metadata/annotations/{READ.replace("/", "~1")}
  value: "300"
"""
INLINE = f"""
patches:
  - target: {{kind: Ingress, name: sh.*}}
    patch: |-
      - op: replace
        path: /metadata/annotations/{READ.replace("/", "~1")}
        value: "300"
"""


@pytest.mark.parametrize(
    ("text", "files", "place"),
    [
        ("patches: [{path: p.yaml}]\n", {"p": STRATEGIC}, "overlays/prod/p.yaml:6"),
        ("patchesStrategicMerge: [p.yaml]\n", {"p": STRATEGIC}, "overlays/prod/p.yaml:6"),
        ("patches: [{path: p.yaml, target: {kind: Ingress}}]\n", {"p": JSON_PATCH}, "overlays/prod/p.yaml:4"),
        (
            "patchesJson6902: [{path: p.yaml, target: {kind: Ingress, name: shop}}]\n",
            {"p": JSON_PATCH},
            "overlays/prod/p.yaml:4",
        ),
        (INLINE, {}, "overlays/prod/kustomization.yaml:8"),
    ],
    ids=["patch file", "old strategic", "json patch", "old json patch", "inline"],
)
def test_a_patch_sets_the_value_and_its_place(
    tmp_path: Path, text: str, files: dict[str, str], place: str
) -> None:
    found = declared(reading(tmp_path, overlay(text, **files)), "ingress-nginx", "prod")
    assert known(found, "proxy-read-timeout") == "300"
    assert way(found, "proxy-read-timeout") == [place]


@pytest.mark.parametrize(
    "text",
    [
        "patches: [{path: p.yaml, target: {kind: Ingress, name: other}}]\n",
        "patches: [{path: missing.yaml}]\n",
    ],
    ids=["aims elsewhere", "is missing"],
)
def test_a_patch_that_fits_nothing_changes_nothing(tmp_path: Path, text: str) -> None:
    found = declared(reading(tmp_path, overlay(text, p=JSON_PATCH)), "ingress-nginx", "prod")
    assert known(found, "proxy-read-timeout") == "60"


def test_a_base_counts_only_through_its_overlays(tmp_path: Path) -> None:
    files = overlay("patches: [{path: p.yaml}]\n", p=STRATEGIC) | {
        "overlays/dev/kustomization.yaml": "resources: [../../base]\n"
    }
    result = reading(tmp_path, files)
    assert result.environments == ("dev", "prod")
    assert {one.environment for one in result.declarations} == {"dev", "prod"}
    assert known(declared(result, "ingress-nginx", "dev"), "proxy-read-timeout") == "60"


def test_containers_and_variables_are_merged_by_name(tmp_path: Path) -> None:
    base = dict(BASE)
    one = container(
        '["gunicorn", "x", "--timeout", "$(WAIT)"]',
        more=', env: [{name: WAIT, value: "40"}, {name: A, value: b}]',
    )
    base["base/all.yaml"] = service() + deployment(one, container("", name="side", port=1))
    patch = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec: {template: {spec: {containers: [{name: web, env: [{name: WAIT, value: "55"}]}]}}}
"""
    found = declared(
        reading(tmp_path, {**base, **overlay("patches: [{path: p.yaml}]\n", p=patch), **base}),
        "gunicorn",
        "prod",
    )
    assert known(found, "timeout") == "55"


def test_prefixes_and_namespaces_keep_references(tmp_path: Path) -> None:
    result = reading(tmp_path, overlay("namePrefix: eu-\nnamespace: live\n"))
    (route,) = routes(result, "prod")
    assert [hop.address for hop in route.hops] == [
        "kubernetes:live/Ingress/eu-shop/shop.example.com/",
        "kubernetes:live/Deployment/eu-shop/web",
        "kubernetes:live/Deployment/eu-shop/web/server",
    ]


@pytest.mark.parametrize(
    "labels", ["commonLabels: {app: shop}", "labels: [{pairs: {app: shop}, includeSelectors: true}]"]
)
def test_labels_of_the_kustomization_are_selectors(tmp_path: Path, labels: str) -> None:
    bare = (ingress() + service() + deployment()).replace("{app: shop}", "{}")
    files = {"kustomization.yaml": f"resources: [all.yaml]\n{labels}\n", "all.yaml": bare}
    (route,) = routes(reading(tmp_path, files))
    assert len(route.hops) == 3


@pytest.mark.parametrize("source", ["literals: [WAIT=65]", "envs: [wait.env]", "env: wait.env"])
def test_generated_config_maps_reach_the_command_line(tmp_path: Path, source: str) -> None:
    one = container(
        '["gunicorn", "x", "--timeout", "$(WAIT)"]', more=", envFrom: [{configMapRef: {name: conf}}]"
    )
    files = {
        "kustomization.yaml": f"resources: [all.yaml]\nconfigMapGenerator: [{{name: conf, {source}}}]\n",
        "all.yaml": deployment(one),
        "wait.env": "WAIT=65\n",
    }
    assert known(declared(reading(tmp_path, files), "gunicorn"), "timeout") == "65"


def test_components_patch_what_is_there(tmp_path: Path) -> None:
    files = overlay("components: [../../parts/slow]\n") | {
        "parts/slow/kustomization.yaml": "kind: Component\npatches: [{path: p.yaml}]\n",
        "parts/slow/p.yaml": STRATEGIC,
    }
    assert known(declared(reading(tmp_path, files), "ingress-nginx", "prod"), "proxy-read-timeout") == "300"


def test_what_is_not_followed_is_said_once(tmp_path: Path) -> None:
    files = overlay("replacements: [{path: r.yaml}]\n") | {
        "overlays/dev/kustomization.yaml": "resources: [../../base]\nreplacements: [{path: r.yaml}]\n"
    }
    (problem,) = reading(tmp_path, files).problems
    assert "replacements" in problem.text
    assert "1 more" in problem.text


@pytest.mark.parametrize(
    "text",
    [
        "resources: [.]\n",
        "resources: [../../..]\n",
        "resources: ['https://example.com/base?ref=1']\n",
        "[]\n",
        "a: [\n",
    ],
    ids=["itself", "outside", "remote", "a list", "broken"],
)
def test_odd_kustomizations_neither_hang_nor_raise(tmp_path: Path, text: str) -> None:
    assert reading(tmp_path, {"kustomization.yaml": text}).declarations == ()


def test_a_variable_of_kustomize_stays_unknown(tmp_path: Path) -> None:
    files = {"kustomization.yaml": "resources: [i.yaml]\n", "i.yaml": ingress(f'{READ}: "$(WAIT)"')}
    assert unresolved(declared(reading(tmp_path, files), "ingress-nginx"), "proxy-read-timeout")

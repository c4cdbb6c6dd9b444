"""IngressRoutes of Traefik, and what routes and Ingresses refer to."""

from pathlib import Path

import pytest
from kubernetes_files import chain, declared, deployment, ingress, known, reading, routes, service

from budgetcheck.model.bound import UNLIMITED
from budgetcheck.model.limits import Meaning


def route(rule: str = "Host(`shop.example.com`)", more: str = "", on_service: str = "") -> str:
    return f"""---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {{name: shop}}
spec:
  routes:
    - match: {rule}
      kind: Rule
{more}      services: [{{name: shop, port: 80{on_service}}}]
"""


TRANSPORT = """---
apiVersion: traefik.io/v1alpha1
kind: ServersTransport
metadata: {name: slow}
spec:
  forwardingTimeouts: {responseHeaderTimeout: 20s, dialTimeout: 5}
"""


def middleware(spec: str, name: str = "again") -> str:
    head = "---\napiVersion: traefik.io/v1alpha1\nkind: Middleware\n"
    return f"{head}metadata: {{name: {name}}}\nspec: {{{spec}}}\n"


def test_a_route_leads_to_the_pod(tmp_path: Path) -> None:
    (found,) = routes(reading(tmp_path, {"k8s.yaml": route() + service() + deployment()}))
    assert chain(found) == ["traefik", "kubernetes-pod", "gunicorn"]
    assert (found.host, found.path) == ("shop.example.com", "/")


def test_without_a_transport_nothing_limits_the_answer(tmp_path: Path) -> None:
    (found,) = routes(reading(tmp_path, {"k8s.yaml": route() + service() + deployment()}))
    limit = found.hops[0].limit(Meaning.FIRST_BYTE)
    assert limit is not None
    assert limit.bound == UNLIMITED


def test_a_transport_of_the_service_limits_it(tmp_path: Path) -> None:
    files = {"k8s.yaml": route(on_service=", serversTransport: slow") + TRANSPORT + service() + deployment()}
    found = declared(reading(tmp_path, files), "traefik")
    assert known(found, "forwardingTimeouts.responseHeaderTimeout") == "20s"
    assert known(found, "forwardingTimeouts.dialTimeout") == 5


def test_a_transport_that_nobody_names_limits_nothing(tmp_path: Path) -> None:
    found = declared(reading(tmp_path, {"k8s.yaml": route() + TRANSPORT + service()}), "traefik")
    assert found.settings == ()


def test_an_ingress_names_both_by_annotation(tmp_path: Path) -> None:
    notes = 'traefik.ingress.kubernetes.io/router.middlewares: "default-again@kubernetescrd"'
    on_service = 'traefik.ingress.kubernetes.io/service.serverstransport: "default-slow@kubernetescrd"'
    text = ingress(notes, klass="traefik") + service(annotations=on_service)
    files = {"k8s.yaml": text + TRANSPORT + middleware("retry: {attempts: 4}")}
    found = declared(reading(tmp_path, files), "traefik")
    assert known(found, "forwardingTimeouts.responseHeaderTimeout") == "20s"
    assert known(found, "retry.attempts") == 4


def test_retries_repeat_only_what_could_not_connect(tmp_path: Path) -> None:
    text = route(more="      middlewares: [{name: again}]\n") + middleware("retry: {attempts: 4}")
    (found,) = routes(reading(tmp_path, {"k8s.yaml": text + service() + deployment()}))
    retry = found.hops[0].retry
    assert (retry.attempts.value, retry.connects.value) == (1, 4)


def test_a_route_that_redirects_is_no_way_to_the_service(tmp_path: Path) -> None:
    text = route(more="      middlewares: [{name: again}]\n") + middleware("redirectScheme: {scheme: https}")
    assert not [d for d in reading(tmp_path, {"k8s.yaml": text}).declarations if d.component == "traefik"]


@pytest.mark.parametrize(
    ("rule", "hosts", "paths"),
    [
        ("Host(`a.example.com`, `b.example.com`)", ("a.example.com", "b.example.com"), ("/",)),
        ("Host(`a.example.com`) && PathPrefix(`/api`)", ("a.example.com",), ("/api",)),
        ("Host(`a.example.com`) && Path(`/x`)", ("a.example.com",), ("/x",)),
        ("Host(`a.example.com`) || Host(`b.example.com`)", ("a.example.com", "b.example.com"), ("/",)),
        ("Host(`a.example.com`) || PathPrefix(`/api`)", (), ("/",)),
        ("HostRegexp(`.+`)", (), ("/",)),
        ("Host(`a.example.com`) && !PathPrefix(`/api`)", ("a.example.com",), ("/",)),
        ("nonsense((((", (), ("/",)),
    ],
    ids=["two hosts", "prefix", "exact", "either host", "mixed", "pattern", "negated", "nonsense"],
)
def test_rules(tmp_path: Path, rule: str, hosts: tuple[str, ...], paths: tuple[str, ...]) -> None:
    found = reading(tmp_path, {"k8s.yaml": route(f"'{rule}'") + service()})
    fronts = [d.front for d in found.declarations if d.component == "traefik"]
    assert {front.hosts for front in fronts} == {hosts}
    assert tuple(path.pattern for front in fronts for path in front.paths) == paths

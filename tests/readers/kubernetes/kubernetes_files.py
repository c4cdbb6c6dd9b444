"""Writes manifests into a folder, discovers and reads them; short manifests to build cases from."""

from collections.abc import Mapping
from pathlib import Path

from budgetcheck.discover import discover, environments
from budgetcheck.link import link
from budgetcheck.model.options import Options
from budgetcheck.model.settings import Declaration, Known, Reading, Setting, Unresolved
from budgetcheck.model.topology import Route
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.kubernetes import read
from budgetcheck.resolve import resolve


def reading(folder: Path, files: Mapping[str, str]) -> Reading:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = discover([folder], folder)
    context = ReadContext(
        tree=found.tree,
        options=Options(),
        environments=environments(found.files, Options(), found.tree),
        siblings=found.files,
    )
    return read(found.claimed_by("kubernetes"), context)


def declared(result: Reading, component: str, environment: str = "") -> Declaration:
    """The only declaration of a component in an environment."""
    found = [d for d in result.declarations if (d.component, d.environment) == (component, environment)]
    assert len(found) == 1, [(d.component, d.address, d.environment) for d in result.declarations]
    return found[0]


def known(declaration: Declaration, name: str) -> object:
    setting = _setting(declaration, name)
    assert isinstance(setting.value, Known), setting.value
    return setting.value.value


def unresolved(declaration: Declaration, name: str) -> str:
    setting = _setting(declaration, name)
    assert isinstance(setting.value, Unresolved), setting.value
    return setting.value.reason


def way(declaration: Declaration, name: str) -> list[str]:
    """The places a value came through, the place of use first."""
    return [span.place for span in _setting(declaration, name).spans]


def _setting(declaration: Declaration, name: str) -> Setting:
    found = declaration.setting(name)
    assert found is not None, declaration.settings
    return found


def routes(result: Reading, environment: str = "") -> tuple[Route, ...]:
    mine = [d for d in result.declarations if d.environment in ("", environment)]
    return link(resolve(mine).hops, Options())[1]


def chain(route: Route) -> list[str]:
    return [hop.component for hop in route.hops]


def ingress(
    annotations: str = "",
    *,
    name: str = "shop",
    klass: str = "nginx",
    path: str = "/",
    port: str = "number: 80",
) -> str:
    noted = f"  annotations: {{{annotations}}}\n" if annotations else ""
    stated = f"  ingressClassName: {klass}\n" if klass else ""
    return f"""---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
{noted}spec:
{stated}  rules:
    - host: {name}.example.com
      http:
        paths:
          - path: {path}
            pathType: Prefix
            backend:
              service: {{name: {name}, port: {{{port}}}}}
"""


def service(name: str = "shop", target: str = "8000", annotations: str = "") -> str:
    return f"""---
apiVersion: v1
kind: Service
metadata: {{name: {name}, annotations: {{{annotations}}}}}
spec:
  selector: {{app: {name}}}
  ports: [{{name: http, port: 80, targetPort: {target}}}]
"""


def container(
    command: str = '["gunicorn", "shop.wsgi", "--timeout", "45"]',
    *,
    name: str = "web",
    port: int = 8000,
    more: str = "",
) -> str:
    run = f", command: {command}" if command else ""
    ports = f"[{{containerPort: {port}, name: port-{port}}}]"
    return f'{{name: {name}, image: "registry.example.com/{name}:1", ports: {ports}{run}{more}}}'


def deployment(*containers: str, name: str = "shop", spec: str = "", pod: str = "") -> str:
    listed = ", ".join(containers or (container(),))
    return f"""---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
{spec}  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
{pod}      containers: [{listed}]
"""

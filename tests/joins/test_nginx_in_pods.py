"""From an Ingress through the pod of an nginx to the application behind it."""

from pathlib import Path

import pytest
from joined_files import chain, declaration, joined, prepared, value, way

from budgetcheck.model.bound import ONE

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: gateway, port: {number: 80}}}}
---
"""


def service(name: str, port: int, more: str = "") -> str:
    return f"""\
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec:
  selector: {{app: {name}}}
  ports: [{{port: 80, targetPort: {port}}}]
{more}---
"""


def deployment(name: str, *containers: str, volumes: str = "") -> str:
    listed = "".join(f"        - {container}\n" for container in containers)
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      volumes: [{volumes}]
      containers:
{listed}---
"""


def config_map(site: str, key: str = "default.conf") -> str:
    block = "".join(f"    {line}\n" for line in site.splitlines())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: site}}\ndata:\n  {key}: |\n{block}---\n"


def site(target: str, wait: str = "45s") -> str:
    return f"""\
server {{
  listen 8080;
  location / {{
    proxy_pass {target};
    proxy_read_timeout {wait};
  }}
}}
"""


VOLUME = "{name: site, configMap: {name: site}}"
MOUNT = "volumeMounts: [{name: site, mountPath: /etc/nginx/conf.d}]"
NGINX = "{name: nginx, image: nginx:1.27, ports: [{containerPort: 8080}], " + MOUNT + "}"
APP = "{name: app, image: app, ports: [{containerPort: 8000}], command: [gunicorn, a:b, --timeout, '30']}"
API = service("api", 8000) + deployment("api", APP)
GATEWAY = service("gateway", 8080) + deployment("gateway", NGINX, volumes=VOLUME)
PLACE = "nginx:_/ [default/Deployment/gateway]"


def test_the_whole_chain(tmp_path: Path) -> None:
    found = joined(tmp_path, {"k8s.yaml": INGRESS + GATEWAY + config_map(site("http://api")) + API})
    (route,) = found.routes
    assert chain(route) == ["ingress-nginx", "kubernetes-pod", "nginx", "kubernetes-pod", "gunicorn"]
    assert [link.evidence.name for link in route.links] == ["REFERENCE", "REFERENCE", "ADDRESS", "REFERENCE"]


def test_lines_are_those_of_the_manifest(tmp_path: Path) -> None:
    files = {"k8s.yaml": config_map(site("http://api")) + GATEWAY}
    found = declaration(tmp_path, files, PLACE)
    lines = files["k8s.yaml"].splitlines()
    assert way(found, "proxy_read_timeout") == [
        f"k8s.yaml:{lines.index('        proxy_read_timeout 45s;') + 1}"
    ]
    assert found.span.line == lines.index("      location / {") + 1


@pytest.mark.parametrize(
    ("mount", "key", "read"),
    [
        ("{name: site, mountPath: /etc/nginx/conf.d}", "default.conf", True),
        (
            "{name: site, mountPath: /etc/nginx/conf.d/default.conf, subPath: default.conf}",
            "default.conf",
            True,
        ),
        (
            "{name: site, mountPath: /etc/nginx/conf.d/default.conf, subPath: other.conf}",
            "default.conf",
            False,
        ),
        ("{name: site, mountPath: /usr/share/nginx/html}", "index.html", False),
        ("{name: site, mountPath: /etc/nginx/templates}", "default.conf.template", True),
    ],
    ids=["folder", "one file", "another file", "what nginx serves", "template"],
)
def test_what_is_mounted_where(tmp_path: Path, mount: str, key: str, read: bool) -> None:
    nginx = "{name: nginx, image: nginx:1.27, volumeMounts: [" + mount + "]}"
    files = {"k8s.yaml": config_map(site("http://api"), key) + deployment("gateway", nginx, volumes=VOLUME)}
    assert (PLACE in joined(tmp_path, files).addresses) is read


def test_a_config_map_that_no_container_mounts_is_not_in_force(tmp_path: Path) -> None:
    files = {"k8s.yaml": config_map(site("http://api")) + API}
    assert not [one for one in joined(tmp_path, files).addresses if one.startswith("nginx:")]


def test_a_template_gets_the_variables_of_its_container(tmp_path: Path) -> None:
    mount = "volumeMounts: [{name: site, mountPath: /etc/nginx/templates}]"
    nginx = "{name: nginx, image: nginx:1.27, env: [{name: WAIT, value: 75s}], " + mount + "}"
    text = config_map(site("http://api", "${WAIT}"), "default.conf.template")
    files = {"k8s.yaml": text + deployment("gateway", nginx, volumes=VOLUME)}
    assert value(declaration(tmp_path, files, PLACE), "proxy_read_timeout") == "75s"


def test_nginx_and_the_app_in_one_pod(tmp_path: Path) -> None:
    """Another pod listens on the same port: within a pod localhost is the pod."""
    pod = service("gateway", 8080) + deployment("gateway", NGINX, APP, volumes=VOLUME)
    other = service("other", 8000) + deployment(
        "other", APP, APP.replace("name: app", "name: b").replace("8000", "8001")
    )
    files = {"k8s.yaml": INGRESS + pod + config_map(site("http://127.0.0.1:8000")) + other}
    (route,) = [one for one in joined(tmp_path, files).routes if one.host]
    assert [hop.address for hop in route.hops][2:] == [
        PLACE,
        "kubernetes:default/Deployment/gateway/app/server",
    ]


def test_an_image_that_a_dockerfile_configures(tmp_path: Path) -> None:
    gateway = "{name: gateway, image: registry.example.com/gateway:1, ports: [{containerPort: 8080}]}"
    files = {
        "gateway/Dockerfile": "FROM nginx:1.27\nCOPY default.conf /etc/nginx/conf.d/default.conf\n",
        "gateway/default.conf": site("http://api"),
        "k8s.yaml": INGRESS + service("gateway", 8080) + deployment("gateway", gateway) + API,
    }
    (route,) = joined(tmp_path, files).routes
    assert chain(route) == ["ingress-nginx", "kubernetes-pod", "nginx", "kubernetes-pod", "gunicorn"]


def test_the_image_of_nginx_itself_is_not_built_here(tmp_path: Path) -> None:
    """A folder called nginx with a Dockerfile is another image than the official one."""
    files = {
        "nginx/Dockerfile": "FROM nginx:1.27\nCOPY default.conf /etc/nginx/conf.d/default.conf\n",
        "nginx/default.conf": site("http://api"),
        "k8s.yaml": INGRESS
        + service("gateway", 8080)
        + deployment("gateway", "{name: nginx, image: nginx:1.27}"),
    }
    assert "nginx" not in [
        hop for route in joined(tmp_path, files).routes if route.host for hop in chain(route)
    ]


@pytest.mark.parametrize(
    ("more", "single"),
    [
        ("", True),
        ("  clusterIP: None\n", False),
        ("  type: ExternalName\n  externalName: api.example.com\n", False),
    ],
    ids=["kube-proxy", "headless", "somewhere else"],
)
def test_how_many_addresses_a_service_has(tmp_path: Path, more: str, single: bool) -> None:
    files = {
        "k8s.yaml": GATEWAY
        + config_map(site("http://api.default.svc.cluster.local"))
        + service("api", 8000, more)
    }
    assert (declaration(tmp_path, files, PLACE).peers == ONE) is single


def test_a_broken_configuration_is_reported_at_its_line(tmp_path: Path) -> None:
    files = {"k8s.yaml": config_map("server {\n  listen 80\n  location / { }\n") + GATEWAY}
    problems = prepared(tmp_path, files).reading.problems
    assert {one.span.file for one in problems} == {"k8s.yaml"}
    assert all(5 < one.span.line < 10 for one in problems)

"""Nothing that stands in these files makes the joins fail or takes them long."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joined_files import NGINX, compose, joined, prepared, proxy, web

from budgetcheck.readers.image_builds import builds_in, built_as
from budgetcheck.readers.image_names import plain_name
from budgetcheck.readers.nginx.filling import filled
from budgetcheck.readers.nginx.lexing import parse
from budgetcheck.readers.processes.texts import literal
from budgetcheck.readers.traefik import read_rule
from budgetcheck.tree import SourceFile

RESOURCE = "apiVersion: x\nkind: {}\nmetadata: {{name: a}}\nspec: {}\n"
TEXTS = st.text(alphabet="ab`(|&!){}$,'\"./:@-= \n", max_size=80)


@given(TEXTS)
def test_any_rule_is_read(text: str) -> None:
    rule = read_rule(text)
    assert all(isinstance(host, str) for host in rule.hosts)


@given(TEXTS)
def test_any_image_name_is_plain(text: str) -> None:
    assert "$" not in plain_name(text)
    assert built_as(text, ()) is None


@given(TEXTS)
def test_any_command_is_looked_through(text: str) -> None:
    file = SourceFile(
        name="a.yml", path=Path("a.yml"), head=f"docker build {text}\ndocker/build-push-action\n{text}"
    )
    for build in builds_in([file]):
        assert not build.dockerfile.startswith(("/", ".."))


@given(TEXTS)
def test_whatever_a_variable_holds_the_file_stays_one_statement(held: str) -> None:
    parsed = filled(parse("proxy_read_timeout ${WAIT};", "x"), lambda _: literal(held))
    (statement,) = parsed.statements
    assert statement.name == "proxy_read_timeout"
    assert all(set(arg) <= set("0123456789.abcdefhinmorstuy ${}WAITEFLNS") for arg in statement.args)


@pytest.mark.parametrize(
    "files",
    [
        {
            "compose.yaml": compose(
                "  a:\n    image: nginx\n    volumes: ['/etc:/etc/nginx', '../..:/x', '\\0:/y']\n"
            )
        },
        {"compose.yaml": "services: [a, b]\n"},
        {
            "compose.yaml": compose(
                "  a:\n    image: {x: y}\n    labels: [{a: b}, 3]\n    ports: [{target: []}]\n"
            )
        },
        {"compose.yaml": compose(web(more="    ports: ['99999:99999', '${X', '::::']\n    scale: [1]\n"))},
        {"k8s.yaml": "apiVersion: v1\nkind: Service\nmetadata: [x]\nspec: 3\n"},
        {"k8s.yaml": RESOURCE.format("IngressRoute", "{routes: [{match: 3, services: [3]}]}")},
        {"k8s.yaml": RESOURCE.format("HelmRelease", "{chart: 3, values: 3}")},
        {
            "k8s.yaml": RESOURCE.format(
                "Application",
                "{source: {chart: ingress-nginx, "
                "helm: {values: '{{', parameters: [{name: '....', value: 1}, 3]}}}",
            )
        },
        {"ingress-nginx/values.yaml": "controller:\n  config:\n    proxy-read-timeout: [1\n"},
    ],
    ids=[
        "mounts that lead outside",
        "services as a list",
        "keys of odd kinds",
        "odd ports",
        "odd Service",
        "odd IngressRoute",
        "odd HelmRelease",
        "odd Application",
        "broken values",
    ],
)
def test_odd_files(tmp_path: Path, files: dict[str, str]) -> None:
    prepared(tmp_path, {**files, "nginx/default.conf": NGINX})


def test_values_that_refer_to_one_another_without_end(tmp_path: Path) -> None:
    lines = "A=${B}\nB=${A}\n" + "".join(f"V{n}=${{V{n - 1}}}${{V{n - 1}}}\n" for n in range(1, 60))
    files = {
        ".env": f"V0=xxxxxxxx\n{lines}",
        "nginx/templates/a.conf.template": NGINX.replace("${WAIT}", "${V59}${A}"),
        "compose.yaml": compose(proxy("    env_file: .env\n")),
    }
    prepared(tmp_path, files)


def test_many_services_and_locations_take_no_square_of_time(tmp_path: Path) -> None:
    locations = "".join(f"  location /{n}/ {{ proxy_pass http://s{n}:8000; }}\n" for n in range(400))
    services = [f"  s{n}:\n    image: x\n    command: gunicorn a:b -b :8000\n" for n in range(400)]
    files = {
        "nginx/default.conf": f"server {{\n  listen 80;\n{locations}}}\n",
        "compose.yaml": compose(
            proxy(files="./nginx/default.conf:/etc/nginx/conf.d/default.conf"), *services
        ),
    }
    start = time.process_time()
    assert len(joined(tmp_path, files).routes) == 400
    assert time.process_time() - start < 20

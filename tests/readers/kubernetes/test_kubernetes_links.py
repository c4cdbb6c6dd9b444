"""From an Ingress through Service, selector and port to the server in a container."""

from pathlib import Path

import pytest
from kubernetes_files import (
    chain,
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

from budgetcheck.model.topology import Evidence

STACK = ingress() + service() + deployment()


def test_every_link_is_a_reference(tmp_path: Path) -> None:
    (route,) = routes(reading(tmp_path, {"k8s.yaml": STACK}))
    assert chain(route) == ["ingress-nginx", "kubernetes-pod", "gunicorn"]
    assert [link.evidence for link in route.links] == [Evidence.REFERENCE, Evidence.REFERENCE]
    assert (route.host, route.path) == ("shop.example.com", "/")
    assert [hop.address for hop in route.hops] == [
        "kubernetes:default/Ingress/shop/shop.example.com/",
        "kubernetes:default/Deployment/shop/web",
        "kubernetes:default/Deployment/shop/web/server",
    ]


@pytest.mark.parametrize(
    ("target", "port"),
    [("port-8000", "number: 80"), ("8000", "name: http"), ('"8000"', "number: 80")],
    ids=["named container port", "named service port", "quoted number"],
)
def test_ports_lead_to_the_container_by_number_or_name(tmp_path: Path, target: str, port: str) -> None:
    side = container('["uvicorn", "admin:app"]', name="side", port=9000)
    files = {"k8s.yaml": ingress(port=port) + service(target=target) + deployment(side, container())}
    (route,) = [r for r in routes(reading(tmp_path, files)) if r.host]
    assert chain(route) == ["ingress-nginx", "kubernetes-pod", "gunicorn"]


def test_other_selectors_and_namespaces_do_not_match(tmp_path: Path) -> None:
    other = deployment(name="shop2") + deployment().replace("{name: shop}", "{name: shop, namespace: other}")
    mine = service().replace("name: shop,", "name: shop, namespace: mine,", 1)
    files = {
        "k8s.yaml": ingress().replace("name: shop\n", "name: shop\n  namespace: mine\n", 1) + mine + other
    }
    (route,) = [r for r in routes(reading(tmp_path, files)) if r.host]
    assert chain(route) == ["ingress-nginx"]


def test_of_two_resources_with_one_name_the_closer_file_is_meant(tmp_path: Path) -> None:
    slow = deployment(container('["gunicorn", "x", "--timeout", "300"]'))
    result = reading(tmp_path, {"a/all.yaml": STACK, "b/all.yaml": ingress() + service() + slow})
    found = {route.hops[0].address: route.hops[-1].limits[0].bound.value for route in routes(result)}
    assert found == {
        "kubernetes:default/Ingress/shop@a/all.yaml/shop.example.com/": 45_000,
        "kubernetes:default/Ingress/shop@b/all.yaml/shop.example.com/": 300_000,
    }


def test_of_several_that_are_equally_far_none_is_taken(tmp_path: Path) -> None:
    files = {"a/d.yaml": deployment(), "b/d.yaml": deployment(), "c/i.yaml": ingress() + service()}
    (route,) = [one for one in routes(reading(tmp_path, files)) if one.host]
    assert chain(route) == ["ingress-nginx"]


def test_folders_of_tests_and_examples_are_passed_over(tmp_path: Path) -> None:
    files = {"k8s/all.yaml": STACK, "examples/all.yaml": STACK, "tests/e2e/all.yaml": STACK}
    assert len(routes(reading(tmp_path, files))) == 1


def test_a_service_that_is_not_in_the_files_is_not_guessed(tmp_path: Path) -> None:
    files = {"i.yaml": ingress(), "other.yaml": deployment(name="other"), "Procfile": "web: gunicorn x\n"}
    assert [chain(one) for one in routes(reading(tmp_path, files)) if one.host] == [["ingress-nginx"]]


def test_a_service_may_select_several_workloads(tmp_path: Path) -> None:
    green = deployment().replace("metadata: {name: shop}", "metadata: {name: green}")
    result = reading(tmp_path, {"k8s.yaml": ingress() + service() + deployment(), "green.yaml": green})
    assert {one.hops[1].title for one in routes(result) if one.host} == {"shop", "green"}


def test_folders_named_after_environments_are_environments(tmp_path: Path) -> None:
    slow = deployment(container('["gunicorn", "x", "--timeout", "300"]'))
    result = reading(
        tmp_path, {"common.yaml": ingress() + service(), "prod/d.yaml": deployment(), "dev/d.yaml": slow}
    )
    assert result.environments == ("dev", "prod")
    assert known(declared(result, "gunicorn", "prod"), "timeout") == "45"
    assert known(declared(result, "gunicorn", "dev"), "timeout") == "300"


def test_a_container_whose_command_is_not_known_claims_nothing(tmp_path: Path) -> None:
    result = reading(tmp_path, {"k8s.yaml": ingress() + service() + deployment(container(""))})
    (route,) = routes(result)
    assert chain(route) == ["ingress-nginx", "kubernetes-pod", "server"]
    assert route.hops[-1].limits == ()


def test_a_worker_of_a_queue_has_its_pod_in_front_of_it_and_nothing_else(tmp_path: Path) -> None:
    worker = deployment(container('["celery", "-A", "shop", "worker", "--time-limit", "90"]'))
    (route,) = [one for one in routes(reading(tmp_path, {"k8s.yaml": ingress() + worker})) if not one.host]
    assert chain(route) == ["kubernetes-pod", "celery"]
    assert route.hops[-1].limits[0].bound.value == 90_000


def test_a_dockerfile_called_like_the_image_says_what_runs(tmp_path: Path) -> None:
    dockerfile = (
        'FROM python:3.12\nENV WAIT=70\nENTRYPOINT ["gunicorn", "web.wsgi"]\nCMD ["--timeout", "90"]\n'
    )
    files = {"web/Dockerfile": dockerfile, "k8s.yaml": ingress() + service() + deployment(container(""))}
    (route,) = [r for r in routes(reading(tmp_path, files)) if r.host]
    assert chain(route) == ["ingress-nginx", "kubernetes-pod", "gunicorn"]
    assert [link.evidence for link in route.links] == [Evidence.REFERENCE, Evidence.ADDRESS]
    assert route.hops[-1].limits[0].bound.value == 90_000


@pytest.mark.parametrize(
    ("copies", "timeout"),
    [
        pytest.param({"Dockerfile": "conf/web.py"}, "70", id="the only one"),
        pytest.param({"Dockerfile": "conf/web.py", "other/Dockerfile": "web.py"}, "", id="two that differ"),
        pytest.param({"test/Dockerfile": "conf/web.py"}, "", id="one for tests"),
    ],
)
def test_a_file_of_an_image_that_no_dockerfile_is_called_like(
    copies: dict[str, str], timeout: str, tmp_path: Path
) -> None:
    """The manifest gives the command, and any Dockerfile that puts a file there puts the same one there."""
    files = {
        name: f"FROM python:3.12\nCOPY {source} /etc/gunicorn/web.py\n" for name, source in copies.items()
    }
    configuration = {"conf/web.py": "timeout = 70\n", "other/web.py": "timeout = 30\n"}
    command = '["gunicorn", "-c", "/etc/gunicorn/web.py", "web.wsgi"]'
    manifest = {"k8s.yaml": service() + deployment(container(command))}
    found = declared(reading(tmp_path, files | configuration | manifest), "gunicorn")
    if timeout:
        assert known(found, "timeout") == timeout
    else:
        assert "web.py is not among these files" in unresolved(found, "timeout")


def test_args_replace_the_images_command_and_keep_its_entrypoint(tmp_path: Path) -> None:
    dockerfile = 'FROM python:3.12\nENTRYPOINT ["gunicorn", "web.wsgi"]\nCMD ["--timeout", "90"]\n'
    one = container("", more=', args: ["--timeout", "15"]')
    files = {"web/Dockerfile": dockerfile, "k8s.yaml": service() + deployment(one)}
    assert known(declared(reading(tmp_path, files), "gunicorn"), "timeout") == "15"


ENVIRONMENT = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  wait: "75"
  GUNICORN_CMD_ARGS: --graceful-timeout 20
---
apiVersion: v1
kind: Secret
metadata: {name: settings}
stringData: {GUNICORN_CMD_ARGS: "--timeout 1"}
"""


def test_variables_follow_config_maps_to_the_command_line(tmp_path: Path) -> None:
    command = '["gunicorn", "x", "--timeout", "$(WAIT)"]'
    env = ", env: [{name: WAIT, valueFrom: {configMapKeyRef: {name: settings, key: wait}}}]"
    both = env + ", envFrom: [{configMapRef: {name: settings}}]"
    result = reading(tmp_path, {"k8s.yaml": ENVIRONMENT + deployment(container(command, more=both))})
    server = declared(result, "gunicorn")
    assert known(server, "timeout") == "75"
    assert way(server, "timeout")[-1] == "k8s.yaml:6"
    assert known(server, "graceful_timeout") == "20"


def test_of_a_secret_only_its_keys_count(tmp_path: Path) -> None:
    env = ", env: [{name: WAIT, valueFrom: {secretKeyRef: {name: settings, key: wait}}}]"
    command = '["gunicorn", "x", "--timeout", "$(WAIT)"]'
    result = reading(tmp_path, {"k8s.yaml": ENVIRONMENT + deployment(container(command, more=env))})
    assert "Secret" in unresolved(declared(result, "gunicorn"), "timeout")


def test_a_mounted_config_map_is_a_configuration_file(tmp_path: Path) -> None:
    config = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data:
  gunicorn.conf.py: |
    timeout = 33
"""
    pod = "      volumes: [{name: conf, configMap: {name: conf}}]\n"
    mount = ", volumeMounts: [{name: conf, mountPath: /etc/gunicorn}]"
    one = container('["gunicorn", "x", "-c", "/etc/gunicorn/gunicorn.conf.py"]', more=mount)
    server = declared(reading(tmp_path, {"k8s.yaml": config + deployment(one, pod=pod)}), "gunicorn")
    assert (known(server, "timeout"), way(server, "timeout")) == ("33", ["k8s.yaml:7"])


def test_shell_text_in_a_block_keeps_its_lines(tmp_path: Path) -> None:
    manifest = deployment(container("")).replace(
        "containers: [",
        "containers:\n        - name: web\n          args:\n            - sh\n            - -c\n"
        "            - |\n              set -e\n              exec gunicorn x --timeout 50\n#",
    )
    server = declared(reading(tmp_path, {"k8s.yaml": manifest}), "gunicorn")
    line = manifest.split("\n").index("              exec gunicorn x --timeout 50") + 1
    assert (known(server, "timeout"), way(server, "timeout")) == ("50", [f"k8s.yaml:{line}"])


@pytest.mark.parametrize(
    ("pod", "more", "expected"),
    [
        ("      terminationGracePeriodSeconds: 40\n", "", 40),
        ("      terminationGracePeriodSeconds: 40\n", ", lifecycle: {preStop: {sleep: {seconds: 15}}}", 25),
        ("", ', lifecycle: {preStop: {exec: {command: ["sh", "-c", "sleep 5 && echo"]}}}', 25),
        (
            "      terminationGracePeriodSeconds: 9\n",
            ', lifecycle: {preStop: {exec: {command: ["sleep", "20"]}}}',
            9,
        ),
        (
            "      terminationGracePeriodSeconds: 40\n",
            ', lifecycle: {preStop: {exec: {command: ["nginx", "-s", "quit"]}}}',
            40,
        ),
    ],
    ids=["alone", "preStop sleep action", "of the default", "sleeps longer", "a hook that drains by itself"],
)
def test_a_prestop_sleep_is_taken_off_the_grace_period(
    tmp_path: Path, pod: str, more: str, expected: int
) -> None:
    result = reading(tmp_path, {"k8s.yaml": deployment(container(more=more), pod=pod)})
    value = known(declared(result, "kubernetes-pod"), "terminationGracePeriodSeconds")
    assert int(str(value)) == expected


def test_a_hook_that_leaves_no_time_to_stop_declares_the_pod_whatever_runs_in_it(tmp_path: Path) -> None:
    asleep = ', lifecycle: {preStop: {exec: {command: ["sh", "-c", "sleep 35"]}}}'
    tree = container(more=asleep).replace("gunicorn", "run")
    pod = declared(reading(tmp_path, {"k8s.yaml": deployment(tree)}), "kubernetes-pod")
    assert int(str(known(pod, "preStop"))) == 35


def test_an_nginx_elsewhere_finds_the_pods_by_the_name_of_their_service(tmp_path: Path) -> None:
    pod = declared(reading(tmp_path, {"k8s.yaml": service() + deployment()}), "kubernetes-pod")
    assert pod.front.names == ("shop", "shop.default", "shop.default.svc", "shop.default.svc.cluster.local")


def test_beside_a_compose_file_only_full_names_lead_into_the_cluster(tmp_path: Path) -> None:
    files = {"k8s.yaml": service() + deployment(), "compose.yaml": "services: {shop: {image: shop}}\n"}
    assert "shop" not in declared(reading(tmp_path, files), "kubernetes-pod").front.names

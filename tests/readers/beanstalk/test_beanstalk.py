"""Elastic Beanstalk: options of environments, their proxy with what a bundle adds to it, and workers."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgetcheck.budget import effective
from budgetcheck.discover import discover
from budgetcheck.link import link
from budgetcheck.model.limits import Limit, Meaning, Origin
from budgetcheck.model.options import Options
from budgetcheck.model.settings import Declaration, Known, OneOf, Reading, Unresolved
from budgetcheck.model.topology import Hop
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.beanstalk.read import read
from budgetcheck.readers.processes import read as read_processes
from budgetcheck.resolve import resolve

BALANCED = "option_settings:\n  aws:elasticbeanstalk:environment:\n    EnvironmentType: LoadBalanced\n"
V2 = """
option_settings:
  aws:elbv2:loadbalancer:
    IdleTimeout: 360
"""
CLASSIC = """
option_settings:
  - namespace: aws:elb:policies
    option_name: ConnectionSettingIdleTimeout
    value: "120"
"""
CHANGE = "sed -i s/60/600/ /etc/nginx/nginx.conf"
CONF_D, SERVER_D = ".platform/nginx/conf.d", ".platform/nginx/conf.d/elasticbeanstalk"
PROCFILE = "web: gunicorn shop.wsgi --worker-class gthread --timeout 40 --keep-alive 7\n"


def reading(folder: Path, files: Mapping[str, str]) -> Reading:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = discover([folder], folder)
    context = ReadContext(tree=found.tree, options=Options(), siblings=found.files)
    result = read(found.claimed_by("beanstalk"), context)
    others = read_processes(found.claimed_by("processes"), context)
    return Reading(
        declarations=(*result.declarations, *others.declarations),
        problems=result.problems,
        recognised=result.recognised,
    )


def extensions(*texts: str, **files: str) -> dict[str, str]:
    numbered = {f".ebextensions/{number}.config": text for number, text in enumerate(texts)}
    return numbered | files


def declared(result: Reading, component: str) -> Declaration:
    (found,) = [one for one in result.declarations if one.component == component]
    return found


def value(result: Reading, component: str, name: str) -> object:
    setting = declared(result, component).setting(name)
    return setting.value if setting else None


def hop(result: Reading, component: str) -> Hop:
    (found,) = [one for one in resolve(result.declarations).hops if one.component == component]
    return found


def limit(found: Hop, meaning: Meaning) -> Limit:
    known = found.limit(meaning)
    assert known is not None
    return known


def chains(result: Reading) -> list[list[str]]:
    return [
        [one.component for one in route.hops]
        for route in link(resolve(result.declarations).hops, Options())[1]
    ]


@pytest.mark.parametrize(
    ("text", "kind", "idle"),
    [
        (V2, "application", Known(value="360")),
        (CLASSIC, "classic", Known(value="120")),
        (BALANCED, "", None),
        ("option_settings:\n  aws:elbv2:listener:default:\n    ListenerEnabled: false\n", "", None),
        (
            '{"option_settings": {"aws:elb:policies": {"ConnectionSettingIdleTimeout": 90}}}',
            "classic",
            Known(value="90"),
        ),
    ],
)
def test_the_balancer_is_read_from_both_forms_of_options(
    tmp_path: Path, text: str, kind: str, idle: object
) -> None:
    result = reading(tmp_path, extensions(text))
    assert declared(result, "beanstalk-balancer").trait("load_balancer_type") == kind
    assert value(result, "beanstalk-balancer", "idle_timeout") == idle


def test_the_template_of_the_environment_goes_before_options(tmp_path: Path) -> None:
    override = """
Resources:
  AWSEBV2LoadBalancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      LoadBalancerAttributes:
        - {Key: routing.http2.enabled, Value: "false"}
        - {Key: idle_timeout.timeout_seconds, Value: "300"}
"""
    result = reading(tmp_path, extensions(V2, override))
    assert value(result, "beanstalk-balancer", "idle_timeout") == Known(value="300")


def test_later_files_go_before_earlier_ones(tmp_path: Path) -> None:
    result = reading(tmp_path, extensions(V2, V2.replace("360", "90")))
    assert value(result, "beanstalk-balancer", "idle_timeout") == Known(value="90")


def test_where_both_kinds_of_balancers_have_a_time_it_is_one_of_them(tmp_path: Path) -> None:
    found = value(reading(tmp_path, extensions(V2, CLASSIC)), "beanstalk-balancer", "idle_timeout")
    assert isinstance(found, OneOf)
    assert set(found.values) == {"360", "120"}


def test_a_value_that_is_made_with_the_environment_is_not_known(tmp_path: Path) -> None:
    text = V2.replace("360", '\'`{"Ref": "Idle"}`\'')
    assert isinstance(
        value(reading(tmp_path, extensions(text)), "beanstalk-balancer", "idle_timeout"), Unresolved
    )


@pytest.mark.parametrize(
    "text",
    [
        "packages: {yum: {git: []}}",
        BALANCED.replace("LoadBalanced", "SingleInstance") + "  aws:elbv2:loadbalancer: {IdleTimeout: 360}",
    ],
)
def test_an_environment_without_a_sign_of_a_balancer_has_none(tmp_path: Path, text: str) -> None:
    found = reading(tmp_path, extensions(text)).declarations
    assert "beanstalk-balancer" not in {one.component for one in found}


def test_what_nobody_wrote_is_a_guess_that_says_so(tmp_path: Path) -> None:
    idle = limit(hop(reading(tmp_path, extensions(BALANCED)), "beanstalk-balancer"), Meaning.IDLE)
    assert effective(idle).value == 60_000
    assert idle.doubt


def test_a_network_balancer_passes_connections_on(tmp_path: Path) -> None:
    text = BALANCED + "    LoadBalancerType: network\n"
    found = hop(reading(tmp_path, extensions(text)), "beanstalk-balancer")
    assert effective(limit(found, Meaning.IDLE)).value == 350_000


def test_the_platforms_nginx_stands_between_balancer_and_process(tmp_path: Path) -> None:
    files = extensions(V2) | {f"{CONF_D}/time.conf": "proxy_read_timeout 90s;\n", "Procfile": PROCFILE}
    result = reading(tmp_path, files)
    assert chains(result) == [["beanstalk-balancer", "nginx", "gunicorn"]]
    found = hop(result, "nginx")
    assert effective(limit(found, Meaning.HEADER_TOTAL_BODY_IDLE)).value == 90_000
    keep = limit(found, Meaning.KEEPALIVE)
    assert (effective(keep).value, keep.origin) == (60_000, Origin.DEFAULT)


def test_what_is_included_in_the_server_goes_before_what_is_in_the_http_block(tmp_path: Path) -> None:
    files = {
        f"{CONF_D}/a.conf": "proxy_read_timeout 90s;\n",
        f"{SERVER_D}/b.conf": "proxy_read_timeout 30s;\n",
        "Procfile": PROCFILE,
    }
    result = reading(tmp_path, files)
    assert effective(limit(hop(result, "nginx"), Meaning.HEADER_TOTAL_BODY_IDLE)).value == 30_000


def test_a_bundle_may_replace_the_main_file_and_the_location(tmp_path: Path) -> None:
    main = """
events {}
http {
    server {
        listen 80;
        keepalive_timeout 90;
        include conf.d/elasticbeanstalk/*.conf;
    }
}
"""
    files = {
        ".platform/nginx/nginx.conf": main,
        f"{SERVER_D}/00_application.conf": "location /api/ { proxy_pass http://127.0.0.1:8000; }\n",
        "Procfile": PROCFILE,
    }
    result = reading(tmp_path, files)
    found = hop(result, "nginx")
    assert [rule.prefix for rule in found.front.paths] == ["/api/"]
    assert effective(limit(found, Meaning.KEEPALIVE)).value == 90_000
    assert limit(found, Meaning.KEEPALIVE).origin is not Origin.DEFAULT
    assert chains(result) == [["nginx", "gunicorn"]]


def test_files_of_the_configuration_are_the_proxys_too(tmp_path: Path) -> None:
    text = """
files:
  "/etc/nginx/conf.d/proxy.conf":
    mode: "000644"
    content: |
      client_max_body_size 10M;
      proxy_read_timeout 75s;
"""
    result = reading(tmp_path, extensions(text) | {"Procfile": PROCFILE})
    read_timeout = limit(hop(result, "nginx"), Meaning.HEADER_TOTAL_BODY_IDLE)
    assert effective(read_timeout).value == 75_000
    assert read_timeout.spans[0].place == ".ebextensions/0.config:7"


def test_of_platforms_before_amazon_linux_2_the_keep_alive_is_not_known(tmp_path: Path) -> None:
    text = "files:\n  /etc/nginx/conf.d/a.conf:\n    content: |\n      proxy_read_timeout 75s;\n"
    found = declared(reading(tmp_path, extensions(text)), "nginx").setting("keepalive_timeout")
    assert found is not None
    assert isinstance(found.value, Unresolved)


@pytest.mark.parametrize(
    "more",
    [
        {".ebextensions/9.config": f"container_commands:\n  a: {{command: {CHANGE}}}\n"},
        {".platform/hooks/predeploy/a.sh": "#!/bin/sh\ncp a.tmpl /etc/nginx/conf.d/a.conf\n"},
        {".ebextensions/9.config": f"files:\n  /opt/hooks/a.sh:\n    content: {CHANGE}\n"},
        {".platform/hooks/predeploy/a": "\x7fELF\0"},
    ],
)
def test_commands_that_write_the_proxys_files_leave_its_location_unknown(
    tmp_path: Path, more: dict[str, str]
) -> None:
    files = {f"{CONF_D}/a.conf": "proxy_read_timeout 90s;\n", "Procfile": PROCFILE}
    assert hop(reading(tmp_path / "plain", files), "nginx")
    found = reading(tmp_path / "changed", files | more).declarations
    assert "nginx" not in {one.component for one in found}


def test_python_without_a_procfile_is_run_by_gunicorn(tmp_path: Path) -> None:
    text = """
option_settings:
  aws:elasticbeanstalk:container:python:
    WSGIPath: shop.wsgi:application
    NumThreads: 20
"""
    result = reading(tmp_path, extensions(text, V2))
    assert chains(result) == [["beanstalk-balancer", "nginx", "gunicorn"]]
    assert declared(result, "gunicorn").trait("worker_class") == "gthread"


def test_python_before_amazon_linux_2_is_not(tmp_path: Path) -> None:
    text = "option_settings:\n  aws:elasticbeanstalk:container:python:\n    WSGIPath: shop/wsgi.py\n"
    assert reading(tmp_path, extensions(text)).declarations == ()


def test_apache_closes_idle_connections_after_what_a_file_says(tmp_path: Path) -> None:
    text = """
files:
  "/etc/httpd/conf.d/keepalive.conf":
    content: |
      KeepAlive On
      KeepAliveTimeout 61
"""
    result = reading(tmp_path, extensions(text, CLASSIC))
    assert chains(result) == [["beanstalk-balancer", "apache", "server"]]
    keep = limit(hop(result, "apache"), Meaning.KEEPALIVE)
    assert effective(keep).value == 61_000
    assert keep.spans[0].place == ".ebextensions/0.config:6"
    closed = reading(tmp_path / "off", extensions(text.replace("On", "Off"), CLASSIC))
    assert limit(hop(closed, "apache"), Meaning.KEEPALIVE).bound.unlimited


def test_since_amazon_linux_2_apache_has_to_be_asked_for(tmp_path: Path) -> None:
    files = {".platform/httpd/conf.d/a.conf": "KeepAliveTimeout 61\n", "Procfile": PROCFILE}
    assert {one.component for one in reading(tmp_path, files).declarations} == {"gunicorn"}
    asked = extensions("option_settings: {aws:elasticbeanstalk:environment:proxy: {ProxyServer: apache}}")
    found = reading(tmp_path / "asked", files | asked)
    assert effective(limit(hop(found, "apache"), Meaning.KEEPALIVE)).value == 61_000


def test_a_worker_has_a_queue_and_a_daemon_in_front_of_its_proxy(tmp_path: Path) -> None:
    text = """
option_settings:
  aws:elasticbeanstalk:sqsd:
    InactivityTimeout: 1650
    VisibilityTimeout: 1680
"""
    result = reading(
        tmp_path, extensions(text) | {f"{CONF_D}/a.conf": "send_timeout 9s;", "Procfile": PROCFILE}
    )
    assert chains(result) == [["beanstalk-queue", "beanstalk-sqsd", "nginx", "gunicorn"]]
    assert effective(limit(hop(result, "beanstalk-queue"), Meaning.VISIBILITY)).value == 1_680_000
    assert effective(limit(hop(result, "beanstalk-sqsd"), Meaning.FIRST_BYTE)).value == 1_650_000


def test_bundles_of_several_folders_stay_apart(tmp_path: Path) -> None:
    files = {f"{folder}/.ebextensions/a.config": V2 for folder in ("web", "worker")}
    found = reading(tmp_path, files).declarations
    assert [one.address for one in found] == ["beanstalk:web/balancer", "beanstalk:worker/balancer"]


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("option_settings:files \n-{}[]'\"`&*!x/0"), max_size=120))
def test_no_configuration_makes_it_raise(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    result = reading(
        tmp_path_factory.mktemp("eb"), extensions(text, f"option_settings: {text}", f"files: {text}")
    )
    assert all(one.span.file.startswith(".ebextensions/") for one in result.problems)

"""A fact is of tier `lab` only if a case of the lab measures it.

What is measured is what the clock counts and when it fires. A default is measured too where it is a few
seconds long; the others are the vendor's word.
"""

from pathlib import Path

import pytest

from budgetcheck.facts import Proof, component_names, load
from budgetcheck.facts.fact import LimitFact

from .apache.test_apache import MEASURED as OF_APACHE
from .haproxy.test_haproxy import MEASURED as OF_HAPROXY
from .nginx.cases import CASES
from .nginx.test_limits import CASES as LIMITS
from .servers.cases import SERVERS

_STREAM = "stream"
# Which case ends by which limit of nginx, beside those of test_limits.py.
_BY_CASE = {
    "proxy_read_timeout": "1 server, GET",
    "fastcgi_read_timeout": "fastcgi, 2 servers, POST",
    "uwsgi_read_timeout": "uwsgi, 2 servers, POST",
    "scgi_read_timeout": "scgi, 2 servers, POST",
    "grpc_read_timeout": "grpc, 2 servers, POST",
    "memcached_read_timeout": "memcached, 2 servers, GET",
    "proxy_connect_timeout": "1 dead host",
    "proxy_send_timeout": "2 servers that never read, large POST",
    "proxy_next_upstream_timeout": "gate 1.5 attempts",
    "fastcgi_next_upstream_timeout": "fastcgi, 3 servers, GET, fastcgi_next_upstream_timeout 450ms",
    "uwsgi_next_upstream_timeout": "uwsgi, 3 servers, GET, uwsgi_next_upstream_timeout 450ms",
    "scgi_next_upstream_timeout": "scgi, 3 servers, GET, scgi_next_upstream_timeout 450ms",
    "grpc_next_upstream_timeout": "grpc, 3 servers, GET, grpc_next_upstream_timeout 450ms",
    "stream proxy_connect_timeout": "stream, 2 dead hosts, next_upstream off",
    "stream proxy_timeout": "stream, 1 silent server",
    "stream proxy_next_upstream_timeout": "stream, 3 dead hosts, gate",
}


# What stands round calls in code, with the file of the lab whose cases measure it.
_IN_CODE = {
    ("asyncio", "deadline"): "clients/cases.py",
    ("langgraph-timeout", "timeout"): "langgraph/cases.py",
    ("langgraph-timeout", "step_timeout"): "langgraph/cases.py",
}
_COUNTED = {"apache", "haproxy", "langgraph", "langgraph-retry"}
"""Attempts and rounds that cases count."""


def _name(fact: LimitFact) -> str:
    of_stream = ("kind", (_STREAM,)) in fact.when
    return f"{_STREAM} {fact.setting}" if of_stream else fact.setting


def _measured(component: str) -> set[tuple[str, str]]:
    """Settings and meanings that cases name."""
    if component == "haproxy":
        return set(OF_HAPROXY)
    if component == "apache":
        return set(OF_APACHE)
    return {
        (check.setting, check.meaning.name)
        for server in SERVERS
        if server.component == component
        for check in server.checks
        if check.setting and check.meaning
    }


def _of_lab(component: str) -> list[LimitFact]:
    return [fact for fact in load(component).limits if fact.evidence.proof is Proof.LAB]


@pytest.mark.parametrize("component", [name for name in component_names() if name != "nginx"])
def test_each_lab_fact_of_a_server_is_measured_and_each_measured_one_is_a_lab_fact(component: str) -> None:
    in_code = {setting for name, setting in _IN_CODE if name == component}
    of_servers = [fact for fact in _of_lab(component) if fact.setting not in in_code]
    assert {(fact.setting, fact.meaning.name) for fact in of_servers} == _measured(component)
    assert in_code <= {fact.setting for fact in _of_lab(component)}


@pytest.mark.parametrize(("fact", "file"), _IN_CODE.items(), ids=lambda value: str(value))
def test_cases_of_code_write_what_they_measure(fact: tuple[str, str], file: str) -> None:
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    word = {"deadline": "asyncio.timeout("}.get(fact[1], fact[1])
    assert word in text


def test_each_lab_fact_of_nginx_is_measured_and_each_measured_one_is_a_lab_fact() -> None:
    by_limit = {measured.setting: measured.meaning for measured in LIMITS}
    found = _of_lab("nginx")
    assert {_name(fact) for fact in found} == {*_BY_CASE, *by_limit}
    assert all(by_limit.get(_name(fact), fact.meaning) is fact.meaning for fact in found)


@pytest.mark.parametrize(("name", "case_name"), _BY_CASE.items(), ids=list(_BY_CASE))
def test_the_case_writes_the_limit_and_states_what_is_seen(name: str, case_name: str) -> None:
    (case,) = [case for case in CASES if case.name == case_name]
    text = case.stream if name.startswith(_STREAM) else case.http
    assert f"{name.removeprefix(f'{_STREAM} ')} " in text
    assert case.seconds is not None
    assert not case.deviates


def test_only_limits_are_measured() -> None:
    """Attempts of nginx are counted in the lab as well, but they are arithmetic and no facts."""
    counted = {
        name for name in component_names() for fact in load(name).attempts if fact.evidence.proof is Proof.LAB
    }
    assert counted == _COUNTED

"""The way of one concrete request through linked hops."""

import pytest

from budgetcheck.link import link, trace
from budgetcheck.model.answer import Asked
from budgetcheck.model.options import Options
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, Hop, Layer, PathRule, Target
from tests.build import hop

SPAN = Span(file="conf", line=1)


def prefix(path: str) -> PathRule:
    return PathRule(pattern=path, prefix=path)


def exact(path: str) -> PathRule:
    return PathRule(pattern=path, prefix=path, exact=True)


def function(name: str, *paths: PathRule, methods: tuple[str, ...] = ()) -> Hop:
    return hop(f"fn:{name}", Layer.HANDLER, front=Front(paths=paths, methods=methods))


def balancer(*targets: Target, hosts: tuple[str, ...] = ()) -> Hop:
    return hop("lb:edge", Layer.BALANCER, targets=targets, front=Front(hosts=hosts))


def to(inner: Hop, *paths: PathRule, hosts: tuple[str, ...] = (), **more: str) -> Target:
    return Target(address=inner.address, paths=paths, hosts=hosts, span=SPAN, **more)


def ways(*hops: Hop, host: str = "", path: str = "/", method: str = "") -> list[list[str]]:
    """Addresses of the hops of each way."""
    matching, _ = link(hops, Options())
    found = trace(hops, matching, Asked(host=host, path=path, method=method))
    return sorted([one.address for one in way.hops] for way in found)


API, WEB = function("api"), function("web")
RULES = balancer(to(API, prefix("/v1/"), hosts=("api.test",)), to(WEB))


@pytest.mark.parametrize(
    ("host", "path", "reached"),
    [
        pytest.param("api.test", "/v1/x", ["fn:api"], id="both-conditions"),
        pytest.param("web.test", "/v1/x", ["fn:web"], id="the-path-alone-is-not-enough"),
        pytest.param("api.test", "/v2", ["fn:web"], id="nor-is-the-host"),
        pytest.param("", "/v1/x", ["fn:api", "fn:web"], id="any-host-may-be-either"),
    ],
)
def test_a_rule_for_host_and_path_beats_the_default_action(host: str, path: str, reached: list[str]) -> None:
    assert ways(RULES, API, WEB, host=host, path=path) == [["lb:edge", end] for end in reached]


def test_a_rule_for_the_host_alone_beats_the_default_action() -> None:
    rules = balancer(to(API, hosts=("*.api.test",)), to(WEB))
    assert ways(rules, API, WEB, host="eu.api.test") == [["lb:edge", "fn:api"]]
    assert ways(rules, API, WEB, host="www.test") == [["lb:edge", "fn:web"]]


def test_a_rule_of_another_host_takes_no_path_away() -> None:
    """Also in the report: what the default action sends to `/v1/x` of other hosts is a route."""
    deep = function("deep", exact("/v1/x"))
    rules = balancer(to(API, prefix("/v1/"), hosts=("api.test",)), to(deep))
    names = [[one.address for one in route.hops] for route in link((rules, API, deep), Options())[1]]
    assert ["lb:edge", "fn:deep"] in names


@pytest.mark.parametrize(
    ("method", "reached"),
    [("GET", ["fn:read"]), ("POST", ["fn:write"]), ("", ["fn:read", "fn:write"]), ("PUT", [])],
)
def test_the_method_chooses(method: str, reached: list[str]) -> None:
    read = function("read", exact("/x"), methods=("GET", "HEAD"))
    write = function("write", exact("/x"), methods=("POST",))
    assert ways(read, write, path="/x", method=method) == [[end] for end in reached]


def test_a_way_ends_where_nothing_further_takes_the_request() -> None:
    inner = function("inner", exact("/known"))
    assert ways(balancer(to(inner)), inner, path="/other") == [["lb:edge"]]


def test_an_entry_for_another_host_is_no_way() -> None:
    assert ways(balancer(to(API), hosts=("a.test",)), API, host="b.test") == []


def test_the_path_is_followed_through_what_is_replaced() -> None:
    inner = function("inner", exact("/items"))
    rules = balancer(to(inner, prefix("/api/"), strip="/api/", replace="/"))
    assert ways(rules, inner, path="/api/items") == [["lb:edge", "fn:inner"]]
    assert ways(rules, inner, path="/items") == [["lb:edge"]]


def test_patterns_are_evaluated() -> None:
    item = function("item", PathRule(pattern="/items/{id}", prefix="/items/", opaque=True))
    assert ways(item, path="/items/7") == [["fn:item"]]
    assert ways(item, path="/items/7/parts") == []


def test_a_way_is_named_after_the_request() -> None:
    matching, _ = link((RULES, API, WEB), Options())
    [way] = trace((RULES, API, WEB), matching, Asked(host="api.test", path="/v1/x", method="POST"), "prod")
    assert (way.name, way.host, way.path) == ("api.test/v1/x", "api.test", "/v1/x")
    assert (way.methods, way.environment) == (("POST",), "prod")

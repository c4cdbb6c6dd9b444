"""Routes through linked hops: which path and host reach which handler."""

import pytest

from budgetcheck.link import link
from budgetcheck.model.options import Options
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, Hop, Layer, PathRule, Route, Target
from budgetcheck.paths import chosen, common_hosts, common_path, host_matches, takes, translate
from tests.build import hop

SPAN = Span(file="nginx.conf", line=1)


def prefix(path: str) -> PathRule:
    return PathRule(pattern=path, prefix=path)


def exact(path: str) -> PathRule:
    return PathRule(pattern=path, prefix=path, exact=True)


def regex(pattern: str, start: str = "") -> PathRule:
    return PathRule(pattern=pattern, prefix=start, opaque=True)


def location(path: PathRule, host: str = "x.test", strip: str = "", replace: str = "") -> Hop:
    target = Target(host="shop", port=8000, strip=strip, replace=replace, span=SPAN)
    return hop(
        f"nginx:{host}{path.pattern}",
        front=Front(hosts=(host,), ports=(80,), paths=(path,)),
        targets=(target,),
    )


def application(*paths: PathRule) -> list[Hop]:
    handlers = [
        hop(f"app:shop{path.pattern}", Layer.HANDLER, component="app", front=Front(paths=(path,)))
        for path in paths
    ]
    targets = tuple(Target(address=made.address, paths=made.front.paths, span=SPAN) for made in handlers)
    front = Front(names=("shop",), default_ports=(8000,))
    return [hop("app:shop", Layer.SERVER, component="gunicorn", front=front, targets=targets), *handlers]


def routes(*hops: Hop) -> dict[str, list[str]]:
    found = link(hops, Options())[1]
    return {route.name: [one.address for one in route.hops] for route in found}


def test_a_handler_is_reached_through_the_location_that_serves_its_path() -> None:
    """`/api/items` goes through `/api/`, not through `/`, though both are prefixes."""
    found = routes(
        location(prefix("/")), location(prefix("/api/")), *application(exact("/api/items"), exact("/home"))
    )
    assert found == {
        "x.test/api/items": ["nginx:x.test/api/", "app:shop", "app:shop/api/items"],
        "x.test/home": ["nginx:x.test/", "app:shop", "app:shop/home"],
    }


def test_a_regex_location_takes_the_path_from_a_longer_prefix() -> None:
    hops = (location(prefix("/files/")), location(regex(r"~ \.pdf$")), *application(exact("/files/a.pdf")))
    assert routes(*hops)["x.test/files/a.pdf"][0] == r"nginx:x.test~ \.pdf$"


def test_proxy_pass_with_a_path_replaces_the_prefix() -> None:
    """`location /api/ { proxy_pass http://shop/; }`: the application sees `/items`."""
    hops = (location(prefix("/api/"), strip="/api/", replace="/"), *application(exact("/items")))
    assert routes(*hops) == {"x.test/api/items": ["nginx:x.test/api/", "app:shop", "app:shop/items"]}


def test_a_location_without_a_matching_handler_ends_at_the_server() -> None:
    hops = (location(prefix("/admin/")), *application(exact("/items")))
    found = routes(*hops)
    assert found["x.test/admin/"] == ["nginx:x.test/admin/", "app:shop"]


def test_a_hop_without_neighbours_makes_a_route_of_its_own() -> None:
    assert routes(hop("terraform:aws_lb.x", Layer.BALANCER)) == {"terraform:aws_lb.x": ["terraform:aws_lb.x"]}


def test_a_listener_rule_leads_only_its_own_paths() -> None:
    balancer = hop(
        "terraform:aws_lb.x",
        Layer.BALANCER,
        targets=(
            Target(group="shop", paths=(prefix("/shop/"),), span=SPAN),
            Target(group="blog", span=SPAN),
        ),
    )
    shop = hop("app:shop", Layer.SERVER, front=Front(names=("shop",), paths=()))
    blog = hop("app:blog", Layer.SERVER, front=Front(names=("blog",), paths=()))
    found = routes(balancer, shop, blog)
    assert found["/shop/"] == ["terraform:aws_lb.x", "app:shop"]
    assert ["terraform:aws_lb.x", "app:blog"] in found.values()


def test_a_server_of_unknown_kind_joins_without_being_a_hop() -> None:
    service = application(exact("/items"))
    placeholder = [
        hop("app:shop", Layer.SERVER, component="server", front=service[0].front, targets=service[0].targets)
    ]
    found = routes(location(prefix("/")), *placeholder, *service[1:])
    assert found == {"x.test/items": ["nginx:x.test/", "app:shop/items"]}


def test_routes_do_not_depend_on_the_order_of_hops() -> None:
    hops = (location(prefix("/")), location(prefix("/api/")), *application(exact("/api/a"), exact("/b")))
    assert routes(*hops) == routes(*hops[::-1])


def _route_names(found: tuple[Route, ...]) -> list[str]:
    return [route.name for route in found]


@pytest.mark.parametrize(
    ("outer", "inner", "common"),
    [
        (prefix("/"), exact("/chat"), exact("/chat")),
        (prefix("/api/"), exact("/chat"), None),
        (prefix("/api/v1/"), prefix("/api/"), prefix("/api/v1/")),
        (exact("/chat"), prefix("/"), exact("/chat")),
        (exact("/chat"), exact("/other"), None),
        (regex(r"~ \.php$"), exact("/index.php"), exact("/index.php")),
        (regex(r"~ \.php$"), exact("/index.html"), None),
        (prefix("/items"), regex("/items/{id}", "/items/"), regex("/items/{id}", "/items/")),
    ],
)
def test_common_path(outer: PathRule, inner: PathRule, common: PathRule | None) -> None:
    assert common_path(outer, inner) == common


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ([prefix("/"), prefix("/api/")], "/api/x", "/api/"),
        ([prefix("/x"), exact("/x")], "/x", "/x"),
        ([prefix("/img/big/"), regex(r"~ \.php$")], "/img/big/a.php", r"~ \.php$"),
        ([PathRule(pattern="^~ /img/", prefix="/img/"), regex(r"~ \.php$")], "/img/a.php", "^~ /img/"),
        ([regex("~* \\.JPG$"), prefix("/")], "/a.jpg", "~* \\.JPG$"),
    ],
    ids=["longest", "exact", "regex-beats-prefix", "caret-tilde", "case-insensitive"],
)
def test_the_rule_that_serves_a_path(rules: list[PathRule], path: str, expected: str) -> None:
    rule = chosen(rules, path)
    assert rule is not None
    assert rule.pattern == expected


def test_a_regex_that_could_run_away_is_not_evaluated() -> None:
    """`(a+)+$` on a long path would take for ever; an untrusted file must not get to do that."""
    assert not takes(regex("~ (a+)+$"), "/" + "a" * 60 + "!")


@pytest.mark.parametrize(
    ("pattern", "host", "matches"),
    [
        ("*.example.com", "api.example.com", True),
        (".example.com", "example.com", True),
        ("www.*", "www.example.org", True),
        (r"~^api\d+\.", "api1.example.com", True),
        ("example.com", "example.org", False),
    ],
)
def test_host_patterns(pattern: str, host: str, *, matches: bool) -> None:
    assert host_matches(pattern, host) is matches


def test_hosts_in_common_are_the_narrower_ones() -> None:
    assert common_hosts(("*.example.com",), ("api.example.com", "api.example.org")) == ("api.example.com",)
    assert common_hosts(("a.test",), ("b.test",)) is None
    assert common_hosts((), ("b.test",)) == ("b.test",)


def test_a_wider_rule_reaches_everything_below_the_replacement() -> None:
    assert translate(prefix("/"), "/api/", "/v1/") == prefix("/v1/")

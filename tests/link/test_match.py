"""Which hop is joined to which, and on what evidence; every case is a way people write the same thing."""

from dataclasses import replace

import pytest

from budgetcheck.link import match
from budgetcheck.model.options import DeclaredLink
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Evidence, Front, Hop, Layer, PathRule, Target
from tests.build import hop

SPAN = Span(file="nginx/nginx.conf", line=3)


def proxy(name: str, *targets: Target, hosts: tuple[str, ...] = (), ports: tuple[int, ...] = (80,)) -> Hop:
    return hop(name, front=Front(hosts=hosts, ports=ports), targets=targets)


def server(name: str, **front: object) -> Hop:
    return hop(name, Layer.SERVER, component="gunicorn", front=Front(default_ports=(8000,), **front))  # type: ignore[arg-type]


def balancer(name: str, *targets: Target) -> Hop:
    return hop(name, Layer.BALANCER, component="aws_lb", front=Front(entry=True), targets=targets)


def found(hops: list[Hop], *declared: DeclaredLink) -> list[tuple[str, str, str, str]]:
    matching = match(hops, declared)
    edges = [edge.link for edges in matching.edges.values() for edge in edges]
    return [(link.outer, link.inner, link.evidence.name, link.why) for link in edges]


@pytest.mark.parametrize(
    ("target", "front", "why"),
    [
        (Target(host="assistant", port=9000, span=SPAN), {"names": ("assistant",)}, "name"),
        (Target(host="10.0.1.10", group="assistant", span=SPAN), {"names": ("assistant",)}, "name"),
        (Target(host="assistant.default.svc.cluster.local", span=SPAN), {"names": ("assistant",)}, "name"),
        (Target(socket="/run/app.sock", span=SPAN), {"sockets": ("/run/app.sock",)}, "unix socket"),
        (Target(host="127.0.0.1", port=9000, span=SPAN), {"ports": (9000,)}, "port 9000"),
        (Target(host="127.0.0.1", port=8000, span=SPAN), {"names": ("assistant",)}, "port 8000"),
    ],
    ids=["service-name", "upstream-group", "kubernetes-name", "socket", "written-port", "default-port"],
)
def test_an_address_in_the_files_is_evidence(target: Target, front: dict[str, object], why: str) -> None:
    hops = [proxy("nginx:x/", target), server("app:assistant", **front)]
    assert found(hops) == [("nginx:x/", "app:assistant", "ADDRESS", why)]


def test_port_of_a_name_that_nobody_bears_is_a_guess() -> None:
    """`legacy:8000` may be another system; that somebody here listens on 8000 proves nothing."""
    target = Target(host="legacy", port=8000, span=SPAN)
    hops = [proxy("nginx:x/", target), server("app:assistant", names=("assistant",))]
    assert found(hops) == [("nginx:x/", "app:assistant", "ONLY_CANDIDATE", "port 8000")]


def test_the_only_candidate_is_linked_but_known_as_a_guess() -> None:
    hops = [proxy("nginx:x/", Target(host="backend", port=3000, span=SPAN)), server("app:assistant")]
    assert found(hops) == [("nginx:x/", "app:assistant", "ONLY_CANDIDATE", "the only candidate")]


@pytest.mark.parametrize(
    ("target", "front"),
    [
        (Target(host="api.stripe.com", port=443, span=SPAN), {"names": ("assistant",)}),
        (Target(host="web", port=3000, span=SPAN), {"names": ("assistant",), "ports": (8000,)}),
    ],
    ids=["a-public-name-is-not-ours", "a-written-port-that-differs"],
)
def test_what_the_files_contradict_is_not_linked(target: Target, front: dict[str, object]) -> None:
    assert found([proxy("nginx:x/", target), server("app:assistant", **front)]) == []


def test_several_candidates_are_listed_not_guessed() -> None:
    hops = [
        proxy("nginx:x/", Target(host="backend", port=3000, span=SPAN)),
        server("app:one", names=("one",)),
        server("app:two", names=("two",)),
    ]
    matching = match(hops, ())
    assert matching.edges.get("nginx:x/", ()) == ()
    assert matching.ambiguous == {"nginx:x/": ("app:one", "app:two")}


def test_a_name_beats_the_default_port_that_all_share() -> None:
    hops = [
        proxy("nginx:x/", Target(host="two", port=8000, span=SPAN)),
        server("app:one", names=("one",)),
        server("app:two", names=("two",)),
    ]
    assert found(hops) == [("nginx:x/", "app:two", "ADDRESS", "name")]


def test_what_stands_behind_nginx_is_no_candidate_for_the_load_balancer() -> None:
    hops = [
        balancer("terraform:aws_lb.x", Target(port=8080, span=SPAN)),
        proxy("nginx:x/", Target(host="assistant", span=SPAN)),
        server("app:assistant", names=("assistant",)),
    ]
    assert ("terraform:aws_lb.x", "nginx:x/", "ONLY_CANDIDATE", "the only candidate") in found(hops)


def test_two_balancers_and_one_nginx_are_several_candidates() -> None:
    """Each has one candidate, but the nginx has two: nobody says which balancer is in front."""
    hops = [
        balancer("terraform:aws_lb.public", Target(port=8080, span=SPAN)),
        balancer("terraform:aws_lb.private", Target(port=8080, span=SPAN)),
        proxy("nginx:x/", ports=(80,)),
    ]
    matching = match(hops, ())
    assert not any(matching.edges.values())
    assert set(matching.ambiguous) == {"terraform:aws_lb.public", "terraform:aws_lb.private"}


def test_a_rule_for_another_host_is_a_contradiction() -> None:
    hops = [
        balancer("terraform:aws_lb.x", Target(port=80, hosts=("shop.example.com",), span=SPAN)),
        proxy("nginx:x/", hosts=("api.example.org",)),
    ]
    assert found(hops) == []


def test_a_declared_link_replaces_what_the_files_suggest() -> None:
    hops = [
        proxy("nginx:x/", Target(host="one", span=SPAN)),
        server("app:one", names=("one",)),
        server("app:two", names=("two",)),
    ]
    declared = DeclaredLink(outer="nginx:x/*", inner="app:two", span=SPAN)
    assert found(hops, declared) == [("nginx:x/", "app:two", "DECLARED", "declared in the configuration")]


def test_a_declared_link_that_fits_no_hop_is_reported() -> None:
    declared = DeclaredLink(outer="nginx:gone/", inner="app:one", span=SPAN)
    assert match([server("app:one")], (declared,)).unused == (declared,)


def test_a_reference_is_followed_by_address() -> None:
    gateway = hop(
        "terraform:aws_api_gateway_integration.x",
        Layer.BALANCER,
        targets=(Target(address="terraform:aws_lambda_function.x", span=SPAN),),
    )
    function = hop("terraform:aws_lambda_function.x", Layer.PLATFORM)
    assert found([gateway, function]) == [(gateway.address, function.address, "REFERENCE", "reference")]


def test_order_of_hops_does_not_matter() -> None:
    hops = [
        balancer("terraform:aws_lb.x", Target(port=80, span=SPAN)),
        proxy("nginx:a/", Target(host="one", span=SPAN), hosts=("a.test",)),
        proxy("nginx:b/", Target(host="two", span=SPAN), hosts=("b.test",)),
        server("app:one", names=("one",)),
        server("app:two", names=("two",)),
    ]
    assert sorted(found(hops)) == sorted(found(hops[::-1]))


def test_evidence_is_ordered_by_strength() -> None:
    strongest_first = [Evidence.DECLARED, Evidence.REFERENCE, Evidence.ADDRESS, Evidence.ONLY_CANDIDATE]
    assert sorted(strongest_first, reverse=True) == strongest_first


def test_path_rules_are_values() -> None:
    assert PathRule(pattern="/a", prefix="/a") == PathRule(pattern="/a", prefix="/a")


class TestSameNameInSeveralProjects:
    def service(self, folder: str, **more: object) -> Hop:
        span = Span(file=f"{folder}compose.yaml", line=2)
        front = Front(names=("backend",), ports=(8000,))
        made = hop(f"compose:{folder}backend", Layer.SERVER, component="gunicorn", front=front, **more)
        return replace(made, span=span)

    def nginx(self, file: str) -> Hop:
        target = Target(host="backend", port=8000, span=Span(file=file, line=3))
        return replace(proxy("nginx:_/", target), span=Span(file=file, line=1))

    @pytest.mark.parametrize(
        ("file", "inner"),
        [
            pytest.param("shop/nginx/nginx.conf", "compose:shop/backend", id="the project round the file"),
            pytest.param("blog/proxy.conf", "compose:blog/backend", id="beside the file"),
            pytest.param("shop/demo/nginx.conf", "compose:shop/demo/backend", id="the innermost project"),
        ],
    )
    def test_a_name_means_the_service_of_its_own_project(self, file: str, inner: str) -> None:
        services = [self.service(folder) for folder in ("shop/", "blog/", "shop/demo/")]
        matching = match([self.nginx(file), *services], ())
        assert [edge.link.inner for edge in matching.edges["nginx:_/"]] == [inner]

    def test_outside_all_projects_it_is_ambiguous(self) -> None:
        services = [self.service(folder) for folder in ("shop/", "blog/")]
        matching = match([self.nginx("infra/nginx.conf"), *services], ())
        assert matching.ambiguous["nginx:_/"] == ("compose:blog/backend", "compose:shop/backend")

    def test_a_presumed_service_is_reached_by_its_name_alone(self) -> None:
        presumed = self.service("", traits=(("presumed", "yes"),))
        named = match([self.nginx("nginx.conf"), presumed], ())
        assert named.linked == {"compose:backend"}
        by_port = proxy("nginx:_/", Target(host="127.0.0.1", port=8000, span=SPAN))
        assert not match([by_port, presumed], ()).linked
        unnamed = proxy("nginx:_/", Target(span=SPAN))
        assert not match([unnamed, presumed], ()).linked


def container(name: str, *targets: Target) -> Hop:
    return hop(name, Layer.PLATFORM, component="aws_ecs_task_definition", targets=targets)


def test_of_two_with_one_name_the_one_that_sends_to_the_other_stands_in_front() -> None:
    hops = [
        proxy("nginx:x/", Target(host="assistant", port=8000, span=SPAN)),
        hop(
            "terraform:aws_ecs_service.assistant",
            Layer.BALANCER,
            component="aws_ecs_service",
            front=Front(names=("assistant",), ports=(8000,)),
            targets=(Target(group="assistant", port=8000, span=SPAN),),
        ),
        server("app:assistant", names=("assistant",)),
    ]
    assert found(hops) == [
        ("nginx:x/", "terraform:aws_ecs_service.assistant", "ADDRESS", "name"),
        ("terraform:aws_ecs_service.assistant", "app:assistant", "ADDRESS", "name"),
    ]


def test_a_container_with_a_port_may_hold_the_only_proxy() -> None:
    front = Target(group="web", port=80, span=SPAN)
    hops = [container("terraform:task/web", front), proxy("nginx:x/", ports=(8080,))]
    assert found(hops) == [("terraform:task/web", "nginx:x/", "ONLY_CANDIDATE", "the only candidate")]


def test_a_function_is_never_guessed_to_hold_a_proxy() -> None:
    function = hop("terraform:f", Layer.PLATFORM, component="aws_lambda_function", front=Front(names=("f",)))
    assert found([function, proxy("nginx:x/")]) == []


def test_what_a_balancer_leads_to_by_name_is_no_candidate_of_functions() -> None:
    app = server("app:fixtures", names=("fixtures",))
    functions = [function("get"), function("put")]
    front = balancer("terraform:aws_lb.fixtures", Target(group="fixtures", span=SPAN))
    assert set(match([app, *functions], ()).ambiguous) == {one.address for one in functions}
    assert match([app, *functions, front], ()).ambiguous == {}


def function(name: str) -> Hop:
    return hop(f"fn:{name}", Layer.PLATFORM, component="aws_lambda_function", front=Front(names=(name,)))


@pytest.mark.parametrize(
    ("functions", "expected"),
    [
        pytest.param(
            ("report", "other"), [("call", "fn:report", "ADDRESS", "name")], id="the one of that name"
        ),
        pytest.param(("other",), [], id="none of that name: also where it is the only one"),
    ],
)
def test_a_call_is_joined_to_the_function_it_names(
    functions: tuple[str, ...], expected: list[tuple[str, str, str, str]]
) -> None:
    call = hop("call", Layer.CALL, component="botocore", targets=(Target(group="report", span=SPAN),))
    assert found([call, *map(function, functions)]) == expected


def test_a_call_that_names_a_host_is_joined_to_nothing() -> None:
    """Which of the other service's handlers it asks is not known."""
    call = hop("call", Layer.CALL, component="httpx", targets=(Target(host="assistant", span=SPAN),))
    assert found([call, server("app:assistant", names=("assistant",))]) == []

"""What every shipped facts file must keep, and the facts that the whole tool stands on."""

import datetime
import tomllib
from pathlib import Path

import jsonschema
import pytest
from facts_documents import SCHEMA, as_json

import budgetcheck.facts
from budgetcheck.facts import (
    attempts_for,
    component_names,
    find,
    limits_for,
    load,
    stale,
)
from budgetcheck.facts.schema import facts_schema
from budgetcheck.model.bound import UNLIMITED, exactly
from budgetcheck.model.limits import Meaning, Repeats
from budgetcheck.model.topology import Layer

FOLDER = Path(budgetcheck.facts.__file__).parent
NGINX_FAMILIES = ("proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached")


def the_limit(component, setting, version="", **traits):
    """The one limit of that setting; fails where there are several or none."""
    (fact,) = [fact for fact in limits_for(load(component), traits, version) if fact.setting == setting]
    return fact


def settings_of(component, version="", **traits):
    return {fact.setting for fact in limits_for(load(component), traits, version)}


@pytest.mark.parametrize("name", component_names())
class TestEveryFile:
    def test_loads_under_its_own_name(self, name):
        assert load(name).name == name
        assert find(name) is load(name), "a component is parsed once"

    def test_follows_the_published_schema(self, name):
        document = as_json(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))
        jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)

    def test_is_fresh_enough_to_rest_an_error_on(self, name):
        assert stale(load(name), datetime.date(2027, 6, 1)) == ()

    def test_was_not_checked_in_the_future(self, name):
        facts = (*load(name).limits, *load(name).attempts)
        assert all(fact.evidence.checked <= datetime.datetime.now(datetime.UTC).date() for fact in facts)

    def test_settings_known_to_be_no_limits_are_no_limits(self, name):
        component = load(name)
        named = {name for fact in component.limits for name in (fact.setting, *fact.aliases)}
        assert named.isdisjoint(component.passes_through)


def test_names_are_the_files_of_the_folder():
    assert component_names() == tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def test_the_schema_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_the_published_schema_is_the_one_of_the_code():
    assert facts_schema() == SCHEMA


def test_the_schema_describes_every_key():
    def properties(node):
        for key, item in node.get("properties", {}).items():
            yield key, item
            yield from properties(item)
        for item in node.get("definitions", {}).values():
            yield from properties(item)

    undescribed = [
        key for key, item in properties(SCHEMA) if "description" not in item and "$ref" not in item
    ]
    assert set(undescribed) <= {"cap_soft", "retries", "default"}  # inside if/then they are conditions


@pytest.mark.parametrize(
    "name",
    [
        "nginx",
        "aws_lb",
        "aws_elb",
        "aws_api_gateway_integration",
        "aws_apigatewayv2_integration",
        "aws_lambda_function",
        "aws_lambda_function_url",
        "google_cloud_run_service",
        "google_cloud_run_v2_service",
        "gunicorn",
        "uvicorn",
        "app",
        "server",
        "openai",
        "anthropic",
        "httpx",
        "httpx2",
        "requests",
        "psycopg",
        "redis",
    ],
)
def test_is_shipped(name):
    assert find(name) is not None


class TestNginx:
    @pytest.mark.parametrize("family", NGINX_FAMILIES)
    def test_a_family_has_its_own_directives_only(self, family):
        own = {f"{family}_{kind}_timeout" for kind in ("connect", "send", "read", "next_upstream")}
        foreign = {
            f"{other}_{kind}_timeout"
            for other in NGINX_FAMILIES
            if other != family
            for kind in ("connect", "send", "read", "next_upstream")
        }
        found = settings_of("nginx", family=family)
        assert own <= found
        assert foreign.isdisjoint(found)

    @pytest.mark.parametrize("family", NGINX_FAMILIES)
    def test_the_read_timeout_is_total_for_the_header_and_zero_fails_at_once(self, family):
        fact = the_limit("nginx", f"{family}_read_timeout", family=family)
        assert fact.meaning is Meaning.HEADER_TOTAL_BODY_IDLE
        assert fact.default == exactly(60_000)
        assert fact.zero.value == "immediate"

    def test_the_next_upstream_timeout_only_gates_starts(self):
        fact = the_limit("nginx", "proxy_next_upstream_timeout", family="proxy")
        assert fact.meaning is Meaning.START_GATE
        assert (fact.default, fact.zero.value) == (UNLIMITED, "unlimited")

    def test_a_stream_server_has_its_own_proxy_timeout_and_nothing_of_http(self):
        assert settings_of("nginx", family="proxy", kind="stream") == {
            "proxy_connect_timeout",
            "proxy_timeout",
            "proxy_next_upstream_timeout",
            "preread_timeout",
            "worker_shutdown_timeout",
        }
        assert the_limit("nginx", "proxy_timeout", kind="stream").default == exactly(600_000)

    def test_limits_of_the_client_side_grant_the_upstream_nothing(self):
        sides = {fact.setting: fact.of_answer for fact in limits_for(load("nginx"), {"family": "proxy"}, "")}
        assert not any(
            sides[name]
            for name in ("client_header_timeout", "client_body_timeout", "send_timeout", "resolver_timeout")
        )
        assert sides["proxy_read_timeout"]

    @pytest.mark.parametrize(
        ("version", "defaults"),
        [
            pytest.param("1.31.5", [exactly(60_000)], id="kept by default since 1.29.7"),
            pytest.param("1.22.1", [None], id="before, only with keepalive in the upstream block"),
            pytest.param("", [exactly(60_000), None], id="unknown version: both are possible"),
        ],
    )
    def test_connections_to_the_upstream(self, version, defaults):
        facts = limits_for(load("nginx"), {"family": "proxy"}, version)
        found = [fact.default for fact in facts if fact.setting == "upstream.keepalive_timeout"]
        assert found == defaults


def test_keep_alive_faces_the_caller_or_the_next_hop():
    """`of_answer` tells the two sides apart: a connection kept towards the next hop, or for the caller."""
    towards_the_next = {
        (component.name, fact.setting)
        for component in map(load, component_names())
        for fact in component.limits
        if fact.meaning is Meaning.KEEPALIVE and fact.of_answer
    }
    assert towards_the_next == {
        ("apache", "ttl"),
        ("nginx", "upstream.keepalive_timeout"),
        ("aws_cloudfront_distribution", "origin.custom_origin_config.origin_keepalive_timeout"),
        ("google_compute_backend_service", "keep-alive of connections to backends"),
        ("gke-ingress", "keep-alive of connections to backends"),
        ("heroku-router", "keep-alive of connections to dynos"),
        ("ingress-nginx", "upstream-keepalive-timeout"),
        ("istio", "connectionPool.http.idleTimeout"),
        ("traefik", "forwardingTimeouts.idleConnTimeout"),
    }


class TestCloud:
    def test_the_type_of_the_balancer_decides(self):
        application = settings_of("aws_lb", load_balancer_type="application")
        network = settings_of("aws_lb", load_balancer_type="network")
        assert "idle_timeout" in application
        assert "idle_timeout" not in network
        assert "tcp_idle_timeout_seconds" in network - application
        assert settings_of("aws_lb") == application, "application is the provider's default"

    @pytest.mark.parametrize(
        ("traits", "cap", "soft", "highest"),
        [
            pytest.param({"endpoint": "EDGE"}, 29_000, False, 300_000, id="edge can never have more"),
            pytest.param({"endpoint": "REGIONAL"}, 29_000, True, 300_000, id="regional needs a quota"),
            pytest.param({"endpoint": "PRIVATE"}, 29_000, True, 300_000, id="private needs a quota"),
            pytest.param({}, 29_000, True, 300_000, id="unknown endpoint gets the benefit of the doubt"),
            pytest.param(
                {"endpoint": "EDGE", "response_transfer_mode": "STREAM"},
                900_000,
                False,
                900_000,
                id="streams have 15 minutes on every endpoint",
            ),
        ],
    )
    def test_rest_api_caps(self, traits, cap, soft, highest):
        fact = the_limit("aws_api_gateway_integration", "timeout_milliseconds", **traits)
        assert (fact.cap, fact.cap_soft, fact.highest) == (cap, soft, highest)
        assert (fact.default, fact.unit, fact.meaning) == (exactly(29_000), "ms", Meaning.TOTAL)

    def test_http_api_has_30_and_websocket_29_seconds(self):
        http = the_limit("aws_apigatewayv2_integration", "timeout_milliseconds", protocol="HTTP")
        websocket = the_limit("aws_apigatewayv2_integration", "timeout_milliseconds", protocol="WEBSOCKET")
        assert (http.default, http.cap, http.cap_soft) == (exactly(30_000), 30_000, False)
        assert (websocket.default, websocket.cap, websocket.cap_soft) == (exactly(29_000), 29_000, False)

    def test_lambda_has_three_seconds_unless_told_otherwise(self):
        fact = the_limit("aws_lambda_function", "timeout")
        assert (fact.default, fact.lowest, fact.highest) == (exactly(3_000), 1_000, 900_000)


class TestServers:
    @pytest.mark.parametrize(
        ("worker_class", "meaning"),
        [
            pytest.param("", Meaning.TOTAL, id="sync is the default worker"),
            pytest.param("sync", Meaning.TOTAL, id="sync is killed mid request"),
            pytest.param("gthread", Meaning.HEARTBEAT, id="threads report while they work"),
            pytest.param("gevent", Meaning.HEARTBEAT, id="gevent"),
            pytest.param("uvicorn.workers.UvicornWorker", Meaning.HEARTBEAT, id="uvicorn's old path"),
            pytest.param("uvicorn_worker.UvicornWorker", Meaning.HEARTBEAT, id="uvicorn-worker package"),
            pytest.param("myapp.workers.Custom", Meaning.HEARTBEAT, id="a subclass is never plain sync"),
        ],
    )
    def test_gunicorn_timeout_depends_on_the_worker(self, worker_class, meaning):
        fact = the_limit("gunicorn", "timeout", worker_class=worker_class)
        assert (fact.meaning, fact.default) == (meaning, exactly(30_000))

    def test_gunicorn_sync_workers_keep_no_connections(self):
        assert "keepalive" not in settings_of("gunicorn", worker_class="sync")
        keepalive = the_limit("gunicorn", "keepalive", worker_class="uvicorn_worker.UvicornWorker")
        assert keepalive.default == exactly(2_000)

    def test_uvicorn_has_no_limit_per_request(self):
        meanings = {fact.meaning for fact in load("uvicorn").limits}
        assert meanings == {Meaning.KEEPALIVE, Meaning.DRAIN}

    def test_an_unstated_server_promises_nothing(self):
        assert load("server").layer is Layer.SERVER
        assert load("server").limits == ()


class TestClients:
    @pytest.mark.parametrize("name", ["openai", "anthropic"])
    def test_llm_sdks_wait_ten_minutes_three_times(self, name):
        read = the_limit(name, "timeout.read")
        assert (read.default, read.meaning, read.aliases) == (exactly(600_000), Meaning.IDLE, ("timeout",))
        assert the_limit(name, "timeout.connect").default == exactly(5_000)
        for attempts in attempts_for(load(name), {}, ""):
            assert (attempts.retries, attempts.default) == (True, 2)
            assert Repeats.TIMEOUT in attempts.repeats
            assert [attempts.backoff.pause(k) for k in range(1, 7)] == [
                500,
                1_000,
                2_000,
                4_000,
                8_000,
                8_000,
            ]

    @pytest.mark.parametrize(
        ("name", "version", "longest"),
        [
            pytest.param("openai", "1.109.1", 60_000, id="openai 1"),
            pytest.param("openai", "2.0.0", 60_000, id="openai 2"),
            pytest.param("openai", "3.0.0", 120_000, id="openai 3"),
            pytest.param("anthropic", "0.125.0", 60_000, id="anthropic 0"),
            pytest.param("anthropic", "2.13.0", 4_294_967_000, id="anthropic 2 obeys 49 days"),
        ],
    )
    def test_longest_pause_a_server_may_ask_for(self, name, version, longest):
        (attempts,) = attempts_for(load(name), {}, version)
        assert attempts.retry_after == longest

    def test_httpx_repeats_connects_only(self):
        (attempts,) = attempts_for(load("httpx"), {}, "")
        assert attempts.repeats == {Repeats.CONNECT}
        assert [attempts.backoff.pause(k) for k in (1, 2, 3, 4)] == [0, 500, 1_000, 2_000]

    def test_requests_waits_for_ever(self):
        assert the_limit("requests", "timeout.read").default == UNLIMITED
        assert the_limit("requests", "timeout.connect").default == UNLIMITED

    def test_a_postgres_statement_has_no_limit_and_bare_numbers_are_milliseconds(self):
        fact = the_limit("psycopg", "statement_timeout")
        assert (fact.default, fact.unit, fact.zero.value) == (UNLIMITED, "ms", "unlimited")

    @pytest.mark.parametrize(
        ("version", "constructor", "read", "retries"),
        [
            pytest.param("5.0.8", "Redis", UNLIMITED, 0, id="5: no timeout, no retries"),
            pytest.param("7.1.0", "Redis", UNLIMITED, 3, id="7: retries, no timeout"),
            pytest.param("8.1.0", "Redis", exactly(5_000), 10, id="8: both"),
            pytest.param("8.1.0", "from_url", exactly(5_000), 0, id="from_url never has the retries"),
        ],
    )
    def test_redis_by_version_and_constructor(self, version, constructor, read, retries):
        assert the_limit("redis", "socket_timeout", version, constructor=constructor).default == read
        (attempts,) = attempts_for(load("redis"), {"constructor": constructor}, version)
        assert attempts.default == retries

    def test_redis_default_pauses_add_up_to_5_26_seconds(self):
        (attempts,) = attempts_for(load("redis"), {}, "8.1.0")
        assert sum(attempts.backoff.pause(k) for k in range(1, 11)) == 5_260

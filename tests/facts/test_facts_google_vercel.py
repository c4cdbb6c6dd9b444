"""Google and Vercel: a hop with nothing written, one with everything, and settings that do not work."""

from collections.abc import Mapping

import pytest

from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.settings import Declaration, Known, Problem, ProblemKind, Scalar, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Hop, Layer
from budgetcheck.resolve import Resolution, resolve

SPAN = Span(file="main.tf", line=1)


def resolved(component: str, traits: Mapping[str, str], settings: Mapping[str, Scalar]) -> Resolution:
    declaration = Declaration(
        component=component,
        address=f"terraform:{component}.x",
        title=f"{component}.x",
        span=SPAN,
        traits=tuple(traits.items()),
        settings=tuple(
            Setting(name=name, value=Known(value=value), spans=(SPAN,)) for name, value in settings.items()
        ),
    )
    return resolve([declaration])


def hop(component: str, settings: Mapping[str, Scalar] | None = None, **traits: str) -> Hop:
    return resolved(component, traits, settings or {}).hops[0]


def problems(component: str, settings: Mapping[str, Scalar], **traits: str) -> tuple[Problem, ...]:
    return resolved(component, traits, settings).problems


def the_limit(found: Hop, meaning: Meaning) -> Limit:
    (limit,) = [limit for limit in found.limits if limit.meaning is meaning]
    return limit


INSTANCES = {"balancer": "application", "backend": "instances", "scheme": "EXTERNAL_MANAGED"}


@pytest.mark.parametrize(
    ("component", "traits", "meaning", "seconds"),
    [
        pytest.param("google_compute_backend_service", INSTANCES, Meaning.TOTAL, 30, id="backend service"),
        pytest.param(
            "google_compute_backend_service",
            {"balancer": "proxy", "backend": "instances"},
            Meaning.IDLE,
            30,
            id="proxy of connections",
        ),
        pytest.param(
            "google_compute_url_map",
            {"retries": "none", "total": "backend service"},
            Meaning.TOTAL,
            30,
            id="route action",
        ),
        pytest.param("google_cloudfunctions_function", {"trigger": "http"}, Meaning.TOTAL, 60, id="function"),
        pytest.param("google_cloudfunctions2_function", {"trigger": "http"}, Meaning.TOTAL, 60, id="2nd gen"),
        pytest.param("google_cloudfunctions2_function", {"trigger": "event"}, Meaning.TOTAL, 60, id="events"),
        pytest.param("google_pubsub_subscription", {}, Meaning.VISIBILITY, 10, id="push subscription"),
        pytest.param("google_cloud_scheduler_job", {}, Meaning.PER_ATTEMPT, 180, id="scheduled job"),
        pytest.param("google_cloud_tasks_queue", {}, Meaning.PER_ATTEMPT, 600, id="task"),
        pytest.param("google_api_gateway_api_config", {}, Meaning.TOTAL, 15, id="API Gateway"),
        pytest.param("google_endpoints_service", {}, Meaning.TOTAL, 15, id="Endpoints"),
        pytest.param("vercel_function", {}, Meaning.TOTAL, 300, id="Vercel function"),
        pytest.param("vercel", {}, Meaning.IDLE, 120, id="Vercel rewrite"),
    ],
)
def test_what_counts_where_nothing_is_written(
    component: str, traits: dict[str, str], meaning: Meaning, seconds: int
) -> None:
    limit = the_limit(hop(component, **traits), meaning)
    assert limit.bound.value == seconds * 1_000
    assert not limit.written
    assert "not in your files" in limit.source


@pytest.mark.parametrize(
    ("component", "settings", "meaning", "milliseconds"),
    [
        pytest.param(
            "google_compute_url_map", {"route_action.timeout": "3.5"}, Meaning.TOTAL, 3_500, id="action"
        ),
        pytest.param(
            "google_cloud_scheduler_job", {"attempt_deadline": "320s"}, Meaning.PER_ATTEMPT, 320_000, id="job"
        ),
        pytest.param(
            "google_pubsub_subscription", {"ack_deadline_seconds": 300}, Meaning.VISIBILITY, 300_000, id="ack"
        ),
        pytest.param(
            "google_pubsub_subscription",
            {"ack_deadline_seconds": 0},
            Meaning.VISIBILITY,
            10_000,
            id="0 is 10 s",
        ),
        pytest.param(
            "google_api_gateway_api_config",
            {"x-google-backend.deadline": 45.5},
            Meaning.TOTAL,
            45_500,
            id="deadline",
        ),
        pytest.param(
            "vercel_function",
            {"resource_config.function_default_timeout": 60},
            Meaning.TOTAL,
            60_000,
            id="project",
        ),
    ],
)
def test_what_is_written_counts(
    component: str, settings: dict[str, Scalar], meaning: Meaning, milliseconds: int
) -> None:
    limit = the_limit(hop(component, settings), meaning)
    assert (limit.bound.value, limit.written) == (milliseconds, True)


def test_a_serverless_backend_service_limits_nothing() -> None:
    found = hop("google_compute_backend_service", balancer="application", backend="serverless")
    assert {limit.meaning for limit in found.limits} == {Meaning.KEEPALIVE}
    assert not any(limit.of_answer for limit in found.limits), "only the client's connection"


def test_a_backend_service_with_unknown_backends_claims_no_number() -> None:
    found = hop("google_compute_backend_service", balancer="application", backend="unknown")
    assert not any(limit.meaning is Meaning.TOTAL for limit in found.limits)


def test_a_route_action_replaces_the_time_of_its_service() -> None:
    found = hop("google_compute_backend_service", {"timeout_sec": 30}, **INSTANCES, timeout="route action")
    assert not any(limit.meaning is Meaning.TOTAL for limit in found.limits)


def test_a_backend_connection_is_kept_600_s_and_that_is_fixed() -> None:
    found = hop("google_compute_backend_service", **INSTANCES)
    kept = [limit for limit in found.limits if limit.meaning is Meaning.KEEPALIVE and limit.of_answer]
    assert [(limit.bound.value, limit.adjustable) for limit in kept] == [(600_000, False)]


def test_retries_of_a_route_action() -> None:
    settings: dict[str, Scalar] = {"route_action.retry_policy.num_retries": 3}
    assert hop("google_compute_url_map", settings, retries="all").retry.attempts.value == 4
    assert hop("google_compute_url_map", retries="all").retry.attempts.value == 2
    connect = hop("google_compute_url_map", settings, retries="connect").retry
    assert (connect.attempts.value, connect.connects.value) == (1, 4)
    assert hop("google_compute_url_map", settings, retries="none").retry.attempts.value == 1


@pytest.mark.parametrize(
    ("traits", "value", "kind"),
    [
        pytest.param({"backend": "serverless"}, 120, ProblemKind.INVALID, id="refused"),
        pytest.param(
            {"backend": "serverless"}, 30, ProblemKind.INEFFECTIVE, id="the default passes, without effect"
        ),
        pytest.param({"balancer": "passthrough"}, 60, ProblemKind.INEFFECTIVE, id="ignored"),
        pytest.param({"backend": "serverless"}, None, None, id="null is not written"),
        pytest.param(INSTANCES, 120, None, id="in front of instances it works"),
    ],
)
def test_a_timeout_that_does_not_work(
    traits: dict[str, str], value: Scalar, kind: ProblemKind | None
) -> None:
    found = problems("google_compute_backend_service", {"timeout_sec": value}, **traits)
    assert [problem.kind for problem in found] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("component", "settings", "traits", "kind"),
    [
        pytest.param(
            "google_cloud_scheduler_job",
            {"attempt_deadline": "1801s"},
            {},
            ProblemKind.OVER_CAP,
            id="job over 30 min",
        ),
        pytest.param(
            "google_cloud_scheduler_job",
            {"attempt_deadline": "300"},
            {},
            ProblemKind.INVALID,
            id="job without unit",
        ),
        pytest.param(
            "google_cloud_scheduler_job",
            {"attempt_deadline": "10s"},
            {},
            ProblemKind.INVALID,
            id="job below 15 s",
        ),
        pytest.param(
            "google_pubsub_subscription",
            {"ack_deadline_seconds": 900},
            {},
            ProblemKind.OVER_CAP,
            id="ack over 600 s",
        ),
        pytest.param(
            "google_cloudfunctions_function", {"timeout": 900}, {}, ProblemKind.OVER_CAP, id="1st gen"
        ),
        pytest.param(
            "google_cloudfunctions2_function",
            {"service_config.timeout_seconds": 900},
            {"trigger": "event"},
            ProblemKind.OVER_CAP,
            id="event function over 9 min",
        ),
        pytest.param(
            "google_cloudfunctions2_function",
            {"service_config.timeout_seconds": 900},
            {"trigger": "http"},
            None,
            id="HTTP function of 15 min",
        ),
        pytest.param(
            "vercel_function", {"maxDuration": 900}, {}, ProblemKind.OVER_CAP, id="Vercel over 800 s"
        ),
        pytest.param("vercel_function", {"maxDuration": 800}, {}, None, id="Vercel on a paid plan"),
        pytest.param(
            "vercel_function", {"maxDuration": "60s"}, {}, ProblemKind.INVALID, id="Vercel with unit"
        ),
    ],
)
def test_values_that_are_refused_or_capped(
    component: str, settings: dict[str, Scalar], traits: dict[str, str], kind: ProblemKind | None
) -> None:
    assert [problem.kind for problem in problems(component, settings, **traits)] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("component", "layer"),
    [
        ("google_pubsub_subscription", Layer.QUEUE),
        ("google_cloud_scheduler_job", Layer.QUEUE),
        ("google_cloud_tasks_queue", Layer.QUEUE),
        ("google_cloudfunctions2_function", Layer.PLATFORM),
        ("google_compute_url_map", Layer.BALANCER),
    ],
)
def test_roles(component: str, layer: Layer) -> None:
    found = hop(component)
    assert (found.layer, found.front.entry) == (layer, True)

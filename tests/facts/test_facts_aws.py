"""AWS: hops with nothing written, with everything, at and above their caps, and settings that do not work."""

from collections.abc import Mapping

import pytest

from budgetcheck import budget
from budgetcheck.model.limits import Limit, Meaning
from budgetcheck.model.settings import Declaration, Known, Problem, ProblemKind, Scalar, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Hop, Layer, MethodClass
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


NETWORK = {"load_balancer_type": "network"}
HTTP = {"protocol": "http"}


@pytest.mark.parametrize(
    ("component", "traits", "meaning", "seconds"),
    [
        pytest.param("aws_lb", {}, Meaning.IDLE, 60, id="application balancer"),
        pytest.param("aws_lb", NETWORK, Meaning.IDLE, 350, id="network balancer"),
        pytest.param("aws_lb", {}, Meaning.DRAIN, 300, id="target group"),
        pytest.param("aws_elb", {}, Meaning.IDLE, 60, id="classic balancer"),
        pytest.param("aws_api_gateway_integration", {}, Meaning.TOTAL, 29, id="REST"),
        pytest.param("aws_apigatewayv2_integration", {}, Meaning.TOTAL, 30, id="HTTP"),
        pytest.param(
            "aws_apigatewayv2_integration", {"protocol": "WEBSOCKET"}, Meaning.TOTAL, 29, id="WebSocket"
        ),
        pytest.param("aws_cloudfront_distribution", {}, Meaning.IDLE, 30, id="an attempt of CloudFront"),
        pytest.param("aws_cloudfront_distribution", {}, Meaning.KEEPALIVE, 5, id="CloudFront and its origin"),
        pytest.param("aws_lambda_function", {}, Meaning.TOTAL, 3, id="function"),
        pytest.param("aws_lambda_function", {"edge": "viewer"}, Meaning.TOTAL, 3, id="function at the edge"),
        pytest.param("aws_sqs_queue", {}, Meaning.VISIBILITY, 30, id="queue"),
        pytest.param("aws_ecs_task_definition", {}, Meaning.DRAIN, 30, id="container"),
        pytest.param("aws_ecs_service", HTTP, Meaning.TOTAL, 15, id="Service Connect, a request"),
        pytest.param("aws_ecs_service", HTTP, Meaning.IDLE, 300, id="Service Connect, HTTP idle"),
        pytest.param("aws_ecs_service", {}, Meaning.IDLE, 3_600, id="Service Connect, TCP idle"),
        pytest.param("aws_apprunner_service", {}, Meaning.TOTAL, 120, id="App Runner"),
        pytest.param("aws_db_proxy", {}, Meaning.ACQUIRE, 120, id="borrowing a connection"),
        pytest.param("aws_db_parameter_group", {"engine": "mysql"}, Meaning.ACQUIRE, 50, id="row lock"),
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
    ("component", "settings", "traits", "meaning", "milliseconds"),
    [
        pytest.param(
            "aws_sqs_queue", {"visibility_timeout_seconds": "90"}, {}, Meaning.VISIBILITY, 90_000, id="s"
        ),
        pytest.param(
            "aws_ecs_service",
            {"per_request_timeout_seconds": 0},
            HTTP,
            Meaning.TOTAL,
            None,
            id="0 is no limit",
        ),
        pytest.param(
            "aws_db_parameter_group",
            {"statement_timeout": "2500"},
            {"engine": "postgres"},
            Meaning.TOTAL,
            2_500,
            id="milliseconds",
        ),
        pytest.param(
            "aws_api_gateway_integration", {"timeout_milliseconds": 1500}, {}, Meaning.TOTAL, 1_500, id="REST"
        ),
        pytest.param(
            "aws_cloudfront_distribution",
            {"origin.response_completion_timeout": 45},
            {},
            Meaning.TOTAL,
            45_000,
            id="all attempts of CloudFront together",
        ),
    ],
)
def test_what_is_written_counts(
    component: str, settings: dict[str, Scalar], traits: dict[str, str], meaning: Meaning, milliseconds: int
) -> None:
    found = [limit for limit in hop(component, settings, **traits).limits if limit.meaning is meaning]
    assert (found[0].bound.value, found[0].written) == (milliseconds, True)


@pytest.mark.parametrize(
    ("component", "settings", "traits", "kind", "says"),
    [
        pytest.param("aws_lambda_function", {"timeout": 900}, {}, None, "", id="15 minutes"),
        pytest.param("aws_lambda_function", {"timeout": 901}, {}, ProblemKind.OVER_CAP, "900 s", id="more"),
        pytest.param(
            "aws_lambda_function",
            {"timeout": 6},
            {"edge": "viewer"},
            ProblemKind.OVER_CAP,
            "5 s",
            id="viewer",
        ),
        pytest.param(
            "aws_lambda_function",
            {"timeout": 31},
            {"edge": "origin"},
            ProblemKind.OVER_CAP,
            "30 s",
            id="origin",
        ),
        pytest.param(
            "aws_lambda_function", {"timeout": 30}, {"edge": "origin"}, None, "", id="at the origin"
        ),
        pytest.param(
            "aws_apigatewayv2_integration",
            {"timeout_milliseconds": 30_001},
            {},
            ProblemKind.OVER_CAP,
            "30 s",
            id="no quota raises an HTTP API",
        ),
        pytest.param(
            "aws_api_gateway_integration",
            {"timeout_milliseconds": 60_000},
            {"endpoint": "REGIONAL"},
            ProblemKind.OVER_CAP,
            "without a quota increase",
            id="a quota raises a regional REST API",
        ),
        pytest.param(
            "aws_api_gateway_integration",
            {"timeout_milliseconds": 900_000},
            {"endpoint": "EDGE", "response_transfer_mode": "STREAM"},
            None,
            "",
            id="streamed",
        ),
        pytest.param(
            "aws_cloudfront_distribution",
            {"origin.custom_origin_config.origin_read_timeout": 180},
            {},
            ProblemKind.OVER_CAP,
            "without a quota increase",
            id="a quota raises CloudFront",
        ),
        pytest.param(
            "aws_ecs_task_definition",
            {"stopTimeout": 121},
            {"launch": "FARGATE"},
            ProblemKind.OVER_CAP,
            "120 s",
            id="Fargate",
        ),
        pytest.param(
            "aws_ecs_task_definition", {"stopTimeout": 600}, {"launch": "EC2"}, None, "", id="instances"
        ),
        pytest.param(
            "aws_lb", {"tcp_idle_timeout_seconds": 59}, NETWORK, ProblemKind.INVALID, "60 s", id="NLB below"
        ),
        pytest.param("aws_lb", {"tcp_idle_timeout_seconds": 6000}, NETWORK, None, "", id="NLB at its most"),
        pytest.param(
            "aws_lb",
            {"tcp_idle_timeout_seconds": 100},
            {},
            ProblemKind.INVALID,
            "application",
            id="not of an ALB",
        ),
        pytest.param(
            "aws_lb", {"idle_timeout": 100}, NETWORK, ProblemKind.INEFFECTIVE, "no effect", id="not of an NLB"
        ),
        pytest.param(
            "aws_lb",
            {"tcp_idle_timeout_seconds of a TLS listener": 100},
            NETWORK,
            ProblemKind.INVALID,
            "350 s",
            id="not of a TLS listener",
        ),
        pytest.param(
            "aws_ecs_service",
            {"per_request_timeout_seconds": 30},
            {"protocol": ""},
            ProblemKind.INVALID,
            "appProtocol",
            id="no requests in TCP",
        ),
        pytest.param(
            "aws_ecs_service",
            {"per_request_timeout_seconds": 30},
            {"protocol": "unknown"},
            None,
            "",
            id="a protocol that is not known",
        ),
        pytest.param(
            "aws_db_parameter_group",
            {"statement_timeout": "30"},
            {"engine": "postgres"},
            ProblemKind.SUSPICIOUS,
            "30000",
            id="seconds were meant",
        ),
        pytest.param(
            "aws_db_parameter_group",
            {"statement_timeout": "30s"},
            {"engine": "postgres"},
            ProblemKind.INVALID,
            "not a number",
            id="RDS takes no units",
        ),
        pytest.param(
            "aws_sqs_queue", {"visibility_timeout_seconds": 43_200}, {}, None, "", id="twelve hours"
        ),
    ],
)
def test_values_at_and_beyond_their_ends(
    component: str, settings: dict[str, Scalar], traits: dict[str, str], kind: ProblemKind | None, says: str
) -> None:
    found = problems(component, settings, **traits)
    assert [problem.kind for problem in found] == ([kind] if kind else [])
    assert all(says in f"{problem.text} {problem.fix}" for problem in found)


@pytest.mark.parametrize(
    ("settings", "get", "post"),
    [
        pytest.param({}, 90_000, 30_000, id="three attempts of 30 s, for what may be repeated"),
        pytest.param({"origin.connection_attempts": 1}, 30_000, 30_000, id="one attempt"),
        pytest.param(
            {"origin.response_completion_timeout": 40}, 40_000, 30_000, id="a total cuts them short"
        ),
        pytest.param(
            {"origin.custom_origin_config.origin_read_timeout": 10, "origin.connection_attempts": 2},
            20_000,
            10_000,
            id="two attempts of 10 s",
        ),
    ],
)
def test_cloudfront_repeats_a_get(settings: dict[str, Scalar], get: int, post: int) -> None:
    found = hop("aws_cloudfront_distribution", settings)
    assert budget.worst_case(found, None, MethodClass.IDEMPOTENT).hang.value == get
    assert budget.worst_case(found, None, MethodClass.NON_IDEMPOTENT).hang.value == post


def test_every_connect_is_repeated_and_counts_in_the_strict_case() -> None:
    worst = budget.worst_case(hop("aws_cloudfront_distribution"), None, MethodClass.NON_IDEMPOTENT)
    assert worst.strict.value == 3 * 10_000 + 30_000


@pytest.mark.parametrize(
    ("component", "layer"),
    [
        pytest.param("aws_sqs_queue", Layer.QUEUE, id="hands out messages"),
        pytest.param("aws_ecs_task_definition", Layer.PLATFORM, id="runs a server"),
        pytest.param("aws_ecs_service", Layer.BALANCER, id="forwards"),
        pytest.param("aws_db_parameter_group", Layer.PLATFORM, id="ends statements"),
    ],
)
def test_roles(component: str, layer: Layer) -> None:
    assert hop(component).layer is layer


def test_a_container_alone_promises_nothing() -> None:
    worst = budget.worst_case(hop("aws_ecs_task_definition"), None, MethodClass.IDEMPOTENT)
    assert (worst.hang.low, worst.hang.high) == (0, None)
    assert worst.hang.reason


def test_a_function_url_waits_as_long_as_its_function() -> None:
    found = hop("aws_lambda_function_url")
    inner = budget.worst_case(hop("aws_lambda_function", {"timeout": 40}), None, MethodClass.IDEMPOTENT)
    assert budget.worst_case(found, inner, MethodClass.IDEMPOTENT).hang.value == 40_000
    assert budget.worst_case(found, None, MethodClass.IDEMPOTENT).hang.high is None
    assert not budget.worst_case(found, None, MethodClass.IDEMPOTENT).hang.unlimited

"""Which resource types are places where a request waits, and how their declarations are made.

Limits are matched on the exact attribute path of the resource that holds them: `timeouts {}` blocks, health
checks and whatever else has "timeout" in its name are never taken for one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from budgetcheck.model.settings import Declaration
from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.catalogue import (
    api_gateway,
    app_runner,
    azure,
    beanstalk,
    cloud_run,
    cloudfront,
    databases,
    dns,
    ecs,
    google_balancers,
    google_callers,
    google_functions,
    google_gateways,
    lambdas,
    load_balancers,
    openapi,
    queues,
    vercel,
)
from budgetcheck.readers.terraform.catalogue.stack import ALIASES, Stack
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.registry import FOLDER

Declare = Callable[[Stack, Resource], Iterable[Declaration]]

HOPS: Mapping[str, Declare] = {
    "aws_lb": load_balancers.declare_lb,
    "aws_elb": load_balancers.declare_elb,
    "aws_api_gateway_integration": api_gateway.declare_rest,
    "aws_apigatewayv2_integration": api_gateway.declare_v2,
    "aws_api_gateway_rest_api": openapi.declare_rest,
    "aws_apigatewayv2_api": openapi.declare_http,
    "aws_cloudfront_distribution": cloudfront.declare_distribution,
    "aws_db_parameter_group": databases.declare_parameters,
    "aws_db_proxy": databases.declare_proxy,
    "aws_apprunner_service": app_runner.declare_service,
    "aws_elastic_beanstalk_environment": beanstalk.declare_environment,
    "aws_ecs_service": ecs.declare_connect,
    "aws_ecs_task_definition": ecs.declare_container,
    "aws_lambda_function": lambdas.declare_function,
    "aws_lambda_function_url": lambdas.declare_url,
    "aws_sqs_queue": queues.declare_queue,
    "aws_rds_cluster_parameter_group": databases.declare_parameters,
    "azurerm_linux_web_app": azure.declare_web_app,
    "azurerm_container_app": azure.declare_container_app,
    "azurerm_cdn_frontdoor_route": azure.declare_route,
    "azurerm_frontdoor": azure.declare_classic,
    "azurerm_application_gateway": azure.declare_gateway,
    "google_cloud_run_service": cloud_run.declare_v1,
    "google_cloud_run_v2_service": cloud_run.declare_v2,
    "google_api_gateway_api_config": google_gateways.declare_config,
    "google_endpoints_service": google_gateways.declare_endpoints,
    "google_cloud_scheduler_job": google_callers.declare_job,
    "google_cloud_tasks_queue": google_callers.declare_queue,
    "google_cloudfunctions_function": google_functions.declare_first,
    "google_cloudfunctions2_function": google_functions.declare_second,
    "google_compute_backend_service": google_balancers.declare_backend_service,
    "google_compute_url_map": google_balancers.declare_url_map,
    "google_pubsub_subscription": google_callers.declare_subscription,
    "vercel_project": vercel.declare_project,
}

_SUPPORTING = (
    *load_balancers.TYPES,
    *lambdas.TYPES,
    *api_gateway.TYPES,
    *cloudfront.TYPES,
    *app_runner.TYPES,
    *azure.TYPES,
    *beanstalk.TYPES,
    *databases.TYPES,
    *dns.TYPES,
    *queues.TYPES,
    *cloud_run.TYPES,
    *google_balancers.TYPES,
    *google_callers.TYPES,
    *google_functions.TYPES,
    *google_gateways.TYPES,
    *vercel.TYPES,
)

HOP_TYPES = frozenset(HOPS) | {alias for alias, kind in ALIASES.items() if kind in HOPS}
"""A root module without any of these has nothing to declare."""

TYPES = frozenset((*_SUPPORTING, *HOP_TYPES, *ALIASES))
"""All types that are looked at: hops, and what joins them."""


def declarations(stack: Stack) -> Iterator[Declaration]:
    """The declarations of all hops of a root module; a resource may be none (a mock) or several (origins)."""
    for kind, declare in HOPS.items():
        for resource in stack.of(kind):
            for declaration in declare(stack, resource):
                yield _in_users_files(declaration, resource.span)


def _in_users_files(declaration: Declaration, home: Span) -> Declaration:
    """The declaration without places in the descriptions of registry modules, which nobody can open."""
    settings = (replace(one, spans=_users(one.spans) or (home,)) for one in declaration.settings)
    targets = (replace(one, span=home) if _is_ours(one.span) else one for one in declaration.targets)
    span = home if _is_ours(declaration.span) else declaration.span
    return replace(declaration, span=span, settings=tuple(settings), targets=tuple(targets))


def _users(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(span for span in spans if not _is_ours(span))


def _is_ours(span: Span) -> bool:
    return span.file.startswith(FOLDER)

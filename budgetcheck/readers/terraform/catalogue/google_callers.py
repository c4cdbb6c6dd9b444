"""What calls Cloud Run and functions on its own: push subscriptions, scheduled jobs, task queues.

Sources: https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/pubsub_subscription,
cloud_scheduler_job, cloud_tasks_queue.
"""

from collections.abc import Iterator
from dataclasses import replace

from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.terraform.catalogue.google_serverless import targets_by_url, url_path
from budgetcheck.readers.terraform.catalogue.settings import known_names, place, setting, text
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.instances import Item, Resource
from budgetcheck.readers.terraform.syntax import Template
from budgetcheck.readers.terraform.values import Value

TYPES = ("google_pubsub_subscription", "google_cloud_scheduler_job", "google_cloud_tasks_queue")


def declare_subscription(stack: Stack, subscription: Resource) -> Iterator[Declaration]:
    """A push subscription; one that is pulled has a consumer that no file here names."""
    for push in subscription.blocks("push_config"):
        targets = tuple(_called(stack, push, "push_endpoint"))
        yield _declare(
            stack, subscription, _settings(subscription, "ack_deadline_seconds"), targets, ("POST",)
        )
        return


def declare_job(stack: Stack, job: Resource) -> Iterator[Declaration]:
    """A scheduled job with an HTTP target; one that publishes a message waits for nobody."""
    for target in job.blocks("http_target"):
        if ".googleapis.com/" in "".join(_literals(target, "uri")):
            return  # it starts something (`.../jobs/x:run`): the API answers at once
        method = text(target.value("http_method")).upper()
        found = tuple(_called(stack, target, "uri"))
        settings = _settings(job, "attempt_deadline", "retry_config.retry_count")
        methods = (method,) if method else () if target.written("http_method") else ("POST",)
        yield _declare(stack, job, settings, found, methods)
        return


def _called(stack: Stack, item: Item, name: str) -> Iterator[Target]:
    """What an attribute that holds a URL leads to, for the one path that is called there."""
    path = _path(item, name)
    paths = (PathRule(pattern=path, prefix=path, exact=True),) if path else ()
    for target in targets_by_url(stack, item.value(name), place(item, name)):
        yield replace(target, paths=paths)


def _path(item: Item, name: str) -> str:
    """The path of a URL, also of `"${google_cloud_run_service.x.status[0].url}/path"`; empty if not known."""
    address = text(item.value(name))
    if address:
        return url_path(address)
    last = _literals(item, name)[-1:]
    return last[0].partition("?")[0] if last and last[0].startswith("/") else ""


def _literals(item: Item, name: str) -> list[str]:
    """The text of an attribute: all of it where it is known, else what is written out, part by part."""
    address = text(item.value(name))
    if address:
        return [address]
    attribute = item.block.attributes.get(name)
    expression = item.sources.expression(attribute) if attribute else None
    parts = expression.parts if isinstance(expression, Template) else ()
    return [part if isinstance(part, str) else "" for part in parts]


def declare_queue(stack: Stack, queue: Resource) -> Iterator[Declaration]:
    """A task queue; where its tasks go is in the tasks, unless the queue overrides it."""
    settings = _settings(queue, "retry_config.max_attempts")
    targets = [target for http in queue.blocks("http_target") for target in _overridden(stack, http)]
    yield _declare(stack, queue, settings, tuple(targets), ())


def _overridden(stack: Stack, http: Item) -> Iterator[Target]:
    for override in http.blocks("uri_override"):
        if override.written("host"):
            yield from _host_targets(stack, override.value("host"), place(override, "host"))


def _host_targets(stack: Stack, value: Value, span: Span) -> Iterator[Target]:
    """The queue names a bare host where a subscription has a URL."""
    for target in targets_by_url(stack, value, span):
        yield target if target.address or not text(value) else Target(host=text(value), span=span)


def _settings(resource: Resource, *names: str) -> tuple[Setting, ...]:
    return tuple(found for found in (setting(resource, name) for name in names) if found)


def _declare(
    stack: Stack,
    caller: Resource,
    settings: tuple[Setting, ...],
    targets: tuple[Target, ...],
    methods: tuple[str, ...],
) -> Declaration:
    return Declaration(
        component=caller.type,
        address=stack.address(caller),
        title=caller.address,
        span=caller.span,
        settings=settings,
        front=Front(names=known_names(caller, "name"), methods=methods),
        targets=tuple(dict.fromkeys(targets)),
    )

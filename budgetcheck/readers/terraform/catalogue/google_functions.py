"""Google Cloud Functions of both generations; the newer ones are Cloud Run services underneath.

Sources: https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/cloudfunctions_function,
cloudfunctions2_function.
"""

from collections.abc import Iterator

from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import Front
from budgetcheck.readers.terraform.catalogue.settings import known_names, setting
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.instances import Resource

TYPES = ("google_cloudfunctions_function", "google_cloudfunctions2_function")


def declare_first(stack: Stack, function: Resource) -> Iterator[Declaration]:
    """A function of the first generation."""
    return _declare(stack, function, "timeout")


def declare_second(stack: Stack, function: Resource) -> Iterator[Declaration]:
    """A function of the second generation."""
    return _declare(stack, function, "service_config.timeout_seconds")


def _declare(stack: Stack, function: Resource, path: str) -> Iterator[Declaration]:
    timeout = setting(function, path)
    yield Declaration(
        component=function.type,
        address=stack.address(function),
        title=function.address,
        span=function.span,
        settings=(timeout,) if timeout else (),
        traits=(("trigger", "event" if function.blocks("event_trigger") else "http"),),
        front=Front(names=known_names(function, "name")),
    )

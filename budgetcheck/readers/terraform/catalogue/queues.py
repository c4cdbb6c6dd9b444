"""AWS SQS queues and the functions that consume them.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sqs_queue,
sqs_queue_redrive_policy, lambda_event_source_mapping.
"""

from collections.abc import Iterator

from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.model.topology import Target
from budgetcheck.readers.terraform.catalogue.documents import entry
from budgetcheck.readers.terraform.catalogue.lambdas import function_targets
from budgetcheck.readers.terraform.catalogue.settings import setting, text, trait
from budgetcheck.readers.terraform.catalogue.stack import Stack, values_at
from budgetcheck.readers.terraform.documents import decoded
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.values import Scalar

_QUEUE = "aws_sqs_queue"
_MAPPING = "aws_lambda_event_source_mapping"
_SINKS = (
    (_QUEUE, "redrive_policy"),
    ("aws_sqs_queue_redrive_policy", "redrive_policy"),
    ("aws_sns_topic_subscription", "redrive_policy"),
    ("aws_lambda_function", "dead_letter_config.target_arn"),
    ("aws_lambda_function_event_invoke_config", "destination_config.on_failure.destination"),
    (_MAPPING, "destination_config.on_failure.destination_arn"),
    ("aws_cloudwatch_event_target", "dead_letter_config.arn"),
)
"""Where a queue is named as the place for what could not be delivered."""

TYPES = (_QUEUE, *(kind for kind, _ in _SINKS))


def declare_queue(stack: Stack, queue: Resource) -> Iterator[Declaration]:
    """A queue; none for a dead-letter queue that nothing consumes: nobody waits for its messages."""
    mappings = [one for one in stack.pointing_at(queue, _MAPPING, "event_source_arn") if _is_enabled(one)]
    if not mappings and _is_dead_letter_queue(stack, queue):
        return
    hidden = setting(queue, "visibility_timeout_seconds")
    windows = (_window(mapping) for mapping in mappings)
    yield Declaration(
        component=_QUEUE,
        address=stack.address(queue),
        title=queue.address,
        span=queue.span,
        settings=tuple(found for found in (hidden, *windows) if found),
        traits=(("consumer", "aws_lambda_function" if mappings else ""),),
        targets=tuple(_targets(stack, mappings)),
    )


def _is_enabled(mapping: Resource) -> bool:
    return trait(mapping, "enabled", "true") != "false"


def _window(mapping: Resource) -> Setting | None:
    name = "maximum_batching_window_in_seconds"
    return setting(mapping, name, label=f"{mapping.address}.{name}")


def _targets(stack: Stack, mappings: list[Resource]) -> Iterator[Target]:
    for mapping in mappings:
        yield from function_targets(stack, mapping, "function_name")


def _is_dead_letter_queue(stack: Stack, queue: Resource) -> bool:
    """Another queue, topic or function sends there what it could not deliver, or the queue says so itself."""
    if any(stack.pointing_at(queue, kind, attribute) for kind, attribute in _SINKS):
        return True
    allows = [
        entry(decoded(value), "redrivePermission") for value in values_at(queue, "redrive_allow_policy")
    ]
    return any(isinstance(found, Scalar) and text(found) in ("allowAll", "byQueue") for found in allows)

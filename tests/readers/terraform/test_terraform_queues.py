"""SQS queues and the functions that consume them."""

from pathlib import Path

import pytest
from terraform_files import declared, known, setting_of, stack

from budgetcheck.facts import load
from budgetcheck.model.limits import Meaning
from budgetcheck.model.topology import Layer

QUEUE = """
resource "aws_sqs_queue" "jobs" {
  name                       = "jobs"
  visibility_timeout_seconds = aws_lambda_function.worker.timeout * 6
}
resource "aws_lambda_function" "worker" {
  function_name = "worker"
  timeout       = 40
}
resource "aws_lambda_event_source_mapping" "jobs" {
  event_source_arn                   = aws_sqs_queue.jobs.arn
  function_name                      = aws_lambda_function.worker.arn
  maximum_batching_window_in_seconds = 20
}
"""
JOBS = "terraform:aws_sqs_queue.jobs"


def test_a_queue_leads_to_its_function(tmp_path: Path) -> None:
    result = stack(tmp_path, QUEUE)
    queue = declared(result, JOBS)
    assert known(setting_of(result, JOBS, "visibility_timeout_seconds")) == 240
    window = setting_of(result, JOBS, "maximum_batching_window_in_seconds")
    assert (known(window), window.label) == (
        20,
        "aws_lambda_event_source_mapping.jobs.maximum_batching_window_in_seconds",
    )
    assert [target.address for target in queue.targets] == ["terraform:aws_lambda_function.worker"]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("aws_lambda_alias.live.arn", id="an alias"),
        pytest.param('"worker"', id="a name that is written out"),
        pytest.param(
            '"arn:aws:lambda:eu-west-1:123456789012:function:worker"', id="an ARN that is written out"
        ),
        pytest.param("one(aws_lambda_function.worker[*].arn)", id="a splat"),
    ],
)
def test_the_ways_to_name_a_function(tmp_path: Path, written: str) -> None:
    alias = (
        '\nresource "aws_lambda_alias" "live" {\n'
        "  function_name = aws_lambda_function.worker.function_name\n}\n"
    )
    text = QUEUE.replace("= aws_lambda_function.worker.arn", f"= {written}") + alias
    (target,) = declared(stack(tmp_path, text), JOBS).targets
    assert target.address == "terraform:aws_lambda_function.worker"


def test_a_function_from_elsewhere_is_a_target_with_a_reason(tmp_path: Path) -> None:
    text = QUEUE.replace("= aws_lambda_function.worker.arn", '= "other"')
    (target,) = declared(stack(tmp_path, text), JOBS).targets
    assert (target.address, target.group) == ("", "other")
    assert target.reason


DEAD = 'resource "aws_sqs_queue" "dead" {}\n'


@pytest.mark.parametrize(
    "names_it",
    [
        pytest.param(
            'resource "aws_sqs_queue" "q" {\n  redrive_policy = jsonencode({ deadLetterTargetArn = '
            "aws_sqs_queue.dead.arn, maxReceiveCount = 3 })\n}",
            id="a redrive policy",
        ),
        pytest.param(
            'resource "aws_sqs_queue_redrive_policy" "q" {\n  redrive_policy = <<EOF\n'
            '{"deadLetterTargetArn": "${aws_sqs_queue.dead.arn}"}\nEOF\n}',
            id="a redrive policy of its own, as a heredoc",
        ),
        pytest.param(
            'resource "aws_lambda_function" "f" {\n  dead_letter_config {\n'
            "    target_arn = aws_sqs_queue.dead.arn\n  }\n}",
            id="a function",
        ),
        pytest.param(
            'resource "aws_sns_topic_subscription" "s" {\n  redrive_policy = jsonencode({ '
            "deadLetterTargetArn = aws_sqs_queue.dead.arn })\n}",
            id="a subscription",
        ),
        pytest.param(
            'resource "aws_lambda_event_source_mapping" "m" {\n  destination_config {\n    on_failure {\n'
            "      destination_arn = aws_sqs_queue.dead.arn\n    }\n  }\n}",
            id="a stream's destination for what failed",
        ),
    ],
)
def test_a_dead_letter_queue_that_nothing_consumes_is_no_hop(tmp_path: Path, names_it: str) -> None:
    found = {one.address for one in stack(tmp_path, f"{DEAD}{names_it}\n").declarations}
    assert "terraform:aws_sqs_queue.dead" not in found


def test_a_queue_may_say_itself_that_it_is_one(tmp_path: Path) -> None:
    text = (
        'resource "aws_sqs_queue" "dead" {\n  redrive_allow_policy = jsonencode({ '
        'redrivePermission = "byQueue", sourceQueueArns = [var.source_arn] })\n}\nvariable "source_arn" {}\n'
    )
    assert stack(tmp_path, text).declarations == ()


def test_a_dead_letter_queue_with_a_consumer_is_a_queue(tmp_path: Path) -> None:
    text = QUEUE + (
        'resource "aws_sqs_queue" "main" {\n  redrive_policy = jsonencode({ deadLetterTargetArn = '
        "aws_sqs_queue.jobs.arn })\n}\n"
    )
    assert declared(stack(tmp_path, text), JOBS).targets


def test_a_mapping_that_is_off_consumes_nothing(tmp_path: Path) -> None:
    text = QUEUE.replace("event_source_arn  ", "enabled = false\n  event_source_arn  ")
    queue = declared(stack(tmp_path, text), JOBS)
    assert queue.targets == ()
    assert [setting.name for setting in queue.settings] == ["visibility_timeout_seconds"]


def test_the_facts_of_a_queue() -> None:
    component = load("aws_sqs_queue")
    assert component.layer is Layer.QUEUE
    hidden, window = component.limits
    assert (hidden.meaning, hidden.default and hidden.default.value, hidden.highest) == (
        Meaning.VISIBILITY,
        30_000,
        43_200_000,
    )
    assert (window.meaning, window.default, window.highest) == (Meaning.ACQUIRE, None, 300_000)

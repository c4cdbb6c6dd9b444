"""The same small stacks as sources, plans and states: the same hops, limits and edges."""

import pytest
from plan_files import DOCUMENTS, STACKS, declared, described, known, read_documents, read_sources, setting_of

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Unresolved


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("stack", ["aws", "google"])
def test_a_document_says_what_its_sources_say(stack: str, document: str) -> None:
    expected = [described(one) for one in read_sources(STACKS / stack).declarations]
    result = read_documents(STACKS / stack, document)
    assert [described(one) for one in result.declarations] == expected
    assert len(expected) >= 5
    assert not result.problems


@pytest.mark.parametrize("document", DOCUMENTS)
def test_edges_lead_through_modules_for_each_and_attachments(document: str) -> None:
    result = read_documents(STACKS / "aws", document)
    targets = declared(result, "aws_lb.front").targets
    assert [target.address for target in targets if target.address] == [
        'terraform:module.reports["reports"].aws_lambda_function.this'
    ]
    assert [(target.group, target.port) for target in targets if not target.address] == [("app", 8080)]
    routed = declared(result, "aws_apigatewayv2_integration.defaulted")
    assert [path.pattern for path in routed.front.paths] == ["/things/{id}"]


def test_what_the_provider_fills_in_counts_as_default() -> None:
    result = read_documents(STACKS / "aws", "plan.json")
    cases = {
        ("module.defaulted.aws_lambda_function.this", "timeout"): Origin.DEFAULT,  # null in the module call
        ("module.orders.aws_lambda_function.this", "timeout"): Origin.WRITTEN,
        ("aws_cloudfront_distribution.cdn", "origin.connection_attempts"): Origin.DEFAULT,
        (
            "aws_cloudfront_distribution.cdn",
            "origin.custom_origin_config.origin_read_timeout",
        ): Origin.WRITTEN,
    }
    assert {case: setting_of(result, *case).origin for case in cases} == cases


def test_a_plan_says_what_it_does_not_know_yet() -> None:
    result = read_documents(STACKS / "later", "plan.json")
    value = setting_of(result, "aws_lb.front[0]", "idle_timeout").value
    assert isinstance(value, Unresolved)
    assert value.reason == "the plan does not know it before it is applied"
    # A dynamic block is not in the configuration that a plan keeps, and the ARN is not known yet.
    assert [target.reason for target in declared(result, "aws_lb.front[0]").targets] == [value.reason]


@pytest.mark.parametrize("document", DOCUMENTS[1:])
def test_after_apply_equal_arns_are_edges(document: str) -> None:
    result = read_documents(STACKS / "later", document)
    assert known(setting_of(result, "aws_lb.front[0]", "idle_timeout")) == 90
    targets = declared(result, "aws_lb.front[0]").targets
    assert {target.address for target in targets} == {"terraform:aws_lambda_function.secret"}
    assert declared(result, "aws_lb.front[1]").targets == ()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_sensitive_values_do_not_leave_the_reader(document: str) -> None:
    result = read_documents(STACKS / "later", document)
    value = setting_of(result, "aws_lambda_function.secret", "timeout").value
    assert isinstance(value, Unresolved)
    assert value.reason == "the plan marks it as sensitive"
    assert "33" not in repr(result)
    assert "hunter2" not in repr(result)

"""A Celery worker's command line and the settings of its application make one hop; the command goes first."""

import pytest

from budgetcheck.assess import assess
from budgetcheck.link import link
from budgetcheck.model.options import Options
from budgetcheck.model.settings import Declaration, Known, Setting
from budgetcheck.model.span import Span
from budgetcheck.resolve import resolve
from budgetcheck.rules import visibility_too_short


def celery(address: str, traits: dict[str, str], **settings: int) -> Declaration:
    span = Span(file=address, line=1)
    return Declaration(
        component="celery",
        address=address,
        title=address,
        span=span,
        traits=tuple(traits.items()),
        settings=tuple(
            Setting(name=name, value=Known(value=value), spans=(span,)) for name, value in settings.items()
        ),
    )


def limits(*declarations: Declaration) -> dict[str, int | None]:
    """The limits of the first hop, in seconds."""
    hop = resolve(declarations).hops[0]
    return {limit.setting: limit.bound.value and limit.bound.value // 1_000 for limit in hop.limits}


SHOP = celery("back/shop/celery.py", {"kind": "app"}, task_time_limit=600, visibility_timeout=900)
OTHER = celery("back/other.py", {"kind": "app"}, task_time_limit=60)
NAMES = {
    "shop:app": 600,
    "shop.celery:app": 600,
    "back/shop/__init__.py:app": 600,
    "back/shop/celery.py:a": 600,
    "other:app": 60,
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items(), ids=list(NAMES))
def test_the_application_is_found_by_its_module(name: str, expected: int) -> None:
    assert limits(celery("worker", {"application": name}), SHOP, OTHER)["task_time_limit"] == expected


def test_the_command_line_goes_first() -> None:
    worker = celery("worker", {"application": "shop:app"}, task_time_limit=30)
    assert limits(worker, SHOP) == {"task_time_limit": 30, "visibility_timeout": 900}


def test_the_only_application_counts_whatever_it_is_called() -> None:
    assert limits(celery("worker", {"application": "config:app"}), SHOP)["task_time_limit"] == 600


def test_of_several_applications_none_is_guessed() -> None:
    assert limits(celery("worker", {"application": "config:app"}), SHOP, OTHER) == {}


def test_the_default_of_a_broker_counts_only_where_the_broker_is_known() -> None:
    redis = celery("a.py", {"kind": "app", "broker": "redis"})
    assert limits(redis) == {"visibility_timeout": 3600}
    assert limits(celery("a.py", {"kind": "app", "broker": "sqs"})) == {"visibility_timeout": 1800}
    assert limits(celery("a.py", {"kind": "app", "broker": "amqp"})) == {}
    assert limits(celery("a.py", {"kind": "app"})) == {}


REDELIVERED = {
    "longer than the visibility": ({"task_time_limit": 7200}, {"acks_late": "on"}, "error"),
    "acknowledged early or not known": ({"task_time_limit": 7200}, {}, "warning"),
    "as long as the visibility": ({"task_time_limit": 3600}, {"acks_late": "on"}, ""),
    "only a soft limit is no end": ({"task_soft_time_limit": 7200}, {"acks_late": "on"}, ""),
    "no hard limit": ({}, {"acks_late": "on"}, ""),
}


@pytest.mark.parametrize(("settings", "traits", "severity"), REDELIVERED.values(), ids=list(REDELIVERED))
def test_a_message_that_comes_back_while_it_is_worked_on(
    settings: dict[str, int], traits: dict[str, str], severity: str
) -> None:

    worker = celery("worker", {"broker": "redis", **traits}, **settings)
    _, (route,) = link(resolve([worker]).hops, Options())
    found = [one.severity.label for one in visibility_too_short.RULE.check(assess(route), Options())]
    assert found == ([severity] if severity else [])

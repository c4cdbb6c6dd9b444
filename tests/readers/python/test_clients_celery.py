"""Celery from the side that waits: an endpoint that hands work over and wants its result."""

from pathlib import Path

import pytest

from budgetcheck.model.settings import Declaration

from .client_calls import found, hang

_HEAD = """from celery import Celery, shared_task
from celery.result import AsyncResult
from fastapi import FastAPI

app = Celery("x")
api = FastAPI()

@shared_task
def work(number):
    return number

@app.task(bind=True)
def other(self):
    return 1
"""


def waits(folder: Path, *sent: str) -> list[Declaration]:
    """The waits of an endpoint that does these things."""
    body = "".join(f"    {one}\n" for one in sent)
    calls = found(folder, f"{_HEAD}\n@api.get('/')\ndef call():\n{body}").calls
    return [one for one in calls if one.component == "celery-result"]


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        pytest.param("work.delay(1).get()", None, id="for ever"),
        pytest.param("work.delay(1).get(timeout=5)", 5, id="timeout"),
        pytest.param("other.apply_async().get(3)", 3, id="by position"),
        pytest.param("AsyncResult('id').get(timeout=4)", 4, id="a result by its id"),
        pytest.param("app.send_task('name').get(timeout=6)", 6, id="a task by its name"),
    ],
)
def test_waiting(tmp_path: Path, sent: str, seconds: float | None) -> None:
    (declared,) = waits(tmp_path, sent)
    assert declared.trait("blocking") == "yes"
    bound = hang(declared)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000


def test_handing_over_is_no_call(tmp_path: Path) -> None:
    assert len(waits(tmp_path, "work.delay(1)", "other.apply_async()", "work.delay(2).get(timeout=1)")) == 1

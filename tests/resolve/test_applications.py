"""A server and the handlers of the application it loads are joined, by what is written in both."""

from dataclasses import replace

import pytest

from budgetcheck.model.settings import Declaration
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, Target
from budgetcheck.readers.app_build import path_rule
from budgetcheck.resolve.applications import servers_with_their_handlers


def server(address: str, application: str, *, file: str = "Dockerfile") -> Declaration:
    return Declaration(
        component="gunicorn",
        address=address,
        title=address,
        span=Span(file=file, line=1),
        traits=(("application", application),) if application else (),
    )


def handler(name: str, *applications: str, path: str = "/a") -> Declaration:
    return Declaration(
        component="python",
        address=f"python:{name}",
        title=name,
        span=Span(file=name.partition(":")[0], line=1),
        traits=tuple(("application", application) for application in applications),
        front=Front(paths=(path_rule(path),), methods=("GET",)),
    )


def reached(*declarations: Declaration) -> dict[str, list[str]]:
    """Which handlers each server sends requests to."""
    joined = servers_with_their_handlers(declarations)
    return {
        one.address: [target.address for target in one.targets]
        for one in joined
        if one.component == "gunicorn"
    }


HANDLER = handler("app/views.py:f", "app/main.py:app")
WRITTEN = {
    "the file": ("app/main.py:app", True),
    "the module": ("app.main:app", True),
    "the end of the module": ("main:app", True),
    "another object of the file": ("app/main.py:api", False),
    "another module of that end": ("domain:app", False),
    "nothing": ("", False),
}


@pytest.mark.parametrize(
    ("written", "joined"), [pytest.param(*case, id=name) for name, case in WRITTEN.items()]
)
def test_what_is_written_in_both(written: str, joined: bool) -> None:
    expected = ["python:app/views.py:f"] if joined else []
    assert reached(server("web", written), HANDLER) == {"web": expected}


def test_a_package() -> None:
    assert reached(server("web", "shop:app"), handler("shop/v.py:f", "shop/__init__.py:app")) == {
        "web": ["python:shop/v.py:f"]
    }


def test_targets_carry_the_paths_of_their_handlers() -> None:
    joined = servers_with_their_handlers([server("web", "app.main:app"), HANDLER])
    (target,) = joined[0].targets
    assert [rule.pattern for rule in target.paths] == ["/a"]


def test_of_two_services_with_the_same_layout_the_nearest_is_meant() -> None:
    one = handler("one/app/v.py:f", "one/app/main.py:app")
    two = handler("two/app/v.py:f", "two/app/main.py:app")
    assert reached(
        server("a", "app.main:app", file="one/Dockerfile"),
        server("b", "app.main:app", file="two/Dockerfile"),
        server("c", "app.main:app", file="deploy/Dockerfile"),
        one,
        two,
    ) == {"a": ["python:one/app/v.py:f"], "b": ["python:two/app/v.py:f"], "c": []}


def test_a_router_may_be_part_of_several_applications() -> None:
    shared = handler("app/v.py:f", "app/main.py:app", "app/main.py:admin")
    assert reached(server("a", "app.main:app"), server("b", "app.main:admin"), shared) == {
        "a": ["python:app/v.py:f"],
        "b": ["python:app/v.py:f"],
    }


def test_what_an_app_document_states_stands_and_the_code_is_left_out() -> None:
    stated = Target(address="app:shop/a", span=Span(file="app.yaml", line=3))
    documented = replace(server("web", "app.main:app"), targets=(stated,))
    joined = servers_with_their_handlers([documented, HANDLER])
    assert [one.address for one in joined] == ["web"]
    assert joined[0].targets == (stated,)


def test_a_server_that_a_command_starts_goes_before_one_that_code_starts() -> None:
    code = replace(server("python:app/main.py:uvicorn", "app/main.py:app"), component="uvicorn")
    joined = servers_with_their_handlers([server("web", "app.main:app"), code, HANDLER])
    assert [one.address for one in joined] == ["web", "python:app/views.py:f"]
    alone = servers_with_their_handlers([code, HANDLER])
    assert [target.address for target in alone[0].targets] == ["python:app/views.py:f"]

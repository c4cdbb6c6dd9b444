"""A plan given together with the sources it was made from."""

import shutil
from pathlib import Path

import pytest
from plan_files import STACKS

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration, Known, Reading, Setting, Unresolved, Value
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Target
from budgetcheck.readers.exact import exact_over_evaluated
from budgetcheck.run import RunSettings, run

SOURCE = Span(file="main.tf", line=3, column=3, text="idle_timeout = var.idle")
DEFAULT = Span(file="variables.tf", line=2, column=3, text="default = 75")
PLAN = Span(file="plan.json", text="aws_lb.api: idle_timeout = 75")
WRITTEN = Known(value=75)


def balancer(
    span: Span,
    value: Value | None,
    *spans: Span,
    title: str = "aws_lb.api",
    prefix: str = "",
    environment: str = "",
    origin: Origin = Origin.WRITTEN,
    targets: tuple[Target, ...] = (),
) -> Declaration:
    settings = (
        () if value is None else (Setting(name="idle_timeout", value=value, spans=spans, origin=origin),)
    )
    return Declaration(
        component="aws_lb",
        address=f"terraform:{prefix}{title}",
        title=title,
        span=span,
        settings=settings,
        targets=targets,
        environment=environment,
    )


def evaluated(value: Value | None = WRITTEN, **more: object) -> Declaration:
    return balancer(SOURCE, value, SOURCE, DEFAULT, **more)  # type: ignore[arg-type]


def exact(value: Value | None = WRITTEN, **more: object) -> Declaration:
    return balancer(PLAN, value, PLAN, **more)  # type: ignore[arg-type]


def together(sources: list[Declaration], plan: list[Declaration]) -> list[Declaration]:
    readings = [Reading(declarations=tuple(sources)), Reading(declarations=tuple(plan), exact=True)]
    return list(exact_over_evaluated(readings))


@pytest.mark.parametrize(
    ("source", "plan", "value", "spans"),
    [
        pytest.param(Known(value=75), Known(value=75), Known(value=75), (SOURCE, DEFAULT), id="they agree"),
        pytest.param(
            Known(value=75), Known(value="75"), Known(value=75), (SOURCE, DEFAULT), id="agree as text"
        ),
        pytest.param(
            Known(value=60), Known(value=75), Known(value=75), (SOURCE, PLAN), id="a -var on the way"
        ),
        pytest.param(
            Unresolved(reason="", needs=""),
            Known(value=75),
            Known(value=75),
            (SOURCE, PLAN),
            id="only the plan",
        ),
        pytest.param(
            Known(value=75),
            Unresolved(reason="", needs=""),
            Known(value=75),
            (SOURCE, DEFAULT),
            id="sensitive",
        ),
        pytest.param(None, Known(value=75), Known(value=75), (PLAN,), id="not written in the sources"),
    ],
)
def test_values_of_the_plan_at_the_places_of_the_sources(
    source: Value | None, plan: Value, value: Value, spans: tuple[Span, ...]
) -> None:
    (found,) = together([evaluated(source)], [exact(plan)])
    assert found.span == SOURCE
    assert [(one.value, one.spans) for one in found.settings] == [(value, spans)]


def test_what_is_only_the_default_is_no_setting() -> None:
    (found,) = together([], [exact(origin=Origin.DEFAULT)])
    assert found.settings == ()


def test_a_default_that_the_sources_write_is_written() -> None:
    (found,) = together([evaluated()], [exact(origin=Origin.DEFAULT)])
    assert [one.origin for one in found.settings] == [Origin.WRITTEN]


def test_instances_that_the_plan_does_not_have_go() -> None:
    sources = [evaluated(title='aws_lb.api["a"]'), evaluated(title="aws_lb.other")]
    plan = [exact(title='aws_lb.api["b"]')]
    assert [one.title for one in together(sources, plan)] == ["aws_lb.other", 'aws_lb.api["b"]']


@pytest.mark.parametrize(
    ("sources", "plan", "expected"),
    [
        pytest.param(["prod", "staging"], "prod", ["staging", "prod"], id="only its own environment"),
        pytest.param(["prod", "staging"], "production", ["staging", "production"], id="by any of its names"),
        pytest.param(["prod", "staging"], "", [""], id="a plan of no environment stands for all"),
        pytest.param(
            ["", "staging"], "prod", ["staging", "staging", "prod"], id="the rest of what is in all"
        ),
    ],
)
def test_environments(sources: list[str], plan: str, expected: list[str]) -> None:
    found = together([evaluated(environment=name) for name in sources], [exact(environment=plan)])
    assert [one.environment for one in found] == expected


def test_a_state_goes_behind_the_sources() -> None:
    """What was applied last is no news where the sources say what will be."""
    state = Span(file="terraform.tfstate", text="aws_lb.api")
    declarations = (
        balancer(state, Known(value=60), state),
        balancer(state, Known(value=61), state, title="aws_lb.unmanaged"),
    )
    past = Reading(declarations=declarations, exact=True, applied=("terraform.tfstate",))
    found = exact_over_evaluated([Reading(declarations=(evaluated(),)), past])
    assert [(one.title, one.settings[0].value) for one in found] == [
        ("aws_lb.api", Known(value=75)),
        ("aws_lb.unmanaged", Known(value=61)),
    ]


def test_the_plan_of_one_of_several_root_modules_is_told_by_its_directory() -> None:
    sources = [evaluated(prefix="infra/a/"), evaluated(prefix="infra/b/")]
    plan = [exact(targets=(Target(address="terraform:aws_lambda_function.f", span=PLAN),))]
    placed = [
        Declaration(
            component=one.component,
            address=one.address,
            title=one.title,
            span=Span(file="infra/b/plan.json"),
            targets=one.targets,
        )
        for one in plan
    ]
    found = together(sources, placed)
    assert [one.address for one in found] == ["terraform:infra/a/aws_lb.api", "terraform:infra/b/aws_lb.api"]
    assert found[1].targets[0].address == "terraform:infra/b/aws_lambda_function.f"


def test_edges_that_a_plan_does_not_know_come_from_the_sources() -> None:
    vague = Target(span=PLAN, reason="the plan does not know it before it is applied")
    edge = Target(address="terraform:aws_lambda_function.f", span=SOURCE)
    (found,) = together([evaluated(targets=(edge,))], [exact(targets=(vague,))])
    assert found.targets == (edge,)


def test_the_report_of_sources_and_plan_is_that_of_the_sources_where_they_agree(tmp_path: Path) -> None:
    shutil.copytree(STACKS / "aws", tmp_path / "aws")
    folder = tmp_path / "aws"
    settings = RunSettings(no_config=True)
    alone = run([folder / "main.tf", folder / "modules"], cwd=tmp_path, settings=settings)
    both = run(
        [folder / "main.tf", folder / "modules", folder / "plan.json"], cwd=tmp_path, settings=settings
    )
    assert [finding.message for finding in both.findings] == [finding.message for finding in alone.findings]
    assert [finding.span for finding in both.findings] == [finding.span for finding in alone.findings]
    assert len(alone.findings) >= 3


def test_a_remedy_never_edits_a_plan(tmp_path: Path) -> None:
    shutil.copy(STACKS / "aws" / "plan.json", tmp_path)
    report = run([tmp_path / "plan.json"], cwd=tmp_path, settings=RunSettings(no_config=True))
    fixes = [fix for finding in report.findings for fix in finding.fixes]
    assert fixes
    assert not [edit for fix in fixes for edit in fix.edits]
    assert all(": " in fix.text for fix in fixes)

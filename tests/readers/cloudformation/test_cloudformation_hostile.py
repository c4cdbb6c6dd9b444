"""Templates that somebody wrote to hurt: nothing crashes, hangs, or is read outside of the root."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from template_files import HEAD, reading

from budgetcheck.readers.claims import is_cloudformation
from budgetcheck.readers.cloudformation import documents
from budgetcheck.tree import SourceFile

FUNCTION = "  F: {Type: 'AWS::Lambda::Function', Properties: {Timeout: 5}}\n"
LAUGHS = "".join(f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
DEEP = "!Sub " + "[" * 90 + "x" + "]" * 90
JOINED = "!Join ['', [" + "!Join ['', [" * 50 + "x" + "]]" * 50 + "]]"
DOUBLED = "".join(f"  d{n}: ${{self:custom.d{n + 1}}}${{self:custom.d{n + 1}}}\n" for n in range(60))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f"{HEAD}Metadata:\n  l0: &l0 [1]\n{LAUGHS}Resources:\n{FUNCTION}", id="aliases of aliases"
        ),
        pytest.param(
            f"{HEAD}Resources:\n  F: {{Type: 'AWS::Lambda::Function', Properties: {DEEP}}}\n", id="deep"
        ),
        pytest.param(
            f"{HEAD}Resources:\n  F: {{Type: 'AWS::Lambda::Function', Properties: {{Timeout: {JOINED}}}}}\n",
            id="joins in joins",
        ),
        pytest.param(f"{HEAD}Resources: [1, 2]\n", id="no mapping"),
        pytest.param(
            f"{HEAD}Resources:\n  F: 3\n  G: {{Type: [1]}}\n  H: {{Type: 'AWS::SQS::Queue'}}\n", id="odd"
        ),
        pytest.param(
            f"{HEAD}Resources:\n  F: {{Type: 'AWS::Lambda::Function', Properties: 3}}\n", id="odd properties"
        ),
        pytest.param(
            f"{HEAD}Resources:\n  S: {{Type: 'AWS::CloudFormation::Stack',"
            " Properties: {TemplateURL: template.yaml}}\n",
            id="a stack in itself",
        ),
        pytest.param(
            f"{HEAD}Resources:\n  S: {{Type: 'AWS::CloudFormation::Stack',"
            " Properties: {TemplateURL: ../../../../etc/passwd}}\n",
            id="a stack outside",
        ),
        pytest.param(
            f"{HEAD}Parameters: {{P: {{Type: String, Default: !Ref P}}}}\nResources:\n"
            "  F: {Type: 'AWS::Lambda::Function', Properties: {Timeout: !Ref P}}\n",
            id="a parameter that is its own default",
        ),
        pytest.param(
            f"{HEAD}Resources:\n  F: !!python/object/apply:os.system ['false']\n", id="a tag of Python"
        ),
        pytest.param(f"{HEAD}Resources:\n  F: {{Type: 'AWS::Lambda", id="broken off"),
        pytest.param("{" + '"Resources": {"F": ' * 400, id="JSON without an end"),
    ],
)
def test_a_template_is_read_or_refused(tmp_path: Path, text: str) -> None:
    start = time.process_time()
    result = reading(tmp_path, {"template.yaml": text})
    assert time.process_time() - start < 10
    assert all(problem.span.file == "template.yaml" for problem in result.problems)


@pytest.mark.parametrize(
    "timeout",
    [
        pytest.param("${self:custom.d0}", id="texts that double"),
        pytest.param("${self:functions}", id="the functions themselves"),
        pytest.param("${self:}", id="the whole file"),
        pytest.param("${" * 400, id="open braces"),
        pytest.param("${" * 6_000 + "}" * 6_000, id="braces in braces"),
        pytest.param("${self:" * 2_000 + "}" * 2_000, id="variables in variables"),
        pytest.param("${self:custom.${self:custom.${self:custom.", id="broken off"),
        pytest.param("${file(/etc/hostname):x}", id="an absolute path"),
    ],
)
def test_a_service_is_read_or_left_open(tmp_path: Path, timeout: str) -> None:
    start = time.process_time()
    text = (
        f"service: s\ncustom:\n{DOUBLED}  d60: xxxxxxxxxx\nprovider: {{name: aws}}\n"
        f"functions:\n  f:\n    handler: a.b\n    timeout: '{timeout}'\n"
    )
    result = reading(tmp_path, {"serverless.yml": text})
    assert time.process_time() - start < 10
    assert [one.title for one in result.declarations if one.component == "aws_lambda_function"] == ["f"]


@given(
    st.recursive(
        st.sampled_from(
            ["!Ref A", "!Ref AWS::NoValue", "!GetAtt B.Arn", "5", "x", "!Sub '${A}-${B.Arn}'", "null"]
        ),
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
            | st.tuples(
                st.sampled_from(["Join", "Select", "Split", "If", "FindInMap", "Sub", "ImportValue", "Cidr"]),
                inner,
            ).map(lambda pair: f"{{'Fn::{pair[0]}': {pair[1]}}}")
        ),
        max_leaves=12,
    )
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_expression_has_some_worth(tmp_path: Path, expression: str) -> None:
    text = (
        f"{HEAD}Parameters: {{A: {{Type: String, Default: a}}}}\nResources:\n"
        "  B:\n    Type: AWS::Lambda::Function\n"
        f"    Properties: {{Timeout: {expression}, Handler: {expression}}}\n"
    )
    result = reading(tmp_path, {"template.yaml": text})
    assert [one.title for one in result.declarations] == ["B"]


def test_what_is_not_looked_at_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_FILES", 2)
    result = reading(tmp_path, {f"{name}.yaml": f"{HEAD}Resources:\n{FUNCTION}" for name in "abcd"})
    assert len(result.declarations) == 2
    assert [problem.text[:11] for problem in result.problems] == ["more than 2"]


def named(name: str, head: str) -> bool:
    return is_cloudformation(SourceFile(name=name, path=Path(name), head=head))


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        pytest.param("x/any.yaml", f"{HEAD}Resources:\n", True, id="the version"),
        pytest.param("x/any.yml", f"Resources:\n{FUNCTION}", True, id="a type of AWS"),
        pytest.param("x/any.json", '{"Resources": {"F": {\n"Type": "AWS::SQS::Queue"', True, id="JSON"),
        pytest.param("x/stack.template", f"{HEAD}Resources:\n", True, id="by another suffix"),
        pytest.param("cdk.out/Shop.template.json", "", True, id="what a CDK application makes"),
        pytest.param("package.json", "", False, id="JSON nobody looked into"),
        pytest.param("serverless.yml", "service: s\nprovider:\n  name: aws\n", True, id="a service"),
        pytest.param("serverless.yaml", "rules:\n  - x\n", False, id="a policy of that name"),
        pytest.param("serverless-compose.yml", "services:\n  a: {path: a}\n", False, id="a composition"),
        pytest.param(
            "k8s/any.yaml",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: AWS::Region\n",
            False,
            id="Kubernetes",
        ),
        pytest.param("docs/any.md", f"{HEAD}Resources:\n{FUNCTION}", False, id="a document about it"),
        pytest.param(
            ".gitlab-ci.yml", "deploy:\n  script: aws cloudformation deploy\n", False, id="a pipeline"
        ),
    ],
)
def test_what_is_a_template(name: str, head: str, expected: bool) -> None:
    assert named(name, head) is expected


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param("Transform:", id="transforms"),
        pytest.param("Type: AWS::", id="types"),
        pytest.param("{ , ", id="braces"),
        pytest.param("Resources ", id="resources"),
        pytest.param("'Transform' : [ - ", id="lists"),
    ],
)
def test_no_text_takes_long_to_be_told(piece: str) -> None:
    start = time.monotonic()
    named("any.yaml", f"AWS\nResources:\n{piece * 6_000}"[:65536])
    assert time.monotonic() - start < 1

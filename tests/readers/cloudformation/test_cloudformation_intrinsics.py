"""What intrinsic functions are worth, by the timeout of a function that is written with them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from template_files import setting_of, template, value_of

from budgetcheck.readers.cloudformation.texts import joined, substituted
from budgetcheck.readers.terraform.values import Ref, Scalar, Unknown

AROUND = """
Parameters:
  Limit: {Type: Number, Default: 20}
  Texted: {Type: String, Default: "40"}
  Empty: {Type: Number}
  Stage: {Type: String, Default: prod, AllowedValues: [prod, dev]}
  Size: {Type: String, AllowedValues: [small, large]}
  Times: {Type: CommaDelimitedList, Default: "5, 15, 25"}
  Kept: {Type: "AWS::SSM::Parameter::Value<Number>", Default: /shop/limit}
Mappings:
  Limits:
    prod: {Seconds: 30}
    dev: {Seconds: 10}
    small: {Seconds: 7}
    large: {Seconds: 70}
  Same:
    small: {Seconds: 9}
    large: {Seconds: 9}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  IsLarge: !Equals [!Ref Size, large]
  IsHuge: !Equals [!Ref Size, huge]
  Either: !Or [!Condition IsProd, !Condition IsLarge]
  Both: !And [!Condition IsProd, !Condition IsLarge]
  InEurope: !Equals [!Ref AWS::Region, eu-west-1]
  Circular: !Not [!Condition Circular]
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Timeout: """


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("12", 12, id="a number"),
        pytest.param('"12"', "12", id="a number in quotes"),
        pytest.param("!Ref Limit", 20, id="the default of a parameter"),
        pytest.param("{Ref: Limit}", 20, id="the long form"),
        pytest.param("!Sub '${Texted}'", "40", id="a text that is one parameter"),
        pytest.param("!Sub ['${a}${b}', {a: 1, b: 5}]", "15", id="variables of the text's own"),
        pytest.param("!Sub '${!Limit}'", "${Limit}", id="a dollar that is meant"),
        pytest.param("!Join ['', ['2', '5']]", "25", id="joined digits"),
        pytest.param("!Select [1, !Ref Times]", "15", id="an element of a list parameter"),
        pytest.param("!Select ['0', !Split ['-', '33-44']]", "33", id="a part of a text"),
        pytest.param(
            "!FindInMap [Limits, !Ref Stage, Seconds]", 30, id="a map by a parameter with a default"
        ),
        pytest.param("!FindInMap [Limits, !Ref Size, Seconds]", {7, 70}, id="a map by allowed values"),
        pytest.param("!FindInMap [Same, !Ref AWS::Region, Seconds]", 9, id="a key that makes no difference"),
        pytest.param(
            "!FindInMap [Limits, !Ref AWS::Region, Seconds]", {30, 10, 7, 70}, id="a key nobody knows"
        ),
        pytest.param("!FindInMap [Limits, none, Seconds]", ..., id="a key that is not there"),
        pytest.param("!If [IsProd, 50, 5]", 50, id="a condition that the default decides"),
        pytest.param("!If [IsDev, 50, 5]", 5, id="its negation"),
        pytest.param("!If [IsLarge, 50, 5]", {50, 5}, id="a condition of a parameter without default"),
        pytest.param("!If [IsHuge, 50, 5]", 5, id="a value that is not among those allowed"),
        pytest.param("!If [Either, 50, 5]", 50, id="one side of an or is enough"),
        pytest.param("!If [Both, 50, 5]", {50, 5}, id="one side of an and is not"),
        pytest.param("!If [InEurope, 50, 5]", {50, 5}, id="a condition of the region"),
        pytest.param("!If [Circular, 50, 5]", {50, 5}, id="a condition that refers to itself"),
        pytest.param("!If [Missing, 50, 5]", {50, 5}, id="a condition that is not there"),
        pytest.param("!If [IsLarge, 50, !Ref AWS::NoValue]", {50, None}, id="written or left out"),
        pytest.param("!Ref AWS::NoValue", None, id="left out"),
        pytest.param("!Ref Empty", ..., id="a parameter without default"),
        pytest.param("!Ref Kept", ..., id="the name of a stored parameter is not its value"),
        pytest.param("'{{resolve:ssm:/shop/limit}}'", ..., id="a dynamic reference"),
        pytest.param("!ImportValue shop-limit", ..., id="an import from elsewhere"),
        pytest.param("!Unheard [1]", ..., id="a function that does not exist"),
        pytest.param("!GetAtt Worker.Limit", ..., id="an attribute"),
        pytest.param("!Select [7, !Ref Times]", ..., id="an element that is not there"),
        pytest.param("!Join broken", ..., id="a function written wrongly"),
    ],
)
def test_the_timeout_of_a_function(tmp_path: Path, written: str, expected: object) -> None:
    result = template(tmp_path, f"{AROUND}{written}\n")
    found = next(iter(result.declarations)).setting("timeout")
    assert value_of(found) == expected


def test_the_way_of_a_value_leads_to_its_literal(tmp_path: Path) -> None:
    result = template(tmp_path, f"{AROUND}!FindInMap [Limits, !Ref Stage, Seconds]\n")
    spans = setting_of(result, "cloudformation:Worker", "timeout").spans
    assert spans[0].text == "Timeout"
    assert spans[-1].text == "Seconds: 30"
    assert "Default" in [span.text for span in spans]


def test_a_value_that_is_no_number_is_not_shown(tmp_path: Path) -> None:
    result = template(tmp_path, AROUND.replace("Default: 20", 'Default: "hunter2"') + "!Ref Limit\n")
    spans = setting_of(result, "cloudformation:Worker", "timeout").spans
    assert not [span for span in spans if "hunter2" in span.text]


@given(st.lists(st.text(max_size=8), max_size=6), st.text(max_size=3))
@settings(max_examples=60, deadline=None)
def test_known_texts_are_joined_as_they_are(parts: list[str], delimiter: str) -> None:
    known = joined((Scalar(value=part) for part in parts), delimiter)
    if len(parts) != 1:
        assert known == Scalar(value=delimiter.join(parts))


@given(st.text(max_size=60))
@settings(max_examples=120, deadline=None)
def test_a_text_with_names_that_stand_for_themselves_is_itself(text: str) -> None:
    result = substituted(text, lambda name: Scalar(value=f"<{name}>"))
    assert isinstance(result, Scalar)
    if "${" not in text:
        assert result.value == text


def test_a_text_with_an_unknown_part_keeps_what_it_refers_to() -> None:
    function = Unknown(reason="later", refs=(Ref(address="Worker", attribute="Arn"),))
    found = substituted("arn:aws:lambda:${F}/invocations", lambda _: function)
    assert isinstance(found, Unknown)
    assert [ref.address for ref in found.refs] == ["Worker"]
    assert found.pieces[-1].value == Scalar(value="/invocations")

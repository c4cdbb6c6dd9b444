"""Parts of the evaluator on their own: regular expressions, numbers, the dialect of the parser, types."""

import random
import re
import time
from fractions import Fraction
from pathlib import Path

import pytest
from terraform_files import reading, value_of, write

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.dialect import rewritten
from budgetcheck.readers.terraform.functions.regular import Pattern, PatternError, UnsupportedPatternError
from budgetcheck.readers.terraform.numerals import rounded, show_number
from budgetcheck.readers.terraform.parse import parse_expression
from budgetcheck.readers.terraform.syntax import Invalid
from budgetcheck.readers.terraform.type_syntax import read_type
from budgetcheck.readers.terraform.values import ListValue, NotKnownError, Scalar, Unknown


def random_pattern(source: random.Random, depth: int = 0) -> str:
    def inner() -> str:
        return random_pattern(source, depth + 1)

    if depth > 3 or source.random() < 0.4:
        return source.choice(["a", "b", "c", ".", "[ab]", "[^a]", r"\d", r"\w", r"\.", "-", "/", ":", r"\b"])
    shapes = [
        lambda: inner() + inner(),
        lambda: f"({inner()})",
        lambda: f"(?:{inner()}|{inner()})",
        lambda: f"(?:{inner()})" + source.choice(["*", "+", "?", "*?", "+?", "??", "{1,2}", "{2}", "{1,}"]),
        lambda: f"^{inner()}",
        lambda: f"{inner()}$",
    ]
    return source.choice(shapes)()


def test_patterns_match_what_pythons_engine_matches_where_the_dialects_agree() -> None:
    source = random.Random(11)
    compared = 0
    for _ in range(4_000):
        text = "".join(source.choice("abc1./-:") for _ in range(source.randint(0, 9)))
        pattern = random_pattern(source)
        try:
            found = next(Pattern(pattern).matches(text), None)
        except UnsupportedPatternError:
            continue
        match = re.search(pattern.replace("$", r"\Z"), text, re.ASCII)
        expected = match and tuple(
            place for group in range(match.re.groups + 1) for place in match.span(group)
        )
        assert found == expected, (pattern, text)
        compared += 1
    assert compared > 3_000


@pytest.mark.parametrize(
    ("pattern", "error"),
    [
        ("(a", PatternError),
        ("a)", PatternError),
        ("*a", PatternError),
        ("a**", PatternError),
        ("[b-a]", PatternError),
        ("(?=a)", PatternError),
        ("(?<!a)b", PatternError),
        (r"(a)\1", UnsupportedPatternError),
        (r"\pL", UnsupportedPatternError),
        ("(a*)*", UnsupportedPatternError),
        ("a{1,1000}", UnsupportedPatternError),
    ],
)
def test_what_is_no_pattern_is_told_from_what_is_not_supported(pattern: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Pattern(pattern)


def test_hostile_patterns_do_not_keep_the_checker_busy(tmp_path: Path) -> None:
    started = time.process_time()
    text = "a" * 3_000
    value = value_of(tmp_path, f'[for n in range(1000) : replace("${{n}}{text}", "/(a+)+(a+)+(a+)+$x/", "")]')
    assert isinstance(value, ListValue)
    reasons = {item.reason for item in value.items if isinstance(item, Unknown)}
    assert reasons == {
        "a regular expression is not evaluated: it takes too long",
        "too much work: the expressions of this module expand too far",
    }
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(1, 10), "0.1"),
        (Fraction(-5, 2), "-2.5"),
        (Fraction(1, 100), "0.01"),
        (Fraction("123456.000123"), "123456.000123"),
        (10**30, "1" + "0" * 30),
    ],
)
def test_numbers_are_shown_without_exponent_and_as_short_as_they_are(
    number: int | Fraction, text: str
) -> None:
    assert show_number(rounded(number)) == text


def test_an_endless_number_has_no_text() -> None:
    with pytest.raises(NotKnownError):
        show_number(rounded(Fraction(10, 3)))


@pytest.mark.parametrize(
    "text",
    [
        '"${~ a ~}"',
        'f(\n  a, # one\n  "x # no comment",\n)',
        "[/* c */ 1, // two\n 2]",
        'core::upper("${core::lower("A")}")',
        "(a\n  .b)",
        "f(<<EOT  \nx\nEOT  \n)",
        '"${f("}")} // no comment"',
    ],
)
def test_what_is_rewritten_for_the_parser_is_of_the_same_length_and_understood(text: str) -> None:
    assert len(rewritten(text)) == len(text)
    assert not isinstance(parse_expression(text.replace("EOT  ", "EOT"), "given"), Invalid)


@pytest.mark.parametrize(
    "text",
    [
        "any",
        "list(string)",
        "map(object({ a = optional(number, 30), b = optional(list(string), []) }))",
        'object({\n    a = string # why\n    b = tuple([number, bool]),\n\n  // more\n  "c" : set(any)\n})',
        'optional(object({ t = optional(number, -1), u = optional(string, "x") }), {})',
    ],
)
def test_constraints_are_read_as_the_big_parser_reads_them(text: str) -> None:
    assert read_type(text, Span(file="given", line=4, column=12)) == parse_expression(text, "given", 4, 12)


@pytest.mark.parametrize(
    "text", ["optional(number, 60 * 60)", '"a ${b}"', "list(string", "a b", "object({ a })", "1.5"]
)
def test_a_constraint_that_is_not_plain_is_left_to_the_big_parser(text: str) -> None:
    assert read_type(text, Span(file="given")) is None


def test_module_calls_that_lead_nowhere_are_one_problem_for_a_directory(tmp_path: Path) -> None:
    calls = "\n".join(f'module "m{n}" {{\n  source = "./missing/m{n}"\n}}' for n in range(5))
    (problem,) = reading(tmp_path, {"fixtures/main.tf": calls}).problems
    assert problem.text == (
        "5 module calls in fixtures lead to directories that hold no Terraform files:"
        " ./missing/m0, ./missing/m1, ./missing/m2 and 2 more"
    )
    assert problem.span.place == "fixtures/main.tf:1"


def test_values_of_resources_that_a_schema_may_convert_are_not_compared_across_types(tmp_path: Path) -> None:
    text = 'resource "aws_lambda_function" "f" {\n  timeout = "60"\n}\n'
    assert isinstance(value_of(tmp_path, "aws_lambda_function.f.timeout == 60", text), Unknown)
    doubled = value_of(tmp_path, "aws_lambda_function.f.timeout * 2", text)
    assert isinstance(doubled, Scalar)
    assert doubled.value == 120


def test_a_file_that_is_not_there_is_not_said_to_be_missing(tmp_path: Path) -> None:
    # It may be made before `terraform plan`.
    assert isinstance(value_of(tmp_path, 'fileexists("dist/function.zip")'), Unknown)


def test_files_outside_of_the_root_are_not_listed(tmp_path: Path) -> None:
    write(tmp_path / "outside", {"secret.yaml": "a: 1"})
    value = value_of(tmp_path / "inside", 'fileset("../outside", "*.yaml")')
    assert isinstance(value, Unknown)
    assert "outside the repository" in value.reason


def test_a_directory_with_links_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "loop").symlink_to(tmp_path)
    assert isinstance(value_of(tmp_path, 'fileset("d", "**/*.yaml")'), Unknown)

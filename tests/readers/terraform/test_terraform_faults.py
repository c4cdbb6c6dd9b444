"""Files that are broken, hostile or written in a way parsers stumble over."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from terraform_files import declared, known, reading, reason, setting_of, stack, value_of

from budgetcheck.readers.terraform.parse import parse_expression
from budgetcheck.readers.terraform.syntax import Invalid, Literal
from budgetcheck.readers.terraform.values import Unknown

ADDRESS = "terraform:aws_lb.api"
GOOD = 'resource "aws_lb" "api" {\n  idle_timeout = 60\n}\n'


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        pytest.param(
            'resource "aws_s3_bucket" "b" {\n  x = [1, 2\n}\n', "`]` is missing", id="a list is open"
        ),
        pytest.param('resource "aws_s3_bucket" "b" {\n  x = "abc\n}\n', "quote", id="a quote is open"),
        pytest.param('resource "aws_s3_bucket" "b" {\n  x = 1\n', "`}` is missing", id="a block is open"),
        pytest.param('resource "aws_s3_bucket" "b" {\n  x = \n}\n', "not valid", id="a value is missing"),
        pytest.param(
            'resource "aws_s3_bucket" "b" {\n  x = "a\n  y = "b\n}\n', "quote", id="two open quotes balance"
        ),
    ],
)
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_one_bad_block_is_named_and_hides_nothing_else(
    tmp_path: Path, broken: str, says: str, first: bool
) -> None:
    result = stack(tmp_path, broken + GOOD if first else GOOD + broken)
    assert known(setting_of(result, ADDRESS, "idle_timeout")) == 60
    (problem,) = result.problems
    assert problem.span.line == (1 if first else 4)
    assert 'resource "aws_s3_bucket" "b"' in problem.text
    assert says in problem.text
    assert problem.fix


def test_a_limit_in_a_broken_block_is_unresolved_and_never_the_default(tmp_path: Path) -> None:
    text = 'resource "aws_lb" "api" {\n  name = "x\n  idle_timeout = 300\n}\n'
    result = stack(tmp_path, text)
    assert "could not be read" in reason(setting_of(result, ADDRESS, "idle_timeout"))


def test_an_expression_that_cannot_be_parsed_is_a_problem_with_its_block(tmp_path: Path) -> None:
    text = 'resource "aws_lb" "api" {\n  name         = "x"\n  idle_timeout = 5 5\n}\n'
    result = stack(tmp_path, text)
    assert [problem.span.file for problem in result.problems] == ["main.tf"]
    assert 'resource "aws_lb" "api"' in result.problems[0].text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("/* seconds */ 60", 60, id="a comment before the value"),
        pytest.param("(var.x\n  .y)", 60, id="a line break before an attribute in brackets"),
        pytest.param("core::max(1, 60)", 60, id="a namespaced function"),
        pytest.param("max(\n  1, # one\n  60,\n)", 60, id="comments and a trailing comma between arguments"),
        pytest.param("tonumber(trimspace(<<EOT\n60\nEOT  \n))", 60, id="blanks behind the end of a heredoc"),
        pytest.param("sum([\n  for v in\n  [30, 30] : v\n])", 60, id="a for-expression over several lines"),
    ],
)
def test_valid_terraform_that_parsers_reject(tmp_path: Path, text: str, expected: int) -> None:
    result = stack(
        tmp_path, GOOD.replace("60", text), variables='variable "x" {\n  default = { y = 60 }\n}\n'
    )
    assert result.problems == ()
    assert known(setting_of(result, ADDRESS, "idle_timeout")) == expected


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    setting = setting_of(reading(tmp_path, {}), ADDRESS, "idle_timeout")
    assert (known(setting), setting.spans[0].line) == (60, 2)


def test_umlauts_before_an_attribute_do_not_shift_its_column(tmp_path: Path) -> None:
    text = 'resource "aws_lb" "api" {\n  /* für */ idle_timeout = 60\n}\n'
    assert setting_of(stack(tmp_path, text), ADDRESS, "idle_timeout").spans[0].column == 13


def test_a_header_inside_a_heredoc_is_no_block(tmp_path: Path) -> None:
    text = 'locals {\n  doc = <<EOT\nresource "aws_lb" "fake" {\n}\nEOT\n}\n'
    result = stack(tmp_path, GOOD + text)
    assert [d.address for d in result.declarations] == [ADDRESS]
    assert result.problems == ()


def test_positions_inside_a_template_are_those_of_the_file() -> None:
    parsed = parse_expression('[\n  "a",\n  "é${var.x}"\n]', "f.tf", line=10, column=5)
    assert "line=12, column=7, text='var.x'" in repr(parsed)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 5_000 + "]" * 5_000, id="brackets"),
        pytest.param("(" * 3_000 + "1" + ")" * 3_000, id="parentheses"),
        pytest.param("!" * 3_000 + "true", id="operators"),
        pytest.param("a" + ".b" * 20_000, id="a reference"),
    ],
)
def test_deep_nesting_is_refused_not_crashed_on(tmp_path: Path, text: str) -> None:
    assert isinstance(value_of(tmp_path, text), Unknown)


def test_a_long_sum_is_not_deep(tmp_path: Path) -> None:
    assert value_of(tmp_path, " + ".join(["1"] * 2_000)) == value_of(tmp_path, "2000")


def doubled(first: str, step: str) -> str:
    lines = [f"  v0 = {first}"] + [f"  v{n} = {step.replace('@', f'local.v{n - 1}')}" for n in range(1, 60)]
    return "locals {\n" + "\n".join(lines) + "\n}\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(doubled('"xxxxxxxx"', '"${@}${@}"'), id="texts"),
        pytest.param(doubled("[1]", "[@, @]"), id="lists"),
        pytest.param(doubled("{ a = 1 }", "{ a = @, b = @ }"), id="maps"),
        pytest.param(doubled("[1, 2]", "concat(@, @)"), id="concatenation"),
        pytest.param(doubled("999999", "@ * @"), id="numbers"),
        pytest.param(doubled("[1]", "[for x in range(1000) : @]"), id="loops"),
        pytest.param(doubled("[1]", "setproduct(range(100), range(100), @)"), id="products"),
    ],
)
def test_values_that_grow_without_end_are_given_up(tmp_path: Path, text: str) -> None:
    result = stack(tmp_path, GOOD.replace("60", "local.v59") + text)
    assert setting_of(result, ADDRESS, "idle_timeout").spans[0].line == 2
    assert reason(setting_of(result, ADDRESS, "idle_timeout"))


def test_thousands_of_instances_are_not_expanded(tmp_path: Path) -> None:
    text = GOOD.replace("idle_timeout", "count = 1000000\n  idle_timeout")
    assert [d.address for d in stack(tmp_path, text).declarations] == [ADDRESS]


def test_a_link_out_of_the_repository_is_not_opened(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.tf"
    outside.write_text('resource "aws_lb" "leak" {}\n')
    (tmp_path / "leak.tf").symlink_to(outside)
    (tmp_path / "gone.tf").symlink_to(tmp_path / "nowhere.tf")
    result = reading(tmp_path, {"main.tf": GOOD})
    assert [d.address for d in result.declarations] == [ADDRESS]
    assert {problem.span.file for problem in result.problems} == {"leak.tf", "gone.tf"}


def test_a_module_outside_of_the_repository_is_not_opened(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere")
    (outside / "main.tf").write_text('resource "aws_lb" "leak" {}\n')
    call = f'module "m" {{\n  source = "../{outside.name}"\n}}\n'
    result = stack(tmp_path, GOOD + call)
    assert [d.address for d in result.declarations] == [ADDRESS]


def test_broken_var_files_are_problems(tmp_path: Path) -> None:
    files = {"main.tf": GOOD, "terraform.tfvars": "idle = [1\n", "a.auto.tfvars.json": '{"idle": }'}
    result = reading(tmp_path, files)
    assert {problem.span.file for problem in result.problems} == {"terraform.tfvars", "a.auto.tfvars.json"}


def test_a_file_without_any_block_is_a_problem_where_it_is_not_empty(tmp_path: Path) -> None:
    files = {"main.tf": GOOD, "link.tf": "../../variables.tf", "empty.tf": "# nothing\n", "blank.tf": "\n"}
    assert [problem.span.place for problem in reading(tmp_path, files).problems] == ["link.tf:1"]


def test_parsing_leaves_no_doubt_about_a_missing_quote() -> None:
    assert isinstance(parse_expression('"abc\ndef"', "f.tf"), Invalid)


REAL = Path(__file__).with_name("terraform_expressions.py").read_text(encoding="utf-8")
PIECES = [
    '"',
    "${",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    "\n",
    "<<EOT\n",
    "\nEOT\n",
    "%{",
    "#",
    "/*",
    "*/",
    "=",
    "$$",
    "\\",
]
TEXTS = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(max_size=8), st.sampled_from(REAL.split("\n"))), max_size=12
).map("".join)


@given(text=TEXTS)
@settings(max_examples=150, deadline=None)
def test_no_expression_crashes_the_parser(text: str) -> None:
    parse_expression(text, "f.tf")


@given(text=TEXTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_crashes_the_reader(tmp_path: Path, text: str) -> None:
    reading(tmp_path, {"main.tf": GOOD + text, "alone.tf": text, "terraform.tfvars": text, "x.tf.json": text})


@given(seed=st.integers(min_value=0, max_value=2**32))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_never_yields_a_number_nobody_wrote(tmp_path: Path, seed: int) -> None:
    text = GOOD + 'resource "aws_lambda_function" "f" {\n  timeout = 61\n}\n'
    chance = random.Random(seed)
    place = chance.randrange(len(text))
    damaged = text[:place] + chance.choice(PIECES) + text[place + 1 :]
    result = reading(tmp_path, {"main.tf": damaged})
    numbers = {getattr(s.value, "value", None) for d in result.declarations for s in d.settings}
    written = {None} | {int(digits) for digits in re.findall(r"\d+", damaged)}
    assert numbers <= written


def test_a_literal_needs_no_parser() -> None:
    assert parse_expression("60", "f.tf") == Literal(span=parse_expression("60", "f.tf").span, value=60)


def test_the_declared_function_of_a_broken_file_stays(tmp_path: Path) -> None:
    result = stack(tmp_path, 'resource "aws_lambda_function" "f" {\n  timeout = 61\n}\n' + "}}}}\n" + GOOD)
    assert declared(result, ADDRESS).settings

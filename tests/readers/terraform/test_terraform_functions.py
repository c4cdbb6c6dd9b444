"""Functions of AWS Lambda: what in the code they call."""

from pathlib import Path

import pytest
from terraform_files import declared, stack

CALLED = {
    "a module": ('handler = "app.lambda_handler"\n  runtime = "python3.12"', "app:lambda_handler"),
    "a module in a folder": ('handler = "src/app.handler"\n  runtime = "python3.12"', "src.app:handler"),
    "a package": ('handler = "shop.api.handler"\n  runtime = "python3.13"', "shop.api:handler"),
    "no runtime written": ('handler = "app.handler"', "app:handler"),
    "another language": ('handler = "index.handler"\n  runtime = "nodejs22.x"', ""),
    "an image": ('package_type = "Image"', ""),
}


@pytest.mark.parametrize(
    ("lines", "expected"), [pytest.param(*case, id=name) for name, case in CALLED.items()]
)
def test_what_a_function_calls(lines: str, expected: str, tmp_path: Path) -> None:
    result = stack(tmp_path, f'resource "aws_lambda_function" "f" {{\n  {lines}\n}}\n')
    assert declared(result, "terraform:aws_lambda_function.f").trait("application") == expected


PACKED = {
    "a folder elsewhere": ('"../../code/resize/"', "code.resize.app:handler"),
    "a folder beside the module": ('"${path.module}/src"', "src.app:handler"),
    "a file": ('"../code/app.py"', "code.app:handler"),
    "the folder itself": ('"."', "app:handler"),
    "not known": ("var.code", "app:handler"),
    "several, which are not told apart": ('["../a", "../b"]', "app:handler"),
}


@pytest.mark.parametrize(
    ("source", "expected"), [pytest.param(*case, id=name) for name, case in PACKED.items()]
)
def test_a_function_of_the_registry_module_calls_the_code_it_packs(
    source: str, expected: str, tmp_path: Path
) -> None:
    text = f"""
variable "code" {{}}
module "resize" {{
  source      = "terraform-aws-modules/lambda/aws"
  handler     = "app.handler"
  runtime     = "python3.12"
  source_path = {source}
}}
"""
    function = declared(stack(tmp_path, text), "terraform:module.resize.aws_lambda_function.this[0]")
    assert function.trait("application") == expected

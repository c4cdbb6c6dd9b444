"""AWS::Lambda::Function, and what SAM and the Serverless Framework make one of.

Source:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html.
"""

import posixpath
from collections.abc import Iterator
from pathlib import PurePosixPath

from budgetcheck.model.span import Span
from budgetcheck.readers.cloudformation.bodies import Body, Made, entry, known_text
from budgetcheck.readers.cloudformation.shapes import Shape, shaped
from budgetcheck.readers.cloudformation.template import Source
from budgetcheck.readers.terraform.values import Scalar, Value

FUNCTION = "aws_lambda_function"
SHAPE = Shape(
    attributes={
        "timeout": "Timeout",
        "function_name": "FunctionName",
        "handler": "Handler",
        "runtime": "Runtime",
        "image_uri": "Code.ImageUri",
    },
    blocks={
        "environment": ("Environment", Shape(attributes={"variables": "Variables"})),
        "dead_letter_config": ("DeadLetterConfig", Shape(attributes={"target_arn": "TargetArn"})),
    },
)


def function(source: Source) -> Iterator[Made]:
    """A function. What is written into the template itself is no file of anybody's."""
    body = shaped(source.properties, SHAPE, source.span)
    code = entry(source.properties, "Code")
    if entry(code, "ZipFile") is not None:
        body = without_handler(body)
    yield Made(type=FUNCTION, address=source.address, name=source.name, body=with_code(body, code))


def with_code(body: Body, code: Value | None) -> Body:
    """The body with the folder that is packed, below the directory of the run where it is known."""
    local = known_text(code)
    if not local or "://" in local or local.endswith((".zip", ".jar")):
        return body
    return body.with_attributes(source_path=packed(local, body.span))


def packed(local: str, place: Span) -> Scalar:
    """A folder that a template names, below the directory of the run."""
    folder = PurePosixPath(place.file).parent
    return Scalar(value=posixpath.normpath(f"{folder}/{local}"), trail=(place,))


def without_handler(body: Body) -> Body:
    """The body of a function whose code is none of these files."""
    kept = {name: value for name, value in body.attributes.items() if name != "handler"}
    return Body(span=body.span, attributes=kept, blocks=body.blocks, open=body.open, certain=body.certain)

"""What public registry modules do with their inputs, as small Terraform modules of our own.

A module from a registry is not in the user's files, but its inputs are, and the limits with them. Each `.tf`
file beside this one states which resources a module makes out of its inputs, by the names the module itself
uses, for all versions in use. Where `terraform init` has downloaded the real module, that one is read.
"""

import re
from importlib.resources import files

FOLDER = "(registry)"
"""Stands in the place of a directory in spans, which are replaced by those of the module call."""

_MODULES = (
    (r"terraform-aws-modules/alb/aws|terraform-aws-modules/terraform-aws-alb", "alb.tf"),
    (r"terraform-aws-modules/lambda/aws|terraform-aws-modules/terraform-aws-lambda", "lambda.tf"),
    (
        r"terraform-aws-modules/apigateway-v2/aws|terraform-aws-modules/terraform-aws-apigateway-v2",
        "apigateway_v2.tf",
    ),
    (r"terraform-aws-modules/sqs/aws|terraform-aws-modules/terraform-aws-sqs", "sqs.tf"),
    (r"terraform-aws-modules/ecs/aws|terraform-aws-modules/terraform-aws-ecs", "ecs.tf"),
    (
        r"terraform-aws-modules/cloudfront/aws|terraform-aws-modules/terraform-aws-cloudfront",
        "cloudfront.tf",
    ),
    (
        r"(?:GoogleCloudPlatform|terraform-google-modules)/(?:cloud-run/google|terraform-google-cloud-run)",
        "cloud_run.tf",
    ),
    (
        r"(?:GoogleCloudPlatform|terraform-google-modules)/(?:lb-http/google|terraform-google-lb-http)",
        "lb_http.tf",
    ),
)
_SOURCE = re.compile(
    rf"(?:.*[/:])?(?:{'|'.join(f'(?P<m{number}>{source})' for number, (source, _) in enumerate(_MODULES))})"
    r"(?:\.git)?/?(?://(?P<inner>[\w./-]+))?(?:\?.*)?"
)
_INNER = {
    ("ecs.tf", "modules/service"): "ecs_service.tf",
    ("cloud_run.tf", "modules/v2"): "cloud_run_v2.tf",
    ("lb_http.tf", "modules/dynamic_backends"): "lb_http.tf",
    ("lb_http.tf", "modules/serverless_negs"): "lb_http_serverless.tf",
    ("lb_http.tf", "modules/backend"): "lb_http_backend.tf",
    ("lb_http.tf", "modules/frontend"): "lb_http_frontend.tf",
}


def module_file(source: str) -> str:
    """The file that describes the module of a source address; empty where there is none."""
    match = _SOURCE.fullmatch(source)
    if match is None:
        return ""
    name = next(file for number, (_, file) in enumerate(_MODULES) if match[f"m{number}"])
    return _INNER.get((name, match["inner"].rstrip("/")), "") if match["inner"] else name


def module_source(name: str) -> bytes:
    """The text of a description."""
    return (files(__package__) / name).read_bytes()

"""Containers and functions in the common form of everything that runs: what their environment blocks set.

- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_task_definition
- https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/cloud_run_v2_service
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function
"""

from collections.abc import Iterator
from pathlib import Path

from budgetcheck.readers.processes.runners import Runner
from budgetcheck.readers.processes.texts import Text, literal, unknown
from budgetcheck.readers.terraform.catalogue.documents import elements, entry, text_of
from budgetcheck.readers.terraform.catalogue.ecs_commands import text_from, variables_in
from budgetcheck.readers.terraform.catalogue.lambdas import functions_in
from budgetcheck.readers.terraform.catalogue.settings import place, text, whole
from budgetcheck.readers.terraform.catalogue.stack import Stack, items_at
from budgetcheck.readers.terraform.documents import decoded
from budgetcheck.readers.terraform.instances import Item, Resource
from budgetcheck.readers.terraform.values import MapValue, Unknown, Value

_TASK = "aws_ecs_task_definition"
_FUNCTION = "aws_lambda_function"
_CLOUD_RUN = {
    "google_cloud_run_v2_service": "template.containers",
    "google_cloud_run_service": "template.spec.containers",
}


def runners_in(stack: Stack, base: Path, environment: str) -> Iterator[Runner]:
    """The containers of task definitions and Cloud Run services, and functions, of one root module."""
    for task in stack.of(_TASK):
        yield from _of_task(stack, task, base, environment)
    for kind, path in _CLOUD_RUN.items():
        for service in stack.of(kind):
            for container in items_at(service, path):
                yield _of_container(stack, service, container, base, environment)
    for function in stack.of(_FUNCTION):
        variables = dict(_of_function(stack, function))
        if variables:
            yield Runner(
                address=stack.address(function),
                span=function.span,
                folder=_folder(function, base),
                environment=environment,
                image=text(function.value("image_uri")),
                variables=variables,
            )


def _of_task(stack: Stack, task: Resource, base: Path, environment: str) -> Iterator[Runner]:
    definitions = elements(decoded(task.value("container_definitions")))
    span = place(task, "container_definitions")
    for definition in definitions:
        name = text_of(entry(definition, "name"))
        ports = [entry(mapping, "containerPort") for mapping in elements(entry(definition, "portMappings"))]
        address = stack.address(task)
        yield Runner(
            address=address if len(definitions) == 1 else f"{address}/{name}",
            group=address,
            span=span,
            folder=_folder(task, base),
            environment=environment,
            image=text_of(entry(definition, "image")),
            names=(name,) if name else (),
            ports=tuple(sorted({whole(port) for port in ports if port is not None} - {0})),
            variables=dict(variables_in(definition, span)),
        )


def _of_container(stack: Stack, service: Resource, container: Item, base: Path, environment: str) -> Runner:
    name = text(service.value("name")) or service.label
    return Runner(
        address=stack.address(service),
        span=service.span,
        folder=_folder(service, base),
        environment=environment,
        image=text(container.value("image")),
        names=(name,),
        ports=tuple(
            sorted({whole(port.value("container_port")) for port in items_at(container, "ports")} - {0})
        ),
        variables=dict(_of_env_blocks(container)),
    )


def _of_env_blocks(container: Item) -> Iterator[tuple[str, Text]]:
    for block in container.blocks("env"):
        name = text(block.value("name"))
        if not name:
            continue
        if block.written("value") is None:
            yield name, unknown(f"{name} is kept in a secret", f"set {name} where it is started")
        else:
            yield name, text_from(block.value("value")).through(place(block, "value"))


def _of_function(stack: Stack, function: Resource) -> Iterator[tuple[str, Text]]:
    for block in function.blocks("environment"):
        variables = block.value("variables")
        for name, value in variables.entries.items() if isinstance(variables, MapValue) else ():
            yield name, _name_of_function(stack, value) or text_from(value)


def _name_of_function(stack: Stack, value: Value) -> Text | None:
    """What an ARN of a function ends with: the ARN itself is known only after the function was made."""
    found = functions_in(stack, value) if isinstance(value, Unknown) else []
    name = text(found[0].value("function_name")) if len(found) == 1 else ""
    return literal(name, place(found[0], "function_name")) if name else None


def _folder(resource: Resource, base: Path) -> Path:
    return (base / resource.span.file).parent

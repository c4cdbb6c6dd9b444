"""AWS Lambda functions and their URLs.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function,
lambda_alias, lambda_function_url.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import Front, Target
from budgetcheck.readers.terraform.catalogue.settings import known_names, place, setting, text, trait
from budgetcheck.readers.terraform.catalogue.stack import Stack, items_at
from budgetcheck.readers.terraform.instances import Item, Resource
from budgetcheck.readers.terraform.sketches import MARKS, sketch
from budgetcheck.readers.terraform.values import Unknown, Value

TYPES = ("aws_lambda_function", "aws_lambda_alias", "aws_lambda_function_url")


def functions_in(stack: Stack, value: Value) -> list[Resource]:
    """The functions a value refers to, also through an alias."""
    found = stack.referred(value, "aws_lambda_function")
    for alias in stack.referred(value, "aws_lambda_alias"):
        found.extend(stack.referred(alias.value("function_name"), "aws_lambda_function"))
    return list({function.key: function for function in found}.values())


def functions_named(stack: Stack, name: str) -> list[Resource]:
    """The functions of that name."""
    return _by_name(stack).get(name, [])


@lru_cache(maxsize=1)
def _by_name(stack: Stack) -> dict[str, list[Resource]]:
    """All functions by their names; asked for once per operation, so it is made once per root module.

    A name that is not wholly known stands for one function where the same is unknown of no other's.
    """
    found: dict[str, list[Resource]] = {}
    for function in stack.of("aws_lambda_function"):
        value = function.value("function_name")
        name = text(value) or sketch(value)
        if name:
            found.setdefault(name, []).append(function)
    return {name: some for name, some in found.items() if len(some) == 1 or MARKS[0] not in name}


def function_targets(stack: Stack, item: Item, attribute: str) -> Iterator[Target]:
    """The functions that an attribute names by reference, name or ARN."""
    value = item.value(attribute)
    span = place(item, attribute)
    functions = functions_in(stack, value)
    if not functions:
        name = text(value) or sketch(value)
        functions = functions_named(stack, name.removesuffix(":$LATEST").rpartition(":")[2])
    for function in functions:
        yield Target(address=stack.address(function), span=span)
    if not functions:
        reason = value.reason if isinstance(value, Unknown) else "the function is not in these files"
        yield Target(group=text(value), span=span, reason=reason)


def declare_function(stack: Stack, function: Resource) -> Iterator[Declaration]:
    """A function: its timeout ends every invocation."""
    timeout = setting(function, "timeout")
    yield Declaration(
        component="aws_lambda_function",
        address=stack.address(function),
        title=function.address,
        span=function.span,
        settings=(timeout,) if timeout else (),
        traits=(("edge", _edge(stack, function)), *application(function)),
        front=Front(names=known_names(function, "function_name")),
    )


def application(function: Resource) -> Iterator[tuple[str, str]]:
    """What a function written in Python calls, as a server would name it: `app.handler` is `app:handler`.

    Where the folder that is packed is known, its name comes first: many functions have an `app.py`.
    """
    module, _, name = text(function.value("handler")).rpartition(".")
    runtime = text(function.value("runtime"))
    if module and name.isidentifier() and (not runtime or runtime.startswith("python")):
        parts = (*_packed_folder(function), *module.split("/"))
        yield "application", f"{'.'.join(parts)}:{name}"


def _packed_folder(function: Resource) -> tuple[str, ...]:
    """The folder that is packed as the function's code, without the way up to where it is."""
    path = PurePosixPath(text(function.value("source_path")))
    folder = path.parent if path.suffix == ".py" else path
    return tuple(part for part in folder.parts if part not in ("..", "/"))


def _edge(stack: Stack, function: Resource) -> str:
    """`viewer` or `origin` where a distribution runs the function at its edge, with much tighter limits."""
    events = set()
    for behaviour in ("default_cache_behavior", "ordered_cache_behavior"):
        path = f"{behaviour}.lambda_function_association"
        for one in stack.pointing_at(function, "aws_cloudfront_distribution", f"{path}.lambda_arn"):
            for association in items_at(one, path):
                if function in functions_in(stack, association.value("lambda_arn")):
                    events.add(text(association.value("event_type")).partition("-")[0])
    return next((event for event in ("viewer", "origin") if event in events), "")


def declare_url(stack: Stack, url: Resource) -> Iterator[Declaration]:
    """The HTTP address of a function; it has no limit of its own."""
    yield Declaration(
        component="aws_lambda_function_url",
        address=stack.address(url),
        title=url.address,
        span=url.span,
        traits=(("invoke_mode", trait(url, "invoke_mode", "BUFFERED")),),
        front=Front(streaming=trait(url, "invoke_mode", "BUFFERED") == "RESPONSE_STREAM"),
        targets=tuple(function_targets(stack, url, "function_name")),
    )

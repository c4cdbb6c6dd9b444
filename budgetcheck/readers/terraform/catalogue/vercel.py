"""Vercel projects: how long their functions may run where neither vercel.json nor their code says it.

Source: https://registry.terraform.io/providers/vercel/vercel/latest/docs/resources/project.
"""

from collections.abc import Iterator

from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import Front
from budgetcheck.readers.terraform.catalogue.documents import entry
from budgetcheck.readers.terraform.catalogue.settings import known_names, place, setting_in_document
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.instances import Resource

TYPES = ("vercel_project",)

_NAME = "function_default_timeout"


def declare_project(stack: Stack, project: Resource) -> Iterator[Declaration]:
    """A project that sets a default for its functions; without one, it may have none at all."""
    config = project.value("resource_config")
    span = place(project, "resource_config")
    timeout = setting_in_document(entry(config, _NAME), span, name=f"resource_config.{_NAME}")
    if timeout is not None:
        yield Declaration(
            component="vercel_function",
            address=stack.address(project),
            title=project.address,
            span=project.span,
            settings=(timeout,),
            front=Front(names=known_names(project, "name")),
        )

"""The catalogue's stack, with addresses and names of settings as CloudFormation has them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from budgetcheck.model.settings import Declaration, Setting, Unresolved
from budgetcheck.readers.cloudformation.bodies import Made, TranslatedResource
from budgetcheck.readers.template_names import name_in_template
from budgetcheck.readers.terraform.catalogue import declarations
from budgetcheck.readers.terraform.catalogue.openapi import DOCUMENT_NEEDS
from budgetcheck.readers.terraform.catalogue.settings import DEFAULT_NEEDS
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.sources import Sources

SCHEME = "cloudformation:"
_NEEDS = {
    DEFAULT_NEEDS: "write the value itself, or a parameter with a default",
    DOCUMENT_NEEDS: "write the document into the template, or name a file beside it",
}
"""What the catalogue says to those who write Terraform, for those who write templates."""


class TemplateStack(Stack):
    """All resources of templates that refer to one another."""

    def __init__(self, sources: Sources, made: Iterable[Made]) -> None:
        given = list(made)
        super().__init__(TranslatedResource(sources, one) for one in given)
        self._deployed_by = {f"{SCHEME}{one.address}": one.deployed_by for one in given if one.deployed_by}

    def address(self, resource: Resource) -> str:
        """The address of the hop that a resource is."""
        return f"{SCHEME}{resource.address}"

    def declared(self) -> Iterator[Declaration]:
        """The declarations of all hops."""
        for one in declarations(self):
            tool = self._deployed_by.get(one.address, "")
            settings = tuple(_named(setting, one.component, tool) for setting in one.settings)
            traits = (*one.traits, ("deployed_by", tool)) if tool else one.traits
            yield replace(one, settings=settings, traits=traits)


def _named(setting: Setting, component: str, tool: str) -> Setting:
    """The setting under the name that it has in a template."""
    value = setting.value
    if isinstance(value, Unresolved) and value.needs in _NEEDS:
        setting = replace(setting, value=replace(value, needs=_NEEDS[value.needs]))
    name = name_in_template(component, setting.name)
    if not name or tool:
        return setting
    owner, dot, _ = setting.label.rpartition(f".{setting.name}")
    return replace(setting, label=f"{owner}.{name}" if dot and owner else name)

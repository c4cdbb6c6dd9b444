"""The catalogue's stack, with addresses and names of settings as CloudFormation has them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.readers.cloudformation.bodies import Made, TranslatedResource
from budgetcheck.readers.template_names import name_in_template
from budgetcheck.readers.terraform.catalogue import declarations
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.instances import Resource
from budgetcheck.readers.terraform.sources import Sources

SCHEME = "cloudformation:"


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
    name = name_in_template(component, setting.name)
    if not name or tool:
        return setting
    owner, dot, _ = setting.label.rpartition(f".{setting.name}")
    return replace(setting, label=f"{owner}.{name}" if dot and owner else name)

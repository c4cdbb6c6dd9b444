"""All resource instances of one root module, or of several that are joined, and who refers to whom."""

from collections.abc import Iterable, Iterator

from budgetcheck.readers.terraform.instances import Item, Resource, references
from budgetcheck.readers.terraform.values import Value

ALIASES = {
    "azurerm_app_service": "azurerm_linux_web_app",
    "azurerm_windows_web_app": "azurerm_linux_web_app",
    "azurerm_linux_function_app": "azurerm_linux_web_app",
    "azurerm_windows_function_app": "azurerm_linux_web_app",
    "azurerm_function_app": "azurerm_linux_web_app",
    "aws_alb": "aws_lb",
    "aws_alb_listener": "aws_lb_listener",
    "aws_alb_listener_rule": "aws_lb_listener_rule",
    "aws_alb_target_group": "aws_lb_target_group",
    "aws_alb_target_group_attachment": "aws_lb_target_group_attachment",
    "google_compute_region_backend_service": "google_compute_backend_service",
    "google_compute_region_url_map": "google_compute_url_map",
}
"""Types that are another name for the same resource."""


class Together:
    """All resource instances that may refer to one another: of one root module, or of several.

    Looks them up by type, by reference, and backwards by who points at them.
    """

    def __init__(self) -> None:
        self.by_key: dict[str, Resource] = {}
        self._prefixes: dict[str, str] = {}
        self._by_type: dict[str, list[Resource]] | None = None
        self._pointing: dict[tuple[str, str], dict[str, list[Resource]]] = {}

    def add(self, resources: Iterable[Resource], prefix: str) -> None:
        """Takes in the instances of one root module."""
        for resource in resources:
            self.by_key[resource.key] = resource  # the last one of an address counts
            self._prefixes[resource.key] = prefix

    def of(self, kind: str) -> list[Resource]:
        """All instances of a type."""
        if self._by_type is None:
            self._by_type = {}
            for resource in self.by_key.values():
                self._by_type.setdefault(canonical(resource.type), []).append(resource)
        return self._by_type.get(kind, [])

    def prefix(self, resource: Resource) -> str:
        """What stands before the address of an instance."""
        return self._prefixes[resource.key]

    def referred(self, value: Value, *kinds: str) -> list[Resource]:
        """The instances of these types that went into a value, wherever in it they stand."""
        found = (self.by_key.get(key) for key in references(value))
        return [resource for resource in found if resource and canonical(resource.type) in kinds]

    def pointing_at(self, resource: Resource, kind: str, attribute: str) -> list[Resource]:
        """Instances of a type whose attribute refers to the resource."""
        asked = (kind, attribute)
        if asked not in self._pointing:
            index: dict[str, list[Resource]] = {}
            for candidate in self.of(kind):
                for value in values_at(candidate, attribute):
                    for key in references(value):
                        index.setdefault(key, []).append(candidate)
            self._pointing[asked] = index
        found = self._pointing[asked].get(resource.key, [])
        return list({candidate.key: candidate for candidate in found}.values())


class Stack:
    """The resource instances of one root module, and what they are joined to.

    `prefix` stands in front of addresses where several root modules of a run have the same ones. `together`
    are all instances in sight, those of this root module among them; without it, these alone.
    """

    def __init__(
        self, resources: Iterable[Resource], prefix: str = "", together: Together | None = None
    ) -> None:
        own = Together()
        own.add(resources, prefix)
        self._own = own
        self.together = together or own

    def of(self, kind: str) -> list[Resource]:
        """All instances of a type in this root module."""
        return self._own.of(kind)

    def address(self, resource: Resource) -> str:
        """The address of the hop that a resource instance is."""
        return f"terraform:{self.together.prefix(resource)}{resource.address}"

    def referred(self, value: Value, *kinds: str) -> list[Resource]:
        """The instances of these types that went into a value, wherever in it they stand."""
        return self.together.referred(value, *kinds)

    def pointing_at(self, resource: Resource, kind: str, attribute: str) -> list[Resource]:
        """Instances of a type whose attribute refers to the resource."""
        return self.together.pointing_at(resource, kind, attribute)


def canonical(kind: str) -> str:
    """A resource type by its usual name."""
    return ALIASES.get(kind, kind)


def items_at(item: Item, path: str) -> Iterator[Item]:
    """All nested blocks at a path (`forward.target_group`)."""
    first, _, rest = path.partition(".")
    for nested in item.blocks(first):
        if rest:
            yield from items_at(nested, rest)
        else:
            yield nested


def values_at(item: Item, path: str) -> Iterator[Value]:
    """The values of all attributes at a path, of every nested block on it."""
    blocks, _, name = path.rpartition(".")
    for holder in items_at(item, blocks) if blocks else (item,):
        if holder.written(name) is not None:
            yield holder.value(name)

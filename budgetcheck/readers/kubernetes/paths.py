"""Paths of the Gateway API, which gateways and meshes share."""

from budgetcheck.model.topology import PathRule
from budgetcheck.readers.kubernetes.trees import Tree, text


def path_of_match(match: Tree) -> PathRule:
    """The path of one match of an HTTPRoute; any where it names none."""
    value, kind = text(match, "path", "value") or "/", text(match, "path", "type")
    if kind == "Exact":
        return PathRule(pattern=value, prefix=value, exact=True)
    if kind == "RegularExpression":
        return PathRule(pattern=value, prefix="/", opaque=True)
    return PathRule(pattern=value, prefix=value)

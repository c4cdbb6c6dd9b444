"""Which block of the configuration a nested block of a resource comes from."""

from collections.abc import Sequence

from budgetcheck.readers.terraform_plan.document import Json, mapping

_UNORDERED = frozenset({"backend", "condition", "host_rule", "load_balancer", "origin", "target_group"})
"""Blocks that the providers keep as sets: their order in a plan is not that of the configuration."""


def written_as(outer: Json | None, name: str, contents: Sequence[Json], position: int) -> Json | None:
    """The expressions of a nested block; None where they are not kept, as for dynamic blocks.

    Where several blocks of the configuration may be the one, the expressions of all of them.
    """
    written = None if outer is None else outer.get(name)
    if isinstance(written, dict):
        return None if {"references", "constant_value"} & written.keys() else written
    candidates = [one for one in written if isinstance(one, dict)] if isinstance(written, list) else []
    aligned = len(candidates) == len(contents) and name not in _UNORDERED
    if aligned and _agrees(candidates[position], contents[position]):
        return candidates[position]
    agreeing = [one for one in candidates if _agrees(one, contents[position])]
    if len(agreeing) < 2:
        return agreeing[0] if agreeing else None
    names = {key for one in agreeing for key in one}
    return {key: [one[key] for one in agreeing if key in one] for key in names}


def _agrees(written: Json, content: Json) -> bool:
    """No constant of the configuration differs from the value that the block has."""
    for name, expression in written.items():
        value = content.get(name)
        if isinstance(expression, dict) and "constant_value" in expression:
            if value is not None and not _same(expression["constant_value"], value):
                return False
        elif isinstance(expression, list) and isinstance(value, list):
            if len(expression) > len(value):
                return False
            pairs = zip(expression, value, strict=False)
            if not all(_agrees(mapping(block), mapping(inner)) for block, inner in pairs):
                return False
    return True


def _same(written: object, value: object) -> bool:
    """Equal as Terraform converts them: a number may be kept as text, a list as a set."""
    if isinstance(written, list) and isinstance(value, list):
        return sorted(map(str, written)) == sorted(map(str, value))
    return str(written).lower() == str(value).lower()

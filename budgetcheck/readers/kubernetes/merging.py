"""Patches: a strategic merge of what is read here, and JSON patches.

- https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/
- https://datatracker.ietf.org/doc/html/rfc6902
"""

from collections.abc import Sequence
from dataclasses import replace

from budgetcheck.readers.kubernetes.trees import Fields, Items, Scalar, Tree, text

# Lists whose elements are told apart by a key; all others are replaced as a whole.
_MERGE_KEYS = {
    "containers": ("name",),
    "initContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "ports": ("containerPort", "port"),
}


def merged(base: Tree, patch: Tree, name: str = "", *, strategic: bool = True) -> Tree | None:
    """The base with the patch put over it; None where that deletes it. `name`: the key they stand under."""
    if isinstance(base, Fields) and isinstance(patch, Fields):
        directive = text(patch, "$patch")
        if directive == "delete":
            return None
        found = {} if directive == "replace" else dict(base.entries)
        for key, (place, child) in patch.entries.items():
            if key.startswith("$"):
                continue
            known = found.pop(key, None)
            if isinstance(child, Scalar) and child.value is None and not child.unknown:
                continue
            outcome = merged(known[1], child, key, strategic=strategic) if known else child
            if outcome is not None:
                found[key] = (place, outcome)
        return Fields(found, base.span)
    if isinstance(base, Items) and isinstance(patch, Items) and strategic and name in _MERGE_KEYS:
        return _merged_items(base, patch, _MERGE_KEYS[name])
    return patch


def _merged_items(base: Items, patch: Items, keys: Sequence[str]) -> Items:
    found = list(base.items)
    for item in patch.items:
        key = next((key for key in keys if text(item, key)), "")
        index = next((i for i, one in enumerate(found) if key and text(one, key) == text(item, key)), None)
        if index is None:
            found.append(item)
            continue
        outcome = merged(found[index], item)
        found[index : index + 1] = [outcome] if outcome is not None else []
    return Items(tuple(found), base.span)


def json_patched(tree: Tree, operations: Sequence[Tree]) -> Tree:
    """The tree after `add`, `replace` and `remove`; an operation that does not fit changes nothing."""
    for operation in operations:
        pointer = [
            part.replace("~1", "/").replace("~0", "~") for part in text(operation, "path").split("/")[1:]
        ]
        kind = text(operation, "op")
        value = operation.entries.get("value") if isinstance(operation, Fields) else None
        if not pointer or kind not in ("add", "replace", "remove") or (kind != "remove" and not value):
            continue
        tree = _changed(tree, pointer, value[1] if value and kind != "remove" else None, insert=kind == "add")
    return tree


def _changed(tree: Tree, pointer: Sequence[str], value: Tree | None, *, insert: bool) -> Tree:
    first, rest = pointer[0], pointer[1:]
    if isinstance(tree, Fields):
        found = dict(tree.entries)
        known = found.get(first)
        if rest:
            if known is None:
                return tree
            found[first] = (known[0], _changed(known[1], rest, value, insert=insert))
        elif value is None:
            found.pop(first, None)
        elif insert or known is not None:
            found[first] = (value.span, value)
        return replace(tree, entries=found)
    if isinstance(tree, Items):
        return _changed_items(tree, first, rest, value, insert=insert)
    return tree


def _changed_items(tree: Items, first: str, rest: Sequence[str], value: Tree | None, *, insert: bool) -> Tree:
    found = list(tree.items)
    if first == "-" and not rest and value is not None:
        return replace(tree, items=(*found, value))
    index = int(first) if first.isascii() and first.isdigit() and len(first) < 6 else len(found) + 1
    if index > len(found) or (index == len(found) and not (insert and not rest)):
        return tree
    if rest:
        found[index] = _changed(found[index], rest, value, insert=insert)
    elif value is None:
        del found[index]
    elif insert:
        found.insert(index, value)
    else:
        found[index] = value
    return replace(tree, items=tuple(found))

"""What a validator found, said in the words of the file: place, key, what is wrong, what to write.

Used for the documents that budgetcheck itself defines (app document, configuration). Texts name keys and
numbers that were parsed, never another value of the file.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from budgetcheck.hints import did_you_mean, list_known
from budgetcheck.yaml_nodes import Loc, Node, faults_in, follow, show_key, show_loc

OWN_ERROR = "budgetcheck"
"""Type of the errors that our own validators raise; their message is complete and safe to print."""
MOST_ERRORS = 50

_TEXTS = {
    "missing": "is missing",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list ([] for none)",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
    "too_short": "must not be empty",
}
_LEAST = {"greater_than_equal": ("ge", "must be at least"), "less_than_equal": ("le", "must be at most")}


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFault:
    """One thing wrong: the way to it, its place, its key as people say it, and texts.

    `harmless`: everything else is right without what stands there.
    """

    loc: Loc
    line: int
    column: int
    key: str
    text: str
    fix: str = ""
    harmless: bool = False

    @property
    def message(self) -> str:
        """`routes[0].calls[0].timout: is not a key here`."""
        return f"{self.key}: {self.text}" if self.key else self.text


def explain_errors(
    errors: Iterable[Mapping[str, Any]], root: Node, keys_at: Callable[[Loc], Iterable[str]]
) -> list[SchemaFault]:
    """Faults for the errors of a validator (pydantic's `errors()`), in file order.

    `keys_at` gives the keys that are allowed beside the last part of a location, for "did you mean".
    """
    faults = [_explain(error, root, keys_at) for error in list(errors)[:MOST_ERRORS]]
    return sorted(faults, key=lambda fault: (fault.line, fault.column, fault.key))


def fault_at(root: Node, loc: Loc, text: str, fix: str = "", *, key: bool = False) -> SchemaFault:
    """A fault of the value at `loc`, or of its key."""
    found, key_node, node = follow(root, loc)
    place = key_node if key and key_node else node
    return SchemaFault(loc=loc, line=place.line, column=place.column, key=show_loc(found), text=text, fix=fix)


def key_faults(root: Node) -> list[SchemaFault]:
    """Keys that are written twice, or are no keys, anywhere in a document."""
    return [
        SchemaFault(
            loc=loc, line=fault.line, column=fault.column, key=show_loc(loc), text=fault.text, fix=fault.fix
        )
        for loc, fault in faults_in(root)
    ]


def _explain(error: Mapping[str, Any], root: Node, keys_at: Callable[[Loc], Iterable[str]]) -> SchemaFault:
    loc: Loc = tuple(error["loc"])
    kind: str = error["type"]
    if kind == "extra_forbidden":
        keys = tuple(keys_at(loc))
        hint = did_you_mean(str(loc[-1]), keys)
        fix = "" if hint else list_known(keys)
        return fault_at(root, loc, f"is not a key here{hint}", fix, key=True)
    if kind == "missing":
        found, _, node = follow(root, loc)
        key = show_loc((*found, show_key(str(loc[-1]))))
        return SchemaFault(loc=loc, line=node.line, column=node.column, key=key, text=_TEXTS["missing"])
    if loc and loc[-1] == "[key]":  # pydantic's mark for the keys of a dict
        return fault_at(root, loc[:-1], _text(kind, error), key=True)
    return fault_at(root, loc, _text(kind, error))


def _text(kind: str, error: Mapping[str, Any]) -> str:
    if kind in _LEAST:
        bound, words = _LEAST[kind]
        return f"{words} {error['ctx'][bound]}"
    if kind in (OWN_ERROR, "literal_error"):
        # A literal error lists what is allowed, our own errors are written for people.
        return str(error["msg"]).replace("Input should be", "must be")
    return _TEXTS.get(kind, "is not valid here")

"""What `terraform show -json` and a state file hold, as plain records; nothing in it is trusted.

Format: https://developer.hashicorp.com/terraform/internals/json-format. A plan has exact values, marks what
is known only after apply, and keeps the references of the configuration; a state has values alone.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Key = str | int | None
"""`each.key` or `count.index` of an instance; None where there is just one."""
Path = tuple[tuple[str, Key], ...]
"""A module instance: names and keys of the calls that lead to it, from the root module."""
Json = Mapping[str, object]

_STEP = re.compile(r'module\.([^.\[\]]+)(?:\[(?:(\d+)|"((?:[^"\\]|\\.)*)")\])?(?:\.|$)')
_NOTHING: Json = {}
_STATE_VERSION = 4


class NotAPlanError(Exception):
    """The text is no plan or state: the message says what is wrong; empty where it is something else."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Entry:
    """One resource instance.

    Attributes:
        module: the module instance it is in.
        values: attributes and nested blocks; what is known only after apply is left out.
        unknown: the same shape with True for everything known only after apply; True as a whole.
        sensitive: the same shape with True for what must not be shown; True as a whole.
    """

    module: Path
    type: str
    name: str
    key: Key
    values: Json
    unknown: object = field(default_factory=dict)
    sensitive: object = field(default_factory=dict)

    @property
    def suffix(self) -> str:
        """`["x"]`, `[0]` or nothing."""
        return _suffix(self.key)

    @property
    def address(self) -> str:
        """Full address within the root module, as the reader of the sources writes it."""
        calls = "".join(f"module.{name}{_suffix(key)}." for name, key in self.module)
        return f"{calls}{self.type}.{self.name}{self.suffix}"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Document:
    """A plan or a state.

    `configuration` is the root module as written, None in a state, which does not keep it. `variables` are
    the values the root module was run with. `finished` is False for a plan that ended with an error.
    `applied` is True for a state: it is what is, not what will be.
    """

    entries: tuple[Entry, ...]
    configuration: Json | None
    variables: Json
    finished: bool = True
    applied: bool = False


def parse(text: str, types: frozenset[str]) -> Document:
    """The resource instances of these types in a plan or state. Raises NotAPlanError."""
    try:
        loaded = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotAPlanError(f"is not valid JSON (line {error.lineno})") from None
    except RecursionError:
        raise NotAPlanError("is nested too deeply") from None
    document = mapping(loaded)
    if "planned_values" in document:
        return _plan(document, types)
    if "format_version" in document and "values" in document:
        return _state(document, types)
    if document.get("version") == _STATE_VERSION and "terraform_version" in document:
        return _state_file(document, types)
    raise NotAPlanError("")


def mapping(value: object) -> Json:
    """The object, empty where it is none."""
    return value if isinstance(value, dict) else _NOTHING


def sequence(value: object) -> list[object]:
    """The list, empty where it is none."""
    return value if isinstance(value, list) else []


def _plan(document: Json, types: frozenset[str]) -> Document:
    unknown = {
        str(change.get("address")): mapping(change.get("change")).get("after_unknown")
        for change in map(mapping, sequence(document.get("resource_changes")))
        if str(change.get("type")) in types and "deposed" not in change
    }
    root = mapping(mapping(document.get("planned_values")).get("root_module"))
    configuration = mapping(mapping(document.get("configuration")).get("root_module"))
    variables = mapping(document.get("variables"))
    return Document(
        entries=tuple(_entries(root, types, unknown)),
        configuration=configuration or None,
        variables={name: mapping(one).get("value") for name, one in variables.items()},
        finished=document.get("errored") is not True,
    )


def _state(document: Json, types: frozenset[str]) -> Document:
    root = mapping(mapping(document.get("values")).get("root_module"))
    entries = tuple(_entries(root, types, {}))
    return Document(entries=entries, configuration=None, variables={}, applied=True)


def _entries(root: Json, types: frozenset[str], unknown: Mapping[str, object]) -> Iterator[Entry]:
    pending = [root]
    while pending:
        module = pending.pop()
        pending.extend(map(mapping, sequence(module.get("child_modules"))))
        path = _path(str(module.get("address", "")))
        for resource in map(mapping, sequence(module.get("resources"))):
            kind = str(resource.get("type"))
            if kind not in types or resource.get("mode") != "managed":
                continue
            yield Entry(
                module=path,
                type=kind,
                name=str(resource.get("name", "")),
                key=_key(resource.get("index")),
                values=mapping(resource.get("values")),
                unknown=unknown.get(str(resource.get("address"))) or {},
                sensitive=resource.get("sensitive_values") or {},
            )


def _state_file(document: Json, types: frozenset[str]) -> Document:
    """`terraform.tfstate` itself, version 4: one record per resource with all its instances."""
    entries = tuple(
        Entry(
            module=_path(str(resource.get("module", ""))),
            type=str(resource.get("type")),
            name=str(resource.get("name", "")),
            key=_key(instance.get("index_key")),
            values=mapping(instance.get("attributes")),
            sensitive=_sensitive(instance),
        )
        for resource in map(mapping, sequence(document.get("resources")))
        if str(resource.get("type")) in types and resource.get("mode") == "managed"
        for instance in map(mapping, sequence(resource.get("instances")))
        if "deposed" not in instance
    )
    return Document(entries=entries, configuration=None, variables={}, applied=True)


def _sensitive(instance: Json) -> Json:
    """Attributes with anything sensitive in them, by the first step of each path."""
    paths = map(sequence, sequence(instance.get("sensitive_attributes")))
    return {str(mapping(path[0]).get("value")): True for path in paths if path}


def _path(address: str) -> Path:
    """Names and keys of `module.a["x"].module.b`."""
    return tuple(
        (name, int(index) if index else _unescaped(key) if key is not None else None)
        for name, index, key in (match.groups() for match in _STEP.finditer(address))
    )


def _unescaped(key: str) -> str:
    return key.replace('\\"', '"').replace("\\\\", "\\")


def _key(index: object) -> Key:
    return index if isinstance(index, str | int) and not isinstance(index, bool) else None


def _suffix(key: Key) -> str:
    if key is None:
        return ""
    return f"[{key}]" if isinstance(key, int) else f'["{key}"]'

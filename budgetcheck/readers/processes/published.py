"""Ports of the host that lead into a compose service.

https://docs.docker.com/reference/compose-file/services/#ports
"""

import re
from collections.abc import Iterable, Iterator

from budgetcheck.readers.processes.expansion import Lookup, expand
from budgetcheck.yaml_nodes import MapNode, Node, ScalarNode

_SHORT = re.compile(r"(?:(?:\d{1,3}(?:\.\d{1,3}){3}|\[[^\]]*\]|localhost):)?(\d{1,5}):(\d{1,5})(?:/tcp)?")


def published_ports(items: Iterable[Node], outside: Lookup) -> tuple[tuple[int, int], ...]:
    """Pairs of a port of the host and the port of the container behind it; ranges and UDP are left out."""
    found = (pair for item in items for pair in _pairs(item, outside))
    return tuple(dict.fromkeys((host, inner) for host, inner in found if max(host, inner) < 65536))


def _pairs(item: Node, outside: Lookup) -> Iterator[tuple[int, int]]:
    if isinstance(item, ScalarNode):
        written = expand(item.text, outside, dollars=True)
        for choice in written.choices:
            match = _SHORT.fullmatch(choice.strip())
            if match:
                yield int(match[1]), int(match[2])
    elif isinstance(item, MapNode):
        host, inner = (_port(item.get(key), outside) for key in ("published", "target"))
        if host and inner:
            yield host, inner


def _port(node: Node | None, outside: Lookup) -> int:
    text = expand(node.text, outside, dollars=True).known if isinstance(node, ScalarNode) else None
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0

"""Single keys of compose services: names, ports, labels, how many containers there are.

https://docs.docker.com/reference/compose-file/services/
"""

import re
from collections.abc import Iterator

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.compose_project import Layer, Service, assignments, scalars
from budgetcheck.readers.processes.expansion import Lookup, expand
from budgetcheck.readers.processes.texts import Text, literal, ports_of
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode

_PORT = re.compile(r"(?:.*:)?(\d+)(?:-\d+)?(?:/\w+)?")


def get(node: Node | None, key: str) -> Node | None:
    """The value under a key of a mapping; None where there is none."""
    return node.get(key) if isinstance(node, MapNode) else None


def image_of(service: Service) -> str:
    """The image, as written."""
    found = service.last("image")
    node = found[0] if found else None
    return node.text if isinstance(node, ScalarNode) else ""


def image_name(service: Service) -> str:
    """The image; without its tag where that is a variable, as it is for most images that are built here."""
    name = image_of(service)
    head, slash, last = name.rpartition("/")
    plain, colon, tag = last.partition(":")
    return f"{head}{slash}{plain}" if colon and "$" in tag else name


def names_of(service: Service, outside: Lookup) -> Iterator[str]:
    """The names under which other services reach it."""
    yield service.name
    for key in ("container_name", "hostname"):
        found = service.last(key)
        name = _text(found[0], outside) if found else ""
        if name:
            yield name
    for networks, _ in service.every("networks"):
        for _, network in networks.entries.values() if isinstance(networks, MapNode) else ():
            for alias in scalars(get(network, "aliases")):
                yield _text(alias, outside) or service.name


def port_items(service: Service, key: str) -> list[Node]:
    """The entries of `ports` or `expose`."""
    found = (node for node, _ in service.every(key) if isinstance(node, ListNode))
    return [item for node in found for item in node.items]


def container_ports(service: Service, outside: Lookup) -> Iterator[int]:
    """The ports of the container that are said to be open."""
    for item in (*port_items(service, "expose"), *port_items(service, "ports")):
        shown = item if isinstance(item, ScalarNode) else get(item, "target")
        # Of `HOST:CONTAINER` only the container's side counts: a host port may be a variable.
        text = shown.text.rpartition(":")[2] if isinstance(shown, ScalarNode) else ""
        written = text if "}" not in text else shown.text if isinstance(shown, ScalarNode) else ""
        match = _PORT.fullmatch(expand(written, outside, dollars=True).known or "")
        yield from ports_of([literal(match.group(1))]) if match else ()


def labels_of(service: Service, prefix: str, outside: Lookup) -> Iterator[tuple[str, tuple[Text, Span]]]:
    """The labels of a service or its deployment that begin with a prefix: value and place by name."""
    for section, layer in (*service.every("labels"), *_deploy_labels(service)):
        for written, value, line in assignments(section):
            name = expand(written, outside, dollars=True).known or written
            if name.lower().startswith(prefix):
                text = expand(value or "", outside, dollars=True)
                yield name, (text, Span(file=layer.file, line=line, text=name))


def replicas(service: Service, outside: Lookup) -> str:
    """How many containers the service has, as written; `1` where nothing is, empty where it is not known."""
    for key in ("scale", "deploy"):
        found = service.last(key)
        node = found[0] if found else None
        node = get(node, "replicas") if isinstance(node, MapNode) else node
        if node is not None:
            return _text(node, outside)
    return "1"


def _deploy_labels(service: Service) -> Iterator[tuple[Node, Layer]]:
    for node, layer in service.every("deploy"):
        labels = get(node, "labels")
        if labels is not None:
            yield labels, layer


def _text(node: Node, outside: Lookup) -> str:
    if not isinstance(node, ScalarNode) or node.value is None:
        return ""
    return expand(node.text, outside, dollars=True).known or ""

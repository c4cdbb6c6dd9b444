"""What a container of a task definition runs, where the definition itself says it.

A command in the definition replaces that of the image, and is all there is to know: files of the image are
not looked for here. Sources:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
"""

from collections.abc import Iterator, Sequence

from budgetcheck.model.settings import Declaration
from budgetcheck.model.span import Span
from budgetcheck.readers.processes.commands import servers_of
from budgetcheck.readers.processes.declare import Owner, declare
from budgetcheck.readers.processes.servers.base import Server
from budgetcheck.readers.processes.shell_state import Arg
from budgetcheck.readers.processes.texts import Text, literal, unknown
from budgetcheck.readers.terraform.catalogue.documents import elements, entry, text_of
from budgetcheck.readers.terraform.catalogue.settings import text
from budgetcheck.readers.terraform.values import Choice, Scalar, Unknown, Value


def servers_in(definition: Value, place: Span) -> tuple[Server, ...]:
    """The servers that a container definition starts; none where it leaves that to its image.

    `place` is where the document stands, for words that do not know their own line.
    """
    words = (*elements(entry(definition, "entryPoint")), *elements(entry(definition, "command")))
    if not words:
        return ()
    command = [_word(value, place) for value in words]
    folder = text_of(entry(definition, "workingDirectory"))
    return servers_of(command, dict(variables_in(definition, place)), folder)


def declare_servers(
    servers: Sequence[Server], *, address: str, name: str, title: str, ports: tuple[int, ...], span: Span
) -> list[Declaration]:
    """The servers as hops that are reached by the container's name, and by their own address."""
    owner = Owner(address=address, title=title, span=span, names=(name, address), ports=ports)
    return declare(servers, owner)[0]


def variables_in(definition: Value, place: Span) -> Iterator[tuple[str, Text]]:
    """The environment; of secrets only that they are there."""
    for variable in elements(entry(definition, "environment")):
        name, value = text_of(entry(variable, "name")), entry(variable, "value")
        if name and value is not None:
            yield name, text_from(value)
    for secret in elements(entry(definition, "secrets")):
        name = text_of(entry(secret, "name"))
        if name:
            yield name, unknown(f"{name} is kept in a secret", f"set {name} where it is started", place)


def _word(value: Value, place: Span) -> Arg:
    known = text_from(value)
    return Arg(text=known, span=value.trail[0] if value.trail else place, pieces=(known,))


def text_from(value: Value) -> Text:
    """A value as what a variable or a word holds."""
    match value:
        case Scalar():
            return literal(text(value), *value.trail)
        case Choice() if all(isinstance(option, Scalar) for option in value.options):
            choices = tuple(dict.fromkeys(text(option) for option in value.options))
            return Text(choices=choices, reason=value.reason, spans=value.trail)
        case Unknown():
            return unknown(value.reason, value.needs, *value.trail)
        case _:
            return unknown("it is not a plain value", "", *value.trail)

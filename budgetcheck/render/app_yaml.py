"""An inferred app document as YAML, with a comment where each number comes from."""

import json
import re
from collections.abc import Iterator, Sequence

from budgetcheck.model.inferred import Literal, Stated, StatedBlock, StatedRoute, StatedService, StatedStep

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*|\[[A-Z, ]*\]|\d+(?:ms|s)")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_HEAD = (
    "Inferred by `budgetcheck init --infer`: read it, correct it, and keep it up to date.",
    "Where code and document are checked together, both are judged: give either of them.",
)


def render_app_yaml(services: Sequence[StatedService]) -> str:
    """The documents of all services, one after the other."""
    lines = [_comment(line) for line in _HEAD]
    for number, service in enumerate(services):
        lines += ["---"] if number else []
        lines += _service(service)
    return "\n".join(lines) + "\n"


def _service(service: StatedService) -> Iterator[str]:
    yield from map(_comment, service.notes)
    yield f"service: {_scalar(service.name)}"
    if service.environment:
        yield f"environment: {_scalar(service.environment)}"
    if service.server:
        yield "server:"
        yield from _mapping(service.server, "  ")
    yield "routes:" if service.routes else "routes: []"
    for route in service.routes:
        yield from _route(route)


def _route(route: StatedRoute) -> Iterator[str]:
    yield from _item(route.stated, "  ")
    yield from (f"    {_comment(note)}" for note in route.notes)
    if not route.steps:
        yield "    calls: []"
        return
    yield "    calls:"
    for step in route.steps:
        yield from _step(step, "      ")


def _step(step: StatedStep, indent: str) -> Iterator[str]:
    if not isinstance(step, StatedBlock):
        yield from _item(step.stated, indent)
        yield from (f"{indent}  {_comment(note)}" for note in step.notes)
        return
    remark = f"  {_comment(step.why)}" if step.why else ""
    yield f"{indent}- {step.kind}:{remark}"
    inner = f"{indent}    "
    if step.kind == "loop":
        yield f"{inner}max: {_scalar(step.most)}"
        yield f"{inner}calls:"
        inner = f"{inner}  "
    for one in step.steps:
        yield from _step(one, inner)


def _item(stated: Sequence[Stated], indent: str) -> Iterator[str]:
    """A mapping as an item of a list."""
    lines = list(_mapping(stated, f"{indent}  "))
    yield f"{indent}- {lines[0].lstrip()}"
    yield from lines[1:]


def _mapping(stated: Sequence[Stated], indent: str) -> Iterator[str]:
    for one in stated:
        remark = f"  {_comment(one.why)}" if one.why else ""
        if one.parts:
            yield f"{indent}{one.key}:{remark}"
            yield from _mapping(one.parts, f"{indent}  ")
        else:
            yield f"{indent}{one.key}: {_scalar(one.value)}{remark}"


def _scalar(value: Literal) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str() if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


def _comment(text: str) -> str:
    """A comment of one line, whatever the text holds."""
    return "# " + "".join(letter if letter.isprintable() else "?" for letter in text)

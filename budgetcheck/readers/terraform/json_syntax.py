"""Terraform's JSON syntax (`.tf.json`): the same blocks, with texts as templates.

JSON does not say which objects are blocks, so every object or list of objects is offered as both: as an
attribute and as nested blocks of that name. Positions are those of the top-level block.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.index import Attribute, Block, Fault, FileIndex, Header, Source
from budgetcheck.readers.terraform.shown import shown

_LABELS = {"resource": 2, "data": 2, "variable": 1, "output": 1, "module": 1, "locals": 0}
_INTERPOLATION = re.compile(r"\$\{.*?\}")
_DEEPEST = 20


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _JsonHeader(Header):
    """A block of a JSON file together with its decoded content."""

    content: object


def index_json_file(source: Source) -> FileIndex:
    """The top-level blocks of a `.tf.json` file."""
    text = source.data.decode("utf-8", errors="replace")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        fault = Fault(span=Span(file=source.name, line=error.lineno), text="the file is not valid JSON")
        return FileIndex(headers=(), faults=(fault,))
    except RecursionError:
        fault = Fault(span=Span(file=source.name), text="the file is nested too deeply")
        return FileIndex(headers=(), faults=(fault,))
    if not isinstance(document, dict):
        return FileIndex(headers=(), faults=())
    headers = [
        _header(source, text, kind, labels, content)
        for kind, count in _LABELS.items()
        for labels, content in _labelled(document.get(kind), count)
    ]
    return FileIndex(headers=tuple(headers), faults=())


def read_json_header(header: Header) -> Block:
    """The content of a block of a JSON file."""
    content = header.content if isinstance(header, _JsonHeader) else {}
    block = _block(header.type, header.labels, header.span, header.title, content, 0)
    if header.type == "variable" and isinstance(content, dict) and isinstance(content.get("type"), str):
        # The one text that is no template: `"type": "list(string)"`.
        type_ = replace(block.attributes["type"], text=content["type"])
        return replace(block, attributes={**block.attributes, "type": type_})
    return block


def _labelled(content: object, count: int) -> Iterator[tuple[tuple[str, ...], object]]:
    if isinstance(content, list):
        for item in content:
            yield from _labelled(item, count)
    elif isinstance(content, dict):
        if count == 0:
            yield (), content
            return
        for key, inner in content.items():
            for labels, body in _labelled(inner, count - 1):
                yield (key, *labels), body


def _header(source: Source, text: str, kind: str, labels: tuple[str, ...], content: object) -> Header:
    mark = re.search(rf'"{re.escape(labels[-1] if labels else kind)}"\s*:', text)
    line = text.count("\n", 0, mark.start()) + 1 if mark else 1
    return _JsonHeader(type=kind, labels=labels, source=source, start=0, end=0, line=line, content=content)


def _block(kind: str, labels: tuple[str, ...], span: Span, owner: str, content: object, depth: int) -> Block:
    entries = content if isinstance(content, dict) else {}
    blocks = [
        _block(key, (), span, owner, item, depth + 1)
        for key, value in entries.items()
        if depth < _DEEPEST
        for item in (value if isinstance(value, list) else [value])
        if isinstance(item, dict)
    ]
    return Block(
        type=kind,
        labels=labels,
        span=span,
        attributes=_attributes(entries, span, owner),
        blocks=tuple(blocks),
    )


def _attributes(entries: Mapping[str, object], span: Span, owner: str) -> dict[str, Attribute]:
    return {key: _attribute(key, value, span, owner) for key, value in entries.items() if key != "//"}


def _attribute(key: str, value: object, span: Span, owner: str) -> Attribute:
    # JSON values are expressions too, and texts are templates in both syntaxes; only inside `${}` quotes
    # are not escaped.
    text = _INTERPOLATION.sub(
        lambda found: found.group().replace('\\"', '"'), json.dumps(value, ensure_ascii=False)
    )
    place = replace(span, text=shown(key, text))
    return Attribute(name=key, text=text, span=place, line=span.line, column=span.column, owner=owner)

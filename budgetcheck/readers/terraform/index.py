"""Finds the blocks of a file, fast and whatever else is wrong in it; the only user of tree-sitter.

The index knows where blocks and attributes stand, not what they mean: expressions stay source text until
`parse` is asked for one. Where the grammar meets an error the file is cut at its top-level block headers
and each piece is read alone, so that one bad block never hides the others.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.shown import shown

_HEADER = re.compile(
    rb"^(?:resource|data|module|variable|output|provider|locals|terraform|moved|import|removed|check|ephemeral)"
    rb'(?=[ \t"{])[^\n={]*\{',
    re.MULTILINE,
)
_TEXT_NODES = {"heredoc_template", "comment"}
_DEEPEST = 40  # nested blocks; real configurations stay below ten

_PARSER = Parser(Language(tree_sitter_hcl.language()))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Source:
    """One file: its printed name and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Attribute:
    """`name = expression`: `span` is the place of the name, `text` the expression as written.

    `line` and `column` are the place of the expression; `owner` is the block it belongs to, for messages.
    """

    name: str
    text: str
    span: Span
    line: int
    column: int
    owner: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Block:
    """A nested block with its content. `fault` says why the content is incomplete; empty if it is not."""

    type: str
    labels: tuple[str, ...]
    span: Span
    attributes: Mapping[str, Attribute]
    blocks: tuple["Block", ...]
    fault: str = ""

    @property
    def title(self) -> str:
        """`resource "aws_lb" "api"`."""
        return " ".join((self.type, *(f'"{label}"' for label in self.labels)))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Header:
    """A top-level block that was found but not yet read."""

    type: str
    labels: tuple[str, ...]
    source: Source
    start: int
    end: int
    line: int
    fault: str = ""

    @property
    def title(self) -> str:
        """`resource "aws_lb" "api"`."""
        return " ".join((self.type, *(f'"{label}"' for label in self.labels)))

    @property
    def span(self) -> Span:
        """Where the block begins."""
        return Span(file=self.source.name, line=self.line, column=1, text=self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in a file that is not valid: where, in which block, and what is wrong."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIndex:
    """The top-level blocks of a file and what is wrong in it."""

    headers: tuple[Header, ...]
    faults: tuple[Fault, ...]


def index_file(source: Source) -> FileIndex:
    """Finds the top-level blocks of a `.tf` file."""
    root = _PARSER.parse(source.data).root_node
    if root.has_error or _hidden_header(root, source.data):
        return _index_pieces(source)
    headers = tuple(_header(node, source, 0, 1) for node in _top_blocks(root))
    return FileIndex(headers=headers, faults=())


def read_header(header: Header) -> Block:
    """The content of a top-level block."""
    data = header.source.data[header.start : header.end]
    root = _PARSER.parse(data).root_node
    reader = _BodyReader(source=header.source, data=data, line=header.line, owner=header.title)
    for node in _top_blocks(root):
        return reader.block(node, header.fault)
    return Block(
        type=header.type, labels=header.labels, span=header.span, attributes={}, blocks=(), fault=header.fault
    )


def read_attributes(source: Source) -> tuple[Mapping[str, Attribute], tuple[Fault, ...]]:
    """The attributes of a file of attributes alone (`terraform.tfvars`)."""
    root = _PARSER.parse(source.data).root_node
    reader = _BodyReader(source=source, data=source.data, line=1, owner=source.name)
    body = next((node for node in root.children if node.type == "body"), None)
    attributes = dict(reader.attributes(body)) if body else {}
    if not root.has_error:
        return attributes, ()
    line, text = _what_is_wrong(root, source.data)
    return attributes, (Fault(span=Span(file=source.name, line=line, text=source.name), text=text),)


def _top_blocks(root: Node) -> Iterator[Node]:
    for child in root.children:
        if child.type == "body":
            yield from (node for node in child.children if node.type == "block")
        elif child.type == "block":
            yield child


def _header(node: Node, source: Source, offset: int, line: int, fault: str = "") -> Header:
    names = [_label(child) for child in node.children if child.type in ("identifier", "string_lit")]
    return Header(
        type=names[0] if names else "",
        labels=tuple(names[1:]),
        source=source,
        start=offset + node.start_byte,
        end=offset + node.end_byte,
        line=line + node.start_point.row,
        fault=fault,
    )


def _label(node: Node) -> str:
    return _text(node).strip('"')


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", errors="replace")


def _hidden_header(root: Node, data: bytes) -> bool:
    """A block header stands inside a quoted text: the closing quote of an earlier line is missing."""
    starts = {node.start_byte for node in _top_blocks(root)}
    for match in _HEADER.finditer(data):
        if match.start() in starts:
            continue
        node = root.descendant_for_byte_range(match.start(), match.start() + 1)
        while node is not None and node.type not in _TEXT_NODES:
            node = node.parent
        if node is None:
            return True
    return False


def _index_pieces(source: Source) -> FileIndex:
    """Cuts the file at the lines that begin a top-level block and reads each piece alone."""
    starts = [match.start() for match in _HEADER.finditer(source.data)]
    headers: list[Header] = []
    faults: list[Fault] = []
    if not starts:
        return FileIndex(headers=(), faults=(_fault_of(source, 0, len(source.data), "the file"),))
    for start, end in zip(starts, [*starts[1:], len(source.data)], strict=True):
        header, fault = _index_piece(source, start, end)
        headers.append(header)
        if fault:
            faults.append(fault)
    return FileIndex(headers=tuple(headers), faults=tuple(faults))


def _index_piece(source: Source, start: int, end: int) -> tuple[Header, Fault | None]:
    piece = source.data[start:end]
    root = _PARSER.parse(piece).root_node
    line = source.data.count(b"\n", 0, start) + 1
    whole = next(_top_blocks(root), None)
    if whole is not None and not root.has_error:
        return _header(whole, source, start, line), None
    names = piece[: piece.index(b"{")].decode("utf-8", errors="replace").split()
    title = " ".join(names)
    fault = _fault_of(source, start, end, title)
    header = Header(
        type=names[0].split('"')[0],
        labels=tuple(part.strip('"') for part in _words(title)[1:]),
        source=source,
        start=start,
        end=end,
        line=line,
        fault=f"{title} ({source.name}:{fault.span.line}) could not be read: {fault.text}",
    )
    return header, fault


def _words(title: str) -> list[str]:
    return re.findall(r'"[^"]*"|[^\s"]+', title)


def _fault_of(source: Source, start: int, end: int, title: str) -> Fault:
    piece = source.data[start:end]
    line, text = _what_is_wrong(_PARSER.parse(piece).root_node, piece)
    first = source.data.count(b"\n", 0, start)
    where = f" (line {first + line})" if line > 1 else ""
    return Fault(span=Span(file=source.name, line=first + 1, column=1, text=title), text=text + where)


def _what_is_wrong(root: Node, data: bytes) -> tuple[int, str]:
    """Line, counted from 1 at the beginning of `data`, and the fault in words."""
    quote = _open_quote(data)
    if quote:
        return quote, "a quote is opened and not closed on this line"
    node = _first_error(root)
    if node is None:
        return 1, "the block is not complete"
    line = node.start_point.row + 1
    if node.is_missing:
        return line, f"`{node.type}` is missing" if not node.type.isidentifier() else _missing(node.type)
    if data.count(b"{") > data.count(b"}"):
        return 1, "the block is opened with `{` and not closed with `}`"
    return line, "this is not valid Terraform syntax"


def _missing(kind: str) -> str:
    names = {
        "block_end": "`}`",
        "object_end": "`}`",
        "tuple_end": "`]`",
        "quoted_template_end": 'the closing `"`',
    }
    return f"{names.get(kind, 'a part of the expression')} is missing"


def _first_error(root: Node) -> Node | None:
    todo = [root]
    while todo:
        node = todo.pop()
        if node.is_error or node.is_missing:
            return node
        todo.extend(child for child in reversed(node.children) if child.has_error or child.is_missing)
    return None


def _open_quote(data: bytes) -> int:
    """The first line, from 1, with an odd number of quotes outside comments and heredocs; 0 if none."""
    marker = b""
    for number, line in enumerate(data.split(b"\n"), start=1):
        if marker:
            marker = b"" if line.strip() == marker else marker
            continue
        code = line.replace(b"\\\\", b"").replace(b'\\"', b"")
        if code.lstrip().startswith((b"#", b"//", b"/*", b"*")):
            continue
        if heredoc := re.search(rb"<<-?([A-Za-z][\w.-]*)\s*$", code):
            marker = heredoc.group(1)
        elif code.count(b'"') % 2:
            return number
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _BodyReader:
    """Turns the nodes of one piece of source into blocks and attributes; `line` is where the piece begins."""

    source: Source
    data: bytes
    line: int
    owner: str

    def block(self, node: Node, fault: str = "", depth: int = 0) -> Block:
        names = [_label(child) for child in node.children if child.type in ("identifier", "string_lit")]
        body = next((child for child in node.children if child.type == "body"), None)
        nested = body.children if body and depth < _DEEPEST else []
        blocks = tuple(self.block(child, fault, depth + 1) for child in nested if child.type == "block")
        kind, labels = (names[0], tuple(names[1:])) if names else ("", ())
        return Block(
            type=kind,
            labels=labels,
            span=self.place(node, " ".join((kind, *(f'"{label}"' for label in labels)))),
            attributes=dict(self.attributes(body)) if body else {},
            blocks=blocks,
            fault=fault,
        )

    def attributes(self, body: Node) -> Iterator[tuple[str, Attribute]]:
        for child in body.children:
            if child.type != "attribute" or child.has_error:
                continue
            name = next((part for part in child.children if part.type == "identifier"), None)
            expression = next((part for part in child.children if part.type == "expression"), None)
            if name is None or expression is None:
                continue
            start = self.place(expression)
            key = _text(name)
            text = _text(expression)
            yield (
                key,
                Attribute(
                    name=key,
                    text=text,
                    span=self.place(name, shown(key, text)),
                    line=start.line,
                    column=start.column,
                    owner=self.owner,
                ),
            )

    def place(self, node: Node, text: str = "") -> Span:
        row, column = node.start_point
        if column:  # tree-sitter counts bytes, people count characters
            column = len(
                self.data[node.start_byte - column : node.start_byte].decode("utf-8", errors="replace")
            )
        return Span(file=self.source.name, line=self.line + row, column=column + 1, text=text)

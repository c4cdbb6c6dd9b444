"""A page taken apart with the standard library: elements, their text, and what scripts and styles hold."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "input", "br", "hr", "img", "link"}


@dataclass(slots=True)
class Document:
    """The elements in order with their attributes, the texts by class, and raw contents by element."""

    parser: HTMLParser
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    raw: dict[str, list[str]] = field(default_factory=lambda: {"script": [], "style": []})
    text: str = ""
    by_class: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, source: str) -> "Document":
        parser = _Parser()
        parser.document = cls(parser)
        parser.feed(source)
        parser.close()
        assert not parser.open, parser.open
        return parser.document

    def tags(self, name: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag == name]

    def texts(self, classes: str) -> list[str]:
        """Texts of the elements whose class attribute is exactly this."""
        return [" ".join(text.split()) for text in self.by_class.get(classes, [])]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, str, list[str]]] = []
        self.document: Document

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        assert len(attributes) == len(attrs), attrs
        self.document.elements.append((tag, attributes))
        if tag not in _VOID:
            self.open.append((tag, attributes.get("class", ""), []))

    def handle_endtag(self, tag: str) -> None:
        name, classes, words = self.open.pop()
        assert name == tag, (name, tag)
        text = "".join(words)
        if tag in self.document.raw:
            self.document.raw[tag].append(text)
            return
        self.document.by_class.setdefault(classes, []).append(text)
        if self.open:
            self.open[-1][2].append(text)

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1][2].append(data)
            if self.open[-1][0] not in self.document.raw:
                self.document.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

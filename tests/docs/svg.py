"""SVG by hand: escaped, ordered elements in one string, two palettes, no script and no link to anything."""

from dataclasses import dataclass, field
from html import escape

SANS = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','Noto Sans','DejaVu Sans',sans-serif"
MONO = "ui-monospace,'SF Mono','Cascadia Mono',Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of a picture, for pages of one kind."""

    card: str
    edge: str
    ink: str
    soft: str
    grid: str
    busy: str
    passive: str
    on_busy: str
    limit: str
    bad: str
    bad_wash: str
    on_bad: str


LIGHT = Palette(
    card="#ffffff",
    edge="#d5dae1",
    ink="#1c2024",
    soft="#5b6470",
    grid="#e9ecf0",
    busy="#3f6fb5",
    passive="#b7c9e4",
    on_busy="#ffffff",
    limit="#5b6470",
    bad="#b3261e",
    bad_wash="#fbe9e7",
    on_bad="#ffffff",
)
DARK = Palette(
    card="#161b20",
    edge="#333b44",
    ink="#e8ebee",
    soft="#a3adb8",
    grid="#262d34",
    busy="#6f9fe6",
    passive="#3a5278",
    on_busy="#0d1622",
    limit="#a3adb8",
    bad="#f4837a",
    bad_wash="#3a1f1e",
    on_bad="#1b0d0c",
)


@dataclass(slots=True, kw_only=True)
class Canvas:
    """Elements in the order in which they are painted."""

    width: float
    height: float
    title: str
    parts: list[str] = field(default_factory=list)

    def rect(self, x: float, y: float, width: float, height: float, **looks: object) -> None:
        """A rectangle, by its upper left corner."""
        self.add("rect", x=x, y=y, width=width, height=height, **looks)

    def line(self, x1: float, y1: float, x2: float, y2: float, **looks: object) -> None:
        """A straight line."""
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, **looks)

    def text(self, x: float, y: float, words: str, **looks: object) -> None:
        """Words, by the start of their base line."""
        self.parts.append(
            f"<text {_attributes({'x': x, 'y': y, **looks})}>{escape(words, quote=False)}</text>"
        )

    def add(self, tag: str, **attributes: object) -> None:
        """An element without content; an underscore in a name stands for a hyphen."""
        self.parts.append(f"<{tag} {_attributes(attributes)}/>")

    def raw(self, markup: str) -> None:
        """Markup of our own, as it is."""
        self.parts.append(markup)

    def markup(self, font: str) -> str:
        """The picture, one element a line, so a change of it can be read as a diff."""
        size = f'width="{_number(self.width)}" height="{_number(self.height)}"'
        box = f'viewBox="0 0 {_number(self.width)} {_number(self.height)}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img" font-family="{font}">'
        return "\n".join((head, f"<title>{escape(self.title, quote=False)}</title>", *self.parts, "</svg>\n"))


def _attributes(given: dict[str, object]) -> str:
    return " ".join(f'{name.replace("_", "-")}="{escape(_value(value))}"' for name, value in given.items())


def _value(value: object) -> str:
    return _number(value) if isinstance(value, int | float) else str(value)


def _number(value: float) -> str:
    """At most one decimal: the same bytes on every machine."""
    return f"{value:.1f}".removesuffix(".0")

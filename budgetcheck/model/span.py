"""Where something stands in the user's files."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A place in a file: POSIX path relative to the run's root, 1-based line and column.

    `text` is the piece of source a reader would recognise (`proxy_read_timeout 30s`, `var.idle`); it
    never holds a value from a settings file other than a parsed duration or count. `column` 0 means
    that the format's parser gives lines only.
    """

    file: str
    line: int = 0
    column: int = 0
    text: str = ""

    @property
    def place(self) -> str:
        """`file:line`, or only the file where no line is known."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        """A total order: by file, then position (ordered dataclasses would compare text first)."""
        return (self.file, self.line, self.column, self.text)

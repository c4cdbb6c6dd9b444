"""What Terraform accepts and python-hcl2 does not, rewritten to an equivalent of the same length.

Comments before a value, line breaks inside brackets and interpolations, `core::` in front of a function,
strip markers (`${~ x ~}`) and blanks behind the end marker of a heredoc become blanks; positions in the
rewritten text are those in the source.
"""

import re

_HEREDOC = re.compile(r"<<-?([A-Za-z_][\w-]*)\r?\n")
_NOTABLE = re.compile(r'["(){}\[\]\n]|<<|/\*|//|\#|\bcore::|~\}')
_IN_TEXT = re.compile(r'\\.|"|\$\$\{|%%\{|[$%]\{~?', re.DOTALL)
_CLOSES = {"(": ")", "[": "]", "{": "}", "$": "}"}
_TEXT, _SEQUENCE = '"', "$"  # on the stack: inside a quoted text, inside `${}` or `%{}`


def rewritten(text: str) -> str:
    """The same expression in the dialect of python-hcl2."""
    return _Rewriting(text).run()


class _Rewriting:
    def __init__(self, text: str) -> None:
        self.text = text
        self.out = list(text)
        self.position = 0
        self.stack: list[str] = []

    def run(self) -> str:
        while self.position < len(self.text):
            inside_text = bool(self.stack) and self.stack[-1] == _TEXT
            match = (_IN_TEXT if inside_text else _NOTABLE).search(self.text, self.position)
            if match is None:
                break
            self.position = match.end()
            if inside_text:
                self._in_text(match.group(), match.end())
            else:
                self._in_expression(match.group(), match.start())
        return "".join(self.out)

    def _in_text(self, found: str, end: int) -> None:
        if found == '"':
            self.stack.pop()
        elif found.startswith(("${", "%{")):
            self.stack.append(_SEQUENCE)
            if found.endswith("~"):
                self.out[end - 1] = " "

    def _in_expression(self, found: str, start: int) -> None:
        if found == '"':
            self.stack.append(_TEXT)
        elif found in ("(", "[", "{"):
            self.stack.append(found)
        elif found in (")", "]", "}"):
            self._close(found)
        elif found == "~}":
            self._close("}")
            self.out[start] = " "
        elif found == "\n":
            if self.stack and self.stack[-1] != "{":
                self.out[start] = " "
        elif found == "<<":
            self._heredoc(start)
        else:
            self._blank(start, found)

    def _close(self, bracket: str) -> None:
        if self.stack and _CLOSES.get(self.stack[-1]) == bracket:
            self.stack.pop()

    def _blank(self, start: int, found: str) -> None:
        """Comments and `core::`."""
        end = self.position
        if found == "/*":
            close = self.text.find("*/", end)
            end = close + 2 if close >= 0 else len(self.text)
        elif found in ("//", "#"):
            close = self.text.find("\n", end)
            end = close if close >= 0 else len(self.text)
        for index in range(start, end):
            if self.text[index] != "\n" or (self.stack and self.stack[-1] != "{"):
                self.out[index] = " "
        self.position = end

    def _heredoc(self, start: int) -> None:
        intro = _HEREDOC.match(self.text, start)
        if intro is None:
            return
        end = re.compile(rf"^[ \t]*{re.escape(intro.group(1))}([ \t]*)(?:\r?\n|\Z)", re.MULTILINE)
        match = end.search(self.text, intro.end())
        self.position = match.end() if match else len(self.text)
        if match and match.group(1) and match.group().endswith("\n"):
            blanks = self.position - match.start(1) - 1
            self.out[match.start(1) : self.position] = ["\n", *(" " * blanks)]

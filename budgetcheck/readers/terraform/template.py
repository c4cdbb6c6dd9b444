"""Templates: escapes of quoted text, `${}` and `%{}` inside heredocs, and nesting of directives."""

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from budgetcheck.readers.terraform.syntax import Expression, Part, TemplateFor, TemplateIf

ParseInner = Callable[[str, int, int], Expression]
"""Parses source that begins so many lines below the template's first line, at that column."""


class TemplateSyntaxError(Exception):
    """The template is not valid; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """One `%{ }`: `kind` is if, else, endif, for or endfor."""

    kind: str
    names: tuple[str, ...] = ()
    expression: Expression | None = None


_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$\{|%%\{", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def unescape(text: str) -> str:
    """The text of a quoted literal; an unknown escape stays as it is written."""

    def replace(match: re.Match[str]) -> str:
        escape = match.group(1)
        if escape is None:
            return match.group()[1:]
        if len(escape) > 1:
            code = int(escape[1:], 16)
            return chr(code) if code <= 0x10FFFF else ""
        return _ESCAPES.get(escape, match.group())

    return _ESCAPE.sub(replace, text)


def assemble(parts: list[Part | Directive]) -> tuple[Part, ...]:
    """Nests what stands between directives. Raises TemplateSyntaxError where an end is missing."""
    stream = iter(parts)
    content, end = _until(stream, ())
    if end is not None:
        raise TemplateSyntaxError(f"%{{ {end.kind} }} has no beginning")
    return content


def _until(
    stream: Iterator[Part | Directive], ends: tuple[str, ...]
) -> tuple[tuple[Part, ...], Directive | None]:
    content: list[Part] = []
    for part in stream:
        if not isinstance(part, Directive):
            content.append(part)
        elif part.kind == "if" and part.expression is not None:
            content.append(_conditional(stream, part.expression))
        elif part.kind == "for" and part.expression is not None and part.names:
            body, _ = _until(stream, ("endfor",))
            key, value = part.names if len(part.names) == 2 else ("", part.names[0])
            content.append(TemplateFor(key_name=key, value_name=value, collection=part.expression, body=body))
        elif part.kind in ends or not ends:
            return tuple(content), part
        else:
            raise TemplateSyntaxError(f"%{{ {part.kind} }} is out of place")
    if ends:
        raise TemplateSyntaxError(f"%{{ {ends[-1]} }} is missing")
    return tuple(content), None


def _conditional(stream: Iterator[Part | Directive], condition: Expression) -> TemplateIf:
    then, end = _until(stream, ("else", "endif"))
    otherwise: tuple[Part, ...] = ()
    if end is not None and end.kind == "else":
        otherwise, _ = _until(stream, ("endif",))
    return TemplateIf(condition=condition, then=then, otherwise=otherwise)


_HEREDOC = re.compile(r"<<(-?)([A-Za-z][\w.-]*)[ \t]*\r?\n(.*?)[ \t]*\2\s*\Z", re.DOTALL)


def heredoc_parts(text: str, parse: ParseInner) -> list[Part | Directive]:
    """The parts of a heredoc with its markers; `<<-` takes the common indentation away."""
    match = _HEREDOC.match(text)
    if match is None:
        raise TemplateSyntaxError("the heredoc has no end marker")
    parts = template_parts(match.group(3), parse, first_line=1)
    return _dedent(parts) if match.group(1) else parts


def template_parts(text: str, parse: ParseInner, first_line: int = 0) -> list[Part | Directive]:
    """Splits a template that is not quoted: a heredoc's content or a template file."""
    parts: list[Part | Directive] = []
    literal: list[str] = []
    position = 0
    while position < len(text):
        match = _MARK.search(text, position)
        if match is None:
            literal.append(text[position:])
            break
        literal.append(text[position : match.start()])
        if match.group() in ("$${", "%%{"):
            literal.append(match.group()[1:])
            position = match.end()
            continue
        end = _closing(text, match.end())
        strip_before, source, strip_after = _inner(text, match.end(), end)
        if literal:
            parts.append(_stripped("".join(literal), at_end=strip_before))
            literal = []
        line = text.count("\n", 0, source[0])
        column = source[0] - (text.rfind("\n", 0, source[0]) + 1) + 1
        piece = text[source[0] : source[1]]
        place = (first_line + line, column)
        parts.append(parse(piece, *place) if match.group() == "${" else _directive(piece, parse, place))
        position = end + 1
        if strip_after:
            rest = text[position:]
            position += len(rest) - len(rest.lstrip())
    if literal:
        parts.append("".join(literal))
    return parts


_MARK = re.compile(r"\$\$\{|%%\{|\$\{|%\{")


def _stripped(text: str, *, at_end: bool) -> str:
    return text.rstrip() if at_end else text


def _inner(text: str, start: int, end: int) -> tuple[bool, tuple[int, int], bool]:
    before = text.startswith("~", start)
    after = text.endswith("~", start, end)
    first, last = start + before, end - after
    while first < last and text[first].isspace():
        first += 1
    while last > first and text[last - 1].isspace():
        last -= 1
    return before, (first, last), after


def _closing(text: str, position: int) -> int:
    """Where the `}` of an opened `${` stands. Raises TemplateSyntaxError where there is none."""
    depth = 1
    while position < len(text):
        character = text[position]
        if character == '"':
            position = _after_quoted(text, position + 1)
            continue
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return position
        position += 1
    raise TemplateSyntaxError("`${` is opened and not closed with `}`")


def _after_quoted(text: str, position: int) -> int:
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text[position] == '"':
            return position + 1
        elif text.startswith("${", position):
            position = _closing(text, position + 2) + 1
        else:
            position += 1
    raise TemplateSyntaxError("a quote is opened and not closed")


_FOR = re.compile(r"for\s+([\w-]+)(?:\s*,\s*([\w-]+))?\s+in\s+(.*)", re.DOTALL)


def _directive(text: str, parse: ParseInner, place: tuple[int, int]) -> Directive:
    word = text.split(None, 1)[0] if text else ""
    if word == "if":
        return Directive(kind="if", expression=parse(text[2:].strip(), *place))
    if match := _FOR.fullmatch(text):
        names = tuple(name for name in match.groups()[:2] if name)
        return Directive(kind="for", names=names, expression=parse(match.group(3), *place))
    if word in ("else", "endif", "endfor"):
        return Directive(kind=word)
    raise TemplateSyntaxError("an unknown `%{ }` directive")


def _dedent(parts: list[Part | Directive]) -> list[Part | Directive]:
    """Removes the indentation that all lines have in common; interpolated values do not count."""
    # A stand-in keeps the place of each interpolation while the text is looked at as a whole.
    stand_in = "\0"
    whole = "".join(part if isinstance(part, str) else stand_in for part in parts)
    pieces = textwrap.dedent(whole).split(stand_in)
    inner = [part for part in parts if not isinstance(part, str)]
    result: list[Part | Directive] = [pieces[0]]
    for part, piece in zip(inner, pieces[1:], strict=True):
        result.extend((part, piece))
    return [part for part in result if part != ""]

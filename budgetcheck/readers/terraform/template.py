"""Templates: escapes of quoted text, `${}` and `%{}` inside heredocs, and nesting of directives."""

import re
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
_LAST_CODE = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def unescape(text: str) -> str:
    """The text of a quoted literal. Raises TemplateSyntaxError for an escape that there is not."""

    def replace(match: re.Match[str]) -> str:
        escape = match.group(1)
        if escape is None:
            return match.group()[1:]
        if len(escape) > 1:
            code = int(escape[1:], 16)
            if code <= _LAST_CODE and code not in _SURROGATES:
                return chr(code)
        if escape not in _ESCAPES:
            raise TemplateSyntaxError("a quoted text has an escape (`\\`) that there is not")
        return _ESCAPES[escape]

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


_HEREDOC = re.compile(r"<<(-?)([A-Za-z_][\w.-]*)[ \t]*\r?\n(.*?)[ \t]*\2\s*\Z", re.DOTALL)


def heredoc_parts(text: str, parse: ParseInner) -> list[Part | Directive]:
    """The parts of a heredoc with its markers; `<<-` takes the common indentation away."""
    match = _HEREDOC.match(text)
    if match is None:
        raise TemplateSyntaxError("the heredoc has no end marker")
    tokens = _tokens(match.group(3), parse, first_line=1)
    return _melded(_dedented(tokens) if match.group(1) else tokens)


def template_parts(text: str, parse: ParseInner, first_line: int = 0) -> list[Part | Directive]:
    """Splits a template that is not quoted: a heredoc's content or a template file."""
    return _melded(_tokens(text, parse, first_line))


def _tokens(text: str, parse: ParseInner, first_line: int) -> list[Part | Directive]:
    """Literal text line by line, and what stands between: strip markers reach no further than a token."""
    tokens: list[Part | Directive] = []
    position, strip_next = 0, False
    while position < len(text):
        match = _MARK.search(text, position)
        end = match.start() if match else len(text)
        for literal in _LITERAL.findall(text, position, end):
            tokens.append(literal.lstrip(SPACES) if strip_next else literal)
            strip_next = False
        if match is None:
            break
        position = match.end()
        if match.group() in ("$${", "%%{"):
            tokens.append(match.group()[1:])
            strip_next = False
            continue
        close = _closing(text, position)
        strip_before, source, strip_next = _inner(text, position, close)
        if strip_before and tokens and isinstance(tokens[-1], str) and position - 2 != 0:
            tokens[-1] = tokens[-1].rstrip(SPACES)
        place = _place(text, source[0], first_line)
        piece = text[source[0] : source[1]]
        tokens.append(parse(piece, *place) if match.group() == "${" else _directive(piece, parse, place))
        position = close + 1
    return tokens


_MARK = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
_LITERAL = re.compile(r"[$%]|[^$%\n]*\n|[^$%\n]+")
SPACES = " \t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""White space as Go counts it, which is not quite as Python does."""


def _place(text: str, offset: int, first_line: int) -> tuple[int, int]:
    return first_line + text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset)


def _melded(tokens: list[Part | Directive]) -> list[Part | Directive]:
    """Adjacent literal texts joined, empty ones left out."""
    parts: list[Part | Directive] = []
    literal: list[str] = []
    for token in tokens:
        if isinstance(token, str):
            literal.append(token)
            continue
        parts.extend(text for text in ["".join(literal)] if text)
        parts.append(token)
        literal = []
    parts.extend(text for text in ["".join(literal)] if text)
    return parts


def quoted_literal(text: str, *, strip_start: bool, strip_end: bool) -> str:
    """A literal piece of a quoted template, as written, with strip markers beside it applied."""
    tokens = [unescape(token) for token in _QUOTED.findall(text)]
    if tokens and strip_start:
        tokens[0] = tokens[0].lstrip(SPACES)
    if tokens and strip_end:
        tokens[-1] = tokens[-1].rstrip(SPACES)
    return "".join(tokens)


_QUOTED = re.compile(r"\$\$\{|%%\{|[$%]|(?:\\.|[^$%\\])+", re.DOTALL)


def _inner(text: str, start: int, end: int) -> tuple[bool, tuple[int, int], bool]:
    before = text.startswith("~", start)
    after = end > start and text.endswith("~", start, end)
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


def _dedented(tokens: list[Part | Directive]) -> list[Part | Directive]:
    """Takes from each line the white space that all have in front; blank lines and values do not count."""
    result = list(tokens)
    margin: int | None = None
    beginning = True
    leading: list[int] = []
    for index, token in enumerate(tokens):
        literal = token if isinstance(token, str) else ""
        if beginning:
            beginning = False
            blank = not literal.strip(SPACES) and literal.endswith("\n")
            if not blank:
                width = len(literal) - len(literal.lstrip(SPACES))
                margin = width if margin is None else min(margin, width)
                leading += [index] if literal else []
        beginning = beginning or literal.endswith("\n")
    for index in leading:
        line = result[index]
        if isinstance(line, str):
            result[index] = line[margin:]
    return result

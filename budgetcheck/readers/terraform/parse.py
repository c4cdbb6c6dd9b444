"""Adapter over python-hcl2: source text of an expression in, own syntax tree out.

The only module that imports hcl2 or lark. Expressions are parsed one by one when they are asked for;
the commonest ones (numbers, plain texts, references) need no parser at all. What python-hcl2 rejects
although Terraform accepts it (comments before a value, line breaks inside brackets, `core::` functions)
is rewritten to an equivalent of the same length and tried again, so that positions stay true.
"""

import re
from collections.abc import Callable
from fractions import Fraction

import hcl2
from lark import Token, Tree
from lark.exceptions import LarkError, UnexpectedInput

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform import syntax
from budgetcheck.readers.terraform.shown import shown
from budgetcheck.readers.terraform.syntax import Expression, Literal, Name, Traversal
from budgetcheck.readers.terraform.template import (
    Directive,
    TemplateSyntaxError,
    assemble,
    heredoc_parts,
    unescape,
)

_NUMBER = re.compile(r"-?\d{1,18}")
_PLAIN_TEXT = re.compile(r'"[^"\\$%\n]*"')
_REFERENCE = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*){1,40}")
_CONSTANTS = {"true": True, "false": False, "null": None}
_PREFIX = "x = "
_LONGEST = 400_000

Node = Tree[Token] | Token


class _InvalidError(Exception):
    """The tree is accepted by python-hcl2 but not valid Terraform."""


def parse_expression(text: str, file: str, line: int = 1, column: int = 1) -> Expression:
    """The tree of an expression that begins at `line` and `column` of `file`; Invalid where it has none."""
    span = Span(file=file, line=line, column=column)
    simple = _simple(text, span)
    if simple is not None:
        return simple
    if len(text) > _LONGEST:
        return syntax.Invalid(span=span, reason=f"it is longer than {_LONGEST} characters")
    try:
        return _Reader(text=text, span=span).read()
    except RecursionError:
        return syntax.Invalid(span=span, reason="it is nested too deeply")
    except (_InvalidError, TemplateSyntaxError) as error:
        return syntax.Invalid(span=span, reason=str(error))


def _simple(text: str, span: Span) -> Expression | None:
    if _NUMBER.fullmatch(text):
        return Literal(span=span, value=int(text))
    if _PLAIN_TEXT.fullmatch(text):
        return Literal(span=span, value=text[1:-1])
    if text in _CONSTANTS:
        return Literal(span=span, value=_CONSTANTS[text])
    if _REFERENCE.fullmatch(text):
        return _reference(text, span)
    return None


def _reference(text: str, span: Span) -> Expression:
    first, *rest = text.split(".")
    result: Expression = Name(span=_named(span, first), name=first)
    for name in rest:
        result = _traversal(result, name)
    return result


def _named(span: Span, text: str) -> Span:
    return Span(file=span.file, line=span.line, column=span.column, text=text)


def _traversal(target: Expression, name: str) -> Expression:
    base = target.span.text or syntax.written(target)
    return Traversal(span=_named(target.span, f"{base}.{name}" if base else ""), target=target, name=name)


def _parse(text: str) -> Tree[Token]:
    """The lark tree of `x = text`. Raises _InvalidError with the place and kind of the fault."""
    try:
        return hcl2.parses_to_tree(f"{_PREFIX}{text}\n")
    except (LarkError, ValueError) as error:
        rewritten = _rewrite(text)
        if rewritten != text:
            try:
                return hcl2.parses_to_tree(f"{_PREFIX}{rewritten}\n")
            except (LarkError, ValueError):
                pass
        raise _InvalidError(_fault(error)) from None


def _fault(error: Exception) -> str:
    line = error.line if isinstance(error, UnexpectedInput) else 0
    where = f" (line {line} of the expression)" if line > 1 else ""
    return f"the expression is not valid Terraform syntax{where}"


_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*")
    |(?P<heredoc><<-?(?P<marker>[A-Za-z][\w.-]*)[ \t]*\r?\n.*?^[ \t]*(?P=marker)[ \t]*\r?\n)
    |(?P<comment>/\*.*?\*/|(?:\#|//)[^\n]*)
    |(?P<core>\bcore::)
    |(?P<open>[(\[{])|(?P<close>[)\]}])
    |(?P<newline>\n)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def _rewrite(text: str) -> str:
    """The same expression in the dialect that python-hcl2 accepts, as long up to the end of a heredoc."""
    open_brackets: list[str] = []

    def replace(match: re.Match[str]) -> str:
        found = match.group()
        if match["open"]:
            open_brackets.append(found)
        elif match["close"] and open_brackets:
            open_brackets.pop()
        elif match["comment"] or match["core"]:
            return "".join(character if character == "\n" else " " for character in found)
        elif match["newline"] and open_brackets and open_brackets[-1] != "{":
            return " "
        elif match["heredoc"]:
            return found.rstrip() + "\n"  # blanks behind the end marker
        return found

    return _TOKEN.sub(replace, text)


class _Reader:
    """Converts one lark tree; offsets in the tree are turned into places in the file."""

    def __init__(self, *, text: str, span: Span) -> None:
        self.text = text
        self.origin = span

    def read(self) -> Expression:
        statements = [part for part in _trees(_parse(self.text)) if part.data == "body"]
        attributes = [part for body in statements for part in _trees(body) if part.data == "attribute"]
        if len(attributes) != 1:
            raise _InvalidError("the expression is not valid Terraform syntax")
        return self.expression(_trees(attributes[0])[-1] if _trees(attributes[0]) else attributes[0])

    def span(self, node: Node, text: str = "") -> Span:
        start = node.meta.start_pos if isinstance(node, Tree) else (node.start_pos or 0)
        offset = max(start - len(_PREFIX), 0)
        line = self.text.count("\n", 0, offset)
        column = offset - (self.text.rfind("\n", 0, offset) + 1)
        return Span(
            file=self.origin.file,
            line=self.origin.line + line,
            column=column + (1 if line else self.origin.column),
            text=text,
        )

    def expression(self, node: Node) -> Expression:
        if isinstance(node, Token):
            raise _InvalidError("the expression is not valid Terraform syntax")
        convert = _CONVERTERS.get(str(node.data))
        if convert is None:
            raise _InvalidError("the expression is of a kind that is not known")
        return convert(self, node)

    def expr_term(self, node: Tree[Token]) -> Expression:
        return self.expression(_expressions(node)[0])

    def identifier(self, node: Tree[Token]) -> Expression:
        name = str(node.children[0])
        return Name(span=self.span(node, name), name=name)

    def keyword(self, node: Tree[Token]) -> Expression:
        return self.identifier(node)

    def int_lit(self, node: Tree[Token]) -> Expression:
        return Literal(span=self.span(node), value=int(str(node.children[0])))

    def float_lit(self, node: Tree[Token]) -> Expression:
        text = str(node.children[0])
        if len(text) > 40 or abs(int(re.split("[eE]", f"{text}e0")[1])) > 300:
            raise _InvalidError("a number is out of all proportion")
        value = Fraction(text)
        return Literal(span=self.span(node), value=int(value) if value.denominator == 1 else value)

    def literal_value(self, node: Tree[Token]) -> Expression:
        return Literal(span=self.span(node), value=_CONSTANTS[str(node.children[0])])

    def get_attr(self, node: Tree[Token]) -> Expression:
        target, attribute = _expressions(node)
        return _traversal(self.expression(target), _attribute_name(attribute))

    def index(self, node: Tree[Token]) -> Expression:
        target, index = _expressions(node)
        return self.step(self.expression(target), index)

    def step(self, target: Expression, step: Tree[Token]) -> Expression:
        """One `.name`, `[key]` or `.0` after a target."""
        if step.data == "get_attr":
            return _traversal(target, _attribute_name(step))
        if step.data == "short_index":
            number = next(
                part for part in step.children if isinstance(part, Token) and part.type == "INT_LITERAL"
            )
            key: Expression = Literal(span=self.span(step), value=int(str(number)))
        else:
            key = self.expression(_expressions(step)[0])
        indexed = syntax.Index(span=target.span, target=target, key=key)
        return syntax.Index(span=_named(target.span, syntax.written(indexed)), target=target, key=key)

    def splat(self, node: Tree[Token]) -> Expression:
        target, splat = _expressions(node)
        body: Expression = Name(span=self.span(splat), name=syntax.SPLAT_ELEMENT)
        for step in _expressions(splat):
            body = self.step(body, step)
        return syntax.Splat(span=self.span(node), target=self.expression(target), body=body)

    def function_call(self, node: Tree[Token]) -> Expression:
        names = [str(part.children[0]) for part in _trees(node) if part.data == "identifier"]
        listed = next((part for part in _trees(node) if part.data == "arguments"), None)
        tokens = listed.children if listed else []
        return syntax.Call(
            span=self.span(node, f"{'::'.join(names)}()"),
            function="::".join(names),
            arguments=tuple(self.expression(part) for part in _expressions(listed)) if listed else (),
            expand=any(isinstance(part, Token) and part.type == "ELLIPSIS" for part in tokens),
        )

    def conditional(self, node: Tree[Token]) -> Expression:
        condition, then, otherwise = (self.expression(part) for part in _expressions(node))
        return syntax.Conditional(span=self.span(node), condition=condition, then=then, otherwise=otherwise)

    def binary_op(self, node: Tree[Token]) -> Expression:
        rest: list[tuple[str, Expression]] = []
        current = node
        while current.data == "binary_op":  # a left spine: long sums must not recurse
            left, term = _expressions(current)
            operator, right = _trees(term)[0], _expressions(term)[-1]
            symbol = "".join(str(part) for part in operator.children).split("\n")[-1].strip()
            rest.append((symbol, self.expression(right)))
            current = left
        return syntax.Binary(span=self.span(node), first=self.expression(current), rest=tuple(reversed(rest)))

    def unary_op(self, node: Tree[Token]) -> Expression:
        operand = self.expression(_expressions(node)[-1])
        operator = str(node.children[0])
        if operator == "-" and isinstance(operand, Literal) and isinstance(operand.value, int | Fraction):
            return Literal(span=self.span(node), value=-operand.value)
        return syntax.Unary(span=self.span(node), operator=operator, operand=operand)

    def tuple(self, node: Tree[Token]) -> Expression:
        return syntax.Tuple(
            span=self.span(node), items=tuple(self.expression(part) for part in _expressions(node))
        )

    def object(self, node: Tree[Token]) -> Expression:
        elements = tuple(self.element(part) for part in _trees(node) if part.data == "object_elem")
        return syntax.Object(span=self.span(node), elements=elements)

    def element(self, node: Tree[Token]) -> syntax.Element:
        key_node, value_node = _expressions(node)
        key = self.expression(_expressions(key_node)[0])
        if isinstance(key, Name) and not _parenthesised(key_node):
            key = Literal(span=key.span, value=key.name)
        value = self.expression(value_node)
        name = key.value if isinstance(key, Literal) and isinstance(key.value, str) else ""
        return syntax.Element(span=self.span(node, self.shown(name, value_node)), key=key, value=value)

    def shown(self, name: str, value: Tree[Token]) -> str:
        # The end of a node may lie behind the line break that follows it.
        source = self.text[value.meta.start_pos - len(_PREFIX) : value.meta.end_pos - len(_PREFIX)].strip()
        return shown(name, source) if name else ""

    def for_expression(self, node: Tree[Token]) -> Expression:
        intro, *rest = _expressions(node)
        names = [str(part.children[0]) for part in _trees(intro) if part.data == "identifier"]
        variables, collection = _for_names(intro, names), self.expression(_expressions(intro)[-1])
        condition = next((part for part in rest if part.data == "for_cond"), None)
        results = [self.expression(part) for part in rest if part.data != "for_cond"]
        tokens = {part.type for part in node.children if isinstance(part, Token)}
        return syntax.For(
            span=self.span(node),
            key_name=variables[0] if len(variables) == 2 else "",
            value_name=variables[-1],
            collection=collection,
            result=results[-1],
            result_key=results[0] if len(results) == 2 else None,
            condition=self.expression(_expressions(condition)[-1]) if condition else None,
            grouped="ELLIPSIS" in tokens,
        )

    def string(self, node: Tree[Token]) -> Expression:
        parts: list[syntax.Part | Directive] = []
        for part in _trees(node):
            content = part.children[0]
            if isinstance(content, Token):
                if "\n" in content:
                    raise _InvalidError(
                        "a quoted text runs over the end of its line: the closing quote is missing"
                    )
                parts.append(unescape(str(content)))
            else:
                parts.append(self.template_part(content))
        return _template(self.span(node), parts)

    def template_part(self, node: Tree[Token]) -> syntax.Part | Directive:
        if node.data == "interpolation":
            return self.expression(_expressions(node)[0])
        kind = str(node.data).removeprefix("template_")
        names = tuple(str(part.children[0]) for part in _trees(node) if part.data == "identifier")
        inner = [part for part in _expressions(node) if part.data != "identifier"]
        if kind == "for_start" and not inner:  # the collection itself is a bare name
            inner, names = _expressions(node)[-1:], names[:-1]
        return Directive(
            kind=kind.removesuffix("_start"),
            names=names,
            expression=self.expression(inner[-1]) if inner else None,
        )

    def heredoc(self, node: Tree[Token]) -> Expression:
        text, span = str(node.children[0]), self.span(node)

        def inner(source: str, line: int, column: int) -> Expression:
            return parse_expression(source, span.file, span.line + line, column)

        return _template(span, heredoc_parts(text, inner))


def _template(span: Span, parts: list[syntax.Part | Directive]) -> Expression:
    assembled = assemble(parts)
    if all(isinstance(part, str) for part in assembled):
        return Literal(span=span, value="".join(part for part in assembled if isinstance(part, str)))
    return syntax.Template(span=span, parts=assembled)


def _trees(node: Tree[Token]) -> list[Tree[Token]]:
    return [part for part in node.children if isinstance(part, Tree)]


def _expressions(node: Tree[Token]) -> list[Tree[Token]]:
    return [part for part in _trees(node) if part.data not in ("new_line_or_comment", "binary_operator")]


def _parenthesised(key_node: Tree[Token]) -> bool:
    inner = _trees(key_node)[0]
    return any(isinstance(part, Token) and part.type == "LPAR" for part in inner.children)


def _attribute_name(node: Tree[Token]) -> str:
    return str(_trees(node)[-1].children[0])


def _for_names(intro: Tree[Token], names: list[str]) -> list[str]:
    # `for k, v in xs`: the collection may be a bare name too, which would be the third identifier.
    commas = sum(isinstance(part, Token) and part.type == "COMMA" for part in intro.children)
    return names[: commas + 1]


_CONVERTERS: dict[str, Callable[[_Reader, Tree[Token]], Expression]] = {
    "expr_term": _Reader.expr_term,
    "identifier": _Reader.identifier,
    "keyword": _Reader.keyword,
    "int_lit": _Reader.int_lit,
    "float_lit": _Reader.float_lit,
    "literal_value": _Reader.literal_value,
    "get_attr_expr_term": _Reader.get_attr,
    "index_expr_term": _Reader.index,
    "attr_splat_expr_term": _Reader.splat,
    "full_splat_expr_term": _Reader.splat,
    "function_call": _Reader.function_call,
    "conditional": _Reader.conditional,
    "binary_op": _Reader.binary_op,
    "unary_op": _Reader.unary_op,
    "tuple": _Reader.tuple,
    "object": _Reader.object,
    "for_tuple_expr": _Reader.for_expression,
    "for_object_expr": _Reader.for_expression,
    "string": _Reader.string,
    "heredoc_template": _Reader.heredoc,
    "heredoc_template_trim": _Reader.heredoc,
}

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
from budgetcheck.readers.terraform.dialect import rewritten
from budgetcheck.readers.terraform.numerals import rounded
from budgetcheck.readers.terraform.shortcuts import CONSTANTS, named, simple, traversal
from budgetcheck.readers.terraform.shown import shown
from budgetcheck.readers.terraform.syntax import Expression, Literal, Name
from budgetcheck.readers.terraform.template import (
    Directive,
    TemplateSyntaxError,
    assemble,
    heredoc_parts,
    quoted_literal,
)
from budgetcheck.readers.terraform.values import number

_PREFIX = "x = "
_LONGEST = 400_000
_LONGEST_NUMBER = 100
_LARGEST_EXPONENT = 150

Node = Tree[Token] | Token


class _InvalidError(Exception):
    """The tree is accepted by python-hcl2 but not valid Terraform."""


def parse_expression(text: str, file: str, line: int = 1, column: int = 1) -> Expression:
    """The tree of an expression that begins at `line` and `column` of `file`; Invalid where it has none."""
    span = Span(file=file, line=line, column=column)
    found = simple(text, span)
    if found is not None:
        return found
    if len(text) > _LONGEST:
        return syntax.Invalid(span=span, reason=f"it is longer than {_LONGEST} characters")
    try:
        return _Reader(text=text, span=span).read()
    except RecursionError:
        return syntax.Invalid(span=span, reason="it is nested too deeply")
    except (_InvalidError, TemplateSyntaxError) as error:
        return syntax.Invalid(span=span, reason=str(error))


def _parse(text: str) -> Tree[Token]:
    """The lark tree of `x = text`. Raises _InvalidError with the place and kind of the fault."""
    try:
        return hcl2.parses_to_tree(f"{_PREFIX}{text}\n")
    except (LarkError, ValueError) as error:
        other = rewritten(text)
        if other != text:
            try:
                return hcl2.parses_to_tree(f"{_PREFIX}{other}\n")
            except (LarkError, ValueError):
                pass
        raise _InvalidError(_fault(error)) from None


def _fault(error: Exception) -> str:
    line = error.line if isinstance(error, UnexpectedInput) else 0
    where = f" (line {line} of the expression)" if line > 1 else ""
    return f"the expression is not valid Terraform syntax{where}"


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
        text = str(node.children[0])
        if len(text) > _LONGEST_NUMBER:
            raise _InvalidError("a number is out of all proportion")
        return Literal(span=self.span(node), value=int(text))

    def float_lit(self, node: Tree[Token]) -> Expression:
        text = str(node.children[0])
        if len(text) > _LONGEST_NUMBER or abs(int(re.split("[eE]", f"{text}e0")[1])) > _LARGEST_EXPONENT:
            raise _InvalidError("a number is out of all proportion")
        return Literal(span=self.span(node), value=number(rounded(Fraction(text))))

    def literal_value(self, node: Tree[Token]) -> Expression:
        return Literal(span=self.span(node), value=CONSTANTS[str(node.children[0])])

    def chain(self, node: Tree[Token]) -> Expression:
        """A term with all that is picked from it: `.name`, `[key]`, `.0`, `.*` and `[*]`."""
        steps: list[Tree[Token]] = []
        current = node
        while str(current.data) in _CHAINS:
            target, step = _expressions(current)
            inner = _expressions(step) if step.data in ("attr_splat", "full_splat") else []
            steps = [step, *inner, *steps]
            current = _unwrapped(target)
        return self.picked(self.expression(current), steps)

    def picked(self, target: Expression, steps: list[Tree[Token]]) -> Expression:
        result = target
        for index, step in enumerate(steps):
            if step.data == "full_splat":  # everything behind it is picked from each element
                return self.splat(step, result, steps[index + 1 :])
            if step.data == "attr_splat":  # an index in brackets picks from the list of all results
                own = index + 1
                while own < len(steps) and steps[own].data in ("get_attr", "short_index"):
                    own += 1
                return self.picked(self.splat(step, result, steps[index + 1 : own]), steps[own:])
            result = self.step(result, step)
        return result

    def splat(self, node: Tree[Token], target: Expression, steps: list[Tree[Token]]) -> Expression:
        element = Name(span=self.span(node), name=syntax.SPLAT_ELEMENT)
        return syntax.Splat(span=target.span, target=target, body=self.picked(element, steps))

    def step(self, target: Expression, step: Tree[Token]) -> Expression:
        """One `.name`, `[key]` or `.0` after a target."""
        if step.data == "get_attr":
            return traversal(target, _attribute_name(step))
        if step.data == "short_index":
            number = next(
                part for part in step.children if isinstance(part, Token) and part.type == "INT_LITERAL"
            )
            key: Expression = Literal(span=self.span(step), value=int(str(number)))
        else:
            key = self.expression(_expressions(step)[0])
        indexed = syntax.Index(span=target.span, target=target, key=key)
        return syntax.Index(span=named(target.span, syntax.written(indexed)), target=target, key=key)

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
        value = operand.value if isinstance(operand, Literal) else None
        if operator == "-" and isinstance(value, int | Fraction) and not isinstance(value, bool):
            return Literal(span=self.span(node), value=-value)
        return syntax.Unary(span=self.span(node), operator=operator, operand=operand)

    def sequence(self, node: Tree[Token]) -> Expression:
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
        elif isinstance(key, Literal) and key.value is None:
            key = Literal(span=key.span, value="null")
        value = self.expression(value_node)
        name = key.value if isinstance(key, Literal) and isinstance(key.value, str) else ""
        return syntax.Element(span=self.span(node, self.shown(name, value_node)), key=key, value=value)

    def shown(self, name: str, value: Tree[Token]) -> str:
        # The end of a node may lie behind the line break that follows it.
        return shown(name, self.source(value).strip()) if name else ""

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
        contents = [part.children[0] for part in _trees(node)]
        strips = [self.strips(part) for part in contents]
        parts: list[syntax.Part | Directive] = []
        for index, content in enumerate(contents):
            if isinstance(content, Tree):
                parts.append(self.template_part(content))
                continue
            text = self.source(content)
            if "\n" in text:
                raise _InvalidError(
                    "a quoted text runs over the end of its line: the closing quote is missing"
                )
            before = index > 0 and strips[index - 1][1]
            after = index + 1 < len(strips) and strips[index + 1][0]
            parts.append(quoted_literal(text, strip_start=before, strip_end=after))
        return _template(self.span(node), parts)

    def strips(self, content: Node) -> tuple[bool, bool]:
        """Whether `${~` and `~}` take away the white space on either side."""
        if isinstance(content, Token):
            return False, False
        source = self.source(content)
        return source.startswith("~", 2), source.endswith("~}")

    def source(self, node: Node) -> str:
        """The text of a node in the source, of which the tree may be of a rewritten copy."""
        start, end = (
            (node.meta.start_pos, node.meta.end_pos)
            if isinstance(node, Tree)
            else (
                node.start_pos or 0,
                node.end_pos or 0,
            )
        )
        return self.text[start - len(_PREFIX) : end - len(_PREFIX)]

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
        token = node.children[0]
        text, span = self.source(token), self.span(node)

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


_CHAINS = ("get_attr_expr_term", "index_expr_term", "attr_splat_expr_term", "full_splat_expr_term")


def _unwrapped(node: Tree[Token]) -> Tree[Token]:
    """The term itself, unless it stands in parentheses."""
    while node.data == "expr_term" and len(node.children) == 1 and isinstance(node.children[0], Tree):
        node = node.children[0]
    return node


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
    **dict.fromkeys(_CHAINS, _Reader.chain),
    "function_call": _Reader.function_call,
    "conditional": _Reader.conditional,
    "binary_op": _Reader.binary_op,
    "unary_op": _Reader.unary_op,
    "tuple": _Reader.sequence,
    "object": _Reader.object,
    "for_tuple_expr": _Reader.for_expression,
    "for_object_expr": _Reader.for_expression,
    "string": _Reader.string,
    "heredoc_template": _Reader.heredoc,
    "heredoc_template_trim": _Reader.heredoc,
}

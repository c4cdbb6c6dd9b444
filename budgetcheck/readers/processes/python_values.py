"""What the top level of a Python configuration file assigns, read from its syntax tree and never run.

Constants, environment reads with their defaults, arithmetic, `int(...)`, f-strings, conditions: what a
configuration file of a server is made of. Everything else is not known.
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.expansion import Variables, not_set
from budgetcheck.readers.processes.texts import Text, either, harmless, joined, literal, unknown

_MOST_CHARACTERS = 200_000
_DEEPEST = 40
_CONDITION = "it depends on a condition in the file"
_OPERATORS: dict[type[ast.operator], Callable[[int, int], int | float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
}
_READS = frozenset({"environ.get", "getenv", "env", "config", "env.int", "env.str", "env.float", "env.get"})
_CASTS = frozenset({"int", "float", "str", "bool"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """A name and its value; `items` where it is a list of texts."""

    name: str
    value: Text
    span: Span
    items: tuple[Text, ...] | None = None


@dataclass(slots=True)
class PythonFile:
    """The assignments of one file.

    Attributes:
        names: the last value of each name.
        prefixes: `GUNICORN_` where a loop over the environment sets a name for every variable with it.
    """

    file: str
    environment: Variables
    names: dict[str, Assigned] = field(default_factory=dict)
    prefixes: list[str] = field(default_factory=list)


def read_python(text: str, file: str, environment: Variables) -> PythonFile | None:
    """The names that a file assigns; None where it is no Python."""
    if len(text) > _MOST_CHARACTERS:
        return None
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = PythonFile(file=file, environment=environment)
    _Reader(found, text.splitlines()).body(tree.body, 0)
    return found


class _Reader:
    """Goes through statements in order."""

    def __init__(self, found: PythonFile, lines: list[str]) -> None:
        self.found = found
        self.lines = lines

    def body(self, statements: list[ast.stmt], level: int) -> None:
        if level > _DEEPEST:
            return
        for statement in statements:
            match statement:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._assign(target, value)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self._assign(target, value)
                case ast.AugAssign(target=ast.Name(id=name)):
                    self._forget(name, statement)
                case ast.If(test=test, body=body, orelse=orelse):
                    self._branch(test, body, orelse, level)
                case ast.Try(body=body):
                    self.body(body, level + 1)
                case ast.For():
                    self._loop(statement)
                case _:
                    pass

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if not isinstance(target, ast.Name):
            return
        items = None
        if isinstance(value, ast.List | ast.Tuple):
            items = tuple(self.value(item, 0) for item in value.elts)
        text = unknown("it is a list") if items is not None else self.value(value, 0)
        span = Span(file=self.found.file, line=target.lineno, text=self._shown(target.id, value, text))
        self.found.names[target.id] = Assigned(name=target.id, value=text, span=span, items=items)

    def _shown(self, name: str, node: ast.expr, value: Text) -> str:
        if not value.choices or not all(harmless(choice) for choice in value.choices):
            return name
        code = ast.unparse(node)
        return f"{name} = {code}" if len(code) <= 80 else f"{name} = {value.known or '...'}"

    def _forget(self, name: str, statement: ast.stmt) -> None:
        span = Span(file=self.found.file, line=statement.lineno, text=name)
        value = unknown("it is changed step by step")
        self.found.names[name] = Assigned(name=name, value=value, span=span)

    def _branch(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], level: int) -> None:
        decided = self._truth(test)
        if decided is not None:
            self.body(body if decided else orelse, level + 1)
            return
        before = dict(self.found.names)
        self.body(body, level + 1)
        taken, self.found.names = self.found.names, dict(before)
        self.body(orelse, level + 1)
        other = self.found.names
        self.found.names = {
            name: _either(taken.get(name), other.get(name)) for name in sorted({*taken, *other})
        }

    def _truth(self, test: ast.expr) -> bool | None:
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            left, right = self.value(test.left, 0).known, self.value(test.comparators[0], 0).known
            if left is None or right is None:
                return None
            match test.ops[0]:
                case ast.Eq():
                    return left == right
                case ast.NotEq():
                    return left != right
                case _:
                    return None
        return None

    def _loop(self, loop: ast.For) -> None:
        """`for k, v in os.environ.items(): if k.startswith("GUNICORN_"): locals()[...] = v`."""
        code = ast.unparse(loop)
        if "environ" in ast.unparse(loop.iter) and ("locals()" in code or "globals()" in code):
            self.found.prefixes += _prefixes(loop)

    def value(self, node: ast.expr, level: int) -> Text:
        """What an expression stands for."""
        if level > _DEEPEST:
            return unknown("it is nested too deep")
        match node:
            case ast.Constant(value=bool() | int() | float() | str() as constant):
                return literal(str(constant))
            case ast.Name(id=name) if name in self.found.names:
                assigned = self.found.names[name]
                return assigned.value.through(assigned.span)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.value(operand, level + 1)
                return replace(inner, choices=tuple(f"-{choice}" for choice in inner.choices))
            case ast.BinOp():
                return self._arithmetic(node, level)
            case ast.BoolOp(op=ast.Or(), values=values):
                return self._first_set([self.value(value, level + 1) for value in values])
            case ast.IfExp():
                return self._conditional(node, level)
            case ast.JoinedStr(values=values):
                return joined([self.value(value, level + 1) for value in values] or [literal("")])
            case ast.FormattedValue(value=value):
                return self.value(value, level + 1)
            case ast.Subscript(value=value, slice=key) if _dotted(value).endswith("environ"):
                return self._read(self.value(key, level + 1).known, None, level)
            case ast.Call():
                return self._call(node, level)
            case _:
                return unknown(f"it is worked out in {self.found.file}")

    def _conditional(self, node: ast.IfExp, level: int) -> Text:
        decided = self._truth(node.test)
        if decided is not None:
            return self.value(node.body if decided else node.orelse, level + 1)
        return either((self.value(node.body, level + 1), self.value(node.orelse, level + 1)), _CONDITION)

    def _call(self, call: ast.Call, level: int) -> Text:
        name = _dotted(call.func)
        args = list(call.args)
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        if name in _CASTS and len(args) == 1:
            return self.value(args[0], level + 1)
        if any(name == read or name.endswith(f".{read}") for read in _READS) and args:
            default = args[1] if len(args) > 1 else named.get("default")
            return self._read(self.value(args[0], level + 1).known, default, level)
        if name.endswith(".format") and isinstance(call.func, ast.Attribute) and not named:
            return self._format(call.func.value, args, level)
        return unknown(f"it is the result of {name or 'a call'}()")

    def _format(self, template: ast.expr, args: list[ast.expr], level: int) -> Text:
        parts = (self.value(template, level + 1).known or "").split("{}")
        if len(parts) != len(args) + 1:
            return unknown(f"it is worked out in {self.found.file}")
        texts = [literal(parts[0])]
        for arg, part in zip(args, parts[1:], strict=True):
            texts += [self.value(arg, level + 1), literal(part)]
        return joined(texts)

    def _read(self, name: str | None, default: ast.expr | None, level: int) -> Text:
        if name is None:
            return unknown("it is read from an environment variable whose name is not known")
        value = self.found.environment.get(name)
        if value is None:
            value = not_set(name)
        is_null = isinstance(default, ast.Constant) and default.value is None
        return value if default is None or is_null else value.or_default(self.value(default, level + 1))

    def _first_set(self, values: list[Text]) -> Text:
        for value in values[:-1]:
            if value.unset or value.known == "":
                continue
            return value
        return values[-1]

    def _arithmetic(self, node: ast.BinOp, level: int) -> Text:
        left, right = self.value(node.left, level + 1), self.value(node.right, level + 1)
        if not left.choices or not right.choices:
            return left if not left.choices else right
        spans = (*left.spans, *right.spans)
        compute = _OPERATORS.get(type(node.op))
        numbers = [_number(text.known) for text in (left, right)]
        first, second = numbers
        if compute and first is not None and second is not None and not _is_text(node):
            try:
                return literal(_plain(compute(first, second)), *spans)
            except ZeroDivisionError:
                return unknown("it divides by zero")
        if isinstance(node.op, ast.Add):
            return joined((left, right))
        if isinstance(node.op, ast.Mod) and (left.known or "").count("%s") == 1:
            before, _, after = (left.known or "").partition("%s")
            return joined((literal(before), right, literal(after)))
        return unknown(f"it is worked out in {self.found.file}")


def _either(left: Assigned | None, right: Assigned | None) -> Assigned:
    if left is None or right is None:
        only = left or right
        missing = unknown("it is only set under a condition in the file")
        if only is None:
            raise ValueError("one of the two sets the name")
        return replace(only, value=missing, items=None)
    if left == right:
        return left
    first = left
    items = left.items if left.items == right.items else None
    return replace(first, value=either((left.value, right.value), _CONDITION), items=items)


def _prefixes(loop: ast.For) -> Iterator[str]:
    for node in ast.walk(loop):
        if isinstance(node, ast.Call) and _dotted(node.func).endswith(".startswith") and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return f"{inner}.{node.attr}" if inner else f".{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _is_text(node: ast.BinOp) -> bool:
    """One side is written as text: `"80" + "00"` is no sum."""
    sides = (node.left, node.right)
    return any(
        isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in sides
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and len(text) < 13 and text.lstrip("-").isdigit() and text.isascii() else None


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def prefixed(found: PythonFile) -> Mapping[str, Assigned]:
    """Names that the loop over the environment sets: `GUNICORN_TIMEOUT` becomes `timeout`."""
    names: dict[str, Assigned] = {}
    for prefix in found.prefixes:
        for variable, value in found.environment.items():
            if variable.startswith(prefix):
                name = variable.removeprefix(prefix).lower()
                span = value.spans[0] if value.spans else Span(file=found.file, text=variable)
                names[name] = Assigned(name=name, value=value, span=span)
    return names

"""Nodes that stand for the value of a name where that is no expression of its own."""

import ast


class Unknown(ast.AST):
    """Stands for a value that depends on what happens: `x += 1`, the exception of a handler."""


class Declared(ast.AST):
    """Stands for a value of which only the type is known: `client: AsyncOpenAI`."""

    def __init__(self, annotation: ast.expr) -> None:
        super().__init__()
        self.annotation = annotation


class Entered(ast.AST):
    """Stands for what a `with` statement gives: that of entering an expression."""

    def __init__(self, expression: ast.expr) -> None:
        super().__init__()
        self.expression = expression


class Element(ast.AST):
    """Stands for the variable of a loop or comprehension: one of the items of an expression."""

    def __init__(self, source: ast.expr) -> None:
        super().__init__()
        self.source = source


class Part(ast.AST):
    """Stands for one of several values that are unpacked."""

    def __init__(self, whole: ast.AST, number: int, count: int) -> None:
        super().__init__()
        self.whole = whole
        self.number = number
        self.count = count


class Imported(ast.AST):
    """Stands for an imported name."""

    def __init__(self, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> None:
        super().__init__()
        self.statement = statement
        self.alias = alias


class Parameter(ast.AST):
    """Stands for what a function is called with."""

    def __init__(self, argument: ast.arg) -> None:
        super().__init__()
        self.argument = argument

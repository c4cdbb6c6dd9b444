"""Functions that a platform calls: AWS Lambda and Google's functions framework."""

import ast
from collections.abc import Collection, Iterator, Sequence

from budgetcheck.readers.python.handlers.base import Code, Definition, Endpoint
from budgetcheck.readers.python.reach import Callee

MARKS = ("functions_framework", "def lambda_handler", "def handler(event", "lambda_context")
_LAMBDA = frozenset({"lambda_handler", "handler"})
_PARAMETERS = frozenset({("event", "context"), ("event", "_context"), ("_event", "_context"), ("event", "_")})
_CLOUD = frozenset({"http", "cloud_event", "typed"})


def find(code: Code) -> Iterator[Endpoint]:
    """The functions of all modules that a platform may be told to call."""
    for survey in code.surveys:
        for definition in survey.definitions:
            node = definition.node
            if isinstance(node, ast.ClassDef) or definition.scope.function is not None:
                continue
            callee = code.reach.defined(node, definition.scope)
            if node.name in _LAMBDA and _parameters(node) in _PARAMETERS:
                yield _endpoint(definition, callee, "lambda", code)
            elif any(_is_cloud(decorator) for decorator in node.decorator_list):
                yield _endpoint(definition, callee, "functions-framework", code)


def find_named(code: Code, applications: Collection[str]) -> Iterator[Endpoint]:
    """The functions that somebody has told a platform to call, whatever they are called."""
    wanted: dict[str, list[str]] = {}
    for application in applications:
        module, _, name = application.partition(":")
        wanted.setdefault(name, []).append(f"/{module.replace('.', '/')}")
    for survey in code.surveys:
        for definition in survey.definitions:
            node = definition.node
            if isinstance(node, ast.ClassDef) or definition.scope.function is not None:
                continue
            paths = wanted.get(node.name, ())
            if paths and _is_one_of(survey.module.name, paths):
                yield _endpoint(definition, code.reach.defined(node, definition.scope), "lambda", code)


def _is_one_of(file: str, paths: Sequence[str]) -> bool:
    return any(f"/{file}".endswith(f"{path}{end}") for path in paths for end in (".py", "/__init__.py"))


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    return tuple(argument.arg for argument in node.args.args[:2])


def _is_cloud(decorator: ast.expr) -> bool:
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (
        isinstance(func, ast.Attribute)
        and func.attr in _CLOUD
        and isinstance(func.value, ast.Name)
        and func.value.id == "functions_framework"
    )


def _endpoint(definition: Definition, callee: Callee, framework: str, code: Code) -> Endpoint:
    return Endpoint(
        callee=callee,
        framework=framework,
        span=code.reach.span(definition.node, definition.scope),
        applications=(callee.owner,),
    )

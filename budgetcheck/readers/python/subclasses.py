"""Classes of the project that build on a client of a library: `class Search(httpx.Client)`.

What they do not define themselves is the client's.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from budgetcheck.readers.python import attributes, calls, engine_hooks
from budgetcheck.readers.python.bindings import dotted
from budgetcheck.readers.python.scopes import ClientPath, Object, Scope, Value
from budgetcheck.readers.python.values import Args, Instance, Named, PyValue, setting, unresolved

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_SENDING = frozenset({"request", "send", "execute", "_request", "_send", "_execute", "__getattribute__"})
"""Methods that clients go through for everything they send."""
_HIDDEN = "a class of the project changes what the client sends"


def inherited(evaluator: "Evaluator", owner: Object, name: str) -> Value | None:
    """An attribute that no class of the project defines, where the outermost base is a client."""
    if name.startswith("__"):
        return None
    client = evaluator.once(("inherited", owner), lambda: _client(evaluator, owner))
    return ClientPath(client, name) if client is not None else None


def _client(evaluator: "Evaluator", owner: Object) -> Instance | None:
    for base in _outer_bases(evaluator, owner):
        args, scope = arguments_of_base(evaluator, owner)
        args = engine_hooks.with_hooks(evaluator, owner, base, args)
        made = calls.client(evaluator, base, args, scope)
        if made is not None:
            return _unknown(made) if _overrides(evaluator, owner, base) else made
    return None


def _outer_bases(evaluator: "Evaluator", owner: Object) -> Iterator[str]:
    """The full names of the bases that are a library's."""
    for one in attributes.lineage(evaluator, owner.klass):
        for base in one.node.bases:
            found = evaluator.evaluate(base, Scope(one.module, outer=one.outer))
            if isinstance(found, Named) and evaluator.is_outside(found.name):
                yield found.name


def arguments_of_base(evaluator: "Evaluator", owner: Object) -> tuple[Args, Scope]:
    """What the client's own constructor is given: by `super().__init__(...)`, else as the object is made."""
    klass = owner.klass
    span = evaluator.span(klass.node, Scope(klass.module))
    for one in attributes.lineage(evaluator, klass):
        method = attributes.method_of(one, "__init__")
        if method is None:
            continue
        values = attributes.made_with(evaluator, owner, one)
        scope = Scope(one.module, method, one, owner, values, one.outer)
        passed = next((node for node in ast.walk(method) if _constructs_base(node)), None)
        if isinstance(passed, ast.Call):
            return evaluator.arguments(passed, scope), scope
        return Args(span=span, open=True), scope
    given = tuple((name, value) for name, value in owner.given if isinstance(value, PyValue))
    return Args(keywords=given, span=span, open=not owner.made), Scope(klass.module)


def _constructs_base(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__")):
            return True
        case _:
            return False


def _overrides(evaluator: "Evaluator", owner: Object, base: str) -> bool:
    """A method of the project stands between the client's methods and what is sent."""
    for one in attributes.lineage(evaluator, owner.klass):
        for method in one.node.body:
            if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) or method.name == "__init__":
                continue
            if engine_hooks.understands(base, method.name):
                continue
            if method.name in _SENDING or any(_calls_above(node, method.name) for node in ast.walk(method)):
                return True
    return False


def _calls_above(node: ast.AST, name: str) -> bool:
    """`super().get(...)` in a method `get`."""
    return isinstance(node, ast.Attribute) and node.attr == name and dotted(node.value).startswith("super")


def _unknown(made: Instance) -> Instance:
    """The client with its settings hidden behind what the project puts in between."""
    settings = tuple(setting(one.name, unresolved(_HIDDEN, *made.spans)) for one in made.settings)
    return replace(made, settings=settings, component="", args=None)

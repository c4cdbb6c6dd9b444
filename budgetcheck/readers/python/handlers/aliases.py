"""Further names of applications: `from shop import app`, and `application = create_app()` in a `wsgi.py`.

Such a file often mentions no framework at all, so it is not among those that are surveyed.
"""

import ast
from collections.abc import Iterable, Iterator

from budgetcheck.readers.python.handlers.base import Code
from budgetcheck.readers.python.modules import is_test
from budgetcheck.readers.python.reach import Module, Scope

_MOST_FILES = 40
_MOST_NAMES = 20


def aliases(code: Code, names: Iterable[str]) -> Iterator[tuple[str, ast.expr, Scope]]:
    """What other modules call applications, or make of factories, of these names (`shop/app.py:create_app`).

    Each with its full name, the expression, and the scope that stands in.
    """
    known = {name.rpartition(":")[2] for name in names}
    if not known or len(known) > _MOST_NAMES:
        return
    words = sorted({word for name in known for word in (f"import {name}", f"{name}(")})
    project = code.reach.evaluator.project
    surveyed = {survey.module.name for survey in code.surveys}
    files = [file.name for file in project.mentioning(words) if not is_test(file.name)][:_MOST_FILES]
    for name in files:
        module = project.module(name)
        if module is not None:
            yield from _of_module(module, known, code.reach.module_scope(module), new=name not in surveyed)


def _of_module(
    module: Module, known: set[str], scope: Scope, *, new: bool
) -> Iterator[tuple[str, ast.expr, Scope]]:
    """Imports of any module; variables only where nobody has looked at them before."""
    for statement in module.tree.body:
        match statement:
            case ast.ImportFrom(names=imported):
                for one in imported:
                    if one.name in known:
                        bound = ast.Name(id=one.asname or one.name, ctx=ast.Load())
                        yield f"{module.name}:{bound.id}", ast.copy_location(bound, statement), scope
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() | ast.Name() as value) if new:
                yield f"{module.name}:{name}", value, scope
            case _:
                continue

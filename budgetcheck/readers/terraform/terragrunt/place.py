"""Where the module of a unit is."""

from collections.abc import Iterator
from dataclasses import dataclass

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.evaluate import Scope, evaluate
from budgetcheck.readers.terraform.registry import module_file
from budgetcheck.readers.terraform.sources import Directory
from budgetcheck.readers.terraform.syntax import Conditional, Expression, Template
from budgetcheck.readers.terraform.terragrunt.configuration import Configuration
from budgetcheck.readers.terraform.terragrunt.paths import is_remote, module_path, repository_of
from budgetcheck.readers.terraform.values import Choice, Scalar, Unknown, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The module of a unit, or why it is not at hand: it is elsewhere, missing, or not known which."""

    span: Span
    directory: Directory | None = None
    repository: str = ""
    missing: str = ""
    reason: str = ""


def locate(unit: Configuration) -> Located | None:
    """The module a unit calls; its own directory where it names none; None where it is no unit at all.

    Where a condition decides between a released version and the module of this checkout, it is the latter:
    these are the files that are checked.
    """
    sources = unit.library.sources
    written = unit.setting("terraform", "source")
    if written is None:
        own = sources.directory(unit.folder)
        return None if own.empty else Located(span=Span(file=unit.parsed.name), directory=own)
    attribute, owner = written
    possible = _possible(unit.library.expression(attribute), owner.scope)
    found = [_located(unit, value, beginning, attribute.span) for value, beginning in possible]
    ranked = sorted(found, key=lambda one: (one.directory is None, not one.repository, not one.missing))
    return ranked[0]


def _possible(expression: Expression, scope: Scope) -> Iterator[tuple[Value, str]]:
    """The values a source may have, those of both branches where a condition is not known.

    With each comes the text that it begins with in any case: where it is from, if not in which version.
    """
    value = evaluate(expression, scope)
    while isinstance(expression, Template) and len(expression.parts) == 1:
        inner = expression.parts[0]
        if not isinstance(inner, Conditional):
            break
        expression = inner
    if isinstance(value, Choice):
        yield from ((option, "") for option in value.options)
    elif isinstance(value, Unknown) and isinstance(expression, Conditional):
        yield from _possible(expression.then, scope)
        yield from _possible(expression.otherwise, scope)
    else:
        first = expression.parts[0] if isinstance(expression, Template) and expression.parts else ""
        yield value, first if isinstance(first, str) else ""


def _located(unit: Configuration, value: Value, beginning: str, span: Span) -> Located:
    if not isinstance(value, Scalar) or not isinstance(value.value, str):
        if is_remote(beginning):
            return Located(span=span, repository=repository_of(beginning))
        reason = value.reason if isinstance(value, Unknown) else "it is no text"
        return Located(span=span, reason=reason)
    source = value.value
    sources = unit.library.sources
    if is_remote(source):
        described = module_file(source)
        if described:
            return Located(span=span, directory=sources.shipped(described))
        return Located(span=span, repository=repository_of(source))
    directory = sources.directory(unit.library.paths.located(module_path(source), unit.folder))
    if directory.empty:
        return Located(span=span, missing=directory.name)
    return Located(span=span, directory=directory)

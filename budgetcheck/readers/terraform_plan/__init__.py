"""Terraform plans and states as JSON: exact values, through the same catalogue of resource types."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from budgetcheck.model.settings import Declaration, Problem, Reading
from budgetcheck.model.span import Span
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.terraform.catalogue import TYPES, declarations
from budgetcheck.readers.terraform.catalogue.stack import Stack
from budgetcheck.readers.terraform.evaluate import room_for_evaluation
from budgetcheck.readers.terraform.sources import Sources
from budgetcheck.readers.terraform_plan.defaults import with_defaults_marked
from budgetcheck.readers.terraform_plan.document import NotAPlanError, parse
from budgetcheck.readers.terraform_plan.environment import environment_of
from budgetcheck.readers.terraform_plan.instances import Book, PlannedResource
from budgetcheck.tree import SourceFile, UnreadableFileError

__all__ = ["read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One plan or state: its environment (empty if it does not say), its resources and what they share."""

    name: str
    environment: str
    applied: bool
    book: Book
    resources: tuple[PlannedResource, ...]


def read(sources: Sequence[SourceFile], context: ReadContext) -> Reading:
    """Reads every plan and state for itself; what is none is passed over, unless it was given by name."""
    problems: list[Problem] = []
    with room_for_evaluation():
        found = [one for file in sources if (one := _read(file, context, problems))]
        counts = Counter(
            (one.environment, address) for one in found for address in {r.address for r in one.resources}
        )
        declared = [one for plan in found for one in _declared(plan, counts)]
    return Reading(
        declarations=tuple(sorted(declared, key=lambda one: (one.address, one.environment))),
        problems=tuple(problems),
        environments=tuple(sorted({one.environment for one in found} - {""})),
        recognised=tuple(sorted(one.name for one in found)),
        exact=True,
        applied=tuple(sorted(one.name for one in found if one.applied)),
    )


def _read(file: SourceFile, context: ReadContext, problems: list[Problem]) -> _Read | None:
    try:
        document = parse(context.tree.read_text(file.path), TYPES)
    except (UnreadableFileError, NotAPlanError) as error:
        if str(error):
            fix = "write it anew with `terraform show -json PLANFILE`"
            problems.append(Problem(span=Span(file=file.name), text=f"{file.name} {error}", fix=fix))
        return None
    if not document.finished:
        text = f"{file.name} is of a plan that ended with an error: resources may be missing"
        problems.append(Problem(span=Span(file=file.name), text=text, fix="correct the error and plan again"))
    book = Book(document, Sources(context.tree), file.name)
    return _Read(
        name=file.name,
        applied=document.applied,
        environment=environment_of(file.name, document.variables, context.environments),
        book=book,
        resources=tuple(PlannedResource(book, entry) for entry in document.entries),
    )


def _declared(plan: _Read, counts: Counter[tuple[str, str]]) -> Iterable[Declaration]:
    clash = any(counts[(plan.environment, resource.address)] > 1 for resource in plan.resources)
    prefix = f"{PurePosixPath(plan.name).with_suffix('')}/" if clash else ""
    for declaration in declarations(Stack(plan.resources, prefix)):
        marked = with_defaults_marked(declaration, plan.book.unwritten)
        yield replace(marked, environment=plan.environment)

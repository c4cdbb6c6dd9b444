"""Reads Python source: every handler with the calls it makes, or the outermost functions that call out."""

import ast
from collections.abc import Iterator, Sequence

from budgetcheck.model.settings import Reading
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.python.clients import LIBRARIES
from budgetcheck.readers.python.declare import Declared
from budgetcheck.readers.python.endpoints import handlers, outermost
from budgetcheck.readers.python.environment import Environment
from budgetcheck.readers.python.evaluation import Evaluator
from budgetcheck.readers.python.flow import Flow
from budgetcheck.readers.python.handlers import FRAMEWORKS
from budgetcheck.readers.python.handlers.base import Code, Endpoint, survey
from budgetcheck.readers.python.modules import Project
from budgetcheck.readers.python.reach import Callee, Reach
from budgetcheck.readers.python.versions import version_of
from budgetcheck.readers.python.wrappers import wrap
from budgetcheck.tree import SourceFile


def read(files: Sequence[SourceFile], context: ReadContext) -> Reading:
    """The handlers of all files. Files that mention no framework and no client are not even parsed."""
    project = Project(tree=context.tree, files=files)
    environment = Environment.of(context.siblings, context.tree)
    evaluator = Evaluator(project=project, libraries=LIBRARIES, environment=environment)
    reach = Reach(evaluator, wrap)
    flow = Flow(reach, Declared(version=version_of(context)))
    endpoints = list(_endpoints(project, reach))
    declarations = handlers(endpoints, flow) if endpoints else outermost(_functions(project, reach), flow)
    found = (*declarations, *flow.declared.declarations.values())
    return Reading(
        declarations=found,
        problems=(*project.problems, *flow.declared.problems),
        recognised=tuple(sorted({declaration.span.file for declaration in found})),
    )


def _endpoints(project: Project, reach: Reach) -> Iterator[Endpoint]:
    for framework in FRAMEWORKS:
        names = [file.name for file in project.mentioning(framework.marks)]
        modules = [module for name in names if (module := project.module(name)) is not None]
        if modules:
            yield from framework.find(Code(reach, tuple(survey(module, reach) for module in modules)))


def _functions(project: Project, reach: Reach) -> Iterator[Callee]:
    """Functions and methods in files that import a client library."""
    packages = {package for library in LIBRARIES for package in library.imports}
    for file in project.mentioning(packages):
        module = project.module(file.name)
        if module is None:
            continue
        for definition in survey(module, reach).definitions:
            if not isinstance(definition.node, ast.ClassDef) and definition.scope.function is None:
                yield reach.defined(definition.node, definition.scope)

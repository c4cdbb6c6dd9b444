"""Reads Python source: every handler with the calls it makes, or the outermost functions that call out."""

import ast
from collections.abc import Iterator, Sequence

from budgetcheck.model.settings import Declaration, Reading
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.python.clients import LIBRARIES
from budgetcheck.readers.python.declare import Declared
from budgetcheck.readers.python.endpoints import handlers, outermost
from budgetcheck.readers.python.environment import Environment
from budgetcheck.readers.python.evaluation import Evaluator
from budgetcheck.readers.python.flow import Flow
from budgetcheck.readers.python.handlers import FRAMEWORKS, celery, functions, servers
from budgetcheck.readers.python.handlers.base import Code, Endpoint, survey
from budgetcheck.readers.python.modules import Project
from budgetcheck.readers.python.reach import Callee, Reach
from budgetcheck.readers.python.versions import version_of
from budgetcheck.readers.python.work import addresses_in
from budgetcheck.readers.python.wrappers import wrap
from budgetcheck.readers.variables import claimed_files
from budgetcheck.tree import SourceFile


def read(files: Sequence[SourceFile], context: ReadContext) -> Reading:
    """The handlers of all files. Files that mention no framework and no client are not even parsed."""
    project = Project(tree=context.tree, files=files)
    environment = Environment.in_run(context)
    evaluator = Evaluator(project=project, libraries=LIBRARIES, environment=environment)
    reach = Reach(evaluator, wrap)
    versions = version_of(context)
    flow = Flow(reach, Declared(version=versions))
    endpoints = list(_endpoints(project, reach))
    known = {endpoint.span for endpoint in endpoints}
    endpoints += (one for one in _named_endpoints(project, reach, context) if one.span not in known)
    declarations = handlers(endpoints, flow) if endpoints else outermost(_functions(project, reach), flow)
    used = {address for one in declarations if one.work for address in addresses_in(one.work)}
    made = (one for address, one in flow.declared.declarations.items() if address in used)
    found = (*declarations, *made, *_celery(project, reach), *_servers(project, reach))
    return Reading(
        declarations=found,
        problems=(*project.told(), *versions.problems, *flow.declared.problems),
        recognised=tuple(sorted({declaration.span.file for declaration in found})),
    )


def _endpoints(project: Project, reach: Reach) -> Iterator[Endpoint]:
    for framework in FRAMEWORKS:
        code = _code(framework.marks, project, reach)
        if code.surveys:
            yield from framework.find(code)


def _named_endpoints(project: Project, reach: Reach, context: ReadContext) -> Iterator[Endpoint]:
    """The functions that templates name as their handlers."""
    files = claimed_files(context)["cloudformation"]
    if not files:
        return
    from budgetcheck.readers import cloudformation

    named = cloudformation.handlers(files, context)
    marks = tuple(sorted({f"def {one.rpartition(':')[2]}(" for one in named}))
    if marks:
        yield from functions.find_named(_code(marks, project, reach), named)


def _celery(project: Project, reach: Reach) -> list[Declaration]:
    return celery.applications(_code(celery.MARKS, project, reach))


def _servers(project: Project, reach: Reach) -> list[Declaration]:
    return servers.servers(_code(servers.MARKS, project, reach))


def _code(marks: Sequence[str], project: Project, reach: Reach) -> Code:
    """The modules whose text holds one of the words, surveyed."""
    names = [file.name for file in project.mentioning(marks)]
    modules = [module for name in names if (module := project.module(name)) is not None]
    return Code(reach, tuple(survey(module, reach) for module in modules))


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

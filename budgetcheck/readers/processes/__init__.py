"""Reads what starts application servers: containers, process managers and start scripts.

One server that a compose service starts through a Dockerfile and an entrypoint script is one declaration,
the outermost of these. Files for tests, examples and debugging are read only when they are given by name.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.model.settings import Declaration, Problem, Reading
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.processes.compose import Composer
from budgetcheck.readers.processes.compose_project import Loader, Project, group_files, variant_of
from budgetcheck.readers.processes.names import Kind, is_aside, is_local, process_kind
from budgetcheck.readers.processes.plain import PlainFiles
from budgetcheck.readers.tree import SourceFile, Tree

_MOST_ENVIRONMENTS = 12


def read(files: Sequence[SourceFile], context: ReadContext) -> Reading:
    """The servers of all files, once for each environment in which they differ."""
    by_kind = _by_kind(files)
    common = _read_all(by_kind, context.tree, None)
    with_files = [environment for environment in context.environments if environment.env_files]
    declarations, problems = common
    if with_files:
        readings = {
            environment.name: _read_all(by_kind, context.tree, environment)[0]
            for environment in context.environments[:_MOST_ENVIRONMENTS]
        }
        if any(reading != declarations for reading in readings.values()):
            declarations = [
                replace(declaration, environment=name)
                for name, reading in readings.items()
                for declaration in reading
            ]
    return Reading(
        declarations=tuple(declarations),
        problems=tuple(sorted(set(problems), key=lambda problem: (problem.span.sort_key, problem.text))),
        recognised=tuple(sorted({file.name for found in by_kind.values() for file in found})),
    )


def _by_kind(files: Iterable[SourceFile]) -> dict[Kind, list[SourceFile]]:
    """The files that count, by format and in the order of their names."""
    found: dict[Kind, list[SourceFile]] = {kind: [] for kind in Kind}
    for file in sorted(files, key=lambda file: file.name):
        kind = process_kind(file.base)
        if kind is not None and (file.given or not is_aside(file.name)):
            found[kind].append(file)
    return {kind: _deployed(kind, group) for kind, group in found.items()}


def _deployed(kind: Kind, files: list[SourceFile]) -> list[SourceFile]:
    """Without the local variants beside a file that is not one."""
    lasting = {file.path.parent for file in files if not is_local(file.name) and not _is_overlay(kind, file)}
    return [
        file for file in files if file.given or not is_local(file.name) or file.path.parent not in lasting
    ]


def _is_overlay(kind: Kind, file: SourceFile) -> bool:
    """A compose file that says nothing about whether its neighbours are for local work."""
    return kind is Kind.COMPOSE and variant_of(file.base) not in ("", "prod", "production")


def _read_all(
    files: dict[Kind, list[SourceFile]], tree: Tree, environment: EnvironmentOptions | None
) -> tuple[list[Declaration], list[Problem]]:
    loader = Loader(tree=tree)
    projects = _projects(files[Kind.COMPOSE], loader)
    composer = Composer(tree=tree, loader=loader)
    composer.prepare(projects)
    declarations = [made for project in projects for made in composer.declarations(project, environment)]
    plain = PlainFiles(tree, environment)
    plain.used |= composer.used
    steps: tuple[tuple[Kind, Callable[[SourceFile], list[Declaration]]], ...] = (
        (Kind.DOCKERFILE, plain.dockerfile),
        (Kind.SUPERVISORD, plain.supervisor),
        (Kind.SYSTEMD, plain.systemd),
        (Kind.PROCFILE, plain.procfile),
        (Kind.SCRIPT, plain.script),
        (Kind.GUNICORN, plain.gunicorn),
    )
    for kind, reader in steps:
        for file in files[kind]:
            if file.name not in plain.used:
                declarations += reader(file)
    return _unique(declarations), [*loader.problems, *composer.problems, *plain.problems]


def _projects(files: Sequence[SourceFile], loader: Loader) -> list[Project]:
    """The compose projects; a service that a further file of a folder only completes stays with the base."""
    projects: list[Project] = []
    for group in group_files(files):
        project = loader.project(group)
        for other in projects:
            if other.folder == project.folder:
                for name in other.services.keys() & project.services.keys():
                    del project.services[name]
        projects.append(project)
    return projects


def _unique(declarations: Iterable[Declaration]) -> list[Declaration]:
    """Every address once: units and programs of the same name in several files get a number."""
    seen: dict[str, int] = {}
    found: list[Declaration] = []
    for declaration in declarations:
        number = seen[declaration.address] = seen.get(declaration.address, 0) + 1
        address = declaration.address if number == 1 else f"{declaration.address}#{number}"
        found.append(replace(declaration, address=address))
    return found

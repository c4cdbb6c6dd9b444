"""Reads what starts application servers: containers, process managers and start scripts.

One server that a compose service starts through a Dockerfile and an entrypoint script is one declaration,
the outermost of these. Files for tests, examples and debugging are read only when they are given by name.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.model.settings import Declaration, Reading
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.claims import is_php_fpm, is_uwsgi
from budgetcheck.readers.image_builds import image_builds
from budgetcheck.readers.process_names import (
    Kind,
    in_aside_folder,
    is_aside,
    is_local,
    is_workflow,
    process_kind,
)
from budgetcheck.readers.processes.compose import Composer
from budgetcheck.readers.processes.compose_project import DEPLOYED, Loader, Project, group_files, variant_of
from budgetcheck.readers.processes.deployments import deployments
from budgetcheck.readers.processes.images import runner_of_image
from budgetcheck.readers.processes.plain import PlainFiles
from budgetcheck.readers.processes.runners import Runner
from budgetcheck.tree import SourceFile

_MOST_ENVIRONMENTS = 12


def read(files: Sequence[SourceFile], context: ReadContext) -> Reading:
    """The servers of all files, once for each environment in which they differ."""
    by_kind = _by_kind(files)
    common = _read_all(by_kind, context, None)
    environments = context.environments[:_MOST_ENVIRONMENTS]
    if not any(environment.env_files for environment in environments):
        return common
    readings = {one.name: _read_all(by_kind, context, one).declarations for one in environments}
    if all(declarations == common.declarations for declarations in readings.values()):
        return common
    tagged = tuple(
        replace(declaration, environment=name)
        for name, declarations in readings.items()
        for declaration in declarations
    )
    return replace(common, declarations=tagged)


def containers(files: Sequence[SourceFile], context: ReadContext) -> tuple[Runner, ...]:
    """The containers of all compose services, once for each environment in which they differ."""
    by_kind = _by_kind(files)
    common = _runners(by_kind, context, None)
    environments = context.environments[:_MOST_ENVIRONMENTS]
    if not any(environment.env_files for environment in environments):
        return common
    found = {one.name: _runners(by_kind, context, one) for one in environments}
    if all([replace(one, environment="") for one in runners] == list(common) for runners in found.values()):
        return common
    return tuple(one for runners in found.values() for one in runners)


def images(files: Sequence[SourceFile], context: ReadContext) -> tuple[Runner, ...]:
    """Dockerfiles as containers: what an image that is started by nothing in these files would hold."""
    found = (runner_of_image(file, context.tree) for file in _by_kind(files)[Kind.DOCKERFILE])
    return tuple(runner for runner in found if runner is not None)


def _runners(
    files: dict[Kind, list[SourceFile]], context: ReadContext, environment: EnvironmentOptions | None
) -> tuple[Runner, ...]:
    projects, composer = _composed(files, context)
    return tuple(runner for project in projects for runner in composer.runners(project, environment))


def _composed(files: dict[Kind, list[SourceFile]], context: ReadContext) -> tuple[list[Project], Composer]:
    loader = Loader(tree=context.tree)
    projects = [loader.project(group) for group in group_files(files[Kind.COMPOSE])]
    composer = Composer(tree=context.tree, loader=loader, builds=image_builds(context))
    composer.learn_images(projects)
    _keep_each_service_once(projects)
    composer.learn_names(projects)
    return projects, composer


def _by_kind(files: Iterable[SourceFile]) -> dict[Kind, list[SourceFile]]:
    """The files that count, by format and in the order of their names."""
    found: dict[Kind, list[SourceFile]] = {kind: [] for kind in Kind}
    for file in sorted(files, key=lambda file: file.name):
        kind = _kind(file)
        aside = in_aside_folder if kind is Kind.DEPLOYMENT else is_aside
        if file.given or not aside(file.place):
            found[kind].append(file)
    return {kind: _deployed(kind, group) for kind, group in found.items()}


def _kind(file: SourceFile) -> Kind:
    """The kind by name, or of what was claimed by its content."""
    if is_workflow(file.name):
        return Kind.DEPLOYMENT
    by_text = Kind.PHP_FPM if is_php_fpm(file) else Kind.UWSGI if is_uwsgi(file) else Kind.SUPERVISORD
    return process_kind(file.base) or by_text


def _deployed(kind: Kind, files: list[SourceFile]) -> list[SourceFile]:
    """Without the local variants beside a file that is not one."""
    lasting = {file.path.parent for file in files if not is_local(file.name) and not _is_overlay(kind, file)}
    # A Procfile for one's own machine starts development servers, also where there is no other.
    alone = kind is not Kind.PROCFILE
    return [
        file
        for file in files
        if file.given or not is_local(file.name) or (alone and file.path.parent not in lasting)
    ]


def _is_overlay(kind: Kind, file: SourceFile) -> bool:
    """A compose file that says nothing about whether its neighbours are for local work."""
    return kind is Kind.COMPOSE and variant_of(file.base) not in {"", *DEPLOYED}


def _read_all(
    files: dict[Kind, list[SourceFile]], context: ReadContext, environment: EnvironmentOptions | None
) -> Reading:
    tree = context.tree
    projects, composer = _composed(files, context)
    declarations = [made for project in projects for made in composer.declarations(project, environment)]
    plain = PlainFiles(tree, environment)
    plain.used |= composer.used
    plain.built |= composer.built
    steps: tuple[tuple[Kind, Callable[[SourceFile], list[Declaration]]], ...] = (
        (Kind.DOCKERFILE, plain.dockerfile),
        (Kind.SUPERVISORD, plain.supervisor),
        (Kind.SYSTEMD, plain.systemd),
        (Kind.PROCFILE, plain.procfile),
        (Kind.HEROKU, plain.heroku),
        (Kind.SCRIPT, plain.script),
        (Kind.GUNICORN, plain.gunicorn),
        (Kind.RUBY, plain.ruby),
        (Kind.PHP_FPM, plain.php_fpm),
        (Kind.UWSGI, plain.uwsgi),
    )
    for kind, reader in steps:
        for file in files[kind]:
            if file.name not in plain.used:
                declarations += reader(file)
    declarations += deployments((*files[Kind.DEPLOYMENT], *files[Kind.SCRIPT]), tree)
    problems = {*composer.loader.problems, *composer.problems, *plain.problems}
    servers = {declaration.span.file for declaration in declarations}
    return Reading(
        declarations=tuple(_unique(declarations)),
        problems=tuple(sorted(problems, key=lambda problem: (problem.span.sort_key, problem.text))),
        recognised=tuple(sorted(composer.loader.read | plain.used | servers)),
    )


def _keep_each_service_once(projects: Sequence[Project]) -> None:
    """A service that a further file of a folder only completes stays with the base."""
    for number, project in enumerate(projects):
        for other in projects[:number]:
            if other.folder == project.folder:
                for name in other.services.keys() & project.services.keys():
                    del project.services[name]


def _unique(declarations: Iterable[Declaration]) -> list[Declaration]:
    """Every address once: units and programs of the same name in several files get a number."""
    seen: dict[str, int] = {}
    found: list[Declaration] = []
    for declaration in declarations:
        number = seen[declaration.address] = seen.get(declaration.address, 0) + 1
        address = declaration.address if number == 1 else f"{declaration.address}#{number}"
        found.append(replace(declaration, address=address))
    return found

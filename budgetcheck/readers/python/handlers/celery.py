"""Celery: tasks as handlers that nothing stands in front of, and the limits of their application.

https://docs.celeryq.dev/en/stable/userguide/configuration.html
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.readers.python import applications as applications_of
from budgetcheck.readers.python import attributes, names
from budgetcheck.readers.python.handlers.base import Code, Definition, Endpoint, Site, Survey
from budgetcheck.readers.python.scopes import Class, ModuleRef, Object, Value
from budgetcheck.readers.python.values import Named, Plain, PyValue, Table, setting

MARKS = ("celery", "Celery", "shared_task", "CELERY_")
COMPONENT = "celery"
_OF_TASK = ("time_limit", "soft_time_limit")
_OF_APPLICATION = ("task_time_limit", "task_soft_time_limit", "worker_soft_shutdown_timeout")
_OLD = {
    "celeryd_task_time_limit": "task_time_limit",
    "celeryd_task_soft_time_limit": "task_soft_time_limit",
    "celery_acks_late": "task_acks_late",
    "celery_task_acks_late": "task_acks_late",
    "celery_task_time_limit": "task_time_limit",
    "celery_task_soft_time_limit": "task_soft_time_limit",
    "celery_broker_url": "broker_url",
    "celery_broker_transport_options": "broker_transport_options",
}
_BROKERS = ("redis", "rediss", "sentinel", "sqs", "amqp", "amqps", "pyamqp")
_VISIBILITY = "visibility_timeout"
_OF_ANY = ("pool", "acks_late")
_OF_BROKER = (*_OF_ANY, "broker")
_TASKS = frozenset({"task", "shared_task"})


def find(code: Code) -> Iterator[Endpoint]:
    """The tasks of all modules."""
    apps = applications(code)
    for survey in code.surveys:
        for definition in survey.definitions:
            for decorator in definition.node.decorator_list:
                if not isinstance(definition.node, ast.ClassDef) and _is_task(decorator, definition, code):
                    yield _task(decorator, definition, apps, code)
                    break


def _is_task(decorator: ast.expr, definition: Definition, code: Code) -> bool:
    """`@shared_task(...)`, `@app.task`, `@celery.task(bind=True)`."""
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = code.reach.name(func, definition.scope)
    if name.partition(".")[0] == "celery":
        return name.rpartition(".")[2] in _TASKS
    if not isinstance(func, ast.Attribute) or func.attr != "task":
        return False
    made = code.reach.evaluate(func.value, definition.scope)
    unknown = made is None or isinstance(made, Plain)
    return unknown and "celery" in ast.unparse(func.value).lower()


def _task(decorator: ast.expr, definition: Definition, apps: Sequence[Declaration], code: Code) -> Endpoint:
    assert not isinstance(definition.node, ast.ClassDef)
    written: dict[str, PyValue] = {}
    if isinstance(decorator, ast.Call):
        written = dict(code.reach.evaluator.arguments(decorator, definition.scope).keywords)
    settings = {name: setting(name, value) for name, value in written.items() if name in _OF_TASK}
    traits = {"kind": "task"}
    if len(apps) == 1:
        own = bool(settings) or "acks_late" in written
        settings |= _inherited(apps[0], settings, own=own)
        # The broker of a task that has nothing of its own is the application's affair.
        traits |= {name: value for name, value in apps[0].traits if name in (_OF_BROKER if own else _OF_ANY)}
    late = written.get("acks_late")
    if isinstance(late, Plain) and isinstance(late.known, bool):
        traits["acks_late"] = "on" if late.known else "off"
    return Endpoint(
        callee=code.reach.defined(definition.node, definition.scope),
        framework="celery",
        span=code.reach.span(decorator, definition.scope),
        component=COMPONENT,
        settings=tuple(settings.values()),
        traits=tuple(traits.items()),
    )


def _inherited(app: Declaration, settings: Mapping[str, Setting], *, own: bool) -> dict[str, Setting]:
    """The limits of the application that a task has; also its broker's for a task that is like no other."""
    return {
        one.name: replace(one, origin=Origin.INHERITED)
        for one in app.settings
        if (one.name.removeprefix("task_") in _OF_TASK and one.name.removeprefix("task_") not in settings)
        or (own and one.name == _VISIBILITY)
    }


def applications(code: Code) -> list[Declaration]:
    """Every application with the limits that its configuration gives all tasks."""
    return [
        _application(site, survey, code)
        for survey in code.surveys
        for site in survey.calls
        if code.reach.name(site.node.func, site.scope) in ("celery.Celery", "celery.app.Celery")
    ]


def _application(site: Site, survey: Survey, code: Code) -> Declaration:
    values = dict(_configured(site, survey, code))
    settings = [setting(name, values[name]) for name in _OF_APPLICATION if name in values]
    options = values.get("broker_transport_options")
    visibility = options.get(_VISIBILITY) if isinstance(options, Table) else None
    settings += [setting(_VISIBILITY, visibility)] if visibility is not None else []
    span = code.reach.span(site.node, site.scope)
    return Declaration(
        component=COMPONENT,
        address=f"python:{survey.module.name}:celery",
        title=f"{survey.module.name} (celery)",
        span=span,
        settings=tuple(sorted(settings, key=lambda one: one.name)),
        traits=(("kind", "app"), *_known_traits(values)),
    )


def _known_traits(values: dict[str, PyValue]) -> Iterator[tuple[str, str]]:
    broker = values.get("broker_url")
    known = broker.known if isinstance(broker, Plain) else None
    scheme = known.partition(":")[0] if isinstance(known, str) else ""
    if scheme in _BROKERS:
        yield "broker", "amqp" if "amqp" in scheme else scheme
    acks = values.get("task_acks_late")
    if isinstance(acks, Plain) and isinstance(acks.known, bool):
        yield "acks_late", "on" if acks.known else "off"
    pool = values.get("worker_pool")
    if isinstance(pool, Plain) and isinstance(pool.known, str):
        yield "pool", pool.known


def _configured(site: Site, survey: Survey, code: Code) -> Iterator[tuple[str, PyValue]]:
    """What the application is made with, what its module sets on it, and what the settings it names say."""
    evaluator = code.reach.evaluator
    for name, value in evaluator.arguments(site.node, site.scope).keywords:
        yield {"broker": "broker_url"}.get(name, name), value
    for other in survey.calls:
        func = other.node.func
        if not isinstance(func, ast.Attribute):
            continue
        owner = ast.unparse(func.value)
        if func.attr == "update" and owner.endswith("conf"):
            args = evaluator.arguments(other.node, other.scope)
            tables = [value for value in args.positional if isinstance(value, Table)]
            yield from (entry for table in tables for entry in table.entries)
            yield from args.keywords
        elif func.attr == "config_from_object":
            yield from _from_object(other, code)
    for statement in ast.walk(survey.module.tree):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Attribute) and ast.unparse(target.value).endswith(".conf"):
                    scope = code.reach.module_scope(survey.module)
                    yield _renamed(target.attr), evaluator.plain(statement.value, scope)


def _from_object(site: Site, code: Code) -> Iterator[tuple[str, PyValue]]:
    """`config_from_object("django.conf:settings", namespace="CELERY")`, or a module or class."""
    namespace = code.text(site.argument("namespace"), site.scope) or ""
    prefix = f"{namespace}_" if namespace else ""
    for name, value in _settings(site, code).items():
        if name.startswith(prefix) and isinstance(value, PyValue):
            yield _renamed(name.removeprefix(prefix)), value


def _settings(site: Site, code: Code) -> dict[str, Value | None]:
    evaluator, node = code.reach.evaluator, site.argument("obj", 0)
    written = code.text(node, site.scope)
    found = code.reach.evaluate(node, site.scope)
    if written:
        if written.startswith("django.conf"):
            return {**applications_of.settings_from(evaluator, site.scope.module)}
        found = applications_of.by_path(evaluator, written.replace(":", "."), site.scope.module)
    if isinstance(found, Named) and found.name == "django.conf.settings":
        return {**applications_of.settings_from(evaluator, site.scope.module)}
    if isinstance(found, ModuleRef):
        return {
            name: names.of_module(evaluator, name, found.module)
            for name in sorted(applications_of.names_of(evaluator, found.module))
        }
    if isinstance(found, Class | Object):
        klass = found.klass if isinstance(found, Object) else found
        known = {
            name for one in attributes.lineage(evaluator, klass) for name in evaluator.body(one.node).names
        }
        return {name: attributes.member(evaluator, found, name) for name in sorted(known)}
    return {}


def _renamed(name: str) -> str:
    lower = name.lower()
    return _OLD.get(lower, lower)

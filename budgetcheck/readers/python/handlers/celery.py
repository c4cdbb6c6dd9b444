"""Celery: tasks as handlers that nothing stands in front of, and the limits of their application.

https://docs.celeryq.dev/en/stable/userguide/configuration.html
"""

import ast
from collections.abc import Iterator, Sequence

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration, Setting
from budgetcheck.readers.python.handlers.base import Code, Definition, Endpoint, Site, Survey
from budgetcheck.readers.python.reach import Scope
from budgetcheck.readers.python.values import Plain, PyValue, Table, setting

MARKS = ("celery", "Celery", "shared_task", "CELERY_")
COMPONENT = "celery"
_OF_TASK = ("time_limit", "soft_time_limit")
_OF_APPLICATION = ("task_time_limit", "task_soft_time_limit", "worker_soft_shutdown_timeout")
_OLD = {
    "celeryd_task_time_limit": "task_time_limit",
    "celeryd_task_soft_time_limit": "task_soft_time_limit",
    "broker_transport_options": "broker_transport_options",
}
_BROKERS = ("redis", "rediss", "sentinel", "sqs", "amqp", "amqps", "pyamqp")
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
    settings: dict[str, Setting] = {}
    if isinstance(decorator, ast.Call):
        args = code.reach.evaluator.arguments(decorator, definition.scope)
        settings = {name: setting(name, value) for name, value in args.keywords if name in _OF_TASK}
    if len(apps) == 1:
        for inherited in apps[0].settings:
            name = inherited.name.removeprefix("task_")
            if name in _OF_TASK and name not in settings:
                settings[inherited.name] = Setting(
                    name=inherited.name,
                    value=inherited.value,
                    spans=inherited.spans,
                    origin=Origin.INHERITED,
                )
    return Endpoint(
        callee=code.reach.defined(definition.node, definition.scope),
        framework="celery",
        span=code.reach.span(decorator, definition.scope),
        component=COMPONENT,
        settings=tuple(settings.values()),
        traits=(("kind", "task"), *(_traits(apps[0]) if len(apps) == 1 else ())),
    )


def _traits(app: Declaration) -> tuple[tuple[str, str], ...]:
    return tuple(trait for trait in app.traits if trait[0] in ("pool", "acks_late"))


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
    visibility = options.get("visibility_timeout") if isinstance(options, Table) else None
    settings += [setting("visibility_timeout", visibility)] if visibility is not None else []
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
    """`config_from_object("django.conf:settings", namespace="CELERY")`, or a module of the project."""
    evaluator = code.reach.evaluator
    written = code.text(site.argument("obj", 0), site.scope)
    namespace = code.text(site.argument("namespace"), site.scope) or ""
    names = [written] if written else []
    modules = []
    if written and written.startswith("django.conf"):
        modules = [evaluator.project.module(name) for name in evaluator.project.settings_modules()]
    elif names:
        modules = [code.reach.module(names[0].replace(":", "."), site.scope)]
    elif site.node.args:
        modules = [code.reach.module_of(site.node.args[0], site.scope)]
    for module in modules:
        if module is None:
            continue
        scope = Scope(module)
        for statement in module.tree.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                name = statement.targets[0].id
                prefix = f"{namespace}_" if namespace else ""
                if name.startswith(prefix):
                    yield _renamed(name.removeprefix(prefix)), evaluator.plain(statement.value, scope)


def _renamed(name: str) -> str:
    lower = name.lower()
    return _OLD.get(lower, lower)

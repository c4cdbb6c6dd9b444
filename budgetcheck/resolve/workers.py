"""A worker that a command starts, and the application whose code says what the command leaves out.

Celery's command line goes before the settings of the application
(https://docs.celeryq.dev/en/stable/reference/cli.html#celery-worker).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from budgetcheck.model.limits import Origin
from budgetcheck.model.settings import Declaration

_COMPONENT = "celery"
_TRAITS = ("broker", "acks_late", "pool")


def workers_with_their_app(declarations: Iterable[Declaration]) -> list[Declaration]:
    """The declarations, each worker with the settings of its application that its command does not give.

    The application is the one whose file it loads; else the only one there is. Of several none is guessed.
    """
    given = list(declarations)
    apps = [one for one in given if one.component == _COMPONENT and one.trait("kind") == "app"]
    return [_joined(one, apps) if apps and _is_worker(one) else one for one in given]


def _is_worker(declaration: Declaration) -> bool:
    return declaration.component == _COMPONENT and not declaration.trait("kind")


def _joined(worker: Declaration, apps: Sequence[Declaration]) -> Declaration:
    same = [app for app in apps if app.environment in ("", worker.environment)]
    named = [app for app in same if _loads(worker.trait("application"), app.span.file)]
    found = named or same
    if len(found) != 1:
        return worker
    (app,) = found
    own = {setting.name for setting in worker.settings}
    settings = (
        replace(setting, origin=Origin.INHERITED) for setting in app.settings if setting.name not in own
    )
    traits = ((name, app.trait(name)) for name in _TRAITS if app.trait(name) and not worker.trait(name))
    return replace(worker, settings=(*worker.settings, *settings), traits=(*worker.traits, *traits))


def _loads(application: str, file: str) -> bool:
    """The file is the one that is loaded: `shop` may be shop.py, shop/__init__.py or shop/celery.py."""
    module = application.partition(":")[0]
    path = module.removesuffix("/__init__.py").removesuffix(".py")
    path = path if module.endswith(".py") else path.replace(".", "/")
    places = (f"{path}.py", f"{path}/__init__.py", f"{path}/celery.py")
    return bool(path) and any(file == place or file.endswith(f"/{place}") for place in places)

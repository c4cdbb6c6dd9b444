"""What is kept with an application and looked up by name elsewhere.

`app.state.client` of Starlette, Django's settings, Flask's `app.config`.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from budgetcheck.readers.python import attributes, class_settings, names
from budgetcheck.readers.python.modules import Module, is_test
from budgetcheck.readers.python.scopes import Class, ModuleRef, Object, Scope, Value
from budgetcheck.readers.python.sites import Sites
from budgetcheck.readers.python.values import Args, Plain, PyValue, unresolved

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_MOST_FILES = 60
_DEEPEST_STAR = 6
_LOADING = ("from_object(", "from_mapping(")
_HIDING = ("from_pyfile", "from_envvar", "from_prefixed_env", "from_file")
"""Ways to configure a Flask application from files that are not read here."""
_DJANGO = "DJANGO_SETTINGS_MODULE"


def state(evaluator: "Evaluator", name: str, scope: Scope) -> Value | None:
    """`request.app.state.name`: what some code sets `app.state.name` to."""
    return evaluator.once(("state", name), lambda: _state(evaluator, name, scope))


def _state(evaluator: "Evaluator", name: str, scope: Scope) -> Value | None:
    values = [
        evaluator.evaluate(stored.node, stored.scope)
        for sites in _sites(evaluator, f"state.{name}")
        for stored in sites.stored.get(name, ())
        if stored.owner.endswith("state")
    ]
    if not values:
        return None
    span = evaluator.place((1, 0), scope)
    return evaluator.merged(values, f"app.state.{name} is set in several places", span)


def _sites(evaluator: "Evaluator", *words: str) -> Iterator[Sites]:
    for file in evaluator.project.mentioning(words)[:_MOST_FILES]:
        module = None if is_test(file.name) else evaluator.project.module(file.name)
        if module is not None:
            yield evaluator.sites(module)


def configured(evaluator: "Evaluator", key: str, scope: Scope) -> Value | None:
    """`app.config["KEY"]` of Flask: set by itself, or by an object or mapping it is loaded from."""
    return evaluator.once(("config", key), lambda: _configured(evaluator, key, scope))


def _configured(evaluator: "Evaluator", key: str, scope: Scope) -> Value | None:
    values: list[Value | None] = []
    for sites in _sites(evaluator, f'config["{key}"]', f"config['{key}']", f"{key}=", *_LOADING):
        values += [
            evaluator.evaluate(stored.node, stored.scope)
            for stored in sites.stored.get(key, ())
            if stored.owner.endswith("config")
        ]
        for call, place in sites.calls.get("from_mapping", ()):
            values += [evaluator.evaluate(k.value, place) for k in call.keywords if k.arg == key]
        for call, place in sites.calls.get("update", ()):
            values += [evaluator.evaluate(k.value, place) for k in call.keywords if k.arg == key]
        for call, place in sites.calls.get("from_object", ()):
            values += [_of_object(evaluator, call.args[0], key, place)] if call.args else []
    known = [value for value in values if value is not None]
    if not known:
        return None
    return evaluator.merged(known, f"{key} is configured in several ways", evaluator.place((1, 0), scope))


def with_configured(evaluator: "Evaluator", keys: Sequence[str], args: Args, scope: Scope) -> Args:
    """Arguments, and what the project configures its Flask application with under some keys."""
    if not keys:
        return args
    found = evaluator.once(("configured", keys), lambda: tuple(_all_configured(evaluator, keys, args, scope)))
    return replace(args, keywords=(*args.keywords, *found)) if found else args


def _all_configured(
    evaluator: "Evaluator", keys: Sequence[str], args: Args, scope: Scope
) -> Iterator[tuple[str, PyValue]]:
    hidden = any(sites.calls.get(name) for name in _HIDING for sites in _sites(evaluator, f"{name}("))
    for key in keys:
        value = configured(evaluator, key, scope)
        if isinstance(value, PyValue):
            yield key, value
        elif value is not None or hidden:
            yield key, unresolved(f"{key} is configured outside of the code", args.span)


def _of_object(evaluator: "Evaluator", node: ast.expr, key: str, scope: Scope) -> Value | None:
    owner = evaluator.evaluate(node, scope)
    if isinstance(owner, Plain) and isinstance(owner.known, str):
        owner = by_path(evaluator, owner.known, scope.module)
    return (
        attributes.of_value(evaluator, owner, key) if isinstance(owner, Class | Object | ModuleRef) else None
    )


def by_path(evaluator: "Evaluator", dotted: str, importer: Module) -> Value | None:
    """What `"config.Production"` means: a module, or something in one."""
    module = evaluator.project.find(dotted, importer)
    if module is not None:
        return ModuleRef(module)
    package, _, name = dotted.rpartition(".")
    module = evaluator.project.find(package, importer) if package else None
    return names.of_module(evaluator, name, module) if module else None


def django_setting(evaluator: "Evaluator", name: str) -> Value | None:
    """A name of the project's settings modules; several that disagree are several possible values."""
    if not name.isupper():
        return None
    return _of_modules(evaluator, name, _django_modules(evaluator))


def settings_from(evaluator: "Evaluator", importer: Module) -> dict[str, Value]:
    """All of Django's settings as a module gets them that names a settings module itself (`celery.py`)."""
    own = _set_in_environment(evaluator, (importer,)) or tuple(_by_default(evaluator, importer))
    modules = own or _django_modules(evaluator)
    known = {name for module in modules for name in _settings_in(evaluator, module)}
    found = {name: _of_modules(evaluator, name, modules) for name in sorted(known)}
    return {name: value for name, value in found.items() if value is not None}


def _settings_in(evaluator: "Evaluator", module: Module) -> set[str]:
    """The names of a settings module that are settings, those of its classes included."""
    own = {name for name in names_of(evaluator, module) if name.isupper()}
    classes = class_settings.classes_of(evaluator, module)
    return own.union(*(class_settings.names_in(evaluator, klass) for klass in classes))


def names_of(evaluator: "Evaluator", module: Module, depth: int = 0) -> set[str]:
    """The variables of a module, those of what it takes all names from included."""
    found = set(evaluator.body(module.tree).names)
    if depth < _DEEPEST_STAR:
        for source in names.star_sources(evaluator, module):
            if source is not module:
                found |= names_of(evaluator, source, depth + 1)
    return found


def _of_modules(evaluator: "Evaluator", name: str, modules: Sequence[Module]) -> Value | None:
    values = [value for module in modules for value in _values(evaluator, name, module)]
    known = [value for value in values if value is not None]
    if not known:
        return None
    return evaluator.merged(known, "it differs between settings modules", None)


def _values(evaluator: "Evaluator", name: str, module: Module) -> list[Value | None]:
    """What classes put into a module, which they do when the rest of it has run; else its own."""
    classes = class_settings.classes_of(evaluator, module)
    found = [class_settings.value_in(evaluator, klass, name) for klass in classes]
    known = [value for value in found if value is not None]
    return [*known] or [names.of_module(evaluator, name, module)]


def _django_modules(evaluator: "Evaluator") -> tuple[Module, ...]:
    return evaluator.once(("django",), lambda: _chosen(evaluator) or _by_name(evaluator)) or ()


def _chosen(evaluator: "Evaluator") -> tuple[Module, ...]:
    """The modules that servers are started with; those of `manage.py` where no server names one.

    What sets the variable where the program runs comes before what code says if nothing does.
    """
    servers: list[Module] = []
    others: list[Module] = []
    users: list[Module] = []
    for file in evaluator.project.mentioning((_DJANGO,)):
        module = None if is_test(file.name) else evaluator.project.module(file.name)
        if module is not None:
            is_server = PurePosixPath(file.name).stem in ("wsgi", "asgi")
            (servers if is_server else others).extend(_by_default(evaluator, module))
            users.append(module)
    return _set_in_environment(evaluator, users) or tuple(dict.fromkeys(servers or others))


def _by_default(evaluator: "Evaluator", module: Module) -> Iterator[Module]:
    """`os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")`."""
    for call, scope in evaluator.sites(module).calls.get("setdefault", ()):
        texts = [evaluator.evaluate(argument, scope) for argument in call.args]
        known = [text.known for text in texts if isinstance(text, Plain)]
        if len(known) == 2 and known[0] == _DJANGO and isinstance(known[1], str):
            named = evaluator.project.find(known[1], module)
            if named is not None:
                yield named


def _set_in_environment(evaluator: "Evaluator", users: Sequence[Module]) -> tuple[Module, ...]:
    """The modules that the containers of these files name; none where some of them leave it to the code."""
    found: list[Module] = []
    for user in users:
        text = evaluator.environment.look_up(_DJANGO, evaluator.project.path(user.name))
        if text is None or text.unset or text.where_set:
            continue
        named = (evaluator.project.find(choice.strip(), user) for choice in text.choices)
        found += [module for module in named if module is not None]
    return tuple(dict.fromkeys(found))


def _by_name(evaluator: "Evaluator") -> tuple[Module, ...]:
    """All settings modules but those that others build on."""
    files = [name for name in evaluator.project.settings_modules() if not is_test(name)]
    modules = [module for name in files if (module := evaluator.project.module(name)) is not None]
    bases = {
        source
        for module in modules
        for source in names.star_sources(evaluator, module)
        if source is not module
    }
    return tuple(module for module in modules if module not in bases)

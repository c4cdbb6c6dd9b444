"""What a framework's module finds: functions that answer requests, and on which application."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from budgetcheck.model.settings import Known, Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.python.deferred import may_hold
from budgetcheck.readers.python.reach import Callee, Module, Reach, Scope
from budgetcheck.readers.python.values import Items, Made, Plain

_REGISTERING = (
    "@",
    "def ",
    "class ",
    "app",
    "App",
    "api",
    "Api",
    "API",
    "rout",
    "Rout",
    "lueprint",
    "bp",
    "mount",
    "regist",
    "add_",
    "elery",
    "task",
    "view",
    "View",
    "path",
    "url",
    "serve",
    "Serve",
    "run(",
    "main(",
    "config",
    "Config",
    "lambda",
    "middleware",
    "andler",
    "include",
    "scan",
    "make",
    "create",
    "build",
)
"""Words of which a function has one that makes applications, registers handlers or starts a server."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
_APPLICATION = re.compile(r"app|api|asgi|wsgi|server|service|main|handler|make|create", re.IGNORECASE)
_DEEPEST_CALL = 4
_MOST_CALLS = 400
HTTP = ("get", "post", "put", "patch", "delete", "options", "head", "trace")
"""Names of methods as frameworks use them for decorators and class-based views."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A function that answers requests or takes tasks.

    Attributes:
        callee: the function. `framework`: for reports.
        span: where it is registered.
        paths: as the framework writes them, with all prefixes; empty where no path leads to it.
        methods: HTTP methods; empty for unknown.
        applications: `path/to/main.py:app` of every application object it is registered on.
        before: functions that run before it (dependencies, hooks), in order.
        around: middleware that calls it.
        loop: the server that runs it has an event loop. `on_loop`: the function itself runs on that.
        entry: nothing stands in front of it by nature.
        streaming: its answer is a stream by nature (websocket).
        component, settings, traits: of its own, for tasks.
    """

    callee: Callee
    framework: str
    span: Span
    paths: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    before: tuple[Callee, ...] = ()
    around: tuple[Callee, ...] = ()
    loop: bool = False
    on_loop: bool = False
    entry: bool = False
    streaming: bool = False
    component: str = "python"
    settings: tuple[Setting, ...] = ()
    traits: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Site:
    """A call, and the scope it stands in."""

    node: ast.Call
    scope: Scope

    @property
    def given(self) -> dict[str, ast.expr]:
        """The arguments that are given by name."""
        return {keyword.arg: keyword.value for keyword in self.node.keywords if keyword.arg}

    def argument(self, name: str, position: int | None = None) -> ast.expr | None:
        """An argument by name or position."""
        found = self.given.get(name)
        if found is None and position is not None and position < len(self.node.args):
            return self.node.args[position]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A function or class, the scope it is defined in, and the class whose method it is."""

    node: Function | ast.ClassDef
    scope: Scope


@dataclass(slots=True)
class Survey:
    """What stands in one module, nested functions included: definitions, calls and module variables."""

    module: Module
    definitions: list[Definition] = field(default_factory=list)
    calls: list[Site] = field(default_factory=list)
    variables: list[tuple[str, ast.expr, Scope]] = field(default_factory=list)


def survey(module: Module, reach: Reach) -> Survey:
    """Goes through a module once."""
    found = Survey(module=module)
    scope = reach.module_scope(module)
    _survey(module.tree.body, scope, reach, found)
    for statement in module.tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found.variables += [
                (target.id, statement.value, scope) for target in targets if isinstance(target, ast.Name)
            ]
    return found


def _survey(statements: Iterable[ast.AST], scope: Scope, reach: Reach, found: Survey) -> None:
    for node in statements:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found.definitions.append(Definition(node=node, scope=scope))
                _survey(node.decorator_list, scope, reach, found)
                if may_hold(node, _REGISTERING):
                    _survey(node.body, reach.inside(node, scope), reach, found)
            case ast.ClassDef():
                found.definitions.append(Definition(node=node, scope=scope))
                _survey(node.body, reach.in_class(node, scope), reach, found)
            case ast.Lambda():
                continue
            case _:
                if isinstance(node, ast.Call):
                    found.calls.append(Site(node=node, scope=scope))
                _survey(ast.iter_child_nodes(node), scope, reach, found)


@dataclass(slots=True)
class Code:
    """All surveyed modules, and the way from an object back to the call that makes it."""

    reach: Reach
    surveys: tuple[Survey, ...]
    _makers: dict[tuple[str, int, int], Site] = field(default_factory=dict)
    _by_name: dict[str, list[Site]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for found in self.surveys:
            for site in found.calls:
                self._makers[_place(self.reach.span(site.node, site.scope))] = site

    def maker(self, node: ast.expr, scope: Scope) -> tuple[str, Site] | None:
        """The full name and the call that make what an expression stands for; None if not known."""
        value = self.reach.evaluate(node, scope)
        if not isinstance(value, Made):
            return None
        site = self._makers.get(_place(value.args.span))
        return (value.callee, site) if site else None

    def bound(self, site: Site, depth: int = 0) -> list[Site]:
        """A call in a function, once for each way that function is called, if it uses what it is given."""
        function = site.scope.function
        if (
            not isinstance(function, Function)
            or depth >= _DEEPEST_CALL
            or not _uses_parameter(site.node, function)
        ):
            return [site]
        found: list[Site] = []
        for call in self._calls_of(function):
            for outer in self.bound(call, depth + 1):
                callee = self.reach.callee(outer.node, outer.scope)
                if callee is not None and len(found) < _MOST_CALLS:
                    found.append(Site(node=site.node, scope=callee.scope))
        return found or [site]

    def _calls_of(self, function: Function) -> list[Site]:
        """The calls of a function of the project."""
        if not self._by_name:
            for found in self.surveys:
                for site in found.calls:
                    func = site.node.func
                    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
                    self._by_name.setdefault(name, []).append(site)
        calls = []
        for site in self._by_name.get(function.name, ()):
            callee = self.reach.function(site.node.func, site.scope)
            calls += [site] if callee is not None and callee.node is function else []
        return calls

    def makers(self, node: ast.expr | None, scope: Scope) -> list[tuple[str, Site]]:
        """The calls that make the items of a list."""
        if node is None:
            return []
        if isinstance(node, ast.List | ast.Tuple):
            found = [self.maker(item, scope) for item in node.elts]
            return [made for made in found if made is not None]
        value = self.reach.evaluate(node, scope)
        items = value.items if isinstance(value, Items) else ()
        named = [
            (item.callee, self._makers.get(_place(item.args.span)))
            for item in items
            if isinstance(item, Made)
        ]
        return [(name, site) for name, site in named if site is not None]

    def text(self, node: ast.expr | None, scope: Scope) -> str | None:
        """A text; empty where there is no expression, None where it is not known."""
        if node is None:
            return ""
        value = self.reach.evaluate(node, scope)
        return value.known if isinstance(value, Plain) and isinstance(value.known, str) else None

    def is_none(self, node: ast.expr, scope: Scope) -> bool:
        """The expression certainly gives None."""
        value = self.reach.evaluate(node, scope)
        return isinstance(value, Plain) and value.value == Known(value=None)

    def texts(self, node: ast.expr | None, scope: Scope) -> tuple[str, ...]:
        """A list of texts; empty where it is not known."""
        value = self.reach.evaluate(node, scope) if node is not None else None
        if not isinstance(value, Items):
            return ()
        found = [item.known for item in value.items if isinstance(item, Plain)]
        return tuple(text for text in found if isinstance(text, str))


def application_names(survey: Survey, code: Code) -> Iterator[tuple[str, ast.expr, Scope]]:
    """Variables and functions of a module that may be, or make, an application, with its expression.

    Judged by their names, since to follow every variable of every module takes long.
    """
    for name, value, scope in survey.variables:
        if _APPLICATION.search(name) and isinstance(value, ast.Name | ast.Attribute | ast.Call):
            yield name, value, scope
    for definition in survey.definitions:
        node = definition.node
        if isinstance(node, ast.FunctionDef) and _APPLICATION.search(node.name):
            scope = code.reach.inside(node, definition.scope)
            for statement in node.body:
                if isinstance(statement, ast.Return) and statement.value is not None:
                    yield node.name, statement.value, scope


def _uses_parameter(node: ast.AST, function: Function) -> bool:
    given = function.args
    names = {argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)} - {
        "self",
        "cls",
    }
    return any(isinstance(inner, ast.Name) and inner.id in names for inner in ast.walk(node))


def _place(span: Span) -> tuple[str, int, int]:
    return (span.file, span.line, span.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """A router that was made part of something under a prefix. `outer` None: it is not known of what."""

    outer: Site | None
    prefix: str | None


@dataclass(slots=True)
class Routers:
    """Application and router objects, told apart by where they are made, and how they hold one another.

    Attributes:
        own: prefix of each object.
        applications: names of the objects that are applications.
        mounted: how an object is part of others.
    """

    own: dict[Site, str | None] = field(default_factory=dict)
    applications: dict[Site, tuple[str, ...]] = field(default_factory=dict)
    mounted: dict[Site, list[Mounted]] = field(default_factory=dict)

    def add(self, router: Site, prefix: str | None, *, is_application: bool) -> bool:
        """Notes an object; false where it is known already."""
        if router in self.own:
            return False
        self.own[router] = prefix
        if is_application:
            self.applications[router] = ()
        return True

    @property
    def names(self) -> list[str]:
        """All names of all applications."""
        return [name for names in self.applications.values() for name in names]

    def name(self, router: Site, name: str) -> None:
        """An application object has one more name, `path/to/main.py:app`."""
        known = self.applications.get(router)
        if known is not None and name not in known:
            self.applications[router] = (*known, name)

    def mount(self, router: Site, outer: Site | None, prefix: str | None) -> None:
        """An object is part of another one."""
        self.mounted.setdefault(router, []).append(Mounted(outer=outer, prefix=prefix))

    def prefixes(
        self, identity: Site, seen: tuple[Site, ...] = ()
    ) -> Iterator[tuple[str, tuple[str, ...], tuple[Site, ...]]]:
        """Every prefix that an object is reached under, the applications, and the objects round it."""
        if identity in seen:
            return
        own = self.own.get(identity, "")
        if identity in self.applications:
            yield "", self.applications[identity], (identity,)
        for place in self.mounted.get(identity, ()):
            outer = place.outer
            if outer is None:
                outer = next(iter(self.applications)) if len(self.applications) == 1 else None
            if outer is None:
                continue
            for prefix, applications, round_it in self.prefixes(outer, (*seen, identity)):
                yield _join(prefix, place.prefix, own), applications, (*round_it, identity)


def _join(*parts: str | None) -> str:
    return "".join("/*" if part is None else part.rstrip("/") for part in parts)

"""What an attribute stands for: of modules, classes, objects, clients, and of what comes from outside."""

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from budgetcheck.readers.python import annotations, applications, calls, names, settings_classes, subclasses
from budgetcheck.readers.python.bindings import Binding, dotted
from budgetcheck.readers.python.deferred import may_hold, may_set
from budgetcheck.readers.python.reaching import reaching
from budgetcheck.readers.python.scopes import (
    Class,
    ClientPath,
    Function,
    Given,
    ModuleRef,
    Namespace,
    Object,
    Scope,
    Several,
    Value,
)
from budgetcheck.readers.python.stand_ins import Declared, Unknown
from budgetcheck.readers.python.values import Instance, Items, Made, Named, Plain, Table, unresolved

if TYPE_CHECKING:
    from budgetcheck.readers.python.evaluation import Evaluator

_DEEPEST_CLASS = 8
_MOST_CLASSES = 30
_PROPERTIES = frozenset({"property", "cached_property", "computed_field", "hybrid_property"})
_TASK = re.compile(r"^(\w+\.)*(shared_)?task\b")
_TASK_METHODS = frozenset({"delay", "apply_async"})
_SEVERAL = "it is set in several methods"
_FIRST = frozenset({"__init__", "__post_init__", "__new__"})


def attribute(evaluator: "Evaluator", node: ast.Attribute, scope: Scope) -> Value | None:
    """An attribute of an expression; None where it is not known."""
    match node.value:
        case ast.Call(func=ast.Name(id="super")) if scope.klass is not None and scope.me is not None:
            return _above(evaluator, node.attr, scope.klass, scope.me)
        case ast.Name():
            own = _set_before(evaluator, node, scope)
            if own is not None:
                return own
        case _:
            pass
    owner = evaluator.evaluate(node.value, scope)
    if isinstance(node.value, ast.Attribute) and node.value.attr == "state" and not names.is_object(owner):
        kept = applications.state(evaluator, node.attr, scope)
        if kept is not None:
            return kept
    return of_value(evaluator, owner, node.attr)


def _is_task(node: ast.AST) -> bool:
    """A function that is a task of Celery: `@app.task`, `@shared_task(...)`."""
    return any(_TASK.match(ast.unparse(one)) for one in getattr(node, "decorator_list", ()))


def of_value(evaluator: "Evaluator", owner: Value | None, name: str) -> Value | None:
    """An attribute of a value; None where it is not known."""
    match owner:
        case ModuleRef(module=module):
            return names.of_module(evaluator, name, module)
        case Namespace():
            return names.in_namespace(evaluator, owner, name)
        case Named(name=outside, spans=spans):
            known = (
                applications.django_setting(evaluator, name) if outside == "django.conf.settings" else None
            )
            return known if known is not None else Named(name=f"{outside}.{name}", spans=spans)
        case Made(callee="types.SimpleNamespace", args=args):
            return args.get(name)
        case Made(callee=callee, spans=spans):
            return Named(name=f"{callee}.{name}", spans=spans)
        case Instance():
            return ClientPath(owner, name)
        case ClientPath(instance=instance, path=path):
            return ClientPath(instance, f"{path}.{name}")
        case Class() | Object():
            return member(evaluator, owner, name)
        case Function(node=node) if name in _TASK_METHODS and _is_task(node):
            return Named(name=f"celery.Task.{name}", spans=())
        case Several(values=values):
            found = [of_value(evaluator, value, name) for value in values]
            return evaluator.merged(found, "it is one of several objects", None)
        case Plain():
            return owner if name == "value" else None  # a member of an Enum
        case _:
            return None


def _above(evaluator: "Evaluator", name: str, klass: Class, me: Object | Class) -> Value | None:
    """`super().name`: the method of the next class that has it."""
    order = lineage(evaluator, me if isinstance(me, Class) else me.klass)
    for one in order[order.index(klass) + 1 :] if klass in order else lineage(evaluator, klass)[1:]:
        method = method_of(one, name)
        if method is not None:
            return Function(one.module, method, one, me, one.outer)
    return None


def member(evaluator: "Evaluator", owner: Class | Object, name: str) -> Value | None:
    """An attribute of a class or object: fields of settings, methods, what methods set, class variables."""
    if isinstance(owner, Object):
        field = settings_classes.field(evaluator, owner, name)
        if field is not None:
            return field
    klass = owner if isinstance(owner, Class) else owner.klass
    for one in lineage(evaluator, klass):
        found = _own_member(evaluator, one, owner, name)
        if found is not None:
            return found
    return subclasses.inherited(evaluator, owner, name) if isinstance(owner, Object) else None


def lineage(evaluator: "Evaluator", klass: Class) -> list[Class]:
    """The class and its bases as far as they are the project's, nearest first."""
    found = list(_lineage(evaluator, klass, 0))[:_MOST_CLASSES]
    # A base that several classes share comes after all of them.
    return list(reversed(dict.fromkeys(reversed(found))))


def _lineage(evaluator: "Evaluator", klass: Class, depth: int) -> Iterator[Class]:
    yield klass
    if depth < _DEEPEST_CLASS:
        for base in klass.node.bases:
            plain = base.value if isinstance(base, ast.Subscript) else base  # `Base[T]`
            found = evaluator.evaluate(plain, Scope(klass.module, outer=klass.outer))
            if isinstance(found, Class) and found != klass:
                yield from _lineage(evaluator, found, depth + 1)


def _own_member(evaluator: "Evaluator", klass: Class, owner: Class | Object, name: str) -> Value | None:
    method = method_of(klass, name)
    if method is not None:
        function = Function(klass.module, method, klass, owner, klass.outer)
        return calls.result(evaluator, function, ()) if _is_property(method) else function
    if isinstance(owner, Object):
        found = _set_by_methods(evaluator, klass, owner, name)
        if found is not None:
            return found
    body = evaluator.body(klass.node)
    if name not in body.names:
        return None
    scope = Scope(klass.module, None, klass, owner, outer=klass.outer)
    return names.of_bindings(evaluator, reaching(body, name, None, lambda _: None), scope)


def method_of(klass: Class, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The method of that name which the class itself defines; the last where there are several."""
    found = None
    for node in klass.node.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            is_overload = any(dotted(one).endswith("overload") or _sets(one) for one in node.decorator_list)
            found = found if is_overload and found is not None else node
    return found


def _sets(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter")


def _is_property(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(dotted(one).rpartition(".")[2] in _PROPERTIES for one in method.decorator_list)


def _set_by_methods(evaluator: "Evaluator", klass: Class, owner: Object, name: str) -> Value | None:
    """`self.name = ...` in the methods: what `__init__` says unless that is None, else any other method.

    A builder sets it from what it was (`self.query = self.query.limit(5)`): that is what `__init__` said.
    """
    span = evaluator.span(klass.node, Scope(klass.module))

    def at_first() -> Value | None:
        return evaluator.merged(_set_in(evaluator, klass, owner, name, _FIRST), _SEVERAL, span)

    def at_all() -> Value | None:
        first = _set_in(evaluator, klass, owner, name, _FIRST)
        decided = evaluator.merged(first, _SEVERAL, span)
        if decided is not None and not (isinstance(decided, Plain) and decided.known is None):
            return decided
        others = {one.name for one in _methods(klass)} - _FIRST
        return evaluator.merged([*first, *_set_in(evaluator, klass, owner, name, others)], _SEVERAL, span)

    return evaluator.once(("set by methods", klass, owner, name), at_all, at_first)


def _methods(klass: Class) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (one for one in klass.node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


def _set_in(
    evaluator: "Evaluator", klass: Class, owner: Object, name: str, methods: Collection[str]
) -> list[Value | None]:
    """What some of the methods set an attribute to."""
    values: list[Value | None] = []
    for method in _methods(klass):
        if method.name not in methods or not may_set(method, name):
            continue
        bound = evaluator.body(method).attributes.get(name, [])
        if bound:
            given = made_with(evaluator, owner, klass) if method.name == "__init__" else ()
            made = _last(evaluator, bound, Scope(klass.module, method, klass, owner, given, klass.outer))
            values.append(_with_changes(evaluator, made, klass, owner, name))
    return values


def _set_before(evaluator: "Evaluator", node: ast.Attribute, scope: Scope) -> Value | None:
    """What the same method has set the attribute to before."""
    if scope.function is None or isinstance(scope.function, ast.Lambda) or scope.me is None:
        return None
    if not isinstance(node.value, ast.Name) or evaluator.evaluate(node.value, scope) != scope.me:
        return None
    place = (node.lineno, node.col_offset)
    bound = [
        one for one in evaluator.body(scope.function).attributes.get(node.attr, []) if one.start <= place
    ]
    if not bound or (all(one.nested for one in bound) and scope.function.name != "__init__"):
        return None
    found = _last(evaluator, bound, scope)
    if found is not None and isinstance(scope.me, Object) and scope.klass is not None:
        return _with_changes(evaluator, found, scope.klass, scope.me, node.attr)
    return found


def _last(evaluator: "Evaluator", bound: Sequence[Binding], scope: Scope) -> Value | None:
    """The last value that was certainly set, and those that may have been set after it."""
    start = max((number for number, one in enumerate(bound) if not one.nested), default=0)
    values: list[Value | None] = []
    for one in bound[start:]:
        if isinstance(one.node, Unknown):
            values.append(
                unresolved(f"{one.name} changes while the program runs", evaluator.place(one.place, scope))
            )
        elif isinstance(one.node, Declared):
            values.append(annotations.annotated(evaluator, one.node.annotation, scope))
        else:
            values.append(evaluator.evaluate(one.node, scope))
    known = [value for value in values if value is not None]
    return evaluator.merged(known, _SEVERAL, evaluator.place(bound[-1].place, scope)) if known else None


def _with_changes(
    evaluator: "Evaluator", made: Value | None, klass: Class, owner: Object, name: str
) -> Value | None:
    """A client after what the methods of its owner do to it (`self.session.mount(...)`)."""
    if not isinstance(made, Instance):
        return made
    for method in klass.node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and may_hold(method, (f".{name}",)):
            me = next((one.arg for one in method.args.args), "self")
            changes = evaluator.body(method).changes.get(f"{me}.{name}", ())
            made = evaluator.changed(made, changes, Scope(klass.module, method, klass, owner), None)
    return made


def made_with(evaluator: "Evaluator", owner: Object, klass: Class) -> Given:
    """The arguments of a class's own `__init__`: of its object, or as a subclass passes them up."""
    given = owner.given
    for one in lineage(evaluator, owner.klass):
        method = method_of(one, "__init__")
        if one == klass or method is None:
            if one == klass:
                return given
            continue
        scope = Scope(one.module, method, one, owner, given, one.outer)
        passed = _passed_up(evaluator, method, klass, scope)
        if passed is None:
            return ()
        given = passed
    return given


def _passed_up(
    evaluator: "Evaluator", method: ast.FunctionDef | ast.AsyncFunctionDef, klass: Class, scope: Scope
) -> Given | None:
    """The arguments of `super().__init__(...)`, by parameter of the base class."""
    base = method_of(klass, "__init__")
    for statement in ast.walk(method):
        match statement:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__")) if (
                base
            ):
                above = Function(klass.module, base, klass, scope.me, klass.outer)
                return calls.bound(evaluator, above, statement, scope)
            case _:
                continue
    return None


def item(evaluator: "Evaluator", node: ast.Subscript, scope: Scope) -> Value | None:
    """`x["key"]`, `x[0]`: of dictionaries and tuples that are known, of the environment and applications."""
    owner = evaluator.evaluate(node.value, scope)
    if isinstance(owner, Named) and owner.name in ("os.environ", "environ"):
        return calls.environment_item(evaluator, node, scope)
    index = evaluator.evaluate(node.slice, scope)
    key = index.known if isinstance(index, Plain) else None
    if isinstance(owner, Table) and isinstance(key, str):
        return owner.get(key)
    if isinstance(owner, Items) and isinstance(key, int) and not isinstance(key, bool):
        return owner.items[key] if -len(owner.items) <= key < len(owner.items) else None
    if isinstance(owner, Class) and isinstance(key, str):  # `Timeouts["CHAT"]` of an Enum
        return member(evaluator, owner, key)
    if isinstance(owner, Instance):
        return ClientPath(owner, str(key or "*"))
    if isinstance(owner, ClientPath):
        return ClientPath(owner.instance, f"{owner.path}.{key or '*'}")
    if isinstance(key, str) and isinstance(node.value, ast.Attribute) and node.value.attr == "config":
        return applications.configured(evaluator, key, scope)
    return None

"""Where graphs and agents are made in code: from what is invoked back to the calls that built it.

A graph is built up by calls on a variable (`builder.add_node(...)`), in a chain, in a function that returns
it, or in the methods of a class; what is invoked is its compiled form, which may be kept somewhere else.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from budgetcheck.readers.python import attributes, calls, names
from budgetcheck.readers.python.evaluation import Evaluator, walk_body
from budgetcheck.readers.python.modules import Module
from budgetcheck.readers.python.scopes import Class, Function, ModuleRef, Object, Scope
from budgetcheck.readers.python.values import Made, Named

_DEEPEST = 8
_BUILDERS = frozenset({"StateGraph", "MessageGraph", "Graph"})
_AGENTS = frozenset({"create_react_agent", "create_agent", "create_tool_calling_executor"})
_EXECUTORS = frozenset({"AgentExecutor", "initialize_agent"})
_BUILDING = frozenset(
    {
        "add_node",
        "add_edge",
        "add_conditional_edges",
        "add_sequence",
        "set_entry_point",
        "set_conditional_entry_point",
        "set_finish_point",
        "set_node_defaults",
    }
)
_DERIVING = frozenset({"compile", "with_config"})

Function_ = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Place:
    """An expression and the scope it stands in."""

    node: ast.expr
    scope: Scope

    def argument(self, name: str, position: int | None = None) -> "Place | None":
        """An argument of the call that it is, by name or position; None where it is not given."""
        if not isinstance(self.node, ast.Call):
            return None
        for keyword in self.node.keywords:
            if keyword.arg == name:
                return Place(keyword.value, self.scope)
        if position is None or position >= len(self.node.args):
            return None
        return Place(self.node.args[position], self.scope)


@dataclass(frozen=True, slots=True)
class Step:
    """A method call on a graph or its builder, by the method's name."""

    method: str
    call: ast.Call
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an invoked graph was made by.

    Attributes:
        kind: `graph`, `agent` or `executor`. `maker`: the full name of what made it.
        made: the call that made the builder, the agent or the executor.
        building: calls that build the graph, in order. `deriving`: `compile` and `with_config`.
        step_timeout: what the attribute of that name is set to; None where it is not set.
        settled: every builder call was seen; false where the builder was given to something unknown.
    """

    kind: str
    maker: str
    made: Place
    building: tuple[Step, ...] = ()
    deriving: tuple[Step, ...] = ()
    step_timeout: Place | None = None
    settled: bool = True


def is_graph(name: str) -> bool:
    """The full name is that of a compiled graph or agent: `langgraph.graph.StateGraph.compile`."""
    return _kind(name) != "" and (_kind(name) != "graph" or ".compile" in name)


def _kind(name: str) -> str:
    parts = name.split(".")
    if not parts[0].startswith(("langgraph", "langchain")):
        return ""
    if _EXECUTORS & set(parts):
        return "executor"
    if parts[0] == "langgraph" and _BUILDERS & set(parts):
        return "graph"
    # `langchain.agents.create_react_agent` is the older one, which only makes prompts for an executor.
    modern = parts[0].startswith("langgraph") or "create_agent" in parts
    return "agent" if modern and _AGENTS & set(parts) else ""


@dataclass(slots=True)
class Sources:
    """Looks for what graphs were made by, in one project."""

    evaluator: Evaluator
    _parents: dict[str, dict[ast.AST, ast.AST]] = field(default_factory=dict)

    def of(self, node: ast.expr, scope: Scope) -> Source | None:
        """What the graph that an expression stands for was made by; None where it is none."""
        name = self.name(node, scope)
        if not is_graph(name):
            return None
        deriving: list[Step] = []
        holders: list[Place] = []
        here: Place | None = Place(node, scope)
        for _ in range(_DEEPEST):
            here = None if here is None else self.made_at(here.node, here.scope)
            if here is None:
                return None
            chain, base = self._unwound(here)
            deriving = [*(step for step in chain if step.method in _DERIVING), *deriving]
            holders += [] if base.node is here.node else [base]
            maker = self._maker(base)
            if maker:
                compiled = [Place(node, scope), *self._kept(deriving)]
                return self._source(maker, base, chain, deriving, holders, compiled)
            here = base
        return None

    def name(self, node: ast.expr, scope: Scope) -> str:
        """The full name of what an expression stands for, called or not; empty for the project's own."""
        found = self.evaluator.evaluate(node, scope)
        if isinstance(found, Made):
            return found.callee
        return found.name if isinstance(found, Named) else ""

    def made_at(self, node: ast.expr, scope: Scope, depth: int = 0) -> Place | None:
        """The call that makes what an expression stands for, through variables, attributes and functions."""
        if depth > _DEEPEST:
            return None
        found: Place | None = None
        match node:
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                return self.made_at(value, scope, depth + 1)
            case ast.Name():
                found = self._variable(node, scope)
            case ast.Attribute():
                found = self._attribute(node, scope)
            case ast.Call():
                return self._call(node, scope, depth)
            case ast.IfExp(body=body):
                return self.made_at(body, scope, depth + 1)
            case _:
                return Place(node, scope)
        if found is not None and found.node is not node:
            return self.made_at(found.node, found.scope, depth + 1)
        return self._by_its_place(node, scope)

    def _call(self, node: ast.Call, scope: Scope, depth: int) -> Place | None:
        found = self.evaluator.evaluate(node.func, scope)
        if not isinstance(found, Function):
            return Place(node, scope) if isinstance(found, Named) else self._by_its_place(node, scope)
        inside = calls.inside(found, calls.bound(self.evaluator, found, node, scope))
        for returned in _returned(found.node):
            place = self.made_at(returned, inside, depth + 1)
            if place is not None:
                return place
        return None

    def _variable(self, node: ast.Name, scope: Scope) -> Place | None:
        around: Scope | None = scope
        while around is not None:
            function = around.function
            if node.id in dict(around.values):
                return None
            if function is not None and not isinstance(function, ast.Lambda):
                bound = self.evaluator.bindings(function, function.body).get(node.id, ())
                expressions = [one.node for one in bound if isinstance(one.node, ast.expr)]
                if expressions:
                    return Place(expressions[-1], around)
            around = around.outer
        found = names.assigned_in(self.evaluator, node.id, scope.module)
        return None if found is None else Place(*found)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Place | None:
        owner = self.evaluator.evaluate(node.value, scope)
        if isinstance(owner, ModuleRef):
            found = names.assigned_in(self.evaluator, node.attr, owner.module)
            return None if found is None else Place(*found)
        if not isinstance(owner, Object | Class):
            return None
        klass = owner.klass if isinstance(owner, Object) else owner
        for one in attributes.lineage(self.evaluator, klass):
            for method in _methods(one.node):
                for name, value in self.evaluator.self_assignments(method):
                    if name == node.attr and isinstance(value, ast.expr) and not _is_none(value):
                        given = owner.given if isinstance(owner, Object) and method.name == "__init__" else ()
                        return Place(value, Scope(one.module, method, one, owner, given))
        return None

    def _by_its_place(self, node: ast.expr, scope: Scope) -> Place | None:
        """Where what an expression stands for is made, by the place that its value carries."""
        found = self.evaluator.evaluate(node, scope)
        if not isinstance(found, Made) or not found.spans:
            return None
        span = found.spans[0]
        module = self.evaluator.project.module(span.file)
        if module is None:
            return None
        last = found.callee.rpartition(".")[2]
        for inner in ast.walk(module.tree):  # the outermost call of a chain comes first
            at = (getattr(inner, "lineno", 0), getattr(inner, "col_offset", -1) + 1)
            if isinstance(inner, ast.Call) and at == (span.line, span.column) and _called(inner) == last:
                return Place(inner, self._scope_of(inner, module))
        return None

    def _scope_of(self, node: ast.AST, module: Module) -> Scope:
        if module.name not in self._parents:
            self._parents[module.name] = {
                child: parent for parent in ast.walk(module.tree) for child in ast.iter_child_nodes(parent)
            }
        parents = self._parents[module.name]
        function: Function_ | None = None
        while node in parents:
            node = parents[node]
            if isinstance(node, Function_) and function is None:
                function = node
            if isinstance(node, ast.ClassDef):
                klass = Class(module, node)
                return Scope(module, function, klass, Object(klass))
        return Scope(module, function)

    def _unwound(self, place: Place) -> tuple[list[Step], Place]:
        """The methods of a chain `base.one(...).two(...)`, in order, and its base."""
        found: list[Step] = []
        node = place.node
        while (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _BUILDING | _DERIVING
        ):
            found.insert(0, Step(node.func.attr, node, place.scope))
            node = node.func.value
        return found, Place(node, place.scope)

    def _maker(self, base: Place) -> str:
        """The full name of what an expression calls, if that makes a builder or an agent."""
        if not isinstance(base.node, ast.Call):
            return ""
        name = self.name(base.node.func, base.scope)
        last = name.rpartition(".")[2]
        return name if _kind(name) and last in _BUILDERS | _AGENTS | _EXECUTORS else ""

    def _source(
        self,
        maker: str,
        made: Place,
        chain: list[Step],
        deriving: list[Step],
        holders: list[Place],
        compiled: list[Place],
    ) -> Source:
        steps = {id(step.call): step for step in chain if step.method in _BUILDING}
        settled = True
        if _kind(maker) == "graph":
            for holder in self._all_holders(made, holders):
                found, whole = self._on(holder, 0)
                settled = settled and whole
                steps |= {id(step.call): step for step in found if step.method in _BUILDING}
        timeouts = [place for holder in compiled for place in self._set(holder, "step_timeout")]
        return Source(
            kind=_kind(maker),
            maker=maker,
            made=made,
            building=tuple(sorted(steps.values(), key=_end)),
            deriving=tuple(deriving),
            step_timeout=timeouts[-1] if timeouts else None,
            settled=settled,
        )

    def _all_holders(self, made: Place, holders: list[Place]) -> Iterator[Place]:
        """Variables that hold the builder: those on the way, and the one it is first kept in."""
        yield from holders
        kept = self._kept_in(made)
        if kept is not None:
            yield kept

    def _kept(self, deriving: list[Step]) -> Iterator[Place]:
        for step in deriving:
            kept = self._kept_in(Place(step.call, step.scope))
            if kept is not None:
                yield kept

    def _kept_in(self, made: Place) -> Place | None:
        for statement in self._statements(made.scope):
            targets = (
                statement.targets
                if isinstance(statement, ast.Assign)
                else [statement.target]
                if isinstance(statement, ast.AnnAssign)
                else []
            )
            value = getattr(statement, "value", None)
            if targets and value is not None and any(node is made.node for node in ast.walk(value)):
                return Place(targets[0], made.scope)
        return None

    def _on(self, holder: Place, depth: int) -> tuple[list[Step], bool]:
        """Calls of methods on a variable, also those in functions that it is given to."""
        text = ast.unparse(holder.node)
        found: list[Step] = []
        settled = True
        for scope in self._scopes(holder):
            for node in self._statements(scope):
                if not isinstance(node, ast.Call):
                    continue
                chain, base = self._unwound(Place(node, scope))
                if ast.unparse(base.node) == text:
                    found += chain
                if any(ast.unparse(one) == text for one in node.args) and depth < _DEEPEST:
                    inner, whole = self._given(node, text, scope, depth)
                    found += inner
                    settled = settled and whole
        return found, settled

    def _given(self, call: ast.Call, text: str, scope: Scope, depth: int) -> tuple[list[Step], bool]:
        """A builder that is given to a function: that function's calls on it."""
        function = self.evaluator.evaluate(call.func, scope)
        if not isinstance(function, Function) or isinstance(function.node, ast.Lambda):
            return [], isinstance(function, Named)  # nothing outside the project builds graphs
        parameters = [one.arg for one in (*function.node.args.posonlyargs, *function.node.args.args)]
        parameters = parameters[1:] if function.bound is not None else parameters
        for name, argument in zip(parameters, call.args, strict=False):
            if ast.unparse(argument) == text:
                inside = calls.inside(function, calls.bound(self.evaluator, function, call, scope))
                return self._on(Place(ast.Name(id=name), inside), depth + 1)
        return [], False

    def _scopes(self, holder: Place) -> Iterator[Scope]:
        """Where a variable may be used: its scope, or all methods for an attribute of the object."""
        scope = holder.scope
        owner = holder.node.value if isinstance(holder.node, ast.Attribute) else None
        if isinstance(owner, ast.Name) and owner.id in ("self", "cls") and scope.klass is not None:
            for method in _methods(scope.klass.node):
                yield Scope(scope.module, method, scope.klass, scope.me)
            return
        yield scope

    def _statements(self, scope: Scope) -> Iterator[ast.AST]:
        if isinstance(scope.function, ast.Lambda):
            return iter(())
        return walk_body(scope.function.body if scope.function is not None else scope.module.tree.body)

    def _set(self, holder: Place, name: str) -> Iterator[Place]:
        """What `holder.name = ...` sets."""
        text = f"{ast.unparse(holder.node)}.{name}"
        for scope in self._scopes(holder):
            for node in self._statements(scope):
                if isinstance(node, ast.Assign) and any(ast.unparse(one) == text for one in node.targets):
                    yield Place(node.value, scope)


def _methods(klass: ast.ClassDef) -> list[Function_]:
    return [node for node in klass.body if isinstance(node, Function_)]


def _returned(node: Function_ | ast.Lambda) -> list[ast.expr]:
    if isinstance(node, ast.Lambda):
        return [node.body]
    return [inner.value for inner in walk_body(node.body) if isinstance(inner, ast.Return) and inner.value]


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def _end(step: Step) -> tuple[str, int, int]:
    return (step.scope.module.name, step.call.end_lineno or 0, step.call.end_col_offset or 0)

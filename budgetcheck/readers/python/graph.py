"""LangGraph graphs and LangChain agents as work: what `graph.ainvoke(...)` may do at most."""

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from budgetcheck.model.settings import Known, Setting
from budgetcheck.model.topology import Work
from budgetcheck.readers.python.expressions import Expressions
from budgetcheck.readers.python.graph_agents import Agents
from budgetcheck.readers.python.graph_functions import entrypoint_work
from budgetcheck.readers.python.graph_policies import (
    limit_of,
    node_timeout,
    retry_policy,
    step_timeout,
)
from budgetcheck.readers.python.graph_shape import END, START, Branch, Shape
from budgetcheck.readers.python.graph_source import Place, Source, Sources, Step, is_graph
from budgetcheck.readers.python.graph_targets import UNKNOWN, Targets, display
from budgetcheck.readers.python.graph_ways import graph_ways
from budgetcheck.readers.python.scopes import Function, Object, Partial
from budgetcheck.readers.python.values import Instance, Made, Wrapper
from budgetcheck.readers.python.work import NOTHING, in_order

if TYPE_CHECKING:
    from budgetcheck.readers.python.flow import Flow, Frame

_ASYNC = frozenset({"ainvoke", "astream", "astream_events", "astream_log", "abatch"})
_SYNC = frozenset({"invoke", "stream", "stream_events", "batch"})
INVOKING = _ASYNC | _SYNC
_TOOL_NODE = ".ToolNode"
_DEEPEST = 6
_ENVIRONMENT = "LANGGRAPH_DEFAULT_RECURSION_LIMIT"


def graph_work(flow: "Flow", call: ast.Call, frame: "Frame") -> tuple[Work, bool] | None:
    """The work of a call that invokes a graph or an agent, and if it is awaited; None for other calls."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in INVOKING:
        return None
    sources = Sources(flow.reach.evaluator)
    name = sources.name(func.value, frame.scope)
    is_async = func.attr in _ASYNC
    run = Run(flow=flow, frame=frame, sources=sources, is_async=is_async)
    if name.endswith(_TOOL_NODE):
        return run.tool_node(Place(func.value, frame.scope)), is_async
    if not is_graph(name):
        return entrypoint_work(flow, sources, call, frame, is_async=is_async)
    source = sources.of(func.value, frame.scope)
    if source is None:
        flow.note(f"{ast.unparse(func.value)} is a graph whose making is not followed")
        return NOTHING, is_async
    return run.work(source, limit_of(sources, call, Place(call, frame.scope))), is_async


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One invocation of a graph.

    Attributes:
        frame: where it is invoked. `is_async`: by a method that is awaited.
        depth: how many graphs it is a node of.
    """

    flow: "Flow"
    frame: "Frame"
    sources: Sources
    is_async: bool
    depth: int = 0

    def work(self, source: Source, limit: Setting | None) -> Work:
        """What one run of the graph does; `limit` is the recursion limit of the invocation."""
        if self.depth > _DEEPEST:
            self.flow.note("graphs are nodes of graphs too often")
            return NOTHING
        for step in source.deriving:
            if limit is None and step.method == "with_config":
                limit = limit_of(self.sources, step.call, Place(step.call, step.scope))
        if limit is None and source.kind != "executor":
            limit = self._from_environment(source)
        if source.kind != "graph":
            return Agents(self).work(source, limit)
        building = _Building(run=self)
        for one in source.building:
            building.add(one)
        shape = building.shape(settled=source.settled)
        return self.ways(shape, source, limit)

    def ways(self, shape: Shape, source: Source, limit: Setting | None) -> Work:
        """The longest ways through a graph, its rounds within the limit."""
        if source.step_timeout is not None:
            wrapper = step_timeout(self.sources, source.step_timeout)
            if wrapper is not None:
                shape = replace(shape, around=lambda body: self.wrapped(wrapper, body))
        span = self.sources.evaluator.span(source.made.node, source.made.scope)

        def go_round(length: int, beside: int, body: Work) -> Work:
            loop = Wrapper(
                component="langchain" if source.maker.startswith("langchain.") else "langgraph",
                kind="loop",
                span=limit.spans[0] if limit is not None and limit.spans else span,
                settings=() if limit is None else (limit,),
                traits=(("steps_per_round", str(length)), ("steps_beside", str(beside))),
                version_of="langchain" if source.maker.startswith("langchain.") else "langgraph",
            )
            return self.wrapped(loop, body)

        found, notes = graph_ways(shape, go_round, span)
        for note in notes:
            self.flow.note(f"{note} ({span.place})")
        return found

    def wrapped(self, wrapper: Wrapper, body: Work) -> Work:
        """Work with something round it."""
        return self.flow.wrap(wrapper, body, self.frame)

    def running(self, action: Place) -> tuple[Work, bool | None]:
        """What running a node, tool or decision does, and whether it is a coroutine; None if not known."""
        found = self.sources.evaluator.evaluate(action.node, action.scope)
        if isinstance(found, Made) and found.callee.endswith(_TOOL_NODE):
            return self.tool_node(action), None
        if is_graph(self.sources.name(action.node, action.scope)):
            source = self.sources.of(action.node, action.scope)
            inner = replace(self, depth=self.depth + 1)
            return (NOTHING if source is None else inner.work(source, None)), True
        kind = _is_async(found)
        frame = self.at(action, on_loop=kind is not False)
        if isinstance(found, Instance):
            return self.asked(action), True
        if isinstance(found, Made) or found is None:
            asked = self.asked(action)
            if asked == NOTHING:
                self.flow.note(f"{ast.unparse(action.node)[:40]} is not followed")
            return asked, None
        expressions = Expressions(self.flow, frame)
        return expressions.applied(action.node, [], on_loop=frame.on_loop), kind

    def asked(self, model: Place) -> Work:
        """What `model.ainvoke(...)` does, or `model.invoke(...)` where nothing is awaited."""
        method = "ainvoke" if self.is_async else "invoke"
        func = ast.copy_location(ast.Attribute(value=model.node, attr=method, ctx=ast.Load()), model.node)
        call = ast.copy_location(ast.Call(func=func, args=[], keywords=[]), model.node)
        return self.flow.reached(call, self.at(model, on_loop=True))[0]

    def at(self, place: Place, *, on_loop: bool) -> "Frame":
        """The frame of an expression of the graph; sync code of an async run goes to a thread."""
        on_loop = self.frame.on_loop and (on_loop or not self.is_async)
        return replace(self.frame, scope=place.scope, on_loop=on_loop)

    def tool_node(self, node: Place) -> Work:
        """What a `ToolNode(tools)` does."""
        made = self.sources.made_at(node.node, node.scope)
        return NOTHING if made is None else Agents(self).tools(made.argument("tools", 0))

    def _from_environment(self, source: Source) -> Setting | None:
        if source.maker.startswith("langchain."):
            return None
        span = self.sources.evaluator.span(source.made.node, source.made.scope)
        found = self.sources.evaluator.environment.value(_ENVIRONMENT, None, span)
        if not isinstance(found.value, Known):
            return None
        return Setting(name="recursion_limit", value=found.value, spans=found.spans)


@dataclass(frozen=True, slots=True)
class _Policies:
    """`retry_policy=` and `timeout=` of a node, or of all of them."""

    retry: Place | None = None
    timeout: Place | None = None


@dataclass(slots=True, kw_only=True)
class _Building:
    """A graph while the calls that build it are gone through."""

    run: Run
    actions: dict[str, tuple[Place, _Policies]] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)
    branches: dict[str, list[Branch]] = field(default_factory=dict)
    decisions: dict[str, list[Place]] = field(default_factory=dict)
    joins: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    deferred: set[str] = field(default_factory=set)
    defaults: _Policies = field(default_factory=_Policies)
    whole: bool = True

    @property
    def targets(self) -> Targets:
        """For where decisions lead."""
        return Targets(self.run.sources)

    def add(self, step: Step) -> None:
        """Takes one call into account."""
        place = Place(step.call, step.scope)
        match step.method:
            case "add_node":
                self._node(place)
            case "add_sequence":
                self._sequence(place.argument("nodes", 0))
            case "add_edge":
                self._edge(place.argument("start_key", 0), place.argument("end_key", 1))
            case "set_entry_point":
                self._joined(START, self._name(place.argument("key", 0)))
            case "set_finish_point":
                self._joined(self._name(place.argument("key", 0)), END)
            case "add_conditional_edges":
                self._decision(
                    self._name(place.argument("source", 0)),
                    place.argument("path", 1),
                    place.argument("path_map", 2),
                )
            case "set_conditional_entry_point":
                self._decision(START, place.argument("path", 0), place.argument("path_map", 1))
            case "set_node_defaults":
                self.defaults = _policies(place)
            case _:
                pass

    def shape(self, *, settled: bool) -> Shape:
        """The graph. One that was not seen as a whole may go anywhere from its start."""
        work = {}
        for name, (action, policies) in self.actions.items():
            work[name] = self._run(name, action, policies)
            commanded = self.targets.commands(action.node, action.scope)
            if commanded is not None:
                self.branches.setdefault(name, []).append(commanded)
        branches = {name: tuple(found) for name, found in self.branches.items()}
        if not (settled and self.whole):
            branches[START] = (UNKNOWN,)
            self.edges = [edge for edge in self.edges if edge[0] != START]
        return Shape(
            work=work,
            edges=tuple(self.edges),
            branches=branches,
            joins=tuple(self.joins),
            deferred=frozenset(self.deferred),
            first=self._decided(START, NOTHING),
        )

    def _run(self, name: str, action: Place, policies: _Policies) -> Work:
        """What one run of a node does, with its decisions, timeout and retries."""
        body, is_async = self.run.running(action)
        body = self._decided(name, body)
        timeout, retry = policies.timeout or self.defaults.timeout, policies.retry or self.defaults.retry
        if timeout is not None:
            # A default for all nodes is refused for sync ones just the same.
            wrapper = node_timeout(self.run.sources, timeout, is_async=is_async)
            body = body if wrapper is None else self.run.wrapped(wrapper, body)
        if retry is not None:
            components = self.run.flow.declared.components(body)
            again = retry_policy(self.run.sources, retry, components)
            body = body if again is None else self.run.wrapped(again, body)
        return body

    def _decided(self, name: str, body: Work) -> Work:
        """Decisions are made by the node they start from, as its last act."""
        found = (self.run.running(place)[0] for place in self.decisions.get(name, ()))
        return in_order(body, *found)

    def _node(self, place: Place) -> None:
        first, second = place.argument("node", 0), place.argument("action", 1)
        name = self._name(first)
        if first is None or (name is None and second is not None):
            self.whole = False
            return
        action = first if second is None else second
        name = name if second is not None and name is not None else self._named_after(first)
        if name is None:
            self.whole = False
            return
        self.actions[name] = (action, _policies(place))
        if _is_true(place, "defer"):
            self.deferred.add(name)
        ends = place.argument("destinations")
        if ends is not None:
            self.branches.setdefault(name, []).append(self._destinations(ends))

    def _destinations(self, ends: Place) -> Branch:
        made = self.run.sources.made_at(ends.node, ends.scope)
        if made is None or not isinstance(made.node, ast.Dict | ast.Tuple | ast.List):
            return UNKNOWN
        nodes = made.node.keys if isinstance(made.node, ast.Dict) else made.node.elts
        names = [self.targets.node_name(node, made.scope) if node is not None else None for node in nodes]
        return Branch(targets=tuple(n for n in names if n is not None)) if None not in names else UNKNOWN

    def _named_after(self, action: Place) -> str | None:
        """The name of a node that is added without one: that of its function or class."""
        found = self.run.sources.evaluator.evaluate(action.node, action.scope)
        if isinstance(found, Function) and not isinstance(found.node, ast.Lambda):
            return found.node.name
        if isinstance(found, Object):
            return found.klass.node.name
        return self.targets.node_name(action.node, action.scope)

    def _sequence(self, nodes: Place | None) -> None:
        places = None if nodes is None else display(self.run.sources, nodes.node, nodes.scope)
        if places is None:
            self.whole = False
            return
        earlier: str | None = None
        for place in places:
            name, action = self._pair(place)
            if name is None:
                self.whole = False
                return
            self.actions[name] = (action, _Policies())
            if earlier is not None:
                self.edges.append((earlier, name))
            earlier = name

    def _pair(self, place: Place) -> tuple[str | None, Place]:
        match place.node:
            case ast.Tuple(elts=[name, action]):
                return self.targets.node_name(name, place.scope), Place(action, place.scope)
            case _:
                return self._named_after(place), place

    def _edge(self, start: Place | None, end: Place | None) -> None:
        several = None if start is None else display(self.run.sources, start.node, start.scope)
        finish = self._name(end)
        if several is None:
            self._joined(self._name(start), finish)
            return
        sources = [self._name(one) for one in several]
        known = tuple(name for name in sources if name is not None)
        if finish is None or len(known) != len(sources):
            self.whole = False
        else:
            self.joins.append((known, finish))

    def _joined(self, start: str | None, end: str | None) -> None:
        if start is None or end is None:
            self.whole = False
        else:
            self.edges.append((start, end))

    def _decision(self, source: str | None, path: Place | None, path_map: Place | None) -> None:
        if source is None or path is None:
            self.whole = False
            return
        mapping = None if path_map is None else path_map.node
        self.branches.setdefault(source, []).append(self.targets.decision(path.node, mapping, path.scope))
        self.decisions.setdefault(source, []).append(path)

    def _name(self, place: Place | None) -> str | None:
        return None if place is None else self.targets.node_name(place.node, place.scope)


def _policies(place: Place) -> _Policies:
    retry = place.argument("retry_policy") or place.argument("retry")
    return _Policies(retry=retry, timeout=place.argument("timeout"))


def _is_true(place: Place, name: str) -> bool:
    given = place.argument(name)
    return given is not None and isinstance(given.node, ast.Constant) and given.node.value is True


def _is_async(found: object) -> bool | None:
    match found:
        case Partial(function=function):
            return _is_async(function)
        case Function(node=node):
            return isinstance(node, ast.AsyncFunctionDef)
        case _:
            return None

"""Agents that libraries make whole, and their tools: `create_react_agent`, `create_agent` and older ones."""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetcheck.model.bound import exactly, unknown
from budgetcheck.model.settings import Known, Setting
from budgetcheck.model.topology import Work
from budgetcheck.readers.python.graph_shape import END, START, Branch, Shape
from budgetcheck.readers.python.graph_source import Place, Source
from budgetcheck.readers.python.graph_targets import display
from budgetcheck.readers.python.scopes import Function
from budgetcheck.readers.python.values import Args, Instance, Made, Plain, Request, Wrapper, setting
from budgetcheck.readers.python.work import NOTHING, at_once, in_order, repeated

if TYPE_CHECKING:
    from budgetcheck.readers.python.graph import Run

_CHAT_MODEL = "langchain.chat_models.init_chat_model"
_MAKERS_OF_TOOLS = (".from_function", ".StructuredTool", ".Tool")


@dataclass(frozen=True, slots=True)
class Agents:
    """Agents within one invocation."""

    run: "Run"

    def work(self, source: Source, limit: Setting | None) -> Work:
        """What one run of an agent does."""
        if source.kind == "executor":
            return self._executor(source)
        return self._react(source, limit)

    def tools(self, tools: Place | None) -> Work:
        """What the tools do that a model asks for: all of them at once, at most."""
        if tools is None:
            return NOTHING
        found = display(self.run.sources, tools.node, tools.scope)
        if found is None:
            self.run.flow.note(f"the tools {ast.unparse(tools.node)[:40]} are not known")
            return NOTHING
        return at_once(self._tool(one) for one in found)

    def _tool(self, place: Place) -> Work:
        found = self.run.sources.evaluator.evaluate(place.node, place.scope)
        if isinstance(found, Made) and found.callee.endswith(_MAKERS_OF_TOOLS):
            made = self.run.sources.made_at(place.node, place.scope)
            inner = made and (made.argument("coroutine") or made.argument("func"))
            if inner:
                return self.run.running(inner)[0]
        return self.run.running(place)[0]

    def model(self, place: Place | None) -> Work:
        """What asking the model once does. A model may be given by its name (`openai:gpt-4o`)."""
        if place is None:
            return NOTHING
        found = self.run.sources.evaluator.evaluate(place.node, place.scope)
        if isinstance(found, Plain) and isinstance(found.known, str):
            return self._named_model(found)
        if isinstance(found, Function):
            self.run.flow.note(f"the model that {ast.unparse(place.node)[:40]} gives is not followed")
            return NOTHING
        work = self.run.asked(place)
        if work == NOTHING:
            self.run.flow.note(f"the model {ast.unparse(place.node)[:40]} is not known")
        return work

    def _named_model(self, name: Plain) -> Work:
        args = Args(positional=(name,), span=name.spans[0])
        method = "ainvoke" if self.run.is_async else "invoke"
        for library in self.run.sources.evaluator.libraries_of(_CHAT_MODEL):
            made = library.make(_CHAT_MODEL, args)
            sent = (
                library.call(made, method, Args(span=name.spans[0])) if isinstance(made, Instance) else None
            )
            if isinstance(sent, Request):
                return self.run.flow.requested(sent, self.run.frame)
        return NOTHING

    def _react(self, source: Source, limit: Setting | None) -> Work:
        """`create_react_agent(model, tools)`, `create_agent(...)`: the model and its tools in turn."""
        made = source.made
        asking = self.model(made.argument("model", 0))
        tools = self.tools(made.argument("tools", 1))
        work = {"agent": asking}
        edges: list[tuple[str, str]] = []
        first, last = "agent", "agent"
        for hook in ("pre_model_hook", "post_model_hook"):
            place = made.argument(hook)
            if place is None:
                continue
            work[hook] = self.run.running(place)[0]
            edges.append((hook, "agent") if hook == "pre_model_hook" else ("agent", hook))
            first, last = (hook, last) if hook == "pre_model_hook" else (first, hook)
        edges.append((START, first))
        leaves = END
        if made.argument("response_format") is not None and source.maker.startswith("langgraph"):
            leaves = "response"
            work[leaves] = asking
        branches = (
            {last: (Branch(targets=("tools", leaves)),)} if tools != NOTHING or _has_tools(made) else {}
        )
        if branches:
            work["tools"] = tools
            edges.append(("tools", first))
        elif leaves != END:
            edges.append((last, leaves))
        shape = Shape(work=work, edges=tuple(edges), branches=branches)
        middleware = made.argument("middleware")
        if middleware is not None:
            return self._with_middleware(in_order(asking, tools), middleware)
        return self.run.ways(shape, source, limit)

    def _with_middleware(self, body: Work, middleware: Place) -> Work:
        """Middleware may limit the rounds, or add to them: only a limit of model calls is understood."""
        span = self.run.sources.evaluator.span(middleware.node, middleware.scope)
        for place in display(self.run.sources, middleware.node, middleware.scope) or ():
            found = self.run.sources.evaluator.evaluate(place.node, place.scope)
            if isinstance(found, Made) and found.callee.endswith(".ModelCallLimitMiddleware"):
                given = found.args.get("run_limit")
                if isinstance(given, Plain) and isinstance(given.known, int):
                    return repeated(exactly(given.known), body, span)
        self.run.flow.note("middleware of an agent is not followed")
        return repeated(unknown("what the middleware of the agent does is not known", low=1), body, span)

    def _executor(self, source: Source) -> Work:
        """`AgentExecutor(agent=..., tools=...)`: rounds of the model and the tools it asks for."""
        made = source.made
        old = source.maker.endswith("initialize_agent")
        tools = self.tools(made.argument("tools", 0 if old else None))
        model = made.argument("llm", 1) if old else self._model_of(made.argument("agent"))
        body = in_order(self.model(model), tools)
        span = self.run.sources.evaluator.span(made.node, made.scope)
        rounds = self._setting(made, "max_iterations")
        traits = (("maker", "AgentExecutor"),)
        if rounds is not None and isinstance(rounds.value, Known) and rounds.value.value is None:
            return repeated(exactly(None), body, span)
        loop = Wrapper(
            component="langchain",
            kind="loop",
            span=span,
            settings=() if rounds is None else (rounds,),
            traits=traits,
            version_of="langchain",
        )
        work = self.run.wrapped(loop, body)
        longest = self._setting(made, "max_execution_time")
        if longest is None:
            return work
        deadline = Wrapper(
            component="langchain",
            kind="deadline",
            span=span,
            settings=(longest,),
            traits=traits,
            cancels="awaits" if self.run.is_async else "never",
            version_of="langchain",
        )
        return self.run.wrapped(deadline, work)

    def _model_of(self, agent: Place | None) -> Place | None:
        """The model of `create_tool_calling_agent(llm, tools, prompt)`."""
        made = None if agent is None else self.run.sources.made_at(agent.node, agent.scope)
        if made is None or not isinstance(made.node, ast.Call):
            return made
        return made.argument("llm", 0)

    def _setting(self, made: Place, name: str) -> Setting | None:
        place = made.argument(name)
        if place is None:
            return None
        return setting(name, self.run.sources.evaluator.plain(place.node, place.scope))


def _has_tools(made: Place) -> bool:
    given = made.argument("tools", 1)
    return given is not None and not (isinstance(given.node, ast.List) and not given.node.elts)

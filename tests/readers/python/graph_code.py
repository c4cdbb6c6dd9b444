"""Reads a few lines of Python with a graph, the way the reader does, and shows the work as text."""

from pathlib import Path

from budgetcheck.model.settings import Declaration
from budgetcheck.model.topology import CallWork, Choice, Loop, Parallel, Sequence, Work, Wrapped
from budgetcheck.readers.python.clients import LIBRARIES
from budgetcheck.readers.python.declare import Declared
from budgetcheck.readers.python.environment import Environment
from budgetcheck.readers.python.evaluation import Evaluator
from budgetcheck.readers.python.flow import UNSEEN, Flow
from budgetcheck.readers.python.modules import Project
from budgetcheck.readers.python.reach import Reach
from budgetcheck.readers.python.versions import Versions
from budgetcheck.readers.python.wrappers import wrap
from budgetcheck.tree import SourceFile, Tree

IMPORTS = """
import httpx, requests, operator
from datetime import timedelta
from typing import Annotated, Literal, TypedDict
from openai import AsyncOpenAI, OpenAI
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from langgraph.prebuilt import ToolNode, create_react_agent, tools_condition
from langgraph.types import Command, RetryPolicy, Send, TimeoutPolicy

class S(TypedDict):
    x: int
"""


class Read:
    """What following one function of some files gives."""

    def __init__(self, root: Path, files: dict[str, str], function: str) -> None:
        sources = []
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            sources.append(SourceFile(name=name, path=path))
        tree = Tree(root=root, base=root)
        project = Project(tree=tree, files=[file for file in sources if file.suffix == ".py"])
        environment = Environment.of(sources, tree)
        reach = Reach(Evaluator(project=project, libraries=LIBRARIES, environment=environment), wrap)
        self.flow = Flow(reach, Declared(version=Versions(tree)))
        module = project.module(next(name for name in files if name.endswith(".py")))
        assert module is not None
        node = next(one for one in module.tree.body if getattr(one, "name", "") == function)
        callee = reach.defined(node, reach.module_scope(module))  # type: ignore[arg-type]
        found = self.flow.follow(callee, on_loop=callee.is_async)
        self.work = found.work
        self.notes = found.notes - {UNSEEN}

    def declared(self, part: str) -> Declaration:
        """The first declaration whose address holds a text."""
        return next(one for address, one in self.flow.declared.declarations.items() if part in address)

    @property
    def shown(self) -> str:
        """`a (b|c)`: calls by the function they stand in, `a&b` at once, `[loop 2/1: ...]` for rounds."""
        return self._show(self.work)

    def _show(self, work: Work) -> str:
        match work:
            case CallWork(address=address):
                return address.rpartition(":")[2].partition("#")[0]
            case Sequence(parts=parts):
                return " ".join(map(self._show, parts)) or "-"
            case Parallel(parts=parts):
                return "&".join(map(self._show, parts))
            case Choice(parts=parts):
                return f"({'|'.join(map(self._show, parts))})"
            case Loop(times=times, body=body):
                count = times.value if times.exact else f"{times.low}.."
                return f"[{count} x {self._show(body)}]"
            case Wrapped(address=address, body=body):
                return f"[{self._wrapper(address)}: {self._show(body)}]"

    def _wrapper(self, address: str) -> str:
        one = self.flow.declared.declarations[address]
        if one.trait("kind") == "loop":
            steps = f"{one.trait('steps_per_round')}/{one.trait('steps_beside')}"
            return f"loop {steps}" if one.trait("steps_per_round") else "loop"
        return one.component.removeprefix("langgraph-")


def read(root: Path, code: str, function: str = "handler", **files: str) -> Read:
    """Follows `handler` of `app.py`; further files by name without the suffix."""
    others = {f"{name}.py": text for name, text in files.items()}
    return Read(root, {"app.py": IMPORTS + code, **others}, function)

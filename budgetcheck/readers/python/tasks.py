"""Work that was started and is waited for later: tasks, futures, and coroutines kept in a variable."""

import ast
from dataclasses import dataclass, field

from budgetcheck.model.topology import Work
from budgetcheck.readers.python.work import NOTHING, at_once

_LET_GO = frozenset({"add_done_callback", "cancel", "append", "add", "discard", "set_name"})
"""Methods that keep a task without waiting for it."""


@dataclass(slots=True, kw_only=True)
class Task:
    """Work that is waited for later.

    `block` and `index` are the list of statements and the place in it where it started; `running` false for a
    coroutine that only begins when somebody waits for it.
    """

    work: Work
    what: str
    block: int
    index: int
    running: bool
    waited: bool = False


@dataclass(slots=True)
class Tasks:
    """The started work of one function's body.

    Attributes:
        named: by the variable that holds it. `groups`: by the variable of a group that waits for its members.
        fresh: created by the statement at hand, not yet kept anywhere.
        waits: waited for by the statement at hand.
        block, index: where the statement at hand stands.
    """

    named: dict[str, list[Task]] = field(default_factory=dict)
    groups: dict[str, list[Work]] = field(default_factory=dict)
    fresh: list[Task] = field(default_factory=list)
    waits: list[Task] = field(default_factory=list)
    block: int = 0
    index: int = 0

    def start(self, work: Work, what: str, *, running: bool) -> None:
        """Notes work that is not waited for yet."""
        task = Task(work=work, what=what, block=self.block, index=self.index, running=running)
        self.fresh.append(task)

    def keep(self, name: str) -> None:
        """What the statement created is kept in a variable."""
        if self.fresh:
            self.named.setdefault(name, []).extend(self.fresh)
            self.fresh = []

    def take_fresh(self) -> Work:
        """What was created is waited for at once."""
        found = at_once(task.work for task in self.fresh)
        self.fresh = []
        return found

    def wait(self, node: ast.AST) -> None:
        """Everything that a variable in this expression holds is waited for."""
        for name in ast.walk(node):
            if isinstance(name, ast.Name) and name.id in self.named:
                for task in self.named[name.id]:
                    if not task.waited:
                        task.waited = True
                        self.waits.append(task)

    def taken(self, name: str) -> Work:
        """The work a variable holds, for whoever waits for it here and now."""
        tasks = [task for task in self.named.get(name, ()) if not task.waited]
        for task in tasks:
            task.waited = True
        return at_once(task.work for task in tasks)

    def left(self) -> list[str]:
        """What was started and never waited for."""
        tasks = [task for kept in self.named.values() for task in kept]
        return [task.what for task in (*tasks, *self.fresh) if not task.waited and task.work != NOTHING]


def keeps_only(node: ast.expr) -> bool:
    """`tasks.append(t)`, `t.add_done_callback(f)`: nobody waits there."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LET_GO


def holder(target: ast.expr) -> str:
    """The variable that an assignment, or `tasks.append(...)`, keeps something in; empty for none."""
    match target:
        case ast.Name(id=name):
            return name
        case ast.Subscript(value=value):
            return holder(value)
        case ast.Call(func=ast.Attribute(value=value)):
            return holder(value)
        case _:
            return ""

"""Work that was started and is waited for later: tasks, futures, threads, coroutines kept in a variable."""

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck.model.bound import Bound
from budgetcheck.model.topology import Work
from budgetcheck.readers.python.pools import Pool
from budgetcheck.readers.python.work import NOTHING, at_once, in_turns

Cut = Callable[[Work], Work]
"""Puts the deadline of whoever waits round some work."""

_LET_GO = frozenset({"add_done_callback", "cancel", "append", "add", "discard", "set_name", "put"})
"""Methods that keep a task without waiting for it."""
_COLLECTING = frozenset({"append", "add"})
_MOST_COPIES = 50


@dataclass(slots=True, kw_only=True)
class Task:
    """Work that is waited for later.

    Attributes:
        block, index: the list of statements and the place in it where it started.
        running: false for a coroutine that only begins when somebody waits for it.
        begun: false for a thread before its `start()`.
        iterated: going through it is waiting for it (`executor.map`).
        future: of a pool: whoever gets it need not wait for it, unlike for a coroutine.
        rounds: of the loops it is started in, outermost first.
        pool: what runs it, by the name it has here. `limits`: that pool, where more is known of it.
        waited: somebody waits for it.
    """

    work: Work
    what: str
    block: int
    index: int
    running: bool
    begun: bool = True
    iterated: bool = False
    future: bool = False
    rounds: tuple[Bound, ...] = ()
    pool: str = ""
    limits: Pool | None = None
    waited: bool = False


@dataclass(slots=True)
class Tasks:
    """The started work of one function's body.

    Attributes:
        named: by the variable that holds it. `groups`: by the variable of a group that waits for its members.
        fresh: created by the statement at hand, not yet kept anywhere.
        waits: waited for by the statement at hand.
        block, index: where the statement at hand stands.
        rounds: of the loops round it, outermost first.
        notes: what is not known of how they run.
    """

    named: dict[str, list[Task]] = field(default_factory=dict)
    groups: dict[str, list[Task]] = field(default_factory=dict)
    fresh: list[Task] = field(default_factory=list)
    waits: list[Task] = field(default_factory=list)
    block: int = 0
    index: int = 0
    rounds: list[Bound] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)

    def start(
        self,
        work: Work,
        what: str,
        *,
        running: bool,
        begun: bool = True,
        iterated: bool = False,
        future: bool = False,
        pool: str = "",
        limits: Pool | None = None,
        more: tuple[Bound, ...] = (),
    ) -> None:
        """Notes work that is not waited for yet; `more` are rounds besides those of the loops round it."""
        task = Task(
            work=work,
            what=what,
            block=self.block,
            index=self.index,
            running=running,
            begun=begun,
            iterated=iterated,
            future=future,
            rounds=(*self.rounds, *more),
            pool=pool,
            limits=limits,
        )
        self.fresh.append(task)
        if pool in self.groups:
            self.groups[pool].append(task)

    def begin(self, node: ast.AST) -> bool:
        """The threads that a variable in this expression holds begin here; false where it holds none."""
        threads = [task for task in (*self._held(node), *self.fresh) if not task.begun]
        for task in threads:
            task.begun = task.running = True
            task.block, task.index = self.block, self.index
        return bool(threads)

    def keep(self, name: str) -> None:
        """What the statement created is kept in a variable."""
        if self.fresh:
            self.named.setdefault(name, []).extend(self.fresh)
            self.fresh = []

    def keep_too(self, name: str, node: ast.AST) -> None:
        """What a variable in this expression holds is held by another one as well."""
        known = self.named.get(name, [])
        added = [task for task in self._held(node) if not any(task is other for other in known)]
        if name and added:
            self.named[name] = [*known, *added]

    def take_fresh(self, cut: Cut | None = None) -> Work:
        """What was created is waited for at once."""
        found = self._that_end(self.fresh, cut)
        self.fresh = [
            task for task in self.fresh if not task.waited and not any(task is one for one in found)
        ]
        return self._waited(found, cut)

    def hand_out(self, node: ast.AST) -> Work:
        """What a function returns is waited for by its caller, as far as that has to."""
        held = [task for task in self._held(node) if task.begun and not task.waited and not task.future]
        self._wait(held, None)
        found = [task for task in self.fresh if not task.future]
        self.fresh = [task for task in self.fresh if task.future]
        return self._waited(found, None)

    def take_iterated(self) -> Work:
        """What was created is waited for at once where it is gone through."""
        found = [task for task in self.fresh if task.iterated]
        self.fresh = [task for task in self.fresh if not task.iterated]
        return self._waited(found, None)

    def wait(self, node: ast.AST, cut: Cut | None = None, *, iterated: bool = False) -> None:
        """Everything that a variable in this expression holds is waited for, here or to a deadline."""
        found = [task for task in self._held(node) if task.iterated or not iterated]
        self._wait(self._that_end([task for task in found if task.begun and not task.waited], cut), cut)

    def wait_pool(self, name: str) -> None:
        """Everything that a pool runs is waited for."""
        held = [task for tasks in self.named.values() for task in tasks if name and task.pool == name]
        self._wait(list({id(task): task for task in held if not task.waited}.values()), None)

    def leave(self, started: Sequence[Task]) -> Work:
        """What a group waits for at its end: what nobody waited for before."""
        return self._waited([task for task in started if not task.waited], None)

    def left(self) -> list[str]:
        """What was started and never waited for."""
        tasks = [task for kept in self.named.values() for task in kept]
        found = [task for task in (*tasks, *self.fresh) if task.begun and not task.waited]
        return list(dict.fromkeys(task.what for task in found if task.work != NOTHING))

    def _held(self, node: ast.AST) -> list[Task]:
        names = [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
        return [task for name in dict.fromkeys(names) for task in self.named.get(name, ())]

    def _that_end(self, tasks: Sequence[Task], cut: Cut | None) -> list[Task]:
        """Those that a wait ends with: leaving the block of an executor waits for its calls to their end."""
        return [task for task in tasks if cut is None or task.pool not in self.groups or task.limits is None]

    def _wait(self, tasks: Sequence[Task], cut: Cut | None) -> None:
        for pool in dict.fromkeys(task.pool for task in tasks):
            same = [task for task in tasks if task.pool == pool]
            if pool and len(same) > 1:
                first = min(same, key=lambda task: (task.block, task.index))
                self.waits.append(replace(first, work=self._waited(same, cut)))
            else:
                self.waits += [replace(task, work=self._waited([task], cut)) for task in same]

    def _waited(self, tasks: Sequence[Task], cut: Cut | None) -> Work:
        for task in tasks:
            task.waited = True
        work = at_once(self._together(tasks))
        return work if cut is None else cut(work)

    def _together(self, tasks: Sequence[Task]) -> Iterable[Work]:
        """The work of tasks that run at the same time, as far as their pools have threads for it."""
        for pool in dict.fromkeys(task.pool for task in tasks):
            same = [task for task in tasks if task.pool == pool]
            limits = next((task.limits for task in same if task.limits is not None), None)
            copies: list[Work] = []
            is_known = True
            for task in same:
                number = self._number(task)
                is_known = is_known and number is not None
                copies += [task.work] * (number or 1)
            if limits is None:
                yield from copies
            else:
                yield self._in_pool(copies, limits, known=is_known)

    def _number(self, task: Task) -> int | None:
        """How often a task is started where it is waited for once."""
        number = 1
        for times in task.rounds[len(self.rounds) :]:
            if times.value is None:
                return None
            number *= times.value
        return number if number <= _MOST_COPIES else None

    def _in_pool(self, copies: Sequence[Work], limits: Pool, *, known: bool) -> Work:
        most = limits.workers if limits.workers is not None else limits.least
        if not known:
            self.notes.add("how many calls a pool of threads is given is not known: they may take turns")
        elif len(copies) > most and limits.workers is None:
            self.notes.add("how many threads a pool has is not known: its calls may take turns")
        elif len(copies) > most > 1 and any(work != copies[0] for work in copies):
            self.notes.add("a pool is given more calls than it has threads: some of them take turns")
        elif len(copies) > most:
            return in_turns(copies, most)
        return at_once(copies)


def keeps_only(node: ast.expr) -> bool:
    """`tasks.append(t)`, `t.add_done_callback(f)`: nobody waits there."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LET_GO


def collects(node: ast.expr) -> list[ast.expr]:
    """`t` of `tasks.append(t)`: what a variable holds from then on as well."""
    match node:
        case ast.Call(func=ast.Attribute(attr=attr), args=[ast.Name() | ast.Tuple() as one]):
            return [one] if attr in _COLLECTING else []
        case _:
            return []


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


def waits(node: ast.AST) -> bool:
    """An `await`, `future.result()`, `thread.join()`: waits for what is at hand."""
    match node:
        case ast.Await():
            return True
        case ast.Attribute(attr="result" | "exception"):
            return True
        case ast.Call(func=ast.Attribute(attr="join"), args=[]):
            return True
        case ast.Call(func=ast.Attribute(attr="join"), args=[ast.Constant(value=int() | float())]):
            return True
        case _:
            return False


def starts(node: ast.AST) -> bool:
    """`thread.start()`."""
    match node:
        case ast.Call(func=ast.Attribute(attr="start"), args=[]):
            return True
        case _:
            return False

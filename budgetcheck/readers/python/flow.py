"""From a function to the work it does: its own calls and those of the project's functions it goes through.

Every function is followed once for each set of arguments it is called with. What cannot be followed is noted
and makes no work: a call through an unknown object is none.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from budgetcheck.model.bound import Bound, exactly, unknown
from budgetcheck.model.topology import CallWork, Work
from budgetcheck.readers.python.blocks import Blocks
from budgetcheck.readers.python.declare import Declared
from budgetcheck.readers.python.decorators import decorated
from budgetcheck.readers.python.exits import Loop
from budgetcheck.readers.python.expressions import Expressions
from budgetcheck.readers.python.filters import narrowed
from budgetcheck.readers.python.given import forgotten, reduced
from budgetcheck.readers.python.graph import graph_work
from budgetcheck.readers.python.harmless import is_harmless
from budgetcheck.readers.python.reach import Callee, Reach, Scope
from budgetcheck.readers.python.retry_loops import RetryLoop
from budgetcheck.readers.python.retrying import retry_wrapper
from budgetcheck.readers.python.rounds import each_round
from budgetcheck.readers.python.values import Request, Wrapper
from budgetcheck.readers.python.work import NOTHING, either, in_order, repeated, size, some_of, wrapped

UNSEEN = "a call that is not known here"
"""The note of work that may wait for more than is seen: it calls what is neither described nor in the
project."""
_DEEPEST = 16
"""Functions that call one another before it is said that the rest was not followed."""
_MOST_VARIANTS = 8
"""Different arguments that one function is followed for."""
_LARGEST = 400
"""Calls named in the work of one function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where code runs.

    Attributes:
        scope: what names stand for. `node`: the function.
        owner: `path/to/module.py:Class.method`, for addresses.
        on_loop: it runs on the event loop.
        stand_ins: parameters that stand for work: the function that a decorator was given.
        ends_at_yield: what comes after `yield` runs when the response has been sent.
    """

    scope: Scope
    node: ast.AST
    owner: str
    on_loop: bool
    stand_ins: Mapping[str, Work] = field(default_factory=lambda: MappingProxyType({}))
    ends_at_yield: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The work of a function, and what in it could not be followed."""

    work: Work = NOTHING
    notes: frozenset[str] = frozenset()


@dataclass(slots=True)
class Flow:
    """Follows functions; what it finds is declared on the way."""

    reach: Reach
    declared: Declared
    inner: set[str] = field(default_factory=set)
    """Functions that some other one goes through."""
    _known: dict[object, Followed] = field(default_factory=dict)
    _variants: dict[object, set[object]] = field(default_factory=dict)
    _open: list[object] = field(default_factory=list)
    _notes: list[set[str]] = field(default_factory=lambda: [set()])

    def follow(self, callee: Callee, *, on_loop: bool, ends_at_yield: bool = False) -> Followed:
        """The work of a function with its decorators, for the arguments it is bound to."""
        on_loop = on_loop and not callee.runs
        callee, key = self._kept(callee, on_loop, ends_at_yield)
        if key in self._known:
            return self._known[key]
        # Other numbers make no other function of one that calls itself; another object or function may.
        place = self.reach.span(callee.node, callee.scope)
        given = forgotten(callee.scope.values, place)
        running = (callee.owner, id(callee.node), given, callee.scope.me)
        if running in self._open or len(self._open) >= _DEEPEST:
            why = "calls itself" if running in self._open else "is too many calls away"
            return Followed(notes=frozenset({f"{callee.owner} {why}"}))
        self._open.append(running)
        self._notes.append(set())
        frame = Frame(
            scope=callee.scope,
            node=callee.node,
            owner=callee.owner,
            on_loop=on_loop,
            ends_at_yield=ends_at_yield,
        )
        work = decorated(self, callee, self.body(frame), frame)
        if size(work, _LARGEST) > _LARGEST:
            self.note(f"{callee.owner} makes more than {_LARGEST} calls")
            work = some_of(work, place)
        self._open.pop()
        notes = frozenset(note for note in self._notes.pop() if work != NOTHING or not _is_limit(note))
        found = Followed(work=work, notes=notes)
        self._known[key] = found
        return found

    def _kept(self, callee: Callee, *how: bool) -> tuple[Callee, object]:
        """The function with arguments as far as they matter, and what it is known by."""
        place, me = self.reach.span(callee.node, callee.scope), callee.scope.me
        given = reduced(callee.scope.values, place)
        variants = self._variants.setdefault((callee.owner, id(callee.node), *how), set())
        if (given, me) not in variants and len(variants) >= _MOST_VARIANTS:
            given = forgotten(given, place)
        variants.add((given, me))
        known_by = (callee.owner, id(callee.node), how, given, me)
        scope = self.reach.evaluator.same(replace(callee.scope, values=given))
        return replace(callee, scope=scope), known_by

    def body(self, frame: Frame) -> Work:
        """The work of a function's statements, without its decorators."""
        if isinstance(frame.node, ast.Lambda):
            return Expressions(self, frame).awaited(frame.node.body)
        blocks = Blocks(self, frame)
        work = blocks.run(getattr(frame.node, "body", [])).whole
        for what in blocks.tasks.left():
            self.note(f"{what} is not waited for")
        for text in sorted(blocks.tasks.notes):
            self.note(text)
        return work

    def note(self, text: str) -> None:
        """Says what was not followed."""
        self._notes[-1].add(text)

    def reached(self, call: ast.Call, frame: Frame, *, awaited: bool = True) -> tuple[Work, bool]:
        """The work of what a call leads to, and whether it only begins when it is awaited.

        Where it may be a coroutine or a plain function, a call that is not `awaited` runs the latter only.
        """
        func = call.func
        if isinstance(func, ast.Name) and func.id in frame.stand_ins:
            return frame.stand_ins[func.id], False
        sent = self.reach.requests(call, frame.scope)
        graph = graph_work(self, call, frame) if not sent else None
        if graph is not None:
            return graph
        callees = self.reach.callees(call, frame.scope)
        if not sent and not callees and not self._is_harmless(call, frame):
            self.note(UNSEEN)
        ways = [(self.requested(request, frame), not request.blocking) for request in sent]
        ways += [(self._into(callee, frame).work, callee.is_async) for callee in callees]
        at_once = [work for work, later in ways if not later]
        if at_once and not awaited:
            return either(*at_once) or NOTHING, False
        return either(*(work for work, _ in ways)) or NOTHING, any(later for _, later in ways)

    def _is_harmless(self, call: ast.Call, frame: Frame) -> bool:
        if self.reach.is_record(call.func, frame.scope):
            return True
        return is_harmless(call, lambda node: self.reach.name(node, frame.scope))

    def _into(self, callee: Callee, frame: Frame) -> Followed:
        found = self.follow(callee, on_loop=frame.on_loop)
        self._notes[-1] |= found.notes
        if callee.owner != frame.owner:
            self.inner.add(callee.owner)
        return found

    def around(self, callee: Callee, inner: Followed, *, on_loop: bool) -> Followed:
        """A middleware `f(request, call_next)` round what it calls."""
        names = [argument.arg for argument in callee.node.args.args]
        if not names:
            return inner
        self._notes.append(set(inner.notes))
        work = self.body(
            Frame(
                scope=callee.scope,
                node=callee.node,
                owner=callee.owner,
                on_loop=on_loop,
                stand_ins={names[-1]: inner.work},
            )
        )
        notes = frozenset(self._notes.pop())
        return Followed(work=work if work != NOTHING else inner.work, notes=notes)

    def requested(self, request: Request, frame: Frame) -> Work:
        """The work of one outbound call, with what its client puts round it."""
        if request.parts:
            work = in_order(*(self.requested(part, frame) for part in request.parts))
        else:
            work = CallWork(address=self.declared.call(request, frame.owner, on_loop=frame.on_loop))
        for wrapper in request.wrappers:
            work = self.wrap(wrapper, work, frame)
        return work

    def wrap(self, wrapper: Wrapper, body: Work, frame: Frame) -> Work:
        """Work with something round it."""
        if body == NOTHING:
            return NOTHING
        fitting = narrowed(wrapper, self.declared.components(body))
        return wrapped(self.declared.wrapper(fitting, frame.owner, body), body)

    def retried(self, loop: RetryLoop, node: Loop, body: Work, frame: Frame) -> Work | None:
        """A loop that tries again, as work; None where it does not try again after a timeout."""
        components = self.declared.components(body)
        wrapper = retry_wrapper(loop, node, components, self.reach, frame.scope)
        return None if wrapper is None else self.wrap(wrapper, body, frame)

    def rounds(self, source: ast.expr, body: Work, frame: Frame) -> Work:
        """Work that is done once for each of some things."""
        if body == NOTHING:
            return NOTHING
        return repeated(self.times(source, frame), body, self.reach.span(source, frame.scope))

    def times(self, source: ast.expr | ast.While, frame: Frame) -> Bound:
        """How many things there are to go through, or rounds of a `while` loop; at least one."""
        if isinstance(source, ast.While):
            return unknown("the number of rounds of the loop is not known", low=1)
        count = self.reach.count(source, frame.scope)
        if count is not None:
            return exactly(count)
        return unknown(f"the number of {_shown(source)} is not known", low=1)

    def managed(self, expression: ast.expr, frame: Frame) -> Work:
        """What entering and leaving a context manager of the project does."""
        work: Work = NOTHING
        for callee in self.reach.context_methods(expression, frame.scope):
            work = in_order(work, self._into(callee, frame).work)
        return work

    def each_round(self, source: ast.expr, frame: Frame) -> list[Frame]:
        """The frame of each round of a loop that is about different objects; else the one of all rounds."""
        scopes = each_round(self.reach.evaluator, source, frame.scope)
        return [replace(frame, scope=scope) for scope in scopes]

    def moved(self, frame: Frame, *, on_loop: bool) -> Frame:
        """The same code, run somewhere else."""
        return replace(frame, on_loop=on_loop)


def _is_limit(note: str) -> bool:
    """A note that matters only where there is work: of what calls itself, nothing was missed otherwise."""
    return note.endswith("calls itself")


def _shown(source: ast.expr) -> str:
    text = ast.unparse(source)
    return f"`{text}`" if len(text) <= 40 else "things it goes through"

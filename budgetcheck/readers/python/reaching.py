"""Which of the values that a name gets are those in force at a place.

Branches, loops, handlers and early returns are followed; conditions are asked of the caller, who may know
how they come out.
"""

import ast
from collections.abc import Callable, Sequence

from budgetcheck.readers.python.bindings import (
    Binding,
    Body,
    Place,
    Reaching,
    State,
    blocks,
    contains,
    statements_in,
    summary_of,
)
from budgetcheck.readers.python.stand_ins import Declared, Entered, Imported, Parameter

Truth = Callable[[ast.expr], bool | None]
"""How a condition comes out; None where that is not known."""


def reaching(body: Body, name: str, place: Place | None, truth: Truth) -> tuple[Reaching, ...]:
    """What may be in force at a place, or at the end for None; empty where the name is not bound."""
    found = body.names.get(name, [])
    if len(found) < 2:
        return tuple(Reaching(one) for one in found)
    if not any(one.nested for one in found):
        before = [one for one in found if place is None or one.start <= place]
        return (Reaching((before or found)[-1]),)
    # Most names have one value at a place however conditions come out, which need not be asked then.
    key = (name, place)
    if key not in body.in_force:
        body.in_force[key] = _Walk(name, place, _nobody_knows).run(body.statements, found)
    reached = body.in_force[key]
    if reached is not None and len(reached) > 1:
        reached = _Walk(name, place, truth).run(body.statements, found)
    return reached or tuple(Reaching(one) for one in found)


def _nobody_knows(_test: ast.expr) -> None:
    return None


class _Walk:
    """Follows one name through statements up to a place."""

    def __init__(self, name: str, place: Place | None, truth: Truth) -> None:
        self.name = name
        self.place = place
        self.truth = truth
        self.found: State = None
        self.done = False

    def run(self, statements: Sequence[ast.stmt], bindings: Sequence[Binding]) -> State:
        start = tuple(Reaching(one) for one in bindings if isinstance(one.node, Parameter))
        end = self._block(statements, start)
        return self.found if self.done else end

    def _block(self, statements: Sequence[ast.stmt], state: State) -> State:
        for statement in statements:
            if self.done:
                break
            reached = self._statement(statement, state)
            if reached is None and not self._is_ahead(statements, statement):
                return None
            # What stands after a `return` is not reached; asked about it, what was known before counts.
            state = state if reached is None else reached
        return state

    def _is_ahead(self, statements: Sequence[ast.stmt], statement: ast.stmt) -> bool:
        return (
            self.place is not None
            and not self.done
            and any(contains(one, self.place) for one in statements if one.lineno > statement.lineno)
        )

    def _stop(self, state: State) -> State:
        self.found, self.done = state, True
        return state

    def _is_stopped(self) -> bool:
        return self.done

    def _statement(self, statement: ast.stmt, state: State) -> State:
        inside = self.place is not None and contains(statement, self.place)
        known = summary_of(statement)
        if not inside and self.name not in known.names:
            if not known.through:
                return None
            if not known.leaves or self.name not in known.mentions:
                return state  # a test of something else changes nothing for those that go on
        inner = blocks(statement)
        if inside and not any(contains(one, self.place or (0, 0)) for block in inner for one in block):
            return self._stop(self._before(statement, state))
        match statement:
            case ast.If():
                return self._if(statement, state)
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(statement, state)
            case ast.Try() | ast.TryStar():
                return self._try(statement, state)
            case ast.With() | ast.AsyncWith():
                return self._block(statement.body, self._bind(statement, state))
            case ast.Match(cases=cases):
                arms = [self._block(case.body, self._bind(statement, state)) for case in cases]
                return _merged(*arms, None if cases and _takes_all(cases[-1]) else state)
            case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
                return None
            case _:
                return self._bind(statement, state)

    def _before(self, statement: ast.stmt, state: State) -> State:
        """Where the place is in the head of a statement: `with` items and `:=` before it count already."""
        found = [one for one in self._own(statement) if not isinstance(one.node, ast.stmt | Imported)]
        if isinstance(statement, ast.With | ast.AsyncWith):
            for one in found:
                expression = one.node.expression if isinstance(one.node, Entered) else None
                end = (getattr(expression, "end_lineno", 0), getattr(expression, "end_col_offset", 0))
                if expression is not None and self.place is not None and end <= self.place:
                    state = (Reaching(one),)
        for walrus in self._walruses(statement):
            if self.place is not None and walrus.place < self.place:
                state = (Reaching(walrus),)
        return state

    def _own(self, statement: ast.stmt) -> list[Binding]:
        return [one for one in summary_of(statement).own if one.name == self.name]

    def _walruses(self, statement: ast.stmt) -> list[Binding]:
        return [
            Binding(self.name, node.value, (node.lineno, node.col_offset))
            for node in summary_of(statement).walruses
            if node.target.id == self.name
        ]

    def _bind(self, statement: ast.stmt, state: State) -> State:
        bound = [*self._own(statement), *self._walruses(statement)]
        if not bound:
            return state
        if isinstance(bound[-1].node, Declared) and state:
            return state  # `client: OpenAI` gives no value where one is known
        return (Reaching(bound[-1]),)

    def _if(self, statement: ast.If, state: State) -> State:
        test, body, orelse = statement.test, statement.body, statement.orelse
        walruses = [one for one in self._walruses(statement) if contains(test, one.place)]
        state = (Reaching(walruses[-1]),) if walruses else state
        if self._is_elsewhere([*body, *orelse]) and not _leaves(body) and not _leaves(orelse):
            return state
        decided = self.truth(test)
        if decided is not None and self.place is not None:
            chosen = [contains(one, self.place) for block in (body, orelse) for one in block]
            decided = decided if not any(chosen) else None  # the place itself is in one of the arms
        when_true, when_false = _narrowed(test, self.name, state)
        if decided is not False:
            when_true = self._block(body, when_true)
        if self.done:
            return when_true
        if decided is not True:
            when_false = self._block(orelse, when_false)
        if self.done:
            return when_false
        return (
            when_true
            if decided is True
            else when_false
            if decided is False
            else _merged(when_true, when_false)
        )

    def _is_elsewhere(self, statements: Sequence[ast.stmt]) -> bool:
        """Neither the name nor the place is in these statements."""
        if self.place is not None and any(contains(one, self.place) for one in statements):
            return False
        return not any(self.name in summary_of(one).names for one in statements)

    def _loop(self, loop: ast.For | ast.AsyncFor | ast.While, state: State) -> State:
        # Of earlier rounds, with their `continue` and `break`, any binding in the body may be the last one.
        around = _merged(self._bind(loop, state), state, self._anywhere(loop.body))
        if self.place is not None and any(contains(one, self.place) for one in loop.body):
            return self._block(loop.body, self._bind(loop, around))
        return self._block(loop.orelse, around)

    def _anywhere(self, statements: Sequence[ast.stmt]) -> tuple[Reaching, ...]:
        """Every binding of the name in some statements and below."""
        return tuple(
            Reaching(one)
            for statement in statements
            if self.name in summary_of(statement).names
            for inner, _ in statements_in([statement])
            for one in (*self._own(inner), *self._walruses(inner))
        )

    def _try(self, statement: ast.Try | ast.TryStar, state: State) -> State:
        through = self._block(statement.body, state)
        if self.done:
            return through
        bound = self._anywhere(statement.body)
        failed = _merged(state, bound)
        through = self._block(statement.orelse, through)
        if self.done:
            return through
        ends = [through]
        # What stands in for a package that is not installed is not what runs.
        imported = any(isinstance(one.binding.node, Imported) for one in bound)
        skipped = imported and all(_is_import_error(handler.type) for handler in statement.handlers)
        for handler in statement.handlers:
            end = self._block(handler.body, failed)
            if self.done:
                return end
            ends += [] if skipped else [end]
        merged = _merged(*ends)
        final = self._block(statement.finalbody, merged if merged is not None else failed)
        return final if merged is not None or self._is_stopped() else None


def _merged(*states: State) -> State:
    reached = [state for state in states if state is not None]
    if not reached:
        return None
    return tuple(dict.fromkeys(one for state in reached for one in state))


def _narrowed(test: ast.expr, name: str, state: State) -> tuple[State, State]:
    """What a test of the name itself says of it in both branches."""
    kind = ""
    positive = True
    match test:
        case ast.Compare(
            left=ast.Name(id=left), ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None)]
        ):
            kind, positive = ("not none" if left == name else ""), False
        case ast.Compare(
            left=ast.Name(id=left), ops=[ast.IsNot() | ast.NotEq()], comparators=[ast.Constant(value=None)]
        ):
            kind = "not none" if left == name else ""
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=operand)):
            kind, positive = ("true" if operand == name else ""), False
        case ast.Name(id=operand):
            kind = "true" if operand == name else ""
        case _:
            pass
    if not kind or state is None:
        return state, state
    sure = tuple(Reaching(one.binding, kind) for one in state)
    other = tuple(Reaching(one.binding, f"not {kind}" if kind == "true" else "none") for one in state)
    return (sure, other) if positive else (other, sure)


def _leaves(statements: Sequence[ast.stmt]) -> bool:
    """Some statement in there may leave the block."""
    return any(summary_of(one).leaves for one in statements)


def _takes_all(case: ast.match_case) -> bool:
    return case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None


def _is_import_error(kind: ast.expr | None) -> bool:
    names = [kind] if not isinstance(kind, ast.Tuple) else kind.elts
    return all(
        isinstance(one, ast.Name) and one.id in ("ImportError", "ModuleNotFoundError") for one in names
    )

"""How often code certainly sends something on a stream, whatever the rest of it waits for.

- `EventSourceResponse(events(), ping=15)`: https://github.com/sysid/sse-starlette#ping
- a wait that ends after a time, and something that is sent then
- a loop that sends and sleeps
"""

import ast
from collections.abc import Iterator

from budgetcheck.model.settings import Known, Setting
from budgetcheck.readers.python.reach import Callee, Reach
from budgetcheck.readers.python.scopes import Scope
from budgetcheck.readers.python.values import Plain, setting

NAME = "heartbeat"
_SSE = "sse_starlette"
_SSE_PING = 15
"""Seconds, unless the response is made with another `ping`."""
_ANSWERS = frozenset(
    {"StreamingResponse", "EventSourceResponse", "StreamingHttpResponse", "Response", "Stream"}
)
_WRAPPERS = frozenset({"stream_with_context", "iterate_in_threadpool"})
_GETTING = frozenset({"get_message", "get", "poll", "read", "recv", "wait", "wait_for", "blpop", "xread"})
_TIMEOUTS = ("TimeoutError", "Empty", "Timeout")
_WAITING = {"wait_for": 1, "timeout": 0, "fail_after": 0, "move_on_after": 0}
"""What ends a wait, and the position of the time."""
_Loop = ast.While | ast.For | ast.AsyncFor


def heartbeat(callee: Callee, reach: Reach) -> Setting | None:
    """The setting of a handler that answers with a stream; None where nothing is certain."""
    for call in ast.walk(callee.node):
        if not isinstance(call, ast.Call):
            continue
        name = reach.name(call.func, callee.scope)
        if name.startswith(_SSE):
            return _ping(call, callee.scope, reach)
        if name.rpartition(".")[2] in _ANSWERS:
            for argument in (*call.args[:1], *(one.value for one in call.keywords)):
                found = _of_generator(argument, callee.scope, reach)
                if found is not None:
                    return found
    return None


def _ping(call: ast.Call, scope: Scope, reach: Reach) -> Setting:
    given = next((one.value for one in call.keywords if one.arg == "ping"), None)
    if given is not None:
        value = reach.evaluator.plain(given, scope)
        if not (isinstance(value, Plain) and value.value == Known(value=None)):
            return setting(NAME, value)
    return setting(NAME, Plain(value=Known(value=_SSE_PING), spans=(reach.span(call, scope),)))


def _of_generator(node: ast.expr, scope: Scope, reach: Reach) -> Setting | None:
    """`events(run)`, also as `stream_with_context(events(run))`."""
    if isinstance(node, ast.Call) and node.args:
        func = node.func
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if name in _WRAPPERS:
            return _of_generator(node.args[0], scope, reach)
    generator = reach.callee(node, scope) if isinstance(node, ast.Call) else None
    if generator is None or isinstance(generator.node, ast.Lambda):
        return None
    times = [time for loop in _loops(generator.node) for time in _times(loop)]
    # Of several loops nobody knows which one runs: only where there is one time is it that.
    return setting(NAME, reach.evaluator.plain(times[0], generator.scope)) if len(times) == 1 else None


def _loops(node: ast.AST) -> Iterator[_Loop]:
    for inner in ast.walk(node):
        if isinstance(inner, _Loop):
            yield inner


def _times(loop: _Loop) -> Iterator[ast.expr]:
    """The times after which the loop certainly sends something."""
    for index, statement in enumerate(loop.body):
        match statement:
            case ast.Try(body=body, handlers=handlers) if any(map(_sends_after_timeout, handlers)):
                yield from _ended(body)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                time = _given(value)
                if time is not None and any(_sends_without(later, name) for later in loop.body[index + 1 :]):
                    yield time
            case ast.Expr(value=value) if any(
                isinstance(one, ast.Expr) and _yields(one) for one in loop.body
            ):
                call = _called(value)
                if call is not None and _last(call) == "sleep" and call.args:
                    yield call.args[0]
            case _:
                continue


def _sends_after_timeout(handler: ast.ExceptHandler) -> bool:
    caught = ast.unparse(handler.type) if handler.type is not None else ""
    return caught.rstrip(")").endswith(_TIMEOUTS) and any(map(_yields, handler.body))


def _ended(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """The time of the first wait that ends by itself."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                time = _time_of(node)
                if time is not None:
                    yield time
                    return


def _given(value: ast.expr) -> ast.expr | None:
    """`await channel.get_message(timeout=60)`: gives None when the time is over."""
    call = _called(value)
    if call is None or _last(call) not in _GETTING:
        return None
    return next((one.value for one in call.keywords if one.arg in ("timeout", "timeout_seconds")), None)


def _time_of(call: ast.Call) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == "timeout":
            return keyword.value
    position = _WAITING.get(_last(call))
    return call.args[position] if position is not None and len(call.args) > position else None


def _sends_without(statement: ast.stmt, name: str) -> bool:
    """`if message is None: yield ...`, or the other branch of `if message: ...`."""
    match statement:
        case ast.If(test=ast.Compare(left=ast.Name(id=tested), ops=[ast.Is()]), body=body) if tested == name:
            return any(map(_yields, body))
        case ast.If(test=ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=tested)), body=body) if tested == name:
            return any(map(_yields, body))
        case ast.If(test=ast.Compare(left=ast.Name(id=tested), ops=[ast.IsNot()]), orelse=other) if (
            tested == name
        ):
            return any(map(_yields, other))
        case ast.If(test=ast.Name(id=tested), orelse=other) if tested == name:
            return any(map(_yields, other))
        case _:
            return False


def _yields(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield)


def _called(value: ast.expr) -> ast.Call | None:
    inner = value.value if isinstance(value, ast.Await) else value
    return inner if isinstance(inner, ast.Call) else None


def _last(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")

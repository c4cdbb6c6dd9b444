"""Pools of threads and processes: which expressions stand for one, and how many calls it makes at once."""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetcheck.readers.python import attributes, subclasses
from budgetcheck.readers.python.scopes import Object, Scope
from budgetcheck.readers.python.values import Args, Made, Named, Plain

if TYPE_CHECKING:
    from budgetcheck.readers.python.reach import Reach

_LEAST_THREADS = 5
"""Of a pool without a number: one for each processor and four more, `ThreadPoolExecutor` says."""
_EXECUTORS = {
    **{f"concurrent.futures.{module}ThreadPoolExecutor": _LEAST_THREADS for module in ("", "thread.")},
    **{f"concurrent.futures.{module}ProcessPoolExecutor": 1 for module in ("", "process.")},
}
"""Executors by full name, and how many calls one makes at once at least where nobody says how many."""
_POOLS = frozenset({"multiprocessing.Pool", "multiprocessing.pool.Pool", "multiprocessing.pool.ThreadPool"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Something that makes calls in threads or processes of its own.

    Attributes:
        workers: how many at once; None where these files do not say. `least`: as many at least.
        futures: it hands out futures and waits for them when it is left (`concurrent.futures`); false for
            pools of `multiprocessing`, which end their workers instead.
    """

    workers: int | None
    least: int = 1
    futures: bool = True


def pool_of(reach: "Reach", node: ast.expr, scope: Scope) -> Pool | None:
    """The pool that an expression stands for; None where it is none that is known."""
    found = reach.evaluate(node, scope)
    if isinstance(found, Made):
        return _made(found.callee, found.args)
    if isinstance(found, Object):
        for one in attributes.lineage(reach.evaluator, found.klass):
            for base in one.node.bases:
                above = reach.evaluate(base, Scope(one.module, outer=one.outer))
                if isinstance(above, Named) and above.name in _EXECUTORS:
                    return _made(above.name, subclasses.arguments_of_base(reach.evaluator, found)[0])
    return None


def is_executor(reach: "Reach", node: ast.expr, scope: Scope) -> bool:
    """The expression makes an executor, which waits for its calls when it is left."""
    found = pool_of(reach, node, scope)
    return found is not None and found.futures


def _made(name: str, args: Args) -> Pool | None:
    if name in _EXECUTORS:
        return Pool(workers=_number(args, "max_workers"), least=_EXECUTORS[name])
    return Pool(workers=_number(args, "processes"), futures=False) if name in _POOLS else None


def _number(args: Args, name: str) -> int | None:
    found = args.get(name, 0)
    known = found.known if isinstance(found, Plain) else None
    return known if isinstance(known, int) and not isinstance(known, bool) and known > 0 else None

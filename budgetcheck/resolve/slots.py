"""How many requests a server works on at the same time: workers and threads, where somebody wrote them.

A default counts for nothing: workers that nobody wrote are one, or as many as the platform says.
"""

from budgetcheck.model.settings import Declaration, Known
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Slots

_EVENT_LOOP = frozenset({"uvicorn", "tornado"})
_ASGI = frozenset({"hypercorn", "uvicorn"})


def slots_of(declaration: Declaration) -> Slots | None:
    """The slots of a server; None where they are not known, or where waiting requests take none."""
    match declaration.component:
        case "gunicorn":
            kind = declaration.trait("worker_class")
            if kind in _EVENT_LOOP:
                return _slots(declaration, event_loop=True)
            return _slots(declaration, threads=kind == "gthread") if kind in ("sync", "gthread") else None
        case "puma":
            return _slots(declaration, threads=True) if _count(declaration, "threads") else None
        case "php-fpm":
            return _slots(declaration, name="pm.max_children")
        case component:
            return _slots(declaration, event_loop=True) if component in _ASGI else None


def _slots(
    declaration: Declaration, *, name: str = "workers", threads: bool = False, event_loop: bool = False
) -> Slots | None:
    workers = _count(declaration, name)
    if workers is None:
        return None
    each = _count(declaration, "threads") if threads else None
    count, place = workers
    text = f"{count} worker{'s' * (count != 1)}"
    if each is None:
        return Slots(count=count, text=text, spans=(place,), event_loop=event_loop)
    many, there = each
    spans = tuple(dict.fromkeys((place, there)))
    return Slots(count=count * many, text=f"{text} x {many} thread{'s' * (many != 1)}", spans=spans)


def _count(declaration: Declaration, name: str) -> tuple[int, Span] | None:
    setting = declaration.setting(name)
    if setting is None or not isinstance(setting.value, Known):
        return None
    written = str(setting.value.value)
    if not written.isdigit() or len(written) > 6:
        return None
    # Puma with no workers is one process.
    least = 1 if declaration.component == "puma" else 0
    count = max(int(written), least)
    return (count, setting.spans[0]) if count else None

"""gunicorn's kinds of workers: they decide what its `timeout` means."""

_WORKERS = ("uvicorn", "gthread", "eventlet", "gevent", "tornado")  # "geventlet" is eventlet


def worker_class(written: str, threads: int | None) -> str:
    """gunicorn's kind of worker; a sync worker with several threads is gthread (gunicorn/config.py)."""
    lower = written.lower()
    kind = next((name for name in _WORKERS if name in lower), "")
    if kind:
        return kind
    if "threadworker" in lower:
        return "gthread"
    if not written or lower == "sync" or lower.endswith("syncworker"):
        return "gthread" if threads and threads > 1 else "sync"
    return written

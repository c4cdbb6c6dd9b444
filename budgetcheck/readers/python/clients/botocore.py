"""boto3 and botocore: https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html."""

from budgetcheck.model.settings import Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import text_of, unresolved_settings, whole
from budgetcheck.readers.python.values import (
    Args,
    Instance,
    Made,
    Plain,
    PyValue,
    Request,
    Table,
    Trap,
    setting,
)

_MAKERS = {
    "boto3.client": True,
    "boto3.resource": True,
    "boto3.Session.client": True,
    "boto3.Session.resource": True,
    "boto3.session.Session.client": True,
    "boto3.session.Session.resource": True,
    "aioboto3.Session.client": False,
    "aioboto3.Session.resource": False,
    "aiobotocore.session.get_session.create_client": False,
}
_CONFIG = frozenset({"botocore.config.Config", "botocore.client.Config"})
_NO_CALLS = frozenset(
    {
        "get_paginator", "get_waiter", "can_paginate", "close", "generate_presigned_url", "exceptions",
        "generate_presigned_post", "meta", "Table", "Bucket", "Object", "Queue", "Topic", "__call__",
    }
)  # fmt: skip
_LIMITS = ("connect_timeout", "read_timeout")


def make(name: str, args: Args) -> Instance | None:
    """A client of one service."""
    if name not in _MAKERS:
        return None
    service = text_of(args.get("service_name", 0))
    settings, traits, problems = _config(args.get("config"), args)
    if service:
        traits = (*traits, ("service", service))
    return Instance(
        library="botocore",
        component="botocore",
        maker=name,
        spans=(args.span,),
        settings=settings,
        blocking=_MAKERS[name],
        host=f"{service}.amazonaws.com" if service and args.get("endpoint_url") is None else "",
        traits=traits,
        problems=problems,
    )


def _config(
    value: PyValue | None, args: Args
) -> tuple[tuple[Setting, ...], tuple[tuple[str, str], ...], tuple[Trap, ...]]:
    if value is None:
        unknown = (
            unresolved_settings((*_LIMITS, "retries.total_max_attempts"), args.span) if args.open else ()
        )
        return tuple(unknown), (), ()
    if not isinstance(value, Made) or value.callee not in _CONFIG:
        return tuple(unresolved_settings((*_LIMITS, "retries.total_max_attempts"), args.span)), (), ()
    found = [setting(name, given) for name in _LIMITS if (given := value.args.get(name)) is not None]
    retries = value.args.get("retries")
    if not isinstance(retries, Table):
        if retries is not None:
            found += unresolved_settings(("retries.total_max_attempts",), args.span)
        return tuple(found), (), ()
    counted, problems = _attempts(retries)
    mode = text_of(retries.get("mode"))
    return (*found, *counted), (("retry_mode", mode),) if mode else (), problems


def _attempts(retries: Table) -> tuple[tuple[Setting, ...], tuple[Trap, ...]]:
    """`total_max_attempts` counts attempts, `max_attempts` retries: one more request than it says."""
    total = retries.get("total_max_attempts")
    if total is not None:
        return (setting("retries.total_max_attempts", total),), ()
    more = retries.get("max_attempts")
    if more is None:
        return (), ()
    number = whole(more)
    if number is None or not isinstance(more, Plain):
        return (setting("retries.total_max_attempts", more),), ()
    attempts = Plain(value=type(more.value)(value=number + 1), spans=more.spans)  # type: ignore[call-arg]
    trap = Trap(
        kind="INEFFECTIVE",
        text=f"retries={{'max_attempts': {number}}} makes {number + 1} attempts: here it counts retries",
        fix=f"write 'total_max_attempts': {number}" if number else "write 'total_max_attempts': 1",
        span=more.spans[0],
        setting="retries.max_attempts",
    )
    return (setting("retries.total_max_attempts", attempts),), (trap,) if number else ()


def annotated(_name: str, _args: Args) -> Instance | None:
    """Types of clients come from stubs, which say nothing of the service's settings."""
    return None


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """An operation of the service: any method but those that only make something."""
    name = path.rpartition(".")[2]
    if name in _NO_CALLS or path.partition(".")[0] in ("exceptions", "meta") or not name.islower():
        return None
    return Request(
        component="botocore",
        span=args.span,
        settings=client.settings,
        blocking=client.blocking,
        host=client.host,
        traits=client.traits,
        what=name,
        version_of="botocore",
        problems=client.problems,
    )


LIBRARY = Library(
    name="botocore",
    imports=("boto3", "botocore", "aioboto3", "aiobotocore"),
    distributions=("botocore", "boto3"),
    make=make,
    annotated=annotated,
    call=call,
    function=lambda _name, _args: None,
)

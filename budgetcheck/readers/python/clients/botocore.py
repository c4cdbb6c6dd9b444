"""boto3 and botocore: https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html."""

import re
from dataclasses import replace

from budgetcheck.model.settings import Known, OneOf, Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import host_of, is_none, overridden, text_of, whole
from budgetcheck.readers.python.clients.given import HIDDEN, last_part, made_by, not_known
from budgetcheck.readers.python.values import (
    Args,
    Instance,
    Plain,
    PyValue,
    Request,
    Table,
    Trap,
    setting,
    unresolved,
)

_RESOURCES = ("boto3.resource", "boto3.Session.resource", "boto3.session.Session.resource")
_AWAITED = frozenset(
    f"{session}.{made}"
    for session in ("aioboto3.Session", "aioboto3.session.Session")
    for made in ("client", "resource")
) | {"aiobotocore.session.get_session.create_client", "aiobotocore.session.AioSession.create_client"}
_MAKERS = _AWAITED | {
    *_RESOURCES,
    "boto3.client",
    "boto3.Session.client",
    "boto3.session.Session.client",
    "botocore.session.get_session.create_client",
    "botocore.session.Session.create_client",
}
_NOT_SENT = frozenset(
    {
        "can_paginate",
        "close",
        "generate_presigned_url",
        "generate_presigned_post",
        "get_available_subresources",
    }
)
_DERIVING = frozenset({"__enter__", "__aenter__", "batch_writer", "get_paginator"})
_WAITER = "waiter:"
_STREAMING = ("_stream", "_with_response_stream")
_LIMITS = ("connect_timeout", "read_timeout")
_COUNT = "retries.total_max_attempts"
_FUNCTION = re.compile(r"(?:[\w:-]*:?function:)?([\w-]+)(?::[$\w-]+)?")
_ALL = (*_LIMITS, _COUNT)
Traits = tuple[tuple[str, str], ...]


def make(name: str, args: Args) -> Instance | None:
    """A client of one service, or a resource."""
    if name not in _MAKERS:
        return None
    service = text_of(args.get("service_name", 0))
    settings, traits, problems = _config(args.get("config", 9), args)
    endpoint = args.get("endpoint_url", 5)
    own = f"{service}.amazonaws.com" if service else ""
    return Instance(
        library="botocore",
        component="botocore",
        maker=name,
        spans=(args.span,),
        settings=settings,
        blocking=name not in _AWAITED,
        host=own if endpoint is None or is_none(endpoint) else host_of(endpoint),
        traits=(*traits, ("service", service)) if service else traits,
        problems=problems,
    )


def _config(value: PyValue | None, args: Args) -> tuple[tuple[Setting, ...], Traits, tuple[Trap, ...]]:
    if value is None or is_none(value):
        return not_known(_ALL, args.span, HIDDEN) if args.open else (), (), ()
    made = (
        made_by(value, "botocore", "Config")
        or made_by(value, "boto3", "Config")
        or made_by(value, "aiobotocore", "AioConfig")
    )
    if made is None:
        return not_known(_ALL, args.span, "the Config is made elsewhere"), (), ()
    found = [setting(name, given) for name in _LIMITS if (given := made.args.get(name)) is not None]
    retries = made.args.get("retries")
    if retries is None or is_none(retries):
        hidden = [name for name in _ALL if name not in {one.name for one in found}]
        return (*found, *(not_known(hidden, made.spans[0], HIDDEN) if made.args.open else ())), (), ()
    if not isinstance(retries, Table):
        return (*found, *not_known((_COUNT,), args.span, "the retries are made elsewhere")), (), ()
    counted, problems = _attempts(retries)
    mode = text_of(retries.get("mode"))
    return (*found, *counted), (("retry_mode", mode),) if mode else (), problems


def _attempts(retries: Table) -> tuple[tuple[Setting, ...], tuple[Trap, ...]]:
    """`total_max_attempts` counts attempts, `max_attempts` retries: one more request than it says."""
    total, more = retries.get("total_max_attempts"), retries.get("max_attempts")
    if total is not None:
        return (setting(_COUNT, total),), ()
    if more is None:
        return not_known((_COUNT,), retries.spans[0], HIDDEN) if retries.open else (), ()
    traps = (_counts_retries(more),) if whole(more) == 1 else ()
    return (setting(_COUNT, _one_more(more)),), traps


def _one_more(value: PyValue) -> PyValue:
    """The attempts of a number of retries."""
    plain = value.value if isinstance(value, Plain) else None
    match plain:
        case Known(value=int() as number):
            return Plain(value=Known(value=number + 1), spans=value.spans)
        case OneOf(values=several, reason=reason) if all(isinstance(one, int) for one in several):
            more = tuple(one + 1 for one in several if isinstance(one, int))
            return Plain(value=OneOf(values=more, reason=reason), spans=value.spans)
        case None | Known() | OneOf():
            return unresolved("it is no whole number", *value.spans)
        case _:
            return value


def _counts_retries(more: PyValue) -> Trap:
    return Trap(
        kind="INEFFECTIVE",
        text="retries={'max_attempts': 1} makes 2 attempts: in a Config it counts retries",
        fix="write 'total_max_attempts': 1 for a single attempt, or 2 if one retry is meant",
        span=more.spans[0],
        setting="retries.max_attempts",
    )


def annotated(_name: str, _args: Args) -> Instance | None:
    """Types of clients come from stubs, which say nothing of the service's settings."""
    return None


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """An operation of the service: any method but those that only make something."""
    path = path.removeprefix("meta.client.")
    name = last_part(path)
    if name == "get_waiter":
        return replace(client, maker=f"{_WAITER}{client.maker}")
    if name in _DERIVING or (name[:1].isupper() and client.maker in _RESOURCES):
        return client  # `dynamodb.Table("users")`
    if name in _NOT_SENT or path.partition(".")[0] in ("exceptions", "meta") or not name.islower():
        return None
    return _request(client, name, args)


def _request(client: Instance, name: str, args: Args) -> Request:
    settings = client.settings
    if client.maker.startswith(_WAITER):
        polls = unresolved("a waiter asks again until what it waits for is there", args.span)
        settings = overridden(settings, (setting("read_timeout", polls),))
    return Request(
        component="botocore",
        span=args.span,
        settings=settings,
        blocking=client.blocking,
        host=client.host,
        traits=client.traits,
        streaming=name.endswith(_STREAMING),
        what=name,
        function=_function(args) if name == "invoke" and ("service", "lambda") in client.traits else "",
        version_of="botocore",
        problems=client.problems,
    )


def _function(args: Args) -> str:
    """The name of the function whose answer `invoke` waits for; empty where it is not known, or none is.

    It may be given with its account, as an ARN, and with an alias behind it:
    https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """
    kind = args.get("InvocationType")
    if kind is not None and text_of(kind) != "RequestResponse":
        return ""
    found = _FUNCTION.fullmatch(text_of(args.get("FunctionName")))
    return found[1] if found else ""


LIBRARY = Library(
    name="botocore",
    imports=("boto3", "botocore", "aioboto3", "aiobotocore"),
    distributions=("botocore", "boto3"),
    make=make,
    annotated=annotated,
    call=call,
    function=lambda _name, _args: None,
)

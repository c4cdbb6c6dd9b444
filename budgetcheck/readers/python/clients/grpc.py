"""gRPC: channels, generated stubs, the deadline of a call (https://grpc.io/docs/guides/deadlines/).

A stub is whatever ends in `Stub` and is made with a channel, generated or not.
"""

from dataclasses import replace

from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import text_of
from budgetcheck.readers.python.clients.given import Parameter, given, last_part
from budgetcheck.readers.python.values import Args, Instance, Made, PyValue, Request

_CHANNELS = {
    "grpc.insecure_channel": True,
    "grpc.secure_channel": True,
    "grpc.aio.insecure_channel": False,
    "grpc.aio.secure_channel": False,
}
_TYPES = {"grpc.Channel": True, "grpc.aio.Channel": False}
_METHODS = frozenset({"unary_unary", "unary_stream", "stream_unary", "stream_stream"})
_TIMEOUT = (Parameter(name="timeout", setting="timeout", position=1),)
_CHANNEL, _STUB = "grpc.Channel", "grpc.Stub"


def make(name: str, args: Args) -> Instance | None:
    """A channel, or a stub of one."""
    if name in _CHANNELS:
        host = text_of(args.get("target", 0)).rpartition("/")[2].rpartition(":")[0]
        return _channel(args, blocking=_CHANNELS[name], host=host)
    if name == "grpc.intercept_channel":
        return _of(args.get("channel", 0), _CHANNEL)
    return _of(args.get("channel", 0), _STUB) if last_part(name).endswith("Stub") else None


def annotated(name: str, args: Args) -> Instance | None:
    """A channel that is made elsewhere: the deadline is the call's all the same."""
    return _channel(args, blocking=_TYPES[name], host="") if name in _TYPES else None


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """A method of a stub, or a method as the channel makes it, called."""
    first, _, rest = path.partition(".")
    if client.maker == _CHANNEL:
        return _method(client, path, args) if path in _METHODS else client if path.startswith("__") else None
    if client.maker == _STUB and not first.startswith("_") and rest in ("", "with_call", "future"):
        return _request(client, first, args)
    if client.maker in _METHODS and path in ("__call__", "with_call", "future"):
        return _request(client, client.maker, args)
    return None


def _method(client: Instance, kind: str, args: Args) -> Instance:
    return replace(client, maker=kind, args=args)


def _request(client: Instance, what: str, args: Args) -> Request:
    name = text_of(client.args.get("method", 0)) if client.args is not None else ""
    return Request(
        component="grpc",
        span=args.span,
        settings=given(args, _TIMEOUT),
        blocking=client.blocking,
        host=client.host,
        method="POST",
        streaming=client.maker.endswith("_stream"),
        what=name or what,
        version_of="grpcio",
    )


def _channel(args: Args, *, blocking: bool, host: str) -> Instance:
    return Instance(
        library="grpc", component="grpc", maker=_CHANNEL, spans=(args.span,), blocking=blocking, host=host
    )


def _of(value: PyValue | None, maker: str) -> Instance | None:
    if isinstance(value, Made) and value.instance is not None and value.instance.library == "grpc":
        return replace(value.instance, maker=maker)
    return None


LIBRARY = Library(
    name="grpc",
    imports=("grpc",),
    distributions=("grpcio",),
    make=make,
    annotated=annotated,
    call=call,
    function=lambda _name, _args: None,
)

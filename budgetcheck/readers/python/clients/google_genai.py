"""The Google Gen AI SDK: its timeout is in milliseconds, its retry options in seconds.

https://googleapis.github.io/python-genai/
"""

from dataclasses import replace

from budgetcheck.model.settings import Known, Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import host_of, is_none, overridden
from budgetcheck.readers.python.clients.given import HIDDEN, not_known
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
    unresolved,
)

_CLIENTS = frozenset({"google.genai.Client", "google.genai.client.Client"})
_HOST = "generativelanguage.googleapis.com"
_SENDING = frozenset(
    {"generate_content", "generate_content_stream", "send_message", "send_message_stream", "embed_content"}
    | {"count_tokens", "compute_tokens", "generate_images", "edit_image", "upscale_image", "generate_videos"}
    | {"create", "get", "list", "delete", "update", "upload", "download", "tune", "cancel"}
)
_SERVICES = frozenset(
    {"models", "chats", "files", "caches", "batches", "tunings", "operations", "interactions"}
)
_CHAT = "google.genai.chats.Chat"
_RETRY = ("attempts", "initial_delay", "max_delay", "exp_base", "jitter")
_LEAST_SENSIBLE = 1_000
"""Milliseconds: a smaller timeout of a model's answer was meant in seconds."""
_Given = tuple[tuple[Setting, ...], tuple[tuple[str, str], ...], tuple[Trap, ...]]


def make(name: str, args: Args) -> Instance | None:
    """A client."""
    if name not in _CLIENTS:
        return None
    options = args.get("http_options")
    settings, traits, problems = _options(options, args)
    return replace(
        _bare(args),
        settings=settings,
        traits=traits,
        problems=problems,
        host=host_of(_field(options, "base_url")) or ("" if _field(options, "base_url") else _HOST),
    )


def annotated(name: str, args: Args) -> Instance | None:
    """A client that is made elsewhere: also whether it tries again is not known."""
    if name not in _CLIENTS:
        return None
    return replace(
        _bare(args), settings=not_known(("timeout", "retry_options.attempts"), args.span), host=_HOST
    )


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """A request of one of the services (`models.generate_content`), or a chat."""
    parts = path.split(".")
    awaited = parts[0] == "aio"
    parts = parts[1:] if awaited else parts
    if client.maker == _CHAT:
        return _request(client, path, args) if path in _SENDING else None
    if parts == ["chats", "create"]:
        settings = overridden(client.settings, _of_call(args)[0])
        return replace(client, maker=_CHAT, settings=settings, blocking=not awaited)
    if len(parts) == 2 and parts[0] in _SERVICES and parts[1] in _SENDING:
        return _request(replace(client, blocking=not awaited), ".".join(parts), args)
    return None


def _request(client: Instance, what: str, args: Args) -> Request:
    settings, traits, problems = _of_call(args)
    return Request(
        component="google-genai",
        span=args.span,
        settings=overridden(client.settings, settings),
        blocking=client.blocking,
        host=client.host,
        traits=traits or client.traits,
        method="GET" if what.rpartition(".")[2] in ("get", "list", "download") else "POST",
        streaming=what.endswith("_stream"),
        what=what,
        version_of="google-genai",
        problems=(*client.problems, *problems),
    )


def _of_call(args: Args) -> _Given:
    """`config=GenerateContentConfig(http_options=HttpOptions(...))`."""
    config = args.get("config")
    options = None if config is None else _field(config, "http_options")
    return ((), (), ()) if options is None else _options(options, args)


def _options(options: PyValue | None, args: Args) -> _Given:
    """`HttpOptions(...)`, or the same as a dictionary."""
    if options is None or is_none(options):
        return (
            (not_known(("timeout", "retry_options.attempts"), args.span, HIDDEN) if args.open else ()),
            (),
            (),
        )
    if not isinstance(options, Made | Table):
        return (setting("timeout", unresolved("these options are not followed", *options.spans)),), (), ()
    timeout = _field(options, "timeout")
    settings: tuple[Setting, ...] = () if timeout is None else (setting("timeout", timeout),)
    retry = _field(options, "retry_options")
    if retry is not None and not is_none(retry):
        settings += _retry(retry)
        return settings, (("retry_options", "given"),), _in_seconds(timeout)
    return settings, (), _in_seconds(timeout)


def _retry(retry: PyValue) -> tuple[Setting, ...]:
    if not isinstance(retry, Made | Table):
        return (
            setting("retry_options.attempts", unresolved("these options are not followed", *retry.spans)),
        )
    given = ((name, _field(retry, name)) for name in _RETRY)
    return tuple(setting(f"retry_options.{name}", value) for name, value in given if value is not None)


def _in_seconds(timeout: PyValue | None) -> tuple[Trap, ...]:
    """`HttpOptions(timeout=30)` is 30 ms."""
    if not isinstance(timeout, Plain) or not isinstance(timeout.value, Known):
        return ()
    number = timeout.value.value
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < _LEAST_SENSIBLE:
        return ()
    return (
        Trap(
            kind="SUSPICIOUS",
            text=f"HttpOptions(timeout=...) is in milliseconds: {number} ends nearly every request",
            fix=f"write {number * 1_000:g} if {number} seconds are meant",
            span=timeout.spans[0],
            setting="timeout",
        ),
    )


def _field(value: PyValue | None, name: str) -> PyValue | None:
    if isinstance(value, Table):
        return value.get(name)
    return value.args.get(name) if isinstance(value, Made) else None


def _bare(args: Args) -> Instance:
    return Instance(
        library="google-genai", component="google-genai", maker="google.genai.Client", spans=(args.span,)
    )


LIBRARY = Library(
    name="google-genai",
    imports=("google.genai", "genai"),  # `from google import genai` is written more often
    distributions=("google-genai",),
    make=make,
    annotated=annotated,
    call=call,
    function=lambda _name, _args: None,
)

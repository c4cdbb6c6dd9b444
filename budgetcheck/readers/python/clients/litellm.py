"""LiteLLM: `completion(...)` and its kin, and `Router(...)`.

`num_retries=n` acts twice for providers that are reached through the OpenAI SDK: the SDK tries n+1 times, and
when it has given up LiteLLM asks n times more. Measured with 1.110.2: n=1 gives 3 requests, n=2 gives 5.
"""

from dataclasses import replace

from budgetcheck.model.settings import Known, Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import httpx_timeout, is_none, text_of
from budgetcheck.readers.python.clients.given import HIDDEN, is_true, last_part, not_known
from budgetcheck.readers.python.values import Args, Instance, Plain, PyValue, Request, Trap, setting

_FUNCTIONS = frozenset(
    {"completion", "text_completion", "embedding", "moderation", "image_generation", "transcription"}
    | {"speech", "rerank", "responses"}
)
_ALONE = ("anthropic/", "claude-", "gemini/")
"""Providers that LiteLLM asks by itself: without num_retries once."""
_THROUGH_SDK = ("openai/", "gpt-", "o1", "o3", "o4", "chatgpt-", "text-embedding-", "ft:gpt-", "azure/")
_HOSTS = {"openai/": "api.openai.com", "gpt-": "api.openai.com", "anthropic/": "api.anthropic.com"}
_RETRIES = "num_retries"
_ROUTER = "litellm.Router"
_OF_PROVIDER = "how often it tries depends on the provider of the model"
Settings = tuple[Setting, ...]


def make(name: str, args: Args) -> Instance | None:
    """A router: retries are its own, 2 unless it says otherwise."""
    if name not in (_ROUTER, "litellm.router.Router"):
        return None
    timeout, problems = _timeout(args)
    retries = args.get(_RETRIES)
    settings = timeout if retries is None else (*timeout, setting(_RETRIES, retries))
    hidden = not_known((_RETRIES,), args.span, HIDDEN) if args.open and retries is None else ()
    falls_back = not _is_empty(args.get("fallbacks"))
    return Instance(
        library="litellm",
        component="litellm",
        maker=_ROUTER,
        spans=(args.span,),
        settings=(*settings, *hidden) if not falls_back else (*timeout, *_several(args)),
        traits=(("router", "yes"),),
        problems=problems,
    )


def annotated(name: str, args: Args) -> Instance | None:
    """A router that is made elsewhere."""
    if name not in (_ROUTER, "litellm.router.Router"):
        return None
    return Instance(
        library="litellm",
        component="litellm",
        maker=_ROUTER,
        spans=(args.span,),
        settings=not_known(("timeout", _RETRIES), args.span),
        traits=(("router", "yes"),),
    )


def call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    """`router.acompletion(...)`."""
    what = path.removeprefix("a")
    if what not in _FUNCTIONS:
        return None
    timeout, problems = _timeout(args)
    named = [one for one in (client.settings) if not (timeout and one.name.startswith("timeout"))]
    request = _request(path, args, (*named, *timeout), client.traits)
    return replace(request, problems=(*client.problems, *problems))


def function(name: str, args: Args) -> Request | Instance | None:
    """`litellm.acompletion(...)`."""
    path = last_part(name)
    if not name.startswith("litellm.") or path.removeprefix("a") not in _FUNCTIONS:
        return None
    timeout, problems = _timeout(args)
    retries = args.get(_RETRIES)
    first = _request(path, args, (*timeout, *_first_retries(args, retries)), _provider(args))
    first = replace(first, problems=problems)
    if retries is None or is_none(retries) or _is_zero(retries) or path.removeprefix("a") != "completion":
        return first
    again = replace(
        first, settings=(*timeout, setting(_RETRIES, retries)), traits=(("layer", "again"),), problems=()
    )
    return replace(first, parts=(first, again))


def _first_retries(args: Args, retries: PyValue | None) -> Settings:
    """The retries of the SDK below: num_retries goes before max_retries."""
    if _starts(args, _ALONE):
        return ()
    for name, value in ((_RETRIES, retries), ("max_retries", args.get("max_retries"))):
        if value is not None and not is_none(value):
            return (replace(setting("max_retries", value), label=name),)
    if args.open:
        return not_known(("max_retries",), args.span, HIDDEN)
    return () if _starts(args, _THROUGH_SDK) else not_known(("max_retries",), args.span, _OF_PROVIDER)


def _provider(args: Args) -> tuple[tuple[str, str], ...]:
    return () if _starts(args, _ALONE) else (("provider", "openai"),)


def _starts(args: Args, prefixes: tuple[str, ...]) -> bool:
    return text_of(args.get("model", 0)).startswith(prefixes)


def _request(path: str, args: Args, settings: Settings, traits: tuple[tuple[str, str], ...]) -> Request:
    model = text_of(args.get("model", 0))
    own = args.get("api_base") is not None or args.get("base_url") is not None
    host = next((host for prefix, host in _HOSTS.items() if model.startswith(prefix)), "")
    return Request(
        component="litellm",
        span=args.span,
        settings=settings,
        blocking=not path.startswith("a"),
        host="" if own or ("router", "yes") in traits else host,
        traits=traits,
        method="POST",
        streaming=is_true(args.get("stream")),
        what=path,
        version_of="litellm",
    )


def _timeout(args: Args) -> tuple[Settings, tuple[Trap, ...]]:
    """`timeout`, or `request_timeout` as the OpenAI of old called it."""
    written = args.get("timeout") or args.get("request_timeout")
    if written is None or is_none(written):
        return (not_known(("timeout",), args.span, HIDDEN) if args.open else ()), ()
    return httpx_timeout(written)


def _several(args: Args) -> Settings:
    """With fallbacks other models are asked as well, each as often: their number is not followed."""
    return not_known((_RETRIES,), args.span, "the models of fallbacks are asked as well")


def _is_empty(value: PyValue | None) -> bool:
    return value is None or is_none(value) or getattr(value, "items", None) == ()


def _is_zero(value: PyValue) -> bool:
    return isinstance(value, Plain) and value.value == Known(value=0)


LIBRARY = Library(
    name="litellm",
    imports=("litellm",),
    distributions=("litellm",),
    make=make,
    annotated=annotated,
    call=call,
    function=function,
)

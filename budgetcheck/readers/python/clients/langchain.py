"""LangChain models and chains: `ChatOpenAI(...)`, `prompt | model`, `.with_retry()`, `.with_fallbacks()`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from budgetcheck.model.settings import Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import host_of, httpx_timeout, is_none, text_of
from budgetcheck.readers.python.clients.given import HIDDEN, Parameter, given, last_part, not_known
from budgetcheck.readers.python.values import (
    Args,
    Instance,
    Items,
    Made,
    Plain,
    PyValue,
    Request,
    Table,
    Trap,
    Wrapper,
    setting,
    unresolved,
)

_CHAIN = "langchain.chain"
"""Maker of several models one after the other."""
_SENDING = frozenset(
    {"invoke", "batch", "batch_as_completed", "generate", "generate_prompt", "predict", "predict_messages"}
    | {"call_as_llm", "embed_query", "embed_documents", "__call__"}
)
_STREAMING = frozenset({"stream", "transform", "stream_events", "stream_log"})
_DERIVING = frozenset(
    {"bind", "bind_tools", "bind_functions", "with_structured_output", "with_config", "with_types"}
    | {"with_listeners", "with_alisteners", "configurable_fields", "configurable_alternatives", "assign"}
    | {"pick", "map", "as_tool", "__enter__"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A family of model classes: the component with its facts, and the names of its arguments."""

    component: str
    host: str = ""
    timeouts: tuple[str, ...] = ("timeout", "request_timeout")
    urls: tuple[str, ...] = ("base_url",)
    retries: str = "max_retries"


_OPENAI = _Kind(
    component="langchain-openai",
    host="api.openai.com",
    urls=("base_url", "openai_api_base", "azure_endpoint"),
)
_ANTHROPIC = _Kind(
    component="langchain-anthropic",
    host="api.anthropic.com",
    timeouts=("timeout", "default_request_timeout"),
    urls=("base_url", "anthropic_api_url"),
)
_GOOGLE = _Kind(component="langchain-google-genai", host="generativelanguage.googleapis.com")

_KINDS: Mapping[str, _Kind] = {
    **dict.fromkeys(("ChatOpenAI", "OpenAI", "OpenAIEmbeddings"), _OPENAI),
    **dict.fromkeys(("AzureChatOpenAI", "AzureOpenAI", "AzureOpenAIEmbeddings"), replace(_OPENAI, host="")),
    "ChatAnthropic": _ANTHROPIC,
    **dict.fromkeys(("ChatGoogleGenerativeAI", "GoogleGenerativeAIEmbeddings"), _GOOGLE),
    # Known to be models, and nothing of their limits: the time of such a call cannot be told.
    **{
        name: _Kind(component=component)
        for component, names in {
            "langchain-aws": ("ChatBedrock", "ChatBedrockConverse", "BedrockEmbeddings"),
            "langchain-google-vertexai": ("ChatVertexAI", "VertexAIEmbeddings"),
            "langchain-mistralai": ("ChatMistralAI", "MistralAIEmbeddings"),
            "langchain-ollama": ("ChatOllama", "OllamaEmbeddings"),
            "langchain-groq": ("ChatGroq",),
            "langchain-cohere": ("ChatCohere", "CohereEmbeddings"),
            "langchain-litellm": ("ChatLiteLLM", "ChatLiteLLMRouter"),
            "langchain-core": ("BaseChatModel", "BaseLanguageModel", "Embeddings"),
        }.items()
        for name in names
    },
}
_PROVIDERS: Mapping[str, _Kind] = {
    "openai": _OPENAI,
    "azure_openai": replace(_OPENAI, host=""),
    "anthropic": _ANTHROPIC,
    "google_genai": _GOOGLE,
}
_PREFIXES = (
    ("gpt-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("claude", "anthropic"),
)
_OTHER_PACKAGES = frozenset({"openai", "anthropic"})


def _make(name: str, args: Args) -> Instance | None:
    if last_part(name) == "init_chat_model":
        return _model(_provider(args), name, args)
    kind = _kind_of(name)
    return None if kind is None or kind.component == "langchain-core" else _model(kind, name, args)


def _annotated(name: str, args: Args) -> Instance | None:
    kind = _kind_of(name)
    if kind is None:
        return None
    settings = not_known(("timeout", kind.retries), args.span)
    return Instance(
        library="langchain",
        component=kind.component,
        maker=name,
        spans=(args.span,),
        settings=settings,
        host=kind.host,
    )


def _kind_of(name: str) -> _Kind | None:
    package = name.split(".")[0]
    return _KINDS.get(last_part(name)) if package.startswith("langchain") else None


def _provider(args: Args) -> _Kind:
    """Which model `init_chat_model("openai:gpt-4o")` makes."""
    model = text_of(args.get("model", 0))
    provider = text_of(args.get("model_provider"))
    if not provider and ":" in model:
        provider = model.split(":")[0]
    if not provider:
        provider = next((found for prefix, found in _PREFIXES if model.startswith(prefix)), "")
    return _PROVIDERS.get(provider, _Kind(component="langchain-core"))


def _model(kind: _Kind, name: str, args: Args) -> Instance:
    timeout, problems = _timeout(kind, args)
    retries = given(args, [Parameter(name=kind.retries, setting=kind.retries)])
    url = next(
        (value for value in map(args.get, kind.urls) if value is not None and not is_none(value)), None
    )
    return Instance(
        library="langchain",
        component=kind.component,
        maker=name,
        spans=(args.span,),
        settings=(*timeout, *retries),
        host=kind.host if url is None else host_of(url),
        problems=problems,
    )


def _timeout(kind: _Kind, args: Args) -> tuple[tuple[Setting, ...], tuple[Trap, ...]]:
    problems = _not_taken(kind, args)
    written = next((value for value in map(args.get, kind.timeouts) if value is not None), None)
    if written is None:
        hidden = unresolved(HIDDEN, args.span)
        return ((setting("timeout", hidden),) if args.open else ()), problems
    if kind is _ANTHROPIC and not isinstance(written, Plain):
        problems += (
            Trap(
                kind="INVALID",
                text="ChatAnthropic takes a number of seconds as timeout: it rejects any other object",
                fix="write a number of seconds",
                span=written.spans[0],
                setting="timeout",
            ),
        )
    settings, traps = httpx_timeout(written)
    return settings, (*problems, *traps)


def _not_taken(kind: _Kind, args: Args) -> tuple[Trap, ...]:
    """`ChatAnthropic(request_timeout=20)` looks like a limit and is none."""
    written = args.get("request_timeout")
    if kind is not _ANTHROPIC or written is None:
        return ()
    return (
        Trap(
            kind="INVALID",
            text="ChatAnthropic has no parameter request_timeout: it is handed on to the API call, which does"
            " not take it, and no timeout is set",
            fix="write timeout= (or default_request_timeout=)",
            span=written.spans[0],
            setting="request_timeout",
        ),
    )


def _call(instance: Instance, path: str, args: Args) -> Request | Instance | None:
    if path in ("__or__", "__ror__", "pipe"):
        return _joined(instance, args, before=path == "__ror__")
    if path == "with_retry":
        return replace(instance, wrappers=(*instance.wrappers, _retry(args)))
    if path == "with_fallbacks":
        return _chain([instance, *_instances(args.get("fallbacks", 0))], instance)
    if path in _DERIVING:
        return instance
    plain = path.removeprefix("a")
    if plain in _SENDING or plain in _STREAMING:
        return _request(instance, args, path, blocking=plain == path, streaming=plain in _STREAMING)
    return None


def _request(instance: Instance, args: Args, path: str, *, blocking: bool, streaming: bool) -> Request:
    parts = tuple(
        _request(part, args, path, blocking=blocking, streaming=streaming) for part in instance.parts
    )
    return Request(
        component=instance.component,
        span=args.span,
        settings=instance.settings,
        blocking=blocking,
        host=instance.host,
        traits=instance.traits,
        method="POST",
        streaming=streaming,
        what=path,
        version_of=instance.component,
        problems=instance.problems,
        wrappers=instance.wrappers,
        parts=parts,
    )


def _joined(instance: Instance, args: Args, *, before: bool) -> Instance:
    """`prompt | model | parser`: the models of a chain are asked one after the other."""
    others = [found for value in args.positional for found in _instances(value)]
    if not others:
        return instance
    return _chain([*others, instance] if before else [instance, *others], instance)


def _instances(value: PyValue | None) -> list[Instance]:
    if isinstance(value, Items):
        return [found for item in value.items for found in _instances(item)]
    if isinstance(value, Table):
        return [found for _, item in value.entries for found in _instances(item)]
    if isinstance(value, Made):
        if value.instance is not None and value.instance.library == "langchain":
            return [value.instance]
        if value.callee == "operator.or_":
            return [found for item in value.args.positional for found in _instances(item)]
    return []


def _chain(parts: Sequence[Instance], first: Instance) -> Instance:
    if len(parts) == 1:
        return parts[0]
    return Instance(
        library="langchain", component=first.component, maker=_CHAIN, spans=first.spans, parts=tuple(parts)
    )


def _retry(args: Args) -> Wrapper:
    settings = given(
        args, [Parameter(name="stop_after_attempt", setting="stop_after_attempt")]
    ) + _jitter_parameters(args.get("exponential_jitter_params"))
    waits = args.get("wait_exponential_jitter")
    without = isinstance(waits, Plain) and waits.known is False
    return Wrapper(
        component="langchain-retry",
        kind="retry",
        span=args.span,
        settings=settings,
        traits=(("waits", "no"),) if without else (),
        version_of="langchain-core",
    )


def _jitter_parameters(value: PyValue | None) -> tuple[Setting, ...]:
    entries = value.entries if isinstance(value, Table) else ()
    return tuple(setting(name, one) for name, one in entries)


LIBRARY = Library(
    name="langchain",
    imports=(
        "langchain",
        "langchain_core",
        "langchain_openai",
        "langchain_anthropic",
        "langchain_google_genai",
        "langchain_community",
        "langchain_aws",
        "langchain_google_vertexai",
        "langchain_mistralai",
        "langchain_ollama",
        "langchain_groq",
        "langchain_cohere",
        "langchain_litellm",
        "langchain_classic",
    ),
    distributions=("langchain-openai", "langchain-anthropic", "langchain-google-genai", "langchain-core"),
    make=_make,
    annotated=_annotated,
    call=_call,
    function=lambda _name, _args: None,
)

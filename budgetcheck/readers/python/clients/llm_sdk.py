"""The SDKs of OpenAI and Anthropic, which one generator makes: same constructors, same options of a call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from budgetcheck.model.settings import Known, Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import (
    HTTP_METHODS,
    host_of,
    httpx_timeout,
    is_none,
    overridden,
    sets_timeout,
    text_of,
    unresolved_settings,
)
from budgetcheck.readers.python.clients.given import HIDDEN, is_true, last_part, not_known
from budgetcheck.readers.python.values import (
    Args,
    Instance,
    Made,
    Named,
    PyValue,
    Request,
    Trap,
    setting,
    unresolved,
)

_NAMES = ("timeout", "max_retries")
_GETTING = ("retrieve", "list", "content", "results", "get")
_DERIVING = frozenset({"with_options", "copy", "__enter__", "__aenter__"})
_ABOUT_THE_CALL = frozenset({"with_raw_response", "with_streaming_response", "beta"})
_NO_RESOURCES = frozenset(
    {"api_key", "auth_token", "base_url", "default_headers", "default_query", "timeout", "organization"}
    | {"project", "max_retries", "auth_headers"}
)
"""Attributes of a client that hold no resource of the API: `client.base_url.join(...)` sends nothing."""
_WRAPPING: Mapping[str, str] = {
    **dict.fromkeys(("langsmith.wrappers.wrap_openai", "langsmith.wrappers.wrap_anthropic"), ""),
    **dict.fromkeys(
        (f"instructor.{name}" for name in ("from_openai", "from_anthropic", "patch", "apatch")), "instructor"
    ),
}
"""Functions that are given a client and return it with something added. instructor tries again by itself,
but only where an answer does not parse: `max_retries` of a call is then its own."""
_STANDARD = ("timeout.connect", "timeout.read", "timeout.write", "timeout.pool")
_DEFAULT_OF_HTTPX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdk:
    """One SDK.

    Attributes:
        package: its name. `host` of the API of the clients in `of_host`.
        blocking, awaited: names of its clients. `packages`: where they may be imported from.
        rejects_httpx: newer versions take no `httpx.Timeout`; which ones is in the facts.
    """

    package: str
    packages: tuple[str, ...]
    blocking: frozenset[str]
    awaited: frozenset[str]
    host: str
    of_host: frozenset[str]
    rejects_httpx: bool = False

    def library(self) -> Library:
        """The description of the SDK."""
        return Library(
            name=self.package,
            imports=(*self.packages, *sorted({name.rpartition(".")[0] for name in _WRAPPING})),
            distributions=(self.package,),
            make=self.make,
            annotated=self.annotated,
            call=self.call,
            function=self.function,
        )

    def make(self, name: str, args: Args) -> Instance | None:
        """A client, or one of another function's."""
        if name in _WRAPPING:
            return self._wrapped(name, args)
        blocking = self._kind(name)
        if blocking is None:
            return None
        given = self._given(args)
        settings = given.settings
        problems = given.problems
        if not any(one.name.startswith("timeout") for one in settings):
            inner, traps = _of_inner_client(args.get("http_client"))
            settings, problems = (*settings, *inner), (*problems, *traps)
        url = args.get("base_url") or args.get("azure_endpoint")
        return Instance(
            library=self.package,
            component=self.package,
            maker=name,
            spans=(args.span,),
            settings=settings,
            blocking=blocking,
            host=host_of(url) if url is not None and not is_none(url) else self._host(name),
            traits=given.traits,
            problems=problems,
        )

    def _wrapped(self, name: str, args: Args) -> Instance | None:
        inner = args.get("client", 0)
        found = inner.instance if isinstance(inner, Made) else None
        if found is None or found.library != self.package:
            return None
        return replace(found, maker=f"{_WRAPPING[name]}:{found.maker}", args=None)

    def annotated(self, name: str, args: Args) -> Instance | None:
        """A client that is made elsewhere."""
        blocking = self._kind(name)
        if blocking is None:
            return None
        return Instance(
            library=self.package,
            component=self.package,
            maker=name,
            spans=(args.span,),
            settings=tuple(unresolved_settings(_NAMES, args.span)),
            blocking=blocking,
        )

    def call(self, client: Instance, path: str, args: Args) -> Request | Instance | None:
        """A request, or a client with other options."""
        last = last_part(path)
        if last in _DERIVING:
            return self._derived(client, args)
        method = _method_of(path, args)
        return self._request(client, path, args, method) if method else None

    def function(self, name: str, args: Args) -> Request | Instance | None:
        """`openai.chat.completions.create(...)`: the client of the module, which any code may set up."""
        package, _, path = name.partition(".")
        if package != self.package or "." not in path or path.split(".")[0][:1].isupper():
            return None
        client = Instance(
            library=self.package,
            component=self.package,
            maker=package,
            spans=(args.span,),
            settings=not_known(_NAMES, args.span, "the client of the module is set up elsewhere"),
            host=self.host,
        )
        resource = path.split(".")[0] in ("chat", "responses", "completions", "embeddings", "images", "audio")
        return self.call(client, path, args) if resource else None

    def _derived(self, client: Instance, args: Args) -> Instance:
        given = self._given(args)
        return replace(
            client,
            settings=overridden(client.settings, given.settings),
            traits=given.traits or client.traits,
            problems=(*client.problems, *given.problems),
            spans=(args.span, *client.spans),
        )

    def _request(self, client: Instance, path: str, args: Args, method: str) -> Request:
        given = self._given(args, own_retries=not client.maker.startswith("instructor:"))
        settings = overridden(client.settings, given.settings)
        if path.endswith("_and_poll") or last_part(path) == "poll":
            endless = unresolved(
                "it asks again until the work is done", args.span, needs="a deadline round it"
            )
            settings = overridden(settings, (setting("timeout", endless),))
        return Request(
            component=self.package,
            span=args.span,
            settings=settings,
            blocking=client.blocking,
            host=client.host,
            traits=given.traits or client.traits,
            method=method,
            streaming=last_part(path) == "stream" or is_true(args.get("stream")),
            what=".".join(part for part in path.split(".") if part not in _ABOUT_THE_CALL),
            version_of=self.package,
            problems=(*client.problems, *given.problems),
        )

    def _kind(self, name: str) -> bool | None:
        """Whether the client of that name blocks; None where it is none."""
        package, _, kind = name.rpartition(".")
        if not any(package == known or package.startswith(f"{known}.") for known in self.packages):
            return None
        if kind in self.blocking:
            return True
        return False if kind in self.awaited else None

    def _host(self, name: str) -> str:
        return self.host if last_part(name) in self.of_host else ""

    def _given(self, args: Args, *, own_retries: bool = True) -> "_Given":
        settings: list[Setting] = []
        problems: tuple[Trap, ...] = ()
        timeout, retries = args.get("timeout"), args.get("max_retries")
        if timeout is not None and sets_timeout(timeout):
            found, problems = httpx_timeout(timeout)
            settings += found
        if retries is not None and own_retries and not is_none(retries) and sets_timeout(retries):
            settings.append(setting("max_retries", retries))
        if args.open:
            settings += _perhaps(settings, args)
        foreign = isinstance(timeout, Made) and timeout.callee == "httpx.Timeout" and self.rejects_httpx
        return _Given(
            settings=tuple(settings),
            problems=problems,
            traits=(("timeout_class", "httpx"),) if foreign else (),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What arguments say."""

    settings: tuple[Setting, ...]
    problems: tuple[Trap, ...]
    traits: tuple[tuple[str, str], ...]


def _method_of(path: str, args: Args) -> str:
    """The HTTP method of a call: every method of a resource sends something; empty for what sends nothing."""
    first, _, rest = path.partition(".")
    last = last_part(path)
    if not rest:  # `client.post("/path", ...)`
        return last.upper() if last in HTTP_METHODS and text_of(args.get("path", 0)).startswith("/") else ""
    if first in _NO_RESOURCES or any(part.startswith("_") for part in path.split(".")):
        return ""
    if last == "delete":
        return "DELETE"
    return "GET" if last.split("_")[0] in _GETTING else "POST"


def _perhaps(settings: Iterable[Setting], args: Args) -> list[Setting]:
    """What `**options` may hold."""
    named = {one.name.partition(".")[0] for one in settings}
    return list(not_known((name for name in _NAMES if name not in named), args.span, HIDDEN))


def _of_inner_client(value: PyValue | None) -> tuple[tuple[Setting, ...], tuple[Trap, ...]]:
    """`http_client=httpx.Client(timeout=7)`: its timeout holds where the SDK is given none."""
    if value is None or is_none(value) or isinstance(value, Named):
        return (), ()
    if not isinstance(value, Made) or not last_part(value.callee).endswith("Client"):
        return not_known(("timeout",), value.spans[0], "the HTTP client is made elsewhere"), ()
    if value.instance is not None:
        found = tuple(one for one in value.instance.settings if one.name.startswith("timeout"))
    else:  # openai.DefaultHttpxClient
        given = value.args.get("timeout")
        found = httpx_timeout(given)[0] if given is not None else ()
    if found and all(_is_default(one) for one in found):
        return (), (_taken_for_default(found[0].spans[-1]),)
    return found, ()


def _is_default(one: Setting) -> bool:
    return isinstance(one.value, Known) and one.value.value == _DEFAULT_OF_HTTPX


def _taken_for_default(span: Span) -> Trap:
    return Trap(
        kind="INEFFECTIVE",
        text="a timeout of 5 s is the default of the HTTP client: the SDK takes it for none, and 600 s of its"
        " own hold",
        fix="give the timeout to the SDK's client",
        span=span,
        setting="timeout",
    )

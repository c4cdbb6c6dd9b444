"""The SDKs of OpenAI and Anthropic, which one generator makes: same constructors, same options of a call."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from budgetcheck.model.settings import Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import (
    host_of,
    httpx_timeout,
    is_none,
    overridden,
    sets_timeout,
    unresolved_settings,
)
from budgetcheck.readers.python.values import Args, Instance, Made, Plain, PyValue, Request, Trap, setting

_SENDING = frozenset(
    {
        "create",
        "parse",
        "stream",
        "create_and_poll",
        "generate",
        "edit",
        "create_variation",
        "retrieve",
        "list",
        "delete",
        "count_tokens",
        "upload_file",
        "content",
        "cancel",
        "update",
    }
)
_GETTING = frozenset({"retrieve", "list", "content"})
_DERIVING = frozenset({"with_options", "copy"})
_WRAPPING = ("with_raw_response", "with_streaming_response", "beta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdk:
    """One SDK: `package` and the names of its `blocking` and `awaited` clients, with the API's `host`."""

    package: str
    blocking: frozenset[str]
    awaited: frozenset[str]
    host: str
    foreign_timeout: str = ""
    """Full name of a timeout class that the SDK rejects (which version decides is in the facts)."""

    def library(self) -> Library:
        """The description of the SDK."""
        return Library(
            name=self.package,
            imports=(self.package,),
            distributions=(self.package,),
            make=self.make,
            annotated=self.annotated,
            call=self.call,
            function=lambda _name, _args: None,
        )

    def make(self, name: str, args: Args) -> Instance | None:
        """A client."""
        kind = self._kind(name)
        if kind is None:
            return None
        settings, problems = self._given(args)
        if not any(one.name.startswith("timeout") for one in settings):
            settings = (*settings, *_of_inner_client(args.get("http_client")))
        return Instance(
            library=self.package,
            component=self.package,
            maker=name,
            spans=(args.span,),
            settings=settings,
            blocking=kind,
            host=host_of(args.get("base_url")) or ("" if args.get("base_url") else self._host(name)),
            problems=problems,
        )

    def annotated(self, name: str, args: Args) -> Instance | None:
        """A client that is made elsewhere."""
        kind = self._kind(name)
        if kind is None:
            return None
        return Instance(
            library=self.package,
            component=self.package,
            maker=name,
            spans=(args.span,),
            settings=tuple(unresolved_settings(("timeout", "max_retries"), args.span)),
            blocking=kind,
        )

    def call(self, client: Instance, path: str, args: Args) -> Request | Instance | None:
        """A request, or a client with other options."""
        last = path.rpartition(".")[2]
        if last in _DERIVING:
            settings, problems = self._given(args)
            return replace(
                client,
                settings=overridden(client.settings, settings),
                problems=(*client.problems, *problems),
                spans=(args.span, *client.spans),
            )
        if last not in _SENDING or "." not in path:
            return None
        settings, problems = self._given(args)
        stream = args.get("stream")
        return Request(
            component=self.package,
            span=args.span,
            settings=overridden(client.settings, settings),
            blocking=client.blocking,
            host=client.host,
            method="GET" if last in _GETTING else "POST",
            streaming=last == "stream" or (isinstance(stream, Plain) and stream.known is True),
            what=".".join(part for part in path.split(".") if part not in _WRAPPING),
            version_of=self.package,
            problems=(*client.problems, *problems),
        )

    def _kind(self, name: str) -> bool | None:
        """Whether the client of that name blocks; None where it is none."""
        package, _, kind = name.rpartition(".")
        if package.partition(".")[0] != self.package:
            return None
        if kind in self.blocking:
            return True
        return False if kind in self.awaited else None

    def _host(self, name: str) -> str:
        plain = ("OpenAI", "AsyncOpenAI", "Client", "AsyncClient", "Anthropic", "AsyncAnthropic")
        return self.host if name.rpartition(".")[2] in plain else ""

    def _given(self, args: Args) -> tuple[tuple[Setting, ...], tuple[Trap, ...]]:
        settings: list[Setting] = []
        problems: tuple[Trap, ...] = ()
        timeout = args.get("timeout")
        if timeout is not None and sets_timeout(timeout):
            found, problems = httpx_timeout(timeout)
            settings += found
        retries = args.get("max_retries")
        if retries is not None and not is_none(retries) and sets_timeout(retries):
            settings.append(setting("max_retries", retries))
        if args.open:
            settings += _perhaps(settings, args)
        return tuple(settings), problems


def _perhaps(settings: Iterable[Setting], args: Args) -> list[Setting]:
    """What `**options` may hold."""
    named = {one.name.partition(".")[0] for one in settings}
    return list(
        unresolved_settings((name for name in ("timeout", "max_retries") if name not in named), args.span)
    )


def _of_inner_client(value: PyValue | None) -> tuple[Setting, ...]:
    """`http_client=httpx.Client(timeout=7)`: its timeout holds where the SDK is given none."""
    if not isinstance(value, Made) or not value.callee.rpartition(".")[2].endswith("Client"):
        return ()
    timeout = value.args.get("timeout")
    return httpx_timeout(timeout)[0] if timeout is not None else ()

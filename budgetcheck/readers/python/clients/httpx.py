"""httpx and httpx2, which have the same interface: https://www.python-httpx.org/advanced/timeouts/."""

from dataclasses import dataclass

from budgetcheck.model.settings import Setting
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import (
    HTTP_METHODS,
    host_of,
    httpx_timeout,
    overridden,
    sets_timeout,
    text_of,
    unresolved_settings,
)
from budgetcheck.readers.python.values import Args, Instance, Made, PyValue, Request, Trap, setting

_CLIENTS = {"Client": True, "AsyncClient": False}
_SENDING = HTTP_METHODS | {"request", "stream", "send"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Httpx:
    """One of the two packages."""

    package: str

    def library(self) -> Library:
        return Library(
            name=self.package,
            imports=(self.package,),
            distributions=(self.package,),
            make=self.make,
            annotated=self.annotated,
            call=self.call,
            function=self.function,
        )

    def make(self, name: str, args: Args) -> Instance | None:
        kind = self._kind(name)
        if kind is None:
            return None
        settings, problems = _given(args)
        return Instance(
            library=self.package,
            component=self.package,
            maker=name,
            spans=(args.span,),
            settings=(*settings, *_transport(args.get("transport"))),
            blocking=kind,
            host=host_of(args.get("base_url")),
            problems=problems,
        )

    def annotated(self, name: str, args: Args) -> Instance | None:
        kind = self._kind(name)
        if kind is None:
            return None
        return Instance(
            library=self.package,
            component=self.package,
            maker=name,
            spans=(args.span,),
            settings=tuple(unresolved_settings(("timeout",), args.span)),
            blocking=kind,
        )

    def call(self, client: Instance, path: str, args: Args) -> Request | Instance | None:
        if path not in _SENDING:
            return None
        settings, problems = _given(args)
        return self._request(
            path,
            args,
            overridden(client.settings, settings),
            (*client.problems, *problems),
            blocking=client.blocking,
            host=client.host,
        )

    def function(self, name: str, args: Args) -> Request | Instance | None:
        package, _, method = name.rpartition(".")
        if package != self.package or method not in _SENDING - {"send"}:
            return None
        settings, problems = _given(args)
        return self._request(method, args, settings, problems, blocking=True, host="")

    def _request(
        self,
        method: str,
        args: Args,
        settings: tuple[Setting, ...],
        problems: tuple[Trap, ...],
        *,
        blocking: bool,
        host: str,
    ) -> Request:
        first = 1 if method in ("request", "stream") else 0
        verb = text_of(args.get("method", 0)) if first else method if method != "send" else ""
        return Request(
            component=self.package,
            span=args.span,
            settings=settings,
            blocking=blocking,
            host=host_of(args.get("url", first)) or host,
            method=verb.upper(),
            streaming=method == "stream",
            what=method,
            version_of=self.package,
            problems=problems,
        )

    def _kind(self, name: str) -> bool | None:
        package, _, kind = name.rpartition(".")
        return _CLIENTS.get(kind) if package == self.package else None


def _given(args: Args) -> tuple[tuple[Setting, ...], tuple[Trap, ...]]:
    timeout = args.get("timeout")
    if timeout is not None and sets_timeout(timeout):
        return httpx_timeout(timeout)
    return (tuple(unresolved_settings(("timeout",), args.span)), ()) if args.open else ((), ())


def _transport(value: PyValue | None) -> tuple[Setting, ...]:
    """`transport=httpx.HTTPTransport(retries=3)`: repeats connecting only."""
    if not isinstance(value, Made) or not value.callee.endswith("HTTPTransport"):
        return ()
    retries = value.args.get("retries")
    return (setting("transport.retries", retries),) if retries is not None else ()


LIBRARY = _Httpx(package="httpx").library()
LIBRARY_2 = _Httpx(package="httpx2").library()

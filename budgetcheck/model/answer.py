"""Which way one concrete request takes through the hops, and why: the answer, ready for any renderer."""

from dataclasses import dataclass, field

from budgetcheck.model.report import RouteReport
from budgetcheck.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One concrete request.

    Attributes:
        host: in lower case; empty where only a path is asked about.
        path: decoded, without the query; begins with `/`.
        method: in upper case; empty for any.
        port: 0 where it is not said.
        name: the text as given, which may be the name of a route in a report instead of a request.
    """

    host: str = ""
    path: str = "/"
    method: str = ""
    port: int = 0
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        method = f"{self.method} " if self.method else ""
        port = f":{self.port}" if self.port else ""
        return f"{method}{self.host}{port}{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """One hop that takes the request, how it was chosen, and the routes through it.

    Attributes:
        component: whose hop it is (`nginx`, `aws_lb`).
        server: name of the nginx server; empty for other components.
        ports: where that server listens, as far as these files say.
        location: the path rule that takes the request, as written; empty where there is none.
        address: of the hop; empty where nginx answers without passing the request on.
        span: where the location, the server or the hop stands.
        way: why it was chosen, step by step.
        redirects: the answer is a redirect to the same path with a `/` at its end.
        unsure: regular expressions that may come first but could not be evaluated.
        routes: the chains of the request through that hop.
    """

    component: str
    server: str = ""
    ports: tuple[int, ...] = ()
    location: str = ""
    address: str = ""
    span: Span
    way: tuple[str, ...] = ()
    redirects: bool = False
    unsure: tuple[str, ...] = ()
    routes: tuple[RouteReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All that these files say about one request.

    Attributes:
        serving: what takes it, the likeliest first; empty where nothing does.
        by_name: the routes of that name were asked for, not a request.
        remark: what happens to a request that nothing here is meant for; empty where nothing is known.
        nearest: hosts and paths that resemble it, for a request that nothing takes.
    """

    asked: Asked
    serving: tuple[Serving, ...] = ()
    by_name: bool = False
    remark: str = ""
    nearest: tuple[str, ...] = ()

    @property
    def heading(self) -> tuple[str, str]:
        """What was asked for, as a word and a name."""
        return ("route", self.asked.name) if self.by_name else ("request", str(self.asked))

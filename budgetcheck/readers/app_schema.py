"""The native app document as pydantic models: what may be written, and its published JSON schema.

The models check shape and units. Which settings a server or client has is known to the facts, see
`app_settings`. Nothing here reads a file.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails

from budgetcheck.schema_types import Duration, StrictModel, TextForm, draft7
from budgetcheck.yaml_nodes import Loc

Count = Annotated[int, Field(ge=0, le=1_000_000)]
Times = Annotated[int, Field(ge=1, le=1_000_000)]
Extra = str | int | float | bool | None
Version = Annotated[
    str | int | float, WithJsonSchema({"type": ["string", "number"], "examples": ["1.109.1"]})
]

_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
_NAME_RULE = "must be a name of letters, digits, '.', '_' and '-'"

ServiceName = Annotated[str, TextForm(_NAME, _NAME_RULE, "assistant")]
EnvironmentName = Annotated[str, TextForm(_NAME, _NAME_RULE, "production")]
ServerName = Annotated[str, TextForm(_NAME, _NAME_RULE, "gunicorn")]
ClientName = Annotated[str, TextForm(_NAME, _NAME_RULE, "openai")]
Dependency = Annotated[
    str,
    TextForm(
        r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}(:\d{1,5})?$",
        "must be a host (api.openai.com) or a name (postgres), not a URL",
        "api.openai.com",
    ),
]
WorkerClass = Annotated[
    str, TextForm(r"^[A-Za-z0-9_.:#-]{1,200}$", "must be a worker class", "uvicorn_worker.UvicornWorker")
]
Bind = Annotated[
    str,
    TextForm(
        r"^(unix:/\S{1,200}|(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_.*-]{0,253}):\d{1,5})$",
        "must be host:port or unix:/path",
        "0.0.0.0:8000",
    ),
]
RoutePath = Annotated[
    str, TextForm(r"^/[!-~]{0,500}$", "must begin with / and hold no blanks, percent-encoded", "/chat")
]
Method = Annotated[str, TextForm(r"^[A-Za-z]{1,20}$", "must be an HTTP method", "POST")]
Host = Annotated[
    str, TextForm(r"^(\*\.)?[A-Za-z0-9][A-Za-z0-9._-]{0,252}$", "must be a host name", "api.example.com")
]


class TimeoutParts(StrictModel):
    """Limits by phase. A phase that is left out has no limit of its own in these parts' place."""

    connect: Duration | None = Field(default=None, description="Until a connection is established.")
    read: Duration | None = Field(default=None, description="Between two reads, or until the answer begins.")
    write: Duration | None = Field(default=None, description="Between two writes of the request.")
    pool: Duration | None = Field(default=None, description="Waiting for a connection of the pool.")
    total: Duration | None = Field(default=None, description="The whole request, where the client has that.")


def _timeout_kind(value: object) -> str:
    return "<parts>" if isinstance(value, dict | TimeoutParts) else "<duration>"


Timeout = Annotated[
    Annotated[Duration, Tag("<duration>")] | Annotated[TimeoutParts, Tag("<parts>")],
    Discriminator(_timeout_kind),
]


class Call(StrictModel):
    """One outbound call. Further keys are settings of the client (statement_timeout, pool_timeout)."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Extra]

    to: Dependency = Field(description="The dependency: a host or a name of your own.")
    client: ClientName = Field(
        description="The client library by its package name (openai, psycopg): it decides the defaults."
    )
    version: Version | None = Field(
        default=None, description="Installed version of the client, where it is known."
    )
    timeout: Timeout | None = Field(
        default=None,
        description="The client's timeout: one duration, or one per phase; null for no limit at all. "
        "Left out: the client's default.",
    )
    deadline: Duration | None = Field(
        default=None, description="An enforced total around the call with all its retries (asyncio.timeout)."
    )
    max_retries: Count | None = Field(
        default=None, description="Tries after the first; null for no end. Left out: the client's default."
    )
    retries: Count | None = Field(default=None, description="The same as max_retries.")
    attempts: Times | None = Field(
        default=None, description="Tries with the first one included; null for no end."
    )
    idempotency_key: bool = Field(
        default=False, description="Every try carries the same idempotency key, so a repetition is harmless."
    )


class Parallel(StrictModel):
    """Calls made at the same time: the longest counts."""

    parallel: list["Step"] = Field(min_length=1, description="Made at the same time.")


class LoopBody(StrictModel):
    """What is repeated, and how often at most."""

    max: Times | None = Field(description="Most rounds; null where nothing bounds them.")
    calls: list["Step"] = Field(min_length=1, description="Made in order, in every round.")


class Loop(StrictModel):
    """Calls that are repeated, an agent loop for example."""

    loop: LoopBody


def _step_kind(value: object) -> str:
    match value:
        case {"parallel": _} | Parallel():
            return "<parallel>"
        case {"loop": _} | Loop():
            return "<loop>"
        case _:
            return "<call>"


Step = Annotated[
    Annotated[Call, Tag("<call>")] | Annotated[Parallel, Tag("<parallel>")] | Annotated[Loop, Tag("<loop>")],
    Discriminator(_step_kind),
]


class Route(StrictModel):
    """One route of the service."""

    path: RoutePath = Field(
        description="The path as the router has it; {id}, <id>, :id and * stand for anything."
    )
    methods: list[Method] = Field(
        default_factory=list,
        min_length=1,
        description="HTTP methods. Left out: not known, both kinds are judged.",
    )
    host: Host = Field(default="", description="The host name the route answers on. Left out: any.")
    streaming: bool = Field(default=False, description="The response is a stream (SSE, WebSocket, chunks).")
    deadline: Duration | None = Field(
        default=None, description="A total that the application enforces for the whole request."
    )
    heartbeat: Duration | None = Field(
        default=None, description="A stream sends something at least this often, whatever happens."
    )
    calls: list[Step] = Field(
        default_factory=list,
        description="Outbound calls in order. Left out: not known. An empty list: the route makes none.",
    )


class Server(StrictModel):
    """The process that answers. Further keys are settings of that server."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Extra]

    kind: ServerName = Field(
        default="", description="The app server by name (gunicorn, uvicorn): it decides the defaults."
    )
    version: Version | None = Field(default=None, description="Installed version, where it is known.")
    worker_class: WorkerClass = Field(
        default="", description="gunicorn's worker class, by name or dotted path. Left out: sync."
    )
    threads: Times | None = Field(
        default=None, description="gunicorn's threads per worker; more than 1 makes sync workers gthread."
    )
    timeout: Duration | None = Field(
        default=None, description="The server's own timeout; null for none. Not every server has one."
    )
    keepalive: Duration | None = Field(
        default=None, description="How long an idle connection is kept for the next request."
    )
    graceful_timeout: Duration | None = Field(
        default=None, description="How long running requests may go on at shutdown."
    )
    bind: Bind = Field(default="", description="Where it listens: host:port or unix:/path.")
    port: Annotated[int, Field(ge=1, le=65_535)] | None = Field(
        default=None, description="The port it listens on, where bind does not say it."
    )


class AppDocument(StrictModel):
    """What an application states about itself: its server, its routes, and the calls they make."""

    service: ServiceName = Field(
        description="Name of the service, as others address it (a Compose or Kubernetes service)."
    )
    environment: EnvironmentName = Field(
        default="", description="The only environment this document is true for. Left out: every one."
    )
    server: Server | None = Field(default=None, description="The app server that runs the service.")
    routes: list[Route] = Field(default_factory=list, description="The routes of the service.")


for _model in (Parallel, LoopBody, Loop, Route, AppDocument):
    _model.model_rebuild()

_CONTAINERS: dict[str, type[BaseModel]] = {
    "server": Server,
    "routes": Route,
    "<call>": Call,
    "<parts>": TimeoutParts,
    "<parallel>": Parallel,
    "<loop>": Loop,
    "loop": LoopBody,
}
_COMMON_CALL_SETTINGS = ("statement_timeout", "pool_timeout", "socket_timeout")


def check_app_document(data: object) -> tuple[AppDocument | None, list[ErrorDetails]]:
    """The validated document, or what is wrong with it."""
    try:
        return AppDocument.model_validate(data), []
    except ValidationError as error:
        return None, error.errors(include_url=False, include_input=False)


def app_keys_at(loc: Loc) -> tuple[str, ...]:
    """Keys that are allowed beside the last part of an error's location."""
    names = [part for part in loc[:-1] if isinstance(part, str)]
    model = next((_CONTAINERS[name] for name in reversed(names) if name in _CONTAINERS), AppDocument)
    return tuple(model.model_fields)


def app_schema() -> dict[str, Any]:
    """The published JSON schema of the app document (draft-07)."""
    return draft7(AppDocument, title="budgetcheck app document")

"""Which exceptions a timeout of a call is: what `except` must catch for a loop to try again after it."""

from collections.abc import Collection

_ALL = frozenset({"Exception", "BaseException"})
_BUILTIN = frozenset(
    {"TimeoutError", "asyncio.TimeoutError", "asyncio.exceptions.TimeoutError", "socket.timeout"}
)
_SYSTEM = frozenset({"OSError", "IOError", "EnvironmentError"})
_RAISE_BUILTIN = frozenset(
    {
        "aiohttp",
        "asyncio",
        "anyio",
        "async-timeout",
        "asyncpg",
        "urllib",
        "urllib.request",
        "concurrent.futures",
    }
)
"""Components whose timeouts are Python's own TimeoutError, which is an OSError."""
_RAISE_SYSTEM = _RAISE_BUILTIN | {"requests"}
_PACKAGES: dict[str, frozenset[str]] = {
    "langchain-openai": frozenset({"openai", "langchain_openai"}),
    "langchain-anthropic": frozenset({"anthropic", "langchain_anthropic"}),
    "google-genai": frozenset({"google", "httpx", "httpx2"}),
    "requests": frozenset({"requests", "urllib3"}),
    "botocore": frozenset({"botocore", "boto3", "aiobotocore"}),
    "psycopg": frozenset({"psycopg", "psycopg2", "django"}),
    "sqlalchemy": frozenset({"sqlalchemy", "psycopg", "psycopg2", "asyncpg"}),
    "urllib": frozenset({"urllib", "socket"}),
}
"""Top-level packages of the exceptions of a component, where that is not its own name."""
_TIMED = frozenset(
    {
        "httpx.HTTPError",
        "httpx.RequestError",
        "httpx.TransportError",
        "requests.RequestException",
        "requests.exceptions.RequestException",
        "openai.OpenAIError",
        "openai.APIError",
        "openai.APIConnectionError",
        "anthropic.AnthropicError",
        "anthropic.APIError",
        "anthropic.APIConnectionError",
        "aiohttp.ClientError",
        "aiohttp.ClientConnectionError",
        "aiohttp.ServerConnectionError",
        "urllib3.exceptions.HTTPError",
        "urllib.error.URLError",
        "botocore.exceptions.BotoCoreError",
        "botocore.exceptions.HTTPClientError",
        "redis.RedisError",
        "redis.exceptions.RedisError",
        "psycopg.Error",
        "psycopg.OperationalError",
        "psycopg2.Error",
        "psycopg2.OperationalError",
        "sqlalchemy.exc.SQLAlchemyError",
        "sqlalchemy.exc.OperationalError",
        "sqlalchemy.exc.DBAPIError",
        "grpc.RpcError",
        "grpc.aio.AioRpcError",
        "google.api_core.exceptions.GoogleAPIError",
        "google.api_core.exceptions.GoogleAPICallError",
        "google.api_core.exceptions.ServerError",
        "google.api_core.exceptions.DeadlineExceeded",
        "google.api_core.exceptions.RetryError",
    }
)
"""Base classes that the timeouts of these libraries have."""
_NEVER = frozenset(
    {
        "ValueError",
        "KeyError",
        "TypeError",
        "AttributeError",
        "IndexError",
        "LookupError",
        "AssertionError",
        "NotImplementedError",
        "UnicodeError",
        "UnicodeDecodeError",
        "StopIteration",
        "StopAsyncIteration",
        "ImportError",
        "FileNotFoundError",
        "FileExistsError",
        "PermissionError",
        "ArithmeticError",
        "ZeroDivisionError",
        "ConnectionError",
        "ConnectionResetError",
        "ConnectionRefusedError",
        "json.JSONDecodeError",
        "json.decoder.JSONDecodeError",
        "pydantic.ValidationError",
        "pydantic_core.ValidationError",
        "httpx.HTTPStatusError",
        "httpx.ConnectError",
        "httpx.NetworkError",
        "requests.HTTPError",
        "requests.exceptions.HTTPError",
        "requests.ConnectionError",
        "requests.exceptions.ConnectionError",
        "requests.exceptions.JSONDecodeError",
        "openai.RateLimitError",
        "openai.APIStatusError",
        "openai.BadRequestError",
        "openai.AuthenticationError",
        "openai.InternalServerError",
        "openai.ConflictError",
        "anthropic.RateLimitError",
        "anthropic.APIStatusError",
        "anthropic.InternalServerError",
        "anthropic.OverloadedError",
        "aiohttp.ClientResponseError",
        "aiohttp.ContentTypeError",
        "botocore.exceptions.ClientError",
        "sqlalchemy.exc.IntegrityError",
        "sqlalchemy.orm.exc.StaleDataError",
        "sqlalchemy.orm.exc.NoResultFound",
        "psycopg.errors.UniqueViolation",
        "psycopg2.errors.UniqueViolation",
        "django.db.IntegrityError",
        "redis.exceptions.WatchError",
        "redis.WatchError",
        "redis.exceptions.LockError",
        "google.api_core.exceptions.NotFound",
        "google.api_core.exceptions.ResourceExhausted",
    }
)
"""No timeout is one of these."""


def covers_timeouts(name: str, components: Collection[str]) -> bool | None:
    """Whether catching an exception of that full name catches the timeouts of these components.

    None where that is not known: an exception of the project, or of another library.
    """
    plain = name.removeprefix("builtins.")
    if plain in _ALL:
        return True
    if plain in _NEVER:
        return False
    if plain in _BUILTIN:
        return bool(_RAISE_BUILTIN & set(components))
    if plain in _SYSTEM:
        return bool(_RAISE_SYSTEM & set(components))
    packages = {package for one in components for package in _PACKAGES.get(one, {one.replace("-", "_")})}
    if plain.partition(".")[0] not in packages:
        return None
    last = plain.rpartition(".")[2]
    return True if plain in _TIMED or "Timeout" in last or "DeadlineExceeded" in last else None

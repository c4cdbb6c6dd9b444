"""The Anthropic SDK: https://github.com/anthropics/anthropic-sdk-python."""

from budgetcheck.readers.python.clients.llm_sdk import Sdk

LIBRARY = Sdk(
    package="anthropic",
    packages=("anthropic",),
    blocking=frozenset({"Anthropic", "Client", "AnthropicBedrock", "AnthropicVertex", "AnthropicFoundry"}),
    awaited=frozenset(
        {"AsyncAnthropic", "AsyncClient", "AsyncAnthropicBedrock", "AsyncAnthropicVertex"}
        | {"AsyncAnthropicFoundry"}
    ),
    host="api.anthropic.com",
    of_host=frozenset({"Anthropic", "Client", "AsyncAnthropic", "AsyncClient"}),
    rejects_httpx=True,
).library()

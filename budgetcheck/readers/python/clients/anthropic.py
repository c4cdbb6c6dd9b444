"""The Anthropic SDK: https://github.com/anthropics/anthropic-sdk-python."""

from budgetcheck.readers.python.clients.llm_sdk import Sdk

LIBRARY = Sdk(
    package="anthropic",
    blocking=frozenset({"Anthropic", "Client", "AnthropicBedrock", "AnthropicVertex"}),
    awaited=frozenset({"AsyncAnthropic", "AsyncClient", "AsyncAnthropicBedrock", "AsyncAnthropicVertex"}),
    host="api.anthropic.com",
).library()

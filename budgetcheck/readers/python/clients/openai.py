"""The OpenAI SDK: https://github.com/openai/openai-python."""

from budgetcheck.readers.python.clients.llm_sdk import Sdk

LIBRARY = Sdk(
    package="openai",
    blocking=frozenset({"OpenAI", "Client", "AzureOpenAI"}),
    awaited=frozenset({"AsyncOpenAI", "AsyncClient", "AsyncAzureOpenAI"}),
    host="api.openai.com",
).library()

"""The OpenAI SDK: https://github.com/openai/openai-python, also as langfuse and langsmith wrap it."""

from budgetcheck.readers.python.clients.llm_sdk import Sdk

LIBRARY = Sdk(
    package="openai",
    packages=("openai", "langfuse.openai"),
    blocking=frozenset({"OpenAI", "Client", "AzureOpenAI"}),
    awaited=frozenset({"AsyncOpenAI", "AsyncClient", "AsyncAzureOpenAI"}),
    host="api.openai.com",
    of_host=frozenset({"OpenAI", "Client", "AsyncOpenAI", "AsyncClient"}),
).library()

"""Client libraries: how their clients are made, what their calls send, and the limits given to both.

One module per library; `LIBRARIES` is the table of all of them. Adding a library is one module, one facts
file and one line here.
"""

from budgetcheck.readers.python.clients import (
    aiohttp,
    anthropic,
    asyncpg,
    botocore,
    celery,
    elasticsearch,
    google_genai,
    grpc,
    httpx,
    langchain,
    litellm,
    openai,
    psycopg,
    pymongo,
    redis,
    requests,
    sqlalchemy,
    urllib,
    urllib3,
)
from budgetcheck.readers.python.clients.base import Library

LIBRARIES: tuple[Library, ...] = (
    openai.LIBRARY,
    anthropic.LIBRARY,
    httpx.LIBRARY,
    httpx.LIBRARY_2,
    requests.LIBRARY,
    botocore.LIBRARY,
    aiohttp.LIBRARY,
    langchain.LIBRARY,
    redis.LIBRARY,
    urllib.LIBRARY,
    psycopg.LIBRARY,
    asyncpg.LIBRARY,
    sqlalchemy.LIBRARY,
    celery.LIBRARY,
    elasticsearch.LIBRARY,
    google_genai.LIBRARY,
    grpc.LIBRARY,
    pymongo.LIBRARY,
    urllib3.LIBRARY,
    litellm.LIBRARY,
)

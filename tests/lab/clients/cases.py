"""The clients of the lab. Times are small; what is measured is the shape of the formula, not its size."""

from .case import Case
from .target import Mode

_HEAD = "import os\n"
_MESSAGES = '[{"role": "user", "content": "hello"}]'

_SDKS = (
    Case(
        name="openai, default retries",
        why="the usual advice: one timeout, and nobody says that it counts three times",
        needs=("openai",),
        code=_HEAD
        + f"""from openai import OpenAI

client = OpenAI(base_url=os.environ["TARGET"], api_key="x", timeout=1.0)


def call():
    client.chat.completions.create(model="m", messages={_MESSAGES})
""",
        spread=0.375,
    ),
    Case(
        name="openai async, httpx.Timeout",
        why="the read part decides; the connect part is another number",
        needs=("openai", "httpx"),
        code=_HEAD
        + f"""import httpx
from openai import AsyncOpenAI

client = AsyncOpenAI(
    base_url=os.environ["TARGET"], api_key="x", timeout=httpx.Timeout(1.0, connect=5.0), max_retries=1
)


async def call():
    await client.chat.completions.create(model="m", messages={_MESSAGES})
""",
        spread=0.125,
    ),
    Case(
        name="openai, with_options for one call",
        why="what a call says goes before what the client says",
        needs=("openai",),
        code=_HEAD
        + f"""from openai import OpenAI

client = OpenAI(base_url=os.environ["TARGET"], api_key="x", timeout=30.0)


def call():
    client.with_options(timeout=1.5, max_retries=0).chat.completions.create(model="m", messages={_MESSAGES})
""",
    ),
    Case(
        name="openai, 503 at once",
        why="an error answer is repeated as a timeout is; only the pauses cost time",
        needs=("openai",),
        mode=Mode.OVERLOADED,
        code=_HEAD
        + f"""from openai import OpenAI

client = OpenAI(base_url=os.environ["TARGET"], api_key="x", timeout=5.0)


def call():
    client.chat.completions.create(model="m", messages={_MESSAGES})
""",
    ),
    Case(
        name="openai under asyncio.timeout",
        why="a deadline ends the second attempt in the middle, and there is no third",
        needs=("openai",),
        code=_HEAD
        + f"""import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI(base_url=os.environ["TARGET"], api_key="x", timeout=1.0)


async def call():
    async with asyncio.timeout(2.5):
        await client.chat.completions.create(model="m", messages={_MESSAGES})
""",
    ),
    Case(
        name="blocking openai under asyncio.timeout",
        why="the deadline of half a second ends nothing: the call blocks the loop",
        needs=("openai",),
        code=_HEAD
        + f"""import asyncio

from openai import OpenAI

client = OpenAI(base_url=os.environ["TARGET"], api_key="x", timeout=1.0)


async def call():
    async with asyncio.timeout(0.5):
        client.chat.completions.create(model="m", messages={_MESSAGES})
""",
        spread=0.375,
    ),
    Case(
        name="anthropic, default retries",
        why="the same pauses as openai",
        needs=("anthropic",),
        code=_HEAD
        + f"""from anthropic import Anthropic

client = Anthropic(base_url=os.environ["TARGET"], api_key="x", timeout=1.0)


def call():
    client.messages.create(model="m", max_tokens=10, messages={_MESSAGES})
""",
        spread=0.375,
    ),
    Case(
        name="langchain-openai, no timeout",
        why="ChatOpenAI sends timeout=None: the SDK's 600 s are gone, nothing ends the call",
        needs=("langchain_openai",),
        unlimited=True,
        code=_HEAD
        + """from langchain_openai import ChatOpenAI

model = ChatOpenAI(base_url=os.environ["TARGET"], api_key="x", model="m")


def call():
    model.invoke("hello")
""",
    ),
    Case(
        name="langchain-openai, request_timeout and with_retry",
        why="two tries of the chain around one of the SDK",
        needs=("langchain_openai",),
        code=_HEAD
        + """from langchain_openai import ChatOpenAI

model = ChatOpenAI(base_url=os.environ["TARGET"], api_key="x", model="m", request_timeout=1.0, max_retries=0)
chain = model.with_retry(stop_after_attempt=2, wait_exponential_jitter=False)


def call():
    chain.invoke("hello")
""",
    ),
    Case(
        name="google-genai, milliseconds",
        why="its timeout is in milliseconds, and it does not repeat unless told to",
        needs=("google.genai",),
        code=_HEAD
        + """from google import genai
from google.genai import types

options = types.HttpOptions(base_url=os.environ["TARGET"], timeout=1500)
client = genai.Client(api_key="x", http_options=options)


def call():
    client.models.generate_content(model="m", contents="hello")
""",
    ),
    Case(
        name="botocore standard mode",
        why="three attempts with next to no pauses",
        needs=("boto3",),
        code=_HEAD
        + """import boto3
from botocore.config import Config

client = boto3.client(
    "sqs",
    endpoint_url=os.environ["TARGET"],
    config=Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard"}),
)


def call():
    client.list_queues()
""",
    ),
    Case(
        name="botocore, max_attempts counts retries",
        why="Config(max_attempts=1) makes two requests",
        needs=("boto3",),
        code=_HEAD
        + """import boto3
from botocore.config import Config

client = boto3.client(
    "sqs",
    endpoint_url=os.environ["TARGET"],
    config=Config(read_timeout=1, retries={"max_attempts": 1, "mode": "standard"}),
)


def call():
    client.list_queues()
""",
    ),
)

_HTTP = (
    Case(
        name="httpx, default of 5 s",
        why="the one client with a sensible default: 5 s, one attempt",
        needs=("httpx",),
        code=_HEAD
        + """import httpx


def call():
    httpx.get(os.environ["TARGET"])
""",
    ),
    Case(
        name="httpx async, timeout of the call",
        why="the call's timeout goes before the client's",
        needs=("httpx",),
        code=_HEAD
        + """import httpx


async def call():
    async with httpx.AsyncClient(timeout=30) as client:
        await client.post(os.environ["TARGET"], json={}, timeout=1.5)
""",
    ),
    Case(
        name="httpx in gathered calls",
        why="calls at the same time take as long as the longest, and each is a request",
        needs=("httpx",),
        code=_HEAD
        + """import asyncio

import httpx


async def ask(client, seconds):
    await client.get(os.environ["TARGET"], timeout=seconds)


async def call():
    async with httpx.AsyncClient() as client:
        await asyncio.gather(
            client.get(os.environ["TARGET"], timeout=1.0),
            client.get(os.environ["TARGET"], timeout=2.0),
            return_exceptions=True,
        )
""",
    ),
    Case(
        name="requests, no timeout",
        why="nothing ends it",
        needs=("requests",),
        unlimited=True,
        code=_HEAD
        + """import requests


def call():
    requests.get(os.environ["TARGET"])
""",
    ),
    Case(
        name="requests, tuple",
        why="the second part is the read timeout",
        needs=("requests",),
        code=_HEAD
        + """import requests


def call():
    requests.get(os.environ["TARGET"], timeout=(3, 1.5))
""",
    ),
    Case(
        name="requests with Retry, GET",
        why="Retry repeats read timeouts of a GET: 0 + 1 s of pauses",
        needs=("requests",),
        code=_HEAD
        + """import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

session = requests.Session()
session.mount("http://", HTTPAdapter(max_retries=Retry(total=2, backoff_factor=0.5)))


def call():
    session.get(os.environ["TARGET"], timeout=1)
""",
    ),
    Case(
        name="requests with Retry, POST",
        why="a POST that timed out is not sent again",
        needs=("requests",),
        code=_HEAD
        + """import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

session = requests.Session()
session.mount("http://", HTTPAdapter(max_retries=Retry(total=2, backoff_factor=0.5)))


def call():
    session.post(os.environ["TARGET"], timeout=1.5)
""",
    ),
    Case(
        name="requests in a hand-written loop",
        why="three tries with pauses of 0.2 and 0.4 s, and one after the last",
        needs=("requests",),
        code=_HEAD
        + """import time

import requests


def call():
    for attempt in range(3):
        try:
            return requests.get(os.environ["TARGET"], timeout=1)
        except requests.RequestException:
            if attempt == 2:
                raise
            time.sleep(0.2 * 2**attempt)
""",
    ),
    Case(
        name="urllib3 by itself",
        why="PoolManager repeats three times unless told otherwise",
        needs=("urllib3",),
        code=_HEAD
        + """import urllib3

pool = urllib3.PoolManager(timeout=1.0)


def call():
    pool.request("GET", os.environ["TARGET"])
""",
    ),
    Case(
        name="urllib, timeout",
        why="the standard library",
        needs=(),
        code=_HEAD
        + """from urllib.request import urlopen


def call():
    urlopen(os.environ["TARGET"], timeout=1.5)
""",
    ),
    Case(
        name="aiohttp, total",
        why="a true total",
        needs=("aiohttp",),
        code=_HEAD
        + """import aiohttp


async def call():
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1.5)) as session:
        async with session.get(os.environ["TARGET"]) as response:
            await response.text()
""",
    ),
    Case(
        name="aiohttp, total, a dripping server",
        why="the only client whose limit a slow body cannot stretch",
        needs=("aiohttp",),
        mode=Mode.DRIP,
        code=_HEAD
        + """import aiohttp


async def call():
    async with aiohttp.ClientSession() as session:
        async with session.get(os.environ["TARGET"], timeout=aiohttp.ClientTimeout(total=1.5)) as response:
            await response.text()
""",
    ),
)

_RETRIES = (
    Case(
        name="tenacity round openai",
        why="retries multiply: 2 x 2 requests",
        needs=("tenacity", "openai"),
        code=_HEAD
        + f"""from openai import OpenAI
from tenacity import retry, stop_after_attempt, wait_fixed

client = OpenAI(base_url=os.environ["TARGET"], api_key="x", timeout=1.0, max_retries=1)


@retry(stop=stop_after_attempt(2), wait=wait_fixed(1))
def call():
    client.chat.completions.create(model="m", messages={_MESSAGES})
""",
        spread=0.25,
    ),
    Case(
        name="tenacity, exponential",
        why="1, 2 s: min 1 holds for the first pause",
        needs=("tenacity", "httpx"),
        code=_HEAD
        + """import httpx
from tenacity import retry, stop_after_attempt, wait_exponential


@retry(stop=stop_after_attempt(3), wait=wait_exponential(multiplier=1, min=1, max=10))
async def call():
    async with httpx.AsyncClient(timeout=0.5) as client:
        await client.get(os.environ["TARGET"])
""",
    ),
    Case(
        name="tenacity, stop_after_delay",
        why="no total: an attempt that started before the delay runs to its end",
        needs=("tenacity", "requests"),
        code=_HEAD
        + """import requests
from tenacity import retry, stop_after_delay, wait_fixed


@retry(stop=stop_after_delay(2), wait=wait_fixed(0.2))
def call():
    requests.get(os.environ["TARGET"], timeout=1.5)
""",
    ),
    Case(
        name="backoff without jitter",
        why="max_tries counts attempts",
        needs=("backoff", "requests"),
        code=_HEAD
        + """import backoff
import requests


@backoff.on_exception(backoff.constant, requests.RequestException, max_tries=3, interval=0.5, jitter=None)
def call():
    requests.get(os.environ["TARGET"], timeout=1)
""",
    ),
    Case(
        name="stamina",
        why="ten attempts unless told otherwise; here two",
        needs=("stamina", "httpx"),
        code=_HEAD
        + """import httpx
import stamina


@stamina.retry(on=httpx.HTTPError, attempts=2, wait_initial=0.5, wait_jitter=0)
def call():
    httpx.get(os.environ["TARGET"], timeout=1)
""",
    ),
)

_STORES = (
    Case(
        name="redis, from_url",
        why="one attempt: from_url does not get the client's retries",
        needs=("redis",),
        counts=False,
        code=_HEAD
        + """import redis

client = redis.from_url("redis://127.0.0.1:" + os.environ["TARGET_PORT"], socket_timeout=1.5)


def call():
    client.get("key")
""",
    ),
    Case(
        name="psycopg, nobody answers",
        why="connect_timeout ends the wait for the server's first word; no statement is ever sent",
        needs=("psycopg",),
        counts=False,
        strict=True,
        code=_HEAD
        + """import psycopg


def call():
    with psycopg.connect(
        host="127.0.0.1", port=os.environ["TARGET_PORT"], dbname="x", user="x", connect_timeout=2,
        options="-c statement_timeout=50",
    ) as connection:
        connection.execute("select 1")
""",
    ),
    Case(
        name="elasticsearch, timeout",
        why="a timeout is not repeated by default",
        needs=("elasticsearch",),
        code=_HEAD
        + """from elasticsearch import Elasticsearch

client = Elasticsearch(os.environ["TARGET"], request_timeout=1.5)


def call():
    client.search(index="i")
""",
    ),
    Case(
        name="elasticsearch, retry_on_timeout",
        why="four requests in a row without a pause",
        needs=("elasticsearch",),
        code=_HEAD
        + """from elasticsearch import Elasticsearch

client = Elasticsearch(os.environ["TARGET"], request_timeout=0.6, retry_on_timeout=True)


def call():
    client.search(index="i")
""",
    ),
    Case(
        name="pymongo, timeoutMS",
        why="a true total: the search for a server that answers is within it",
        needs=("pymongo",),
        counts=False,
        code=_HEAD
        + """from pymongo import MongoClient

client = MongoClient("127.0.0.1", int(os.environ["TARGET_PORT"]), timeoutMS=1500)


def call():
    client.db.things.find_one()
""",
    ),
    Case(
        name="grpc, deadline of the call",
        why="a total over everything",
        needs=("grpc",),
        counts=False,
        code=_HEAD
        + """import grpc

channel = grpc.insecure_channel("127.0.0.1:" + os.environ["TARGET_PORT"])
method = channel.unary_unary("/service/Method")


def call():
    method(b"", timeout=1.5, wait_for_ready=True)
""",
    ),
)

_DATABASES = (
    Case(
        name="psycopg, statement_timeout of the connection",
        why="PostgreSQL ends the statement: a bare number is in milliseconds",
        needs=("psycopg",),
        mode=Mode.POSTGRES,
        counts=False,
        code=_HEAD
        + """import psycopg

ADDRESS = f"host={os.environ['TARGET_HOST']} port={os.environ['TARGET_PORT']} user=lab dbname=postgres"


def call():
    with psycopg.connect(ADDRESS, options="-c statement_timeout=1500") as connection:
        connection.execute("select pg_sleep(60)")
""",
    ),
    Case(
        name="SQLAlchemy, statement_timeout in connect_args",
        why="each statement has its own time: the sum of both statements counts",
        needs=("sqlalchemy", "psycopg"),
        mode=Mode.POSTGRES,
        counts=False,
        code=_HEAD
        + """from sqlalchemy import create_engine, text

engine = create_engine(
    f"postgresql+psycopg://lab@{os.environ['TARGET_HOST']}:{os.environ['TARGET_PORT']}/postgres",
    connect_args={"options": "-c statement_timeout=1500"},
)


def call():
    with engine.connect() as connection:
        connection.execute(text("select pg_sleep(60)"))
""",
    ),
    Case(
        name="asyncpg, command_timeout",
        why="the client's own limit, in seconds",
        needs=("asyncpg",),
        mode=Mode.POSTGRES,
        counts=False,
        code=_HEAD
        + """import asyncpg


async def call():
    connection = await asyncpg.connect(
        host=os.environ["TARGET_HOST"],
        port=int(os.environ["TARGET_PORT"]),
        user="lab",
        database="postgres",
        command_timeout=1.5,
    )
    await connection.execute("select pg_sleep(60)")
""",
    ),
)

CASES: tuple[Case, ...] = (*_SDKS, *_HTTP, *_RETRIES, *_STORES, *_DATABASES)

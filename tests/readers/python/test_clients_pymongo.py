"""PyMongo and Motor: options of the client and of its URI."""

from pathlib import Path

import pytest

from .client_calls import attempts, call, found, hang, values

_HEAD = """from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, MongoClient
from elsewhere import URI
"""


def code(client: str, sent: str = "client.app.things.find_one({})") -> str:
    return f"{_HEAD}\nclient = {client}\n\nasync def call():\n    return {sent}\n"


@pytest.mark.parametrize(
    ("client", "sent", "seconds", "requests"),
    [
        pytest.param("MongoClient()", "client.a.b.find_one()", None, None, id="nothing: no limit"),
        pytest.param("MongoClient(socketTimeoutMS=5000)", "client.a.b.find_one()", 10, 2, id="once more"),
        pytest.param(
            "MongoClient('mongodb://db/a?sockettimeoutms=3000')",
            "client.a.b.find_one()",
            6,
            2,
            id="in the URI",
        ),
        pytest.param("MongoClient(timeoutMS=4000)", "client.a.b.find_one()", 4, None, id="a true total"),
        pytest.param("MongoClient(socketTimeoutMS=0)", "client.a.b.find_one()", None, None, id="0 is none"),
        pytest.param(
            "MongoClient(socketTimeoutMS=5000, retryReads=False)",
            "client.a.b.find_one()",
            5,
            1,
            id="no retry",
        ),
        pytest.param(
            "MongoClient('mongodb://db/?socketTimeoutMS=5000&retryWrites=false')",
            "client.a.b.insert_one({})",
            5,
            1,
            id="no retry of writes",
        ),
        pytest.param(
            "MongoClient(socketTimeoutMS=5000)",
            "client.a.b.update_many({}, {})",
            5,
            1,
            id="many: never again",
        ),
        pytest.param(
            "MongoClient(retryReads=False)",
            "client.a.b.count_documents({}, maxTimeMS=700)",
            0.7,
            1,
            id="maxTimeMS",
        ),
        pytest.param(
            "MongoClient('mongodb://a,b:27018/x', socketTimeoutMS=1000)",
            "client['a']['b'].find({})",
            2,
            2,
            id="[]",
        ),
    ],
)
def test_a_silent_server(
    tmp_path: Path, client: str, sent: str, seconds: float | None, requests: int | None
) -> None:
    declared = call(tmp_path, code(client, sent))
    bound = hang(declared)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000
    assert requests is None or attempts(declared).value == requests


@pytest.mark.parametrize("client", ["MongoClient(URI)", "MongoClient(**URI)"])
def test_what_is_not_known_is_not_unlimited(tmp_path: Path, client: str) -> None:
    bound = hang(call(tmp_path, code(client)))
    assert (bound.value, bound.unlimited) == (None, False)


@pytest.mark.parametrize("client", ["AsyncMongoClient(timeoutMS=1000)", "AsyncIOMotorClient(timeoutMS=1000)"])
@pytest.mark.parametrize(
    "sent",
    [
        "await client.a.b.find_one()",
        "await client.a.b.find().sort('x').to_list(10)",
        "[one async for one in client.a.b.find()]",
        "await client.get_database('a').get_collection('b').insert_one({})",
    ],
)
def test_async(tmp_path: Path, client: str, sent: str) -> None:
    declared = call(tmp_path, code(client, sent))
    assert declared.trait("blocking") == "no"
    assert hang(declared).value == 1_000


def test_names_of_collections_send_nothing(tmp_path: Path) -> None:
    assert (
        len(found(tmp_path, code("MongoClient()", "client.app.things and client.a.b.find_one()")).calls) == 1
    )


def test_the_host(tmp_path: Path) -> None:
    declared = call(tmp_path, code("MongoClient('mongodb://mongo:27017/app')"))
    assert [target.host for target in declared.targets] == ["mongo"]
    assert values(declared) == {}

"""Elasticsearch: a timeout is tried again only where somebody asks for it."""

from pathlib import Path

import pytest

from .client_calls import attempts, call, found, hang

_HEAD = """from elasticsearch import AsyncElasticsearch, Elasticsearch, helpers
from elsewhere import AGAIN
"""


def code(client: str, sent: str = "client.search(index='i')") -> str:
    return f"{_HEAD}\nclient = {client}\n\nasync def call():\n    return {sent}\n"


@pytest.mark.parametrize(
    ("client", "sent", "seconds", "requests"),
    [
        pytest.param("Elasticsearch('http://e:9200')", "client.search()", 10, 1, id="default"),
        pytest.param("Elasticsearch(retry_on_timeout=True)", "client.search()", 40, 4, id="four requests"),
        pytest.param("Elasticsearch(request_timeout=3)", "client.search()", 3, 1, id="written"),
        pytest.param("Elasticsearch(timeout=3)", "client.search()", 3, 1, id="the name of version 7"),
        pytest.param(
            "Elasticsearch(retry_on_timeout=True, max_retries=1, request_timeout=2)",
            "client.search()",
            4,
            2,
            id="one retry",
        ),
        pytest.param("Elasticsearch()", "client.options(request_timeout=2).search()", 2, 1, id="options()"),
        pytest.param(
            "Elasticsearch()",
            "client.options(retry_on_timeout=True, max_retries=2).indices.refresh()",
            30,
            3,
            id="options() and a namespace",
        ),
        pytest.param(
            "Elasticsearch(request_timeout=9)", "client.get(index='i', request_timeout=1)", 1, 1, id="call"
        ),
        pytest.param(
            "Elasticsearch()", "client.search(timeout='1s')", 10, 1, id="the server's timeout ends nothing"
        ),
        pytest.param("Elasticsearch(request_timeout=None)", "client.search()", None, None, id="None"),
        pytest.param("Elasticsearch(request_timeout=4)", "helpers.bulk(client, [])", 4, 1, id="a helper"),
    ],
)
def test_a_silent_server(
    tmp_path: Path, client: str, sent: str, seconds: float | None, requests: int | None
) -> None:
    declared = call(tmp_path, code(client, sent))
    bound = hang(declared)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000
    assert requests is None or attempts(declared).value == requests


def test_whether_a_timeout_is_tried_again_is_not_known(tmp_path: Path) -> None:
    bound = hang(call(tmp_path, code("Elasticsearch(retry_on_timeout=AGAIN, request_timeout=2)")))
    assert (bound.value, bound.low) == (None, 2_000)


def test_async(tmp_path: Path) -> None:
    declared = call(tmp_path, code("AsyncElasticsearch()", "await client.search()"))
    assert declared.trait("blocking") == "no"


def test_what_sends_nothing(tmp_path: Path) -> None:
    sent = "client.close() and client.transport.x() and client.search()"
    assert len(found(tmp_path, code("Elasticsearch()", sent)).calls) == 1


@pytest.mark.parametrize(
    ("sent", "method"),
    [
        ("client.ping()", "GET"),
        ("client.search(index='i')", "GET"),
        ("client.indices.exists(index='i')", "GET"),
        ("client.delete(index='i', id='1')", "DELETE"),
        ("client.index(index='i', id='1', document={})", "PUT"),
        ("client.index(index='i', document={})", "POST"),
        ("client.update(index='i', id='1', doc={})", "POST"),
        ("helpers.bulk(client, [])", "POST"),
        ("client.snapshot.create_repository(name='r', repository={})", "PUT"),
        ("client.indices.put_settings(index='i', settings={})", "PUT"),
        ("client.indices.delete(index='i')", "DELETE"),
        ("client.delete_by_query(index='i', query={})", "POST"),
        ("client.cat.indices()", "GET"),
        ("client.indices.get_alias()", "GET"),
    ],
)
def test_whether_a_second_run_does_harm(sent: str, method: str, tmp_path: Path) -> None:
    """What matters is the operation: a search is sent as a POST and only reads."""
    hop = call(tmp_path, code("Elasticsearch()", sent))
    assert hop.trait("method") == method

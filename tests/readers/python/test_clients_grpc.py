"""gRPC: the deadline is the call's, whoever made the stub."""

from pathlib import Path

import pytest

from .client_calls import call, found, hang, values

_HEAD = """import grpc
import things_pb2_grpc
from things_pb2_grpc import ThingsStub

channel = grpc.insecure_channel("things:50051")
"""


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        pytest.param("ThingsStub(channel).Get(request)", None, id="nothing: no deadline"),
        pytest.param("ThingsStub(channel).Get(request, timeout=2)", 2, id="deadline"),
        pytest.param("ThingsStub(channel).Get(request, 2.5)", 2.5, id="by position"),
        pytest.param("ThingsStub(channel).Get(request, timeout=None)", None, id="None"),
        pytest.param(
            "things_pb2_grpc.ThingsStub(channel=channel).Get.with_call(request, timeout=3)", 3, id="with_call"
        ),
        pytest.param(
            "ThingsStub(grpc.intercept_channel(channel, x)).Get(request, timeout=2)", 2, id="interceptors"
        ),
        pytest.param("channel.unary_unary('/things/Get')(request, timeout=4)", 4, id="without a stub"),
    ],
)
def test_deadlines(tmp_path: Path, sent: str, seconds: float | None) -> None:
    declared = call(tmp_path, f"{_HEAD}\n\ndef call(request, x):\n    return {sent}\n")
    bound = hang(declared)
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000
    assert [target.host for target in declared.targets] == ["things"]


def test_a_stub_of_the_project(tmp_path: Path) -> None:
    """Generated code that is checked in: its methods are made of the channel."""
    text = """import grpc

class ThingsStub:
    def __init__(self, channel):
        self.Get = channel.unary_unary("/things/Get")

def call(request):
    stub = ThingsStub(grpc.insecure_channel("things:50051"))
    return stub.Get(request, timeout=2)
"""
    assert hang(call(tmp_path, text)).value == 2_000


def test_async(tmp_path: Path) -> None:
    text = f"{_HEAD}\nstub = ThingsStub(grpc.aio.insecure_channel('a:1'))\n\nasync def call(request):\n"
    declared = call(tmp_path, f"{text}    return await stub.Get(request, timeout=2)\n")
    assert declared.trait("blocking") == "no"


def test_a_stub_of_something_else(tmp_path: Path) -> None:
    """The name alone makes no client."""
    body = "    ThingsStub(request).Get(request)\n    ThingsStub(channel).Get(request)\n"
    text = f"{_HEAD}\n\ndef call(request):\n{body}"
    assert len(found(tmp_path, text).calls) == 1


def test_hidden_arguments(tmp_path: Path) -> None:
    text = f"{_HEAD}\n\ndef call(request, options):\n    ThingsStub(channel).Get(request, **options)\n"
    assert values(call(tmp_path, text)) == {"timeout": "?"}

"""boto3: clients, resources, `Config` and its retries."""

from pathlib import Path

import pytest

from .client_calls import attempts, call, found, hang, values

_HEAD = "import boto3\nfrom botocore.config import Config\n"


def code(client: str, sent: str = "client.invoke_model(modelId='m')", before: str = "") -> str:
    return f"{_HEAD}{before}\nclient = {client}\ndef call():\n    return {sent}\n"


def config(settings: str, service: str = "bedrock-runtime") -> str:
    return f"boto3.client('{service}', config=Config({settings}))"


@pytest.mark.parametrize(
    ("client", "version", "seconds"),
    [
        pytest.param("boto3.client('s3')", "1.44.5", 3 * 60 + 0.15, id="standard is the default now"),
        pytest.param("boto3.client('s3')", "1.43.0", 5 * 60 + 15, id="legacy was"),
        pytest.param("boto3.client('dynamodb')", "1.44.5", 4 * 60 + 0.175, id="dynamodb tries once more"),
        pytest.param("boto3.client('dynamodb')", "1.43.0", 10 * 60 + 25.55, id="dynamodb, legacy"),
        pytest.param(
            config("read_timeout=1, retries={'mode': 'standard'}"), "1.43.0", 3 * 1 + 0.15, id="mode standard"
        ),
        pytest.param(
            config("read_timeout=1, retries={'mode': 'legacy'}"), "1.44.5", 5 * 1 + 15, id="mode legacy"
        ),
        pytest.param(
            config("read_timeout=10, retries={'total_max_attempts': 1}"), "1.44.5", 10, id="a single attempt"
        ),
        pytest.param(config("read_timeout=10, retries={'max_attempts': 0}"), "1.44.5", 10, id="no retry"),
        pytest.param(
            config("read_timeout=10, retries={'max_attempts': 2}"), "1.44.5", 30.15, id="two retries"
        ),
        pytest.param(config("connect_timeout=2, read_timeout=None"), "1.44.5", None, id="None is no limit"),
    ],
)
def test_worst_cases(tmp_path: Path, client: str, version: str, seconds: float | None) -> None:
    bound = hang(call(tmp_path, code(client), botocore=version))
    assert bound.unlimited if seconds is None else bound.value == seconds * 1_000


def test_an_unknown_version_may_be_either(tmp_path: Path) -> None:
    assert attempts(call(tmp_path, code("boto3.client('s3')"))).choices == (3, 5)


@pytest.mark.parametrize(
    ("client", "settings"),
    [
        ("boto3.client('s3')", {}),
        (config("connect_timeout=5, read_timeout=10"), {"connect_timeout": 5, "read_timeout": 10}),
        (config("retries={'max_attempts': 3, 'mode': 'standard'}"), {"retries.total_max_attempts": 4}),
        (config("retries=RETRIES"), {"retries.total_max_attempts": 2}),
        ("boto3.Session(profile_name='x').client('s3', config=CONFIG)", {"read_timeout": 9}),
        ("boto3.session.Session().client('s3', config=CONFIG)", {"read_timeout": 9}),
        ("boto3.client('s3', config=settings.config)", {"?": "all"}),
        ("boto3.client('s3', **options())", {"?": "all"}),
        (config("**options()"), {"?": "all"}),
        (config("retries=options()"), {"retries.total_max_attempts": "?"}),
        (config("retries={'max_attempts': tries}"), {"retries.total_max_attempts": "?"}),
    ],
)
def test_settings(tmp_path: Path, client: str, settings: dict[str, object]) -> None:
    before = (
        "RETRIES = {'total_max_attempts': 2}\nCONFIG = Config(read_timeout=9)\nfrom x import settings, tries"
    )
    if "?" in settings:
        settings = dict.fromkeys(("connect_timeout", "read_timeout", "retries.total_max_attempts"), "?")
    assert values(call(tmp_path, code(client, before=before))) == settings


@pytest.mark.parametrize(
    ("client", "sent", "service"),
    [
        ("boto3.client('bedrock-runtime')", "client.converse()", "bedrock-runtime"),
        ("boto3.resource('dynamodb')", "client.Table('users').put_item(Item={})", "dynamodb"),
        ("boto3.resource('s3').Bucket('x')", "client.put_object(Key='k')", "s3"),
        ("boto3.client('s3')", "client.get_paginator('list_objects_v2').paginate(Bucket='x')", "s3"),
        ("boto3.resource('s3')", "client.meta.client.copy_object()", "s3"),
    ],
)
def test_operations(tmp_path: Path, client: str, sent: str, service: str) -> None:
    declared = call(tmp_path, code(client, sent))
    assert (declared.trait("service"), declared.trait("blocking")) == (service, "yes")
    assert [target.host for target in declared.targets] == [f"{service}.amazonaws.com"]


@pytest.mark.parametrize(
    "sent", ["client.generate_presigned_url('get_object')", "client.exceptions.NoSuchKey()", "client.close()"]
)
def test_what_sends_nothing(tmp_path: Path, sent: str) -> None:
    assert len(found(tmp_path, code("boto3.client('s3')", f"[{sent}, client.list_buckets()]")).calls) == 1


def test_a_stream(tmp_path: Path) -> None:
    assert call(tmp_path, code("boto3.client('bedrock-runtime')", "client.converse_stream()")).trait(
        "streaming"
    )


def test_a_waiter_has_no_known_end(tmp_path: Path) -> None:
    bound = hang(call(tmp_path, code("boto3.client('s3')", "client.get_waiter('object_exists').wait()")))
    assert (bound.high, bound.unlimited) == (None, False)


def test_awaited_clients_do_not_block(tmp_path: Path) -> None:
    text = (
        "import aioboto3\nfrom botocore.config import Config\nasync def call():\n"
        "    async with aioboto3.Session().client('s3', config=Config(read_timeout=7)) as client:\n"
        "        await client.get_object(Key='k')\n"
    )
    declared = call(tmp_path, text)
    assert (declared.trait("blocking"), values(declared)) == ("no", {"read_timeout": 7})


def test_a_local_endpoint(tmp_path: Path) -> None:
    declared = call(
        tmp_path, code("boto3.client('s3', endpoint_url='http://minio:9000')", "client.list_buckets()")
    )
    assert [target.host for target in declared.targets] == ["minio"]


@pytest.mark.parametrize(
    ("retries", "traps"),
    [
        pytest.param("{'max_attempts': 1}", 1, id="one retry, though it looks like one attempt"),
        pytest.param("{'max_attempts': 0}", 0, id="whoever writes 0 knows"),
        pytest.param("{'max_attempts': 3}", 0, id="one more does not matter"),
        pytest.param("{'total_max_attempts': 1}", 0, id="the one that counts attempts"),
    ],
)
def test_a_count_of_one_is_two_requests(tmp_path: Path, retries: str, traps: int) -> None:
    problems = found(tmp_path, code(config(f"retries={retries}"))).problems
    assert [(one.kind.name, one.span.text) for one in problems] == [("INEFFECTIVE", "1")] * traps


INVOKED = {
    "a name": ("FunctionName='report'", "report"),
    "a version": ("FunctionName='report:3'", "report"),
    "the latest": ("FunctionName='report:$LATEST'", "report"),
    "an ARN with an alias": (
        "FunctionName='arn:aws:lambda:eu-west-1:123456789012:function:report:live'",
        "report",
    ),
    "part of an ARN": ("FunctionName='123456789012:function:report'", "report"),
    "waited for": ("FunctionName='report', InvocationType='RequestResponse'", "report"),
    "started and left": ("FunctionName='report', InvocationType='Event'", ""),
    "nobody knows whether": ("FunctionName='report', InvocationType=KIND", ""),
    "a name from outside": ("FunctionName=NAME", ""),
}


@pytest.mark.parametrize(("given", "name"), [pytest.param(*case, id=name) for name, case in INVOKED.items()])
def test_functions_that_are_called_by_name(given: str, name: str, tmp_path: Path) -> None:
    made = call(tmp_path, code("boto3.client('lambda')", f"client.invoke({given})"))
    assert [target.group for target in made.targets if target.group] == ([name] if name else [])

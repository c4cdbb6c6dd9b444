"""Retries and deadlines round calls: what is read of them, and how long the whole may take."""

from pathlib import Path

import pytest

from .client_calls import Found, call, found, values, waits

_HEAD = """
import asyncio, datetime
import anyio, async_timeout, backoff, httpx, openai, requests, retry as retry_package, retrying, stamina
import tenacity
from google.api_core.retry import Retry, if_exception_type
from tenacity import (
    AsyncRetrying, Retrying, retry, retry_if_exception, retry_if_exception_type, retry_if_not_exception_type,
    retry_if_result, stop_after_attempt, stop_after_delay, stop_before_delay, wait_chain, wait_combine,
    wait_exponential, wait_exponential_jitter, wait_fixed, wait_incrementing, wait_none, wait_random,
    wait_random_exponential,
)
from project import MyError, is_transient
"""
_T = "timeout=1"


def decorated(decorator: str, timeout: str = _T) -> str:
    """A function that asks somebody silent, with a decorator."""
    return f"{_HEAD}\n@{decorator}\ndef call():\n    return requests.get('https://a.example/', {timeout})\n"


def inside(statement: str) -> str:
    """A coroutine that does something with a client whose calls last 2 s at most."""
    return f"{_HEAD}\nclient = httpx.AsyncClient(timeout=2)\nasync def call():\n    {statement}\n"


def seconds(here: Found) -> float | None:
    bound = waits(here).hang
    assert bound.exact, bound
    return None if bound.low is None else bound.low / 1_000


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [
        pytest.param("retry", None, id="a bare retry never ends"),
        pytest.param("retry()", None, id="nor does an empty one"),
        pytest.param("retry(stop=stop_after_attempt(3))", 3, id="no pauses unless told"),
        pytest.param("retry(stop=stop_after_attempt(3), wait=wait_none())", 3, id="none on purpose"),
        pytest.param("retry(stop=stop_after_attempt(3), wait=wait_fixed(2))", 3 + 4, id="fixed"),
        pytest.param(
            "retry(stop=stop_after_attempt(3), wait=wait_fixed(datetime.timedelta(seconds=2)))",
            7,
            id="timedelta",
        ),
        pytest.param("retry(stop=stop_after_attempt(3), wait=wait_random(1, 2))", 3 + 4, id="random"),
        pytest.param(
            "retry(stop=stop_after_attempt(3), wait=wait_random())", 3 + 2, id="random: 1 s at most"
        ),
        pytest.param(
            "retry(stop=stop_after_attempt(6), wait=wait_exponential(multiplier=1, min=4, max=10))",
            6 + 4 + 4 + 4 + 8 + 10,
            id="exponential between 4 and 10",
        ),
        pytest.param("retry(stop=stop_after_attempt(4), wait=wait_exponential())", 4 + 7, id="exponential"),
        pytest.param(
            "retry(stop=stop_after_attempt(4), wait=wait_random_exponential(multiplier=2, max=5))",
            4 + 2 + 4 + 5,
            id="random exponential: the same at most",
        ),
        pytest.param(
            "retry(stop=stop_after_attempt(4), wait=wait_exponential_jitter(initial=1, max=3, jitter=1))",
            4 + 2 + 3 + 3,
            id="jitter below the cap",
        ),
        pytest.param(
            "retry(stop=stop_after_attempt(3), wait=wait_fixed(3) + wait_random(0, 2))", 3 + 10, id="a sum"
        ),
        pytest.param(
            "retry(stop=stop_after_attempt(3), wait=wait_combine(wait_fixed(3), wait_fixed(1)))",
            3 + 8,
            id="a sum of steady ones",
        ),
        pytest.param(
            "retry(stop=stop_after_attempt(5), wait=wait_fixed(15) + wait_random_exponential(multiplier=2, max=60))",
            5 + 4 * 15 + 2 + 4 + 8 + 16,
            id="a steady and a growing one",
        ),
        pytest.param(
            "retry(stop=stop_after_attempt(5), wait=wait_chain(wait_fixed(1), wait_fixed(2), wait_fixed(4)))",
            5 + 1 + 2 + 4 + 4,
            id="a chain that doubles",
        ),
        pytest.param(
            "retry(stop=stop_after_attempt(3) | stop_after_attempt(5))", 3, id="whichever comes first"
        ),
        pytest.param(
            "retry(stop=tenacity.stop_any(stop_after_attempt(9), stop_after_delay(4.5)), wait=wait_fixed(1))",
            5,
            id="attempts or time: 1 s of attempt and 1 s of pause by turns",
        ),
        pytest.param(
            "retry(stop=stop_after_delay(10), wait=wait_fixed(2))",
            10,
            id="the delay is asked after an attempt",
        ),
        pytest.param("retry(stop=stop_before_delay(10), wait=wait_fixed(2))", 10, id="before a pause"),
        pytest.param("tenacity.retry(stop=tenacity.stop.stop_after_attempt(2))", 2, id="full names"),
        pytest.param("retry(stop=stop_after_attempt(2), reraise=True)", 2, id="reraise changes nothing"),
        pytest.param(
            "backoff.on_exception(backoff.expo, Exception, max_tries=4)", 4 + 1 + 2 + 4, id="backoff: expo"
        ),
        pytest.param(
            "backoff.on_exception(backoff.expo, Exception, max_tries=4, factor=2, base=3, max_value=5)",
            4 + 2 + 5 + 5,
            id="backoff: expo with arguments",
        ),
        pytest.param(
            "backoff.on_exception(backoff.constant, requests.Timeout, max_tries=3, interval=2)",
            3 + 4,
            id="backoff: constant",
        ),
        pytest.param(
            "backoff.on_exception(backoff.expo, Exception, max_tries=2, jitter=backoff.random_jitter)",
            2 + 1 + 1,
            id="backoff: a second more",
        ),
        pytest.param("backoff.on_exception(backoff.expo, Exception)", None, id="backoff: without end"),
        pytest.param(
            "backoff.on_exception(backoff.constant, Exception, max_time=10, interval=0, jitter=None)",
            11,
            id="backoff: max_time is compared with the last start",
        ),
        pytest.param(
            "stamina.retry(on=requests.Timeout, attempts=3, wait_initial=1, wait_jitter=0)",
            3 + 1 + 2,
            id="stamina",
        ),
        pytest.param(
            "stamina.retry(on=Exception, attempts=None, timeout=None)",
            None,
            id="stamina: None is without end",
        ),
        pytest.param(
            "retry_package.retry(tries=4, delay=1, backoff=2, max_delay=3)", 4 + 1 + 2 + 3, id="retry"
        ),
        pytest.param("retry_package.retry(Exception, delay=1)", None, id="retry: -1 tries are without end"),
        pytest.param(
            "retrying.retry(stop_max_attempt_number=3, wait_fixed=2000)", 3 + 4, id="retrying: milliseconds"
        ),
        pytest.param(
            "retrying.retry(stop_max_attempt_number=4, wait_exponential_multiplier=1000,"
            " wait_exponential_max=5000)",
            4 + 2 + 4 + 5,
            id="retrying: exponential",
        ),
    ],
)
def test_retries_of_a_call(tmp_path: Path, decorator: str, expected: float | None) -> None:
    """Each attempt lasts one second."""
    assert seconds(found(tmp_path, decorated(decorator))) == expected


@pytest.mark.parametrize(
    "decorator",
    [
        pytest.param("retry(stop=stop_after_attempt(3), wait=wait_incrementing(1, 1))", id="wait"),
        pytest.param(
            "retry(stop=stop_after_attempt(3), wait=lambda state: 5)", id="a wait of the project's own"
        ),
        pytest.param("retry(stop=is_transient)", id="a stop of the project's own"),
        pytest.param("retry(stop=stop_after_attempt(3) & stop_after_delay(5))", id="both must hold"),
        pytest.param("retry(**options())", id="hidden arguments"),
        pytest.param("backoff.on_exception(backoff.fibo, Exception, max_tries=3)", id="backoff: fibo"),
        pytest.param(
            "backoff.on_exception(backoff.expo, Exception, max_tries=limit)", id="backoff: a function"
        ),
        pytest.param(
            "retry_package.retry(tries=3, delay=1, jitter=(1, 2))", id="retry: growing by additions"
        ),
        pytest.param("stamina.retry(on=Exception, **options())", id="stamina: hidden arguments"),
    ],
)
def test_what_is_not_followed_is_no_number(tmp_path: Path, decorator: str) -> None:
    bound = waits(found(tmp_path, decorated(decorator))).hang
    assert (bound.low, bound.high) == (1_000, None) or (bound.low, bound.high) == (3_000, None), bound
    assert bound.reason


@pytest.mark.parametrize(
    ("kinds", "attempts"),
    [
        ("retry_if_exception_type(requests.Timeout)", 3),
        ("retry_if_exception_type(requests.exceptions.RequestException)", 3),
        ("retry_if_exception_type((ValueError, requests.ReadTimeout))", 3),
        ("retry_if_exception_type()", 3),
        ("retry_if_exception_type(Exception)", 3),
        ("retry_if_exception_type(OSError)", 3),
        ("retry_if_not_exception_type(ValueError)", 3),
        ("retry_if_result(lambda found: found is None) | retry_if_exception_type(requests.Timeout)", 3),
        ("retry_if_exception_type(requests.HTTPError)", 1),
        ("retry_if_exception_type((ValueError, KeyError))", 1),
        ("retry_if_not_exception_type(Exception)", 1),
        ("retry_if_result(lambda found: found is None)", 1),
        ("retry_if_exception_type(MyError)", None),
        ("retry_if_exception_type(TimeoutError)", 1),
        ("retry_if_exception(is_transient)", None),
        ("is_transient", None),
    ],
)
def test_filters_of_tenacity(tmp_path: Path, kinds: str, attempts: int | None) -> None:
    """Known to repeat timeouts of requests, known not to, or not known: then once or as often as written."""
    text = decorated(f"retry(stop=stop_after_attempt(3), retry={kinds})")
    bound = waits(found(tmp_path, text)).hang
    assert bound.choices == (1_000, 3_000) if attempts is None else bound.value == attempts * 1_000


@pytest.mark.parametrize(
    ("decorator", "attempts"),
    [
        ("backoff.on_exception(backoff.constant, requests.Timeout, max_tries=3, interval=0)", 3),
        ("backoff.on_exception(backoff.constant, (KeyError, requests.Timeout), max_tries=3, interval=0)", 3),
        ("backoff.on_exception(backoff.constant, requests.HTTPError, max_tries=3, interval=0)", 1),
        ("backoff.on_predicate(backoff.constant, max_tries=3, interval=0)", 1),
        ("backoff.on_exception(backoff.constant, MyError, max_tries=3, interval=0)", None),
        (
            "backoff.on_exception(backoff.constant, Exception, max_tries=3, interval=0, giveup=is_transient)",
            None,
        ),
        ("stamina.retry(on=requests.Timeout, attempts=3, wait_max=0)", 3),
        ("stamina.retry(on=requests.HTTPError, attempts=3, wait_max=0)", 1),
        ("stamina.retry(on=is_transient, attempts=3, wait_max=0)", None),
        ("retry_package.retry(requests.Timeout, tries=3)", 3),
        ("retry_package.retry(ValueError, tries=3)", 1),
        ("retrying.retry(stop_max_attempt_number=3, retry_on_exception=is_transient)", None),
        ("Retry(timeout=5)", 1),
    ],
)
def test_filters_of_others(tmp_path: Path, decorator: str, attempts: int | None) -> None:
    bound = waits(found(tmp_path, decorated(decorator))).hang
    assert bound.choices == (1_000, 3_000) if attempts is None else bound.value == attempts * 1_000


def test_a_filter_depends_on_what_is_called(tmp_path: Path) -> None:
    """openai raises its own timeout, urllib Python's."""
    policy = "@retry(stop=stop_after_attempt(3), retry=retry_if_exception_type({}))\ndef call():\n    {}\n"
    body = "openai.OpenAI(timeout=1, max_retries=0).responses.create()"
    for kind, attempts in (("openai.APITimeoutError", 3), ("openai.RateLimitError", 1), ("TimeoutError", 1)):
        assert seconds(found(tmp_path, _HEAD + policy.format(kind, body))) == attempts
    body = "urllib.request.urlopen('https://a.example', timeout=1)"
    assert (
        seconds(found(tmp_path, f"import urllib.request{_HEAD}" + policy.format("TimeoutError", body))) == 3
    )


def test_google_retry_ends_before_its_time(tmp_path: Path) -> None:
    """The second attempt starts within 1 s of the first one's end, a third would start after the 5 s."""
    text = decorated("Retry(predicate=if_exception_type(requests.Timeout), timeout=5)", "timeout=3")
    assert seconds(found(tmp_path, text)) == 3 + 1 + 3


def test_stamina_by_default(tmp_path: Path) -> None:
    """Ten attempts of 1 s with 0.1, 0.2, ... and up to 1 s more, at most 5 s, within 45 s."""
    here = found(tmp_path, decorated("stamina.retry(on=requests.Timeout)"))
    assert waits(here).attempts.value == 10
    assert seconds(here) == pytest.approx(10 + 1.1 + 1.2 + 1.4 + 1.8 + 2.6 + 4.2 + 5 + 5 + 5)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param("async with asyncio.timeout(1):\n        await client.get('u')", 1, id="block"),
        pytest.param("await asyncio.wait_for(client.get('u'), timeout=1)", 1, id="call"),
        pytest.param("await asyncio.wait_for(client.get('u'), 1)", 1, id="call, by position"),
        pytest.param("await asyncio.wait_for(client.get('u'), None)", 2, id="None is no deadline"),
        pytest.param(
            "async with asyncio.timeout(None):\n        await client.get('u')", 2, id="none for a block"
        ),
        pytest.param(
            "async with asyncio.timeout(3):\n        await client.get('u')", 2, id="one that never fires"
        ),
        pytest.param("with anyio.fail_after(1):\n        await client.get('u')", 1, id="anyio fails"),
        pytest.param("with anyio.move_on_after(1):\n        await client.get('u')", 1, id="anyio moves on"),
        pytest.param(
            "async with async_timeout.timeout(1):\n        await client.get('u')", 1, id="async_timeout"
        ),
        pytest.param(
            "async with asyncio.timeout(datetime.timedelta(seconds=1).total_seconds()):\n"
            "        await client.get('u')",
            1,
            id="seconds of a duration",
        ),
    ],
)
def test_deadlines(tmp_path: Path, statement: str, expected: float) -> None:
    assert seconds(found(tmp_path, inside(statement))) == expected


def test_a_moment_is_not_known(tmp_path: Path) -> None:
    text = inside("async with asyncio.timeout_at(loop.time() + 1):\n        await client.get('u')")
    bound = waits(found(tmp_path, text)).hang
    assert (bound.low, bound.high) == (0, 2_000)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f"{_HEAD}\ndef call():\n    for attempt in Retrying(stop=stop_after_attempt(3)):\n"
            f"        with attempt:\n            requests.get('u', {_T})\n",
            id="a loop over attempts",
        ),
        pytest.param(
            f"{_HEAD}\ndef send():\n    requests.get('u', {_T})\n"
            "def call():\n    Retrying(stop=stop_after_attempt(3))(send)\n",
            id="called with a function",
        ),
        pytest.param(
            f"{_HEAD}\npolicy = retry(stop=stop_after_attempt(3))\n@policy\ndef call():\n    requests.get('u', {_T})\n",
            id="a policy with a name",
        ),
        pytest.param(
            f"{_HEAD}\nOPTIONS = dict(stop=stop_after_attempt(3))\n@retry(**OPTIONS)\ndef call():\n"
            f"    requests.get('u', {_T})\n",
            id="arguments with a name",
        ),
        pytest.param(
            f"{_HEAD}\ndef policy(times):\n    return retry(stop=stop_after_attempt(times))\n@policy(3)\n"
            f"def call():\n    requests.get('u', {_T})\n",
            id="a function that makes a policy",
        ),
        pytest.param(
            f"{_HEAD}\nasync def call():\n    async for attempt in AsyncRetrying(stop=stop_after_attempt(3)):\n"
            f"        with attempt:\n            await httpx.AsyncClient({_T}).get('u')\n",
            id="a loop of coroutines",
        ),
        pytest.param(
            f"{_HEAD}\nasync def call():\n    async for attempt in stamina.retry_context(on=httpx.HTTPError,"
            f" attempts=3, wait_max=0):\n        with attempt:\n            await httpx.AsyncClient({_T}).get('u')\n",
            id="stamina's loop",
        ),
    ],
)
def test_forms(tmp_path: Path, text: str) -> None:
    assert seconds(found(tmp_path, text)) == 3


def test_retries_multiply(tmp_path: Path) -> None:
    """tenacity's three times the three of the SDK: nine requests, as measured."""
    text = (
        f"{_HEAD}\n@retry(stop=stop_after_attempt(3))\ndef call():\n"
        "    openai.OpenAI(timeout=0.4).responses.create()\n"
    )
    here = found(tmp_path, text)
    assert waits(here).attempts.value == 9
    assert seconds(here) == pytest.approx(3 * (3 * 0.4 + 1.5))


def test_the_settings_lead_to_what_is_written(tmp_path: Path) -> None:
    text = decorated("retry(stop=stop_after_attempt(ATTEMPTS), wait=wait_fixed(2))").replace(
        "\n@retry", "\nATTEMPTS = 4\n@retry"
    )
    policy = next(one for one in found(tmp_path, text).calls if one.component == "tenacity")
    assert values(policy) == {"stop_after_attempt": 4, "backoff.first": 2, "backoff.factor": 1}
    assert [span.text for span in policy.settings[-1].spans] == ["ATTEMPTS", "4"]


@pytest.mark.parametrize(
    "decorator", ["functools.cache", "app.get('/')", "retry_if_exception", "tenacity.after_log"]
)
def test_other_decorators_wrap_nothing(tmp_path: Path, decorator: str) -> None:
    assert call(tmp_path, decorated(decorator)).component == "requests"

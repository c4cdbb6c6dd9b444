"""Where requests come in: one module per framework; `FRAMEWORKS` is the table of all of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from budgetcheck.readers.python.handlers import (
    aiohttp_web,
    celery,
    django,
    falcon,
    fastapi,
    flask,
    functions,
    litestar,
    pyramid,
    sanic,
    tornado,
)
from budgetcheck.readers.python.handlers.base import Code, Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """One framework.

    Attributes:
        marks: words of which every file that registers handlers has one.
        find: the endpoints in such files.
    """

    name: str
    marks: tuple[str, ...]
    find: Callable[[Code], Iterator[Endpoint]]


FRAMEWORKS: tuple[Framework, ...] = (
    Framework(name="fastapi", marks=fastapi.MARKS, find=fastapi.find),
    Framework(name="flask", marks=flask.MARKS, find=flask.find),
    Framework(name="django", marks=django.MARKS, find=django.find),
    Framework(name="aiohttp", marks=aiohttp_web.MARKS, find=aiohttp_web.find),
    Framework(name="pyramid", marks=pyramid.MARKS, find=pyramid.find),
    Framework(name="tornado", marks=tornado.MARKS, find=tornado.find),
    Framework(name="falcon", marks=falcon.MARKS, find=falcon.find),
    Framework(name="sanic", marks=sanic.MARKS, find=sanic.find),
    Framework(name="litestar", marks=litestar.MARKS, find=litestar.find),
    Framework(name="celery", marks=celery.MARKS, find=celery.find),
    Framework(name="functions", marks=functions.MARKS, find=functions.find),
)

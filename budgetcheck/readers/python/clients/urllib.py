"""urllib.request of the standard library: `urlopen(url, timeout=...)`, openers, Request objects."""

from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.clients.common import host_of, is_none, text_of
from budgetcheck.readers.python.clients.given import Parameter, given, made_by
from budgetcheck.readers.python.values import Args, Instance, PyValue, Request

_OPENERS = frozenset({"urllib.request.build_opener", "urllib.request.OpenerDirector"})
_FUNCTIONS = frozenset({"urllib.request.urlopen", "urllib.request.urlretrieve"})
_TIMEOUT = (Parameter(name="timeout", setting="timeout", position=2),)


def make(name: str, args: Args) -> Instance | None:
    """An opener."""
    if name not in _OPENERS:
        return None
    return Instance(library="urllib", component="urllib", maker=name, spans=(args.span,))


def call(_client: Instance, path: str, args: Args) -> Request | Instance | None:
    """`opener.open(url, data, timeout)`."""
    return _request("open", args) if path == "open" else None


def function(name: str, args: Args) -> Request | Instance | None:
    """`urlopen(...)`; `urlretrieve` takes no timeout."""
    return _request(name.rpartition(".")[2], args) if name in _FUNCTIONS else None


def _request(what: str, args: Args) -> Request:
    url = args.get("fullurl", 0) if what == "open" else args.get("url", 0)
    asked = made_by(url, "urllib", "Request")
    return Request(
        component="urllib",
        span=args.span,
        settings=given(args, _TIMEOUT) if what != "urlretrieve" else (),
        host=host_of(asked.args.get("url", 0) if asked else url),
        method=_method(asked.args if asked else None, args.get("data", 3 if what == "urlretrieve" else 1)),
        what=what,
    )


def _method(asked: Args | None, data: PyValue | None) -> str:
    """A request with data is a POST unless it says something else."""
    if asked is not None:
        written = asked.get("method", 5)
        if written is not None and not is_none(written):
            return text_of(written).upper()
        data = data if data is not None else asked.get("data", 1)
    return "GET" if data is None or is_none(data) else "POST"


LIBRARY = Library(
    name="urllib",
    imports=("urllib",),
    distributions=(),
    make=make,
    annotated=make,
    call=call,
    function=function,
)

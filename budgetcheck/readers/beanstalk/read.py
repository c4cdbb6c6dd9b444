"""From source bundles to hops: the balancer, the worker's daemon, the proxy and the platform's own server."""

from collections.abc import Iterator, Sequence

from budgetcheck.model.settings import Declaration, Problem, Reading
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Target
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.beanstalk.balancers import declare_balancer, declare_worker
from budgetcheck.readers.beanstalk.bundles import Bundle, bundles
from budgetcheck.readers.beanstalk.options import VARIABLES
from budgetcheck.readers.beanstalk.proxies import PROXY, PYTHON, declare_proxy
from budgetcheck.tree import SourceFile

_CONTAINERS = ("dockerfile", "dockerrun.aws.json", "docker-compose.yml", "docker-compose.yaml")
_PYTHON_PORT = 8000
_WSGI, _DEFAULT_WSGI = "WSGIPath", "application:application"


def read(files: Sequence[SourceFile], context: ReadContext) -> Reading:
    """What the given files declare, one environment for each bundle."""
    problems: list[Problem] = []
    recognised: set[str] = set()
    found = bundles(files, context, problems, recognised)
    declarations: list[Declaration] = []
    for bundle in found:
        made, faults = _declare(bundle, context)
        declarations += made
        problems += faults
    return Reading(
        declarations=tuple(declarations),
        problems=tuple(sorted(problems, key=lambda one: (one.span.sort_key, one.text))),
        recognised=tuple(sorted(recognised)),
    )


def _declare(bundle: Bundle, context: ReadContext) -> tuple[list[Declaration], list[Problem]]:
    beside = {one.base.lower(): one for one in context.siblings if one.path.parent == bundle.folder}
    server = None if "procfile" in beside or any(name in beside for name in _CONTAINERS) else _server(bundle)
    application = _application(bundle, beside, server)
    # The proxies of other platforms, and of those before Amazon Linux 2, are not known.
    applied = (bundle.on_linux_2 or "procfile" in beside or server is not None) and not any(
        name in beside for name in _CONTAINERS
    )
    proxies, problems = declare_proxy(bundle, application, context, applied=applied)
    targets = tuple(_behind(proxies, bundle, application))
    found = [*declare_balancer(bundle, targets), *declare_worker(bundle, targets), *proxies]
    return [*found, *([server] if server else [])], problems


def _behind(proxies: Sequence[Declaration], bundle: Bundle, application: Target) -> Iterator[Target]:
    """What the balancer sends requests to."""
    for one in proxies:
        if one.trait("internal") != "yes" and one.trait("presumed") != "yes":
            yield Target(address=one.address, hosts=one.front.hosts, paths=one.front.paths, span=bundle.place)
    if bundle.text(PROXY, "ProxyServer").lower() == "none":
        yield application


def _application(bundle: Bundle, beside: dict[str, SourceFile], server: Declaration | None) -> Target:
    """Where the platform's own location leads: to the process `web`, or to what its port says."""
    span = bundle.place
    if server is not None:
        return Target(address=server.address, span=span)
    if "procfile" in beside:
        name = beside["procfile"].name
        return Target(address=f"procfile:{name}:web", span=Span(file=name, line=1, text="web"))
    port = bundle.text(VARIABLES, "PORT")
    if port.isdigit() and len(port) < 6:
        return Target(host="127.0.0.1", port=int(port), span=span)
    if bundle.has(PYTHON):
        return Target(host="127.0.0.1", port=_PYTHON_PORT, span=span)
    return Target(span=span)


def _server(bundle: Bundle) -> Declaration | None:
    """gunicorn as the Python platform starts it without a Procfile, on Amazon Linux 2 and later.

    Before that, Apache ran the application, and `WSGIPath` was the path of a file.
    https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/create-deploy-python-container.html
    """
    path = bundle.text(PYTHON, _WSGI)
    if not bundle.has(PYTHON) or not (":" in path or (bundle.on_linux_2 and not path)):
        return None
    from budgetcheck.readers.processes.commands import servers_of
    from budgetcheck.readers.processes.declare import Owner, declare
    from budgetcheck.readers.processes.lexing import Source

    application = path if all(part.isidentifier() for part in path.replace(":", ".").split(".")) else ""
    numbers = {name: bundle.text(PYTHON, name) for name in ("NumProcesses", "NumThreads")}
    workers = numbers["NumProcesses"] if numbers["NumProcesses"].isdigit() else "1"
    threads = numbers["NumThreads"] if numbers["NumThreads"].isdigit() else "15"
    line = f"gunicorn --bind 127.0.0.1:{_PYTHON_PORT} --workers={workers} --threads={threads}"
    option = bundle.options.get((PYTHON, _WSGI))
    place = option.spans[0] if option else bundle.place
    source = Source(text=f"{line} {application or _DEFAULT_WSGI}", file=place.file, line=place.line)
    owner = Owner(
        address=f"beanstalk:{bundle.title}/web",
        title=bundle.called("web"),
        span=place,
    )
    declared, _ = declare(servers_of(source, {}), owner)
    return declared[0] if declared else None

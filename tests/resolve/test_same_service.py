"""A service that its app document and what starts it both describe is one service."""

from dataclasses import replace

from budgetcheck.model.settings import Declaration
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, Target
from budgetcheck.resolve import resolve
from budgetcheck.resolve.same_service import one_server_per_service

SPAN = Span(file="app.yaml", line=1)
ROUTE = Target(address="app:web/answer", span=SPAN)
HANDLER = Declaration(component="app", address="app:web/answer", title="web/answer", span=SPAN)
DOCUMENT = Declaration(
    component="server",
    address="app:web",
    title="web",
    span=SPAN,
    front=Front(names=("web",)),
    targets=(ROUTE,),
)
STARTED = Declaration(
    component="gunicorn",
    address="compose:web",
    title="web",
    span=Span(file="compose.yaml", line=2),
    front=Front(names=("web", "shop-web"), ports=(9000,)),
)


def test_the_started_server_stands_in_front_of_the_handlers() -> None:
    joined, handler = one_server_per_service([DOCUMENT, STARTED, HANDLER])
    assert (joined.address, joined.component, joined.targets) == ("compose:web", "gunicorn", (ROUTE,))
    assert handler is HANDLER


def test_a_stated_server_stands_and_takes_over_names_and_ports() -> None:
    stated = replace(DOCUMENT, component="uvicorn")
    (joined,) = one_server_per_service([stated, STARTED])
    assert (joined.address, joined.component) == ("app:web", "uvicorn")
    assert (joined.front.names, joined.front.ports) == (("web", "shop-web"), (9000,))


def test_a_stated_port_stands() -> None:
    stated = replace(DOCUMENT, component="uvicorn", front=Front(names=("web",), ports=(80,)))
    (joined,) = one_server_per_service([stated, STARTED])
    assert joined.front.ports == (80,)


def test_two_servers_of_the_name_are_left_alone() -> None:
    other = replace(STARTED, address="compose:b/web")
    given = [DOCUMENT, STARTED, other]
    assert one_server_per_service(given) == given


def test_other_names_are_left_alone() -> None:
    given = [replace(DOCUMENT, front=Front(names=("api",))), STARTED]
    assert one_server_per_service(given) == given


def test_a_server_that_listens_on_a_socket_has_no_default_port() -> None:
    socket = replace(STARTED, front=Front(names=("web",), sockets=("/run/web.sock",)))
    hidden = replace(STARTED, address="compose:x", front=Front(), traits=(("listens", "unknown"),))
    plain = replace(STARTED, address="compose:y", front=Front())
    ports = [hop.front.default_ports for hop in resolve([socket, hidden, plain]).hops]
    assert ports == [(), (), (8000,)]

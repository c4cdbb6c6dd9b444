"""The servers of the lab."""

from budgetcheck.model.limits import Meaning

from . import apps
from .case import Check, Claim, Clock, Server
from .clocks import Answer, Shutdown, half_body, half_header, idle

# gunicorn's arbiter looks at its workers after each of its waits of at most 1 s:
# https://github.com/benoitc/gunicorn/blob/master/gunicorn/arbiter.py (`sleep`, `murder_workers`).
_ARBITER = "the arbiter looks once a second"
# uWSGI's master works once a second with whole seconds:
# https://github.com/unbit/uwsgi/blob/master/core/master_checks.c
_MASTER = "the master looks once a second, at whole seconds"
# Node.js keeps a connection 1 s longer than it says, so as not to close it under a client that believes it:
# https://github.com/nodejs/node/pull/59243. Older releases do not.
_BUFFER = "keepAliveTimeoutBuffer, 1 s in newer releases"
# https://github.com/Kludex/uvicorn/blob/main/uvicorn/server.py: `main_loop`, `shutdown`.
_TICK = "uvicorn looks for the signal every 0.1 s and first gives connections 0.1 s"
_APP = ("app.py", apps.PYTHON)
_UVICORN = "uvicorn app:asgi --host <host> --port <port>"
_COMPOSE_ARGUMENTS = """\
services:
  web:
    image: app
    command: gunicorn app:wsgi
    environment:
      GUNICORN_CMD_ARGS: --bind <address> --threads 2
"""
_COMPOSE_WORKER = """\
services:
  web:
    image: app
    command: >-
      gunicorn app:asgi -k uvicorn_worker.UvicornWorker --bind <address>
      --timeout 2 --keep-alive 1 --graceful-timeout 1
"""
_COMPOSE_VARIABLE = """\
services:
  web:
    image: app
    command: [uvicorn, "app:asgi", --host, <host>, --port, "<port>"]
    environment: {UVICORN_TIMEOUT_KEEP_ALIVE: "0"}
"""


def _hang(
    seconds: float | None,
    runs: float,
    *,
    setting: str = "",
    meaning: Meaning | None = None,
    status: int | None = 200,
    early: float = 0.0,
    late: float = 0.0,
    why: str = "",
) -> Check:
    """A request that runs longer than anything the server's files mention."""
    return Check(
        what=f"request of {runs:g} s",
        clock=Answer(takes=runs),
        claim=Claim.HANG,
        setting=setting,
        meaning=meaning,
        seconds=seconds,
        status=status,
        early=early,
        late=late,
        why_late=why,
    )


def _idle(setting: str, seconds: float, *, default: bool = False, late: float = 0.0, why: str = "") -> Check:
    return Check(
        what="idle connection",
        clock=idle,
        setting=setting,
        meaning=Meaning.KEEPALIVE,
        seconds=seconds,
        status=200,
        default=default,
        late=late,
        why_late=why,
    )


def _drain(
    setting: str,
    seconds: float | None,
    runs: float,
    *,
    default: bool = False,
    late: float = 0.0,
    why: str = "",
) -> Check:
    """SIGTERM while a request runs."""
    return Check(
        what=f"SIGTERM, request of {runs:g} s",
        clock=Shutdown(takes=runs),
        setting=setting,
        meaning=Meaning.DRAIN,
        seconds=seconds,
        default=default,
        late=late,
        why_late=why,
    )


_CLOSES = Check(
    what="idle connection",
    clock=idle,
    claim=Claim.ABSENT,
    meaning=Meaning.KEEPALIVE,
    seconds=0.0,
    status=200,
)

_GUNICORN = (
    Server(
        name="gunicorn sync, Procfile",
        why="timeout is the limit of a request, and connections are not kept, whatever keepalive says",
        component="gunicorn",
        needs=("gunicorn",),
        start="Procfile",
        files=(
            ("Procfile", "web: gunicorn app:wsgi -b <address> -t 2 --graceful-timeout 1 --keep-alive 3\n"),
            _APP,
        ),
        checks=(
            _hang(2.0, 6.0, setting="timeout", meaning=Meaning.TOTAL, status=0, late=1.0, why=_ARBITER),
            _CLOSES,
            _drain("graceful_timeout", 1.0, 6.0),
        ),
    ),
    Server(
        name="gunicorn gthread, start.sh and gunicorn.conf.py",
        why="timeout is a heartbeat: a request three times as long finishes",
        component="gunicorn",
        needs=("gunicorn",),
        start="start.sh",
        files=(
            ("start.sh", '#!/bin/sh\nexec gunicorn app:wsgi \\\n  --bind "${BIND:-<address>}"\n'),
            ("gunicorn.conf.py", "threads = 4\ntimeout = 1\nkeepalive = 3\ngraceful_timeout = 2\n"),
            _APP,
        ),
        checks=(_hang(None, 3.0), _idle("keepalive", 3.0), _drain("graceful_timeout", 2.0, 6.0)),
    ),
    Server(
        name="gunicorn gthread, defaults",
        why="connections are kept for 2 s unless somebody says otherwise",
        component="gunicorn",
        needs=("gunicorn",),
        start="compose.yaml",
        files=(
            ("compose.yaml", _COMPOSE_ARGUMENTS),
            _APP,
        ),
        checks=(_idle("keepalive", 2.0, default=True),),
    ),
    Server(
        name="gunicorn uvicorn worker, compose.yaml",
        why="gunicorn's keepalive, not uvicorn's; a request outlives timeout unless it blocks the event loop",
        component="gunicorn",
        needs=("gunicorn", "uvicorn", "uvicorn_worker"),
        start="compose.yaml",
        files=(
            ("compose.yaml", _COMPOSE_WORKER),
            _APP,
        ),
        checks=(
            _idle("keepalive", 1.0),
            _hang(None, 4.0),
            Check(
                what="blocked event loop",
                clock=Answer(takes=6.0, path="/block"),
                setting="timeout",
                meaning=Meaning.HEARTBEAT,
                seconds=2.0,
                early=1.0,  # the last heartbeat may be half of `timeout` old when the loop is blocked
                late=1.0,
                why_late=_ARBITER,
            ),
            _drain("graceful_timeout", 1.0, 6.0),
        ),
    ),
)

_ASGI = (
    Server(
        name="uvicorn, Procfile",
        why="no limit of a request; both of its times",
        component="uvicorn",
        needs=("uvicorn",),
        start="Procfile",
        files=(
            ("Procfile", f"web: {_UVICORN} --timeout-keep-alive 2 --timeout-graceful-shutdown 1\n"),
            _APP,
        ),
        checks=(
            _idle("timeout_keep_alive", 2.0),
            _hang(None, 4.0),
            _drain("timeout_graceful_shutdown", 1.0, 6.0, late=0.2, why=_TICK),
        ),
    ),
    Server(
        name="uvicorn, defaults",
        why="connections are kept for 5 s, and a shutdown waits for every request",
        component="uvicorn",
        needs=("uvicorn",),
        start="start.sh",
        files=(("start.sh", f"#!/bin/sh\nexec {_UVICORN}\n"), _APP),
        checks=(
            _idle("timeout_keep_alive", 5.0, default=True),
            _drain("timeout_graceful_shutdown", None, 4.0, default=True),
        ),
    ),
    Server(
        name="uvicorn, keep-alive 0 from the environment",
        why="0 closes after each response",
        component="uvicorn",
        needs=("uvicorn",),
        start="compose.yaml",
        files=(
            ("compose.yaml", _COMPOSE_VARIABLE),
            _APP,
        ),
        checks=(_idle("timeout_keep_alive", 0.0),),
    ),
    Server(
        name="hypercorn, hypercorn.toml",
        why="no limit of a request; both of its times, one from each place",
        component="hypercorn",
        needs=("hypercorn",),
        start="start.sh",
        files=(
            ("start.sh", "#!/bin/sh\nexec hypercorn -c hypercorn.toml --keep-alive 2 app:asgi\n"),
            ("hypercorn.toml", 'bind = "<address>"\ngraceful_timeout = 1\n'),
            _APP,
        ),
        checks=(
            _idle("keep_alive_timeout", 2.0),
            _hang(None, 4.0),
            _drain("graceful_timeout", 1.0, 6.0),
        ),
    ),
    Server(
        name="hypercorn, defaults",
        why="5 s for idle connections, 3 s for a shutdown",
        component="hypercorn",
        needs=("hypercorn",),
        start="Procfile",
        files=(("Procfile", "web: hypercorn app:asgi --bind <address>\n"), _APP),
        checks=(
            _idle("keep_alive_timeout", 5.0, default=True),
            _drain("graceful_timeout", 3.0, 8.0, default=True),
        ),
    ),
)

# `plugin` is for builds that do not contain Python, such as Debian's; others pass over it.
_UWSGI_INI = (
    "[uwsgi]\nhttp-socket = <address>\nplugin = python3\nwsgi-file = app.py\ncallable = wsgi\nmaster = true\n"
)

_UWSGI = (
    Server(
        name="uWSGI with harakiri",
        why="harakiri is the limit of a request",
        component="uwsgi",
        needs=("uwsgi",),
        start="Procfile",
        files=(
            ("Procfile", "web: uwsgi --ini uwsgi.ini\n"),
            ("uwsgi.ini", f"{_UWSGI_INI}harakiri = 2\n"),
            _APP,
        ),
        checks=(
            _hang(
                2.0,
                8.0,
                setting="harakiri",
                meaning=Meaning.TOTAL,
                status=None,
                early=1.0,
                late=1.0,
                why=_MASTER,
            ),
        ),
    ),
    Server(
        name="uWSGI without harakiri",
        why="no limit of a request",
        component="uwsgi",
        needs=("uwsgi",),
        start="Procfile",
        files=(("Procfile", "web: uwsgi uwsgi.ini\n"), ("uwsgi.ini", _UWSGI_INI), _APP),
        checks=(_hang(None, 4.0),),
    ),
)


def _received(setting: str, what: str, clock: Clock, seconds: float) -> Check:
    return Check(what=what, clock=clock, setting=setting, meaning=Meaning.TOTAL, seconds=seconds, status=408)


_NODE = (
    Server(
        name="Node.js, server.js",
        why="no limit for a handler; the times that its code sets",
        component="node",
        needs=("node",),
        start="Procfile",
        files=(
            ("Procfile", "web: node server.js\n"),
            (
                "server.js",
                apps.node("keepAliveTimeout = 2 * 1000", "headersTimeout = 1_500", "requestTimeout = 2500"),
            ),
        ),
        checks=(
            _hang(None, 4.0),
            _idle("keepAliveTimeout", 2.0, late=1.0, why=_BUFFER),
            _received("headersTimeout", "half a header", half_header, 1.5),
            _received("requestTimeout", "half a body", half_body, 2.5),
        ),
    ),
    Server(
        name="Node.js, socket timeout",
        why="server.timeout ends a silent handler",
        component="node",
        needs=("node",),
        start="Procfile",
        files=(("Procfile", "web: node server.js\n"), ("server.js", apps.node("timeout = 1500"))),
        checks=(_hang(1.5, 6.0, setting="timeout", meaning=Meaning.IDLE, status=None),),
    ),
    Server(
        name="Node.js, defaults",
        why="idle connections are kept for 5 s, or 65 s from version 26",
        component="node",
        needs=("node",),
        start="Procfile",
        files=(("Procfile", "web: node server.js\n"), ("server.js", apps.node())),
        checks=(_idle("keepAliveTimeout", 5.0, default=True, late=1.0, why=_BUFFER),),
    ),
)

SERVERS = (*_GUNICORN, *_ASGI, *_UWSGI, *_NODE)

"""FastCGI, uwsgi, SCGI, gRPC and memcached: the same rules, each with directives of its own."""

from ..backends import Hang
from ..case import Case, Claim
from ..client import Request
from .texts import group, server

_GET = Request()
_POST = Request(method="POST", body=b"x")


def _family(
    family: str, count: int, directives: str = "", *, request: Request = _GET, attempts: int, why: str
) -> Case:
    times = " ".join(f"{family}_{name}_timeout 300ms;" for name in ("connect", "send", "read"))
    scheme = "grpc://" if family == "grpc" else ""
    more = f", {directives.rstrip(';')}" if directives else ""
    key = "set $memcached_key x; " if family == "memcached" else ""
    return Case(
        name=f"{family}, {count} servers, {request.method}{more}",
        why=why,
        http=group(count)
        + server(f"location / {{ {key}{family}_pass {scheme}app; {directives} }}", times=times),
        backends=(Hang(),) * count,
        request=request,
        seconds=0.3 * attempts,
        attempts=attempts,
    )


_RULES = tuple(
    case
    for family in ("fastcgi", "uwsgi", "scgi", "grpc")
    for case in (
        _family(family, 2, attempts=2, why="the next server after a timeout"),
        _family(family, 2, request=_POST, attempts=1, why="a POST is sent once"),
        _family(family, 3, f"{family}_next_upstream_tries 2;", attempts=2, why="its own cap counts"),
        _family(family, 3, f"{family}_next_upstream_timeout 450ms;", attempts=2, why="its own gate counts"),
        _family(family, 2, f"{family}_next_upstream off;", attempts=1, why="its own conditions count"),
    )
)

_OTHERS = (
    _family("memcached", 2, attempts=2, why="the same rules"),
    Case(
        name="proxy_read_timeout beside fastcgi_pass",
        why="the directive of another family is never read: fastcgi's own value counts",
        http=server(
            "location / { fastcgi_pass <1>; fastcgi_read_timeout 700ms; proxy_read_timeout 200ms; }", times=""
        ),
        seconds=0.7,
        attempts=1,
    ),
    Case(
        name="proxy_next_upstream_tries beside uwsgi_pass",
        why="the same for the number of tries",
        http=group(2)
        + server(
            "location / { uwsgi_pass app; uwsgi_read_timeout 300ms; proxy_next_upstream_tries 1; }", times=""
        ),
        backends=(Hang(), Hang()),
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="fastcgi fallback of a proxied location",
        why="each pass has the values of its own family",
        http=server(
            "fastcgi_read_timeout 500ms;",
            "location / { proxy_pass http://<1>; error_page 504 = @php; }",
            "location @php { fastcgi_pass <2>; }",
        ),
        backends=(Hang(), Hang()),
        seconds=0.8,
        attempts=2,
    ),
    _family(
        "fastcgi",
        3,
        "fastcgi_next_upstream error timeout non_idempotent;",
        request=_POST,
        attempts=3,
        why="with non_idempotent a POST is sent to every server",
    ),
    Case(
        name="grpc, large POST to 2 servers, non_idempotent",
        why="gRPC never buffers the body: only one that came with the header can be sent again",
        http=group(2)
        + server(
            "location / { grpc_pass grpc://app; grpc_next_upstream error timeout non_idempotent; }",
            times="grpc_read_timeout 300ms; client_max_body_size 0;",
        ),
        backends=(Hang(), Hang()),
        request=Request(method="POST", body=b"x" * 30_000),
        seconds=0.3,
        attempts=1,
        claim=Claim.AT_MOST,
    ),
)

FAMILIES = (*_RULES, *_OTHERS)

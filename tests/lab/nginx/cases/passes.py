"""Several passes one after the other: auth_request, error_page fallbacks, X-Accel-Redirect."""

from ..backends import Answer, Hang, Refuse
from ..case import Case, Claim
from ..client import Request
from .texts import group, server

_POST = Request(method="POST", body=b"x")
_AT_THE_LAST_MOMENT = Answer(after=0.28)

_AUTH = (
    Case(
        name="auth_request answers at the last moment",
        why="its pass comes before the main one",
        http=server(
            "location / { auth_request /auth; proxy_pass http://<2>; }",
            "location = /auth { internal; proxy_pass http://<1>; }",
        ),
        backends=(_AT_THE_LAST_MOMENT, Hang()),
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="auth_request hangs",
        why="a silent auth server makes a 500, and the main pass never runs",
        http=server(
            "location / { auth_request /auth; proxy_pass http://<2>; }",
            "location = /auth { internal; proxy_pass http://<1>; }",
        ),
        backends=(Hang(), Hang()),
        seconds=0.3,
        attempts=1,
        status=500,
        claim=Claim.AT_MOST,
    ),
    Case(
        name="auth_request to 2 servers, POST",
        why="the sub-request is a GET whatever the method of the client",
        http=group(2, name="auth")
        + server(
            "location / { auth_request /auth; proxy_pass http://<3>; }",
            "location = /auth { internal; proxy_pass http://auth; "
            'proxy_pass_request_body off; proxy_set_header Content-Length ""; }',
        ),
        backends=(Hang(), _AT_THE_LAST_MOMENT, Hang()),
        request=_POST,
        seconds=0.9,
        attempts=3,
    ),
    Case(
        name="auth_request with its own times",
        why="the auth pass has the values of its own location",
        http=server(
            "location / { auth_request /auth; proxy_pass http://<2>; proxy_read_timeout 200ms; }",
            "location = /auth { internal; proxy_pass http://<1>; proxy_read_timeout 600ms; }",
            times="",
        ),
        backends=(Answer(after=0.56), Hang()),
        seconds=0.8,
        attempts=2,
    ),
    Case(
        name="auth_request on the server",
        why="it is inherited by locations",
        http=server(
            "auth_request /auth;",
            "location / { proxy_pass http://<2>; }",
            "location = /auth { internal; proxy_pass http://<1>; }",
        ),
        backends=(_AT_THE_LAST_MOMENT, Hang()),
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="auth_request off in the location",
        why="and switched off there",
        http=server(
            "auth_request /auth;",
            "location / { auth_request off; proxy_pass http://<2>; }",
            "location = /auth { internal; proxy_pass http://<1>; }",
        ),
        backends=(Answer(), Hang()),
        seconds=0.3,
        attempts=1,
    ),
    Case(
        name="auth_request, then a fallback",
        why="all three passes add up",
        http=server(
            "location / { auth_request /auth; proxy_pass http://<2>; error_page 504 = @later; }",
            "location = /auth { internal; proxy_pass http://<1>; }",
            "location @later { proxy_pass http://<3>; }",
        ),
        backends=(_AT_THE_LAST_MOMENT, Hang(), Hang()),
        seconds=0.9,
        attempts=3,
    ),
    Case(
        name="auth_request on the server, then a fallback",
        why="the fallback location is authorised as well: the auth pass runs twice",
        http=server(
            "auth_request /auth;",
            "location / { proxy_pass http://<2>; error_page 504 = @later; }",
            "location = /auth { internal; proxy_pass http://<1>; }",
            "location @later { proxy_pass http://<3>; }",
        ),
        backends=(_AT_THE_LAST_MOMENT, Hang(), Hang()),
        seconds=1.2,
        attempts=4,
    ),
    Case(
        name="auth_request hangs, fallback for 500",
        why="the 500 of a silent auth server leads to the fallback too",
        http=server(
            "location / { auth_request /auth; proxy_pass http://<2>; error_page 500 = @later; }",
            "location = /auth { internal; proxy_pass http://<1>; }",
            "location @later { proxy_pass http://<3>; }",
        ),
        backends=(Hang(), Hang(), Hang()),
        seconds=0.6,
        attempts=2,
        claim=Claim.AT_MOST,
    ),
    Case(
        name="fallback of the auth location",
        why="a sub-request follows its own error pages",
        http=server(
            "location / { auth_request /auth; proxy_pass http://<3>; }",
            "location = /auth { internal; proxy_pass http://<1>; error_page 504 = @other; }",
            "location @other { proxy_pass http://<2>; }",
        ),
        backends=(Hang(), _AT_THE_LAST_MOMENT, Hang()),
        seconds=0.9,
        attempts=3,
    ),
    Case(
        name="error_page and auth_request of the server",
        why="the auth location inherits the fallback as well, and the fallback is authorised",
        http=server(
            "auth_request /auth;",
            "error_page 504 = @later;",
            "location / { proxy_pass http://<1>; }",
            "location = /auth { internal; proxy_pass http://<2>; }",
            "location @later { auth_request off; proxy_pass http://<3>; }",
        ),
        backends=(Hang(), _AT_THE_LAST_MOMENT, Hang()),
        seconds=0.9,
        attempts=3,
        claim=Claim.AT_MOST,
    ),
)

_FALLBACKS = (
    Case(
        name="fallback of a named location",
        why="a location that try_files leads to may have an error page",
        http=server(
            "location / { try_files $uri @app; }",
            "location @app { proxy_pass http://<1>; error_page 504 = @later; }",
            "location @later { proxy_pass http://<2>; }",
        ),
        backends=(Hang(), Hang()),
        location="@app",
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="fallback, then a location with try_files, POST",
        why="the method is GET from the first fallback to a path on",
        http=group(2, name="later", first=2)
        + server(
            "recursive_error_pages on;",
            "location / { proxy_pass http://<1>; error_page 504 /second; }",
            "location = /second { proxy_pass http://<4>; error_page 504 = @third; }",
            "location @third { proxy_pass http://later; }",
        ),
        backends=(Hang(),) * 4,
        request=_POST,
        seconds=1.2,
        attempts=4,
    ),
    Case(
        name="fallback for 504",
        why="a whole pass more",
        http=server(
            "location / { proxy_pass http://<1>; error_page 504 = @later; }",
            "location @later { proxy_pass http://<2>; }",
        ),
        backends=(Hang(), Hang()),
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="fallback for 504, POST",
        why="a fallback sends even a POST again, once per pass",
        http=server(
            "location / { proxy_pass http://<1>; error_page 504 = @later; }",
            "location @later { proxy_pass http://<2>; }",
        ),
        backends=(Hang(), Hang()),
        request=_POST,
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="fallback to a group, POST",
        why="in a named fallback it stays a POST: one attempt",
        http=group(2, name="later", first=2)
        + server(
            "location / { proxy_pass http://<1>; error_page 504 = @later; }",
            "location @later { proxy_pass http://later; }",
        ),
        backends=(Hang(),) * 3,
        request=_POST,
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="fallback to a path and a group, POST",
        why="a fallback to a path is requested with GET: every server is tried",
        http=group(2, name="later", first=2)
        + server(
            "location / { proxy_pass http://<1>; error_page 504 /later; }",
            "location = /later { internal; proxy_pass http://later; }",
        ),
        backends=(Hang(),) * 3,
        request=_POST,
        seconds=0.9,
        attempts=3,
    ),
    Case(
        name="2 + 2 servers, gate on both",
        why="every pass counts its gate anew",
        http=group(2)
        + group(2, name="later", first=3)
        + server(
            "proxy_next_upstream_timeout 150ms;",
            "location / { proxy_pass http://app; error_page 504 = @later; }",
            "location @later { proxy_pass http://later; }",
        ),
        backends=(Hang(),) * 4,
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="fallback for 502 alone",
        why="silence is a 504: that page is not asked for",
        http=server(
            "location / { proxy_pass http://<1>; error_page 502 = @later; }",
            "location @later { proxy_pass http://<2>; }",
        ),
        backends=(Hang(), Hang()),
        seconds=0.3,
        attempts=1,
    ),
    Case(
        name="fallback for 502 alone, refused",
        why="a refused connection is a 502",
        http=server(
            "location / { proxy_pass http://<1>; error_page 502 = @later; }",
            "location @later { proxy_pass http://<2>; }",
        ),
        backends=(Refuse(), Hang()),
        seconds=0.3,
        attempts=1,
        claim=Claim.STRICT,
    ),
    Case(
        name="3 passes, recursive_error_pages on",
        why="a fallback of the fallback",
        http=server(
            "recursive_error_pages on;",
            "location / { proxy_pass http://<1>; error_page 504 = @second; }",
            "location @second { proxy_pass http://<2>; error_page 504 = @third; }",
            "location @third { proxy_pass http://<3>; }",
        ),
        backends=(Hang(),) * 3,
        seconds=0.9,
        attempts=3,
    ),
    Case(
        name="3 passes, recursive_error_pages off",
        why="by default the error page of an error page is ignored",
        http=server(
            "location / { proxy_pass http://<1>; error_page 504 = @second; }",
            "location @second { proxy_pass http://<2>; error_page 504 = @third; }",
            "location @third { proxy_pass http://<3>; }",
        ),
        backends=(Hang(),) * 3,
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="error_page of the server",
        why="the list is inherited by locations without one",
        http=server(
            "error_page 502 504 = @later;",
            "location / { proxy_pass http://<1>; }",
            "location @later { proxy_pass http://<2>; }",
        ),
        backends=(Hang(), Hang()),
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="error_page replaced in the location",
        why="a list of its own replaces the inherited one",
        http=server(
            "error_page 504 = @later;",
            "location / { proxy_pass http://<1>; error_page 404 = @later; }",
            "location @later { proxy_pass http://<2>; }",
        ),
        backends=(Hang(), Hang()),
        seconds=0.3,
        attempts=1,
    ),
    Case(
        name="fallback for a late 503 without intercept_errors",
        why="an answer of the backend is no error of nginx",
        http=server(
            "location / { proxy_pass http://<1>; error_page 503 = @later; }",
            "location @later { proxy_pass http://<2>; }",
        ),
        backends=(Answer(status=503, after=0.28), Hang()),
        seconds=0.3,
        attempts=1,
        status=503,
    ),
    Case(
        name="fallback for a late 503 with intercept_errors",
        why="unless nginx is told to intercept it",
        http=server(
            "location / { proxy_pass http://<1>; proxy_intercept_errors on; error_page 503 = @later; }",
            "location @later { proxy_pass http://<2>; }",
        ),
        backends=(Answer(status=503, after=0.28), Hang()),
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="X-Accel-Redirect",
        why="a backend may send the request on to another location: one more pass",
        http=server(
            "location / { proxy_pass http://<1>; }", "location = /slow { internal; proxy_pass http://<2>; }"
        ),
        backends=(Answer(after=0.28, header="X-Accel-Redirect: /slow"), Hang()),
        seconds=0.6,
        attempts=2,
        deviates="which responses carry X-Accel-Redirect is not in these files",
    ),
    Case(
        name="error_page with a static file",
        why="a fallback that passes nothing on costs nothing",
        http=server(
            "location / { proxy_pass http://<1>; error_page 504 = @sorry; }",
            "location @sorry { return 503; }",
        ),
        seconds=0.3,
        attempts=1,
        status=503,
    ),
)

PASSES = (*_AUTH, *_FALLBACKS)

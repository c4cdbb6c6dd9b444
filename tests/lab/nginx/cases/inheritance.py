"""Which value is in force: levels, nested locations, `if`, snippets, and how times are written."""

from ..backends import Hang
from ..case import Case
from ..client import Request
from .texts import group, server


def _time(written: str, seconds: float, why: str) -> Case:
    return Case(
        name=f"time {written}",
        why=why,
        http=server(f"location / {{ proxy_pass http://<1>; proxy_read_timeout {written}; }}"),
        seconds=seconds,
        attempts=1,
    )


_LEVELS = (
    Case(
        name="off on the server, tries in the location",
        why="each directive is inherited alone: off still holds",
        http=group(3)
        + server(
            "proxy_next_upstream off;", "location / { proxy_pass http://app; proxy_next_upstream_tries 2; }"
        ),
        backends=(Hang(),) * 3,
        seconds=0.3,
        attempts=1,
    ),
    Case(
        name="off in http, on again in the location",
        why="the innermost list replaces the outer one",
        http="proxy_next_upstream off;\n"
        + group(2)
        + server("location / { proxy_pass http://app; proxy_next_upstream timeout; }"),
        backends=(Hang(),) * 2,
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="read timeout of http",
        why="http passes its values down to locations",
        http="proxy_read_timeout 400ms;\n" + server("location / { proxy_pass http://<1>; }", times=""),
        seconds=0.4,
        attempts=1,
    ),
    Case(
        name="location over server over http",
        why="the innermost value wins",
        http="proxy_read_timeout 900ms;\n"
        + server(
            "location / { proxy_pass http://<1>; proxy_read_timeout 200ms; }",
            times="proxy_read_timeout 600ms;",
        ),
        seconds=0.2,
        attempts=1,
    ),
    Case(
        name="written after the location",
        why="the order within a block does not matter",
        http=server("location / { proxy_pass http://<1>; }", "proxy_read_timeout 700ms;", times=""),
        seconds=0.7,
        attempts=1,
    ),
    Case(
        name="nested location",
        why="a nested location takes the values of the one around it",
        http=server("location / { proxy_read_timeout 600ms; location /in/ { proxy_pass http://<1>; } }"),
        request=Request(path="/in/x"),
        location="/in/",
        seconds=0.6,
        attempts=1,
    ),
    Case(
        name="if in location",
        why="a pass in `if` has the location's times",
        http=server(
            "location / {\n    proxy_read_timeout 600ms;\n"
            "    if ($request_method = GET) { proxy_pass http://<1>; }\n  }"
        ),
        seconds=0.6,
        attempts=1,
    ),
    Case(
        name="limit_except",
        why="and so has one in `limit_except`",
        http=server(
            "location / {\n    proxy_read_timeout 600ms;\n"
            "    limit_except GET { proxy_pass http://<1>; }\n  }"
        ),
        request=Request(method="DELETE"),
        seconds=0.6,
        attempts=1,
    ),
    Case(
        name="regex location",
        why="a regular expression beats the prefix and has its own times",
        http=server(
            "location /api/ { proxy_pass http://<1>; }",
            "location ~ \\.json$ { proxy_pass http://<1>; proxy_read_timeout 600ms; }",
        ),
        request=Request(path="/api/a.json"),
        location="~ \\.json$",
        seconds=0.6,
        attempts=1,
    ),
    Case(
        name="named fallback has its own times",
        why="a fallback takes the values of its own location, not of the one that failed",
        http=server(
            "location / { proxy_pass http://<1>; proxy_read_timeout 200ms; error_page 504 = @later; }",
            "location @later { proxy_pass http://<2>; }",
            times="proxy_read_timeout 600ms;",
        ),
        backends=(Hang(), Hang()),
        seconds=0.8,
        attempts=2,
    ),
    Case(
        name="rewrite to another location",
        why="the location that a rewrite ends in decides",
        http=server(
            "location / { rewrite ^ /new/ last; }",
            "location /new/ { proxy_pass http://<1>; proxy_read_timeout 600ms; }",
        ),
        location="/new/",
        seconds=0.6,
        attempts=1,
    ),
    Case(
        name="try_files to a named location",
        why="the same for try_files",
        http=server(
            "location / { try_files $uri @app; }",
            "location @app { proxy_pass http://<1>; proxy_read_timeout 600ms; }",
        ),
        location="@app",
        seconds=0.6,
        attempts=1,
    ),
)

_SNIPPETS = (
    Case(
        name="snippet in the location",
        why="an included file belongs to the block that includes it",
        http=server("location / { include snippets/proxy.conf; proxy_pass http://<1>; }"),
        files=(("snippets/proxy.conf", "proxy_read_timeout 600ms;\n"),),
        seconds=0.6,
        attempts=1,
    ),
    Case(
        name="snippets by pattern in http",
        why="server blocks and groups come from conf.d, relative to the main file",
        http="include conf.d/*.conf;\n",
        files=(
            ("conf.d/10-group.conf", group(2)),
            ("conf.d/20-site.conf", server("location / { proxy_pass http://app; }")),
        ),
        backends=(Hang(), Hang()),
        seconds=0.6,
        attempts=2,
    ),
    Case(
        name="snippet that includes another",
        why="the path of the inner one is relative to the main file as well",
        http=server("include snippets/outer.conf;", "location / { proxy_pass http://<1>; }", times=""),
        files=(
            ("snippets/outer.conf", "include snippets/inner.conf;\n"),
            ("snippets/inner.conf", "proxy_read_timeout 500ms;\n"),
        ),
        seconds=0.5,
        attempts=1,
    ),
)

_TIMES = (
    _time("1", 1.0, "a bare number is seconds"),
    _time("1s", 1.0, "seconds"),
    _time("400ms", 0.4, "milliseconds"),
    _time("1s200ms", 1.2, "units in descending order add up"),
    _time('"1s 200ms"', 1.2, "the same with a blank, in quotes"),
    _time("0h0m400ms", 0.4, "parts of 0"),
    Case(
        name="time 0",
        why="read_timeout 0 fails at once, it is not endless",
        http=server("location / { proxy_pass http://<1>; proxy_read_timeout 0; }"),
        seconds=0.0,
        attempts=None,
    ),
)

INHERITANCE = (*_LEVELS, *_SNIPPETS, *_TIMES)

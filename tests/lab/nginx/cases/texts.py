"""Pieces of configuration that many cases share."""

TIMES = "proxy_connect_timeout 300ms; proxy_send_timeout 300ms; proxy_read_timeout 300ms;"


def group(count: int, more: str = "", *, name: str = "app", first: int = 1) -> str:
    """An upstream group of the backends from number `first` on."""
    servers = " ".join(f"server <{number}>;" for number in range(first, first + count))
    return f"upstream {name} {{ {more} {servers} }}\n"


def server(*parts: str, times: str = TIMES) -> str:
    """A server with short times, and what else stands in it."""
    return "server {\n  listen <listen>;\n  " + "\n  ".join((times, *parts)) + "\n}"


def passing(count: int, directives: str = "", *, of_group: str = "") -> str:
    """A group of hanging backends, and a location that passes to it."""
    return group(count, of_group) + server(f"location / {{ proxy_pass http://app; {directives} }}")


def application(milliseconds: int) -> tuple[tuple[str, str], ...]:
    """An application behind the first backend that answers within so many milliseconds."""
    return (
        (
            "app.yaml",
            f"service: app\nserver: {{port: <port 1>}}\nroutes: [{{path: /, deadline: {milliseconds}ms}}]\n",
        ),
        ("budgetcheck.yaml", 'links: [{outer: "nginx:_/", inner: "app:app/*"}]\n'),
    )

"""The applications that the servers serve: each takes as many seconds as its query string says."""

PYTHON = """\
import asyncio
import time


def wsgi(environ, start_response):
    time.sleep(float(environ["QUERY_STRING"] or 0))
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    seconds = float(scope["query_string"] or 0)
    if scope["path"] == "/block":
        time.sleep(seconds)
    await asyncio.sleep(seconds)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
"""


def node(*settings: str) -> str:
    """An entry file of Node.js that sets these properties of its server.

    By itself Node.js looks for late requests every 30 s only.
    """
    lines = "".join(f"server.{setting};\n" for setting in settings)
    return f"""\
const http = require("http");

const server = http.createServer({{ connectionsCheckingInterval: 100 }}, (request, response) => {{
  const seconds = Number(request.url.split("?")[1] || 0);
  request.resume();
  request.on("end", () => setTimeout(() => response.end("ok"), seconds * 1000));
}});
{lines}server.listen(<port>, "<host>");
"""

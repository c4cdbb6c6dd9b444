"""The way of one request: which hop takes it and why, then its chains; as text and as a JSON document."""

from collections.abc import Iterator, Sequence

from budgetcheck.model.answer import Answer, Serving
from budgetcheck.model.duration import show_duration
from budgetcheck.model.report import RouteReport, Verdict
from budgetcheck.render import RenderOptions
from budgetcheck.render.escape import harmless_json
from budgetcheck.render.json_text import Json, indented
from budgetcheck.render.json_v1 import route_object
from budgetcheck.render.layout import EMPTY, Line, Piece, Style, flow
from budgetcheck.render.paint import coloured, plain
from budgetcheck.render.text_routes import draw_route
from budgetcheck.render.words import counted

SCHEMA = "budgetcheck/route/v1"

_MOST = 10
"""More chains than this are not looked at."""
_WORST_FIRST = (Verdict.EXCEEDS, Verdict.CANNOT_TELL, Verdict.FITS, Verdict.NOT_COMPARED)


def render_text(answer: Answer, options: RenderOptions) -> str:
    """The answer for people."""
    lines = compose(answer, options)
    return coloured(lines) if options.color else plain(lines)


def render_routes(routes: Sequence[RouteReport], options: RenderOptions) -> str:
    """Routes with every limit of every hop."""
    lines: list[Line] = []
    for item in routes:
        lines += draw_route(item, width=options.width, ascii_only=options.ascii_only, every=True)
        lines.append(EMPTY)
    return coloured(lines[:-1]) if options.color else plain(lines[:-1])


def compose(answer: Answer, options: RenderOptions) -> list[Line]:
    """The answer as styled lines."""
    word, name = answer.heading
    heading = [Piece(f"{word} "), Piece(name, Style.STRONG)]
    lines = [*flow(heading, width=options.width, hang=4), EMPTY]
    if not answer.serving:
        return [*lines, *_nothing(answer, options.width)]
    blocks = [block for serving in answer.serving for block in _serving(serving, options)]
    for block in blocks:
        lines += [*block, EMPTY]
    return lines[:-1]


def render_json(answer: Answer) -> str:
    """The document, indented, with a newline at its end."""
    return harmless_json(indented(document(answer))) + "\n"


def document(answer: Answer) -> dict[str, Json]:
    """The likeliest hop on top, others that may take the request under `others`."""
    asked = answer.asked
    first, *others = answer.serving or (None,)
    return {
        "schema": SCHEMA,
        "request": {
            "method": asked.method or None,
            "host": asked.host or None,
            "port": asked.port or None,
            "path": asked.path,
        },
        **_serving_object(first),
        "others": [_serving_object(serving) for serving in others],
        "remark": answer.remark or None,
        "nearest": list(answer.nearest),
    }


def _serving_object(serving: Serving | None) -> dict[str, Json]:
    if serving is None:
        return {
            **dict.fromkeys(("component", "id", "server", "location", "path", "line")),
            "way": [],
            "redirects": False,
            "unsure": [],
            "verdict": None,
            "slack_ms": None,
            "routes": [],
        }
    slack = [item.slack_ms for item in serving.routes if item.slack_ms is not None]
    return {
        "component": serving.component,
        "id": serving.address or None,
        "server": serving.server or None,
        "location": serving.location or None,
        "path": serving.span.file or None,
        "line": serving.span.line or None,
        "way": list(serving.way),
        "redirects": serving.redirects,
        "unsure": list(serving.unsure),
        "verdict": _verdict(serving),
        "slack_ms": min(slack, default=None),
        "routes": [route_object(item) for item in serving.routes],
    }


def _verdict(serving: Serving) -> str | None:
    found = {item.verdict for item in serving.routes}
    return next((verdict.value for verdict in _WORST_FIRST if verdict in found), None)


def _nothing(answer: Answer, width: int) -> list[Line]:
    text = f"Nothing in these files takes this request. {answer.remark}".rstrip()
    lines = flow([Piece(text, Style.WARNING)], width=width)
    if answer.nearest:
        lines += [EMPTY, (Piece("nearest", Style.STRONG),)]
        lines += [line for name in answer.nearest for line in flow([Piece(name)], width=width, indent=2)]
    return lines


def _serving(serving: Serving, options: RenderOptions) -> Iterator[list[Line]]:
    """The hop and why it was chosen, then each of its chains."""
    yield [*flow(_title(serving), width=options.width, hang=4), *_way(serving, options.width)]
    for item in serving.routes[:_MOST]:
        yield [*draw_route(item, width=options.width, ascii_only=options.ascii_only), *_excess(item)]
    left = len(serving.routes) - _MOST
    if left > 0:
        yield flow([Piece(f"{counted(left, 'more route')}; --format json has all")], width=options.width)


def _title(serving: Serving) -> list[Piece]:
    name = Piece(serving.location, Style.STRONG) if serving.location else None
    place = [Piece("  "), Piece(serving.span.place, Style.PLACE)]
    if serving.component != "nginx":
        return [Piece(serving.address, Style.STRONG), *((Piece(", path "), name) if name else ()), *place]
    ports = f" on port {', '.join(map(str, serving.ports))}" if serving.ports else ""
    pieces = [Piece("nginx server "), Piece(serving.server, Style.STRONG), Piece(ports)]
    return [*pieces, *((Piece(", location "), name) if name else ()), *place]


def _way(serving: Serving, width: int) -> list[Line]:
    texts = [*serving.way]
    if serving.redirects:
        texts.append("nginx answers 301 to the same path with a `/` at its end, which takes the way below")
    elif serving.component == "nginx" and not serving.address:
        texts.append("nginx answers by itself: nothing is passed on, so no limit of another hop is met")
    lines = [line for text in texts for line in flow([Piece(text)], width=width, indent=2, hang=4)]
    for pattern in serving.unsure:
        text = f"unsure: `{pattern}` may match first; it could not be evaluated"
        lines += flow([Piece(text, Style.WARNING)], width=width, indent=2, hang=4)
    return lines


def _excess(item: RouteReport) -> list[Line]:
    """How much too long the need is; the heading tells what is left where it fits."""
    if item.verdict is not Verdict.EXCEEDS or item.slack_ms is None:
        return []
    text = f"  {show_duration(-item.slack_ms)} more than is granted"
    return [(Piece(text, Style.ERROR),)]

"""Node.js: what its command line says, and the times that its entry file sets as literals."""

import re

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.launch import Files, Start
from budgetcheck.readers.processes.lexing import Source
from budgetcheck.readers.processes.options import Given, options
from budgetcheck.readers.processes.servers.base import Binding, Server, settings_of
from budgetcheck.readers.processes.texts import Text, literal, ports_of, unknown

_TIMES = ("keepAliveTimeout", "headersTimeout", "requestTimeout", "timeout")
_ASSIGNED = re.compile(r"\.(keepAliveTimeout|headersTimeout|requestTimeout|timeout) *= *([^;\n]{1,80})")
_PRODUCT = re.compile(r"\d[\d_]{0,9}(?: *\* *\d[\d_]{0,9}){0,3}")
_NEXT = {"--keepAliveTimeout": "keepAliveTimeout", "-p": "port", "--port": "port"}
_MOST_CHARACTERS = 1_000_000


def read_node(start: Start, files: Files) -> Server:
    """A Node.js process. Where its entry file is not here, the code may set any time: not known."""
    entry = next(
        (arg.text.known or "" for arg in start.args if not (arg.text.known or "-").startswith("-")), ""
    )
    source = files.find(entry, start.folder) if entry else None
    given = _from_code(source) if source else _not_seen(start)
    return Server(
        component="node",
        program="node",
        span=start.span,
        settings=settings_of(given, _TIMES),
        binding=_binding(start),
        files=(source.file,) if source else (),
    )


def read_next(start: Start, _files: Files) -> Server | None:
    """`next start`, https://nextjs.org/docs/app/api-reference/cli/next: `--keepAliveTimeout` in ms."""
    if not start.args or start.args[0].text.known not in ("start", "dev"):
        return None
    given = dict(options(start.args, _NEXT))
    binding = _binding(start)
    if "port" in given:
        binding = Binding(ports=ports_of([given["port"].text]), stated=True)
    return Server(
        component="node",
        program="next",
        span=start.span,
        settings=settings_of(given, _TIMES),
        binding=binding if binding.stated else Binding(ports=(3000,)),
        development=start.args[0].text.known == "dev",
    )


def _binding(start: Start) -> Binding:
    port = start.environment.get("PORT")
    if port is None or port.unset:
        return Binding(hidden=True)
    return Binding(ports=ports_of([port]), hidden=not port.choices, stated=True)


def _from_code(source: Source) -> dict[str, Given]:
    found: dict[str, Given] = {}
    for match in _ASSIGNED.finditer(source.text[:_MOST_CHARACTERS]):
        line = source.line + source.text.count("\n", 0, match.start())
        name, code = match.group(1), match.group(2).strip()
        known = _PRODUCT.fullmatch(code)
        text = literal(str(_product(code))) if known else unknown("it is worked out in the code")
        found[name] = Given(
            text=text, span=Span(file=source.file, line=line, text=f"{name} = {code}" if known else name)
        )
    return found


def _product(code: str) -> int:
    result = 1
    for factor in code.split("*"):
        result *= int(factor.replace("_", ""))
    return result


def _not_seen(start: Start) -> dict[str, Given]:
    reason = Text(reason="the code that may set it is not among these files", needs="add the entry file")
    return {"keepAliveTimeout": Given(text=reason, span=start.span)}

"""Reads vercel.json: how long functions may run, and which requests are passed on to another origin.

Source: https://vercel.com/docs/project-configuration/vercel-json. Functions that only their own code speaks
of (`export const maxDuration`) are not seen.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from budgetcheck.model.settings import Declaration, Known, Problem, Reading, Setting, Unresolved
from budgetcheck.model.settings import Value as SettingValue
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Front, PathRule, Target
from budgetcheck.readers.base import ReadContext
from budgetcheck.tree import SourceFile, Tree, UnreadableFileError
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode, parse_yaml

_FUNCTION, _REWRITE = "vercel_function", "vercel"
_DURATION = "maxDuration"
_LONGEST_SOURCE = 200

_VARIABLE = re.compile(r"[:(*?{\[]")
_CATCH_ALL = re.compile(r":[A-Za-z_]\w*(?:\*|\(\.\*\))|\(\.\*\)|\*\*(?:/\*)?|\[\.{3}\w+\]")
_CODE_FILE = re.compile(r"\.[cm]?[jt]sx?$|\.py$|\.go$|\.rb$|\.rs$|\.\*$|\.\{[\w,]+\}$")
_ROUTE_FILE = re.compile(r"/(?:route|page|\+server|\+page(?:\.server)?)$")
_GROUP = re.compile(r"/\([^/()]+\)(?=/)")


def read(files: Sequence[SourceFile], context: ReadContext) -> Reading:
    """One declaration for each function with settings and each rewrite to another origin."""
    declarations: list[Declaration] = []
    problems: list[Problem] = []
    recognised: list[str] = []
    for source in sorted(files, key=lambda file: file.name):
        root, wrong = _parse(source, context.tree)
        problems.extend(wrong)
        if root is not None:
            recognised.append(source.name)
            declarations.extend(_functions(source, root))
            declarations.extend(_rewrites(source, root))
    return Reading(declarations=tuple(declarations), problems=tuple(problems), recognised=tuple(recognised))


def _parse(source: SourceFile, tree: Tree) -> tuple[MapNode | None, list[Problem]]:
    try:
        text = tree.read_text(source.path)
    except UnreadableFileError as error:
        return None, [Problem(span=Span(file=source.name), text=str(error))]
    stream = parse_yaml(text.replace("\t", " "))  # JSON allows tabs between values, YAML does not
    problems = [
        Problem(
            span=Span(file=source.name, line=fault.line, column=fault.column),
            text=fault.text.replace("YAML", "JSON"),
            fix=fault.fix,
        )
        for fault in stream.faults
    ]
    root = stream.documents[0] if stream.documents else None
    if not isinstance(root, MapNode):
        if not problems:
            problems.append(Problem(span=Span(file=source.name, line=1), text="holds no JSON object"))
        return None, problems
    return root, problems


def _functions(source: SourceFile, root: MapNode) -> Iterator[Declaration]:
    functions = root.get("functions")
    if not isinstance(functions, MapNode):
        return
    sent = [one for one in _pairs(root) if one[1].startswith("/")]
    for glob, (key, node) in functions.entries.items():
        duration = _duration(source, node)
        paths = (_function_path(glob), *(path_of(origin) for origin, to in sent if _same(glob, to)))
        yield Declaration(
            component=_FUNCTION,
            address=f"vercel:{_folder(source)}{glob}",
            title=f"{_folder(source)}{glob}",
            span=_span(source, key, f'"{glob}"'),
            settings=(duration,) if duration else (),
            front=Front(paths=tuple(dict.fromkeys(paths))),
        )


def _duration(source: SourceFile, node: Node) -> Setting | None:
    if not isinstance(node, MapNode) or _DURATION not in node.entries:
        return None
    key, found = node.entries[_DURATION]
    value: SettingValue = Unresolved(reason="it is not a number", needs="write a number of seconds")
    shown = ""
    if isinstance(found, ScalarNode) and found.text != "max":  # `max`: as long as the plan allows
        value = Known(value=found.value)
        shown = f": {found.text}" if isinstance(found.value, int | float) else ""
    return Setting(name=_DURATION, value=value, spans=(_span(source, key, f"{_DURATION}{shown}"),))


def _rewrites(source: SourceFile, root: MapNode) -> Iterator[Declaration]:
    """Rewrites to another origin; the others stay within the project."""
    taken: set[str] = set()
    for item in _items(root):
        written, destination = _text(item, "source", "src"), _text(item, "destination", "dest")
        target = _target(written, destination, _span(source, item, "destination"))
        if target is None:
            continue
        address = f"vercel:{_folder(source)}{written}"
        if address in taken:  # told apart by `has` and `missing`, which choose by header or host
            continue
        taken.add(address)
        yield Declaration(
            component=_REWRITE,
            address=address,
            title=f"{_folder(source)}vercel.json {written}",
            span=_span(source, item, written),
            front=Front(paths=(path_of(written),)),
            targets=(target,),
        )


def _items(root: MapNode) -> Iterator[MapNode]:
    """The entries of `rewrites`, with its phases, and of the older `routes`."""
    rewrites = root.get("rewrites")
    phases = rewrites.entries.values() if isinstance(rewrites, MapNode) else ()
    for found in (rewrites, *(node for _, node in phases), root.get("routes")):
        if isinstance(found, ListNode):
            yield from (item for item in found.items if isinstance(item, MapNode))


def _pairs(root: MapNode) -> list[tuple[str, str]]:
    return [(_text(item, "source", "src"), _text(item, "destination", "dest")) for item in _items(root)]


def _text(item: MapNode, *names: str) -> str:
    for name in names:
        found = item.get(name)
        if isinstance(found, ScalarNode):
            return found.text[:_LONGEST_SOURCE]
    return ""


def _target(source: str, destination: str, span: Span) -> Target | None:
    """The origin that a rewrite leads to, with the change of the path on the way; None within the project."""
    try:
        parts = urlsplit(destination)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[\w.-]+", host):
        return None
    taken, sent = path_of(source), _VARIABLE.split(parts.path or "/")[0].partition("$")[0]
    return Target(host=host, port=port, strip=taken.prefix, replace=sent or "/", span=span)


def path_of(source: str) -> PathRule:
    """The requests that a `source` pattern takes: `/api/:path*`, `/blog/:slug`, `/exact`, `/(.*)`."""
    variable = _VARIABLE.search(source)
    if variable is None:
        return PathRule(pattern=source, prefix=source, exact=True)
    prefix = source[: variable.start()]
    everything = _CATCH_ALL.fullmatch(source[variable.start() :])
    rooted = prefix if prefix.startswith("/") else f"/{prefix.lstrip('^')}"
    return PathRule(pattern=source, prefix=rooted, opaque=not everything)


def _function_path(glob: str) -> PathRule:
    """The requests that files of a pattern answer, by the conventions of Vercel and of its frameworks."""
    path = "/" + glob.removeprefix("./").removeprefix("src/")
    framework = path.startswith(("/app/", "/pages/"))
    if not framework and not path.startswith("/api/"):
        return PathRule(pattern=glob, prefix="/", opaque=True)
    path = _GROUP.sub("", "/" + path.split("/", 2)[2] if framework else path)
    path = _ROUTE_FILE.sub("", _CODE_FILE.sub("", path)) or "/"
    path = path.removesuffix("/index") or "/"
    return path_of(path)


def _same(glob: str, destination: str) -> bool:
    """A rewrite within the project leads to that function."""
    own = _CODE_FILE.sub("", "/" + glob).removesuffix("/index")
    return own == _CODE_FILE.sub("", destination.partition("?")[0]).removesuffix("/index")


def _folder(source: SourceFile) -> str:
    """Where the project is, in front of its names; nothing at the top."""
    folder = PurePosixPath(source.name).parent.as_posix()
    return "" if folder == "." else f"{folder}/"


def _span(source: SourceFile, node: Node, text: str) -> Span:
    return Span(file=source.name, line=node.line, column=node.column, text=text)

"""Where people keep deploy commands: scripts, Makefiles, and the YAML files of CI systems.

One walk reads the YAML of all of them: commands are texts, Google's deploy actions are mappings with `uses`,
and steps of Cloud Build are mappings with `args`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.deploy_commands import (
    FUNCTION,
    RUN,
    Deployed,
    deployed_by,
    image_name,
    in_seconds,
    known_name,
)
from budgetcheck.readers.processes.expansion import Variables, expand, set_to
from budgetcheck.readers.processes.launch import Launcher, NoFiles
from budgetcheck.readers.processes.lexing import ShellError, Source, filled_in
from budgetcheck.readers.processes.options import Given, options
from budgetcheck.readers.processes.shell import plain_words
from budgetcheck.readers.processes.shell_state import Arg
from budgetcheck.readers.processes.texts import Text, harmless, literal, unknown
from budgetcheck.yaml_nodes import ListNode, MapNode, Node, ScalarNode, parse_yaml

MENTIONS = re.compile(
    r"gcloud|deploy-cloudrun|deploy-cloud-functions|update-function-configuration|create-function"
)
"""What a file must hold to be worth a look."""

_ACTION = re.compile(r"google-github-actions/(deploy-cloudrun|deploy-cloud-functions)(?:@.*)?")
_GCLOUD_IMAGE = re.compile(r".*(?:cloud-builders/gcloud|cloud-sdk)(?::.*|@.*)?")
_VARIABLES = ("substitutions", "variables", "env")
# Texts that only describe.
_WORDS = frozenset(
    {"name", "description", "id", "if", "uses", "title", "displayName", "with"} | {*_VARIABLES}
)
_EXPRESSION = re.compile(r"\$\{\{[ \t]{0,9}(?:env\.(\w{1,99})|[^}\n]{0,300}?)[ \t]{0,9}\}\}")
_MAKE_ASSIGNED = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)\s*(\?=|:=|::=|=)\s*(.*)")
_MAKE_VARIABLE = re.compile(r"\$[({]([A-Za-z_]\w*)[)}]|\$\$")
_MOST_LINES = 5_000


@dataclass(frozen=True, slots=True)
class _Place:
    file: str
    variables: Variables


def deployed_in_script(text: str, file: str) -> list[Deployed]:
    """What a shell script deploys."""
    return list(_run(Source(text=text, file=file), {}))


def deployed_in_makefile(text: str, file: str) -> list[Deployed]:
    """What the recipes of a Makefile deploy."""
    names: dict[str, str] = {}
    found: list[Deployed] = []
    for number, line in _logical_lines(text):
        recipe = line.startswith("\t")
        assigned = None if recipe else _MAKE_ASSIGNED.fullmatch(line.strip())
        if assigned:
            name, operator, value = assigned.groups()
            if operator != "?=" or name not in names:
                names[name] = value.strip()
        elif recipe and MENTIONS.search(_expanded(line, names)):
            source = _make_source(line.strip().lstrip("@-+"), names, file, number)
            found += _run(source, {})
    return found


def deployed_in_yaml(text: str, file: str) -> list[Deployed]:
    """What a CI file deploys."""
    found: list[Deployed] = []
    for document in parse_yaml(text).documents:
        if document is not None:
            found += _walk(document, _Place(file, {}))
    return found


def _run(source: Source, variables: Variables) -> Iterator[Deployed]:
    try:
        starts = Launcher(NoFiles(), any_arguments=True).launch_shell(source, variables, "")
    except ShellError:
        return
    for start in starts:
        yield from deployed_by(start) if start.program in ("gcloud", "aws") else ()


def _walk(node: Node, place: _Place) -> Iterator[Deployed]:
    match node:
        case MapNode():
            place = replace(place, variables={**place.variables, **_variables(node, place)})
            yield from _action(node, place)
            if _is_gcloud_step(node):
                yield from _step(node, place)
                return
            for key, (_, child) in node.entries.items():
                if key not in _WORDS:
                    yield from _walk(child, place)
        case ListNode():
            texts = [item for item in node.items if isinstance(item, ScalarNode)]
            if texts and len(texts) == len(node.items):
                yield from _lines(texts, place)
            else:
                for item in node.items:
                    yield from _walk(item, place)
        case ScalarNode():
            yield from _lines([node], place)


def _lines(items: list[ScalarNode], place: _Place) -> Iterator[Deployed]:
    """Lines of one shell, each where it stands in its file."""
    if not any(MENTIONS.search(item.text) for item in items):
        return
    start = _first_line(items[0])
    pieces: list[Text] = []
    at = start
    for item in items:
        line = _first_line(item)
        pieces.append(literal("\n" * max(line - at, 1 if pieces else 0)))
        pieces += _filled(item.text, place.variables)
        at = max(line, at) + item.text.count("\n")
    yield from _run(filled_in(pieces, place.file, start), place.variables)


def _first_line(item: ScalarNode) -> int:
    """The text of a block begins in the line below its mark."""
    return item.line + ("\n" in item.text)


def _filled(text: str, variables: Variables) -> list[Text]:
    """A text with the workflow's expressions replaced by what is known of them."""
    pieces: list[Text] = []
    end = 0
    for match in _EXPRESSION.finditer(text):
        known = variables.get(match.group(1)) if match.group(1) else None
        pieces += [
            literal(text[end : match.start()]),
            known or unknown("the workflow fills it in when it runs"),
        ]
        end = match.end()
    return [piece for piece in (*pieces, literal(text[end:])) if piece.choices != ("",)] or [literal("")]


def _variables(node: MapNode, place: _Place) -> Mapping[str, Text]:
    found: dict[str, Text] = {}
    for key in _VARIABLES:
        given = node.get(key)
        for name, (_, value) in given.entries.items() if isinstance(given, MapNode) else ():
            scalar = value.get("value") if isinstance(value, MapNode) else value
            if isinstance(scalar, ScalarNode):
                pieces = _filled(scalar.text, {**place.variables, **found})
                text = pieces[0] if len(pieces) == 1 else unknown("the workflow fills it in when it runs")
                found[name] = set_to(name, text, place.file, scalar.line)
    return found


def _is_gcloud_step(node: MapNode) -> bool:
    entrypoint, name = _plain(node.get("entrypoint")), _plain(node.get("name"))
    runs = entrypoint == "gcloud" or (not entrypoint and bool(_GCLOUD_IMAGE.fullmatch(name)))
    return runs and isinstance(node.get("args"), ListNode)


def _step(node: MapNode, place: _Place) -> Iterator[Deployed]:
    """A step of Cloud Build that gives `gcloud` its words one by one."""
    args = node.get("args")
    items = (
        [item for item in args.items if isinstance(item, ScalarNode)] if isinstance(args, ListNode) else []
    )
    words = [Arg(text=literal("gcloud"), span=Span(file=place.file, line=node.line, text="gcloud"))]
    for item in items:
        text = expand(item.text, place.variables.get, dollars=True)
        words.append(Arg(text=text, span=Span(file=place.file, line=item.line, text=item.text)))
    for start in Launcher(NoFiles()).launch(words, place.variables, ""):
        yield from deployed_by(start)


def _action(node: MapNode, place: _Place) -> Iterator[Deployed]:
    """Google's actions for GitHub workflows, https://github.com/google-github-actions/deploy-cloudrun."""
    uses, given = _ACTION.fullmatch(_plain(node.get("uses"))), node.get("with")
    if uses is None or not isinstance(given, MapNode):
        return
    runs = uses.group(1) == "deploy-cloudrun"
    component = RUN if runs else FUNCTION
    name = _text(given.get("service" if runs else "name"), place)
    image = _text(given.get("image"), place)
    if given.get("metadata") is not None or (given.get("job") is not None and runs):
        return  # a manifest, or a job, which has no requests
    yield Deployed(
        component=component,
        name=known_name(name.known),
        span=Span(file=place.file, line=node.line, text=uses.group(1)),
        timeout=_timeout(given, component, place),
        image=image_name(image.known or ""),
    )


def _timeout(given: MapNode, component: str, place: _Place) -> Given | None:
    for key in ("timeout", "service_timeout"):
        entry = given.entries.get(key)
        if entry is not None and isinstance(entry[1], ScalarNode):
            text = in_seconds(_text(entry[1], place), component)
            shown = f"{key}: {entry[1].text}" if harmless(entry[1].text) else key
            return Given(text=text, span=Span(file=place.file, line=entry[0].line, text=shown))
    flags = given.get("flags")
    if not isinstance(flags, ScalarNode):
        return None
    try:
        source = filled_in(_filled(flags.text, place.variables), place.file, _first_line(flags))
        found = dict(options(plain_words(source), {"--timeout": "timeout"}))
    except ShellError:
        return None
    flag = found.get("timeout")
    return replace(flag, text=in_seconds(flag.text, component)) if flag else None


def _text(node: Node | None, place: _Place) -> Text:
    if not isinstance(node, ScalarNode):
        return unknown("it is not given")
    pieces = _filled(node.text, place.variables)
    return pieces[0] if len(pieces) == 1 else unknown("the workflow fills it in when it runs")


def _plain(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines of a Makefile with their continuations, and the number of the first."""
    pending, start = "", 0
    for number, line in enumerate(text.splitlines()[:_MOST_LINES], 1):
        start = start if pending else number
        pending += line
        if line.endswith("\\"):
            pending += "\n"
            continue
        yield start, pending
        pending = ""
    if pending:
        yield start, pending


def _expanded(line: str, names: Mapping[str, str]) -> str:
    return _MAKE_VARIABLE.sub(lambda match: names.get(match.group(1) or "", ""), line)


def _make_source(line: str, names: Mapping[str, str], file: str, number: int) -> Source:
    """A recipe as its shell sees it; `$(NAME)` that nothing sets comes from whoever runs make."""
    pieces: list[Text] = []
    end = 0
    for match in _MAKE_VARIABLE.finditer(line):
        name = match.group(1)
        pieces.append(literal(line[end : match.start()]))
        if name is None:
            pieces.append(literal("$"))
        elif name in names and not _MAKE_VARIABLE.search(names[name]) and "$" not in names[name]:
            pieces.append(literal(names[name]))
        else:
            pieces.append(unknown(f"{name} is given to make when it runs"))
        end = match.end()
    pieces.append(literal(line[end:]))
    return filled_in([piece for piece in pieces if piece.choices != ("",)], file, number)

"""Dockerfiles: what the last stage starts, in which environment, with which files.

https://docs.docker.com/reference/dockerfile/
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from posixpath import isabs, join, normpath

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.base_images import command_of, environment_of, ports_of_image
from budgetcheck.readers.processes.container import Mount, folder_of, is_inside
from budgetcheck.readers.processes.expansion import expand, set_to
from budgetcheck.readers.processes.lexing import ShellError, Source, lex
from budgetcheck.readers.processes.shell_state import Arg
from budgetcheck.readers.processes.texts import Text, literal, ports_of

_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(.*)", re.DOTALL)
_HEREDOC = re.compile(r"<<-?\s*[\"']?([A-Za-z_]\w*)[\"']?")
_ESCAPE = re.compile(r"#\s*escape\s*=\s*(\S)", re.IGNORECASE)
_MOST_LINES = 5_000

Launch = tuple[Arg, ...] | Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What a stage has become.

    Attributes:
        base: the image it is built on, for its version (`node:20`).
        environment: its variables. `folder`: its working directory, empty where the base decides.
        entrypoint, command: what it starts.
        ports: that it exposes.
        mounts: files of the build context in it, the last copied first.
        span: the instruction that starts it, else its FROM.
    """

    base: str
    file: str
    span: Span
    environment: Mapping[str, Text] = field(default_factory=dict, hash=False)
    folder: str = ""
    entrypoint: Launch | None = None
    command: Launch | None = None
    ports: tuple[int, ...] = ()
    mounts: tuple[Mount, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    """One instruction with its continuation lines."""

    word: str
    rest: str
    line: int


def read_dockerfile(
    text: str,
    file: str,
    contexts: Sequence[Path],
    *,
    target: str = "",
    arguments: Mapping[str, Text] | None = None,
) -> Image | None:
    """The image of the target stage, else of the last one; None where there is no stage.

    `contexts` are the folders that `COPY` may start from, the likeliest first; `arguments` replace the
    defaults of `ARG`s.
    """
    reader = _Reader(file, contexts, dict(arguments or {}))
    for line in _lines(text):
        reader.take(line)
    stages = reader.stages
    if not stages:
        return None
    return stages.get(target.lower()) or reader.current


def started(entrypoint: Launch | None, command: Launch | None) -> Launch | None:
    """What a container runs, by its entrypoint and its command."""
    if entrypoint is None or isinstance(entrypoint, Source):
        return entrypoint or command
    if isinstance(command, Source):
        span = Span(file=command.file, line=command.line, text="CMD")
        shell = [Arg(text=literal(word), span=span) for word in ("/bin/sh", "-c", command.text)]
        return (*entrypoint, *shell)
    return (*entrypoint, *(command or ()))


class _Reader:
    def __init__(self, file: str, contexts: Sequence[Path], given: dict[str, Text]) -> None:
        self.file = file
        self.contexts = contexts
        self.given = given
        self.global_arguments: dict[str, Text] = {}
        self.arguments: dict[str, Text] = {}
        self.stages: dict[str, Image] = {}
        self.current: Image | None = None
        self.name = ""
        self.own_command = False

    def take(self, line: _Line) -> None:
        """One more instruction."""
        match line.word:
            case "FROM":
                self._from(line)
            case "ARG":
                self._argument(line)
            case _ if self.current is None:
                return
            case "ENV":
                self._environment(line, self.current)
            case "WORKDIR":
                self._folder(line, self.current)
            case "EXPOSE":
                found = [self._expanded(word) for word in line.rest.split()]
                ports = ports_of(_without_protocol(text) for text in found)
                self._become(replace(self.current, ports=tuple(sorted({*self.current.ports, *ports}))))
            case "COPY" | "ADD":
                self._copy(line, self.current)
            case "CMD" | "ENTRYPOINT":
                self._start(line, self.current)
            case _:
                return

    def _become(self, image: Image) -> None:
        self.current = image
        self.stages[self.name] = image

    def _from(self, line: _Line) -> None:
        words = [word for word in line.rest.split() if not word.startswith("--")]
        base = expand(words[0], self.global_arguments.get).known or "" if words else ""
        named = len(words) > 2 and words[1].upper() == "AS"
        self.name = words[2].lower() if named else f"#{len(self.stages)}"
        self.arguments = {}
        self.own_command = False
        span = Span(file=self.file, line=line.line, text=f"FROM {words[0]}" if words else "FROM")
        parent = self.stages.get(base.lower())
        fresh = Image(
            base=base,
            file=self.file,
            span=span,
            environment=environment_of(base),
            command=command_of(base, span),
            ports=ports_of_image(base),
        )
        self._become(parent or fresh)

    def _argument(self, line: _Line) -> None:
        for word in line.rest.split():
            name, equals, default = word.partition("=")
            known = self.given.get(name) or self.global_arguments.get(name)
            if known is None and equals:
                known = set_to(name, self._expanded(default.strip("\"'")), self.file, line.line)
            if known is not None:
                (self.arguments if self.current else self.global_arguments)[name] = known

    def _environment(self, line: _Line, image: Image) -> None:
        variables = dict(image.environment)
        for name, value, number in _pairs(line):
            variables[name] = set_to(name, self._expanded(value), self.file, number)
        self._become(replace(image, environment=variables))

    def _folder(self, line: _Line, image: Image) -> None:
        path = self._expanded(line.rest.strip().strip("\"'")).known
        if path is None or not (isabs(path) or image.folder):
            self._become(replace(image, folder=""))
        else:
            self._become(replace(image, folder=normpath(join(image.folder, path))))

    def _copy(self, line: _Line, image: Image) -> None:
        words = line.rest.replace("\\\n", " ").split()
        flags = [word for word in words if word.startswith("--")]
        if any(flag.startswith("--from") for flag in flags):
            return
        paths = [word for word in words if not word.startswith("--")]
        try:
            paths = json.loads(" ".join(paths)) if paths and paths[0].startswith("[") else paths
        except ValueError:
            return
        texts = [self._expanded(str(path).strip("\"'")).known for path in paths]
        if len(texts) < 2 or None in texts:
            return
        *sources, target = [text or "" for text in texts]
        if not isabs(target) and not image.folder:
            return
        full = join(image.folder, target)
        folder = len(sources) > 1 or full.endswith("/")
        mounts = [
            Mount(
                source=folder_of(context, source.lstrip("/")),
                target=normpath(full),
                inside=folder or is_inside(target, source),
            )
            for context in self.contexts
            for source in sources
        ]
        self._become(replace(image, mounts=(*mounts, *image.mounts)))

    def _start(self, line: _Line, image: Image) -> None:
        launch = self._launch(line)
        span = Span(file=self.file, line=line.line, text=line.word)
        if line.word == "CMD":
            self.own_command = True
            self._become(replace(image, command=launch, span=span))
            return
        # A command that another stage left behind does not survive a new entrypoint.
        command = image.command if self.own_command else None
        self._become(replace(image, entrypoint=launch, command=command, span=span))

    def _launch(self, line: _Line) -> Launch:
        rest = line.rest.strip()
        if rest.startswith("["):
            try:
                words = json.loads(rest.replace("\\\n", "\n"))
            except (ValueError, RecursionError):
                words = None
            if isinstance(words, list) and all(isinstance(word, str) for word in words):
                return tuple(_located(words, rest, self.file, line.line))
        return Source(text=rest, file=self.file, line=line.line)

    def _expanded(self, text: str) -> Text:
        environment = self.current.environment if self.current else {}
        return expand(
            text, lambda name: environment.get(name) or self.arguments.get(name) or self._global(name)
        )

    def _global(self, name: str) -> Text | None:
        return self.global_arguments.get(name) if self.current is None else None


def _lines(text: str) -> Iterator[_Line]:
    """Instructions with their continuation lines; comments and here-documents are left out."""
    escape = "\\"
    pending, start, ends = "", 0, list[str]()
    for number, line in enumerate(text.splitlines()[:_MOST_LINES], 1):
        if ends:
            if line.strip() == ends[0]:
                ends.pop(0)
            continue
        stripped = line.strip()
        if stripped.startswith("#"):
            directive = _ESCAPE.match(stripped)
            escape = directive.group(1) if directive and number < 3 else escape
            pending += "\\\n" if pending else ""
            continue
        if not stripped and not pending:
            continue
        start = start if pending else number
        continued = line.rstrip().endswith(escape)
        pending += line.rstrip().removesuffix(escape) + "\\\n" if continued else line
        if continued or (pending and not stripped):
            continue
        yield from _instruction(pending, start)
        if pending.lstrip()[:4].upper().startswith(("RUN", "COPY", "ADD")):
            ends = _HEREDOC.findall(pending)
        pending = ""
    if pending:
        yield from _instruction(pending, start)


def _instruction(text: str, line: int) -> Iterator[_Line]:
    match = _INSTRUCTION.fullmatch(text)
    if match:
        yield _Line(match.group(1).upper(), match.group(2), line)


def _pairs(line: _Line) -> Iterator[tuple[str, str, int]]:
    """`ENV A=1 B="two words"`, and the old `ENV A the rest`: name, value and line."""
    first = line.rest.replace("\\\n", " ").split(None, 1)
    if len(first) == 2 and "=" not in first[0]:
        yield first[0], first[1].strip(), line.line
        return
    # Quotes are taken off, parameters are left for the Dockerfile's own rules.
    try:
        tokens = lex(Source(text=line.rest, file="", line=line.line))
    except ShellError:
        return
    for token in tokens:
        if token.word is not None:
            name, equals, value = token.word.span.text.replace("\\", "").partition("=")
            if equals:
                yield name, value.strip("\"'"), token.word.span.line


def _located(words: Sequence[str], raw: str, file: str, line: int) -> Iterator[Arg]:
    at = 0
    for word in words:
        found = raw.find(json.dumps(word, ensure_ascii=False), at)
        at = found if found >= 0 else at
        span = Span(file=file, line=line + raw.count("\n", 0, at), text=word)
        yield Arg(text=literal(word), span=span)


def _without_protocol(text: Text) -> Text:
    return replace(text, choices=tuple(choice.partition("/")[0] for choice in text.choices))

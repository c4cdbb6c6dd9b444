"""Formats that start a few processes: Dockerfiles, Procfiles, systemd units, supervisord, start scripts."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from budgetcheck.model.options import EnvironmentOptions
from budgetcheck.model.settings import Declaration, Problem, Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.processes.commands import servers_of
from budgetcheck.readers.processes.container import ContainerFiles, Mount, folder_of
from budgetcheck.readers.processes.declare import Owner, declare
from budgetcheck.readers.processes.dockerfile import read_dockerfile, started
from budgetcheck.readers.processes.environment import layered, of_environment, open_environment_file
from budgetcheck.readers.processes.expansion import set_to
from budgetcheck.readers.processes.ini import Entry, read_ini
from budgetcheck.readers.processes.lexing import ShellError, Source, lex
from budgetcheck.readers.processes.routers import HEROKU, processes, router, router_of
from budgetcheck.readers.processes.servers.base import Server
from budgetcheck.readers.processes.servers.gunicorn import read_config_alone
from budgetcheck.readers.processes.servers.php_fpm import read_pools_alone
from budgetcheck.readers.processes.servers.ruby import read_ruby_config_alone
from budgetcheck.readers.processes.shell import expand_words
from budgetcheck.readers.processes.shell_state import State
from budgetcheck.readers.processes.supervisord import read_programs
from budgetcheck.readers.processes.texts import Text, as_value, harmless, literal
from budgetcheck.tree import SourceFile, Tree, UnreadableFileError

_PROCESS = re.compile(r"([A-Za-z0-9_-]+)\s*:\s*(\S.*)")
_NODE = re.compile(r"(?:.*/)?node:(\d[\d.]*)")
_LISTENS = re.compile(r"^[ \t]*(?:(?:uwsgi-|http-|http11-|fastcgi-)?socket|https?)[ \t]*=", re.MULTILINE)
_MOST_CONTEXTS = 4


class PlainFiles:
    """Reads files of these formats in one environment.

    `used` collects what belongs to a server; `built` are Dockerfiles that compose services use.
    """

    def __init__(self, tree: Tree, environment: EnvironmentOptions | None) -> None:
        self.tree = tree
        self.environment = environment
        self.used: set[str] = set()
        self.built: set[str] = set()
        self.problems: list[Problem] = []

    def dockerfile(self, file: SourceFile) -> list[Declaration]:
        """The server of an image that no compose service of these files builds."""
        text = self._text(file)
        image = read_dockerfile(text, file.name, self._contexts(file)) if text else None
        if image is None:
            return []
        launch = started(image.entrypoint, image.command)
        if launch is None:
            return []
        files = self._files(file, image.mounts, self._contexts(file))
        variables = layered(image.environment, self._environment(file))
        # An entrypoint without a command gets its arguments from whoever runs the image.
        anything = image.command is None
        servers = servers_of(launch, variables, image.folder, files, any_arguments=anything)
        node = _NODE.match(image.base)
        servers = tuple(s for s in servers if s.program != "node" or s.binding.stated or image.ports)
        if file.name in self.built and all(server.development for server in servers):
            return []  # the service that is built from it says the same
        owner = Owner(
            address=f"dockerfile:{file.name}",
            title=file.name,
            span=image.span,
            ports=image.ports,
            node=node.group(1) if node else "",
        )
        return self._declared(servers, owner, files)

    def procfile(self, file: SourceFile) -> list[Declaration]:
        """The servers among the processes of a Procfile; `.env` beside it is read as its runners do."""
        lines = enumerate(self._text(file).splitlines(), 1)
        named = [(match, number) for number, line in lines if (match := _PROCESS.fullmatch(line.strip()))]
        starts = [(match[1], match[2], number) for match, number in named]
        front = router_of(self.tree, file.path.parent, {name for name, _, _ in starts})
        return self._processes(file, starts, front)

    def heroku(self, file: SourceFile) -> list[Declaration]:
        """The servers among the processes of a heroku.yml, behind Heroku's router."""
        return self._processes(file, list(processes(self._text(file))), HEROKU)

    def _processes(
        self, file: SourceFile, starts: Sequence[tuple[str, str, int]], front: str
    ) -> list[Declaration]:
        found: list[Declaration] = []
        beside = open_environment_file(self.tree, file.path.parent / ".env") or {}
        variables = layered(beside, self._environment(file))
        for name, command, number in starts:
            files = self._files(file)
            source = Source(text=command, file=file.name, line=number)
            span = Span(file=file.name, line=number, text=f"{name}:")
            owner = Owner(address=f"procfile:{file.name}:{name}", title=f"{name} ({file.name})", span=span)
            servers = self._declared(servers_of(source, variables, "", files), owner, files)
            found += servers
            if front and name == "web":
                found += [router(front, server, span) for server in servers[:1]]
        return found

    def systemd(self, file: SourceFile) -> list[Declaration]:
        """The server of a service unit, https://www.freedesktop.org/software/systemd/man/systemd.service.html."""
        entries = [e for e in read_ini(self._text(file), backslash=True) if e.section == "Service"]
        last = {entry.key: entry for entry in entries}
        command = last.get("ExecStart")
        if command is None or not command.value:
            return []
        variables = layered(*self._unit_variables(entries, file), self._environment(file))
        state = State(variables=dict(variables))
        source = Source(text=command.value.lstrip("@-:+!"), file=file.name, line=command.line)
        try:
            words = expand_words(source, state)
        except ShellError:
            return []
        files = self._files(file)
        folder = last["WorkingDirectory"].value.lstrip("-") if "WorkingDirectory" in last else ""
        name = PurePosixPath(file.name).name.removesuffix(".service")
        owner = Owner(
            address=f"systemd:{name}",
            title=name,
            span=Span(file=file.name, line=command.line, text="ExecStart"),
            settings=_grace(
                "TimeoutStopSec", last.get("TimeoutStopSec") or last.get("TimeoutSec"), file.name
            ),
            manager="systemd",
        )
        return self._declared(servers_of(words, variables, folder, files), owner, files)

    def supervisor(self, file: SourceFile) -> list[Declaration]:
        """The servers among the programs of a supervisord file."""
        found: list[Declaration] = []
        files = self._files(file)
        source = Source(text=self._text(file), file=file.name)
        for program in read_programs(source, self._environment(file), "", files):
            owner = Owner(
                address=f"supervisord:{program.name}",
                title=program.name,
                span=program.span,
                settings=_grace("stopwaitsecs", program.stop, file.name),
                manager="supervisord",
            )
            servers = servers_of(program.command, program.environment, program.folder, files)
            found += self._declared(servers, owner, files)
        return found

    def script(self, file: SourceFile) -> list[Declaration]:
        """The server of a start script that nothing else in these files runs."""
        text = self._text(file)
        files = self._files(file)
        source = Source(text=text, file=file.name)
        found = servers_of(source, self._environment(file), "", files, any_arguments=True)
        # A script that starts a worker and says nothing of its times says nothing at all.
        servers = tuple(one for one in found if not one.development and (one.settings or not one.worker))
        span = servers[0].span if servers else Span(file=file.name)
        owner = Owner(address=f"script:{file.name}", title=file.name, span=span)
        return self._declared(servers, owner, files)

    def gunicorn(self, file: SourceFile) -> list[Declaration]:
        """The server that a gunicorn configuration file is for, where nothing starts it here."""
        server = read_config_alone(Source(text=self._text(file), file=file.name))
        if server is None:
            return []
        owner = Owner(address=f"gunicorn:{file.name}", title=file.name, span=Span(file=file.name, line=1))
        return self._declared((server,), owner, self._files(file))

    def ruby(self, file: SourceFile) -> list[Declaration]:
        """The server that a configuration file of Puma or Unicorn is for, where nothing starts it here."""
        server = read_ruby_config_alone(Source(text=self._text(file), file=file.name))
        if server is None:
            return []
        owner = Owner(
            address=f"{server.component}:{file.name}", title=file.name, span=Span(file=file.name, line=1)
        )
        return self._declared((server,), owner, self._files(file))

    def php_fpm(self, file: SourceFile) -> list[Declaration]:
        """The pools of a file of PHP-FPM that nothing here starts."""
        servers = read_pools_alone(Source(text=self._text(file), file=file.name))
        owner = Owner(address=f"php-fpm:{file.name}", title=file.name, span=Span(file=file.name, line=1))
        return self._declared(servers, owner, self._files(file))

    def uwsgi(self, file: SourceFile) -> list[Declaration]:
        """The server that an ini file of uWSGI is for, where nothing starts it here."""
        if not _LISTENS.search(self._text(file)):
            return []  # options that others include, or those of an emperor
        files = self._files(file)
        words = Source(text=f"uwsgi --ini {PurePosixPath(file.name).name}", file=file.name)
        servers = servers_of(words, self._environment(file), "", files)
        owner = Owner(address=f"uwsgi:{file.name}", title=file.name, span=Span(file=file.name, line=1))
        return self._declared(servers, owner, files)

    def _declared(self, servers: Sequence[Server], owner: Owner, files: ContainerFiles) -> list[Declaration]:
        declared, problems = declare(servers, owner)
        self.problems += problems
        self.used |= files.used
        return declared

    def _text(self, file: SourceFile) -> str:
        try:
            return self.tree.read_text(file.path)
        except UnreadableFileError as error:
            self.problems.append(Problem(span=Span(file=file.name), text=str(error)))
            return ""

    def _files(
        self, file: SourceFile, mounts: Sequence[Mount] = (), folders: Sequence[Path] = ()
    ) -> ContainerFiles:
        return ContainerFiles(tree=self.tree, mounts=mounts, folders=folders or self._contexts(file)[:2])

    def _contexts(self, file: SourceFile) -> tuple[Path, ...]:
        """Folders that a build may start from: the file's own and those above it, up to the root."""
        folder = file.path.parent
        above = [path for path in folder.parents if path.is_relative_to(self.tree.root)]
        return (folder, *above[: _MOST_CONTEXTS - 1])

    def _environment(self, file: SourceFile) -> dict[str, Text]:
        return of_environment(self.tree, self.environment, (file.path.parent,))

    def _unit_variables(self, entries: Sequence[Entry], file: SourceFile) -> Iterator[dict[str, Text]]:
        for entry in entries:
            if entry.key == "Environment":
                yield _assignments(entry, file.name)
            elif entry.key == "EnvironmentFile":
                name = PurePosixPath(entry.value.lstrip("-")).name
                yield open_environment_file(self.tree, folder_of(file.path.parent, name)) or {}


def _assignments(entry: Entry, file: str) -> dict[str, Text]:
    """`Environment="A=1" B=2`."""
    try:
        tokens = lex(Source(text=entry.value, file=file, line=entry.line))
    except ShellError:
        return {}
    found: dict[str, Text] = {}
    for token in tokens:
        raw = token.word.span.text.strip("\"'") if token.word else ""
        name, equals, value = raw.partition("=")
        if equals:
            found[name] = set_to(name, literal(value.strip("\"'")), file, entry.line)
    return found


def _grace(name: str, entry: Entry | None, file: str) -> tuple[Setting, ...]:
    """How long a process may take to end."""
    if entry is None:
        return ()
    value = entry.value.partition(" ;")[0].strip()
    value = "0" if value == "infinity" else value  # systemd takes both for no limit
    shown = f"{name}={value}" if harmless(value) else name
    span = Span(file=file, line=entry.line, text=shown)
    return (Setting(name=name, value=as_value(literal(value)), spans=(span,)),)

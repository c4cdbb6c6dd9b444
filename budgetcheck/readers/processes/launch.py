"""From the words of a command to the server it starts, through wrappers, shells and scripts on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from posixpath import basename
from typing import Protocol

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.expansion import Variables, set_to
from budgetcheck.readers.processes.lexing import Source, filled_in
from budgetcheck.readers.processes.package_scripts import ecosystem_script, script_name, script_of
from budgetcheck.readers.processes.shell import Shell
from budgetcheck.readers.processes.shell_state import Arg, State
from budgetcheck.readers.processes.shell_syntax import parse_shell
from budgetcheck.readers.processes.texts import literal, unknown

SERVERS = frozenset(
    {"gunicorn", "uvicorn", "hypercorn", "granian", "waitress-serve", "uwsgi", "fastapi", "node", "next"}
) | frozenset({"puma", "unicorn", "unicorn_rails", "rails", "php-fpm"})
"""Programs there are facts for."""
OTHER_SERVERS = frozenset({"daphne", "passenger", "thin", "falcon", "flask", "django"})
"""Programs that serve requests and that there are no facts for; `django` stands for its `runserver`."""
WORKERS = frozenset({"celery", "rq", "dramatiq", "arq", "huey_consumer", "sidekiq", "faktory", "taskiq"})
"""Programs that take work from a queue: nothing stands in front of them."""
SUPERVISORS = frozenset({"supervisord"})
DEPLOYERS = frozenset({"gcloud", "aws"})
"""Programs that tell a platform what to run; what they do otherwise is passed over."""

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_RUNNERS = frozenset(
    {"poetry", "uv", "pipenv", "pdm", "hatch", "rye", "conda", "micromamba", "dotenv", "doppler"}
)
_MONITORS = frozenset(
    {
        "ddtrace-run",
        "opentelemetry-instrument",
        "opentelemetry-launch",
        "newrelic-admin",
        "nohup",
        "tini",
        "dumb-init",
    }
) | frozenset(
    {"time", "nice", "ionice", "setsid", "stdbuf", "catatonit", "pgbouncer-run", "scout-apm", "chpst"}
)
_AS_USER = frozenset({"gosu", "su-exec", "setuidgid", "setpriv", "sudo", "runuser", "s6-setuidgid"})
_PACKAGE_MANAGERS = frozenset({"npm", "yarn", "pnpm", "bun", "deno", "npx"})
_PYTHON_MODULES = {"gunicorn.app.wsgiapp": "gunicorn", "waitress": "waitress-serve"}
_MOST_WRAPPERS = 16
_MOST_SCRIPTS = 8


class Files(Protocol):
    """Finds what a process sees under a path."""

    def find(self, path: str, folder: str) -> Source | None:
        """The text of the file at a path of the container, None where it is not among these files."""

    def matching(self, pattern: str) -> list[Source]:
        """Files whose path in the container fits a pattern with wildcards in its last part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A server program with its words, and what it finds when it starts.

    `program` is the plain name; `args` the words behind it; `folder` empty where it is not known.
    """

    program: str
    args: tuple[Arg, ...]
    environment: Variables = field(hash=False)
    folder: str
    span: Span


@dataclass(slots=True)
class Launcher:
    """Collects every server that a command may start.

    `any_arguments`: whoever starts it may add arguments, which are not known.
    """

    files: Files
    any_arguments: bool = False
    starts: list[Start] = field(default_factory=list)
    shell: Shell = field(init=False)
    _scripts: int = 0

    def __post_init__(self) -> None:
        self.shell = Shell(self)

    def launch(self, words: Sequence[Arg], environment: Variables, folder: str) -> list[Start]:
        """The servers among what the words start, in order."""
        self.start(words, State(variables=dict(environment), exported=set(environment), folder=folder))
        return self.starts

    def launch_shell(self, source: Source, environment: Variables, folder: str) -> list[Start]:
        """The servers among what a piece of shell text starts."""
        state = State(variables=dict(environment), exported=set(environment), folder=folder)
        if self.any_arguments:
            state.arguments = None
        self.shell.run(parse_shell(source), state)
        return self.starts

    def script(self, path: str, folder: str) -> Source | None:
        """The script at a path, if there is one."""
        found = self.files.find(path, folder)
        return found if found and _is_shell(found) else None

    def start(self, words: Sequence[Arg], state: State) -> None:
        """Follows one command to the program it really starts."""
        args = list(words)
        state = state.copy()
        for _ in range(_MOST_WRAPPERS):
            if not args:
                return
            path = args[0].text.known
            if path is None:
                return
            name = _program(path)
            if name in SERVERS | OTHER_SERVERS | WORKERS | SUPERVISORS:
                self._record(name, args, state)
                return
            if name in DEPLOYERS:
                if _deploys(args[1:]):
                    self._record(name, args, state)
                return
            if name in _SHELLS:
                self._run_shell(args[1:], state)
                return
            if name in _PACKAGE_MANAGERS and self._package(args[1:], state):
                return
            if name in ("pm2", "pm2-runtime"):
                args = self._process_manager(args[1:], state)
                continue
            unwrapped = _unwrap(name, args[1:], state)
            if unwrapped is None:
                self._other(path, args, state)
                return
            args = unwrapped

    def _record(self, name: str, args: Sequence[Arg], state: State) -> None:
        self.starts.append(
            Start(
                program=name,
                args=tuple(args[1:]),
                environment=state.environment,
                folder=state.folder,
                span=args[0].span,
            )
        )

    def _run_shell(self, args: Sequence[Arg], state: State) -> None:
        for index, arg in enumerate(args):
            known = arg.text.known or ""
            if known.startswith("-") and not known.startswith("--") and "c" in known:
                if index + 1 < len(args):
                    self._run_text(args[index + 1], args[index + 3 :], state)
                return
            if not known.startswith(("-", "+")):
                self._other(known, args[index:], state)
                return

    def _run_text(self, arg: Arg, rest: Sequence[Arg], state: State) -> None:
        if self._scripts >= _MOST_SCRIPTS:
            return
        self._scripts += 1
        source = filled_in(arg.pieces or (arg.text,), arg.span.file, arg.span.line)
        inner = state.copy()
        inner.arguments = tuple(rest)
        self.shell.run(parse_shell(source), inner)
        self._scripts -= 1

    def _package(self, args: Sequence[Arg], state: State) -> bool:
        """Follows a script of package.json; false where it is not here or starts nothing known."""
        script = script_name(args)
        found = self.files.find("package.json", state.folder) if script else None
        text = script_of(found.text, script) if found else ""
        if not text or found is None or self._scripts >= _MOST_SCRIPTS:
            return False
        before = len(self.starts)
        self._scripts += 1
        line = found.text.count("\n", 0, max(found.text.find(f'"{script}"'), 0)) + 1
        self.shell.run(parse_shell(Source(text=text, file=found.file, line=line)), state.copy())
        self._scripts -= 1
        return len(self.starts) > before

    def _process_manager(self, args: Sequence[Arg], state: State) -> list[Arg]:
        """`pm2-runtime dist/main.js`, `pm2 start ecosystem.config.js`: Node.js with the file it names."""
        left = [arg for arg in args if arg.text.known != "start"]
        if not left or (left[0].text.known or "-").startswith("-"):
            return []
        named = left[0].text.known or ""
        node = Arg(text=literal("node"), span=left[0].span)
        if "ecosystem" not in named and not named.endswith((".json", ".yml", ".yaml")):
            return [node, *left]
        config = self.files.find(named, state.folder)
        script = ecosystem_script(config.text) if config else ""
        return [node, Arg(text=literal(script), span=left[0].span)] if script else [node]

    def _other(self, path: str, args: Sequence[Arg], state: State) -> None:
        """A script of these files is followed; a program that is not known may start what it is given."""
        if self._scripts >= _MOST_SCRIPTS:
            return
        by_path = "/" in path or path.endswith(".sh")
        # A bare name is looked for where programs are.
        found = self.files.find(path if by_path else f"/usr/local/bin/{path}", state.folder)
        if found is None:
            passes_on = (by_path or "entrypoint" in path) and _names_a_program(args[1:])
            rest = _behind_dashes(args[1:]) or (args[1:] if passes_on else [])
            if rest:
                self._scripts += 1
                self.start(rest, state)
                self._scripts -= 1
            return
        if _is_shell(found):
            before = len(self.starts)
            self._scripts += 1
            inner = state.copy()
            added = self.any_arguments and self._scripts == 1 and not args[1:]
            inner.arguments = None if added else tuple(args[1:])
            self.shell.run(parse_shell(found), inner)
            rest = _behind_dashes(args[1:])
            if rest and len(self.starts) == before:  # a script that waits for something first
                self.start(rest, state)
            self._scripts -= 1


def _is_shell(source: Source) -> bool:
    first = source.text.partition("\n")[0]
    if first.startswith("#!"):
        return any(
            first.rstrip().split()[-1].endswith(name) or f"/{name} " in f"{first} " for name in _SHELLS
        )
    return source.file.endswith((".sh", ".bash"))


def _program(path: str) -> str:
    """`/app/.venv/bin/gunicorn` is `gunicorn`, `python3.12` is `python`, `php-fpm8.3` is `php-fpm`."""
    name = basename(path)
    for plain in ("python", "php-fpm"):
        if name.startswith(plain) and not name.removeprefix(plain).strip("0123456789."):
            return plain
    return name


def _names_a_program(args: Sequence[Arg]) -> bool:
    known = args[0].text.known if args else None
    return bool(known) and _program(known or "") in SERVERS | OTHER_SERVERS | SUPERVISORS | _SHELLS | {
        "python"
    }


def _deploys(args: Sequence[Arg]) -> bool:
    verbs = {"deploy", "update", "update-function-configuration", "create-function"}
    return any(arg.text.known in verbs for arg in args)


def _behind_dashes(args: Sequence[Arg]) -> list[Arg]:
    for index, arg in enumerate(args):
        if arg.text.known == "--":
            return list(args[index + 1 :])
    return []


def _unwrap(name: str, args: Sequence[Arg], state: State) -> list[Arg] | None:
    """What a wrapper starts; None where the program is no wrapper."""
    if name in ("exec", "command", "builtin"):
        return [] if args and args[0].text.known in ("-v", "-V") else list(args)
    if name == "env":
        return _env(args, state)
    if name == "thrust":  # a proxy of its own, which tells the server behind it where to listen
        state.variables["PORT"] = unknown("Thruster says where it listens")
        state.exported.add("PORT")
        return list(args)
    if name in ("python", "pypy3"):
        return _python(args)
    if name in _RUNNERS:
        return _runner(args)
    if name in _MONITORS or name in _AS_USER:
        return _first_command(args, skip=name in _AS_USER and name not in ("setpriv", "sudo", "runuser"))
    if name in _PACKAGE_MANAGERS:
        return _package_script(args)
    if name in ("tsx", "ts-node"):
        return [Arg(text=literal("node"), span=args[0].span), *args] if args else []
    if name == "bundle" and args and args[0].text.known == "exec":
        return list(args[1:])
    if name.endswith("manage.py") or name in ("django-admin", "manage"):
        return [_renamed(args, "django")] if args and args[0].text.known == "runserver" else []
    return None


def _renamed(args: Sequence[Arg], program: str) -> Arg:
    return Arg(text=literal(program), span=args[0].span)


def _package_script(args: Sequence[Arg]) -> list[Arg]:
    """`npm start`, `yarn run start:prod`: Node.js, with words that only package.json knows."""
    left = [arg for arg in args if not (arg.text.known or "-").startswith("-")]
    if left and left[0].text.known in ("run", "run-script"):
        left = left[1:]
    if left and left[0].text.known == "next":
        return left
    starts = left and (left[0].text.known or "").partition(":")[0] in ("start", "serve")
    return [_renamed(left, "node")] if starts else []


def _env(args: Sequence[Arg], state: State) -> list[Arg]:
    left = list(args)
    while left:
        known = left[0].text.known or ""
        name, equals, _ = known.partition("=")
        if equals and name.isidentifier():
            value = known.partition("=")[2]
            state.variables[name] = set_to(name, literal(value), left[0].span.file, left[0].span.line)
            state.exported.add(name)
        elif not known.startswith("-"):
            return left
        elif known in ("-u", "-C", "--unset", "--chdir"):
            left.pop(0)
        left = left[1:]
    return left


def _python(args: Sequence[Arg]) -> list[Arg] | None:
    for index, arg in enumerate(args):
        known = arg.text.known or ""
        if known == "-m" and index + 1 < len(args):
            module = args[index + 1]
            name = _PYTHON_MODULES.get(module.text.known or "", module.text.known or "").partition(".")[0]
            return [Arg(text=literal(name), span=module.span), *args[index + 2 :]]
        if known in ("-W", "-X"):
            continue
        if not known.startswith("-"):
            return list(args[index:])
    return []


def _runner(args: Sequence[Arg]) -> list[Arg] | None:
    """`poetry run X`, `uv run --frozen X`, `conda run -n env X`."""
    known = [arg.text.known for arg in args]
    if "run" not in known:
        return []
    return _first_command(args[known.index("run") + 1 :], skip=False)


_WITH_VALUE = frozenset(
    {
        "-n",
        "--name",
        "-p",
        "--prefix",
        "--extra",
        "--group",
        "--directory",
        "--project",
        "--with",
        "--env-file",
    }
) | frozenset({"-u", "-g", "--reuid", "--regid", "--user", "-f", "--package", "--python", "-c"})


def _first_command(args: Sequence[Arg], *, skip: bool) -> list[Arg]:
    """The words from the first that is no option; `skip`: the first of them is a user's name."""
    left = list(args)
    while left:
        known = left[0].text.known or ""
        if known == "--":
            return left[1:]
        if known in _WITH_VALUE:
            left = left[2:]
        elif known.startswith("-") or known in ("run-program", "run-python"):
            left = left[1:]
        elif skip:
            left, skip = left[1:], False
        else:
            return left
    return left


def words(texts: Sequence[str], file: str, line: int) -> list[Arg]:
    """Words of a command that is written as a list."""
    return [Arg(text=literal(text), span=Span(file=file, line=line, text=text)) for text in texts]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFiles:
    """Files of a process whose files are not known."""

    def find(self, path: str, folder: str) -> Source | None:  # noqa: ARG002 - the shape of `Files`
        """None, always."""
        return None

    def matching(self, pattern: str) -> list[Source]:  # noqa: ARG002 - the shape of `Files`
        """Nothing, always."""
        return []

"""Node.js: what its command line says, and the times that its code sets."""

from collections.abc import Iterator
from posixpath import basename, normpath

from budgetcheck.readers.processes.launch import Files, Start
from budgetcheck.readers.processes.lexing import Source
from budgetcheck.readers.processes.options import Given, options
from budgetcheck.readers.processes.package_scripts import main_of
from budgetcheck.readers.processes.servers.base import Binding, Server, settings_of
from budgetcheck.readers.processes.servers.node_code import TIMES, Code, read_code
from budgetcheck.readers.processes.texts import Text, ports_of

_NEXT = {"--keepAliveTimeout": "keepAliveTimeout", "-p": "port", "--port": "port"}
_COMPILED = frozenset({"dist", "build", "out", "lib"})
_WITH_VALUE = frozenset(
    {"-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--env-file"}
)


def read_node(start: Start, files: Files) -> Server:
    """A Node.js process. Where the code that makes its server is not here, it may set any time: not known."""
    entry = _named(start)
    source = _entry(entry, start.folder, files) if entry else None
    code = read_code(source, files, start.environment) if source else Code()
    given = code.given()
    if not code.makes:
        given = {**_not_seen(start), **given}
    return Server(
        component="node",
        program="node",
        span=start.span,
        settings=settings_of(given, TIMES),
        traits=(("framework", "fastify"),) if code.fastify else (),
        binding=_binding(start),
        files=tuple(file.file for file in code.files),
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
        settings=settings_of(given, TIMES),
        binding=binding if binding.stated else Binding(ports=(3000,)),
        development=start.args[0].text.known == "dev",
    )


def _named(start: Start) -> str:
    """The file that is started: the first word that is neither an option nor the value of one."""
    words = iter(arg.text.known or "-" for arg in start.args)
    for word in words:
        if word in _WITH_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


def _entry(entry: str, folder: str, files: Files) -> Source | None:
    """The entry file, or the source that it is compiled from, which is what repositories hold."""
    package = files.find(f"{entry.rstrip('/')}/package.json", folder) if _may_be_folder(entry) else None
    main = main_of(package.text) if package else ""
    named = [normpath(f"{entry}/{main}")] if main else []
    for start in (*named, entry):
        for path in (start, *_sources(start)):
            source = files.find(path, folder)
            if source is not None:
                return source
    return None


def _may_be_folder(entry: str) -> bool:
    return "." not in basename(entry.rstrip("/")).strip(".")


def _sources(entry: str) -> Iterator[str]:
    """`dist/main.js` is compiled from `src/main.ts` or `main.ts`: how TypeScript projects are laid out.

    `dist/src/main.js` is what the compiler makes of `src/main.ts` where it is given more than one folder.
    """
    stem, dot, suffix = entry.rpartition(".")
    if not dot or "/" in suffix:
        stem = entry
    folders = stem.split("/")
    built = [number for number, folder in enumerate(folders[:-1]) if folder in _COMPILED]
    if not built:
        for ending in (".js", ".ts", "/index.js", "/index.ts"):
            yield f"{stem}{ending}"
        return
    before, after = folders[: built[0]], folders[built[0] + 1 :]
    for middle in (["src"], []):
        for ending in (".ts", ".js", "/index.ts", "/index.js"):
            yield "/".join([*before, *middle, *after]) + ending


def _binding(start: Start) -> Binding:
    port = start.environment.get("PORT")
    if port is None or port.unset:
        return Binding(hidden=True)
    return Binding(ports=ports_of([port]), hidden=not port.choices, stated=True)


def _not_seen(start: Start) -> dict[str, Given]:
    reason = Text(reason="the code that may set it is not among these files", needs="add the entry file")
    return {"keepAliveTimeout": Given(text=reason, span=start.span)}

"""Which application object a Python server loads: `app.main:app` on its command line or in its configuration.

The trait `application` is the file and the name in it, where the file is among those of the container
(`services/api/app/main.py:app`), else what is written (`app.main:app`). Several possible ones are none.
"""

import re
from collections.abc import Iterator

from budgetcheck.readers.processes.ini import read_ini
from budgetcheck.readers.processes.launch import Files, Start
from budgetcheck.readers.processes.options import options
from budgetcheck.readers.processes.python_values import read_python

_OBJECT = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)(?:\(.*\))?")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
# `unix:app.sock` has the shape of an object and is none.
_NO_MODULES = frozenset({"unix", "fd", "file", "python", "http", "https", "tcp"})
_FOLDERS = dict.fromkeys(
    ("--chdir", "--app-dir", "--pythonpath", "--working-dir", "--workdir", "--pp"), "folder"
)
_ADDRESSES = dict.fromkeys(("-b", "--bind", "--listen", "--host", "-h"), "address")
_CONFIG = {"-c": "config", "--config": "config"}
_PASTE = {"--paste": "paste", "--paster": "paste"}
_MOST_SECTIONS = 8
_UWSGI = {
    "--module": "module",
    "-w": "module",
    "--wsgi": "module",
    "--wsgi-file": "wsgi-file",
    "--file": "wsgi-file",
    "--callable": "callable",
    "--ini": "ini",
    "-i": "ini",
}
_NAMED = {"--app": "app", "-A": "app", "--call": "call!"}
_USUAL = {
    "gunicorn": "application",
    "uwsgi": "application",
    "flask": "app",
    "fastapi": "app",
    "celery": "app",
    "uvicorn": "",
    "hypercorn": "app",
    "granian": "app",
    "waitress-serve": "",
    "daphne": "",
}
"""What the object is called where only its module is given; empty where both must be."""
_FASTAPI_FILES = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
_FLASK_FILES = ("wsgi.py", "app.py")


def application_of(start: Start, files: Files) -> tuple[tuple[str, str], ...]:
    """The trait `application` of a server; none where it is not known, or may be one of several."""
    if start.program not in _USUAL:
        return ()
    written = tuple(dict.fromkeys(_written(start, files)))
    if len(written) != 1:
        return ()
    module, _, name = written[0].partition(":")
    if "/" in module or module.endswith(".py"):
        source = files.find(module, start.folder)
        return (("application", f"{source.file if source else module}:{name}"),)
    return (("application", _located(module, name, start, files)),)


def _located(module: str, name: str, start: Start, files: Files) -> str:
    """The file of a dotted module: below the working directory, or where an option says to look."""
    path = module.replace(".", "/")
    folders = [given.text.known or "" for _, given in options(start.args, _FOLDERS)]
    python_path = start.environment.get("PYTHONPATH")
    folders += (python_path.known or "").split(":") if python_path else []
    for folder in dict.fromkeys((*folders, "", "src")):
        for candidate in (f"{path}.py", f"{path}/__init__.py"):
            source = files.find(f"{folder}/{candidate}" if folder else candidate, start.folder)
            if source is not None:
                return f"{source.file}:{name}"
    return f"{module}:{name}"


def _written(start: Start, files: Files) -> Iterator[str]:
    """The applications that a start names, as `module:name` or `path.py:name`."""
    match start.program:
        case "uwsgi":
            yield from _uwsgi(start, files)
        case "fastapi":
            yield from _file_or_usual(_positional(start)[1:], _FASTAPI_FILES, start, files)
        case "flask" | "celery":
            yield from _by_option(start, files)
        case _:
            found = list(_pasted(start, files)) or list(_objects(start))
            yield from found or _from_config(start, files)


def _objects(start: Start) -> Iterator[str]:
    """`app.main:app`; only its module where the program knows what the object is called."""
    words = _positional(start)
    addresses = {given.text.known for _, given in options(start.args, _ADDRESSES)}
    for word in words:
        match = _OBJECT.fullmatch(word) if word not in addresses else None
        if match and match.group(1) not in _NO_MODULES:
            yield f"{match.group(1)}:{match.group(2)}"
            return
    usual = _USUAL[start.program]
    # Options that take no value are not told apart from those that do: only a last word is sure to be none.
    if usual and words and start.args[-1].text.known == words[-1] and _MODULE.fullmatch(words[-1]):
        before = start.args[-2].text.known if len(start.args) > 1 else ""
        if before is not None and (not before.startswith("-") or "=" in before):
            yield f"{words[-1]}:{usual}"


def _pasted(start: Start, files: Files) -> Iterator[str]:
    """`gunicorn --paste production.ini`: the factory that its `[app:main]` uses.

    https://docs.pylonsproject.org/projects/pastedeploy/en/latest/
    """
    given = [value.text.known or "" for _, value in options(start.args, _PASTE)] or [""]
    path, _, name = given[-1].removeprefix("config:").partition("#")
    source = files.find(path, start.folder) if start.program == "gunicorn" and path else None
    entries = {(one.section, one.key): one.value for one in read_ini(source.text)} if source else {}
    name = name or "main"
    for _ in range(_MOST_SECTIONS):
        behind = entries.get((f"pipeline:{name}", "pipeline"), "").split()
        if behind:
            name = behind[-1]
            continue
        factory = entries.get((f"app:{name}", "paste.app_factory"), "")
        used = entries.get((f"app:{name}", "use"), "")
        kind, _, target = used.partition(":")
        if kind == "call" or factory:
            yield factory or target
        elif kind == "egg" and target:  # mostly `main` of the package; a name that is not there joins nothing
            yield f"{target.partition('#')[0].replace('-', '_')}:main"
        elif used and not target:
            name = used
            continue
        return


def _positional(start: Start) -> list[str]:
    return [word for arg in start.args if (word := arg.text.known) and not word.startswith("-")]


def _from_config(start: Start, files: Files) -> Iterator[str]:
    """`wsgi_app` of gunicorn's configuration file."""
    if start.program != "gunicorn":
        return
    configs = [given.text.known or "" for _, given in options(start.args, _CONFIG)]
    path = (configs[-1] if configs else "gunicorn.conf.py").removeprefix("file:")
    source = files.find(path, start.folder)
    found = read_python(source.text, source.file, start.environment) if source else None
    assigned = found.names.get("wsgi_app") if found else None
    if assigned and assigned.value.known:
        yield _completed(assigned.value.known, start)


def _by_option(start: Start, files: Files) -> Iterator[str]:
    """`flask --app hello run`, `FLASK_APP`, `celery -A project worker`."""
    named = [given.text.known for name, given in options(start.args, _NAMED) if name == "app"]
    variable = start.environment.get("FLASK_APP") if start.program == "flask" else None
    written = named[-1] if named else variable.known if variable and not variable.unset else None
    if written:
        yield _completed(written.partition("(")[0], start)
    elif start.program == "flask" and not named:
        yield from _file_or_usual([], _FLASK_FILES, start, files)


def _file_or_usual(words: list[str], usual: tuple[str, ...], start: Start, files: Files) -> Iterator[str]:
    for path in words or usual:
        if path.endswith(".py") and (words or files.find(path, start.folder)):
            yield f"{path}:{_USUAL[start.program]}"
            return


def _uwsgi(start: Start, files: Files) -> Iterator[str]:
    given = {name: value.text.known or "" for name, value in options(start.args, _UWSGI)}
    inis = [given.pop("ini", ""), *(word for word in _positional(start) if word.endswith(".ini"))]
    for path in filter(None, inis):
        source = files.find(path, start.folder)
        for entry in read_ini(source.text) if source else ():
            name = {"wsgi": "module", "file": "wsgi-file"}.get(entry.key, entry.key.replace("_", "-"))
            if entry.section == "uwsgi" and name in ("module", "wsgi-file", "callable"):
                given.setdefault(name, entry.value)
    module, path = given.get("module", ""), given.get("wsgi-file", "")
    name = given.get("callable") or module.partition(":")[2] or _USUAL["uwsgi"]
    if path.endswith(".py"):
        yield f"{path}:{name}"
    elif _MODULE.fullmatch(module.partition(":")[0]):
        yield f"{module.partition(':')[0]}:{name}"


def _completed(written: str, start: Start) -> str:
    return written if ":" in written else f"{written}:{_USUAL[start.program]}"

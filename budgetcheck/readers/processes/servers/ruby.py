"""Puma and Unicorn: options of their command lines, their configuration files, and rack-timeout behind them.

https://puma.io/puma/Puma/DSL.html, https://yhbt.net/unicorn/Unicorn/Configurator.html
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from budgetcheck.model.settings import Setting
from budgetcheck.model.span import Span
from budgetcheck.readers.processes.expansion import Variables
from budgetcheck.readers.processes.launch import Files, Start
from budgetcheck.readers.processes.lexing import Source
from budgetcheck.readers.processes.options import Given, from_environment, options
from budgetcheck.readers.processes.ruby_values import ANYTHING, first_argument, read_ruby, ruby_value
from budgetcheck.readers.processes.servers.base import (
    UNSTATED,
    Binding,
    Server,
    counts_of,
    port_binding,
    read_addresses,
    settings_of,
)
from budgetcheck.readers.processes.texts import Text, unknown

RACK_TIMEOUT = "rack-timeout.service_timeout"
_PUMA = (
    "worker_timeout",
    "persistent_timeout",
    "first_data_timeout",
    "force_shutdown_after",
    "worker_shutdown_timeout",
)
_PUMA_FLAGS = {
    "-p": "port",
    "--port": "port",
    "-b": "bind",
    "--bind": "bind",
    "-C": "config",
    "--config": "config",
    "--persistent-timeout": "persistent_timeout",
    "--first-data-timeout": "first_data_timeout",
    "-e": "environment",
    "--environment": "environment",
    "-w": "workers",
    "-t": "threads",
}
_RAILS_FLAGS = {"-p": "port", "--port": "port", "-b": "host", "--binding": "host", "-e": "environment"}
_UNICORN_FLAGS = {
    "-c": "config",
    "--config-file": "config",
    "-l": "listen",
    "--listen": "listen",
    "-p": "port",
    "--port": "port",
    "-E": "environment",
    "--env": "environment",
}
_PUMA_PORT, _RAILS_PORT, _UNICORN_PORT = 9292, 3000, 8080
_LOCKED = re.compile(r"^ {4}(puma|unicorn) \((\d[\w.]*)\)$", re.MULTILINE)
_RAILS = re.compile(r"^\s*gem\s*\(?\s*['\"]rails['\"]", re.MULTILINE)
_RACK_TIMEOUT = re.compile(r"^\s*gem\s*\(?\s*['\"]rack-timeout['\"]([^#\n]*)", re.MULTILINE)
_SERVICE = re.compile(
    r"^(?:[^#\n]*?\bservice_timeout\s*[:=]|\s*Rack::Timeout\.timeout\s*=)\s*([^\n#]{1,120})", re.MULTILINE
)
_INITIALIZERS = ("rack_timeout", "rack-timeout", "timeout", "timeouts")


def read_puma(start: Start, files: Files) -> Server:
    """A start of `puma`."""
    cli = _collected(options(start.args, _PUMA_FLAGS))
    return _puma(start, files, cli, _PUMA_PORT)


def read_rails(start: Start, files: Files) -> Server | None:
    """`rails server`, which is Puma unless the application has another server."""
    if not start.args or start.args[0].text.known not in ("server", "s"):
        return None
    cli = _collected(options(start.args, _RAILS_FLAGS))
    if _config(cli, start, files, ("config/puma.rb",)) or _version("puma", files, start.folder):
        return _puma(start, files, cli, _RAILS_PORT)
    return Server(
        component=UNSTATED,
        program="rails",
        span=start.span,
        binding=Binding(ports=(_RAILS_PORT,), hidden=True),
    )


def read_unicorn(start: Start, files: Files) -> Server:
    """A start of `unicorn` or `unicorn_rails`."""
    cli = _collected(options(start.args, _UNICORN_FLAGS))
    source = _config(cli, start, files, ())
    return _unicorn(start, files, cli, source)


def read_ruby_config_alone(source: Source) -> Server | None:
    """The server that a configuration file describes when nothing that starts it was found."""
    name = source.file.rpartition("/")[2]
    program = "unicorn" if "unicorn" in name else "puma"
    start = Start(
        program=program, args=(), environment={}, folder="", span=Span(file=source.file, line=1, text=name)
    )
    given = read_ruby(source.text, source.file, {})
    names = ("timeout", "listen") if program == "unicorn" else (*_PUMA, "port", "bind")
    if not any(name in given for name in names):
        return None
    binding = _unicorn_binding(given) if program == "unicorn" else _puma_binding(given, start, _PUMA_PORT)
    wanted = ("timeout",) if program == "unicorn" else _PUMA
    last = {name: found[-1] for name, found in given.items()}
    return Server(
        component=program,
        program=program,
        span=start.span,
        settings=(*settings_of(last, wanted), *_slots(last, program)),
        binding=binding,
        files=(source.file,),
    )


def _puma(start: Start, files: Files, cli: Mapping[str, list[Given]], port: int) -> Server:
    source = _config(cli, start, files, ("config/puma/production.rb", "config/puma.rb"))
    by_file = read_ruby(source.text, source.file, start.environment) if source else {}
    variables = _collected(
        from_environment(start.environment, {"PUMA_PERSISTENT_TIMEOUT": "persistent_timeout"})
    )
    given = {**variables, **by_file, **cli}
    if not ({"bind", "port"} & cli.keys()):
        given |= {name: by_file[name] for name in ("bind", "port") if name in by_file}
    last = {name: found[-1] for name, found in given.items()}
    # Of the times that have a default only this one decides anything.
    decisive = ("persistent_timeout",)
    last |= _lost(cli, source, start, decisive) | _elsewhere(given, decisive)
    return _with_rack_timeout(start, files, last, _puma_binding(given, start, port), "puma", _PUMA, source)


def _unicorn(start: Start, files: Files, cli: Mapping[str, list[Given]], source: Source | None) -> Server:
    by_file = read_ruby(source.text, source.file, start.environment) if source else {}
    given = {**by_file, **cli}
    last = {name: found[-1] for name, found in given.items()} | _lost(cli, source, start, ("timeout",))
    last |= _elsewhere(given, ("timeout",))
    binding = _unicorn_binding(given)
    return _with_rack_timeout(start, files, last, binding, "unicorn", ("timeout",), source)


def _with_rack_timeout(
    start: Start,
    files: Files,
    last: dict[str, Given],
    binding: Binding,
    component: str,
    names: tuple[str, ...],
    source: Source | None,
) -> Server:
    active, service = _rack_timeout(start.environment, files, start.folder)
    if service is not None:
        last[RACK_TIMEOUT] = service
    environment = last["environment"].text.known if "environment" in last else None
    return Server(
        component=component,
        program=component,
        span=start.span,
        settings=(*settings_of(last, (*names, RACK_TIMEOUT)), *_slots(last, component)),
        traits=(("rack_timeout", "on"),) if active else (),
        binding=binding,
        development=environment == "development",
        files=(source.file,) if source else (),
        version=_version(component, files, start.folder),
    )


def _slots(last: Mapping[str, Given], component: str) -> tuple[Setting, ...]:
    """Workers and the most threads of each: `-t 1:5` on the command line."""
    if component != "puma" or ANYTHING in last:
        return ()
    known = {name: last[name] for name in ("workers", "threads") if name in last}
    if "threads" in known:
        given = known["threads"]
        most = tuple(choice.rpartition(":")[2] for choice in given.text.choices)
        known["threads"] = replace(given, text=replace(given.text, choices=most))
    return counts_of(known, known)


def _rack_timeout(environment: Variables, files: Files, folder: str) -> tuple[bool, Given | None]:
    """Whether rack-timeout is certainly in front of the application, and the time somebody gave it.

    Its Gemfile entry puts it there by itself in Rails, unless another file of it is required.
    """
    gemfile = files.find("Gemfile", folder)
    entry = _RACK_TIMEOUT.search(gemfile.text) if gemfile else None
    if gemfile is None or entry is None or "require" in entry.group(1) or not _RAILS.search(gemfile.text):
        return False, None
    for name in _INITIALIZERS:
        source = files.find(f"config/initializers/{name}.rb", folder)
        match = _SERVICE.search(source.text) if source else None
        if source and match:
            line = source.text.count("\n", 0, match.start(1)) + 1
            span = Span(file=source.file, line=line, text="service_timeout")
            return True, Given(text=ruby_value(first_argument(match.group(1)), environment), span=span)
    found = dict(from_environment(environment, {"RACK_TIMEOUT_SERVICE_TIMEOUT": RACK_TIMEOUT}))
    return True, found.get(RACK_TIMEOUT)


def _config(
    cli: Mapping[str, list[Given]], start: Start, files: Files, usual: tuple[str, ...]
) -> Source | None:
    if "config" in cli:
        path = cli["config"][-1].text.known
        return files.find(path, start.folder) if path else None
    return next((found for path in usual if (found := files.find(path, start.folder))), None)


def _lost(
    cli: Mapping[str, list[Given]], source: Source | None, start: Start, names: tuple[str, ...]
) -> dict[str, Given]:
    """What a configuration file that is named and not here may set."""
    if "config" not in cli or source is not None:
        return {}
    text = unknown("the configuration file is not among these files", "add the file")
    return {name: Given(text=text, span=start.span) for name in names if name not in cli}


def _elsewhere(given: Mapping[str, list[Given]], names: tuple[str, ...]) -> dict[str, Given]:
    """What code that the configuration file hands itself on to may set."""
    return {name: given[ANYTHING][-1] for name in names if ANYTHING in given and name not in given}


def _puma_binding(given: Mapping[str, list[Given]], start: Start, default: int) -> Binding:
    if "bind" in given:
        return read_addresses(_without_query(one.text) for one in given["bind"])
    if "port" in given:
        return port_binding({"port": given["port"][-1]}, default)
    port = start.environment.get("PORT")
    if port is not None and default == _RAILS_PORT:
        return port_binding({"port": Given(text=port, span=start.span)}, default)
    return Binding(ports=(default,))


def _unicorn_binding(given: Mapping[str, list[Given]]) -> Binding:
    if "listen" in given:
        return read_addresses(one.text for one in given["listen"])
    if "port" in given:
        return port_binding({"port": given["port"][-1]}, _UNICORN_PORT)
    return Binding(ports=(_UNICORN_PORT,))


def _without_query(text: Text) -> Text:
    """`unix:///run/puma.sock?umask=0111`."""
    choices = tuple(choice.partition("?")[0] for choice in text.choices)
    return Text(choices=choices, reason=text.reason, needs=text.needs, spans=text.spans)


def _version(gem: str, files: Files, folder: str) -> str:
    lock = files.find("Gemfile.lock", folder)
    versions: dict[str, str] = dict(_LOCKED.findall(lock.text)) if lock else {}
    return versions.get(gem, "")


def _collected(found: Iterable[tuple[str, Given]]) -> dict[str, list[Given]]:
    collected: dict[str, list[Given]] = {}
    for name, given in found:
        collected.setdefault(name, []).append(given)
    return collected

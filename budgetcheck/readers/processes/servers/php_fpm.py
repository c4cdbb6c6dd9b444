"""PHP-FPM: one server for each pool of its configuration.

https://www.php.net/manual/en/install.fpm.configuration.php
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from budgetcheck.model.span import Span
from budgetcheck.readers.processes.base_images import OFFICIAL
from budgetcheck.readers.processes.expansion import Variables, not_set
from budgetcheck.readers.processes.ini import read_ini
from budgetcheck.readers.processes.launch import Files, Start
from budgetcheck.readers.processes.lexing import Source
from budgetcheck.readers.processes.options import Given, options
from budgetcheck.readers.processes.servers.base import (
    Binding,
    Server,
    counts_of,
    read_addresses,
    settings_of,
)
from budgetcheck.readers.processes.texts import Text, harmless, joined, literal, ports_of, unknown

_MAIN = ("/usr/local/etc/php-fpm.conf", "/etc/php-fpm.conf", "/etc/php/fpm/php-fpm.conf")
_POOLS = (
    "/usr/local/etc/php-fpm.d/*.conf",
    "/etc/php-fpm.d/*.conf",
    "/etc/php*/php-fpm.d/*.conf",
    "/etc/php/*/fpm/pool.d/*.conf",
    "/opt/bitnami/php/etc/php-fpm.d/*.conf",
)
_CHILDREN = "pm.max_children"
_SETTINGS = ("request_terminate_timeout", "process_control_timeout")
_ENDS = frozenset({"-t", "--test", "-v", "--version", "-i", "--info", "-m", "--modules", "-h", "--help"})
_VARIABLE = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}")
_PORT = 9000
_USUAL_POOL = "www"


@dataclass(slots=True, kw_only=True)
class _Pool:
    """A pool; a later file adds to one of the same name."""

    given: dict[str, Given] = field(default_factory=dict)
    listen: Text | None = None
    files: list[str] = field(default_factory=list)


def read_php_fpm(start: Start, files: Files) -> tuple[Server, ...]:
    """The pools that a start of PHP-FPM serves; none for `php-fpm -t` and its like."""
    if any((arg.text.known or "") in _ENDS for arg in start.args):
        return ()
    cli = dict(options(start.args, {"-y": "file", "--fpm-config": "file"}))
    sources = list(_sources(cli, files, start.folder))
    pools = _pools(sources, start.environment)
    if not pools:
        official = OFFICIAL in start.environment and "file" not in cli
        return (_unconfigured(start, official=official),)
    return tuple(_server(pool, start.span) for pool in pools.values())


def read_pools_alone(source: Source) -> tuple[Server, ...]:
    """The pools of a file when nothing that starts them was found."""
    pools = _pools([source], {})
    span = Span(file=source.file, line=1, text=source.file.rpartition("/")[2])
    return tuple(_server(pool, span) for pool in pools.values() if pool.listen is not None or pool.given)


def _sources(cli: dict[str, Given], files: Files, folder: str) -> Iterator[Source]:
    """The main file and those it includes, in the order in which they are read."""
    paths = (cli["file"].text.known or "",) if "file" in cli else _MAIN
    main = next((found for path in paths if path and (found := _exactly(path, files, folder))), None)
    if main is not None:
        yield main
    for pattern in _POOLS:
        yield from files.matching(pattern)


def _exactly(path: str, files: Files, folder: str) -> Source | None:
    found = files.find(path, folder)
    return found if found and "[" in found.text else None


def _pools(sources: Sequence[Source], environment: Variables) -> dict[str, _Pool]:
    pools: dict[str, _Pool] = {}
    shared: dict[str, Given] = {}
    last = _USUAL_POOL  # a file without a section goes on with the pool of the file before it
    for source in sources:
        for entry in read_ini(source.text):
            if entry.section == "global":
                pool = None
            else:
                last = entry.section or last
                pool = pools.setdefault(last, _Pool())
                if source.file not in pool.files:
                    pool.files.append(source.file)
            value = _filled(entry.value.partition(";")[0].strip().strip("\"'"), environment)
            if entry.key == "listen" and pool:
                pool.listen = value
            elif entry.key in (*_SETTINGS, _CHILDREN):
                shown = f"{entry.key} = {entry.value}" if harmless(entry.value) else entry.key
                span = Span(file=source.file, line=entry.line, text=shown)
                (pool.given if pool else shared)[entry.key] = Given(text=value, span=span)
    for pool in pools.values():
        pool.given = {**shared, **pool.given}
    return pools


def _filled(value: str, environment: Variables) -> Text:
    """`${NAME}` is a variable of the environment; `{{ name }}` and its like are for something else."""
    if "{{" in value or "@@" in value or "<%" in value:
        return unknown("it is filled in by a template", "give the rendered file")
    parts: list[Text] = []
    end = 0
    for match in _VARIABLE.finditer(value):
        found = environment.get(match.group(1))
        default = literal(match.group(2)) if match.group(2) is not None else not_set(match.group(1))
        parts += [literal(value[end : match.start()]), found if found and not found.unset else default]
        end = match.end()
    return replace(joined([*parts, literal(value[end:])]), unset=False)


def _server(pool: _Pool, span: Span) -> Server:
    return Server(
        component="php-fpm",
        program="php-fpm",
        span=span,
        settings=(*settings_of(pool.given, _SETTINGS), *counts_of(pool.given, (_CHILDREN,))),
        binding=_binding(pool.listen),
        files=tuple(pool.files),
    )


def _binding(listen: Text | None) -> Binding:
    if listen is None:
        return Binding(ports=(_PORT,))
    if listen.known is not None and listen.known.isdigit():
        return Binding(ports=ports_of([listen]), stated=True)
    return read_addresses([listen])


def _unconfigured(start: Start, *, official: bool) -> Server:
    """Without a pool here: the official image's own one has no limit, of any other nothing is known."""
    reason = unknown("the configuration of its pools is not among these files", "add the pool's file")
    given = {} if official else {"request_terminate_timeout": Given(text=reason, span=start.span)}
    return Server(
        component="php-fpm",
        program="php-fpm",
        span=start.span,
        settings=settings_of(given, _SETTINGS),
        binding=Binding(ports=(_PORT,), hidden=not official),
    )

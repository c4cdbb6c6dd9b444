"""From a configuration document to options: paths resolved against the root, every entry with its place."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from budgetcheck import config_schema
from budgetcheck.hints import did_you_mean
from budgetcheck.model.duration import parse_duration
from budgetcheck.model.findings import Severity
from budgetcheck.model.options import (
    Binding,
    DeclaredLink,
    EnvironmentOptions,
    Headroom,
    Ignore,
    NginxOptions,
    Options,
    Policy,
    UserFact,
)
from budgetcheck.model.span import Span
from budgetcheck.schema_errors import SchemaFault, explain_errors, fault_at, key_faults
from budgetcheck.tree import Tree, UnreadableFileError
from budgetcheck.yaml_nodes import Loc, MapNode, ScalarNode, follow, plain

_VERSION = re.compile(r"\d[0-9A-Za-z.+-]{0,40}")


@dataclass(frozen=True, slots=True)
class _Source:
    """The document and where its relative paths start; faults are collected here."""

    root: MapNode
    name: str
    folder: Path
    tree: Tree
    faults: list[SchemaFault] = field(default_factory=list)

    def span(self, *loc: str | int) -> Span:
        """Where an entry stands: its key if it has one."""
        _, key, node = follow(self.root, loc)
        place = key or node
        return Span(file=self.name, line=place.line, column=place.column)

    def wrong(self, loc: Loc, text: str, fix: str = "", *, key: bool = False) -> None:
        """Notes a fault."""
        self.faults.append(fault_at(self.root, loc, text, fix, key=key))

    def path(self, written: str, *loc: str | int, directory: bool = False) -> str:
        """A path relative to the run's root, in POSIX form. What is missing or outside is a fault."""
        path = Path(os.path.normpath(self.folder / written))
        try:
            real = self.tree.inside(path)
        except UnreadableFileError as error:
            self.wrong(loc, str(error), "paths are relative to this file")
            return written
        if real.is_dir() is not directory:
            self.wrong(loc, "must be a directory" if directory else "must be a file")
        return PurePath(os.path.relpath(path, self.tree.root)).as_posix()


def options_from(
    root: MapNode, name: str, folder: Path, tree: Tree, rules: Sequence[str]
) -> tuple[Options, list[SchemaFault]]:
    """The options of a configuration, and everything that is wrong with it (the options are then unusable).

    Paths in it are relative to `folder`; for a configuration outside the root, to the root.
    """
    faults = key_faults(root)
    document, errors = config_schema.check_config(plain(root))
    faults += explain_errors(errors, root, config_schema.config_keys_at)
    if document is None or faults:
        return Options(), faults
    inside = folder.is_relative_to(tree.root)
    source = _Source(root, name, folder if inside else tree.root, tree)
    options = Options(
        headroom=_headroom(document.headroom),
        environments=tuple(
            _environment(key, value, source) for key, value in sorted(document.environments.items())
        ),
        links=tuple(
            DeclaredLink(outer=link.outer, inner=link.inner, span=source.span("links", index))
            for index, link in enumerate(document.links)
        ),
        bindings=tuple(_binding(index, binding, source) for index, binding in enumerate(document.bindings)),
        components=tuple(
            UserFact(component=key, table=tuple(sorted(table.items())), span=source.span("components", key))
            for key, table in sorted(document.components.items())
        ),
        nginx=_nginx(document.nginx, source),
        severity=tuple(sorted((code, Severity[level.upper()]) for code, level in document.severity.items())),
        ignore=tuple(_ignore(index, entry, source) for index, entry in enumerate(document.ignore)),
        policy=_policy(document.policy),
        lock=tuple(sorted(set(document.lock))),
        fail_on=None if document.fail_on == "never" else Severity[document.fail_on.upper()],
    )
    _check_rules(document, source, rules)
    return options, source.faults


def _headroom(written: str | config_schema.HeadroomParts) -> Headroom:
    """A share alone has no floor and a duration alone no share: what is written is all that holds."""
    if isinstance(written, config_schema.HeadroomParts):
        return Headroom(percent=written.percent, floor_ms=parse_duration(written.floor))
    if written.endswith("%"):
        return Headroom(percent=int(written.removesuffix("%")), floor_ms=0)
    return Headroom(percent=0, floor_ms=parse_duration(written))


def _policy(written: config_schema.Policy) -> Policy:
    return Policy(
        must_prove=tuple(written.must_prove),
        max_amplification=written.max_amplification or 0,
        one_retry_owner=written.one_retry_owner,
        require_total=written.require_total,
        max_total_ms=None if written.max_total is None else parse_duration(written.max_total),
    )


def _environment(name: str, written: config_schema.Environment | None, source: _Source) -> EnvironmentOptions:
    environment = written or config_schema.Environment()

    def resolved(key: str, paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(source.path(path, "environments", name, key, index) for index, path in enumerate(paths))

    return EnvironmentOptions(
        name=name,
        var_files=resolved("var_files", environment.var_files),
        env_files=resolved("env_files", environment.env_files),
        workspace=environment.workspace,
        declared=True,
    )


def _binding(index: int, written: config_schema.Binding, source: _Source) -> Binding:
    return Binding(
        file=source.path(written.file, "bindings", index, "file"),
        key=written.key,
        hop=written.hop,
        setting=written.setting,
        unit=written.unit or "",
        span=source.span("bindings", index),
    )


def _nginx(written: config_schema.Nginx, source: _Source) -> NginxOptions:
    _, _, node = follow(source.root, ("nginx", "version"))
    version = node.text if isinstance(node, ScalarNode) and written.version is not None else ""
    if version and not _VERSION.fullmatch(version):
        source.wrong(("nginx", "version"), "is not a version", 'write it as "1.27.3"')
    return NginxOptions(
        root=source.path(written.root, "nginx", "root", directory=True) if written.root else "",
        version=version,
        addresses=tuple(sorted(written.addresses.items())),
    )


def _ignore(index: int, written: config_schema.Ignore, source: _Source) -> Ignore:
    return Ignore(
        rule=written.rule,
        reason=written.reason,
        paths=tuple(written.paths),
        routes=tuple(written.routes),
        until=written.until or "",
        span=source.span("ignore", index),
    )


def _check_rules(document: config_schema.ConfigDocument, source: _Source, rules: Sequence[str]) -> None:
    if not rules:
        return
    for code in document.severity:
        if code not in rules:
            source.wrong(("severity", code), f"is no rule{did_you_mean(code, rules)}", key=True)
    for index, code in enumerate(document.lock):
        if code not in rules:
            source.wrong(("lock", index), f"is no rule{did_you_mean(code, rules)}")
    for index, entry in enumerate(document.ignore):
        if entry.rule not in rules:
            source.wrong(("ignore", index, "rule"), f"is no rule{did_you_mean(entry.rule, rules)}")

"""The pipeline on one screen: discover -> read -> join -> resolve -> link -> assess -> check.

This is the only module that knows the order of the stages.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from budgetcheck.assess import assess_all
from budgetcheck.baseline import Entry, compare
from budgetcheck.bindings import bind
from budgetcheck.check import check
from budgetcheck.config import ConfigError, load_config
from budgetcheck.discover import Discovery, discover
from budgetcheck.environments import environments, same_environment
from budgetcheck.facts import Component, FactsError, override
from budgetcheck.garbage import collector_paused
from budgetcheck.inline_ignores import inline_ignores
from budgetcheck.joins import join
from budgetcheck.link import link
from budgetcheck.model.findings import Severity
from budgetcheck.model.options import DeclaredLink, Options
from budgetcheck.model.report import Report
from budgetcheck.model.settings import Problem, Reading
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Hop
from budgetcheck.open_ends import open_ends
from budgetcheck.readers import READERS
from budgetcheck.readers.base import ReadContext, Reader
from budgetcheck.readers.exact import exact_over_evaluated
from budgetcheck.resolve import Resolution, resolve
from budgetcheck.reuse import Reuse
from budgetcheck.rules import RULES, Scene
from budgetcheck.unbound import unbound_keys

Progress = Callable[[str], None]


class UsageError(Exception):
    """budgetcheck cannot run: a path that does not exist, or a bad configuration. Exit code 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What the command line adds to the configuration file.

    Attributes:
        config: configuration file to use instead of searching for one. `no_config` searches for none.
        fail_on: replaces the configuration's; `unset` keeps it, None never fails.
        environments: only these; empty for all.
        allow_unchecked: a run that could check nothing succeeds.
        tf_var: values of Terraform variables from the environment, by name.
        nginx_version: replaces the configuration's; empty keeps it.
        strict_unknown: joints of which nobody can tell fail the run.
        baseline: findings that are known; None for no baseline.
        virtual: contents of given paths that are not on disk: standard input.
        remedies: remedies are looked for; nobody asks for those of what is gone.
    """

    config: Path | None = None
    no_config: bool = False
    fail_on: Severity | Literal["unset"] | None = "unset"
    environments: tuple[str, ...] = ()
    allow_unchecked: bool = False
    nginx_version: str = ""
    tf_var: Mapping[str, str] = field(default_factory=dict)
    strict_unknown: bool = False
    baseline: tuple[Entry, ...] | None = None
    virtual: Mapping[Path, bytes] = field(default_factory=dict)
    remedies: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What the given paths hold, read and ready for the later stages.

    Attributes:
        names: the environments to look at; one empty name where they do not differ.
        overrides: components with facts of the user's own.
    """

    found: Discovery
    options: Options
    context: ReadContext
    reading: Reading
    names: tuple[str, ...]
    overrides: Mapping[str, Component]
    today: date

    def resolved(self, environment: str) -> Resolution:
        """The hops of one environment."""
        mine = [
            declaration
            for declaration in self.reading.declarations
            if not declaration.environment or same_environment(declaration.environment, environment)
        ]
        return resolve(mine, self.today, self.overrides)


@collector_paused()
def run(
    paths: Sequence[Path],
    *,
    cwd: Path,
    settings: RunSettings | None = None,
    progress: Progress | None = None,
    reuse: Reuse | None = None,
) -> Report:
    """Checks everything below the paths. Raises UsageError; faults in the user's files are findings.

    Of two runs with the same `reuse` the second reads again only what is different.
    """
    tell = progress or (lambda _: None)
    prepared = prepare(paths, cwd=cwd, settings=settings or RunSettings(), tell=tell, reuse=reuse)
    tell("checking")
    report = checked(prepared, remedies=settings is None or settings.remedies)
    if settings is None:
        return report
    report = replace(report, strict_unknown=settings.strict_unknown)
    return report if settings.baseline is None else without(report, settings.baseline)


@collector_paused()
def checked(
    prepared: Prepared, *, changed: Callable[[Hop], Hop] | None = None, remedies: bool = True
) -> Report:
    """Resolves, links, assesses and checks what was read; `changed` makes another of every hop."""
    problems = (*prepared.found.problems, *prepared.reading.problems)
    comments = inline_ignores(prepared.found.files, prepared.found.tree, rule_words())
    first, *others = prepared.names
    scenes = [
        replace(
            _scene(prepared, first, problems, changed),
            bad_suppressions=comments.faults,
            unbound=unbound_keys(prepared.reading, prepared.context),
        ),
        *(_scene(prepared, name, (), changed) for name in others),
    ]
    unused = _unused_links(prepared, scenes)
    scenes = [
        replace(scene, unused_links=unused if number == 0 else ()) for number, scene in enumerate(scenes)
    ]
    return check(
        scenes,
        prepared.options,
        recognised=len(prepared.reading.recognised),
        today=prepared.today,
        inline=comments.ignores,
        remedies=remedies,
    )


@collector_paused()
def prepare(
    paths: Sequence[Path],
    *,
    cwd: Path,
    settings: RunSettings,
    tell: Progress,
    reuse: Reuse | None = None,
) -> Prepared:
    """Discovers and reads. Raises UsageError for what cannot be run at all."""
    tell("looking for files")
    found = discover(paths, cwd, settings.virtual)
    if found.missing:
        raise UsageError(f"no such file or directory: {', '.join(found.missing)}")
    options = _options(found, settings)
    context = ReadContext(
        tree=found.tree,
        options=options,
        environments=environments(found.files, options, found.tree),
        siblings=found.files,
    )
    context = reuse.begin(context, found) if reuse else context
    reading = _joined(_read(found, context, tell, reuse), context)
    return Prepared(
        found=found,
        options=options,
        context=context,
        reading=reading,
        names=tuple(_environments(reading, options, settings)),
        overrides=_overrides(options),
        today=datetime.now(tz=UTC).date(),
    )


def without(report: Report, known: Sequence[Entry]) -> Report:
    """The report with the findings of a baseline among the suppressed ones."""
    compared = compare(report.findings, known)
    return replace(
        report,
        findings=compared.new,
        suppressed=(*report.suppressed, *compared.known),
        baseline_gone=compared.gone,
    )


def rule_words() -> list[str]:
    """Codes and names of all rules."""
    return [word for rule in RULES for word in (rule.code, rule.name)]


def exit_code(report: Report) -> int:
    """0 nothing at or above the threshold, 1 findings, 3 nothing recognised or nothing could be checked."""
    if any(map(report.fails, report.findings)):
        return 1
    lost = report.base.lost if report.base and report.new_only else report.joints.cannot_tell
    if report.strict_unknown and lost:
        return 1
    about_the_system = [f for f in report.findings if not f.rule.startswith("BC9")]
    unchecked = report.recognised == 0 or (report.joints.checked == 0 and not about_the_system)
    return 3 if unchecked and not report.allow_unchecked else 0


def _options(found: Discovery, settings: RunSettings) -> Options:
    options = Options()
    if not settings.no_config:
        stop = found.tree.root
        start = settings.config.parent if settings.config else found.config_start
        try:
            options, _ = load_config(found.tree, start, stop, settings.config, rule_words())
        except ConfigError as error:
            raise UsageError(str(error)) from None
    fail_on = options.fail_on if settings.fail_on == "unset" else settings.fail_on
    nginx = replace(options.nginx, version=settings.nginx_version or options.nginx.version)
    return replace(
        options,
        fail_on=fail_on,
        allow_unchecked=options.allow_unchecked or settings.allow_unchecked,
        nginx=nginx,
        tf_var=tuple(sorted(settings.tf_var.items())),
    )


def _overrides(options: Options) -> dict[str, Component]:
    """Components with facts of the user's own. Raises UsageError where those are not well formed."""
    try:
        return {
            fact.component: override(fact.component, dict(fact.table), fact.span.place)
            for fact in options.components
        }
    except FactsError as error:
        raise UsageError(str(error)) from None


def _read(found: Discovery, context: ReadContext, tell: Progress, reuse: Reuse | None) -> Reading:
    """What all readers made of their files. A reader is only imported if it has any."""
    readings = []
    for reader in READERS:
        files = found.claimed_by(reader.name)
        if files:
            tell(f"reading {reader.title}: {len(files)} files")
            read = partial(_guarded, reader, found, context)
            readings.append(reuse.reading(reader.name, context.tree, read) if reuse else read())
    return Reading(
        declarations=exact_over_evaluated(readings),
        problems=tuple(p for reading in readings for p in reading.problems),
        environments=tuple(sorted({name for reading in readings for name in reading.environments})),
        recognised=tuple(sorted({name for reading in readings for name in reading.recognised})),
    )


def _joined(reading: Reading, context: ReadContext) -> Reading:
    """What belongs together joined; a crash leaves everything as it was read."""
    try:
        return bind(join(reading, context), context)
    except Exception as error:  # noqa: BLE001 - as for readers: the run must not die of hostile input
        text = f"internal error while joining containers and files: {type(error).__name__}; please report it"
        problem = Problem(span=Span(file=next(iter(reading.recognised), "")), text=text)
        return replace(reading, problems=(*reading.problems, problem))


def _guarded(reader: Reader, found: Discovery, context: ReadContext) -> Reading:
    """A crash in one reader is reported with its files, and the other readers go on."""
    files = found.claimed_by(reader.name)
    try:
        return reader.load()(files, context)
    except Exception as error:  # noqa: BLE001 - parsers meet hostile input; the run must not die of it
        text = f"internal error while reading {reader.title} files: {type(error).__name__}; please report it"
        return Reading(problems=tuple(Problem(span=Span(file=file.name), text=text) for file in files[:1]))


def _environments(reading: Reading, options: Options, settings: RunSettings) -> list[str]:
    """The environments that differ: those some declaration belongs to, and the declared ones."""
    names: list[str] = []
    tagged = {declaration.environment for declaration in reading.declarations if declaration.environment}
    for name in (*(e.name for e in options.environments), *sorted(tagged)):
        if not any(same_environment(name, known) for known in names):
            names.append(name)
    if settings.environments:
        unknown = [n for n in settings.environments if not any(same_environment(n, known) for known in names)]
        if unknown:
            known = ", ".join(names) or "none"
            raise UsageError(f"no such environment: {', '.join(unknown)} (found: {known})")
        names = [name for name in names if any(same_environment(name, n) for n in settings.environments)]
    return sorted(names) or [""]


def _unused_links(prepared: Prepared, scenes: Sequence[Scene]) -> tuple[DeclaredLink, ...]:
    """Declared links that fit in no environment; not told where some of them are not looked at."""
    tagged = {one.environment for one in prepared.reading.declarations if one.environment}
    if not all(any(same_environment(name, known) for known in prepared.names) for name in tagged):
        return ()
    everywhere = set.intersection(*(set(scene.unused_links) for scene in scenes))
    return tuple(link for link in scenes[0].unused_links if link in everywhere)


def _scene(
    prepared: Prepared,
    environment: str,
    problems: Sequence[Problem],
    changed: Callable[[Hop], Hop] | None = None,
) -> Scene:
    """One environment: its hops, routes and everything the rules may look at."""
    resolution = prepared.resolved(environment)
    if changed is not None:
        resolution = replace(resolution, hops=tuple(map(changed, resolution.hops)))
    matching, routes = link(resolution.hops, prepared.options, environment)
    hops = {hop.address: hop for hop in resolution.hops}
    assessments = tuple(assess_all(routes, hops))
    return Scene(
        assessments=assessments,
        problems=(*problems, *resolution.problems),
        unresolved=resolution.unresolved,
        open_ends=open_ends(assessments, matching.ambiguous),
        ambiguous=matching.ambiguous,
        unused_links=matching.unused,
        options=prepared.options,
    )

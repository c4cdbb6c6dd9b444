"""Services of a cloud platform that scripts and CI files deploy, each once, whatever deploys it."""

from collections.abc import Iterable, Sequence

from budgetcheck.model.settings import Declaration, Known, OneOf, Scalar, Setting, Unresolved, Value
from budgetcheck.model.topology import Front, Target
from budgetcheck.readers.processes.deploy_commands import FUNCTION, FUNCTION_1, LAMBDA, SETTINGS, Deployed
from budgetcheck.readers.processes.deploy_files import (
    MENTIONS,
    deployed_in_makefile,
    deployed_in_script,
    deployed_in_yaml,
)
from budgetcheck.readers.processes.options import Given
from budgetcheck.tree import SourceFile, Tree, UnreadableFileError

_SCHEME = {LAMBDA: "aws:lambda", FUNCTION: "gcloud:functions", FUNCTION_1: "gcloud:functions"}
_SEVERAL = "several commands deploy it, each with another time"
_KEPT = "the command gives none, so the service keeps the time it has"


def deployments(files: Iterable[SourceFile], tree: Tree) -> list[Declaration]:
    """The services that the commands of these files deploy."""
    groups: dict[tuple[str, str], list[Deployed]] = {}
    for file in files:
        for one in _deployed_in(file, tree):
            place = one.name or one.span.place
            groups.setdefault((one.component, place), []).append(one)
    return [_declaration(group) for group in groups.values()]


def _deployed_in(file: SourceFile, tree: Tree) -> list[Deployed]:
    try:
        text = tree.read_text(file.path)
    except UnreadableFileError:
        return []
    if not MENTIONS.search(text):
        return []
    if file.suffix in (".yaml", ".yml"):
        return deployed_in_yaml(text, file.name)
    if file.suffix in (".sh", ".bash"):
        return deployed_in_script(text, file.name)
    return deployed_in_makefile(text, file.name)


def _declaration(group: Sequence[Deployed]) -> Declaration:
    first = next((one for one in group if one.timeout), group[0])
    names = (first.name,) if first.name else ()
    place = first.name or first.span.place
    images = dict.fromkeys(one.image for one in group if one.image)
    port = next((one.port for one in group if one.port), 0)
    event = first.component in (FUNCTION, FUNCTION_1) and any(one.event for one in group)
    return Declaration(
        component=first.component,
        address=f"{_SCHEME.get(first.component, 'gcloud:run')}/{place}",
        title=first.name or f"service of {first.span.file}",
        span=first.span,
        settings=(_setting(group, SETTINGS[first.component]),),
        traits=(("trigger", "event"),) if event else (),
        front=Front(names=names),
        targets=tuple(Target(group=name, port=port, span=first.span) for name in (*images, *names)),
    )


def _setting(group: Sequence[Deployed], name: str) -> Setting:
    given = [one.timeout for one in group if one.timeout]
    if not given:
        value = Unresolved(reason=_KEPT, needs="add --timeout to the command that deploys it")
        return Setting(name=name, value=value, spans=tuple(dict.fromkeys(one.span for one in group)))
    settings = [one.setting(name) for one in given]
    spans = tuple(dict.fromkeys(span for setting in settings for span in setting.spans))
    return Setting(name=name, value=_value(given, settings), spans=spans)


def _value(given: Sequence[Given], settings: Sequence[Setting]) -> Value:
    """One of the values; not known as soon as one of them is not."""
    possible: list[Scalar] = []
    for setting in settings:
        match setting.value:
            case Unresolved():
                return setting.value
            case Known(value=value):
                possible.append(value)
            case OneOf(values=values):
                possible += values
    distinct = tuple(dict.fromkeys(possible))
    reason = given[0].text.reason or _SEVERAL
    return Known(value=distinct[0]) if len(distinct) == 1 else OneOf(values=distinct, reason=reason)

"""Keys of settings files that look like limits and that nothing is known to read: candidates for bindings.

Looked for beside the files of a service that was read, and only there: a name alone is worth no more than a
note. Only keys leave this module, never their values.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from budgetcheck import facts
from budgetcheck.facts import Component
from budgetcheck.model.settings import Declaration, Reading, UnboundKey
from budgetcheck.model.span import Span
from budgetcheck.model.topology import Layer
from budgetcheck.readers.base import ReadContext
from budgetcheck.tree import UnreadableFileError

if TYPE_CHECKING:
    from budgetcheck.readers.settings_grammar import Suggestion

_BESIDE = ("", "config", "conf", "settings", "src/main/resources", "src/main/resources/config")
"""Folders below those of a service where its settings lie."""
_MOST_FOLDERS = 200
_MOST_FILES = 100
_MOST_ENTRIES = 1_000
_MOST_KEYS = 200
_UNITS = {"ms": "in milliseconds", "s": "in seconds", "m": "in minutes", "h": "in hours"}
_KINDS = {
    "timeout": "a timeout",
    "retries": "a number of retries",
    "pause": "a pause between retries",
    "rounds": "a limit of rounds",
}


def unbound_keys(reading: Reading, context: ReadContext) -> tuple[UnboundKey, ...]:
    """The keys beside the service that was read, in order; none where no service was."""
    services = [one for one in reading.declarations if _is_service(one)]
    if not services:
        return ()
    # The parser of YAML is only loaded where there may be something to parse.
    from budgetcheck.readers.settings_files import read_keys
    from budgetcheck.readers.settings_grammar import is_of_an_application, suggest

    known = _known(reading.declarations)
    bound = {(binding.file, binding.key) for binding in context.options.bindings}
    found: list[UnboundKey] = []
    for path in _files(context):
        name = context.tree.name(path)
        try:
            keys = read_keys(context.tree.read_text(path), name)
        except UnreadableFileError:
            continue
        if not is_of_an_application(keys):
            continue
        for suggestion in filter(None, map(suggest, keys.keys)):
            key = suggestion.key
            relative = path.relative_to(context.tree.root).as_posix()
            if (name, key.line) not in known and (relative, key.path) not in bound:
                found.append(_unbound(suggestion, name, services))
    return tuple(sorted(found, key=lambda one: one.span.sort_key)[:_MOST_KEYS])


def _is_service(declaration: Declaration) -> bool:
    component = facts.find(declaration.component)
    return component is not None and component.layer in (Layer.HANDLER, Layer.CALL)


def _known(declarations: Sequence[Declaration]) -> set[tuple[str, int]]:
    """Places that settings of hops come from."""
    return {
        (span.file, span.line) for one in declarations for setting in one.settings for span in setting.spans
    }


def _files(context: ReadContext) -> Iterator[Path]:
    """Settings files beside what was found in the given directories; what readers claim is theirs."""
    from budgetcheck.readers.settings_grammar import is_settings_file

    claimed = {file.path for file in context.siblings if not file.base.startswith(".env")}
    # With their names below the given directory; a folder of a thousand files is looked at once.
    found = {file.path.parent: file.place.rpartition("/")[0] for file in context.siblings if not file.given}
    folders = {
        folder / below: PurePosixPath(place) / below for folder, place in found.items() for below in _BESIDE
    }
    count = 0
    for folder in sorted(folders)[:_MOST_FOLDERS]:
        for path in _entries(folder, context):
            place = folders[folder] / path.name
            if path not in claimed and is_settings_file(place.as_posix()) and count < _MOST_FILES:
                count += 1
                yield path


def _entries(folder: Path, context: ReadContext) -> list[Path]:
    try:
        context.tree.inside(folder)
        return [path for path in sorted(folder.iterdir())[:_MOST_ENTRIES] if path.is_file()]
    except (UnreadableFileError, OSError):
        return []


def _unbound(suggestion: "Suggestion", name: str, services: Sequence[Declaration]) -> UnboundKey:
    key = suggestion.key
    hop, setting = _candidate(suggestion, services)
    unit = f", unit: {suggestion.unit}" if suggestion.unit else ""
    return UnboundKey(
        key=key.path,
        span=Span(file=name, line=key.line, column=key.column, text=key.path.rpartition(".")[2]),
        looks=_looks(suggestion),
        binding=f"{{file: {name}, key: {key.path}, hop: '{hop}', setting: {setting}{unit}}}",
    )


def _looks(suggestion: "Suggestion") -> str:
    kind = _KINDS[suggestion.kind]
    if suggestion.kind in ("retries", "rounds"):
        return kind
    if not suggestion.unit:
        return f"{kind} in {suggestion.why}"
    return f"{kind} {_UNITS[suggestion.unit]}, {suggestion.why}"


def _candidate(suggestion: "Suggestion", services: Sequence[Declaration]) -> tuple[str, str]:
    """The hop that the key's name mentions and its setting; placeholders where it mentions none."""
    words = suggestion.key.path.lower().replace("-", "_")
    for one in services:
        component = facts.find(one.component)
        if component and component.layer is Layer.CALL and one.component.replace("-", "_") in words:
            return one.address, _setting(suggestion, component)
    return "ADDRESS", "max_retries" if suggestion.kind == "retries" else "SETTING"


def _setting(suggestion: "Suggestion", component: Component) -> str:
    """The setting of a client that a key of this kind would be."""
    names = [limit.setting for limit in component.limits]
    match suggestion.kind:
        case "retries":
            return next((one.setting for one in component.attempts if one.setting), "SETTING")
        case "timeout" if f"timeout.{suggestion.role}" in names:
            return f"timeout.{suggestion.role}"
        case "timeout":
            aliases = [alias for limit in component.limits for alias in limit.aliases]
            return next(iter([*aliases, *names]), "SETTING")
        case _:
            return "SETTING"

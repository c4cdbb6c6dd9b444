"""Which values the parameters of a template are given: the configuration that `sam deploy` reads.

Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html.
"""

import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from budgetcheck.model.span import Span
from budgetcheck.readers.cloudformation.documents import Document
from budgetcheck.readers.terraform.values import Scalar, Value
from budgetcheck.tree import Tree, UnreadableFileError
from budgetcheck.yaml_nodes import parse_yaml, plain

_CONFIGS = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
_DEFAULT = "default"
_LONGEST = 20_000
_KEY, _VALUE = "ParameterKey=", ",ParameterValue="


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One deployment of a template: its environment (empty for none in particular) and its parameters."""

    environment: str = ""
    given: Mapping[str, Value] = field(default_factory=dict)


def variants(tree: Tree, document: Document) -> list[Variant]:
    """The deployments of a template, at least one."""
    found = {}
    path, config = _configuration(tree, document)
    for environment, commands in config.items():
        given = _given(commands, document, Span(file=tree.name(path)))
        if given:
            found[environment] = given
    if set(found) <= {_DEFAULT}:
        return [Variant(given=found.get(_DEFAULT, {}))]
    return [Variant(environment=name, given=given) for name, given in sorted(found.items())]


def _configuration(tree: Tree, document: Document) -> tuple[Path, Mapping[str, object]]:
    """The first configuration beside a template, and what it says."""
    for name in _CONFIGS:
        path = document.path.parent / name
        try:
            text = tree.read_text(path)
            if name.endswith(".toml"):
                return path, tomllib.loads(text)
            roots = [node for node in parse_yaml(text).documents if node is not None]
            found = plain(roots[0]) if roots else {}
        except (UnreadableFileError, tomllib.TOMLDecodeError, RecursionError):
            continue
        return path, found if isinstance(found, dict) else {}
    return document.path, {}


def _given(commands: object, document: Document, place: Span) -> dict[str, Value]:
    """The parameters that an environment's commands override, if they are for this template."""
    found: dict[str, Value] = {}
    for command in ("global", "deploy"):
        table = commands.get(command) if isinstance(commands, dict) else None
        parameters = table.get("parameters") if isinstance(table, dict) else None
        if not isinstance(parameters, dict):
            continue
        named = parameters.get("template_file") or parameters.get("template") or ""
        if named and ".aws-sam" not in str(named) and str(named).rpartition("/")[2] != document.path.name:
            return {}
        for key, value in _pairs(parameters.get("parameter_overrides")):
            found[key] = Scalar(value=value, trail=(Span(file=place.file, text=key),))
    return found


def _pairs(overrides: object) -> Iterator[tuple[str, str]]:
    """`Key=Value` of a text or a list of texts, also `ParameterKey=Key,ParameterValue=Value`."""
    if isinstance(overrides, str) and len(overrides) < _LONGEST:
        try:
            words = shlex.split(overrides)
        except ValueError:
            return
    else:
        words = [one for one in overrides if isinstance(one, str)] if isinstance(overrides, list) else []
    for word in words:
        if word.startswith(_KEY) and _VALUE in word:
            key, _, value = word.removeprefix(_KEY).partition(_VALUE)
        else:
            key, _, value = word.partition("=")
        if key:
            yield key, value.strip('"')

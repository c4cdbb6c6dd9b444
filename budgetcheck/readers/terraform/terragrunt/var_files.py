"""Var files of a unit: those that Terraform loads by itself, and those of `extra_arguments`."""

from collections.abc import Iterator
from pathlib import Path

from budgetcheck.readers.terraform.access import pairs_of
from budgetcheck.readers.terraform.index import Block
from budgetcheck.readers.terraform.sources import Directory
from budgetcheck.readers.terraform.terragrunt.configuration import Configuration
from budgetcheck.readers.terraform.values import EvaluationError, NotKnownError, Scalar
from budgetcheck.readers.terraform.variables import automatic_files

_LISTS = ("required_var_files", "optional_var_files")
_OPTION = "-var-file="


def var_files(configuration: Configuration, directory: Directory) -> list[Path]:
    """The var files of a unit, weakest first; missing ones are left out.

    Terragrunt copies the module and the unit into one directory, so what Terraform loads by itself may lie
    in either.
    """
    automatic = {} if directory.shipped else {file.name: file for file in automatic_files(directory.path)}
    automatic |= {file.name: file for file in automatic_files(configuration.folder)}
    named = [file for layer in _layers(configuration) for file in _named(layer)]
    exists = configuration.library.paths.exists
    ordered = sorted(automatic.values(), key=lambda file: (file.name.endswith(".json"), file.name))
    first = [file for file in ordered if file.name.startswith("terraform.tfvars")]
    rest = sorted((file for file in ordered if file not in first), key=lambda file: file.name)
    return [*first, *rest, *(file for file in named if exists(file))]


def _layers(configuration: Configuration) -> Iterator[Configuration]:
    """The configurations whose arguments are passed, included ones first."""
    yield from configuration.includes.values()
    yield configuration


def _named(configuration: Configuration) -> Iterator[Path]:
    for terraform in configuration.parsed.of("terraform"):
        for block in terraform.blocks:
            if block.type == "extra_arguments":
                yield from _of_block(configuration, block)


def _of_block(configuration: Configuration, block: Block) -> Iterator[Path]:
    for name in (*_LISTS, "arguments"):
        attribute = block.attributes.get(name)
        if attribute is None:
            continue
        try:
            items = [item for _, item in pairs_of(configuration.evaluated(attribute))]
        except (NotKnownError, EvaluationError):
            continue
        for item in items:
            if not isinstance(item, Scalar) or not isinstance(item.value, str):
                continue
            if name in _LISTS or item.value.startswith(_OPTION):
                path = item.value.removeprefix(_OPTION)
                yield configuration.library.paths.located(path, configuration.use.folder)

"""Templates of OpenShift: objects with `${NAME}` in their values, and parameters with defaults.

https://docs.openshift.com/container-platform/4.15/openshift_images/using-templates.html
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from budgetcheck.readers.kubernetes.trees import Fields, Items, Scalar, Tree

_REFERENCE = re.compile(r"\$\{\{?(\w{1,100})\}?\}")

Parameters = Mapping[str, Scalar | None]


def with_parameters(tree: Tree, parameters: Parameters) -> Tree:
    """The tree with every parameter that has a default filled in; the others stay as they are written."""
    match tree:
        case Fields():
            entries = {
                key: (at, with_parameters(value, parameters)) for key, (at, value) in tree.entries.items()
            }
            return replace(tree, entries=entries)
        case Items():
            return replace(tree, items=tuple(with_parameters(item, parameters) for item in tree.items))
        case Scalar():
            return _filled(tree, parameters)


def _filled(scalar: Scalar, parameters: Parameters) -> Scalar:
    found = [parameter for name in _REFERENCE.findall(scalar.text) if (parameter := parameters.get(name))]
    if not found:
        return scalar
    text = _REFERENCE.sub(lambda match: _text(parameters.get(match[1]), match[0]), scalar.text)
    return replace(scalar, text=text, value=text, steps=(*scalar.steps, *(one.span for one in found)))


def _text(parameter: Scalar | None, written: str) -> str:
    return parameter.text if parameter is not None else written

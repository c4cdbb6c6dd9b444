"""Reads plans, states and the sources they were made from; builds small plans."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from budgetcheck.model.limits import Origin
from budgetcheck.model.options import Options
from budgetcheck.model.settings import Declaration, Known, Reading, Setting
from budgetcheck.readers import terraform, terraform_plan
from budgetcheck.readers.base import ReadContext
from budgetcheck.tree import SourceFile, Tree

STACKS = Path(__file__).parent / "stacks"
DOCUMENTS = ("plan.json", "unchanged.json", "state.json", "terraform.tfstate")


def read_documents(folder: Path, *names: str) -> Reading:
    sources, context = _sources(folder, [folder / name for name in names])
    return terraform_plan.read(sources, context)


def read_sources(folder: Path) -> Reading:
    sources, context = _sources(folder, sorted(folder.rglob("*.tf")))
    return terraform.read(sources, context)


def _sources(folder: Path, paths: Iterable[Path]) -> tuple[list[SourceFile], ReadContext]:
    base = folder.resolve()
    tree = Tree(root=base, base=base)
    files = [SourceFile(name=tree.name(path.resolve()), path=path.resolve()) for path in paths]
    return files, ReadContext(tree=tree, options=Options(), siblings=tuple(files))


def read_plan(folder: Path, plan: object, name: str = "plan.json") -> Reading:
    """Reads a document that is written to a folder first."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(plan if isinstance(plan, str) else json.dumps(plan), encoding="utf-8")
    return read_documents(folder, name)


def resource(
    kind: str, name: str, values: Mapping[str, object], key: str | int | None = None, **more: object
) -> dict[str, object]:
    """A resource of `planned_values`."""
    suffix = "" if key is None else f"[{json.dumps(key)}]"
    index = {} if key is None else {"index": key}
    return {
        "address": f"{kind}.{name}{suffix}",
        "mode": "managed",
        "type": kind,
        "name": name,
        **index,
        "values": dict(values),
        **more,
    }


def configured(kind: str, name: str, **expressions: object) -> dict[str, object]:
    """A resource of `configuration`."""
    return {"mode": "managed", "type": kind, "name": name, "expressions": expressions}


def constant(value: object) -> dict[str, object]:
    return {"constant_value": value}


def refers(*names: str) -> dict[str, object]:
    return {"references": list(names)}


def plan_of(
    resources: Iterable[Mapping[str, object]],
    configuration: Iterable[Mapping[str, object]] = (),
    unknown: Mapping[str, object] | None = None,
    **more: object,
) -> dict[str, object]:
    """A plan of one root module; `unknown` is `after_unknown` by address."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": list(resources)}},
        "resource_changes": [
            {"address": address, "type": address.split(".")[0], "change": {"after_unknown": marks}}
            for address, marks in (unknown or {}).items()
        ],
        "configuration": {"root_module": {"resources": list(configuration)}},
        **more,
    }


def declared(reading: Reading, address: str) -> Declaration:
    found = [one for one in reading.declarations if one.address == f"terraform:{address}"]
    assert len(found) == 1, [one.address for one in reading.declarations]
    return found[0]


def setting_of(reading: Reading, address: str, name: str) -> Setting:
    found = declared(reading, address).setting(name)
    assert found is not None, declared(reading, address).settings
    return found


def known(setting: Setting) -> object:
    assert isinstance(setting.value, Known), setting.value
    return setting.value.value


def described(declaration: Declaration) -> tuple[object, ...]:
    """A declaration without places: what has to be the same whatever it was read from."""
    return (
        declaration.address,
        declaration.component,
        declaration.title,
        [
            (one.name, one.label, str(getattr(one.value, "value", one.value)))
            for one in declaration.settings
            if one.origin is not Origin.DEFAULT
        ],
        declaration.traits,
        declaration.front,
        [(one.address, one.host, one.port, one.group, one.paths, one.hosts) for one in declaration.targets],
    )

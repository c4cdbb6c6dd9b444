"""From the templates of a run to declarations: which are deployed by themselves, with what, and together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from budgetcheck.model.settings import Problem, Reading
from budgetcheck.readers.base import ReadContext
from budgetcheck.readers.cloudformation import sam
from budgetcheck.readers.cloudformation.bodies import Made
from budgetcheck.readers.cloudformation.documents import Document, Documents
from budgetcheck.readers.cloudformation.functions import function_names, is_service, made_of
from budgetcheck.readers.cloudformation.kinds import KINDS
from budgetcheck.readers.cloudformation.service import Service
from budgetcheck.readers.cloudformation.service_variables import at
from budgetcheck.readers.cloudformation.stack import TemplateStack
from budgetcheck.readers.cloudformation.template import NESTED, Template, World
from budgetcheck.readers.cloudformation.variants import variants
from budgetcheck.readers.terraform.catalogue.lambdas import application
from budgetcheck.readers.terraform.evaluate import room_for_evaluation
from budgetcheck.readers.terraform.sources import Sources
from budgetcheck.tree import SourceFile
from budgetcheck.yaml_nodes import MapNode, ScalarNode

if TYPE_CHECKING:
    from budgetcheck.readers.processes.runners import Runner


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Deployed:
    """A template as it is in one environment (empty for any)."""

    name: str
    environment: str
    made: tuple[Made, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Together:
    """What is deployed side by side and refers to one another, in one environment."""

    environment: str
    stack: TemplateStack


def read(sources: Sequence[SourceFile], context: ReadContext) -> Reading:
    """Reads every template for itself, nested ones where they are used."""
    world, together = _once(sources, context)
    with room_for_evaluation():
        declared = [
            replace(one, environment=group.environment)
            for group in together
            for one in group.stack.declared()
        ]
    return Reading(
        declarations=tuple(sorted(declared, key=lambda one: (one.address, one.environment))),
        problems=tuple(world.documents.problems),
        environments=tuple(sorted({group.environment for group in together} - {""})),
        recognised=tuple(sorted(world.documents.names)),
    )


def containers(sources: Sequence[SourceFile], context: ReadContext) -> "tuple[Runner, ...]":
    """The containers and functions of all templates, with what their environments set."""
    from budgetcheck.readers.terraform.catalogue.runners import runners_in

    _, together = _once(sources, context)
    with room_for_evaluation():
        return tuple(
            runner
            for group in together
            for runner in runners_in(group.stack, context.tree.base, group.environment)
        )


def handlers(sources: Sequence[SourceFile], context: ReadContext) -> frozenset[str]:
    """What the functions of all templates load, as a server would name it (`src.orders:handler`)."""
    _, together = _once(sources, context)
    with room_for_evaluation():
        functions = (one for group in together for one in group.stack.of("aws_lambda_function"))
        return frozenset(name for one in functions for _, name in application(one))


def _once(sources: Sequence[SourceFile], context: ReadContext) -> tuple[World, list[_Together]]:
    return context.memo.once("cloudformation", lambda: _evaluate(sources, context))


def _evaluate(sources: Sequence[SourceFile], context: ReadContext) -> tuple[World, list[_Together]]:
    world = World(documents=Documents(context.tree))
    opened = [found for file in sources if (found := world.documents.claimed(file))]
    templates = list(_sources_only([one for one in opened if one.root.get("Resources") is not None]))
    services = [one for one in opened if one.root.get("service") and one.root.get("provider")]
    world.documents.problems += (found for one in templates for found in _not_followed(one))
    with room_for_evaluation():
        for document in templates:
            _look_for_nested(Template(world, document))
        alone = [one for one in templates if one.name not in world.children]
        on_aws = [one for one in services if is_service(Service(world, one))]
        homes = _homes(
            {one.name: set(_names(one)) for one in alone}
            | {one.name: set(function_names(Service(world, one))) for one in on_aws}
        )
        deployed = [
            *_deployed_templates(world, alone, homes),
            *(
                _Deployed(
                    name=one.name, environment="", made=tuple(made_of(Service(world, one, homes[one.name])))
                )
                for one in on_aws
            ),
        ]
        groups = list(_grouped(deployed, world.imports, Sources(context.tree)))
    return world, groups


def _deployed_templates(
    world: World, documents: Sequence[Document], homes: Mapping[str, str]
) -> list[_Deployed]:
    templates = [
        (Template(world, one, home=homes[one.name], given=variant.given), variant.environment)
        for one in documents
        for variant in variants(world.documents.tree, one)
    ]
    for template, _ in templates:
        template.export()
    return [
        _Deployed(name=template.document.name, environment=environment, made=tuple(_made(template)))
        for template, environment in templates
    ]


def _sources_only(documents: Sequence[Document]) -> Iterator[Document]:
    """The templates without what was packaged from one beside it: the same once more, its code uploaded."""
    written: dict[Path, list[set[str]]] = defaultdict(list)
    packaged = {document.name for document in documents if _is_packaged(document)}
    for document in documents:
        if document.name not in packaged:
            written[document.path.parent].append(set(_names(document)))
    for document in documents:
        names = set(_names(document)) if document.name in packaged else set[str]()
        if not any(len(names & other) * 2 > len(names) for other in written[document.path.parent] if names):
            yield document


def _is_packaged(document: Document) -> bool:
    """The code of its functions is in a bucket."""
    found = document.root.get("Resources")
    codes = [
        at(node, path)
        for _, node in (found.entries.values() if isinstance(found, MapNode) else ())
        for path in ("Properties.CodeUri", "Properties.DefinitionUri")
    ]
    return any(isinstance(code, ScalarNode) and code.text.startswith("s3://") for code in codes)


def _not_followed(document: Document) -> Iterator[Problem]:
    """What makes resources at deployment: they are not seen."""
    found = document.root.get("Resources")
    for name, (key, _) in found.entries.items() if isinstance(found, MapNode) else ():
        if name.startswith(("Fn::ForEach", "Fn::Transform")):
            function = "::".join(name.split("::")[:2])
            text = f"the resources that {function} makes are not read"
            yield Problem(
                span=document.span(key), text=text, fix="give the template as it is deployed as well"
            )


def _look_for_nested(template: Template) -> None:
    for key, kind, _ in template.resource_nodes():
        if kind in NESTED:
            template.child(key.text)


def _homes(names: Mapping[str, set[str]]) -> dict[str, str]:
    """What stands before the addresses of a file: nothing, unless another one has the same names."""
    owners = Counter(name for found in names.values() for name in found)
    return {
        file: f"{PurePosixPath(file).with_suffix('')}/" if any(owners[name] > 1 for name in found) else ""
        for file, found in names.items()
    }


def _names(document: Document) -> Iterator[str]:
    """The logical names of what is looked at."""
    found = document.root.get("Resources")
    for name, (_, node) in found.entries.items() if isinstance(found, MapNode) else ():
        type_ = node.get("Type") if isinstance(node, MapNode) else None
        kind = type_.text if isinstance(type_, ScalarNode) else ""
        if kind in KINDS or kind in NESTED:
            yield name
        if kind == "AWS::Serverless::Function":
            yield sam.IMPLICIT_REST


def _made(template: Template) -> Iterator[Made]:
    implicit: set[str] = set()
    for source in template.sources(KINDS):
        home = source.template.home
        if source.type == "AWS::Serverless::Function" and home not in implicit:
            implicit.add(home)
            yield from sam.implicit_apis(source)
        yield from KINDS[source.type](source)


def _grouped(
    deployed: Sequence[_Deployed], imports: Iterable[tuple[str, str]], sources: Sources
) -> Iterator[_Together]:
    """Templates that import from one another are looked at together."""
    leader = {one.name: one.name for one in deployed}

    def find(name: str) -> str:
        while leader.get(name, name) != name:
            name = leader[name]
        return name

    for importer, exporter in imports:
        leader[find(importer)] = find(exporter)
    groups: dict[str, list[_Deployed]] = defaultdict(list)
    for one in deployed:
        groups[find(one.name)].append(one)
    for group in groups.values():
        named = {one.environment for one in group} - {""}
        for environment in sorted(named or {""}):
            mine = [one for one in group if one.environment in ("", environment)]
            made = [found for one in mine for found in one.made]
            yield _Together(environment=environment, stack=TemplateStack(sources, made))

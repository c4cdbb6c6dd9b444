"""Projects given as texts, and what their expressions come to, in a short notation."""

from dataclasses import replace
from pathlib import Path

from budgetcheck.model.settings import Known, OneOf, Unresolved
from budgetcheck.readers.python import names
from budgetcheck.readers.python.clients.base import Library
from budgetcheck.readers.python.environment import Environment
from budgetcheck.readers.python.evaluation import Evaluator
from budgetcheck.readers.python.modules import Project
from budgetcheck.readers.python.scopes import Object, Several, Value
from budgetcheck.readers.python.values import Args, Instance, Items, Made, Named, Plain, Request, setting
from budgetcheck.tree import SourceFile, Tree


def _make(name: str, args: Args) -> Instance | None:
    if name not in ("lib.Client", "lib.AsyncClient"):
        return None
    given = tuple(setting(key, value) for key, value in args.keywords if key in ("timeout", "retries"))
    return Instance(library="lib", component="lib", maker=name, spans=(args.span,), settings=given)


def _call(client: Instance, path: str, args: Args) -> Request | Instance | None:
    if path in ("mount", "timeout="):
        return _make(
            client.maker,
            args if args.keywords else replace(args, keywords=(("timeout", args.positional[0]),)),
        )
    if path == "with_options":
        return _make(client.maker, args)
    return Request(component="lib", span=args.span, settings=client.settings, what=path)


LIB = Library(
    name="lib",
    imports=("lib",),
    distributions=("lib",),
    make=_make,
    annotated=lambda name, args: _make(name, args),
    call=_call,
    function=lambda name, args: Request(component="lib", span=args.span) if name == "lib.get" else None,
    changes=frozenset({"mount", "timeout="}),
)
"""A library with a client that has a timeout and retries, and nothing else."""


def project(folder: Path, files: dict[str, str | bytes]) -> Evaluator:
    """Evaluates files of a project below the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    root = folder.resolve()
    tree = Tree(root=root, base=root)
    found = [SourceFile(name=name, path=root / name) for name in files]
    python = Project(tree, [file for file in found if file.suffix == ".py"])
    return Evaluator(python, (LIB,), Environment.of(found, tree))


def value(folder: Path, files: dict[str, str] | str, name: str = "x", file: str = "main.py") -> Value | None:
    """The value of a module's variable when the module has run."""
    looking = project(folder, {"main.py": files} if isinstance(files, str) else dict(files))
    module = looking.project.module(file)
    assert module is not None, looking.project.problems
    return names.of_module(looking, name, module)


def shown(found: Value | None) -> object:
    """A plain value, a tuple of possible ones, `?` and why it is not known; a client by its settings."""
    match found:
        case Plain(value=Known(value=known)):
            return known
        case Plain(value=OneOf(values=values)):
            return values
        case Plain(value=Unresolved(reason=reason)):
            return f"? {reason}"
        case Items(items=items):
            return [shown(item) for item in items]
        case Instance(settings=settings):
            return {one.name: shown(Plain(value=one.value, spans=one.spans)) for one in settings}
        case Object(klass=klass):
            return f"object of {klass.node.name}"
        case Several(values=values):
            return {str(shown(one)) for one in values}
        case Made(callee=name) | Named(name=name):
            return name
        case _:
            return found


def places(found: Value | None) -> list[str]:
    """The way of a plain value from its use to the literal."""
    assert isinstance(found, Plain)
    return [f"{span.place} {span.text}" for span in found.spans]

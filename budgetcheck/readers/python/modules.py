"""The project's own modules: found by their import names, parsed only when something is asked of them."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from budgetcheck.model.settings import Problem
from budgetcheck.model.span import Span
from budgetcheck.tree import SourceFile, Tree, UnreadableFileError

_MOST_CHARACTERS = 2_000_000
_DEEPEST = 180
"""Nesting of expressions and blocks beyond which a file is not followed: nobody writes that."""
_SOURCE_FOLDERS = ("src", "lib", "python", "backend", "server", "app")


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One file, parsed.

    Attributes:
        name: of the file, as it is printed (`app/llm.py`).
        package: folder of the file, `/` between its parts; empty at the top.
        tree: the syntax tree. `text`: the source, `lines` the same by lines.
    """

    name: str
    package: str
    tree: ast.Module
    text: str
    lines: tuple[str, ...]

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(slots=True)
class Project:
    """All Python files of a run; none is parsed before somebody asks for it."""

    tree: Tree
    files: Sequence[SourceFile]
    problems: list[Problem] = field(default_factory=list)
    _by_name: dict[str, SourceFile] = field(default_factory=dict)
    _texts: dict[str, str | None] = field(default_factory=dict)
    _modules: dict[str, Module | None] = field(default_factory=dict)
    _endings: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name = {file.name: file for file in self.files}
        for name in self._by_name:
            parts = PurePosixPath(name).with_suffix("").parts
            dotted = parts[:-1] if parts[-1] == "__init__" else parts
            for start in range(len(dotted)):
                self._endings.setdefault(".".join(dotted[start:]), []).append(name)

    def mentioning(self, words: Iterable[str]) -> list[SourceFile]:
        """The files whose text holds one of the words: nothing is parsed for this."""
        pattern = re.compile("|".join(re.escape(word) for word in sorted(set(words))))
        return [file for file in self.files if pattern.search(self.text(file.name) or "")]

    def text(self, name: str) -> str | None:
        """The text of a file of the project; None where it cannot be read."""
        if name not in self._texts:
            self._texts[name] = self._read(name)
        return self._texts[name]

    def _read(self, name: str) -> str | None:
        file = self._by_name.get(name)
        if file is None:
            return None
        try:
            return self.tree.read_text(file.path)
        except UnreadableFileError as error:
            self.problems.append(Problem(span=Span(file=name), text=f"the file {error}"))
            return None

    def module(self, name: str) -> Module | None:
        """The parsed file of that name; None where there is none or it is no Python (which is noted once)."""
        if name not in self._modules:
            text = self.text(name)
            self._modules[name] = None if text is None else self._parsed(name, text)
        return self._modules[name]

    def _parsed(self, name: str, text: str) -> Module | None:
        if len(text) > _MOST_CHARACTERS:
            return None  # generated code
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            place = Span(file=name, line=error.lineno or 1, column=error.offset or 0)
            text = f"this is no Python that can be read: {error.msg}"
            self.problems.append(Problem(span=place, text=text, fix="correct it, or leave the file out"))
            return None
        except (RecursionError, MemoryError, ValueError):
            self.problems.append(Problem(span=Span(file=name, line=1), text="the file is nested too deeply"))
            return None
        if _deeper_than(tree, _DEEPEST):
            return None
        return Module(name=name, package=_parent(name), tree=tree, text=text, lines=tuple(text.splitlines()))

    def find(self, dotted: str, importer: Module) -> Module | None:
        """The module an absolute import means, if it is one of the project: the nearest to the importer.

        The folder of a package is not searched for its own modules (`clients/openai.py` that imports
        `openai` means the library).
        """
        if not dotted:
            return None
        path = dotted.replace(".", "/")
        for root in self._roots(importer.package):
            found = self._at(f"{root}/{path}" if root else path)
            if found is not None and found != importer.name:
                return self.module(found)
        elsewhere = [name for name in self._endings.get(dotted, ()) if name != importer.name]
        # A package of another part of the repository, where only one has that name.
        if "." in dotted and len(elsewhere) == 1:
            return self.module(elsewhere[0])
        return None

    def relative(self, dotted: str, level: int, importer: Module) -> Module | None:
        """The module that `from ..x import y` means; `dotted` empty for the package itself."""
        package = importer.package
        for _ in range(level - 1):
            if not package:
                return None
            package = _parent(package)
        path = "/".join(part for part in (package, dotted.replace(".", "/")) if part)
        found = self._at(path) if path else None
        return self.module(found) if found and found != importer.name else None

    def within(self, package: Module, name: str) -> Module | None:
        """The submodule of a package's `__init__.py`."""
        if not package.name.endswith("__init__.py"):
            return None
        found = self._at(f"{package.package}/{name}" if package.package else name)
        return self.module(found) if found else None

    def settings_modules(self) -> list[str]:
        """Files of Django settings: `settings.py`, and what lies in a package `settings`."""
        return sorted(
            name
            for name in self._by_name
            if PurePosixPath(name).name == "settings.py" or PurePosixPath(name).parent.name == "settings"
        )

    def _at(self, path: str) -> str | None:
        for name in (f"{path}.py", f"{path}/__init__.py"):
            if name in self._by_name:
                return name
        return None

    def _roots(self, package: str) -> Iterator[str]:
        """Folders that imports may start from, the nearest first."""
        folder = package
        while True:
            if f"{folder}/__init__.py" not in self._by_name or not folder:
                yield folder
                yield from (f"{folder}/{name}" if folder else name for name in _SOURCE_FOLDERS)
            if not folder:
                return
            folder = _parent(folder)


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _deeper_than(tree: ast.AST, most: int) -> bool:
    """Whether some branch of the tree is longer; looks without recursion."""
    level: list[ast.AST] = [tree]
    for _ in range(most):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def bindings_of(body: Sequence[ast.stmt]) -> Mapping[str, list["Binding"]]:
    """Every place in a body, nested functions and classes aside, that gives a name a value, in order."""
    found: dict[str, list[Binding]] = {}
    for binding in _bindings(body, ()):
        found.setdefault(binding.name, []).append(binding)
    return found


@dataclass(frozen=True, slots=True)
class Binding:
    """A name gets a value: `node` says how. `branch` identifies the conditional blocks round it."""

    name: str
    node: ast.AST
    branch: tuple[tuple[int, int], ...]
    line: int


def _bindings(body: Sequence[ast.stmt], branch: tuple[tuple[int, int], ...]) -> Iterator[Binding]:
    for statement in body:
        yield from _of_statement(statement, branch)
        for number, block in enumerate(_blocks(statement)):
            # What comes after `if`, `else`, `except` may not run; a `with` block and `try` bodies do.
            sure = isinstance(statement, ast.With | ast.AsyncWith) or (
                isinstance(statement, ast.Try) and number in (0, 3)
            )
            yield from _bindings(block, branch if sure else (*branch, (id(statement), number)))


def _blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    match statement:
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            caught = [inner for handler in handlers for inner in handler.body]
            return [body, caught, orelse, final]
        case ast.Match(cases=cases):
            return [case.body for case in cases]
        case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
            return [statement.body, statement.orelse]
        case ast.With() | ast.AsyncWith():
            return [statement.body]
        case _:
            return []


def _of_statement(statement: ast.stmt, branch: tuple[tuple[int, int], ...]) -> Iterator[Binding]:
    line = statement.lineno
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield Binding(statement.name, statement, branch, line)
        case ast.Import() | ast.ImportFrom():
            for alias in statement.names:
                name = alias.asname or alias.name.partition(".")[0]
                yield Binding(name, Imported(statement, alias), branch, line)
        case _:
            for target, node in (*_targets(statement), *_walruses(statement)):
                for name, value in _unpacked(target, node):
                    yield Binding(name, value, branch, line)


def _targets(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.AST]]:
    """What a statement gives values to, each with what stands for the value."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target=target, value=value, annotation=annotation):
            yield target, value if value is not None else Declared(annotation)
        case ast.AugAssign(target=target) | ast.For(target=target) | ast.AsyncFor(target=target):
            yield target, Unknown()
        case ast.With(items=items) | ast.AsyncWith(items=items):
            for item in items:
                if item.optional_vars is not None:
                    yield item.optional_vars, Entered(item.context_expr)


def _unpacked(target: ast.expr, node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(target, ast.Name):
        yield target.id, node
    elif isinstance(target, ast.Tuple | ast.List):
        for number, part in enumerate(target.elts):
            yield from _unpacked(part, Part(node, number, len(target.elts)))


def _walruses(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.AST]]:
    heads = [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.expr)]
    for head in heads:
        for node in ast.walk(head):
            if isinstance(node, ast.NamedExpr):
                yield node.target, node.value


class Unknown(ast.AST):
    """Stands for a value that depends on what happens: a loop's variable, `x += 1`."""


class Declared(ast.AST):
    """Stands for a value of which only the type is known: `client: AsyncOpenAI`."""

    def __init__(self, annotation: ast.expr) -> None:
        super().__init__()
        self.annotation = annotation


class Entered(ast.AST):
    """Stands for what a `with` statement gives: that of entering an expression."""

    def __init__(self, expression: ast.expr) -> None:
        super().__init__()
        self.expression = expression


class Part(ast.AST):
    """Stands for one of several values that are unpacked."""

    def __init__(self, whole: ast.AST, number: int, count: int) -> None:
        super().__init__()
        self.whole = whole
        self.number = number
        self.count = count


class Imported(ast.AST):
    """Stands for an imported name."""

    def __init__(self, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> None:
        super().__init__()
        self.statement = statement
        self.alias = alias
